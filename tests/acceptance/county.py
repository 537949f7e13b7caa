"""Months of a county played at random through its callbacks, cards and command line.

One seed makes one play. What people do is here, what must hold county_checks.py, what they say
county_speech.py; of the application nothing is imported.
"""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.acceptance import county_speech as speech
from tests.acceptance.callers import Said
from tests.acceptance.county_people import DEPARTMENTS, RESIDENT_UNITS, People, Person
from tests.acceptance.deployment import CHECKOUT, NUMBER, START_UP, ZONE, Deployment
from tests.acceptance.fakeapi import FakeApi, spoken
from tests.acceptance.town import CHAT_ONE, CHAT_TWO

#: A Monday before 国庆: the play meets rest days and make-up days.
START = datetime(2026, 9, 14, 8, 0, tzinfo=ZONE)
SLOTS = ("07:45", "12:15", "19:00")
WHICH_MATTER = "您说的是哪一件事"
NEW_ONE = re.compile(r"(\d) 是新的一件")
ASKS = re.compile(r"请回复|回复 1|回复数字|是不是同一件|请说|哪一|几天|给谁|什么原因|为什么")
OPEN = ("pending", "accepted", "working", "suspended")
#: WeCom drops a repeated request for so long.
NO_DUPLICATES = timedelta(hours=4)


@dataclass(frozen=True)
class Push:
    """What one member got: when, and the message as JSON."""

    at: datetime
    to: str
    body: dict[str, Any]

    @property
    def text(self) -> str:
        return spoken(self.body)

    @property
    def card(self) -> dict[str, Any] | None:
        return self.body.get("template_card")


class CountyApi(FakeApi):
    """The fake WeCom with the county's clock: every message is remembered with its moment."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.pushes: list[Push] = []
        self.posted: list[tuple[datetime, dict[str, Any]]] = []
        self.victim: subprocess.Popen[bytes] | None = None
        self._lately: dict[str, datetime] = {}

    def send(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if query.get("access_token") in self.tokens and body["touser"] not in self.gone:
            self._remember(body)
        if self.victim:
            self.victim.kill()  # it has sent and cannot write it down any more
        self._seen.clear()
        return super().send(query, body)

    def board(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        self.posted.append((self.now, body))
        return super().board(query, body)

    def _remember(self, body: dict[str, Any]) -> None:
        said = json.dumps(body, sort_keys=True)
        last = self._lately.get(said) if body.get("enable_duplicate_check") else None
        if last is None or self.now - last > NO_DUPLICATES:
            self._lately[said] = self.now
            self.pushes.append(Push(self.now, body["touser"], body))


@dataclass
class Message:
    """What somebody has said, and what came back."""

    at: datetime
    who: str
    said: str
    answer: Said
    chat: str = ""
    reply: str = ""


@dataclass
class Report:
    """Words that have to become an issue, or a part of one."""

    at: datetime
    who: str
    token: str
    text: str
    shut_out: frozenset[str] = frozenset()
    urgent: bool = False
    delicate: bool = False
    number: str = ""


class Place(Deployment):
    """The deployment, with a clock that the client moves and ticks when it says so."""

    def __init__(self, home: Path, people: People) -> None:
        api = CountyApi()
        super().__init__(home, api)
        self.phones = api
        people.write(home / "roster.csv")
        self.clock = home / "clock"
        self.set(START)
        self.cli("db", "upgrade")
        self.cli("roster", "import", str(home / "roster.csv"))

    def set(self, now: datetime) -> None:
        """From now on it is ``now``."""
        aside = self.clock.with_suffix(".new")
        aside.write_text(str(now.timestamp()))
        os.replace(aside, self.clock)
        self.phones.now = now
        self.app.stamp = self.bot.stamp = int(now.timestamp())

    def start(self) -> "Place":
        command = [sys.executable, "-m", "tests.acceptance.travel"]
        command += [str(self.home / "config.toml"), str(self.clock)]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        return self.awaited()

    def _end(self, number: signal.Signals) -> int:
        pipes = [self.process.stdin, self.process.stdout] if self.process else []
        status = super()._end(number)
        for pipe in pipes:
            if pipe:
                pipe.close()
        return status

    def tick_inside(self) -> None:
        """What the service's own clockwork does."""
        assert self.process
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(b"tick\n")
        self.process.stdin.flush()
        done = self.process.stdout.readline().decode().strip()
        assert done == "done", f"{done}\n{self.log[-3000:]}"

    def begin_tick(self, now: datetime) -> "subprocess.Popen[bytes]":
        """`sanzhang tick --at` as a process of its own, as cron starts it."""
        command = [sys.executable, "-m", "bot", "tick", "--at", now.isoformat()]
        command += ["--config", str(self.home / "config.toml")]
        with self.log_file.open("ab") as log:
            return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL, stderr=log)


