"""Reading what people type: commands, numbers, ratings, questions about one's own issues."""

from datetime import date

import pytest

from handlers import absence
from handlers.absence import LeaveWish
from handlers.picks import picked
from rules.words import Action, Tier
from speech.command import Command
from speech.days import Until, until
from speech.read import read
from speech.tiers import tier
from speech.whom import Whom, channel, whom

ENTRIES = {"entries": ["yibao", "dibao"]}
LAMP = "村口路灯坏了三天没人修"
MONDAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("said", "command"),
    [
        ("接单", Command(Action.ACCEPT, "", "")),
        ("接单 42", Command(Action.ACCEPT, "42", "")),
        ("接单42", Command(Action.ACCEPT, "42", "")),
        ("４２ 接单", Command(Action.ACCEPT, "42", "")),
        ("42号 办结 换了灯泡", Command(Action.RESOLVE, "42", "换了灯泡")),
        ("办结 0042 换了 3 个灯泡。", Command(Action.RESOLVE, "0042", "换了 3 个灯泡")),
        ("办结：换了灯泡", Command(Action.RESOLVE, "", "换了灯泡")),
        ("办结 SZ-20260601-0042，已修", Command(Action.RESOLVE, "SZ-20260601-0042", "已修")),
        ("上报 42 要动线路", Command(Action.RAISE, "42", "要动线路")),
        ("进展 42 已联系", Command(Action.PROGRESS, "42", "已联系")),
        ("不同意 42", Command(Action.REFUSE, "42", "")),
        ("同意 42", Command(Action.GRANT, "42", "")),
        ("难度 42 复杂 要立项", Command(Action.REGRADE, "42", "复杂 要立项")),
        ("接手 42", Command(Action.ACCEPT, "42", "")),
        ("我来接单 42", Command(Action.ACCEPT, "42", "")),
        ("四十二号 接单", Command(Action.ACCEPT, "42", "")),
        ("接单 四十二", Command(Action.ACCEPT, "42", "")),
        ("第三件 接单", Command(Action.ACCEPT, "第3", "")),
        ("编号42 接单", Command(Action.ACCEPT, "42", "")),
        ("编号SZ-20260601-0042，接单。", Command(Action.ACCEPT, "SZ-20260601-0042", "")),
        ("＃４２ 接单", Command(Action.ACCEPT, "#42", "")),
        ("退单 42 给 长冲组 不在我们组", Command(Action.RETURN, "42", "给 长冲组 不在我们组")),
        ("转 42 给 张三", Command(Action.REASSIGN, "42", "给 张三")),
        ("转42给张三", Command(Action.REASSIGN, "42", "给张三")),
        ("把42转给张三", Command(Action.REASSIGN, "42", "张三")),
        ("请把 42 移交 供电所", Command(Action.REASSIGN, "42", "供电所")),
        ("转办 42 供电所 换变压器", Command(Action.REASSIGN, "42", "供电所 换变压器")),
        ("转给张三", Command(Action.REASSIGN, "", "张三")),
        ("强派 42 给 二组", Command(Action.ASSIGN, "42", "给 二组")),
        ("派42给二组", Command(Action.ASSIGN, "42", "给二组")),
        ("指定 42 给 二组", Command(Action.ASSIGN, "42", "给 二组")),
        ("协办 42 供电所 查线路 3天", Command(Action.ASSIST, "42", "供电所 查线路 3天")),
        ("协办完成 42 查了线路", Command(Action.ASSIST_DONE, "42", "查了线路")),
        ("42 协办答复 又查了一遍", Command(Action.ASSIST_DONE, "42", "又查了一遍")),
        ("延期 42 3天 等配件", Command(Action.EXTEND, "42", "3天 等配件")),
        ("42 延期 3天 等配件", Command(Action.EXTEND, "42", "3天 等配件")),
        ("延期 3天 等配件", Command(Action.EXTEND, "", "3天 等配件")),
        ("延期 12月1日 等配件", Command(Action.EXTEND, "", "12月1日 等配件")),
        ("延期 12-01 等配件", Command(Action.EXTEND, "", "12-01 等配件")),
        ("四十二号延期三天等配件", Command(Action.EXTEND, "42", "三天等配件")),
        ("挂起 42 2天 等老人回家", Command(Action.SUSPEND, "42", "2天 等老人回家")),
        ("恢复 42", Command(Action.RESUME, "42", "")),
        ("不受理 42 是法院管的", Command(Action.DECLINE, "42", "是法院管的")),
        ("不同意 42 太久了", Command(Action.REFUSE, "42", "太久了")),
        ("办好了 42 换了灯泡", Command(Action.RESOLVE, "42", "换了灯泡")),
        ("42修好了", Command(Action.RESOLVE, "42", "")),
        ("办结了 换了灯泡", Command(Action.RESOLVE, "", "换了灯泡")),
        ("办结 3盏灯都换了", Command(Action.RESOLVE, "", "3盏灯都换了")),
        ("办结 3号楼电梯修了", Command(Action.RESOLVE, "", "3号楼电梯修了")),
        ("进展 一切顺利", Command(Action.PROGRESS, "", "一切顺利")),
        ("42 进展 又去了一次", Command(Action.PROGRESS, "42", "又去了一次")),
        ("进展 42 已联系，居民在家吗？", Command(Action.PROGRESS, "42", "已联系，居民在家吗？")),
        ("公开姓名 42", Command(Action.NAMED, "42", "")),
        ("催一下 42", Command(Action.URGE, "42", "")),
        ("催42", Command(Action.URGE, "42", "")),
        ("催一下", Command(Action.URGE, "", "")),
        ("督办 42 今天回话", Command(Action.SUPERVISE, "42", "今天回话")),
        ("提级 42", Command(Action.LIFT, "42", "")),
    ],
)
def test_a_command_is_read_as_it_is_typed(said, command):
    assert read(said, today=MONDAY).command == command


