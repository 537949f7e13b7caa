"""speech/accusing.json is what its sentences teach; it holds for sentences it has not seen."""

import json

import pytest

from benchmarks.accusing_data import FOLDS, written
from benchmarks.accusing_learning import OUT, Figures, by_template, examples, learn
from speech.accusing import ACCUSED


@pytest.fixture(scope="module")
def given():
    return examples()


def test_the_weights_are_those_that_the_sentences_teach(given):
    """Else somebody has changed a table or a sentence and not run `make learn-accusing`."""
    stored, learnt = json.loads(OUT.read_text("utf-8")), learn(given)
    assert learnt.bias == pytest.approx(stored["bias"], abs=0.02)
    assert learnt.of == pytest.approx(stored["weights"], abs=0.02)


def test_sentences_of_which_no_part_was_seen_are_judged(given):
    """These mentions are written to be mistaken: others' deeds, 不让燃放鞭炮, 冒充组长收钱."""
    figures = by_template(given, ACCUSED, [])
    assert figures.heard >= 0.9 * figures.complaints
    assert figures.false <= 0.08 * figures.mentions


def test_there_are_more_than_two_thousand_sentences_and_as_many_mentions():
    sentences = written()
    complaints = sum(one.is_complaint for one in sentences)
    assert len(sentences) >= 2000
    assert complaints <= len(sentences) - complaints


def test_every_part_belongs_to_one_fold_and_every_fold_has_some():
    assert set().union(*(one.folds for one in written())) == set(range(FOLDS))


def test_shares_of_nothing_are_none():
    assert Figures().row() == ("0.0% / 0", "0.00% / 0")