@dataclass
class County:
    """One play. ``log`` is what was said, for whoever reads a failure."""

    place: Place
    people: People
    seed: int
    now: datetime = START
    log: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    #: what `issues list` said last, by number
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: pushes that answer what somebody did in a group, with a card, or left unanswered
    owed: dict[str, int] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    named: dict[str, str] = field(default_factory=dict)
    away: int = 0

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)
        self.speech = speech.Speech(Random(self.seed + 1))
        self.lazy = {p.userid for p in self.people.staff() if self.dice.random() < 0.25}

    # --- the clock ---

    def move(self, until: datetime) -> None:
        self.now = until
        self.place.set(until)

    def tick(self) -> None:
        """Everything that is due, in one of the ways in which it may happen."""
        is_slot = f"{self.now.astimezone(ZONE):%H:%M}" in SLOTS
        way = self.dice.random() if is_slot else 1.0
        if way < 0.03:
            self._tick_twice_at_once()
        elif way < 0.08:
            self._tick_killed()
        else:
            self.place.tick_inside()

    def read(self) -> None:
        """What `issues list` says now."""
        self.rows = {row["number"]: row for row in self.place.issues()}

    def _tick_twice_at_once(self) -> None:
        self.log.append(f"{self.now:%m-%d %H:%M} two ticks at once")
        both = [self.place.begin_tick(self.now) for _ in range(2)]
        self.place.tick_inside()
        assert [one.wait(START_UP) for one in both] == [0, 0], self.place.log[-3000:]

    def _tick_killed(self) -> None:
        self.log.append(f"{self.now:%m-%d %H:%M} a tick is killed")
        self.place.phones.victim = tick = self.place.begin_tick(self.now)
        tick.wait(START_UP)
        self.place.phones.victim = None
        self.move(self.now + timedelta(minutes=3))  # the sender's lease has run out by then
        self.place.tick_inside()

    # --- saying ---

    def say(self, who: str, words: str, chat: str = "") -> Message:
        """One message, at times sent twice; the answer to a re-send is the same."""
        self.move(self.now + timedelta(seconds=self.dice.randint(5, 40)))
        msgid = f"c{len(self.messages)}" if chat else str(10**15 + len(self.messages))
        message = self._send(who, words, chat, msgid)
        if self.dice.random() < 0.04:
            again = self._send(who, words, chat, msgid)
            assert again.reply == message.reply, f"a re-send was answered {again.reply!r}"
        self.messages.append(message)
        self._note(message)
        return message

    def _send(self, who: str, words: str, chat: str, msgid: str) -> Message:
        if chat:
            said = self.place.bot.text(who, words, chat, msgid=msgid)
        else:
            said = self.place.app.text(who, words, msgid=msgid, at=int(self.now.timestamp()))
        reply = said.text or ("" if "<xml" in said.plain else said.plain)  # a card of choices
        return Message(self.now, who, words, said, chat, reply)

    def _note(self, message: Message) -> None:
        where = " (group)" if message.chat else ""
        self.log.append(f"{message.at:%m-%d %H:%M:%S} {message.who}{where}: {message.said[:80]}")
        self.log.append(f"    {message.reply!r}")
        self.touched |= set(NUMBER.findall(message.reply))
        if message.chat or ASKS.search(message.reply):
            self.owed[message.who] = self.owed.get(message.who, 0) + 1

    def tap(self, who: str, card: dict[str, Any]) -> None:
        """A button of a card that he has got, perhaps long ago."""
        self.move(self.now + timedelta(seconds=self.dice.randint(5, 40)))
        key = self.dice.choice(card["button_list"])["key"]
        self.owed[who] = self.owed.get(who, 0) + 1
        at = int(self.now.timestamp())
        said = self.place.app.click(who, card, key, at)
        self.log.append(f"{self.now:%m-%d %H:%M:%S} {who} taps {key} {card['task_id']}")
        self.log.append(f"    {said.plain!r}")
        assert said.status == 200
        if self.dice.random() < 0.1:
            again = self.place.app.click(who, card, key, at)
            assert again.plain.partition("<MsgType>")[2] == said.plain.partition("<MsgType>")[2]
        self.touched.add(_number(card))
        self._answer_back(who, spoken({"msgtype": "text", "text": {"content": said.plain}}))

    def _answer_back(self, who: str, reply: str) -> None:
        """People answer what they are asked, more often than not."""
        if ASKS.search(reply) and self.dice.random() < 0.6:
            chat = ""
            self.say(who, self.dice.choice(speech.ANSWERS), chat)

    # --- a round ---

    def round(self) -> None:
        """Some hours of the county's life, or days in which nothing runs."""
        if self.dice.random() < 0.04:
            self._nothing_runs()
            return
        end = self.now + timedelta(hours=self.dice.choice((3, 5, 8, 12)))
        while (moment := self._next_tick()) <= end:
            self.move(moment)
            self.tick()
            if 7 <= self.now.hour < 22 or self.dice.random() < 0.15:
                for _ in range(self.dice.randint(1, 5)):
                    self._somebody()

    def _next_tick(self) -> datetime:
        later = self.now + timedelta(minutes=self.dice.randint(50, 150))
        today = self.now.astimezone(ZONE)
        special = [
            datetime.combine((today + timedelta(days=d)).date(), datetime.min.time(), ZONE)
            + timedelta(hours=int(slot[:2]), minutes=int(slot[3:]))
            for d in (0, 1)
            for slot in ("00:00", "07:30", *SLOTS)
        ]
        return min([later, *(s for s in special if s > self.now)])

    def _nothing_runs(self) -> None:
        days = self.dice.choice((1, 2, 4, 10))
        self.log.append(f"{self.now:%m-%d %H:%M} nothing runs for {days} days")
        self.move(self.now + timedelta(days=days, hours=self.dice.randint(0, 12)))
        self.tick()

    def _somebody(self) -> None:
        chances = [weight for weight, _ in _DEEDS]
        deed = self.dice.choices([act for _, act in _DEEDS], chances)[0]
        deed(self)

    # --- residents ---

    def report(self) -> None:
        person = self.dice.choice(self.people.residents())
        self._report(person.userid, self._words(person))

    def _words(self, person: Person) -> Report:
        pick, token = self.dice.choice, self.speech.token()
        at = f"{token}坳"
        style = self.dice.random()
        if style < 0.08:
            return self._complaint(person, at)
        if style < 0.10:
            return Report(
                self.now, person.userid, token, pick(speech.EMERGENCIES).format(at=at), urgent=True
            )
        if style < 0.11:
            text = pick(speech.DELICATE).format(at=at)
            return Report(self.now, person.userid, token, text, urgent=True, delicate=True)
        text = pick(speech.REPORTS).format(at=at, name=person.name, phone=person.phone)
        return Report(self.now, person.userid, token, pick(speech.BEGINNINGS) + text)

    def _complaint(self, person: Person, at: str) -> Report:
        """Against a 长 of one's own; he and all under him must never hear of it."""
        assert person.home
        lin = person.home[0]
        units = {"邻长": lin, "组长": lin.rpartition("/")[0], "片长": "/".join(lin.split("/")[:3])}
        role = self.dice.choice(list(units))
        seats = self.people.holding(role, units[role])
        name = seats[0].name if seats else ""
        text = self.dice.choice(speech.COMPLAINTS).format(role=role, name=name, at=at)
        under = {p.userid for p in self.people.staff() if p.serves_in(units[role])}
        return Report(self.now, person.userid, at[:2], text, frozenset(under - {person.userid}))

    def _report(self, who: str, report: Report, chat: str = "") -> None:
        if chat == "" and self.dice.random() < 0.15 and not report.shut_out:
            chat = self.dice.choice((CHAT_ONE, CHAT_TWO))
        message = self.say(who, report.text, chat)
        report.at = message.at
        self.reports.append(report)
        reply = message.reply
        if WHICH_MATTER in reply:  # after a complaint about a 长 it is asked: an ordinary one
            reply = self.say(who, "3").reply
        new = NEW_ONE.search(reply)
        if new:  # whoever has something in hand is asked whether it is a new one
            reply = self.say(who, new[1]).reply
        found = NUMBER.search(reply)
        if found:
            report.number = found[0]
        elif ASKS.search(message.reply) and self.dice.random() < 0.6:
            found = NUMBER.search(self.say(who, self.dice.choice(("1", "2"))).reply)
            report.number = found[0] if found else ""

    def stranger(self) -> None:
        who, token = f"stranger_{self.dice.randint(1, 9)}", self.speech.token()
        text = self.dice.choice(speech.REPORTS).format(at=f"{token}坳", name="路人", phone="")
        chat = self.dice.choice(("", CHAT_ONE, "wrUnknown"))
        self._report(who, Report(self.now, who, token, text), chat)

    def follow_up(self) -> None:
        """Somebody comes back to what he has reported, mostly to rate it."""
        mine = [r for r in self.reports if r.number and r.number in self.rows][-60:]
        if not mine:
            return
        report = self.dice.choice(mine)
        resolved = [r for r in mine if self.rows[r.number]["state"] == "resolved"]
        if resolved and self.dice.random() < 0.8:
            report = self.dice.choice(resolved)
        self._speak(report.who, self._follow_up(report))

    def _follow_up(self, report: Report) -> str:
        ways = [*speech.OF_REPORTER, *speech.MORE]
        if self.rows[report.number]["state"] == "resolved":
            ways = [*speech.SOLVED, *speech.RATINGS, *speech.FREE_RATINGS]
        return self.dice.choice(ways).format(n=self.speech.number(report.number))

    # --- staff ---

    def work(self) -> None:
        """Somebody who has an issue to do does what there is to do; the lazy do not."""
        still = [row for row in self.rows.values() if row["state"] in OPEN and row["holder"]]
        if not still:
            return
        row = self.dice.choice(still[-40:])
        if row["holder"] in self.lazy:
            return
        self._speak(row["holder"], self._order(row, _SENSIBLE[row["state"]]))

    def oversee(self) -> None:
        """Somebody, concerned or not, tries something on some issue."""
        if not self.rows:
            return
        row = self.dice.choice(list(self.rows.values())[-50:])
        who = self.dice.choice(self.people.staff())
        self._speak(who.userid, self._order(row, tuple(speech.ORDERS)))

    def decide(self) -> None:
        """Who has been asked for his 同意 gives it, or refuses."""
        asked = [p for p in self.place.phones.pushes[-300:] if "同意" in p.text]
        if asked:
            words = self.dice.choice(("同意", "不同意 太久了", "同意", "同意 {n}"))
            push = self.dice.choice(asked)
            found = NUMBER.search(push.text)
            self._speak(push.to, words.format(n=found[0] if found else ""))

    def help(self) -> None:
        """A department or 驻地单位 answers what it was asked."""
        asked = [p for p in self.place.phones.pushes[-400:] if "协办" in p.text]
        if asked:
            push = self.dice.choice(asked)
            found = NUMBER.search(push.text)
            words = self.speech.order("assist_done", found[0], "") if found else "协办完成 去看了"
            self._speak(push.to, words)

    def _order(self, row: dict[str, Any], actions: tuple[str, ...]) -> str:
        action = self.dice.choice(actions)
        return self.speech.order(action, row["number"], self._whom())

    def _whom(self) -> str:
        staff = self.dice.choice(self.people.staff())
        unit = self.dice.choice(staff.posts)[1].split("/")[-1]
        units = [*DEPARTMENTS, *(unit.split("/")[-1] for unit in RESIDENT_UNITS)]
        return self.dice.choice((staff.name, unit, *units, "组长", "片长", "村里"))

    def _speak(self, who: str, words: str) -> None:
        chat = self.dice.choice((CHAT_ONE, CHAT_TWO)) if self.dice.random() < 0.08 else ""
        message = self.say(who, words, chat)
        self._answer_back(who, message.reply)

    def tap_a_card(self) -> None:
        got = [p for p in self.place.phones.pushes[-150:] if p.card and not self._is_gone(p.to)]
        if got:
            push = self.dice.choice(got)
            assert push.card
            self.tap(push.to, push.card)

    def _is_gone(self, who: str) -> bool:
        return who in self.place.phones.gone

    def ask(self) -> None:
        """Questions, lists, nonsense."""
        person = self.dice.choice([p for p in self.people.all.values() if not p.gone])
        kinds = (speech.QUESTIONS, speech.GARBAGE, speech.QUERIES, speech.ANSWERS)
        self._speak(person.userid, self.dice.choice(self.dice.choice(kinds)))

    def pry(self) -> None:
        """Somebody on the wrong side of a complaint tries to find out."""
        secret = [r for r in self.reports if r.shut_out and r.number]
        if secret:
            report = self.dice.choice(secret)
            who = self.dice.choice(sorted(report.shut_out))
            self.say(
                who, self.dice.choice(speech.PRYING).format(n=self.speech.number(report.number))
            )

    # --- coming and going ---

    def rest(self) -> None:
        """请假, with or without a delegate, and back."""
        person = self.dice.choice(self.people.staff())
        other = self.dice.choice(self.people.staff())
        ways = (
            f"我请假 到周五 {other.name}代",
            "我请假三天",
            f"我请假 明天 {other.name}代",
            "我请假 到下周三",
            "我回来了",
        )
        self._speak(person.userid, self.dice.choice(ways))

    def leave(self) -> None:
        """A member's account is deleted or disabled; the office finds somebody else later."""
        chosen = [p for p in self.people.staff() if p.userid[:3] in ("lin", "zu_", "bu_", "zhu")]
        if len(chosen) < 20:
            return
        person = self.dice.choice(chosen)
        kind, status = self.dice.choice((("delete_user", ""), ("update_user", "2")))
        self.contact(kind, person.userid, Status=status)
        person.gone = True
        self.place.phones.gone.add(person.userid)
        if self.dice.random() < 0.7:
            self._succeed(person)

    def _succeed(self, person: Person) -> None:
        self.away += 1
        userid = f"{person.userid[:3]}_new_{self.away}"
        self.people.add(userid, *person.posts)
        new = self.people.all[userid]
        new.since = self.now.astimezone(ZONE).date().isoformat()
        file = self.people.write(self.place.home / "more.csv", [new])
        self.place.cli("roster", "import", str(file))
        self.log.append(f"{self.now:%m-%d %H:%M} {userid} follows {person.userid}")

    def contact(self, kind: str, userid: str, **fields: str) -> None:
        """One change_contact event."""
        self.move(self.now + timedelta(seconds=20))
        more = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        said = self.place.app.post_plain(
            f"<xml><ToUserName>{self.place.app.seal.receive_id}</ToUserName>"
            f"<FromUserName>sys</FromUserName><CreateTime>{int(self.now.timestamp())}</CreateTime>"
            "<MsgType>event</MsgType><Event>change_contact</Event>"
            f"<ChangeType>{kind}</ChangeType><UserID>{userid}</UserID>{more}</xml>"
        )
        self.log.append(f"{self.now:%m-%d %H:%M:%S} {kind} {userid}")
        assert (said.status, said.body) == (200, b"")

    def send_away(self) -> None:
        """A resident's messages cannot be delivered any more; he still writes."""
        person = self.dice.choice(self.people.residents())
        if not person.is_staff and len(self.place.phones.gone) < 15:
            self.place.phones.gone.add(person.userid)

    def stumble(self) -> None:
        """WeCom is busy for a while."""
        self.place.phones.fail("message/send", self.dice.choice((-1, 45009, 42001)), 2)


_SENSIBLE = {
    "pending": ("accept",) * 6
    + ("resolve", "raise", "return", "reassign", "assist", "regrade", "decline", "extend"),
    "accepted": ("resolve",) * 5
    + ("progress", "suspend", "extend", "assist", "raise", "return", "decline", "regrade", "named"),
    "working": ("resolve",) * 5 + ("progress", "suspend", "extend", "assist", "reassign"),
    "suspended": ("resume", "resume", "resolve", "progress"),
}
_DEEDS = (
    (20, County.report),
    (28, County.work),
    (10, County.oversee),
    (14, County.follow_up),
    (14, County.tap_a_card),
    (3, County.decide),
    (3, County.help),
    (5, County.ask),
    (4, County.pry),
    (2, County.stranger),
    (2, County.rest),
    (1, County.leave),
    (0.5, County.send_away),
    (0.5, County.stumble),
)


def _number(card: dict[str, Any]) -> str:
    found = NUMBER.search(card["task_id"])
    return found[0] if found else ""
