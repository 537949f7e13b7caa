"""Each action tells whom its row in rules/actions.py says, and nobody else."""

import pytest

from issues.moving import Target
from issues.short_numbers import by_number
from rules.actions import ACTIONS, Audience
from rules.words import Action, Rating, Solved, Tier
from tests.town import NEXT_LIN, Day, actor, settle

A, R = Action, Audience
WEI = "魏某,wei,驻地单位,清溪镇/韶山村/一片/供电所,,"
OTHER = "SZ-20260601-0002"
UNIT = "清溪镇/韶山村/一片/供电所"
#: action -> what went before (who, act, words), who does it, the words it takes
#: In the place of an act: what has been told reaches everybody.
DELIVERED = ("", "deliver", ())
PLAYS = {
    A.ACCEPT: ((), "zhang", ()),
    A.ON_WAY: ((), "zhang", ("我过去了",)),
    A.RAISE: ((), "zhang", ("太难了",)),
    A.RETURN: ((), "zhang", (("chen", NEXT_LIN), "不在我们邻")),
    A.REASSIGN: ((), "zhang", (("chen", NEXT_LIN), "他熟")),
    A.ASSIGN: ((), "tan", (("chen", NEXT_LIN), "就近")),
    A.ASSIST: ((), "zhang", (("wei", UNIT), "查线路")),
    A.ASSIST_DONE: ((("zhang", "assist", (("wei", UNIT), "查线路")),), "wei", ("查好了",)),
    A.PROGRESS: ((), "zhang", ("已联系电工",)),
    A.EXTEND: ((), "zhang", (3, "等配件")),
    A.REGRADE: ((), "zhang", (Tier.HARD, "要立项")),
    A.DECLINE: ((), "zhang", ("是法院管的事", "县法院")),
    A.GRANT: ((("zhang", "extend", (3, "等配件")),), "peng", ()),
    A.REFUSE: ((("zhang", "extend", (3, "等配件")),), "peng", ()),
    A.SUSPEND: ((("zhang", "accept", ()),), "zhang", (2, "等老人回家")),
    A.RESUME: (
        (("zhang", "accept", ()), ("zhang", "suspend", (2, "等老人回家"))),
        "mao_mou",
        (),
    ),
    A.RESOLVE: ((), "zhang", ("换了灯泡",)),
    A.NAMED: ((("zhang", "assist", (("wei", UNIT), "查线路")),), "zhang", ()),
    A.UNRESOLVE: ((("zhang", "resolve", ("换了灯泡",)), DELIVERED), "peng", ()),
    A.MERGE: ((), "peng", ("INTO",)),
    A.SPLIT: ((("peng", "merge", ("INTO",)),), "peng", ()),
    A.DISMISS: ((), "zhang", ("只是打招呼",)),
    A.WITHDRAW: ((("zhang", "assist", (("wei", UNIT), "查线路")),), "mao_mou", ()),
    A.RATE: ((("zhang", "resolve", ("换了灯泡",)),), "mao_mou", (Solved.YES, Rating.GOOD)),
    A.REDO: (
        (("liu_mou", "endorse", ("我家门口也不亮",)), ("zhang", "resolve", ("换了灯泡",))),
        "mao_mou",
        ("又不亮了",),
    ),
    A.SUPPLEMENT: ((), "mao_mou", ("在村口",)),
    A.ENDORSE: ((), "liu_mou", ("我家门口也不亮",)),
    A.ENDORSE_RATE: (
        (
            ("liu_mou", "endorse", ("我家门口也不亮",)),
            ("zhang", "resolve", ("换了灯泡",)),
        ),
        "liu_mou",
        (Solved.YES, Rating.GOOD),
    ),
    A.URGE: ((), "mao_mou", ()),
    A.SUPERVISE: ((), "sun", ("请抓紧",)),
    A.LIFT: ((), "tan", ("时间太久",)),
}
#: What an act is called where it is not the action's own name.
CALLED = {
    A.RAISE: "raise_up",
    A.RETURN: "give_back",
    A.ASSIST_DONE: "answer_assist",
    A.NAMED: "show_names",
    A.ENDORSE_RATE: "rate",
}


@pytest.fixture
def day(lite):
    settle(lite)
    settle(lite, WEI)
    return Day(lite, "2026-06-01 09:00")


def play(day, number, who, act, given):
    """Do it, with whom it goes to where the words name somebody."""
    words = [target(day, *one) if isinstance(one, tuple) else one for one in given]
    if words == ["INTO"]:
        merge(day, number, who)
        return
    day.do(number, who, act, *words)


def merge(day, number, who):
    """Into an issue of the same 邻长."""

    def act(work):
        issue, into = by_number(work.session, number), by_number(work.session, OTHER)
        work.merge(issue, actor(work, who), into)

    day.work(act)


def target(day, userid, path):
    def find(work):
        person, unit = work.town.person(userid), work.town.unit_at(path)
        assert person
        assert unit
        return Target(person, unit)

    return day.work(find)


def audiences(day, number, who, before):
    """Who the people that have been told since are to the issue."""
    held_by = day.holder(number)
    told = {row.target for row in day.notices() if row.id > before[0]} - {who}
    joined = {"mao_mou", "liu_mou"}
    kinds = {
        R.RESIDENTS: told & joined,
        R.HELPERS: told & {"wei"},
        R.HOLDER: told & {held_by} if held_by == before[1] else set(),
        R.NEW_HOLDER: told & {held_by} if held_by != before[1] else set(),
        R.FORMER: told & {before[1]} if held_by != before[1] else set(),
    }
    known = set().union(*kinds.values())
    kinds[R.APPROVER] = told - known
    return {kind for kind, people in kinds.items() if people}


def test_every_action_but_the_offices_own_is_played():
    assert set(PLAYS) == set(Action) - {A.HAND_OVER}  # tests/issues/test_handover.py


@pytest.mark.parametrize("action", PLAYS)
def test_an_action_tells_whom_its_row_says(day, action):
    earlier, who, given = PLAYS[action]
    number = day.report()
    assert action not in (A.MERGE, A.SPLIT) or day.report("liu_mou", "村口的灯不亮") == OTHER
    for somebody, act, words in earlier:
        if (somebody, act, words) == DELIVERED:
            day.deliver()
        else:
            play(day, number, somebody, act, words)
    newest = max((row.id for row in day.notices()), default=0)
    before = (newest, day.holder(number))
    play(day, number, who, CALLED.get(action, action.value), given)
    expected = set(ACTIONS[action].tells)
    if who == before[1]:  # nobody tells himself what he has just done
        expected -= {R.FORMER}
    assert audiences(day, number, who, before) == expected
