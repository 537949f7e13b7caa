"""Whoever has complained about a 长 says more: nothing of it reaches him or anybody under him."""

import pytest
from sqlalchemy import select

from issues import registering, standing
from issues.audit import audit
from issues.events import Actor
from issues.registering import Material
from storage.tables import Attachment, Endorsement, Issue, Outbox
from tests.bot_room import Room
from tests.town import CHAT, LIN, OFFICE, TOWN, at, settle

#: Who is complained about: the words, and who may see nothing from then on.
COMPLAINTS = {
    "邻长": ("邻长收了我两百块不办事", ("zhang",)),
    "张某": ("张某占了我家的菜地还骂人", ("zhang",)),
    "组长": ("组长把低保给了他弟弟", ("zhang", "chen", "peng")),
    "片长": ("片长拿了包工头的红包", ("zhang", "chen", "peng", "tan")),
    "村书记": ("村书记把集体的山卖了", ("zhang", "chen", "peng", "tan", "xie")),
}
#: What people say next of the same matter.
MORE = (
    "他还骂我老婆",
    "还有上次也是这样",
    "我有证据",
    "说错了，是三百块",
    "不是两百，是三百",
    "他昨天又来我家了",
    "这个人太坏了",
    "就是前天的事",
    "怎么还没人来",
    "催一下",
    "什么时候处理",
    "我家的低保也被他停了",
    "他们是一伙的",
    "请保密",
    "不要让他知道是我说的",
    "他把我家水管也挖断了",
    "昨天晚上的事",
    "在我家门口",
    "另外路灯他也不修",
    "邻居都看到了",
    "他说再告就停我的低保",
    "现在我家没水了，他搞的",
    "老人气得住院了",
    "你们管不管",
    "邻长也晓得这件事",
    "张某家里有账本",
    "我妈的高龄补贴也没发",
    "现在不给我办事",
    "断了我家的水",
    "路被堵了出不去",
    "我家门口被倒了垃圾",
    "报复我家，把菜地毁了",
    "把我家电线剪了",
    "救命，他拿刀来我家了",
    "他打我",
    "他放火烧我家柴房",
    "他要杀我全家",
    "我不想活了",
)
DELAYS = {"at once": {"seconds": 40}, "after an hour": {"hours": 1}, "the next day": {"hours": 26}}
#: Everybody at once, and one later too.
WHEN = [*((about, "at once") for about in COMPLAINTS), *(("邻长", delay) for delay in DELAYS)]
ME = "mao_mou"
PHOTO = Material("image", media_id="P7")
PLACE = Material("location", text="毛家屋后", latitude=27.9, longitude=112.5)


@pytest.fixture
def room(town_lite):
    return Room(town_lite, at("2026-06-01 09:00"))


def complain(room: Room, about: str) -> tuple[str, ...]:
    words, out = COMPLAINTS[about]
    room.say(ME, words)
    room.tick()
    return out


def let_all_pass(room: Room) -> None:
    """What silence does, the next digests, and the marks of three weeks."""
    for wait in ({"minutes": 11}, {"hours": 12}, {"days": 3}, {"days": 8}, {"days": 10}):
        room.wait(**wait).tick()


def told(room: Room, userids: tuple[str, ...]) -> list[str]:
    """All that is or was on its way to them."""
    rows = room.query(lambda s: list(s.scalars(select(Outbox).where(Outbox.target.in_(userids)))))
    return [row.notice["text"] for row in rows]


def seen_by(room: Room, userid: str) -> list[str]:
    """The issues that somebody is anything to."""
    with room.dispatcher.transactions.read(room.now) as work:
        person = work.town.person(userid)
        assert person is not None
        by = Actor(userid, "staff", "app", person.id)
        issues = work.session.scalars(select(Issue))
        return [one.number for one in issues if standing.parties(work, one, by)]


