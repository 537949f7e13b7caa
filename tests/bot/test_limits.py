"""Every text and card inside what WeCom takes, with its number and its next step.

The judge is the emulator's own reading of the rules: it refuses and warns as the platform would.
"""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from bot.channels.addresses import Addresses
from bot.channels.aibot.channel import AibotChannel
from bot.channels.app.channel import AppChannel
from bot.channels.client import Client
from bot.channels.contract import Shared
from bot.channels.kinds import CHANNELS
from bot.channels.limits import fit, inert, shorten
from bot.channels.request import OpenedCallback
from bot.channels.webhook.channel import WebhookChannel
from bot.config import CHECKOUT, load
from emulator import replies
from emulator.cipher import Cipher
from emulator.clock import FakeClock
from emulator.content import APP_COMPOSERS, HOOK_COMPOSERS, RESPONSE_COMPOSERS, compose
from emulator.corp import FakeCorp
from emulator.world import World
from handlers.lists import ListSection, fitted
from handlers.message import Incoming, Reply
from issues import wording
from issues.registering import Material
from issues.short_numbers import short
from issues.texts import COMMON, SHIPPED, Texts, shipped
from issues.work import Work
from people.town import Homes, Person, Post, Town, Unit, Version
from rules.ladder import LEVELS
from rules.words import Role, State, Tier, UnitKind
from storage.notice import Notice
from storage.outbox import Parcel
from storage.tables import Issue
from tests.town import OFFICE

CONFIG = load(CHECKOUT / "config.example.toml", {})
LARGEST_TEXT = CHANNELS["app"].limits.text
ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 6, 1, 1, tzinfo=UTC)
NAME = "欧" * 60
NUMBER = "SZ-20260601-0042"
LONG = "水管爆了，一直在冒水。😀👨‍👩‍👧\n" * 500  # more than 10,000 characters

#: Somebody with a long name, in a 邻.
HOLDER = Person(1, "zhang", NAME, "13800000001")
LIN = Unit(1, UnitKind.LIN, "一邻", "清溪镇/韶山村/一片/长冲组/一邻")
TOWN = Town(Version(1, 1), Homes({1: LIN}, {1: HOLDER}, {}), (), ())
#: Nothing is read or written: only the texts, the clock and the town are used.
WORK = Work(Session(), NOW, OFFICE, TOWN)
TASKS = count(1)
TASK = f"{NUMBER}_h"
#: What stands in the place of a variable that is never long; everything else is somebody's words.
VALUES = {
    "keys": wording.RATE_KEYS,
    "count": 3,
    "was": "SZ-20260601-0041",
    "other": "SZ-20260601-0041",
    "households": 3,
    "mark": "1 个月",
    "missed": "没有新的进展",
    "level": "组长",
    "tier": "复杂",
    "state": "挂起",
    "rating": "非常不满意",
    "promise": "复杂问题 1 个月内反馈进展",
    "until": wording.deadline(NOW, ZONE),
    "name": NAME,
    "by": NAME,
    "unit": NAME,
    "whom": NAME,
    "look": "（回复“照片 0042”看）",
    "phone": "，电话 13800000001",
    "rung": "、".join([NAME] * 3),
    "names": NAME,
    "call": "119、120",
}
MORE = wording.More("照片 9", "为" * 60, NAME, f"转 0042 给 {NAME}")
HEADING = "待认领·【急】" + "事" * 30


def issue(said):
    """An issue with these words in it everywhere, in the hands of somebody with a long name."""
    return Issue(
        number=NUMBER,
        state=State.PENDING,
        tier=Tier.ORDINARY,
        content=said,
        result=said,
        urgent=False,
        unclaimed=False,
        level=UnitKind.LIN,
        holder_id=HOLDER.id,
        unit_id=LIN.id,
        reported_at=NOW,
        due_at=NOW,
        promised_at=NOW,
    )


def _wants(key):
    given = {"tier": "一般", "wanted": "复杂", "until": VALUES["until"]}

    def make(said):
        names = shipped()[key].also
        asked = {name: given.get(name, said) for name in names}
        return wording.wants(WORK, issue(said), key, f"{TASK}{next(TASKS)}", **asked)

    return make


