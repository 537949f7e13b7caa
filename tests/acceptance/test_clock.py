"""限时办, 及时督: the marks at 2 days, 1 week and 1 month, as `tick --at` passes them.

The service takes the reports and is stopped; ticks then run as at any moment.
"""

import json
import shutil
from calendar import monthrange
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from tests.acceptance.deployment import ZONE, Deployment, number_in, sanzhang_in_turn, short

SECRET_WORDS = "菜地边界争了三天没人管"
REPORTER, LINZHANG = "res_1_1", "lin_1_1"
EVERYBODY = (REPORTER, LINZHANG, "zu_1", "pian_1", "cun_1", "zhen_1", "du_1")
SLOT = time(7, 45)


def after(reported: datetime, days: int, at: time = SLOT) -> datetime:
    """That many days after the report, local time."""
    return datetime.combine(reported.astimezone(ZONE).date() + timedelta(days=days), at, ZONE)


def after_months(reported: datetime, months: int, at: time = SLOT) -> datetime:
    """The morning after the month's mark: its anchor day has ended."""
    day = reported.astimezone(ZONE).date()
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    anchor = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    return datetime.combine(anchor + timedelta(days=1), at, ZONE)


class Story:
    """One report in a stopped service whose clock is moved."""

    def __init__(self, place: Deployment, number: str) -> None:
        self.place, self.number = place, number
        self.day = datetime.fromisoformat(self.issue["reported_at"])

    def after(self, days: int, at: time = SLOT) -> datetime:
        return after(self.day, days, at)

    def after_months(self, months: int, at: time = SLOT) -> datetime:
        return after_months(self.day, months, at)

    def tick(self, at: datetime) -> dict[str, list[str]]:
        """What everybody was sent by this tick."""
        self.place.api.forget()
        self.place.tick(at)
        return {who: self.place.api.told(who) for who in EVERYBODY if self.place.api.told(who)}

    @property
    def issue(self) -> dict[str, Any]:
        return self.place.show(self.number)

    @property
    def holder(self) -> str:
        return str(self.issue["holder"])

    @property
    def marks(self) -> list[dict[str, Any]]:
        return [event["data"] for event in self.issue["events"] if event["kind"] == "mark"]

    @property
    def board(self) -> list[str]:
        return [one["text"]["content"] for one in self.place.api.boards]


@pytest.fixture(scope="module")
def reported(setup) -> tuple[Deployment, str]:
    """A service that took one report and was stopped."""
    place = setup().start()
    number = number_in(place.app.text(REPORTER, SECRET_WORDS).text)
    place.stop()
    return place, number


@pytest.fixture(scope="module")
def asleep(setup, reported) -> Story:
    """An issue during a power cut: a copy of the stopped service."""
    place = setup()
    shutil.copytree(reported[0].home / "var", place.home / "var", dirs_exist_ok=True)
    return Story(place, reported[1])


@pytest.fixture(scope="module")
def slow(reported, asleep) -> Story:
    """An issue that nobody touches while the clock is moved step by step, in this file's order."""
    return Story(*reported)


def test_before_half_time_nobody_is_bothered_after_the_card(slow):
    slow.tick(slow.after(0, time(23, 59)))  # the card may have waited for the morning
    told = slow.tick(slow.after(1, time(0, 1)))
    assert told == {}


def test_at_half_time_the_linzhang_is_reminded_that_nobody_has_accepted(slow):
    early = slow.tick(slow.after(2, time(7, 29)))
    told = slow.tick(slow.after(2, SLOT))
    above = [text for who in {*early, *told} - {LINZHANG} for text in (early | told)[who]]
    assert "今天到期" in str(told[LINZHANG]) or "过半" in str(told[LINZHANG])
    assert all("还没接单" in str(text) for text in above)


def test_until_midnight_of_the_second_day_it_stays_with_the_linzhang(slow):
    slow.tick(slow.after(2, time(23, 59, 59)))
    assert slow.holder == LINZHANG


def test_at_midnight_it_rises_to_the_zuzhang_and_nobody_is_woken(slow):
    told = slow.tick(slow.after(3, time(0, 0)))
    assert slow.holder == "zu_1"
    assert told == {}
    assert slow.place.show(slow.number)["co_owners"] == [LINZHANG]


def test_at_the_morning_slot_everybody_on_the_ladder_is_told_once(slow):
    assert slow.tick(slow.after(3, time(7, 44))) == {}
    told = slow.tick(slow.after(3, SLOT))
    assert told.keys() == {REPORTER, LINZHANG, "zu_1", "pian_1"}
    assert all(len(texts) == 1 for texts in told.values())
    assert all(short(slow.number) in texts[0] for texts in told.values())
    assert "提醒" in told[LINZHANG][0]
    assert "请您督促" in told["pian_1"][0]
    assert "对不住" in told[REPORTER][0]


def test_the_new_holder_gets_a_card_with_the_three_buttons(slow):
    card = slow.place.api.cards("zu_1", slow.number)[0]
    assert {button["text"] for button in card["button_list"]} == {"接单", "上交", "办结"}


def test_the_units_group_sees_the_number_only(slow):
    slow.place.api.forget()
    slow.tick(slow.after(8, time(7, 44)))
    slow.tick(slow.after(8, SLOT))
    assert [one["key"] for one in slow.place.api.boards] == ["hook-one"]
    assert slow.number in slow.board[0]
    shown = json.dumps(slow.place.api.boards, ensure_ascii=False)
    assert not any(part in shown for part in ("菜地", "邻甲零一", "居1_1", REPORTER, LINZHANG))


