"""Members leave the corp, are disabled or renamed: through real callbacks from "sys"."""

import time

import pytest

from tests.acceptance.conftest import awake
from tests.acceptance.deployment import eventually, number_in, short
from tests.acceptance.town import lins

LAMP = "晒谷坪的电表箱坏了没人修"


@pytest.fixture(scope="module")
def place(setup):
    return setup(quiet=awake()).start()


@pytest.fixture(scope="module")
def next_lin():
    return iter(lins(1))


@pytest.fixture
def lin(next_lin):
    return next(next_lin)


def change(place, kind, userid, at=0, **fields):
    """One change_contact event; the same ``at`` makes it a re-send."""
    more = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
    return place.app.post_plain(
        f"<xml><ToUserName>{place.app.seal.receive_id}</ToUserName><FromUserName>sys</FromUserName>"
        f"<CreateTime>{at or int(time.time())}</CreateTime><MsgType>event</MsgType>"
        f"<Event>change_contact</Event><ChangeType>{kind}</ChangeType><UserID>{userid}</UserID>"
        f"{more}</xml>"
    )


def reported(place, lin):
    return number_in(place.app.text(lin.resident, LAMP).text)


@pytest.mark.parametrize(("kind", "status"), [("delete_user", ""), ("update_user", "2")])
def test_the_issues_of_who_has_left_are_with_the_next_at_once(place, lin, kind, status):
    number = reported(place, lin)
    said = change(place, kind, lin.linzhang.upper(), Status=status)
    assert (said.status, said.body) == (200, b"")
    assert place.show(number)["holder"] == "zu_1"
    assert eventually(lambda: place.api.cards("zu_1", number))
    assert eventually(lambda: place.api.told("adm_1", lin.linzhang, f"· 邻长 {lin.path}"))


def test_a_resent_event_and_a_second_one_tell_nobody_again(place, lin):
    at = int(time.time())
    for when in (at, at, at - 60):
        change(place, "delete_user", lin.linzhang, when)
    assert eventually(lambda: place.api.told("adm_1", lin.linzhang))
    place.tick()
    assert len(place.api.told("adm_1", lin.linzhang)) == 1


def test_two_who_leave_in_the_same_second_are_two(place, lin, next_lin):
    other, at = next(next_lin), int(time.time())
    numbers = [reported(place, one) for one in (lin, other)]
    for one in (lin, other):
        change(place, "delete_user", one.linzhang, at)
    assert [place.show(number)["holder"] for number in numbers] == ["zu_1", "zu_1"]


def test_members_who_hold_nothing_leave_no_row(place, lin):
    before = place.stored()
    for n in range(60):
        assert change(place, "create_user", f"new_{n}", Name="新某", Status="4").status == 200
        assert change(place, "delete_user", f"new_{n}").status == 200
    assert change(place, "update_user", lin.linzhang, Name="张大某", Status="1").status == 200
    assert change(place, "delete_user", lin.neighbour).status == 200
    assert place.stored() == before


def test_a_renamed_linzhang_goes_on_with_the_new_account(place, lin):
    number = reported(place, lin)
    change(place, "update_user", lin.linzhang, NewUserID=f"{lin.linzhang}_new")
    assert place.show(number)["holder"] == f"{lin.linzhang}_new"
    said = place.app.text(f"{lin.linzhang}_new", f"接单 {short(number)}")
    assert "已接单" in said.text


def test_a_renamed_resident_keeps_what_was_reported(place, lin):
    number = reported(place, lin)
    change(place, "update_user", lin.resident, NewUserID="Res_New")
    assert number in place.app.text("res_new", "我的诉求").text
    assert "没有登记过" in place.app.text(lin.resident, "我的诉求").text


@pytest.mark.parametrize("kind", ["create_party", "update_tag", "delete_user", "from_next_year"])
def test_a_change_without_a_member_is_logged_and_changes_nothing(place, kind):
    before = place.stored()
    assert change(place, kind, "").status == 200
    assert eventually(lambda: f"change_contact:{kind} needs no answer" in place.log)
    assert place.stored() == before
