"""The learnt judgement and the figures by which it is judged."""

import json

import pytest

from benchmarks.faq_data import PLAIN, QueryOutcome, answered_share, at_threshold, coverage, top1
from faq.features import INPUTS, NAMES, compared
from faq.score import Model, shares, shipped


def test_the_shipped_model_is_for_todays_features():
    assert all(net.hidden.shape[0] == len(INPUTS) for net in (shipped().likely, shipped().same))


def test_amounts_are_not_compared_with_other_entries():
    rows = compared([[1.0] * len(NAMES), [0.5] * len(NAMES)], [0, 1])
    lead = dict(zip(INPUTS, rows[0], strict=True))
    assert lead["words_q_ahead"] == 0.5
    assert lead["lost_q_ahead"] == -0.5
    assert "said_ahead" not in lead


def test_a_model_for_other_features_is_refused(tmp_path):
    file = tmp_path / "model.json"
    file.write_text(json.dumps({"features": ["other"]}), "utf-8")
    with pytest.raises(ValueError, match="make calibrate"):
        Model.read(file)


def test_two_equal_candidates_share_the_certainty():
    assert shares([5.0, 5.0]) == [pytest.approx(0.4983, abs=1e-3)] * 2
    assert shares([5.0, -5.0])[0] > 0.99
    assert shares([]) == []


OUTCOMES = [
    QueryOutcome("in", 1, 0.9),
    QueryOutcome("in", 1, 0.8),
    QueryOutcome("in", 2, 0.7),
    QueryOutcome("in", 1, 0.6),
    QueryOutcome("complaint", 0, 0.5),
    QueryOutcome("chat", 0, 0.1),
]


def test_coverage_stops_before_the_first_wrong_answer():
    assert coverage(OUTCOMES, PLAIN, 0.0) == (0.5, 0.8)


def test_coverage_goes_on_when_enough_right_answers_follow():
    assert coverage(OUTCOMES, PLAIN, 0.25) == (0.75, 0.6)


def test_shares_are_those_of_the_stream():
    covered, wrong = at_threshold(OUTCOMES, PLAIN, 0.5)
    assert covered == pytest.approx(0.75)
    assert wrong == pytest.approx((0.125 + 0.3) / 0.8)
    assert answered_share(OUTCOMES, "complaint", 0.5) == 1.0
    assert top1(OUTCOMES) == 0.75
