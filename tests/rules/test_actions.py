"""One action is one row, and every row says all there is to say."""

from dataclasses import MISSING, fields

import pytest

from handlers import doing
from issues.texts import shipped
from rules.actions import ACTIONS, ROWS, VERBS, Audience, Needs, Row
from rules.words import Action, State

#: What nobody orders by a word or a button of staff: residents say it in their own words, or time
#: does it (handlers/rating.py, progress.py, endorsing.py; issues/handover.py).
NOT_ORDERED = {
    Action.WITHDRAW,
    Action.RATE,
    Action.REDO,
    Action.SUPPLEMENT,
    Action.ENDORSE,
    Action.ENDORSE_RATE,
    Action.HAND_OVER,
}


def test_no_column_has_a_default():
    assert [field.name for field in fields(Row) if field.default is not MISSING] == []


def test_every_action_has_one_row():
    assert sorted(row.action for row in ROWS) == sorted(Action)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.action)
def test_a_row_says_where_it_leads_and_who_may(row):
    assert row.word
    assert row.lines
    assert all(line.states and line.parties for line in row.lines)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.action)
def test_what_is_ordered_is_heard_and_has_somebody_who_does_it(row):
    assert bool(row.verbs) is (row.action not in NOT_ORDERED)
    assert bool(row.act) is bool(row.verbs)


@pytest.mark.parametrize("row", [row for row in ROWS if row.act], ids=lambda row: row.action)
def test_what_a_row_names_is_there(row):
    assert callable(doing.act(row))
    assert row.did == "" or row.did in shipped()


def test_no_verb_means_two_actions():
    assert len(VERBS) == sum(len(row.verbs) for row in ROWS)


def test_the_ledgers_words_are_told_apart_in_each_column():
    told = [row.ledger for row in ROWS if row.ledger]
    assert len(told) == len(set(told))


def test_what_changes_the_state_for_good_explains_what_is_no_longer_possible():
    moved = [row for row in ROWS for line in row.lines if line.then in (State.PENDING, None)]
    holders = {Audience.NEW_HOLDER}
    assert [row.action for row in moved if holders & row.tells and not row.explains] == []


def test_what_needs_a_sentence_has_no_word_that_stands_alone():
    assert [row.action for row in ROWS if row.bare and row.needs is not Needs.NOTHING] == []


def test_who_asks_is_answered_by_the_next_level():
    asked = {row.action for row in ROWS if row.asked_for}
    assert all(ACTIONS[action].tells for action in asked)
