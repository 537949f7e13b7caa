"""Conversations are tested as conversations: every tests/dialogues/*.txt is played line by line.

The format is explained for town staff in tests/dialogues/README.md.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from handlers import systems
from handlers.message import Contact, Reply
from handlers.table import HANDLERS
from issues.registering import Material
from rules.words import STATE_CHINESE
from tests.bot_room import Room
from tests.town import CHAT, at

HOME = Path(__file__).parent / "dialogues"
SCRIPTS = sorted(HOME.glob("*.txt"), key=lambda script: int(script.name.partition("-")[0]))
START = "2026-06-01 09:00"
BOARD = "韶山村/一片"
LINE = re.compile(
    r"(?P<who>[^()（）:：\s]*?)(?:[(（](?P<id>\w+)[)）])?"
    r"(?P<how>在群里发照片|在群里点|在群里|发照片|发位置|进来|离开|改账号|又点|点|没收到|收到|没说|重发|是)?"
    r"\s*(?:[:：]\s*(?P<said>.*))?"
)
UNITS = {"分钟": "minutes", "小时": "hours", "天": "days"}


class Mismatch(AssertionError):
    """A line of the script did not happen."""


class Stage:
    """Plays one script against a running service."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.reply = Reply()
        self.resend: Callable[[], Reply] = lambda: self.reply
        self.unread: dict[str, int] = defaultdict(int)
        #: what a line does, by its middle word; the first by its head
        self.heads = {"机器人": self.bot, "时间": self.time, "群里": self.chat, "编号": self.state}
        self.hows = {
            "": self.speak,
            "在群里": self.speak_in_group,
            "发照片": self.photo,
            "在群里发照片": self.photo_in_group,
            "发位置": self.place,
            "进来": self.enter,
            "离开": self.leave,
            "改账号": self.rename,
            "点": self.tap,
            "又点": self.tap,
            "在群里点": self.tap_in_group,
            "收到": self.got,
            "没收到": self.not_got,
            "重发": self.again,
        }

    def play(self, line: str) -> None:
        found = LINE.fullmatch(line)
        if found is None:
            raise Mismatch("看不懂这一行")
        who, userid, how, said = (found[name] or "" for name in ("who", "id", "how", "said"))
        if who in self.heads and not (userid and who != "编号"):
            self.heads[who](how, said, userid)
            return
        if how not in self.hows or not userid:
            raise Mismatch("看不懂这一行：要写“身份(账号): 说的话”")
        self.hows[how](userid, said)
        self.room.tick()

    # --- what people do ---

    def speak(self, userid: str, said: str, **more: str) -> None:
        self._send(userid, said, **more)

    def speak_in_group(self, userid: str, said: str) -> None:
        self._send(userid, said, chat_id=CHAT, channel="aibot")

    def photo(self, userid: str, said: str) -> None:
        self._send(userid, said, materials=(Material("image", media_id="P1"),))

    def photo_in_group(self, userid: str, said: str) -> None:
        photo = (Material("image", url="http://127.0.0.1/p1"),)
        self._send(userid, said, materials=photo, chat_id=CHAT, channel="aibot")

    def place(self, userid: str, said: str) -> None:
        spot = Material("location", text=said, latitude=27.9, longitude=112.5)
        self._send(userid, "", materials=(spot,))

    def enter(self, userid: str, said: str) -> None:
        self._send(userid, "", kind="enter")

    def leave(self, userid: str, said: str) -> None:
        self._send(userid, "", kind="contact", contact=Contact(left=True))

    def rename(self, userid: str, new: str) -> None:
        self._send(userid, "", kind="contact", contact=Contact(new_userid=new))

    def tap(self, userid: str, button: str) -> None:
        changed = self.reply.card  # what has taken the place of the card that was tapped before
        has = changed is not None and button in [b.text for b in changed.buttons]
        try:
            self.reply = self.room.tap(userid, button, changed if has else None)
        except LookupError as error:
            raise Mismatch(f"{userid} 手机上没有“{button}”") from error

    def tap_in_group(self, userid: str, button: str) -> None:
        """The card that the bot has just put into the group."""
        if self.reply.card is None:
            raise Mismatch("群里没有卡片")
        self.reply = self.room.tap(userid, button, self.reply.card, chat_id=CHAT, channel="aibot")

    def again(self, userid: str, said: str) -> None:
        before = self.reply
        self.reply = self.resend()
        if self.reply != before:
            raise Mismatch(f"重发后回复变了：{self.reply.text}")

    def _send(self, userid: str, said: str, **more: object) -> None:
        incoming = self.room.incoming(userid, said, **more)

        def deliver() -> Reply:
            outcome = self.room.receive(incoming)
            return outcome.reply

        self.resend = deliver
        self.reply = deliver()

    # --- what is looked at ---

    def bot(self, how: str, said: str, _: str) -> None:
        shown = words_of(self.reply)
        if (how == "没说") == holds(shown, said):
            raise Mismatch(f"机器人说的是：{shown or '（没有说话）'}")

    def time(self, how: str, said: str, _: str) -> None:
        step = re.fullmatch(r"\+(\d+)(分钟|小时|天)", said)
        if step:
            self.room.now += timedelta(**{UNITS[step[2]]: int(step[1])})
        else:
            self.room.go(said)
        self.room.tick()

    def chat(self, how: str, said: str, _: str) -> None:
        (self.not_got if how == "没收到" else self.got)(BOARD, said)

    def got(self, target: str, said: str) -> None:
        new = self._new(target)
        for n, text in enumerate(new):
            if holds(text, said):
                self.unread[target] += n + 1
                return
        raise Mismatch(f"{target} 新收到的是：{new or '（没有）'}")

    def not_got(self, target: str, said: str) -> None:
        wrong = [text for text in self._new(target) if holds(text, said)]
        if wrong:
            raise Mismatch(f"{target} 收到了：{wrong}")

    def state(self, how: str, said: str, number: str) -> None:
        found = {i.number[-4:]: STATE_CHINESE[i.state] for i in self.room.issues()}
        if found.get(number, "没有") != said:
            raise Mismatch(f"现在是：{found}")

    def _new(self, target: str) -> list[str]:
        return self.room.read(target)[self.unread[target] :]


