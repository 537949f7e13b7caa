"""What follows an emergency in the chat: one issue, everything passed on, who comes stops it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from issues import events
from issues.registering import Material
from tests.bot_room import Room
from tests.town import CHAT, OFFICE, at

NIGHT = "2026-06-01 23:40"
FIRE = "我家厨房着火了"


@pytest.fixture
def night(town_lite):
    return Room(town_lite, at(NIGHT), OFFICE)


@pytest.fixture
def fire(night):
    night.say("mao_mou", FIRE)
    night.tick()
    return night


def got(room, userid, part):
    return [text for text in room.read(userid) if part in text]


def numbers(room):
    return [issue.number[-4:] for issue in room.issues()]


def kinds(room):
    issue = room.issues()[0]
    return room.query(lambda session: [event.kind for event in events.of(session, issue.id)])


# --- one fire is one issue ---


def test_five_cries_of_one_person_are_one_issue(night):
    for _ in range(5):
        assert "119" in night.say("mao_mou", "着火了")
        night.wait(minutes=1).tick()
    assert numbers(night) == ["0001"]


@pytest.mark.parametrize(
    ("who", "text", "minutes"),
    [
        ("mao_mou", "火烧到二楼了，着火了", 200),
        ("liu_mou", "毛家着火了", 20),
        ("hu_mou", "长冲那边起火了", 59),
    ],
    ids=["himself", "neighbour", "next lin of the zu"],
)
def test_the_same_danger_again_is_the_same_fire(fire, who, text, minutes):
    answer = fire.wait(minutes=minutes).say(who, text)
    fire.tick()
    assert numbers(fire) == ["0001"]
    assert "119" in answer
    assert "0001" in answer
    assert got(fire, "tan", text)


@pytest.mark.parametrize(
    ("who", "text", "minutes"),
    [
        ("liu_mou", "屋后起火了", 61),
        ("hu_mou", "我娭毑晕倒了叫不醒", 5),
        ("wai_di", "着火了", 5),
    ],
    ids=["an hour later", "another danger", "from nowhere"],
)
def test_what_is_not_the_same_is_an_issue_of_its_own(fire, who, text, minutes):
    fire.wait(minutes=minutes).say(who, text)
    assert len(fire.issues()) == 2


def test_another_danger_that_the_reporter_tells_of_at_once_belongs_to_it(fire):
    answer = fire.wait(minutes=3).say("mao_mou", "我爸喘不上气晕倒了")
    fire.tick()
    assert numbers(fire) == ["0001"]
    assert "120" in answer
    assert got(fire, "peng", "晕倒")


def test_two_kinds_of_attack_are_one(night):
    night.say("mao_mou", "他拿刀要砍我")
    night.say("mao_mou", "我娭毑也被打了")
    assert numbers(night) == ["0001"]


def test_a_stranger_who_cries_again_is_one_issue_as_well(night):
    for text in ("着火了", "快来人", "着火了", "着火了！！"):
        night.say("wai_di", text)
    assert numbers(night) == ["0001"]


def test_a_second_report_in_a_group_names_the_number_to_call_and_nothing_else(fire):
    answer = fire.say("liu_mou", "@三长助手 毛家着火了", chat_id=CHAT, channel="aibot")
    fire.tick()
    assert "119" in answer
    assert "SZ-" not in answer
    assert got(fire, "liu_mou", "已有人报了")


def test_neighbours_at_one_moment_are_one_issue(room_on):
    cries = [room_on.incoming(who, "着火了") for who in ("mao_mou", "liu_mou", "hu_mou")]
    start = threading.Barrier(len(cries))

    def cry(incoming):
        start.wait()
        return room_on.receive(incoming).handler

    with ThreadPoolExecutor(len(cries)) as pool:
        assert set(pool.map(cry, cries)) == {"emergency"}
    assert numbers(room_on) == ["0001"]


def test_a_photo_just_before_becomes_the_emergency(night):
    night.photo("mao_mou")
    night.wait(minutes=1).say("mao_mou", "着火了")
    night.tick()
    (issue,) = night.issues()
    assert issue.urgent
    assert got(night, "tan", "着火了")


# --- what the reporter says after it ---


def test_words_places_and_photos_are_passed_on_to_all_who_were_rung(fire):
    fire.say("mao_mou", "二楼还有我娭毑")
    spot = Material("location", text="长冲组水塘边", latitude=27.9, longitude=112.5)
    fire.say("mao_mou", "", materials=(spot,))
    fire.photo("mao_mou")
    fire.tick()
    for who in ("zhang", "peng", "tan"):
        assert got(fire, who, "二楼还有我娭毑")
        assert got(fire, who, "水塘边（27.9，112.5）")
        assert [n.media for p in fire.phones[who] for n in p.notices if n.media] == ["P1.jpg"]
    assert numbers(fire) == ["0001"]


def test_the_card_of_the_next_ring_shows_the_place_that_was_sent(fire):
    spot = Material("location", text="水塘边", latitude=27.9, longitude=112.5)
    fire.say("mao_mou", "", materials=(spot,))
    fire.wait(minutes=10).tick()
    assert "水塘边（27.9，112.5）；住韶山村一片长冲组一邻毛家" in fire.read("xie")[0]


def test_are_you_there_is_no_small_talk_in_a_fire(fire):
    assert "邻长张某" in fire.say("mao_mou", "你好")
    assert numbers(fire) == ["0001"]


def test_nobody_is_woken_by_thanks(fire):
    assert "邻长张某" in fire.say("mao_mou", "好的，谢谢大家")
    fire.tick()
    assert got(fire, "tan", "谢谢大家") == []


@pytest.mark.parametrize(
    "text", ["还没人来", "人呢", "邻长电话多少", "怎么联系邻长", "几时有人来", "催一下"]
)
def test_who_waits_reads_whom_he_can_telephone_and_whether_anybody_has_answered(fire, text):
    before = fire.say("mao_mou", text)
    fire.say("peng", "我过去了")
    after = fire.say("mao_mou", text)
    assert "还没有人回话" in before
    assert "邻长张某 13800000001" in before
    assert "组长彭某已经回话" in after


@pytest.mark.parametrize("text", ["我的诉求", "进度", "看 1"])
def test_how_far_a_fire_is_names_who_was_rung_and_no_day(fire, text):
    told = fire.say("mao_mou", text)
    assert "还没有人回话" in told
    assert "张某" in told
    assert "24 点" not in told
    fire.say("peng", "我过去了")
    assert "彭某已经回话" in fire.say("mao_mou", text)


def test_what_to_do_is_told_once_more(fire):
    fire.say("hu_mou", "屋里煤气味好大")
    assert "119" in fire.say("mao_mou", "怎么办")


def test_an_attack_is_not_a_part_of_the_fire(fire):
    fire.wait(minutes=5).say("mao_mou", "隔壁有人拿刀要杀人")
    assert [issue.danger for issue in fire.issues()] == ["火警", "持械伤人"]


@pytest.mark.parametrize(
    ("text", "handler"),
    [
        ("村口路灯坏了三天没人修", "report"),
        ("医保什么时候交", "answer"),
        ("进度", "progress"),
        ("我的邻长是谁", "my_zhang"),
    ],
)
def test_what_is_plainly_another_matter_is_left_alone(fire, text, handler):
    assert fire.wait(minutes=30).handled_by("mao_mou", text) == handler


def test_after_six_hours_nothing_belongs_to_it_unasked(fire):
    assert fire.wait(hours=5, minutes=59).handled_by("mao_mou", "墙还是热的") == "running"
    assert fire.wait(minutes=2).handled_by("mao_mou", "墙还是热的") != "running"


def test_a_neighbour_who_has_joined_is_passed_on_as_well(fire):
    fire.say("liu_mou", "毛家着火了")
    fire.say("liu_mou", "风往我这边吹")
    fire.tick()
    assert got(fire, "tan", "风往我这边吹")


def test_what_accuses_one_of_those_who_were_rung_is_not_handed_to_him(fire):
    fire.say("mao_mou", "我要投诉邻长张某，喊了不来，不管事")
    fire.tick()
    assert got(fire, "zhang", "投诉") == []
    assert fire.issues()[1].bypassed == "lin"


def test_who_is_named_as_the_attacker_learns_no_more_of_it(night):
    night.say("mao_mou", "有人拿刀追我")
    night.tick()
    answer = night.wait(minutes=1).say("mao_mou", "是邻长张某打我，快来")
    assert "张某" not in answer
    night.say("mao_mou", "我躲在后屋")
    night.tick()
    assert got(night, "zhang", "邻长张某打我") == got(night, "zhang", "后屋") == []
    assert got(night, "peng", "邻长张某打我")
    assert got(night, "peng", "后屋")
    assert [issue.bypassed for issue in night.issues()] == [None, "lin"]


def test_a_cry_that_accuses_one_who_was_rung_is_kept_from_him(fire):
    fire.say("mao_mou", "着火了邻长张某不管事，电话不接")
    fire.tick()
    assert got(fire, "zhang", "不管事") == []
    assert got(fire, "tan", "不管事")


def test_a_rating_of_another_matter_is_a_rating(night):
    night.go("2026-06-01 09:00").say("mao_mou", "村口路灯坏了三天没人修")
    night.say("zhang", "办结 1 换了灯泡")
    night.go("12:15").tick()
    night.say("mao_mou", "我家厨房着火了")
    assert night.handled_by("mao_mou", "满意") == "rating"


@pytest.mark.parametrize("text", ["人没事了", "火灭了，谢谢大家", "算了不用来了", "撤回"])
def test_an_all_clear_is_passed_on_and_people_close_it(fire, text):
    answer = fire.say("mao_mou", text)
    fire.tick()
    assert "平安就好" in answer
    assert got(fire, "peng", text)
    assert fire.issues()[0].state == "pending"


@pytest.mark.parametrize(
    "text", ["火还没灭", "救出来一个，还有一个在里面", "刚灭了又燃起来", "好了"]
)
def test_not_out_yet_is_no_all_clear(fire, text):
    assert "平安" not in fire.say("mao_mou", text)
    fire.tick()
    assert got(fire, "tan", text)


def test_that_he_has_come_back_is_no_comfort_to_whom_he_beats(night):
    night.say("mao_mou", "他拿刀要砍我")
    assert "平安" not in night.say("mao_mou", "他回来了，酒醒了")
    assert "平安" in night.say("mao_mou", "现在没事了")


# --- whoever comes ---


ON_THE_WAY = [
    "我过去了",
    "我到了",
    "马上到",
    "在路上",
    "我们组长去了",
    "已打119",
    "120打了",
    "报警了",
    "我这就赶过去，你们先撤",
    "火没灭，我已经到现场了",
    "消防车来了",
    "我去看看",
    "我就过来哒",
    "我克看看",
    "已安排人过去",
    "五分钟到",
    "我来处理",
    "人送医院了",
    "没事，是烧垃圾",
]


@pytest.mark.parametrize("text", ON_THE_WAY)
def test_who_says_that_he_is_on_his_way_stops_the_ringing(fire, text):
    assert fire.handled_by("peng", text) == "on_the_way"
    fire.tick()
    issue = fire.issues()[0]
    assert (issue.state, issue.ring_at) == ("accepted", None)
    assert "on_way" in kinds(fire)
    for who in ("mao_mou", "zhang", "tan"):
        assert got(fire, who, text), who
    fire.wait(minutes=30).tick()
    assert fire.read("xie") == []


NOT_ON_THE_WAY = [
    "谁过去了？",
    "120打了没有",
    "你快过去",
    "还没到",
    "请彭组长过去一下",
    "路灯修好了",
]


@pytest.mark.parametrize("text", NOT_ON_THE_WAY)
def test_what_only_sounds_like_it_does_not(fire, text):
    assert fire.handled_by("tan", text) != "on_the_way"
    assert fire.issues()[0].ring_at is not None


def test_who_cannot_come_says_so_to_the_others_and_it_rings_on(fire):
    fire.say("zhang", "我在外地，赶不回来")
    fire.tick()
    assert got(fire, "peng", "赶不回来")
    assert fire.issues()[0].ring_at is not None


def test_a_bare_jiedan_of_the_zuzhang_means_the_one_that_rings(fire):
    assert "已接单" in fire.say("peng", "接单")
    fire.tick()
    assert fire.issues()[0].holder.userid == "peng"
    assert got(fire, "mao_mou", "组长彭某已接单")
    assert got(fire, "tan", "组长彭某已接单")


def test_a_tap_says_it_as_well(fire):
    fire.tap("tan", "我过去了")
    fire.tick()
    assert fire.issues()[0].ring_at is None
    assert got(fire, "mao_mou", "片长谭某")


@pytest.mark.parametrize(
    ("text", "handler"),
    [
        ("办结 2 我去看了，换了灯泡", "staff"),
        ("我请假 到周五 不在家", "leave"),
        ("路灯我去看了，坏了三天没人修", "hearing"),  # he has that one in hand: asked
    ],
)
def test_what_else_a_zhang_says_meanwhile_is_as_always(fire, text, handler):
    fire.wait(minutes=1).say("liu_mou", "村口路灯坏了三天没人修")
    fire.say("peng", "接单 1")
    assert fire.handled_by("zhang", text) == handler


def test_the_sentence_that_was_asked_for_is_no_answer_to_the_fire(fire):
    fire.wait(minutes=1).say("liu_mou", "村口路灯坏了三天没人修")
    fire.say("zhang", "办结 2")
    fire.say("zhang", "我已经过去看了，换了灯泡")
    assert [issue.state for issue in fire.issues()] == ["pending", "resolved"]


def test_with_two_fires_it_is_asked_which(fire):
    fire.wait(minutes=1).say("hu_mou", "我娭毑晕倒了叫不醒")
    fire.tick()
    assert "1." in fire.say("tan", "我过去了")
    fire.say("tan", "2")
    assert [issue.state for issue in fire.issues()] == ["pending", "accepted"]


def test_whoever_was_rung_and_sees_the_fire_opens_no_second_one(fire):
    fire.say("peng", "真的着火了，火好大")
    fire.tick()
    assert numbers(fire) == ["0001"]
    assert got(fire, "zhang", "火好大")


@pytest.mark.parametrize("text", ["谁离得近", "电话打不通", "要不要打119", "请谢主任派人"])
def test_what_one_who_was_rung_says_while_it_rings_goes_to_the_others(fire, text):
    fire.say("tan", text)
    fire.tick()
    assert numbers(fire) == ["0001"]
    assert got(fire, "peng", text)
    assert fire.issues()[0].ring_at is not None


@pytest.mark.parametrize("text", ["收到", "知道了"])
def test_a_mere_nod_is_asked_for_more_and_wakes_nobody(fire, text):
    assert "我过去了" in fire.say("tan", text)
    fire.tick()
    assert got(fire, "peng", text) == []
    assert fire.issues()[0].ring_at is not None


@pytest.mark.parametrize(
    ("text", "handler"),
    [("待办", "staff"), ("我的诉求", "progress"), ("医保什么时候交", "answer")],
)
def test_what_has_a_meaning_of_its_own_keeps_it_while_it_rings(fire, text, handler):
    assert fire.handled_by("tan", text) == handler


def test_nobody_hears_it_from_a_resident(fire):
    assert fire.handled_by("liu_mou", "我过去了") != "on_the_way"


# --- self-harm ---


def test_what_follows_words_of_despair_is_answered_by_a_text_that_listens(night):
    first = night.say("hu_mou", "我不想活了")
    said = [night.say("hu_mou", text) for text in ("没人要我", "睡不着", "你好", "低保什么时候发")]
    night.tick()
    assert numbers(night) == ["0001"]
    for answer in (first, *said):
        assert "陈某" in answer
        assert not any(word in answer for word in ("编号", "天内", "最晚", "评价", "登记"))
    assert len(set(said)) > 1
    assert got(night, "chen", "没人要我")


def test_a_fire_does_not_take_in_words_of_despair(fire):
    fire.say("mao_mou", "房子没了，我不想活了")
    assert [issue.delicate for issue in fire.issues()] == [False, True]


def test_what_is_said_in_despair_of_a_zhang_is_kept_from_him_and_listened_to(night):
    night.say("hu_mou", "我不想活了")
    answer = night.say("hu_mou", "邻长陈某天天骂我")
    night.tick()
    assert got(night, "chen", "骂我") == []
    assert got(night, "peng", "骂我")
    assert "能帮您的人" in answer
    assert "陈某" not in answer
    assert not any(word in answer for word in ("编号", "天内", "最晚"))


def test_despair_is_listened_to_whatever_else_happens(night):
    night.say("hu_mou", "我不想活了")
    night.say("hu_mou", "我割了手流好多血，叫不醒")
    night.say("hu_mou", "着火了")
    assert [issue.delicate for issue in night.issues()] == [True, False]
    night.say("zhang", "办结 2 灭了")
    night.say("chen", "办结 2 灭了")
    assert "能帮您的人" in night.say("hu_mou", "没人要我")


def test_nobody_in_despair_is_told_of_a_deadline_later(night):
    night.say("hu_mou", "我不想活了")
    night.go("2026-06-04 09:00").tick()
    night.go("2026-06-04 12:15").tick()
    assert "时间" not in night.say("hu_mou", "进度 1")
    assert got(night, "hu_mou", "对不住") == []
