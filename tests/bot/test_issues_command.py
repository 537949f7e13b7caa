"""sanzhang issues list and show, as an admin types them."""

import json

import pytest
from sqlalchemy import event

from bot.cli_issue_list import rows
from issues.moving import Target
from rules.words import UnitKind
from tests.town import LIN, ZONE, ZU, Day, actor


@pytest.fixture
def day(town_lite):
    return Day(town_lite, "2026-06-01 09:00")


def numbers(type_, db, *words):
    return [row["number"] for row in json.loads(type_(db, "issues", "list", "--json", *words))]


def test_the_overdue_and_the_bulletin_are_counted_as_at_a_moment(day, type_):
    number = day.report()
    asked = {
        ("overdue", "2026-06-03T23:59"): [],
        ("overdue", "2026-06-04T00:00"): [number],
        ("bulletin", "2026-06-10T07:00"): [],
        ("bulletin", "2026-06-10T08:00"): [number],
    }
    for (state, at), expected in asked.items():
        assert numbers(type_, day.db, "--state", state, "--at", at) == expected


def test_what_is_done_is_neither_open_nor_overdue(day, type_):
    number = day.report()
    day.do(number, "zhang", "resolve", "换了灯泡")
    late = ("--at", "2026-06-30T08:00")
    assert numbers(type_, day.db, "--state", "overdue", *late) == []
    assert numbers(type_, day.db, "--state", "all") == [number]


def test_show_tells_who_helps_and_who_has_joined(day, type_):
    number = day.report()
    day.do(number, "hu_mou", "endorse", "我家门口也不亮")

    def ask(work):
        person, unit = work.town.person("peng"), work.town.unit_at(ZU)
        assert person
        assert unit
        issue = work.session.merge(day.issue(number))
        work.assist(issue, actor(work, "zhang"), Target(person, unit), "借梯子")

    day.work(ask)
    shown = json.loads(type_(day.db, "issues", "show", number, "--json"))
    assert shown["endorsements"][0]["userid"] == "hu_mou"
    assert (shown["assists"][0]["helper"], shown["assists"][0]["named"]) == ("peng", False)


def test_without_a_state_the_list_has_what_is_open(day, type_):
    done, waiting = day.report(), day.report()
    day.do(done, "zhang", "resolve", "换了灯泡")
    assert numbers(type_, day.db) == [waiting]


def test_a_list_of_nothing_is_an_empty_array(town_lite, type_):
    assert json.loads(type_(town_lite, "issues", "list", "--json")) == []


def test_the_table_has_a_line_for_each_issue_with_holder_and_unit(day, type_):
    number = day.report()
    head, line = type_(day.db, "issues", "list").splitlines()
    columns = ["编号", "状态", "难度", "答应的时间", "下一个提醒", "负责人", "单位", "内容"]
    assert head.split() == columns
    assert line.split()[:3] == [number, "待接单", "一般"]
    assert line.split()[-3:] == ["zhang", LIN, "路灯不亮"]


def test_what_was_said_is_one_line_without_names_and_numbers(day, type_):
    day.report(text="我是毛某，电话13800001234\n井盖没了" + "很久" * 40)
    day.report("liu_mou", "张邻长收了钱不办事", accuses=UnitKind.LIN)
    first, second = type_(day.db, "issues", "list").splitlines()[1:]
    assert "我是毛*，电话138****1234 井盖没了" in first
    assert first.endswith("…")
    assert "收了钱" not in second
    listed = json.loads(type_(day.db, "issues", "list", "--json"))
    assert listed[1]["content"] == "（投诉或私事，不列出）"


def test_the_columns_stand_where_they_stand_on_any_screen(day, type_, monkeypatch):
    day.report(text="门口的水沟堵了两个月了，一下雨就进屋，老人住在里面")
    wide = type_(day.db, "issues", "list")
    monkeypatch.setenv("COLUMNS", "40")
    assert type_(day.db, "issues", "list") == wide
    assert "老人住在里面" in wide


def test_the_list_is_one_question_to_the_database_for_any_number_of_issues(day):
    for _ in range(3):
        day.report()
    asked: list[str] = []
    event.listen(day.db.engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert len(list(rows(day.db, ZONE))) == 3
    assert [one for one in asked if "FROM issue" in one] == asked[-1:]