@pytest.mark.parametrize(
    "said",
    [
        "办结了没有",
        "办结了没有？",
        "42办结了没有",
        "接单 42 了吗",
        "接单是什么意思",
        "路灯坏了",
        "同意不同意都行",
        "进展怎么样了",
        "难度怎么改",
        "不受理怎么办",
        "停电了请求转告供电所",
        "转告供电所停电了",
        "3组转告供电所停电",
        "派出所电话多少",
        "指定 医院怎么报销",
        "移交 派出所的案子没消息",
        "12345转办的事没人管",
        "上报 村口路灯坏了三天",
        "路灯修好了又坏",
        "修好了又坏",
        "42 修好了又坏了",
        "恢复供电了吗",
        "恢复 供电要几天",
        "同意 他家先修",
        "催一下供电所，停电了",
        "我们组长请假了没人管",
        "转",
        "",
        "42",
    ],
)
def test_a_question_or_a_report_is_no_command(said):
    assert read(said, today=MONDAY).command is None


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("给 长冲组 不在我们组", Whom("长冲组", "不在我们组", named=True)),
        ("给张三，他家近", Whom("张三", "他家近", named=True)),
        ("供电所 查线路", Whom("供电所", "查线路")),
        ("交给 清溪镇/韶山村", Whom("清溪镇/韶山村", "", named=True)),
        ("给", Whom("", "", named=True)),
        ("", Whom("", "")),
    ],
)
def test_to_whom_is_read_with_what_else_was_said(words, found):
    assert whom(words) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("是法院管的事，请找县法院立案大厅", ("是法院管的事", "县法院立案大厅")),
        ("是法院管的事 找县法院", ("是法院管的事", "县法院")),
        ("归社保局，请到政务大厅三楼", ("归社保局", "政务大厅三楼")),
        ("找不到人，应找派出所", ("找不到人", "派出所")),
        ("是法院管的事", ("是法院管的事", "")),
        ("请找县法院", ("请找县法院", "")),
    ],
)
def test_a_reason_and_the_right_channel_are_told_apart(words, found):
    assert channel(words) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("3天 等配件", Until(3, None, "等配件")),
        ("等配件 三天", Until(3, None, "等配件")),
        ("到周五 等配件", Until(None, date(2026, 6, 5), "等配件")),
        ("到12月1日 等配件", Until(None, date(2026, 12, 1), "等配件")),
        ("3天 等12月1日的配件", Until(3, None, "等12月1日的配件")),
        ("等配件", Until(None, None, "等配件")),
    ],
)
def test_how_long_is_read_as_a_span_or_as_a_day(words, found):
    assert until(words, MONDAY) == found


