"""What is not answered becomes an issue with the right 邻长, a receipt and a card."""

from datetime import datetime, timedelta

import pytest

from tests.acceptance.deployment import ZONE, eventually, number_in
from tests.acceptance.town import CHAT_ONE, CHAT_OPEN, CHAT_TWO

LAMP = "门口电表箱坏了三天没人修"


def promised() -> str:
    day = datetime.now(ZONE) + timedelta(days=2)
    return f"{day.month}月{day.day}日"


def test_a_complaint_gets_number_name_and_promised_date_at_once(town, lin):
    said = town.app.text(lin.resident, LAMP)
    assert number_in(said.text)
    assert lin.linzhang_name in said.text
    assert promised() in said.text


def test_the_issue_is_with_the_senders_own_linzhang(town, lin):
    issue = town.show(number_in(town.app.text(lin.resident, LAMP).text))
    assert (issue["holder"], issue["unit"]) == (lin.linzhang, lin.path)
    assert (issue["state"], issue["tier"], issue["level"]) == ("pending", "ordinary", "lin")


def test_the_promise_ends_at_midnight_of_the_second_day(town, lin):
    number = number_in(town.app.text(lin.resident, LAMP).text)
    found = next(one for one in town.issues() if one["number"] == number)
    day = datetime.fromisoformat(found["reported_at"]).astimezone(ZONE).date()
    midnight = datetime.combine(day + timedelta(days=3), datetime.min.time(), ZONE)
    assert datetime.fromisoformat(found["due_at"]) == midnight
    assert datetime.fromisoformat(found["next_mark_at"]) == midnight


def test_the_linzhang_gets_a_card_with_three_buttons(town, api, lin):
    number = number_in(town.app.text(lin.resident, LAMP).text)
    card = eventually(lambda: api.cards(lin.linzhang, number))[0]
    assert card["card_type"] == "button_interaction"
    assert {b["text"] for b in card["button_list"]} == {"接单", "上交", "办结"}
    assert card["sub_title_text"] == LAMP


def test_the_card_keeps_the_limits_of_the_app(town, api, lin):
    number = number_in(town.app.text(lin.resident, LAMP + "，很不方便" * 60).text)
    card = eventually(lambda: api.cards(lin.linzhang, number))[0]
    assert len(card["sub_title_text"]) <= 160
    assert len(card["main_title"]["title"]) <= 36
    assert all(len(row["keyname"]) <= 5 for row in card["horizontal_content_list"])
    assert all(len(row["value"]) <= 30 for row in card["horizontal_content_list"])


def test_in_a_group_only_the_number_is_shown(town, lin):
    said = town.bot.text(lin.resident, LAMP, lin.chat)
    assert "已私信" in said.text
    shown = said.text.replace(number_in(said.text), "")
    assert "电表箱" not in shown
    assert lin.linzhang_name not in shown


def test_the_receipt_of_a_group_report_comes_in_private(town, api, lin):
    number = number_in(town.bot.text(lin.resident, LAMP, lin.chat).text)
    receipt = eventually(lambda: api.told(lin.resident, number))[0]
    assert lin.linzhang_name in receipt
    assert promised() in receipt


def test_the_mention_is_no_part_of_the_issue(town, lin):
    number = number_in(town.bot.text(lin.resident, LAMP, lin.chat).text)
    assert town.show(number)["content"] == LAMP


def test_a_chat_with_open_replies_shows_the_whole_receipt(town):
    said = town.bot.text("res_2_40", LAMP, CHAT_OPEN)
    assert promised() in said.text


@pytest.mark.parametrize(("chat", "holder"), [(CHAT_ONE, "pian_1"), (CHAT_TWO, "pian_2")])
def test_a_stranger_in_a_chat_goes_to_the_chats_own_unit(town, chat, holder):
    number = number_in(town.bot.text(f"stranger_{holder}", LAMP, chat).text)
    issue = town.show(number)
    assert (issue["holder"], issue["unclaimed"]) == (holder, True)


def test_a_stranger_in_private_waits_to_be_claimed_at_a_pianzhang(town, api):
    said = town.app.text("stranger_2", LAMP)
    issue = town.show(number_in(said.text))
    assert (issue["holder"], issue["unclaimed"], issue["level"]) == ("pian_1", True, "pian")
    assert "片一" in said.text
    assert eventually(lambda: api.cards("pian_1", issue["number"], "待认领"))


def test_an_issue_of_a_lin_without_linzhang_goes_to_the_zuzhang(town):
    said = town.app.text("res_vacant", LAMP)
    issue = town.show(number_in(said.text))
    assert (issue["holder"], issue["level"]) == ("zu_1", "zu")
    assert "组甲" in said.text


def test_a_linzhang_is_never_the_holder_of_the_own_report(town, lin):
    issue = town.show(number_in(town.app.text(lin.linzhang, LAMP).text))
    assert issue["holder"] in ("zu_1", "zu_2")


def test_the_case_of_a_userid_does_not_matter(town, lin):
    issue = town.show(number_in(town.app.text(lin.resident.upper(), LAMP).text))
    assert (issue["reporter"], issue["holder"]) == (lin.resident, lin.linzhang)


def test_an_emergency_gives_the_number_to_call_and_rings_up_to_the_pianzhang(town, api, lin):
    said = town.app.text(lin.resident, "我家着火了快来人")
    number = number_in(said.text)
    assert "119" in said.text
    assert town.show(number)["urgent"] is True
    pianzhang = "pian_1" if "一片" in lin.path else "pian_2"
    assert eventually(lambda: api.told(lin.linzhang, number) and api.told(pianzhang, number))


def test_an_impatient_second_sending_is_the_same_issue(town, lin):
    first = number_in(town.app.text(lin.resident, LAMP).text)
    assert number_in(town.app.text(lin.resident, LAMP).text) == first


def test_two_people_with_the_same_words_have_two_issues(town, lin):
    first = number_in(town.app.text(lin.resident, LAMP).text)
    assert number_in(town.app.text(lin.neighbour, LAMP).text) != first


def test_the_report_time_is_the_messages_own_but_never_in_the_future(town, lin):
    ahead = int(datetime.now(ZONE).timestamp()) + 3000
    issue = town.show(number_in(town.app.text(lin.resident, LAMP, at=ahead).text))
    assert datetime.fromisoformat(issue["reported_at"]).timestamp() < ahead - 2000


def test_eleven_issues_in_an_hour_do_not_ring_eleven_times(town, api, lin):
    said = [town.app.text(lin.resident, f"第{n}个垃圾桶满了没人管") for n in range(12)]
    last = number_in(said[9].text)
    eventually(lambda: api.cards(lin.linzhang, last))
    assert len(api.cards(lin.linzhang)) == 10
    assert town.show(number_in(said[11].text))["holder"] == lin.linzhang
