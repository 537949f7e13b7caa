"""三长接单, 群众评单: by card and in plain words, through real callbacks."""

from datetime import datetime, time, timedelta

import pytest

from tests.acceptance.conftest import awake
from tests.acceptance.deployment import ZONE, Deployment, eventually, number_in, short
from tests.acceptance.town import lins

LAMP = "晒谷坪的电表箱坏了没人修"


@pytest.fixture(scope="module")
def place(setup):
    return setup(quiet=awake()).start()


@pytest.fixture(scope="module")
def _next_lin():
    return iter(lins(1))


@pytest.fixture
def lin(_next_lin):
    return next(_next_lin)


@pytest.fixture
def number(place, lin):
    """A fresh report of the resident of ``lin``."""
    return number_in(place.app.text(lin.resident, LAMP).text)


@pytest.fixture
def card(place, lin, number):
    return eventually(lambda: place.api.cards(lin.linzhang, number))[0]


@pytest.fixture
def resolved(place, lin, number):
    place.app.text(lin.linzhang, f"办结 {short(number)} 已换灯泡")
    return number


def tomorrow() -> datetime:
    day = datetime.now(ZONE).date() + timedelta(days=1)
    return datetime.combine(day, time(12, 20), ZONE)


def state(place: Deployment, number: str) -> str:
    return str(place.show(number)["state"])


# --- by card ---


def test_a_tap_on_accept_takes_the_issue_and_changes_the_card(place, lin, number, card):
    said = place.app.click(lin.linzhang, card, "accept")
    assert said.fields["MsgType"] == "update_template_card"
    assert f"<TaskId>{card['task_id']}</TaskId>" in said.plain
    assert "<Text>办结</Text>" in said.plain
    assert "<Text>接单</Text>" not in said.plain
    assert state(place, number) == "accepted"


def test_a_double_tap_accepts_once(place, lin, number, card):
    now = int(datetime.now(ZONE).timestamp())
    said = [place.app.click(lin.linzhang, card, "accept", at) for at in (now, now, now + 1)]
    assert {one.status for one in said} == {200}
    assert said[0].plain == said[1].plain or said[0].fields.keys() == said[1].fields.keys()
    kinds = [event["kind"] for event in place.show(number)["events"]]
    assert kinds.count("accept") == 1


def test_a_tap_on_raise_gives_the_issue_to_the_zuzhang(place, lin, number, card):
    place.app.click(lin.linzhang, card, "raise")
    issue = place.show(number)
    assert (issue["holder"], issue["co_owners"]) == ("zu_1", [lin.linzhang])
    assert eventually(lambda: place.api.cards("zu_1", number, "上交"))


def test_a_tap_on_resolve_asks_for_a_sentence_which_then_resolves(place, lin, number, card):
    place.app.click(lin.linzhang, card, "resolve")
    assert state(place, number) == "pending"
    assert eventually(lambda: place.api.told(lin.linzhang, number, "做了什么"))
    place.app.text(lin.linzhang, "已换灯泡")
    issue = place.show(number)
    assert (issue["state"], issue["result"]) == ("resolved", "已换灯泡")


def test_a_card_in_the_wrong_hands_does_nothing(place, lin, number, card):
    place.app.click("lin_2_1", card, "accept")
    place.app.click(lin.resident, card, "resolve")
    place.app.click("nobody_at_all", card, "raise")
    issue = place.show(number)
    assert (issue["state"], issue["holder"]) == ("pending", lin.linzhang)


def test_an_old_card_of_a_withdrawn_issue_does_nothing(place, lin, number, card):
    place.app.text(lin.resident, f"撤回 {short(number)}")
    assert place.app.click(lin.linzhang, card, "accept").status == 200
    assert state(place, number) == "withdrawn"


# --- in plain words ---


@pytest.mark.parametrize("words", ["接单 {short}", "{short} 接单", "接单 {number}", "接单"])
def test_a_linzhang_accepts_in_words(place, lin, number, words):
    said = place.app.text(lin.linzhang, words.format(short=short(number), number=number))
    assert number in said.text
    assert state(place, number) == "accepted"


