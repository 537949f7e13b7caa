"""Events: known ones are answered, all others get 200 and a line in the log."""

import pytest

from tests.acceptance.deployment import eventually

SILENT = [
    "unsubscribe",
    "click",
    "view",
    "view_miniprogram",
    "LOCATION",
    "location_select",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "template_card_menu_event",
    "batch_job_result",
    "kf_msg_or_event",
    "change_external_chat",
    "change_external_contact",
    "share_agent_change",
    "open_approval_change",
    "inactive_alert",
    "low_active",
    "something_from_next_year",
]


@pytest.mark.parametrize("name", SILENT)
def test_an_event_that_needs_no_answer_gets_200_and_is_logged(town, name):
    before = town.stored()
    said = town.app.event("res_1_1", name, key="k")
    assert (said.status, said.body) == (200, b"")
    assert eventually(lambda: f"app: {name} needs no answer" in town.log)
    assert town.stored() == before


def test_a_change_of_the_contacts_that_concerns_nobody_gets_200(town):
    said = town.app.post_plain(
        "<xml><ToUserName>x</ToUserName><FromUserName>sys</FromUserName>"
        "<CreateTime>1767225700</CreateTime><MsgType>event</MsgType><Event>change_contact</Event>"
        "<ChangeType>delete_user</ChangeType><UserID>nobody_here</UserID></xml>"
    )
    assert (said.status, said.body) == (200, b"")
    assert eventually(lambda: "change_contact delete_user of nobody_here" in town.log)


@pytest.mark.parametrize("name", ["subscribe", "enter_agent"])
def test_who_comes_in_is_greeted(town, name):
    assert "有事直接说" in town.app.event("res_1_1", name).text


def test_an_unknown_type_of_message_gets_200_and_is_logged(town):
    said = town.app.message("res_1_1", "hologram", Beam="1")
    assert (said.status, said.body) == (200, b"")
    assert eventually(lambda: "message:hologram" in town.log)


@pytest.mark.parametrize("name", ["feedback_event", "something_from_next_year"])
def test_the_bots_other_events_get_an_empty_200(town, name):
    said = town.bot.event("res_1_1", name, {"id": "faq-1", "type": 2})
    assert (said.status, said.body) == (200, b"")


def test_a_stream_refresh_gets_an_empty_200(town):
    said = town.bot.message("res_1_1", {"stream": {"id": "s-1"}})
    assert (said.status, said.body) == (200, b"")


@pytest.mark.parametrize("task", ["", "nonsense", "SZ-19990101-0001_h1", "SZ-20261121-0001"])
@pytest.mark.parametrize("key", ["", "accept", "rate:very_good", "solved:maybe", "x" * 1024])
def test_a_click_on_a_card_that_nobody_knows_changes_nothing(town, task, key):
    before = town.stored()[1]
    extra = f"<TaskId>{task}</TaskId><CardType>button_interaction</CardType>"
    said = town.app.event("res_1_1", "template_card_event", extra=extra, key=key)
    assert said.status == 200
    assert town.stored()[1] == before


def test_a_bot_card_click_with_either_spelling_gets_200(town):
    for spelling in ("event_key", "eventkey"):
        payload = {"card_type": "vote_interaction", spelling: "accept", "task_id": "T-1"}
        assert town.bot.event("res_1_1", "template_card_event", payload).status == 200