def words_of(reply: Reply) -> str:
    """All that is to be read of a reply: its words and its card."""
    card = reply.card
    parts = [reply.text]
    if card:
        parts += [card.title, card.desc, card.body, card.done, *(b.text for b in card.buttons)]
    return "\n".join(part for part in parts if part)


def holds(text: str, said: str) -> bool:
    """Whether the words occur, in this order, with anything where … stands; no words: any."""
    pattern = ".*".join(re.escape(part.strip()) for part in re.split("…+", said))
    return re.search(pattern, text, re.DOTALL) is not None


def lines(script: Path) -> list[tuple[int, str]]:
    numbered = enumerate(script.read_text("utf-8").splitlines(), start=1)
    return [(n, line.strip()) for n, line in numbered if line.strip() and line[0] != "#"]


def play(script: Path, room: Room) -> None:
    stage = Stage(room)
    meant = re.findall(r"^# 处理[:：](.+)$", script.read_text("utf-8"), re.MULTILINE)
    for number, line in lines(script):
        try:
            stage.play(line)
        except Mismatch as wrong:
            pytest.fail(f"{script.name} 第 {number} 行：{line}\n    {wrong}", pytrace=False)
    named = {name for line in meant for name in re.split(r"[、,，\s]+", line) if name}
    assert named <= room.handled


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_conversation_goes_as_written(script, town_lite):
    play(script, Room(town_lite, at(START)))


def test_every_handler_speaks_in_some_conversation():
    """A script names the handlers it is for in a line "# 处理: …"."""
    said = "\n".join(script.read_text("utf-8") for script in SCRIPTS)
    named = re.findall(r"^# 处理[:：](.+)$", said, re.MULTILINE)
    covered = {name for line in named for name in re.split(r"[、,，\s]+", line)}
    silent = set() if systems.SYSTEMS else {systems.NAME}
    assert {handler.NAME for handler in HANDLERS} - silent <= covered


@pytest.mark.parametrize(
    ("text", "said", "found"),
    [
        ("收到了，编号 SZ-20260601-0001。", "编号 … 0001", True),
        ("收到了，编号 SZ-20260601-0001。", "0001 … 编号", False),
        ("一\n二\n三", "一 … 三", True),
        ("任何话", "", True),
    ],
)
def test_a_line_matches_by_its_words_in_order(text, said, found):
    assert holds(text, said) is found


@pytest.mark.parametrize(
    "line",
    [
        "机器人: 再见",
        "机器人没说: 您好",
        "邻长(zhang)收到: 新诉求",
        "邻长(zhang)点: 接单",
        "编号(0001)是: 待接单",
        "天气真好",
    ],
)
def test_a_line_that_does_not_happen_is_noticed(line, town_lite):
    stage = Stage(Room(town_lite, at(START)))
    stage.play("居民(mao_mou): 你好")
    with pytest.raises(Mismatch):
        stage.play(line)


def test_every_script_has_a_number_of_its_own() -> None:
    numbers = [int(script.name.partition("-")[0]) for script in SCRIPTS]
    assert [n for n in numbers if numbers.count(n) > 1] == []
