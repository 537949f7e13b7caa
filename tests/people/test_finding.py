"""Whom people mean by a unit, a name or a title; who is away is stood in for."""

from datetime import UTC, date, datetime

import pytest

from people import finding
from people.reading import read
from storage.tables import Leave
from tests.town import LIN, NEXT_LIN, PIAN, TOWN, settle

TODAY = date(2026, 6, 1)
FAR = "清溪镇/竹鸡村/一片"
MORE = (
    f"易某,yi,组长,{PIAN}/二组,,",
    f"张三,zhang3,邻长,{PIAN}/二组/一邻,张三家,",
    f"张三,zhang3b,邻长,{FAR}/二组/一邻,张三家,",
    f"段某,duan,组长,{FAR}/二组,,",
    f"彭方,peng_fang,组长,{PIAN}/3组,,",
    f"李某,li,驻地单位,{PIAN}/供电所,,",
    "周某,zhou,部门,市城管局,,",
    "吴某,wu,部门,市城管局,,",
    f"汤某,tangm,联片干部,{PIAN},,",
    f"李四,li4,居民,{NEXT_LIN},李四家,",
)


@pytest.fixture
def town(lite):
    settle(lite, *TOWN, *MORE)
    return lite


def found(town, said, near=f"{PIAN}/长冲组/一邻"):
    with town.read() as session:
        unit = read(session).unit_at(near) if near else None
        people = finding.find(read(session), said, near=unit, day=TODAY)
        return [f"{one.person.userid} {one.unit.name}" for one in people]


def id_of(session, userid):
    person = read(session).person(userid)
    assert person
    return person.id


def leave(town, who, delegate=""):
    def write(session):
        other = read(session).person(delegate)
        row = {"delegate_id": other.id if other else None, "said_by": who}
        said = {"from_on": TODAY, "to_on": TODAY, "said_at": datetime(2026, 6, 1, tzinfo=UTC)}
        session.add(Leave(person_id=id_of(session, who), **row, **said))

    town.write(write)


@pytest.mark.parametrize(
    ("said", "whom"),
    [
        ("长冲组", "peng 长冲组"),
        ("二组", "yi 二组"),
        ("2组", "yi 二组"),
        ("三组", "peng_fang 3组"),
        ("韶山村", "xie 韶山村"),
        ("韶山村/一片", "tan 一片"),
        ("韶山村一片", "tan 一片"),
        ("清溪镇", "guo 清溪镇"),
        ("供电所", "li 供电所"),
        ("市城管局", "zhou 市城管局"),
        ("城管局", "zhou 市城管局"),
        ("二邻", "chen 二邻"),
        ("竹鸡村一片二组", "duan 二组"),
        ("易某", "yi 二组"),
        ("YI", "yi 二组"),
        ("易某同志", "yi 二组"),
        ("易组长", "yi 二组"),
        ("组长易某", "yi 二组"),
        ("二组组长", "yi 二组"),
        ("组长", "peng 长冲组"),
        ("我们片长", "tan 一片"),
        ("村里", "xie 韶山村"),
        ("镇里", "guo 清溪镇"),
        ("duan@清溪镇/竹鸡村/一片/二组", "duan 二组"),
    ],
)
def test_a_unit_a_name_or_a_title_means_one_person(town, said, whom):
    assert found(town, said) == [whom]


@pytest.mark.parametrize(
    "said", ["李四", "毛某", "mao_mou", "汤某", "管某", "组", "", "不在我们组"]
)
def test_a_resident_or_nobody_is_not_found(town, said):
    assert found(town, said) == []


def test_the_unit_nearest_to_the_issue_is_meant(town):
    assert found(town, "二组", near=f"{FAR}/二组/一邻") == ["duan 二组"]


def test_two_of_one_name_are_both_found_the_nearer_first(town):
    assert found(town, "张三") == ["zhang3 一邻", "zhang3b 一邻"]
    assert found(town, "张三", near=f"{FAR}/二组/一邻") == ["zhang3b 一邻", "zhang3 一邻"]


def test_without_a_place_all_namesakes_are_found(town):
    assert found(town, "二组", near="") == ["yi 二组", "duan 二组"]


def test_whoever_is_away_is_stood_in_for(town):
    leave(town, "yi", "chen")
    assert (found(town, "二组"), found(town, "易某")) == (["chen 二组"], ["chen 二组"])


def test_an_empty_seat_is_the_next_levels(town):
    leave(town, "yi")
    assert (found(town, "二组"), found(town, "易某")) == (["tan 一片"], ["tan 一片"])


def test_a_department_sends_whoever_is_there(town):
    leave(town, "zhou")
    assert found(town, "城管局") == ["wu 市城管局"]


def test_the_one_who_stands_in_is_said_with_whom_he_stands_in_for(town):
    leave(town, "yi", "chen")
    with town.read() as session:
        [one] = finding.find(read(session), "易某", near=None, day=TODAY)
        assert (one.label, one.behalf) == ("二组组长陈某", id_of(session, "yi"))
        assert finding.find(read(session), one.key, near=None, day=TODAY) == [one]


OFFICES = (
    *TOWN,
    f"李某,li,驻地单位,{PIAN}/供电所,,",
    f"罗某,luo,驻地单位,{PIAN}/农商银行,,",
    "水某,shui,部门,市水利局,,",
    "城某,cheng,部门,市城管局,,",
    "安某,an,部门,市公安局,,",
    "远某,yuan,驻地单位,银田镇/银田村/一片/供电所,,",
)


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("电力公司", "供电所李某"),
        ("供电公司", "供电所李某"),
        ("电力局", "供电所李某"),
        ("水利站", "市水利局水某"),
        ("城管", "市城管局城某"),
        ("城管大队", "市城管局城某"),
        ("银行", "农商银行罗某"),
        ("公安分局", "市公安局安某"),
    ],
)
def test_an_office_by_another_name_is_found_by_what_it_is_about(lite, said, first):
    settle(lite, *OFFICES)
    assert alike_to(lite, said)[0] == first


def test_without_any_that_is_alike_those_that_are_near_are_named(lite):
    settle(lite, *OFFICES)
    assert set(alike_to(lite, "燃气公司")) == {"供电所李某", "农商银行罗某"}


def test_no_office_is_named_for_what_is_none(lite):
    settle(lite, *OFFICES)
    assert alike_to(lite, "张思") == []


def alike_to(lite, said):
    with lite.read() as session:
        town = read(session)
        near = town.unit_at(LIN)
        return [one.label for one in finding.alike(town, said, near=near, day=TODAY)]