def _asked_to_help(said):
    asked = {"request": said, "until": VALUES["until"], "content": said}
    card = wording.helper_card(WORK, issue(said), f"{TASK}{next(TASKS)}", **asked)
    return wording.notice(WORK, issue(said), "asked_to_help", card, **asked)


def _assigned(said):
    return wording.assigned(WORK, issue(said), f"{TASK}{next(TASKS)}", HEADING, NAME, MORE)


def _alarm(said):
    sent = Material("location", text=said, latitude=27.9, longitude=112.5)
    rung = tuple((HOLDER, level) for level in LEVELS)
    alarm = wording.Alarm(NAME, "13800000001", NAME, sent, "照片 9", rung)
    return wording.alarm_card(WORK, issue(said), f"{TASK}{next(TASKS)}", HEADING, alarm)


#: What has a card, as it is made.
CARDS = {
    "alarm": _alarm,
    "assigned": _assigned,
    "asked_to_help": _asked_to_help,
    "ask_rating": lambda said: wording.ask_rating(WORK, issue(said), f"{TASK}{next(TASKS)}", said),
    "wants_tier": _wants("wants_tier"),
    "wants_time": _wants("wants_time"),
    "wants_to_decline": _wants("wants_to_decline"),
}
#: Every template about an issue; the others are a piece of one of these.
KEYS = [key for key, one in shipped().items() if one.text and "number" in one.allowed]
KEYS.remove("status_now")
KEYS.remove("status_moved")
KEYS.remove("status_monthly")
KEYS.remove("status_late")
#: Answers given at once: they are never gathered into a digest.
ANSWERS = set(yaml.safe_load(SHIPPED[1].read_text("utf-8")))
AT_ONCE = ("receipt", "refused_", "ask_complained")
TOLD = [key for key in KEYS if key not in ANSWERS and not key.startswith(AT_ONCE)]


def written(key, said):
    """The notice of that name, with these words in the place of whatever somebody has said."""
    if key in CARDS:
        return CARDS[key](said)
    template = shipped()[key]
    names = {*template.also, *(template.only or ())} - set(COMMON)
    given = {name: VALUES.get(name, said) for name in names}
    return wording.notice(WORK, issue(said), key, None, **given)


def steps(text):
    """What somebody is asked to do next: from 回复 to the end of the line."""
    return re.findall(r"回复[^\n]{1,60}", text)


class Judge(Client):
    """In the place of the API client: what WeCom would make of a request. Raises Refusal."""

    def __init__(self):
        super().__init__(CONFIG.wecom.api_base, CONFIG.wecom.corp_id, "")
        self.corp = FakeCorp(World.small(), FakeClock(), 1.0)
        self.corp.app_line.url = self.corp.bot_line.url = "http://127.0.0.1:9/"
        self.seen = []

    def call(self, path, body, *, token=True):
        composers = APP_COMPOSERS if token else HOOK_COMPOSERS
        sent = json.loads(json.dumps(body, ensure_ascii=False).encode())
        self.seen.append(compose(self.corp, sent, composers))
        return {}


def parcel(*notices, channel="app", target="zhang"):
    return Parcel("b", channel, target, notices, 1)


def shared(judge):
    wecom = CONFIG.wecom
    media, addresses = CONFIG.media_path(), Addresses(wecom.api_base)
    return Shared(wecom.corp_id, CONFIG.service.name, judge, Texts(), media, addresses)


def sent_by_app(*notices):
    judge = Judge()
    AppChannel(CONFIG.wecom.app, shared(judge)).send(parcel(*notices))
    return judge.seen[0]


def sent_by_webhook(*notices):
    judge = Judge()
    board = parcel(*notices, channel="webhook", target=CONFIG.wecom.webhook[0].unit)
    WebhookChannel(CONFIG.wecom.webhook, shared(judge)).send(board)
    return judge.seen[-1]