def days(said):
    """The leave in the words, as (whose, from, to, delegate); None when it is none."""
    wish = absence.read(said, MONDAY)
    return wish and (wish.who, str(wish.from_on)[5:], str(wish.to_on)[5:], wish.delegate)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("我请假 到周五 李四代", ("", "06-01", "06-05", "李四")),
        ("我请假到周五李四代", ("", "06-01", "06-05", "李四")),
        ("请假 12月1日到12月3日 由李四代", ("", "12-01", "12-03", "李四")),
        ("请假12月1日至3日，李四代班", ("", "12-01", "12-03", "李四")),
        ("请假 12-01到12-03 代班人：李四", ("", "12-01", "12-03", "李四")),
        ("请假三天", ("", "06-01", "06-03", "")),
        ("我请3天假", ("", "06-01", "06-03", "")),
        ("我想请病假两天，请李四帮我代一下", ("", "06-01", "06-02", "李四")),
        ("我明天请假", ("", "06-02", "06-02", "")),
        ("我从明天起请假三天 李四代", ("", "06-02", "06-04", "李四")),
        ("请假 下周一到周三 李四顶班", ("", "06-08", "06-10", "李四")),
        (
            "请假 2026-06-02 到 2026-06-04 由li4@清溪镇/韶山村代",
            ("", "06-02", "06-04", "li4@清溪镇/韶山村"),
        ),
        ("张某请假 到周五 陈某代", ("张某", "06-01", "06-05", "陈某")),
    ],
)
def test_a_leave_is_read_as_it_is_said(said, meant):
    assert days(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "我们组长请假了没人管",
        "我们组长请假三天，路灯坏了",
        "请假怎么扣工资",
        "请假条在哪里开",
        "请假制度",
        "可以请假吗",
        "邻长请假了",
        "路灯坏了",
    ],
)
def test_talk_about_leaves_is_no_leave(said):
    assert absence.read(said, MONDAY) is None


def test_a_leave_without_days_is_one_that_has_to_be_asked():
    assert absence.read("我请假 李四代", MONDAY) == LeaveWish("", None, None, "李四")


def test_a_day_that_no_calendar_has_is_no_leave_but_told():
    assert absence.read("我请假 到2月30日", MONDAY) == LeaveWish(
        "", None, None, "", "没有2月30日这一天，请再看看日历。"
    )


def test_a_tier_is_read_with_its_reason():
    assert tier("复杂 要立项") == (Tier.COMPLEX, "要立项")
    assert tier("较难，等材料") == (Tier.HARD, "等材料")
    assert tier("要立项") == (None, "要立项")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2", 2),
        ("２", 2),
        ("二", 2),
        ("第二个", 2),
        ("2。", 2),
        ("2️⃣", 2),
        ("选2", 2),
        ("22", None),
        ("两天", None),
    ],
)
def test_a_lone_number_is_read_as_it_is_typed(said, meant):
    assert read(said, today=MONDAY).pick == meant


@pytest.mark.parametrize(
    ("said", "entry"),
    [
        ("1", "yibao"),
        ("第二个", "dibao"),
        ("3", ""),
        ("都不是", ""),
        ("都不是，转邻长", ""),
        ("都不是的", ""),
        ("转邻长", ""),
        ("4", None),
        ("0", None),
        ("低保怎么申请", None),
    ],
)
def test_a_pick_is_an_entry_or_none_of_them_or_something_else(said, entry):
    assert picked(said, ENTRIES) == entry