def test_a_linzhang_works_from_the_group_too(place, lin, number):
    place.bot.text(lin.linzhang, f"办结 {short(number)} 已换灯泡", lin.chat)
    assert place.show(number)["result"] == "已换灯泡"


def test_a_pianzhang_who_steps_in_becomes_the_holder(place, lin, number):
    place.app.text("pian_1", f"接单 {short(number)}")
    issue = place.show(number)
    assert (issue["holder"], issue["state"]) == ("pian_1", "accepted")
    assert issue["co_owners"] == [lin.linzhang]


def test_another_linzhang_cannot_touch_it(place, number):
    place.app.text("lin_2_2", f"接单 {number}")
    assert state(place, number) == "pending"


def test_a_resolve_without_a_sentence_asks_for_one(place, lin, number):
    said = place.app.text(lin.linzhang, f"办结 {short(number)}")
    assert "做了什么" in said.text
    assert state(place, number) == "pending"


@pytest.mark.parametrize("words", ["进度", "进度 {short}", "{number} 进度", "我的诉求"])
def test_a_resident_asks_how_it_goes(place, lin, number, words):
    said = place.app.text(lin.resident, words.format(short=short(number), number=number))
    assert number in said.text
    assert lin.linzhang_name in said.text


def test_how_it_goes_is_nobody_elses_business(place, lin, number):
    assert "电表箱" not in place.app.text(lin.neighbour, f"进度 {number}").text
    said = place.bot.text(lin.resident, f"进度 {number}", lin.chat)
    assert "电表箱" not in said.text
    assert eventually(lambda: place.api.told(lin.resident, number, "电表箱"))


def test_a_resident_withdraws(place, lin, number):
    place.app.text(lin.resident, f"撤回 {short(number)}")
    issue = place.show(number)
    assert (issue["state"], issue["next_mark_at"]) == ("withdrawn", None)


def test_nobody_withdraws_for_another(place, lin, number):
    place.app.text(lin.neighbour, f"撤回 {number}")
    assert state(place, number) == "pending"


# --- 评单 ---


@pytest.mark.parametrize(
    ("words", "rating"), [("1", "very_good"), ("满意", "good"), ("３", "fair")]
)
def test_a_resident_rates_by_number_or_in_words(place, lin, resolved, words, rating):
    place.app.text(lin.resident, words)
    issue = place.show(resolved)
    assert (issue["state"], issue["rating"]) == ("closed", rating)


@pytest.mark.parametrize("words", ["非常不满意", "5", "未解决", "没修好 {short}", "没修好"])
def test_a_bad_rating_reopens_the_issue_one_level_up(place, lin, resolved, words):
    place.app.text(lin.resident, words.format(short=short(resolved)))
    issue = place.show(resolved)
    assert (issue["state"], issue["holder"]) == ("pending", "zu_1")
    assert issue["next_mark_at"]


def test_only_the_reporter_rates(place, lin, resolved):
    place.app.text(lin.neighbour, f"{short(resolved)} 非常满意")
    assert place.show(resolved)["rating"] is None


def test_the_rating_card_comes_at_the_next_slot_and_closes_the_issue(place, lin, resolved):
    place.tick(tomorrow())
    card = place.api.cards(lin.resident, resolved)[0]
    second = place.app.click(lin.resident, card, "solved:yes")
    assert "<Text>非常满意</Text>" in second.plain
    extra = f"<TaskId>{card['task_id']}</TaskId><CardType>button_interaction</CardType>"
    place.app.event(lin.resident, "template_card_event", extra=extra, key="rate:very_good")
    issue = place.show(resolved)
    assert (issue["state"], issue["solved"], issue["rating"]) == ("closed", "yes", "very_good")


def test_silence_after_two_asks_closes_without_a_rating(place, lin, resolved):
    place.tick(tomorrow() + timedelta(days=4))
    assert state(place, resolved) == "resolved"
    place.tick(
        tomorrow() + timedelta(days=8)
    )  # the second request, three days after the first came
    place.tick(tomorrow() + timedelta(days=12))
    issue = place.show(resolved)
    assert (issue["state"], issue["rating"]) == ("closed", None)


def test_the_history_of_every_issue_is_unbroken(place):
    assert "都对得上" in place.cli("issues", "verify")
