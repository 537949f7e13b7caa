"""What is said in the middle of a matter: it opens nothing, and in doubt it is asked once."""

import pytest
from sqlalchemy import func, select

from storage.tables import Dialogue, Event
from tests.bot_room import Room
from tests.town import at


@pytest.fixture
def room(town_db):
    return Room(town_db, at("2026-06-01 09:00"))


@pytest.fixture
def reported(room):
    room.say("mao_mou", "三组桥头的路灯不亮了")
    return room


def kinds(room):
    return room.query(lambda session: list(session.scalars(select(Event.kind).order_by(Event.id))))


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("还有咯，灯杆也是歪的", "supplement"),
        ("打错字了，是四组桥头", "supplement"),
        ("天都黑了路灯还是不亮，冇得人来修", "urge"),
        ("灯自己亮了，不用派人来了", "withdraw"),
    ],
)
def test_what_is_said_next_is_done_to_the_matter(reported, words, kind):
    assert reported.wait(minutes=4).handled_by("mao_mou", words) in ("hearing", "progress")
    assert kinds(reported)[-1] == kind
    assert len(reported.issues()) == 1


def test_a_new_trouble_is_a_matter_of_its_own(reported):
    assert reported.wait(minutes=4).handled_by("mao_mou", "我家门口垃圾没人拖臭得很") == "report"
    assert len(reported.issues()) == 2


def test_unclear_words_of_who_holds_something_register_nothing(reported):
    assert "您是想" in reported.say("zhang", "那个何解搞")
    reported.wait(minutes=11).tick()
    assert len(reported.issues()) == 1


def test_a_slip_of_the_finger_is_done_after_one_question(reported):
    assert "接单 0001" in reported.say("zhang", "接旦 1")
    assert reported.issues()[0].state == "pending"
    reported.say("zhang", "1")
    assert reported.issues()[0].state == "accepted"


def test_which_one_is_withdrawn_is_asked_and_silence_withdraws_nothing(reported):
    reported.say("mao_mou", "屋后水沟堵了没人管，臭得很")
    reported.wait(days=2)
    assert "不回就先不动" in reported.say("mao_mou", "算了不报了")
    reported.wait(minutes=11).tick()
    assert {issue.state for issue in reported.issues()} == {"pending"}
    assert reported.query(lambda s: s.scalar(select(func.count()).select_from(Dialogue))) == 0


def test_words_that_accuse_the_holder_are_not_added_to_what_he_holds(reported):
    reported.wait(minutes=3).say("mao_mou", "补充一句，邻长张某收了钱不办事，我要投诉邻长")
    first, *others = reported.issues()
    assert "收了钱" not in first.content
    assert [issue.bypassed is not None for issue in others] == [True]


def test_a_sure_answer_is_given_in_the_middle_of_a_matter(reported):
    assert reported.handled_by("mao_mou", "医保什么时候交") == "answer"


@pytest.fixture
def three_matters(room):
    """Three of one resident, the first two with the same short number."""
    room.say("mao_mou", "三组桥头的路灯不亮了")
    room.wait(days=1).say("mao_mou", "屋后水沟堵了没人管，臭得很")
    room.wait(minutes=30).say("mao_mou", "菜地被邻居家的鸡扒光了，没人管")
    return room.wait(hours=5)


@pytest.mark.parametrize("words", ["今天有个后生来看了下又走了", "还是老样子呀", "算哒莫搞哒"])
def test_a_question_is_short_enough_for_a_small_screen(three_matters, words):
    told = three_matters.say("mao_mou", words)
    assert "您是想" in told
    assert len(told.splitlines()) <= 8


def test_nobody_chooses_between_two_ways_of_telling_the_same_person(three_matters):
    told = three_matters.say("mao_mou", "今天有个后生来看了下又走了")
    assert sum("路灯" in line for line in told.splitlines()) <= 1


def test_matters_of_two_days_with_the_same_number_carry_their_day(three_matters):
    told = three_matters.say("mao_mou", "算哒莫搞哒")
    assert "20260601-0001" in told
    assert "20260602-0001" in told


@pytest.mark.parametrize(
    ("matter", "words", "kind"),
    [
        ("桥头的路灯不亮了", "那只灯有人来看冇", ""),
        ("桥头的路灯不亮了", "灯还要好久才修", "urge"),
        ("桥头的路灯不亮了", "灯的事邻长讲要等供电所的人", "supplement"),
        ("自来水发黄不敢喝", "水清亮哒，莫派人来哒", "withdraw"),
    ],
)
def test_the_matter_is_known_by_what_is_said_of_it(room, matter, words, kind):
    room.say("mao_mou", matter)
    room.wait(minutes=30).say("mao_mou", "菜地被隔壁家的鸡扒光了，没人管")
    told = room.wait(hours=4).say("mao_mou", words)
    assert "0001" in told
    assert not kind or kinds(room)[-1] == kind
    assert len(room.issues()) == 2


