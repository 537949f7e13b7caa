"""The admin changes the address book, and the app hears of it as it does from WeCom."""

import pytest
import requests

from emulator.world import Member
from tests.emulator.echo import text


def test_a_deleted_member_is_told_by_the_corp_itself(emu, echo):
    delivery = emu.delete_member("linzhang_cen")
    [heard] = echo.heard
    assert delivery.status == "delivered"
    assert (heard["FromUserName"], heard["Event"]) == ("sys", "change_contact")
    assert (heard["ChangeType"], heard["UserID"]) == ("delete_user", "linzhang_cen")
    assert "AgentID" not in heard


def test_the_envelope_has_an_empty_agent_id(emu, echo):
    emu.delete_member("linzhang_cen")
    assert "<AgentID><![CDATA[]]></AgentID>" in echo.envelopes[0]


def test_a_deleted_member_is_out_of_reach_and_out_of_the_groups(emu, echo, client):
    emu.delete_member("linzhang_cen")
    assert client.send("linzhang_cen")["errcode"] == 81013
    assert client.ask("user/get", userid="linzhang_cen")["errcode"] == 60111
    assert all("linzhang_cen" not in group.members for group in emu.world.groups)


def test_a_disabled_member_is_told_with_the_status_and_comes_back(emu, echo, client):
    emu.disable_member("linzhang_cen")
    assert client.send("linzhang_cen")["errcode"] == 81013
    emu.enable_member("linzhang_cen")
    assert [(one["ChangeType"], one["Status"]) for one in echo.heard] == [
        ("update_user", "2"),
        ("update_user", "1"),
    ]
    assert client.send("linzhang_cen")["errcode"] == 0


def test_a_renamed_member_keeps_the_phone_and_the_groups(emu, echo, client):
    client.send("linzhang_cen")
    emu.rename_member("linzhang_cen", "cen_shoutian")
    [heard] = echo.heard
    assert (heard["UserID"], heard["NewUserID"]) == ("linzhang_cen", "cen_shoutian")
    assert [shown.text for shown in emu.phone("cen_shoutian")] == ["您好"]
    assert emu.group("wrQingxi3") == []
    assert "cen_shoutian" in emu.world.groups[0].members


def test_a_new_member_is_told_and_a_second_of_the_name_refused(emu, echo):
    emu.add_member(Member("xin", "新某"))
    assert (echo.heard[0]["ChangeType"], echo.heard[0]["Name"]) == ("create_user", "新某")
    with pytest.raises(ValueError, match="already"):
        emu.add_member(Member("XIN", "又某"))
    with pytest.raises(ValueError, match="already"):
        emu.rename_member("jumin_an", "xin")


def test_the_app_hears_nothing_of_members_whom_it_cannot_see(emu, echo):
    emu.world.app.visible = ["jumin_an"]
    assert emu.delete_member("jumin_bai") is None
    assert echo.heard == []


def test_such_an_event_is_not_answered_with_words(emu, echo):
    echo.answer = lambda _: text("收到")
    assert emu.delete_member("jumin_an").status == "refused"


def test_a_resent_event_is_the_same_packet(emu, echo):
    emu.redeliver(emu.delete_member("jumin_an"))
    assert echo.heard[0] == echo.heard[1]


@pytest.mark.parametrize(
    ("body", "change"),
    [
        ({"userid": "jumin_an", "action": "delete"}, "delete_user"),
        ({"userid": "jumin_an", "action": "disable"}, "update_user"),
        ({"userid": "jumin_an", "action": "rename", "new": "an"}, "update_user"),
        ({"userid": "xin", "action": "add", "name": "新某"}, "create_user"),
    ],
)
def test_it_goes_over_http_too(emu, echo, body, change):
    url = f"{emu.base_url}/emulator/api/member"
    told = requests.post(url, json=body, timeout=60).json()["told"]
    assert (told["status"], echo.heard[0]["ChangeType"]) == ("delivered", change)


def test_an_action_that_nobody_knows_is_refused(emu):
    body = {"userid": "jumin_an", "action": "promote"}
    answer = requests.post(f"{emu.base_url}/emulator/api/member", json=body, timeout=60)
    assert answer.status_code == 400
