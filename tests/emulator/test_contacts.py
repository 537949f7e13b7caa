"""The address book and the IP lists."""

import pytest


def test_a_member_is_found_whatever_the_capitals(client):
    answer = client.ask("user/get", userid="LinZhang_Cen")
    assert (answer["userid"], answer["name"], answer["status"]) == ("linzhang_cen", "岑守田", 1)


def test_unknown_and_hidden_members_differ(emu, client):
    emu.world.app.visible = ["jumin_an"]
    assert client.ask("user/get", userid="ghost")["errcode"] == 60111
    assert client.ask("user/get", userid="jumin_bai")["errcode"] == 60011


def test_a_member_who_left_is_out_of_reach(emu, client):
    emu.world.member("jumin_bai").active = False
    assert client.send("jumin_bai")["errcode"] == 81013


def test_departments_come_from_the_labels(client):
    named = client.ask("department/list")["department"]
    assert [one["name"] for one in named[:2]] == ["全市", "清溪村一片三组"]
    assert client.ask("department/list", id="2")["department"][0]["parentid"] == 1
    simple = client.ask("department/simplelist")["department_id"]
    assert simple[0] == {"id": 1, "parentid": 0, "order": 999}


def test_the_members_of_a_department_are_listed(client):
    users = client.ask("user/simplelist", department_id="2")["userlist"]
    assert {"jumin_an", "jumin_bai"} <= {one["userid"] for one in users}
    assert users[0]["department"] == [2]


@pytest.mark.parametrize("number", ["", "0", "99", "x"])
def test_an_unknown_department_is_an_error(client, number):
    assert client.ask("user/simplelist", department_id=number)["errcode"] == 40035


def test_the_ip_lists_name_this_machine(client):
    assert "127.0.0.1" in client.ask("getcallbackip")["ip_list"]
    assert client.ask("get_api_domain_ip")["ip_list"] == ["127.0.0.1"]
