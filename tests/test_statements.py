"""How many statements each thing costs (architecture.md §4a), counted on the real paths.

Transaction control (BEGIN, SAVEPOINT and their ends) is not counted; everything else is.
"""

import pytest
from sqlalchemy import select

from benchmarks.statements import counted
from handlers.message import Click
from issues import standing
from issues.marking import pass_mark
from storage.tables import Issue, Outbox
from tests.bot_room import Room
from tests.town import TOWN, at, settle

ROSTER = ("FROM unit", "FROM person", "FROM post", "FROM household", "FROM resident", "FROM leave")


@pytest.fixture
def room(town_db):
    room = Room(town_db, at("2026-06-01 09:00"))
    room.say("mao_mou", "你好")  # the town has been read
    return room


@pytest.fixture
def reported(room):
    room.say("mao_mou", "路灯坏了三天没人修")
    room.tick()
    return room


def test_an_answer_of_the_faq_reads_two_rows(room):
    with counted(room.database) as said:
        assert room.handled_by("mao_mou", "医保什么时候交") == "answer"
    assert len(said) <= 2


def test_a_report_is_twelve_statements(room):
    with counted(room.database) as said:
        room.say("liu_mou", "水管爆了，一直在冒水")
    assert len(room.issues()) == 1
    assert len(said) <= 12


def test_a_tap_is_ten_statements(reported):
    with counted(reported.database) as said:
        reported.tap("zhang", "接单")
    assert reported.issues()[0].state == "accepted"
    assert len(said) <= 10


def test_an_order_in_words_is_ten_statements(reported):
    with counted(reported.database) as said:
        reported.say("zhang", "办结 1 换了灯泡")
    assert reported.issues()[0].state == "resolved"
    assert len(said) <= 10


def test_a_mark_that_rises_is_ten_statements(reported):
    reported.go("2026-06-05 06:00").tick()  # the first of them has been passed
    reported.go("2026-06-09 06:00")
    with counted(reported.database) as said:
        reported.machine.dispatcher.transactions.write(reported.now, _pass_mark)
    assert len(said) <= 10
    assert any(statement.startswith("INSERT INTO co_owner") for statement in said)


def _pass_mark(work):
    issue = work.session.scalars(select(Issue)).one()
    assert pass_mark(issue=issue, work=work)


def test_an_idle_round_of_ticks_is_eight_statements(reported):
    with counted(reported.database) as said:
        reported.tick()
    assert len(said) <= 8


@pytest.mark.parametrize("many", [1, 12])
def test_a_list_is_twelve_statements_whatever_its_length(room, many):
    for n in range(many):
        room.wait(minutes=11).say("mao_mou", f"第{n + 1}根电杆歪了要倒了")
    with counted(room.database) as said:
        assert f"您手上有 {many} 件" in room.say("zhang", "待办")
    assert len(said) <= 12


def test_nobody_reads_the_roster(reported):
    with counted(reported.database) as said:
        reported.tap("zhang", "接单")
        reported.say("zhang", "待办")
        reported.say("liu_mou", "井盖丢了，会摔人")
        reported.go("2026-06-05 09:00").tick()
    about_people = [statement for statement in said if any(part in statement for part in ROSTER)]
    # The two ticks that look for leaves and posts which begin or end by themselves are about them.
    assert not [one for one in about_people if "ends_on <" not in one and "ended_at IS" not in one]


def test_a_tap_on_an_old_card_costs_no_more(reported):
    card = reported.last_card("zhang", "接单")
    reported.tap("zhang", "接单", card)
    with counted(reported.database) as said:
        reported.receive(
            reported.incoming("zhang", kind="click", click=Click("accept", card.task_id))
        )
    assert len(said) <= 10


def test_several_notices_are_stored_by_one_statement(room):
    settle(room.database, *TOWN)
    with counted(room.database) as said:
        room.say("liu_mou", "屋里着火了")
    put = [statement for statement in said if statement.startswith("INSERT INTO outbox")]
    with room.database.read() as session:
        told = len(list(session.scalars(select(Outbox.id))))
    assert told > 1
    assert len(put) == 1


def test_what_somebody_is_to_an_issue_is_worked_out_once_a_tap(reported, monkeypatch):
    worked_out: list[str] = []
    whole = standing._parties

    def counting(work, issue, by):
        worked_out.append(by.userid)
        return whole(work, issue, by)

    monkeypatch.setattr(standing, "_parties", counting)
    reported.tap("zhang", "接单")
    assert worked_out == ["zhang"]


@pytest.mark.parametrize(
    ("who", "said", "told"),
    [
        ("zhang", "看 1", "反映人：毛某"),
        ("peng", "看 1", "反映人：毛某"),
        ("mao_mou", "进度 1", "○ 已接"),
        ("mao_mou", "邻长电话多少", "13800000001"),
        ("zhang", "转 1 给 电力公司", "没找到“电力公司”"),
        ("zhang", "1 不是诉求", "关掉吗"),
    ],
)
def test_what_is_asked_of_an_issue_is_ten_statements(reported, who, said, told):
    with counted(reported.database) as statements:
        assert told in reported.say(who, said)
    assert len(statements) <= 10


@pytest.mark.parametrize("many", [2, 12])
@pytest.mark.parametrize("said", ["哪些没接", "下午要开会", "那个怎么还没弄", "催一下张某"])
def test_what_who_stands_above_says_is_ten_statements_whatever_is_below(room, many, said):
    for n in range(many):
        room.wait(minutes=11).say("mao_mou", f"第{n + 1}根电杆歪了要倒了")
    with counted(room.database) as statements:
        room.say("tan", said)
    assert len(room.issues()) == many
    assert len(statements) <= 10


def test_who_stands_above_reads_an_answer_of_the_faq_as_cheaply(reported):
    with counted(reported.database) as statements:
        assert reported.handled_by("tan", "医保什么时候交") == "answer"
    assert len(statements) <= 2


@pytest.mark.parametrize("many", [1, 12])
def test_what_is_open_in_a_pian_is_twelve_statements_whatever_its_length(room, many):
    for n in range(many):
        room.wait(minutes=11).say("mao_mou", f"第{n + 1}根电杆歪了要倒了")
    with counted(room.database) as said:
        assert f"没办完 {many}" in room.say("tan", "我片里")
        assert f"手上有 {many} 件" in room.say("tan", "张某手上")
    assert len(said) <= 24


def test_taking_back_an_end_is_ten_statements(reported):
    reported.say("zhang", "办结 1 换了灯泡")
    reported.tick()
    with counted(reported.database) as said:
        reported.say("zhang", "撤销办结 1")
    assert reported.issues()[0].state == "working"
    assert len(said) <= 10


def test_taking_a_merged_one_out_again_costs_what_merging_two_does(reported):
    reported.wait(minutes=15).say("mao_mou", "屋后水沟堵了半个月没人管")
    with counted(reported.database) as merged:
        reported.say("zhang", "合并 2 到 1")
    with counted(reported.database) as said:
        reported.say("zhang", "拆开 2")
    assert [issue.state for issue in reported.issues()] == ["pending", "pending"]
    assert len(said) <= len(merged) + 4