@pytest.mark.parametrize("words", ["路灯的事莫急，慢慢来", "不着急，你们有空再来修路灯"])
def test_who_says_there_is_no_hurry_presses_nobody(reported, words):
    reported.wait(days=1).say("mao_mou", words)
    assert kinds(reported)[-1] == "supplement"


@pytest.mark.parametrize("words", ["我急死了，怎么还不来修路灯", "路灯的事急得很，快点来"])
def test_who_is_in_a_hurry_does(reported, words):
    reported.wait(days=1).say("mao_mou", words)
    assert kinds(reported)[-1] == "urge"


@pytest.fixture
def two(reported):
    reported.wait(minutes=11).say("liu_mou", "屋后水沟堵了半个月没人管")
    return reported


@pytest.mark.parametrize(
    ("who", "words"),
    [
        ("zhang", "给组长"),
        ("zhang", "他屋在哪里"),
        ("zhang", "不用管了"),
        ("zhang", "等天晴再讲"),
        ("peng", "叫张某快点"),
        ("tan", "下午要开会"),
        ("sun", "要抓紧些"),
        ("guo", "这周办了多少"),
    ],
)
def test_whoever_has_something_in_hand_or_below_him_opens_no_issue_by_accident(two, who, words):
    two.say(who, words)
    two.wait(minutes=11).tick()
    assert len(two.issues()) == 2


@pytest.mark.parametrize("who", ["zhang", "peng", "tan"])
def test_a_plain_report_of_their_own_is_one(two, who):
    two.say(who, "我屋门口的自来水管爆了")
    assert len(two.issues()) == 3


@pytest.mark.parametrize("words", ["办洁 9", "9号收到马上去", "9搞完了"])
def test_a_number_that_is_nobodys_is_never_taken_for_another(two, words):
    assert "没找到编号 9" in two.say("zhang", words)
    assert {issue.state for issue in two.issues()} == {"pending"}


def test_a_suggestion_that_is_not_picked_opens_nothing_for_who_has_something_in_hand(two):
    assert two.handled_by("zhang", "申请低保的") == "suggest"
    two.wait(minutes=11).tick()
    assert len(two.issues()) == 2


def test_who_stands_above_reads_nothing_of_a_complaint_about_him(room):
    room.say("hu_mou", "投诉组长彭某收钱不办事")
    assert "收钱" not in room.say("peng", "怎么还没弄")


@pytest.mark.parametrize(
    "words",
    [
        "1灯泡换了 2沟也通了",
        "1.换了灯泡 2.沟通了",
        "第一个换了灯，第二个等挖机",
        "1、换灯；2、通沟",
    ],
)
def test_two_things_in_free_words_are_to_be_said_one_by_one(two, words):
    assert "一件一件说" in two.say("zhang", words)
    assert {issue.state for issue in two.issues()} == {"pending"}


@pytest.mark.parametrize("words", ["等2天 3个人一起去", "2个人修的，1天就好", "下午1点 2点都行"])
def test_what_is_counted_is_no_list(two, words):
    assert "一件一件说" not in two.say("zhang", words)


def test_who_had_it_before_it_rose_goes_on_with_it(two):
    two.go("2026-06-04 08:00").tick()
    assert two.issues()[0].holder.userid == "peng"
    assert "办结 0001" in two.say("zhang", "1 灯换好了")
    two.say("zhang", "1")
    assert [issue.state for issue in two.issues()] == ["resolved", "pending"]


def test_what_a_helper_has_done_is_told_to_who_leads(two):
    two.say("zhang", "协办 1 陈某 借梯子")
    assert "协办完成 0001" in two.say("chen", "梯子送去了")
    assert "协办完成" in two.say("chen", "1")
    assert len(two.issues()) == 2


@pytest.mark.parametrize("words", ["灯泡花了三十块", "2还没通，弄错了", "照片等下发"])
def test_what_is_said_after_the_end_opens_nothing_either(two, words):
    two.say("zhang", "1 办结 换了灯泡 2 办结 通了沟")
    two.say("zhang", words)
    assert len(two.issues()) == 2


def test_a_new_trouble_after_the_end_is_a_report(two):
    two.say("zhang", "1 办结 换了灯泡 2 办结 通了沟")
    two.say("zhang", "我屋门口的自来水管爆了没人管")
    assert len(two.issues()) == 3


def test_the_promise_of_what_was_asked_back_runs_from_when_it_was_said(two):
    said = two.now
    told = two.say("zhang", "路边那个坑又深了")
    assert "是新的一件" in told
    pick = next(line[0] for line in told.splitlines() if "是新的一件" in line)
    two.wait(minutes=5).say("zhang", pick)
    assert two.issues()[-1].reported_at == said