pieces = st.text(min_size=1, max_size=12) | st.sampled_from(
    ["灯\n", "😀", "👨‍👩‍👧", "\x0b坏", "﻿了"]
)
said = st.builds(lambda piece, times: "灯" + piece * times, pieces, st.integers(1, 900))
keys = st.sampled_from(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_a_text_of_ten_thousand_characters_keeps_its_number_and_its_step(key):
    notice, brief = written(key, LONG), written(key, "灯不亮")
    content = sent_by_app(replace(notice, card=None))
    assert content.warnings == []
    assert short(NUMBER) in content.text[:250]
    assert [step for step in steps(brief.text) if step not in content.text] == []


@pytest.mark.parametrize("key", CARDS)
def test_a_card_is_taken_as_it_is_with_all_its_buttons(key):
    notice = written(key, LONG)
    content = sent_by_app(notice)
    assert content.warnings == []
    assert content.kind == "card"
    assert [b["text"] for b in content.card["button_list"]] == [b.text for b in notice.card.buttons]
    assert short(NUMBER) in content.card["main_title"]["title"]


@given(keys, said)
def test_whatever_is_said_wecom_takes_it(key, text):
    notice = written(key, text)
    content = sent_by_app(replace(notice, card=None))
    assert content.warnings == []
    missing = [step for step in steps(written(key, "灯").text) if step not in content.text]
    assert missing == []
    if notice.card:
        assert sent_by_app(notice).warnings == []


@given(st.lists(st.sampled_from(TOLD), min_size=2, max_size=300), said)
def test_a_digest_counts_everything_that_it_cannot_show(made, text):
    notices = [replace(written(key, text), about="") for key in made]  # each its own matter
    content = sent_by_app(*notices)
    assert content.warnings == []
    lines = content.text.split("\n")
    left = re.search(r"还有 (\d+) 件，回复", content.text)
    shown = sum(line.startswith(("0042", NUMBER, "【")) for line in lines[1:])
    assert shown + int(left[1] if left else 0) == len(made)
    assert re.match(rf"【三长】有? ?{len(made)} 件", lines[0])


def test_what_waits_for_agreement_follows_a_digest_with_its_buttons():
    judge = Judge()
    asked = [written("wants_time", "等配件"), written("wants_tier", "要立项")]
    told = [replace(one, about=f"SZ-20260601-{n:04}") for n, one in enumerate(asked)]
    channel = AppChannel(CONFIG.wecom.app, shared(judge))
    channel.send(parcel(written("reminder", "灯"), *told))
    text, *cards = judge.seen
    assert text.text.startswith("【三长】3 件：等您同意 2、其他 1")
    assert [[b["text"] for b in c.card["button_list"]] for c in cards] == [["同意", "不同意"]] * 2


def test_a_digest_of_three_hundred_keeps_the_words_that_do_the_same_as_the_buttons():
    made = [written("assigned", LONG)] * 200 + [written("ask_rating", LONG)] * 100
    notices = [replace(notice, about="") for notice in made]
    content = sent_by_app(*notices)
    assert content.text.endswith(
        "回复：接单 0042，办结 0042 做了什么，或上交 0042\n评价请回复：0042 满意（或不满意）"
    )
    assert content.text.count("水管爆了") >= 7


def test_a_groups_reminder_of_three_hundred_says_how_many_more():
    notices = [written("board_mark", "灯")] * 300
    content = sent_by_webhook(*notices)
    left = re.search(r"还有 (\d+) 件，已分别提醒各位长", content.text)
    assert left
    assert content.text.count(NUMBER) + int(left[1]) == 300


@given(st.lists(said, min_size=1, max_size=40))
def test_a_group_never_gets_more_than_wecom_takes(lines):
    assert sent_by_webhook(*[Notice(text=line, line=line) for line in lines]).text


def test_a_list_of_three_hundred_issues_says_what_to_do():
    line = f"待接单 6月3日（周三）24 点前：{wording.cut(LONG, 20)}"
    lines = [(f"SZ-20260601-{n:04}", line) for n in range(42, 342)]
    mine = ListSection("您手上有 300 件：", "接单 + 编号", 300, lines)
    text = fitted(WORK.say, [mine, ListSection("等您同意 300 件：", "同意 + 编号", 300, lines)])
    assert len(text.encode()) <= LARGEST_TEXT
    assert text.startswith("您手上有 300 件：\n0042")
    assert re.search(r"还有 \d+ 件\n等您同意 300 件：(\n.*)+还有 \d+ 件\n回复.*编号$", text)


def test_who_left_three_hundred_posts_is_told_of_in_one_message():
    post = Post(1, HOLDER, LIN, Role.LINZHANG, NOW.date())
    notice = wording.departed(HOLDER, Texts(), [post] * 300, [post] * 300, 300)
    content = sent_by_app(notice)
    assert re.search(r"· 还有 \d+ 个\n手上没办完的 300 件", content.text)
    assert content.text.endswith("重新导入花名册就行。")


# --- passive answers ---

APP_CIPHER = Cipher(CONFIG.wecom.app.token, CONFIG.wecom.app.encoding_aes_key, CONFIG.wecom.corp_id)
BOT = CONFIG.wecom.aibot
assert BOT is not None  # the example has one
BOT_CHANNEL = AibotChannel(BOT, shared(Judge()))
BOT_CIPHER = Cipher(BOT.token, BOT.encoding_aes_key, "")


def opened(kind="message", style="message", chat_id=""):
    incoming = Incoming("app", "m1", "zhang", kind, NOW, chat_id=chat_id)
    return OpenedCallback(incoming, "n1", style)


def answered_by_app(reply, style="message"):
    body, _ = AppChannel(CONFIG.wecom.app, shared(Judge())).seal(reply, opened(style=style), NOW)
    trigger = "template_card_event" if style == "click" else "message"
    return replies.app_reply(body, APP_CIPHER, userid="zhang", trigger=trigger)


def answered_by_bot(reply, style="message", chat_id=""):
    body, _ = BOT_CHANNEL.seal(reply, opened(style=style, chat_id=chat_id), NOW)
    trigger = "enter_chat" if style == "enter" else "message"
    return replies.bot_reply(body, BOT_CIPHER, nonce="n1", trigger=trigger)


@given(said)
def test_the_apps_answer_is_never_cut_by_wecom_and_ends_with_the_way_out(text):
    told = answered_by_app(Reply(f"{NUMBER} 已办结：{text}\n\n没解决？回复 1 转您的邻长。"))
    assert not told["cut"]
    assert told["text"].startswith(NUMBER)
    assert told["text"].endswith("没解决？回复 1 转您的邻长。")


@given(said)
def test_the_apps_changed_card_is_xml_whatever_somebody_has_said(text):
    card = written("assigned", text).card
    told = answered_by_app(Reply(card=wording.done_card(WORK, issue(text), card)), style="click")
    assert told["card"]["replace_text"].endswith("负责")


@pytest.mark.parametrize("style", ["message", "enter"])
@given(piece=pieces)
def test_the_bots_answer_is_never_refused(style, piece):
    told = answered_by_bot(Reply(f"{NUMBER} {piece * 9000}\n回复：进度 0042"), style)
    assert told["text"].endswith("回复：进度 0042")


def test_the_bots_second_answer_is_never_refused():
    judge = Judge()
    content = fit(f"{NUMBER} {LONG * 3}\n回复：进度 0042", 20480)
    body = {"msgtype": "markdown", "markdown": {"content": content}}
    assert compose(judge.corp, body, RESPONSE_COMPOSERS).text.endswith("回复：进度 0042")


# --- the two knives ---


@given(said, st.integers(40, 4000))
def test_fit_keeps_to_the_bytes_and_to_whole_characters(text, largest):
    cut = fit(text, largest)
    assert len(cut.encode()) <= largest
    assert cut == inert(text) or "…" in cut


@given(said, st.integers(2, 200))
def test_shorten_is_one_line_of_at_most_so_many_characters(text, longest):
    line = shorten(text, longest)
    assert len(line) <= longest
    assert "\n" not in line
