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