def test_after_a_week_the_pianzhang_holds_it(slow):
    assert slow.holder == "pian_1"


def test_the_same_tick_twice_sends_nothing_twice(slow):
    assert slow.tick(slow.after(8, SLOT)) == {}
    assert slow.board == []


def test_a_slot_missed_by_a_stop_is_not_caught_up_at_night(slow):
    slow.tick(slow.after_months(1, time(0, 0)))
    assert slow.tick(slow.after_months(1, time(3, 0)) + timedelta(days=1)) == {}


def test_after_a_month_the_village_holds_it_and_the_town_is_pinged(slow):
    told = slow.tick(slow.after_months(1, time(7, 30)) + timedelta(days=1))
    assert slow.holder == "cun_1"
    assert "1 个月" in told["zhen_1"][0]
    assert {"pian_1", "cun_1", "zhen_1", REPORTER} <= told.keys()


def test_three_ticks_at_once_tell_everybody_once(slow):
    slow.place.api.forget()
    tick = ["tick", "--at", slow.after_months(2).isoformat()]
    tick += ["--config", str(slow.place.home / "config.toml")]
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: sanzhang_in_turn(*tick), range(3)))
    assert [one.returncode for one in done] == [0, 0, 0], [one.stderr for one in done]
    assert len(slow.place.api.told("du_1", "2 个月")) == 1
    assert len(slow.board) == 1


def test_after_two_months_the_town_holds_it(slow):
    assert slow.holder == "zhen_1"


def test_after_a_power_cut_of_a_month_each_person_gets_one_message(asleep):
    told = asleep.tick(asleep.after_months(1, time(9, 0)))
    assert asleep.holder == "zu_1"  # one level: those between had no chance to act
    assert {who: len(texts) for who, texts in told.items() if who != LINZHANG} == {
        REPORTER: 1,
        "zu_1": 1,
        "pian_1": 1,
    }
    assert len(asleep.board) == 1


def test_after_the_power_cut_only_the_latest_mark_is_told(asleep):
    assert [mark["mark"] for mark in asleep.marks] == ["month"]


def test_after_a_year_only_the_latest_month_is_told_and_nothing_twice(asleep):
    told = asleep.tick(asleep.after_months(12, time(9, 0)))
    assert asleep.holder == "pian_1"
    assert all(len(texts) == 1 for texts in told.values())
    assert "12 个月" in str(told)
    assert asleep.tick(asleep.after_months(12, time(9, 0))) == {}


def test_the_history_tells_who_held_it_when(slow):
    assert [mark["level"] for mark in slow.marks] == ["zu", "pian", "village", "township"]


# --- issues on which somebody has acted, all in one folder ---

RESOLVED, ACCEPTED, MOVING, STUCK, LATE = range(1, 6)


class Street:
    """One issue a household, each with what its 邻长 has done about it."""

    def __init__(self, place: Deployment) -> None:
        self.place = place.start()
        self.numbers = {n: self._report(n) for n in range(1, 6)}
        self.say(RESOLVED, f"lin_1_{RESOLVED}", "办结 {} 已调解")
        self.say(ACCEPTED, f"lin_1_{ACCEPTED}", "接单 {}")
        for n in (MOVING, STUCK):
            self.say(n, f"lin_1_{n}", "难度 {} 复杂 要等立项")
            self.say(n, "zu_1", "同意 {}")
        self.say(MOVING, f"lin_1_{MOVING}", "进展 {} 已联系设计院")
        place.stop()
        self.days = {n: datetime.fromisoformat(self.issue(n)["reported_at"]) for n in self.numbers}

    def _report(self, n: int) -> str:
        at = int(datetime.now(ZONE).timestamp()) - (6 * 86400 if n == LATE else 0)
        return number_in(self.place.app.text(f"res_1_{n}", SECRET_WORDS, at=at).text)

    def say(self, n: int, who: str, words: str) -> None:
        self.place.app.text(who, words.format(short(self.numbers[n])))

    def issue(self, n: int) -> dict[str, Any]:
        return self.place.show(self.numbers[n])

    def holder(self, n: int) -> str:
        return str(self.issue(n)["holder"])


@pytest.fixture(scope="module")
def street(setup) -> Street:
    return Street(setup(quiet="00:00-00:01"))


def test_a_message_that_comes_in_six_days_late_is_clocked_from_when_it_was_written(street):
    street.place.tick()
    assert street.holder(LATE) == "zu_1"  # late at once, but one level


def test_after_its_promise_a_resolved_issue_is_left_in_peace(street):
    street.place.tick(after(street.days[RESOLVED], 8))
    assert street.holder(RESOLVED) == f"lin_1_{RESOLVED}"
    assert not street.place.api.told("zu_1", street.numbers[RESOLVED])


def test_an_accepted_issue_rises_all_the_same_when_its_promise_is_broken(street):
    assert street.holder(ACCEPTED) == "zu_1"


def test_a_complex_issue_does_not_rise_before_its_month(street):
    assert street.holder(MOVING) == f"lin_1_{MOVING}"
    assert street.holder(STUCK) == f"lin_1_{STUCK}"


def test_after_a_month_a_complex_issue_with_progress_is_promised_for_the_next_month(street):
    street.place.tick(after_months(street.days[MOVING], 1, time(9, 0)))
    assert street.holder(MOVING) == f"lin_1_{MOVING}"
    due = datetime.fromisoformat(street.issue(MOVING)["due_at"])
    assert due == after_months(street.days[MOVING], 2, time(0, 0))


def test_after_a_month_a_complex_issue_without_progress_rises(street):
    assert street.holder(STUCK) == "zu_1"