@pytest.fixture
def resolved(room):
    room.say("mao_mou", LAMP)
    room.say("zhang", "办结 1 换了灯泡")
    room.go("12:15").tick()
    return room


@pytest.mark.parametrize(
    ("said", "solved", "rating", "state"),
    [
        ("1", None, "very_good", "closed"),
        ("５", None, "very_bad", "pending"),
        ("非常满意", None, "very_good", "closed"),
        ("我很不满意，灯又灭了", None, "bad", "pending"),
        ("不满意，没修好", "no", "bad", "pending"),
        ("没解决，还是不亮", "no", None, "pending"),
        ("挺满意的，谢谢", None, "good", "closed"),
        ("解决了，非常满意！", "yes", "very_good", "closed"),
        ("后山水沟堵了没人管，大家都不满意村里的做法", None, None, "resolved"),
        ("基本满意。", None, "fair", "closed"),
        ("不满意", None, "bad", "pending"),
        ("0001 满意", None, "good", "closed"),
        ("评价 满意 0001", None, "good", "closed"),
        ("已解决", "yes", None, "resolved"),
        ("部分解决", "partly", None, "resolved"),
        ("没解决", "no", None, "pending"),
        ("没修好", None, None, "pending"),
        ("0001 又坏了，昨晚不亮", None, None, "pending"),
        ("还是没修好 #0001", None, None, "pending"),
    ],
)
def test_a_rating_is_read_in_the_residents_own_words(resolved, said, solved, rating, state):
    resolved.say("mao_mou", said)
    issue = resolved.issues()[0]
    assert (issue.solved, issue.rating, issue.state) == (solved, rating, state)


def test_whoever_redoes_it_reads_why(resolved):
    resolved.say("mao_mou", "不满意，灯又灭了")
    assert "不满意，灯又灭了" in resolved.issues()[0].content


def test_the_words_of_a_rating_by_one_who_was_not_asked_are_a_report(room):
    room.say("mao_mou", LAMP)
    room.wait(minutes=5)
    assert room.handled_by("mao_mou", "我很不满意，没人来看") != "rating"


def test_a_number_after_an_answer_is_the_way_out_and_no_rating(resolved):
    resolved.wait(minutes=5)
    resolved.say("mao_mou", "医保什么时候交")
    assert "0002" in resolved.say("mao_mou", "1")
    assert resolved.issues()[0].rating is None


def test_a_number_after_a_newer_request_is_a_rating_and_not_the_way_out(room):
    room.say("mao_mou", LAMP)
    room.say("zhang", "办结 1 换了灯泡")
    room.go("12:14").say("mao_mou", "医保什么时候交")
    room.go("12:15").tick()
    room.say("mao_mou", "1")
    assert [issue.rating for issue in room.issues()] == ["very_good"]


def test_the_way_out_is_open_for_half_an_hour(room):
    room.say("mao_mou", "医保什么时候交")
    room.wait(minutes=31)
    assert room.handled_by("mao_mou", "没解决") != "way_out"


def test_somebody_elses_card_does_nothing(room):
    room.say("mao_mou", LAMP)
    room.tick()
    card = room.last_card("zhang", "接单")
    reply = room.tap("liu_mou", "接单", card)
    assert "三长" in reply.text
    assert room.issues()[0].state == "pending"


def test_a_card_of_a_finished_issue_says_so(room):
    room.say("mao_mou", LAMP)
    room.tick()
    room.say("mao_mou", "撤回")
    reply = room.tap("zhang", "接单")
    assert "已撤回" in reply.text
    assert reply.card.done


def test_a_tap_on_an_unknown_card_is_taken_quietly(room):
    room.say("mao_mou", LAMP)
    room.tick()
    card = room.last_card("zhang", "接单")
    strange = type(card)("SZ-20990101-0001_h1", "x", buttons=card.buttons)
    assert room.tap("zhang", "接单", strange).text == ""