def assert_kept_from(room: Room, out: tuple[str, ...]) -> None:
    assert told(room, out) == []
    for userid in out:
        assert seen_by(room, userid) == []
        shown = "\n".join(room.say(userid, words) for words in ("待办", "逾期", "照片", "照片 1"))
        assert "毛某" not in shown
        assert "没有待办的诉求" in shown
        assert "没找到这件诉求" in shown


@pytest.mark.parametrize(("about", "delay"), WHEN[:-3] + WHEN[-2:])
def test_nothing_more_of_the_matter_reaches_whoever_it_is_about(room, about, delay):
    out = complain(room, about)
    for words in MORE:
        room.wait(**DELAYS[delay]).tick()
        room.say(ME, words)
    let_all_pass(room)
    assert_kept_from(room, out)


@pytest.mark.parametrize("words", MORE)
def test_each_sentence_alone_is_kept_too(room, words):
    out = complain(room, "邻长")
    room.wait(minutes=2)
    room.say(ME, words)
    let_all_pass(room)
    assert_kept_from(room, out)


@pytest.mark.parametrize("what", [PHOTO, PLACE], ids=["photo", "place"])
@pytest.mark.parametrize(("about", "delay"), WHEN[1:5:2] + WHEN[-3:])
def test_a_photo_or_a_place_afterwards_is_kept(room, about, delay, what):
    out = complain(room, about)
    room.wait(**DELAYS[delay])
    room.say(ME, materials=(what,))
    let_all_pass(room)
    assert_kept_from(room, out)
    assert room.query(lambda s: len(list(s.scalars(select(Attachment))))) == 1


@pytest.mark.parametrize("answer", ["1", "2", "都不是"])
def test_an_answer_keeps_it_as_well(room, answer):
    out = complain(room, "邻长")
    room.wait(hours=5)
    assert "是哪一件事" in room.photo(ME)
    room.say(ME, answer)
    let_all_pass(room)
    assert_kept_from(room, out)


def test_each_silence_is_told(room):
    complain(room, "邻长")
    for n in (1, 2):
        room.wait(hours=5).photo(ME, f"P{n}")
        room.wait(minutes=11).tick()
    late = [text for text in room.read(ME) if "没有等到您回话" in text]
    assert len(late) == 2


def test_who_says_that_it_is_another_matter_is_believed(room):
    complain(room, "邻长")
    room.wait(hours=5).photo(ME)
    assert "您的邻长 张某" in room.say(ME, "3")


@pytest.mark.parametrize("first", [True, False], ids=["card not yet sent", "card sent"])
@pytest.mark.parametrize("chat", ["", CHAT], ids=["private", "group"])
@pytest.mark.parametrize("about", ["邻长", "村书记"])
def test_a_photo_that_came_before_the_words_goes_with_them(room, about, chat, first):
    words, out = COMPLAINTS[about]
    where = {"chat_id": chat, "channel": "aibot"} if chat else {}
    room.photo(ME, **where)
    if not first:
        room.tick()
    before = set(told(room, out)) if not first else set()
    room.wait(seconds=50)
    room.say(ME, words)
    let_all_pass(room)
    (issue,) = room.issues()
    assert issue.content == words
    sent = [text for userid in out for text in room.read(userid) if text not in before]
    assert sent == []
    assert all(seen_by(room, userid) == [] for userid in out)
    assert "没找到" in room.say(out[0], "照片 1")


def test_a_card_of_a_photo_alone_waits_for_the_words_and_leaves_with_them(room):
    room.photo(ME)
    room.wait(minutes=1).tick()
    assert room.read("zhang") == []
    room.say(ME, "村口路灯坏了三天没人修")
    room.tick()
    (card,) = room.read("zhang")
    assert "路灯坏了三天" in card
    room.wait(hours=12).tick()
    assert not [text for text in room.read("zhang") if "补充" in text]


def test_a_photo_without_words_is_there_after_ten_minutes(room):
    room.photo(ME)
    room.wait(minutes=5).photo(ME, "P8")
    room.tick()
    assert room.read("zhang") == []
    room.wait(minutes=6).tick()
    assert len(room.read("zhang")) == 1


