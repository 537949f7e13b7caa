"""三率: what counts and what does not, n beside every rate, and sums that add up."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.rates import FEW, Answer, Rates, Share, Story, Tally, Year, rates
from rules.words import Rating, Solved, State, UnitKind

ZONE = ZoneInfo("Asia/Shanghai")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


PROMISED = at("2026-06-04 00:00")
NOW = at("2026-07-01 00:00")
EARLY, LATE = at("2026-06-02 09:00"), at("2026-06-05 09:00")
OPEN = Story(State.PENDING, promised_at=PROMISED, two_days_at=PROMISED)


def said(solved=None, rating=None, when=EARLY, own=True):
    return Answer(solved, rating, when, own)


def closed(*answers, **more):
    given = {"contacted_at": EARLY, "resolved_at": EARLY, "ended_at": EARLY, "asked": 1, **more}
    return replace(OPEN, state=State.CLOSED, answers=answers, **given)


HAPPY = closed(said(Solved.YES, Rating.VERY_GOOD))


# --- 响应率 ---


@pytest.mark.parametrize(
    ("story", "now", "share"),
    [
        (replace(OPEN, contacted_at=EARLY), NOW, (1, 1)),
        (replace(OPEN, contacted_at=PROMISED), NOW, (1, 1)),  # 24:00 itself is in time
        (replace(OPEN, contacted_at=LATE), NOW, (0, 1)),
        (OPEN, NOW, (0, 1)),  # nobody ever came
        (OPEN, EARLY, (0, 0)),  # there is still time
        (replace(OPEN, contacted_at=EARLY), EARLY, (1, 1)),  # contacted before it fell due
    ],
)
def test_a_response_is_in_time_by_the_first_promise(story, now, share):
    counted = rates([story], now).response
    assert (counted.part, counted.n) == share


@pytest.mark.parametrize(
    ("ended", "contacted", "share"),
    [
        (EARLY, None, (0, 0)),  # taken back before anybody owed anything
        (EARLY, EARLY, (1, 1)),  # somebody had called by then
        (LATE, None, (0, 1)),  # the promise was already broken
    ],
)
def test_what_is_withdrawn_owes_an_answer_only_until_then(ended, contacted, share):
    story = replace(OPEN, state=State.WITHDRAWN, ended_at=ended, contacted_at=contacted)
    counted = rates([story], NOW).response
    assert (counted.part, counted.n) == share


def test_a_declined_issue_counts_for_response_and_is_asked_nothing():
    story = replace(OPEN, state=State.DECLINED, ended_at=LATE, contacted_at=EARLY, asked=0)
    counted = rates([story], NOW)
    assert (counted.response.part, counted.declined, counted.rating.n) == (1, 1, 0)


# --- 解决率, 满意率, 评价率 ---


@pytest.mark.parametrize(("solved", "part"), [(Solved.YES, 1), (Solved.PARTLY, 0), (Solved.NO, 0)])
def test_only_a_confirmed_yes_is_solved(solved, part):
    counted = rates([closed(said(solved))], NOW)
    assert (counted.resolution.part, counted.resolution.n) == (part, 1)


@pytest.mark.parametrize(
    ("rating", "top_three", "top_two"),
    [
        (Rating.VERY_GOOD, 1, 1),
        (Rating.GOOD, 1, 1),
        (Rating.FAIR, 1, 0),
        (Rating.BAD, 0, 0),
        (Rating.VERY_BAD, 0, 0),
    ],
)
def test_the_top_three_are_satisfied_and_the_top_two_shown_beside(rating, top_three, top_two):
    counted = rates([closed(said(None, rating))], NOW)
    assert (counted.satisfaction.part, counted.really_satisfied.part) == (top_three, top_two)


def test_silence_is_in_no_rate_but_the_rating_share():
    counted = rates([closed()], NOW)
    assert (counted.resolution.n, counted.satisfaction.n) == (0, 0)
    assert (counted.rating.part, counted.rating.n, counted.unrated) == (0, 1, 1)


def test_one_question_answered_counts_for_that_one():
    counted = rates([closed(said(Solved.YES))], NOW)
    assert (counted.resolution.n, counted.satisfaction.n, counted.rating.part) == (1, 0, 1)


def test_who_joined_has_an_answer_of_his_own_and_the_silent_reporter_stays_unrated():
    counted = rates([closed(said(Solved.NO, Rating.BAD, own=False), asked=2)], NOW)
    assert (counted.resolution.n, counted.rating.n, counted.unrated) == (1, 2, 1)
    assert counted.confirmable == 0


def test_an_open_issue_is_not_asked():
    counted = rates([replace(HAPPY, state=State.WORKING, redone=1)], NOW)
    assert (counted.rating.n, counted.resolution.n, counted.redone) == (0, 0, 1)


# --- 2 天解决到位, 小事不出村 ---


@pytest.mark.parametrize(
    ("answer", "resolved", "two_days", "later"),
    [
        (said(Solved.YES, when=EARLY), EARLY, 1, 0),
        (said(Solved.YES, when=PROMISED), EARLY, 1, 0),
        (said(Solved.YES, when=LATE), EARLY, 0, 1),  # done in time, confirmed later
        (said(Solved.YES, when=LATE), LATE, 0, 0),
        (said(Solved.PARTLY, when=EARLY), EARLY, 0, 0),
    ],
)
def test_solved_in_two_days_is_what_the_resident_says_by_then(answer, resolved, two_days, later):
    counted = rates([closed(answer, resolved_at=resolved)], NOW)
    assert (counted.two_days, counted.two_days_later, counted.quick.n) == (two_days, later, 1)


def test_matters_closed_up_to_the_village_have_not_left_it():
    levels = [UnitKind.LIN, UnitKind.PIAN, UnitKind.VILLAGE, UnitKind.TOWNSHIP, UnitKind.CITY]
    counted = rates([replace(HAPPY, level=level) for level in levels], NOW)
    assert (counted.in_village.part, counted.in_village.n) == (3, 5)
    assert counted.closed_at[UnitKind.TOWNSHIP] == 1


def test_growth_is_told_for_the_count_and_for_the_share():
    year = Year(now=rates([HAPPY] * 10, NOW), before=rates([HAPPY] * 5 + [SLOW] * 5, NOW))
    assert (year.count_growth, year.share_growth) == (1.0, 1.0)


def test_nothing_or_next_to_nothing_last_year_is_no_base():
    for few in (0, FEW - 1):
        year = Year(now=rates([HAPPY] * 10, NOW), before=rates([HAPPY] * few, NOW))
        assert (year.count_growth, year.share_growth) == (None, None)


SLOW = closed(said(Solved.YES, Rating.GOOD, when=LATE), resolved_at=LATE)


# --- n ---


@pytest.mark.parametrize(("part", "n", "value"), [(0, 0, None), (4, 4, None), (5, 5, 1.0)])
def test_a_handful_has_no_rate(part, n, value):
    assert Share(part, n).value == value


def test_the_composite_weighs_the_three_rates():
    stories = [HAPPY] * 5 + [replace(OPEN, contacted_at=LATE)] * 5
    assert rates(stories, NOW).composite() == pytest.approx(0.30 * 0.5 + 0.35 + 0.35)
    assert rates(stories, NOW).composite((1, 0, 0)) == 0.5


def test_without_one_of_the_three_there_is_no_composite():
    assert rates([closed()] * 9, NOW).composite() is None


# --- for any issues whatever ---

moments = st.integers(0, 400).map(lambda hours: at("2026-06-01 00:00") + timedelta(hours=hours))
maybe = st.none() | moments
answers = st.builds(
    Answer,
    st.none() | st.sampled_from(Solved),
    st.none() | st.sampled_from(Rating),
    moments,
    st.booleans(),
)
stories = st.builds(
    Story,
    state=st.sampled_from(State),
    promised_at=moments,
    two_days_at=moments,
    contacted_at=maybe,
    resolved_at=maybe,
    ended_at=maybe,
    level=st.sampled_from(UnitKind),
    asked=st.integers(3, 5),
    answers=st.lists(answers, max_size=3).map(tuple),
    redone=st.integers(0, 3),
)
many = st.lists(stories, max_size=30)


def shares(counted: Rates) -> list[Share]:
    return [
        counted.response,
        counted.resolution,
        counted.satisfaction,
        counted.really_satisfied,
        counted.rating,
        counted.quick,
        counted.in_village,
    ]


@given(many, moments)
def test_a_rate_is_between_nothing_and_all_or_is_not_told(found, now):
    counted = rates(found, now)
    values = [share.value for share in shares(counted)] + [counted.composite()]
    assert all(value is None or 0 <= value <= 1 for value in values)
    assert all(0 <= share.part <= share.n for share in shares(counted))


@given(st.lists(many, max_size=4), moments)
def test_the_counts_of_units_add_up_to_those_of_the_whole(units, now):
    whole = rates([story for unit in units for story in unit], now)
    assert sum((rates(unit, now) for unit in units), Rates()) == whole


@given(many, moments, st.randoms())
def test_the_order_of_issues_does_not_matter(found, now, dice):
    shuffled = list(found)
    dice.shuffle(shuffled)
    assert rates(shuffled, now) == rates(found, now)


@given(many, moments)
def test_every_issue_is_counted_once(found, now):
    tally = Tally()
    for story in found:
        tally.add(story, now)
    counted = tally.rates
    assert counted.reported == len(found)
    assert sum(counted.closed_at.values()) == counted.closed <= counted.reported
