"""What somebody does by saying something: own held-out sentences, the rules above the model, and
that it is the same every time."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from benchmarks.sentences import Sentences
from rules.words import Action, Role, State
from speech.acts import FOLLOW_UPS, Act
from speech.read import read
from speech.situation import Matter, OpenQuestion, RunningEmergency, Situation
from speech.understanding import Hints, hear
from tests.speech.held_out import Case, cases
from tests.speech.test_clean import TEXTS

CASES = list(cases())
LAMP = Matter("SZ-20261128-0001", "三组桥头的路灯不亮")
DITCH = Matter("SZ-20261128-0002", "屋后水沟堵了")
DOG = Matter("SZ-20261128-0003", "隔壁狗叫了一夜")
HELD = replace(LAMP, mine="held", state=State.ACCEPTED)
ASKED_TO_RATE = replace(LAMP, state=State.RESOLVED, rating_asked=True)
LINZHANG = frozenset({Role.LINZHANG})


def heard(text: str, situation: Situation | None = None, hints: Hints | None = None):
    said = read(text, "三长助手", today=date(2026, 11, 30))
    return hear(said, situation or Situation(), hints or Hints())


def share(chosen: list[Case], is_so) -> float:
    return sum(bool(is_so(case, case.heard)) for case in chosen) / len(chosen)


def those(*acts: str) -> list[Case]:
    return [case for case in CASES if case.right[0].partition(":")[0] in acts]


# --- held-out sentences ---


def test_nineteen_of_twenty_are_right_or_asked():
    assert len(CASES) >= 250
    assert share(CASES, lambda case, found: case.is_right(found) or found.ask) >= 0.95


def test_follow_ups_open_no_second_issue():
    follow = [case for case in those(*FOLLOW_UPS) if case.situation.matters]
    assert len(follow) > 40
    opened = share(follow, lambda case, found: found.act is Act.REPORT and not found.ask)
    assert opened <= 0.02


def test_no_report_is_lost():
    lost = share(those("report"), lambda c, found: not c.is_right(found) and not found.ask)
    assert lost <= 0.02


def test_judgements_are_heard_and_never_turned_round():
    found = [(case, case.heard) for case in those("rate", "redo")]
    assert sum(case.is_right(u) or u.ask for case, u in found) / len(found) >= 13 / 14
    wrong = [(c, u) for c, u in found if not c.is_right(u) and not u.ask]
    turned = [c.text for c, u in wrong if {str(u.act), *c.right} == {"rate", "redo"}]
    assert turned == []


def test_every_order_is_right_or_asked():
    orders = [case for case in CASES if case.right[0].startswith("order:")]
    assert len(orders) > 25
    wrong = [c.text for c in orders if not (c.is_right(c.heard) or c.heard.ask)]
    assert wrong == []


def test_what_is_right_is_about_the_right_matter():
    named = [case for case in CASES if case.number and case.is_right(case.heard)]
    assert [c.text for c in named if c.number not in c.heard.matters and not c.heard.ask] == []


def test_no_held_out_sentence_is_learnt_from():
    learnt = {example.text for example in Sentences.load().examples}
    # What everybody says in the same few words is in any list: 谢谢, 待办, 5.
    assert [c.text for c in CASES if c.text in learnt and len(c.text) > 4] == []


def test_residents_are_asked_back_at_most_once_in_twelve():
    residents = [case for case in CASES if not case.situation.is_staff]
    assert share(residents, lambda _, found: found.ask) <= 1 / 12


# --- the rules above the model ---


@pytest.mark.parametrize("text", ["5", "满意", "修好了", "不满意", "又坏了"])
def test_nothing_is_rated_that_nobody_asked_to_rate(text):
    for situation in (Situation(), Situation(matters=(LAMP,))):
        assert heard(text, situation).act not in (Act.RATE, Act.REDO)


@pytest.mark.parametrize("state", [State.RESOLVED, State.CLOSED])
@pytest.mark.parametrize(
    "text", ["换没换", "那盏灯换好没换好", "修冇修", "有没有人来看过", "几时来修", "解没解决"]
)
def test_what_is_asked_is_no_judgement(text, state):
    done = replace(LAMP, state=state, rating_asked=state is State.RESOLVED)
    assert heard(text, Situation(matters=(done,))).act not in (Act.RATE, Act.REDO)


def test_a_number_is_no_rating_once_something_else_was_asked():
    asked = Situation(matters=(ASKED_TO_RATE,), asked=OpenQuestion("suggest", 1))
    assert heard("2", asked).act is not Act.RATE
    assert heard("2", replace(asked, asked=None)).act is Act.RATE


def test_a_report_is_no_rating_though_one_is_awaited():
    found = heard("路口的消防栓被撞断了水喷得到处都是", Situation(matters=(ASKED_TO_RATE,)))
    assert found.act is Act.REPORT


def test_a_new_trouble_is_a_report_while_another_matter_is_open():
    just = Situation(since_report_min=2, matters=(LAMP,))
    assert heard("我家门口垃圾没人拖", just).act is Act.REPORT
    assert (
        heard("隔壁盖房子的把我家墙挖裂了", replace(just, since_report_min=None)).act is Act.REPORT
    )


def test_which_of_several_is_withdrawn_is_asked_unless_it_is_named():
    several = Situation(matters=(LAMP, DITCH, DOG))
    assert heard("不报了", several).ask
    named = heard("水沟的事撤了吧已经通了", several)
    assert (named.act, named.matters, named.ask) == (Act.WITHDRAW, (DITCH.number,), False)
    numbered = heard("撤回 0003", several)
    assert (numbered.act, numbered.matters) == (Act.WITHDRAW, (DOG.number,))


def test_the_matter_just_reported_is_meant_by_words_that_name_none():
    found = heard("算了不报了", Situation(since_report_min=1, matters=(DITCH, DOG, LAMP)))
    assert (found.act, found.matters, found.ask) == (Act.WITHDRAW, (LAMP.number,), False)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("接担 1", Action.ACCEPT),
        ("1 接弹", Action.ACCEPT),
        ("接了1", Action.ACCEPT),
        ("办结1 换好了", Action.RESOLVE),
        ("伴杰 1 换好了", Action.RESOLVE),
        ("退但 1 不归我们", Action.RETURN),
        ("言期 1 两天", Action.EXTEND),
    ],
)
def test_an_order_is_heard_through_a_slip_of_the_finger(text, order):
    found = heard(text, Situation(roles=LINZHANG, matters=(HELD,)))
    assert (found.act, found.order, found.matters) == (Act.ORDER, order, (HELD.number,))


def test_a_slip_is_asked_back_and_an_exact_order_is_not():
    hand = Situation(roles=LINZHANG, matters=(HELD,))
    assert heard("接丹 1", hand).ask
    assert not heard("接单 1", hand).ask


def test_a_resident_orders_nothing():
    assert heard("接担 1", Situation(matters=(LAMP,))).act is not Act.ORDER


@pytest.mark.parametrize("text", ["那个", "这个怎么搞", "看看"])
def test_unclear_words_of_staff_are_asked_back(text):
    found = heard(text, Situation(roles=LINZHANG, matters=(HELD,)))
    assert found.act is not Act.REPORT
    assert found.ask or found.act is Act.LIST


def test_all_that_is_said_while_it_burns_belongs_to_the_fire():
    fire = replace(LAMP, words="后山着火了")
    running = Situation(
        since_report_min=5, matters=(fire,), emergency=RunningEmergency("fire", minutes=5)
    )
    again = heard("着火了快来", running, Hints(emergency="fire"))
    assert (again.act, again.matters) == (Act.ADDITION, (fire.number,))
    assert heard("着火了快来", hints=Hints(emergency="fire")).act is Act.REPORT


@pytest.mark.parametrize("text", ["[强]", "[玫瑰]", "🙏🙏"])
def test_a_sticker_opens_nothing(text):
    assert heard(text, Situation(matters=(LAMP,))).act is Act.SMALLTALK


@pytest.mark.parametrize("text", ["我家也是", "我屋里也是"])
def test_the_same_as_a_quote_is_asked_about(text):
    found = heard(text, Situation(quote="水管爆了"))
    assert (found.act, found.ask) == (Act.REPORT, True)


def test_what_the_faq_knows_is_a_question():
    said = "那个卡在哪里激活"
    assert heard(said, hints=Hints(answered=True)).act is Act.QUESTION


@given(TEXTS)
def test_it_raises_on_no_text_and_always_says_the_same(text):
    situation = Situation(roles=LINZHANG, matters=(HELD, DITCH))
    first = heard(text, situation)
    assert heard(text, situation) == first
    assert 0 <= first.sure <= 1
    assert first.second is not first.act


@pytest.mark.parametrize(
    "text",
    ["没修好 1 晚上又不亮了", "没修好 SZ-20261128-0001 夜里又漏水", "1 还是没弄好，又堵了"],
)
def test_what_is_still_wrong_with_a_matter_named_by_number_is_no_second_issue(text):
    found = heard(text, Situation(matters=(DITCH, LAMP), since_report_min=500))
    assert (found.act, found.matters) == (Act.URGE, (LAMP.number,))


@pytest.mark.parametrize("text", ["1号路灯坏了", "1 怎么样了，还有后山的树倒在路上"])
def test_a_number_takes_no_report_into_another_matter(text):
    found = heard(text, Situation(matters=(DITCH, LAMP), since_report_min=500))
    assert found.act is Act.REPORT or found.ask


@pytest.mark.parametrize("roles", [frozenset({Role.RESIDENT}), LINZHANG])
def test_the_same_trouble_in_another_place_is_a_report_of_its_own(roles):
    pipe = Matter("SZ-20261128-0007", "我是周某，毛家湾水管爆了没人管")
    situation = Situation(roles, matters=(pipe, HELD), since_report_min=1300)
    found = heard("麻烦问下，我是周某，周家冲水管爆了没人管", situation)
    assert (found.act, found.ask) == (Act.REPORT, False)
    assert heard("毛家湾水管还没人修", situation).act is not Act.REPORT


CLOSED = replace(LAMP, mine="held", state=State.RESOLVED)
ALSO_CLOSED = replace(DITCH, mine="held", state=State.RESOLVED)


@pytest.mark.parametrize(
    "text",
    [
        "刚才点错了，还没弄好",
        "办结错了",
        "1 办结 点错了",
        "手滑按到了",
        "哎呀 结早了",
        "路灯其实还没修好",
        "先不要算办结",
        "那个办结撤掉",
    ],
)
def test_whoever_has_closed_by_mistake_is_asked_whether_he_takes_it_back(text):
    situation = Situation(frozenset({Role.LINZHANG}), finished=(CLOSED,))
    found = heard(text, situation)
    assert (found.order, found.matters, found.ask) == (Action.UNRESOLVE, (LAMP.number,), True)


def test_of_several_that_were_closed_the_words_choose():
    situation = Situation(frozenset({Role.LINZHANG}), finished=(CLOSED, ALSO_CLOSED))
    assert heard("水沟点错了 还没通", situation).matters == (DITCH.number,)
    assert len(heard("点错了", situation).matters) == 2


@pytest.mark.parametrize("text", ["刚才点错了，还没弄好", "手滑了", "还没修好"])
def test_nothing_is_taken_back_by_who_has_closed_nothing(text):
    assert heard(text, Situation(matters=(HELD,))).order is not Action.UNRESOLVE
    assert heard(text, Situation(matters=(LAMP,))).order is not Action.UNRESOLVE


@pytest.mark.parametrize("text", ["自来水漏得满地都是", "水管爆了到处流"])
def test_another_trouble_of_the_same_thing_long_after_is_asked(text):
    before = replace(LAMP, words="自来水停了两天没来水", state=State.ACCEPTED)
    found = heard(text, Situation(matters=(before,)))
    assert found.ask or found.act is Act.REPORT