def test_the_role_and_the_deed_in_two_messages_are_one_complaint(room):
    room.say(ME, "我们的邻长")
    room.wait(seconds=30)
    assert "被反映的人看不到" in room.say(ME, "收了我两百块不办事")
    let_all_pass(room)
    assert not [text for text in told(room, ("zhang",)) if "两百" in text]


def test_a_complaint_about_who_holds_the_first_goes_further_up(room):
    complain(room, "邻长")
    room.wait(minutes=3)
    room.say(ME, "组长也收了钱，跟他是一伙的")
    let_all_pass(room)
    assert [one.bypassed for one in room.issues()] == ["lin", "zu"]
    assert not [text for text in told(room, ("peng", "zhang")) if "一伙" in text]


def test_another_matter_that_concerns_nobody_is_an_ordinary_one(room):
    complain(room, "邻长")
    room.wait(minutes=3)
    assert "您的邻长 张某" in room.say(ME, "村口的路灯坏了三天没人修")
    room.wait(seconds=20)
    room.photo(ME)
    assert len(room.issues()) == 2


OF_THE_ACCUSED = [
    "他哥哥也有低保",
    "他老婆的店也没交税",
    "他亲戚都吃低保",
    "上回选举送了烟的",
    "这种人还当邻长",
    "另外他儿子占了村里的屋场",
    "还有他那台车是公家的钱买的",
    "另外我家水管也是他剪的",
    "对了，我屋门口被人倒了垃圾",
    "顺便说下，张某门口的路灯倒是修得快",
]


@pytest.mark.parametrize("words", OF_THE_ACCUSED)
def test_a_remark_on_whoever_is_complained_about_never_reaches_him(room, words):
    out = complain(room, "邻长")
    room.wait(minutes=3).say(ME, words)
    let_all_pass(room)
    assert_kept_from(room, out)


OF_SOMETHING_ELSE = [
    "另外我家门口灯坏了",
    "另外，村口的路灯坏了三天",
    "还有个事，村口垃圾堆满了没人收",
    "顺便报一下，屋后水沟堵了",
    "还想反映一件事，通组路上有个大坑",
]


@pytest.mark.parametrize("words", OF_SOMETHING_ELSE)
def test_another_matter_that_is_said_to_be_one_is_an_ordinary_one(room, words):
    complain(room, "邻长")
    room.wait(minutes=3)
    assert "您的邻长 张某" in room.say(ME, words)


@pytest.mark.parametrize("more", ["把我家水管剪了", "他弄的", "张某搞的"])
def test_a_deed_right_after_an_ordinary_report_is_not_added_to_it(room, more):
    complain(room, "邻长")
    room.wait(minutes=3).say(ME, "我家停水了")
    room.wait(seconds=20).say(ME, more)
    let_all_pass(room)
    assert not [text for text in told(room, ("zhang",)) if more in text]


def test_after_three_days_and_when_it_is_done_words_are_ordinary_again(room):
    complain(room, "邻长")
    room.say("peng", "接单 1")
    room.say("peng", "办结 1 谈过话了")
    room.wait(days=4).tick()
    assert "您的邻长 张某" in room.say(ME, "昨天晚上又没水了，水管爆了")


def test_fire_after_a_complaint_rings_everybody(room):
    complain(room, "邻长")
    room.wait(hours=2)
    room.say(ME, "后山着火了")
    room.tick()
    assert "后山着火了" in "".join(room.read("zhang"))


def test_a_quote_of_a_complaint_is_one(room):
    room.say(ME, "我家也是这样", quote="毛某：邻长收了我的钱不办事")
    let_all_pass(room)
    assert_kept_from(room, ("zhang",))


# --- words for an issue that the accused works on ---

ACCUSING = (
    "张某停水也不管",
    "停水了，邻长收了钱不给我们开闸",
    "停水三天，张某故意不给我家放水",
    "又停水了，邻长太坏了，先给他家放水",
)


