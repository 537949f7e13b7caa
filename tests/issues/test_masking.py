"""Who may read the reporter's name: whoever leads and stands above; a helper only when opened."""

import json

import pytest

from issues import events
from issues.audit import audit
from issues.moving import Target
from rules.transitions import NotAllowed
from rules.words import Party
from tests.bot_room import Room
from tests.town import PIAN, TOWN, Day, actor, settle

STAFF = (
    "城某,cheng,部门,市城管局,,",
    "城乙,yi,部门,市城管局,,",
    f"联某,lian,联片干部,{PIAN},,",
    "联乙,lian2,联片干部,清溪镇/韶山村/二片,,",
    f"联丙,lian3,联片干部,{PIAN},,",
)
SAID = "我是毛某，电话13812345678，村口路灯不亮"


@pytest.fixture
def day(lite):
    settle(lite, *TOWN, *STAFF)
    return Day(lite, "2026-06-01 09:00")


def bureau(day):
    def look(work):
        person, unit = work.town.person("cheng"), work.town.unit_at("市城管局")
        assert person
        assert unit
        return Target(person, unit)

    return day.work(look)


@pytest.fixture
def helped(day):
    """An issue of 毛某 with which the bureau helps; its number."""
    number = day.report(text=SAID)
    day.do(number, "zhang", "assist", bureau(day), "借一辆登高车")
    return number


def look(day, number, userid, what="name_for"):
    def ask(work):
        issue = work.session.merge(day.issue(number))
        return getattr(work, what)(issue, actor(work, userid))

    return day.work(ask)


def views(day, number):
    remembered = day.work(lambda work: events.of(work.session, day.issue(number).id))
    return [event.actor for event in remembered if event.kind == "named_view"]


def received(day, userid):
    """All that somebody gets, cards included, as one text."""
    return json.dumps([row.notice for row in day.notices(userid)], ensure_ascii=False)


def test_a_helper_reads_neither_name_nor_number_in_anything_that_reaches_him(day, helped):
    day.go("2026-06-05 09:00").clock(helped, "pass_nudge")
    day.do(helped, "mao_mou", "withdraw")
    told = received(day, "cheng")
    assert "登高车" in told
    assert [secret for secret in ("毛某", "13812345678", "mao_mou") if secret in told] == []


def test_the_card_that_a_helper_taps_shows_no_name(day, helped):
    assert look(day, helped, "cheng") == "（未公开）"
    assert look(day, helped, "yi") == "（未公开）"


def test_when_the_lead_opens_the_name_the_helpers_unit_reads_it(day, helped):
    day.do(helped, "zhang", "show_names")
    assert look(day, helped, "yi") == "毛某"
    assert "13812345678" in look(day, helped, "cheng", "content_for")


def test_a_department_that_leads_reads_the_name(day):
    number = day.report(text=SAID)
    day.do(number, "zhang", "reassign", bureau(day))
    assert "反映人：毛某" in day.told("cheng")[-1]
    assert look(day, number, "yi") == "毛某"


def test_every_look_of_somebody_else_than_the_holder_is_remembered(day, helped):
    seen = [look(day, helped, userid) for userid in ("zhang", "tan", "cheng", "lian")]
    assert seen == ["毛某", "毛某", "（未公开）", "（未公开）"]
    assert views(day, helped) == ["tan"]


def test_a_helper_who_asks_why_reads_no_name(lite):
    settle(lite, *TOWN, *STAFF)
    room = Room(lite, Day(lite, "2026-06-01 09:00").now)
    day = Day(lite, "2026-06-01 09:00")
    number = day.report(text=SAID)
    day.do(number, "zhang", "assist", bureau(day), "借一辆登高车")
    told = room.say("yi", "为什么找我们")
    assert "请您这里协办：借一辆登高车" in told
    assert [secret for secret in ("毛某", "13812345678") if secret in told] == []


def test_looks_and_hand_overs_leave_tables_and_events_in_agreement(day, helped):
    day.do(helped, "zhang", "reassign", bureau(day))
    look(day, helped, "tan")
    heir = day.work(lambda work: work.town.person("yi"))
    day.work(lambda work: work.hand_over(work.session.merge(day.issue(helped)), heir, "换人"))
    found = day.work(lambda work: list(audit(work.session, day.office.clock)))
    assert [finding.problems for finding in found] == [()]


# --- 联片干部 ---


def parties(day, number, userid):
    issue = day.issue(number)
    return day.work(lambda work: work.parties(work.session.merge(issue), actor(work, userid)))


def test_several_linked_cadres_see_their_pian_and_no_other(day):
    number = day.report()
    found = [parties(day, number, who) for who in ("lian", "lian3", "lian2")]
    assert found == [{Party.LINKED}, {Party.LINKED}, set()]


def test_they_hear_of_what_is_overdue_and_own_nothing(day):
    number = day.report()
    day.go("2026-06-04 00:00").clock(number)
    assert [f"{number} 满 2 天" in "".join(day.told(who)) for who in ("lian", "lian2")] == [
        True,
        False,
    ]
    assert day.holder(number) == "peng"


def test_they_may_urge_and_do_nothing_else(day):
    number = day.report()
    day.do(number, "lian", "urge", "请快一点")
    with pytest.raises(NotAllowed):
        day.do(number, "lian", "resolve", "修好了")


def test_a_complaint_about_the_pianzhang_reaches_no_linked_cadre_of_that_pian(day):
    number = day.report(text="投诉片长谭某收钱不办事")
    day.go("2026-06-04 00:00").clock(number)
    assert (parties(day, number, "lian"), day.told("lian")) == (set(), [])
    assert (number, day.issue(number).bypassed) == (number, "pian")


def test_a_complaint_about_the_linzhang_is_seen_by_them_but_not_by_him_on_another_seat(lite):
    settle(lite, *TOWN, *STAFF, f"张某,zhang,联片干部,{PIAN},,")
    day = Day(lite, "2026-06-01 09:00")
    number = day.report(text="投诉邻长张某收钱不办事")
    assert parties(day, number, "lian") == {Party.LINKED}
    assert parties(day, number, "zhang") == set()
    day.go("2026-06-04 00:00").clock(number)
    assert day.told("zhang") == []