@pytest.fixture
def dry(room):
    """A neighbour has reported what 张某 now works on."""
    room.say("liu_mou", "我们这里停水了")
    room.tick()
    return room


def new_to(room: Room, userid: str) -> str:
    return "\n".join(text for text in told(room, (userid,)) if "刘某" not in text)


@pytest.mark.parametrize("words", ACCUSING)
def test_who_accuses_does_not_join_what_the_accused_works_on(dry, words):
    dry.say(ME, words)
    dry.say(ME, "1")
    let_all_pass(dry)
    assert dry.query(lambda s: list(s.scalars(select(Endorsement)))) == []
    assert words not in new_to(dry, "zhang")
    assert dry.issues()[-1].bypassed == "lin"


@pytest.mark.parametrize("words", ACCUSING)
@pytest.mark.parametrize("answer", ["1", "2", "是", "不是", ""])
def test_what_is_said_while_the_question_waits_is_kept_too(dry, words, answer):
    assert "是不是同一件" in dry.say(ME, "我家停水了")
    dry.wait(seconds=30)
    dry.say(ME, words)
    if answer:
        dry.say(ME, answer)
    let_all_pass(dry)
    assert words not in new_to(dry, "zhang")


def test_a_complaint_that_was_joined_with_is_its_own(dry):
    """The words that wait are judged once more when the answer comes."""
    dry.say(ME, "我家停水了")
    dry.wait(seconds=30)
    dry.say(ME, "在村口那里")
    dry.wait(seconds=5)
    assert dry.say(ME, "1")
    let_all_pass(dry)
    assert [one.userid for one in dry.query(lambda s: list(s.scalars(select(Endorsement))))] == [ME]


@pytest.fixture
def mended(room):
    """Something of his own that 张某 says is done."""
    room.say(ME, "村口的路灯坏了三天没人修")
    room.tick()
    room.say("zhang", "办结 1 换了灯泡")
    room.wait(hours=12).tick()
    return room


@pytest.mark.parametrize(
    "words",
    [
        "不满意，邻长收了我五十块才来修",
        "没修好，张某收了钱不办事",
        "没修好 邻长骂我多事",
        "非常不满意，张某骂人",
    ],
)
def test_a_complaint_as_the_reason_of_a_bad_rating_is_a_complaint(mended, words):
    said = mended.say(ME, words)
    assert "被反映的人看不到" in said
    let_all_pass(mended)
    first, second = mended.issues()
    reason = words.partition("邻长")[2] or words.partition("张某")[2]
    assert (first.redone, second.bypassed) == (1, "lin")
    assert not [text for text in told(mended, ("zhang",)) if reason in text]
    assert reason not in first.content


@pytest.mark.parametrize(
    "words", ["催办 1 邻长收了我的钱不办事", "催办 1 张某根本不管，骂我", "恢复 1 邻长骂我"]
)
def test_a_complaint_behind_an_urge_is_a_complaint(room, words):
    room.say(ME, "村口的路灯坏了三天没人修")
    room.tick()
    room.say("zhang", "接单 1")
    room.say("zhang", "挂起 1 2天 等配件")
    room.say(ME, words)
    let_all_pass(room)
    assert not [text for text in told(room, ("zhang",)) if "骂我" in text or "收了我" in text]
    assert room.issues()[-1].bypassed == "lin"


def test_words_that_nobody_picked_are_judged_when_time_is_over(room):
    complain(room, "邻长")
    room.wait(minutes=5)
    assert "您是不是想问" in room.say(ME, "我家老人要去哪里交医保呢")
    let_all_pass(room)
    assert_kept_from(room, ("zhang",))


def test_a_complaint_is_told_to_no_group(room):
    room.say(ME, "邻长收了我两百块不办事", chat_id=CHAT, channel="aibot")
    room.say(ME, "他还骂人", chat_id=CHAT, channel="aibot")
    let_all_pass(room)
    assert room.read("韶山村/一片") == []
    assert told(room, ("zhang",)) == []


def test_who_stands_in_for_the_accused_sees_nothing_either(room):
    room.say("zhang", "我请假 到6月20日 陈某代")
    room.tick()
    before = len(told(room, ("zhang", "chen")))
    complain(room, "邻长")
    room.wait(minutes=2)
    room.say(ME, "他还打我")
    room.photo(ME)
    let_all_pass(room)
    later = told(room, ("zhang", "chen"))[before:]
    assert not [text for text in later if "毛某" in text or "两百" in text or "打我" in text]
    assert seen_by(room, "chen") == []


def test_a_helper_may_not_be_anybody_under_the_accused(room):
    complain(room, "组长")
    room.say("tan", "接单 1")
    room.say("tan", "协办 1 陈某 去看看")
    room.say("tan", "转办 1 张某 你去")
    let_all_pass(room)
    assert_kept_from(room, ("zhang", "chen", "peng"))


def test_the_complaint_of_a_stranger_goes_to_nobody_of_the_village(room):
    room.say("wai_ren", "举报你们这里的村书记把集体的山卖了")
    room.tick()
    assert [one.bypassed for one in room.issues()] == ["village"]
    assert told(room, ("zhang", "peng", "tan", "xie")) == []


def test_what_was_turned_aside_still_adds_up(room):
    """The chain of events tells the row as it stands."""
    room.photo(ME)
    room.tick()
    room.say(ME, "邻长收了我两百块不办事")
    problems = room.query(lambda s: [one.problems for one in audit(s, OFFICE.clock)])
    assert problems == [()]


def test_a_tap_on_the_card_of_a_photo_that_was_turned_aside_tells_nothing(room):
    room.photo(ME)
    room.wait(minutes=10).tick()  # the last moment at which it has left and is still taken along
    card = room.last_card("zhang", "接单")
    room.say(ME, "邻长收了我两百块不办事")
    for button in ("接单", "办结", "上交"):
        reply = room.tap("zhang", button, card)
        assert "毛某" not in str(reply.to_dict())
        assert "两百" not in str(reply.to_dict())
    assert room.issues()[0].state == "pending"


def test_who_was_joined_unasked_and_then_complains_adds_no_photo_there(room):
    settle(room.database, *TOWN, *(f"{n}某,{n}_mou,居民,{LIN},{n}家," for n in ("yi", "er")))
    for userid in ("liu_mou", "hu_mou", "yi_mou"):
        room.say(userid, "我们这里停水了")
    assert "这件事已有 4 户反映" in room.say(ME, "我们这里停水了")
    room.wait(seconds=30).say(ME, "张某停水也不管，还骂人")
    room.wait(seconds=30).photo(ME)
    let_all_pass(room)
    (photo,) = room.query(lambda s: list(s.scalars(select(Attachment))))
    complaint = next(one for one in room.issues() if one.bypassed)
    assert photo.issue_id == complaint.id
    assert not [text for text in told(room, ("zhang",)) if "不管" in text or "照片" in text]


def test_registering_knows_the_complaints_of_72_hours(room):
    complain(room, "邻长")
    with room.dispatcher.transactions.read(room.now) as work:
        assert [one.bypassed for one in registering.lately_reported(work, ME)] == ["lin"]


def test_a_town_with_two_of_a_name_is_heard(town_lite):
    settle(town_lite, *TOWN, f"张某,zhang_er,居民,{LIN},张二家,")
    room = Room(town_lite, at("2026-06-01 09:00"))
    room.say("zhang_er", "邻长收钱不办事")
    assert room.issues()[0].bypassed == "lin"


def test_a_complaint_named_by_its_number_keeps_its_bypass_for_good(room):
    complain(room, "邻长")
    number = room.issues()[-1].number
    room.say(ME, f"撤回 {number}")
    room.go("2026-06-20 09:00").tick()
    room.say(ME, f"没修好 {number} 晚上又不亮了")
    let_all_pass(room)
    assert not [text for text in told(room, ("zhang",)) if "又不亮" in text]
    assert not [issue for issue in room.issues() if issue.bypassed is None]
