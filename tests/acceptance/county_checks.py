"""What must hold in a county, looked at from outside: command line, answers, what phones got.

Written from the regulation, not from the code: ``Watch.look`` after every round of a play,
``Watch.look_at_all`` at its end. ``told`` collects what is wrong; the first finding ends a play.
"""

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from tests.acceptance import county_rates
from tests.acceptance.county import ASKS, OPEN, SLOTS, County, Message, Push, Report
from tests.acceptance.deployment import NUMBER, ZONE

LARGEST_TEXT = 2048
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MARK = re.compile(r"(?:已满|满) (2 天|1 周|\d+ 个月)")
#: Elements of a card in characters (developer centre 90236).
CARD_LIMITS = {
    "title": 36,
    "desc": 44,
    "sub_title_text": 160,
    "keyname": 5,
    "value": 30,
    "text": 10,
}
TASK = re.compile(r"[0-9A-Za-z_@-]{1,128}")
#: From the evening's quiet hours to midnight, and from there to the first slot.
QUIET, FIRST_SLOT = timedelta(hours=2), timedelta(hours=7, minutes=50)
#: A question that says what comes of it if nobody answers.
SILENCE = re.compile("十分钟不回")
#: Where the ladder of this county ends.
TOP = ("township", "city")
#: A dialogue that nobody answers becomes an issue after ten minutes.
SETTLED = timedelta(minutes=15)


class Watch:
    """Looks at one play, again and again."""

    def __init__(self, county: County) -> None:
        self.county = county
        self.place = county.place
        self.reported: dict[str, str] = {}
        self.shows: dict[str, dict[str, Any]] = {}
        self.seen_pushes = self.seen_messages = self.seen_posts = 0
        self.slots: Counter[tuple[str, datetime]] = Counter()
        self.first_cards: Counter[tuple[str, str]] = Counter()
        self.marks: dict[tuple[str, str, str], datetime] = {}
        self.tasks: dict[str, str] = {}
        self.late: set[tuple[str, str]] = set()
        self.unsettled: list[Report] = []
        self.seen_reports = 0

    # --- after a round ---

    def look(self) -> None:
        """Everything that has happened since the last look."""
        self.place.tick_inside()
        self.county.read()
        rows = self.county.rows
        pushes = self.place.phones.pushes[self.seen_pushes :]
        self._reread(rows, pushes)
        for row in rows.values():
            self._row(row)
        for number in sorted(set(self.reported) - set(rows)):
            raise AssertionError(f"{number} is gone")
        for message in self.county.messages[self.seen_messages :]:
            self._answer(message)
        for push in pushes:
            self._push(push)
        for _, body in self.place.phones.posted[self.seen_posts :]:
            self._post(body)
        self._settle_reports()
        self.seen_pushes += len(pushes)
        self.seen_messages = len(self.county.messages)
        self.seen_posts = len(self.place.phones.posted)
        self.place.cli("issues", "verify")

    def look_at_all(self) -> None:
        """The whole history of everything, and what it adds up to."""
        for number in self.county.rows:
            self._show(number)
        for show in self.shows.values():
            self._history(show)
        delicate = {r.number for r in self.county.reports if r.delicate}
        at = self.county.now.isoformat()
        told = json.loads(self.place.cli("rates", "--json", "--at", at))
        county_rates.compare(told, list(self.shows.values()), self.county.now, delicate)

    def _reread(self, rows: dict[str, dict[str, Any]], pushes: list[Push]) -> None:
        touched = self.county.touched | {n for p in pushes for n in NUMBER.findall(p.text)}
        self.county.touched = set()
        for number, row in rows.items():
            known = self.shows.get(number)
            if known is None or number in touched or any(known[key] != row[key] for key in row):
                self._history(self._show(number))

    def _show(self, number: str) -> dict[str, Any]:
        self.shows[number] = self.place.show(number)
        return self.shows[number]

    # --- one issue ---

    def _row(self, row: dict[str, Any]) -> None:
        number = row["number"]
        first = self.reported.setdefault(number, row["reported_at"])
        assert row["reported_at"] == first, f"{number}: the clock was restarted"
        assert row["due_at"] >= _promise(first).isoformat(), f"{number} is due too early: {row}"
        if row["state"] not in OPEN:
            return
        assert row["holder"], f"{number} is open and nobody holds it"
        assert row["next_mark_at"], f"{number} is open and has no next mark"
        assert row["holder"] not in self.place.phones.gone or self._is_resident(row["holder"]), (
            f"{number} is held by {row['holder']}, who has left"
        )
        assert row["next_mark_at"] > self.county.now.isoformat(), f"{number} was not looked at"
        if row["due_at"] <= self.county.now.isoformat():
            self._overdue(row)

    def _is_resident(self, userid: str) -> bool:
        return not self.county.people.all[userid].gone

    def _overdue(self, row: dict[str, Any]) -> None:
        """Risen at the promise, or at the end of the ladder already."""
        key = (row["number"], row["due_at"])
        if key in self.late:
            return
        show = self._show(row["number"])
        if _waits_for_answer(show, row["due_at"], self.county.now):
            return
        since = [e for e in show["events"] if e["at"] >= row["due_at"]]
        late = [e for e in since if e["data"].get("late") or e["kind"] == "redo"]
        assert late, f"{row['number']} is overdue since {row['due_at']}, nobody was told"
        assert _risen(show, late[-1]), f"{row['number']} is overdue and stands still: {late[-1]}"
        self.late.add(key)

    def _history(self, show: dict[str, Any]) -> None:
        number, events = show["number"], show["events"]
        marks = Counter(e["data"]["mark"] for e in events if e["kind"] == "mark")
        assert not marks or max(marks.values()) == 1, f"{number}: a mark fired twice: {marks}"
        times = [e["at"] for e in events]
        assert times == sorted(times), f"{number}: {times}"
        report = next((r for r in self.county.reports if r.number == number), None)
        # what follows half a sentence is a part of it, and was born with it
        if report and report.token in show["content"].partition("\n")[0]:
            self._born(report, show)
        for secret in self.county.reports:
            if secret.shut_out and secret.token in show["content"]:
                self._kept_from(secret, show)
        self._tokens_of(show)

    def _born(self, report: Report, show: dict[str, Any]) -> None:
        sent = datetime.fromtimestamp(int(report.at.timestamp()), ZONE)
        reported = datetime.fromisoformat(show["reported_at"])
        assert abs(reported - sent) < timedelta(seconds=2), f"{show['number']}: {reported}, {sent}"
        first = next(e for e in show["events"] if "due_at" in e["data"])
        promised = datetime.fromisoformat(first["data"]["due_at"])
        assert promised == _promise(show["reported_at"]), f"{show['number']} promised {promised}"
        assert show["urgent"] or not report.urgent, f"{show['number']}: {report.text}"

    def _kept_from(self, secret: Report, show: dict[str, Any]) -> None:
        """Nobody on the wrong side of a complaint ever holds it or helps with it."""
        held = {e["data"].get("holder") for e in show["events"]} | {show["holder"]}
        held |= {e["data"].get("helper") for e in show["events"]} | set(show["co_owners"])
        found = held & secret.shut_out
        assert not found, f"{show['number']} came to {found}: {secret.text}"

    def _tokens_of(self, show: dict[str, Any]) -> None:
        said = show["content"] + "".join(e["reason"] or "" for e in show["events"])
        self.unsettled = [r for r in self.unsettled if r.token not in said]

    # --- no report is lost ---

    def _settle_reports(self) -> None:
        new = self.county.reports[self.seen_reports :]
        self.seen_reports = len(self.county.reports)
        known = (
            "".join(
                show["content"] + "".join(e["reason"] or "" for e in show["events"])
                for show in self.shows.values()
            )
            if new
            else ""
        )
        self.unsettled += [r for r in new if r.token not in known]
        for report in self.unsettled:
            if report.number:
                assert report.number in self.county.rows, f"{report.number} does not exist"
            late = self.county.now - report.at > SETTLED
            assert not late or report.number, f"lost: {report}"
        self.unsettled = [r for r in self.unsettled if not r.number]

    # --- what is read ---

    def _answer(self, message: Message) -> None:
        assert message.answer.status == 200, f"{message.who}: {message.said!r}: {message.answer}"
        assert CHINESE.search(message.reply), f"{message.said!r} was answered {message.reply!r}"
        limit = LARGEST_TEXT if not message.chat else 20480
        assert len(message.reply.encode()) <= limit
        if message.chat:
            self._public(message.reply)
        else:
            self._read(message.who, message.reply, message.said)

    def _push(self, push: Push) -> None:
        self._fits(push)
        assert CHINESE.search(push.text), f"{push.to} got {push.text!r}"
        self._read(push.to, push.text)
        self._told_once(push)
        self._paced(push)

    def _post(self, body: dict[str, Any]) -> None:
        text = body["text"]["content"]
        assert len(text.encode()) <= LARGEST_TEXT
        self._public(text)
        for secret in self.county.reports:
            if secret.shut_out and secret.number:
                assert secret.number not in text, f"a complaint in a group: {text}"

    def _public(self, text: str) -> None:
        """In a group: no content, no resident."""
        for report in self.county.reports:
            assert report.token not in text, f"in a group: {text}"
        names = [p.name for p in self.county.people.all.values() if not p.posts]
        found = [name for name in names if name in text]
        assert not found, f"in a group: {found} in {text}"

    def _read(self, who: str, text: str, said: str = "") -> None:
        """Who reads this may read it."""
        person = self.county.people.all.get(who)
        for report in self.county.reports:
            if report.token in text and report.token not in said:
                assert who not in report.shut_out, f"{who} read of {report.text}: {text}"
                self._may_read(who, report, text)
            if report.number and report.number in text and report.number not in said.upper():
                assert who not in report.shut_out, f"{who} read of {report.number}: {text}"
        if person and all(role in ("部门", "驻地单位") for role, _ in person.posts):
            self._names_in(who, text)

    def _may_read(self, who: str, report: Report, text: str) -> None:
        """Residents read of what they and their household have said, and of nothing else."""
        person, author = self.county.people.all.get(who), self.county.people.all.get(report.who)
        if (person and person.is_staff) or who == report.who:
            return
        family = self.county.people.household(author) if author and author.home else set()
        assert who in family, f"{who} read what {report.who} has said: {text}"

    def _names_in(self, who: str, text: str) -> None:
        """A helper reads no reporter's name unless he leads, or the lead has opened it."""
        # what somebody has said may quote a number that there is not
        for number in set(NUMBER.findall(text)) & set(self.county.rows):
            show = self.shows.get(number) or self._show(number)
            reporter = self.county.people.all.get(show["reporter"])
            if reporter is None or reporter.name not in text or reporter.userid == who:
                continue
            events = show["events"]
            unit = {where for _, where in self.county.people.all[who].posts}
            leads = any(
                e["data"].get("holder") == who or e["data"].get("lead") in unit for e in events
            )
            opened = any(e["kind"] == "named" for e in events)
            assert leads or opened, f"{who} read the name of who reported {number}: {text}"

    # --- sizes ---

    def _fits(self, push: Push) -> None:
        if push.body["msgtype"] == "text":
            size = len(push.body["text"]["content"].encode())
            assert size <= LARGEST_TEXT, f"{size} bytes to {push.to}: {push.text}"
        elif push.card:
            _card_fits(push.card)
            task = push.card["task_id"]
            assert TASK.fullmatch(task), task
            known = self.tasks.setdefault(task, json.dumps(push.body, sort_keys=True))
            assert known == json.dumps(push.body, sort_keys=True), f"task_id {task} twice"

    # --- how often ---

    def _told_once(self, push: Push) -> None:
        """No mark is told twice to the same person."""
        for line in push.text.splitlines():
            told = line.partition("：")[0]  # behind it stands what somebody said, numbers and all
            number, mark = NUMBER.search(told), MARK.search(told)
            if number and mark:
                key = (push.to, number[0], mark[1])
                before = self.marks.setdefault(key, push.at)
                assert before == push.at, f"{push.to} was told twice: {line}"

    def _paced(self, push: Push) -> None:
        """One push a slot besides first cards, urgent things, answers to one's own deeds, results
        for residents and the buttons that follow a digest; who has left is told to the admins at
        once, each by himself."""
        left = "已离开" in push.text or "已删除或停用" in push.text
        if left or self._is_urgent(push) or self._is_first_card(push) or _by_itself(push):
            return
        if SILENCE.search(push.text):  # asked in private after words in a group
            self.county.owed[push.to] = self.county.owed.get(push.to, 0) + 1
        key, owed = (push.to, _slot(push.at)), self.county.owed.get(push.to, 0)
        self.slots[key] += 1
        if self.slots[key] > 1 and owed:
            self.slots[key], self.county.owed[push.to] = 1, owed - 1
        if self.slots[key] > 1:
            lately = [p.text for p in self.place.phones.pushes if p.to == push.to][-6:]
            told = f"{push.to} twice in {key[1]}, {self.slots[key]} with {owed} owed, at {push.at}"
            raise AssertionError(f"{told}: " + "\n--\n".join(lately))

    def _is_urgent(self, push: Push) -> bool:
        numbers = NUMBER.findall(push.text)
        return any(self.shows[n]["urgent"] for n in numbers if n in self.shows)

    def _is_first_card(self, push: Push) -> bool:
        """A card that gives somebody an issue to do, or a request to help with one."""
        if push.text.startswith("有几件事"):
            return False
        keys = {button["key"] for button in push.card["button_list"]} if push.card else set()
        return bool(keys & {"accept", "assist_done", "resolve"})


def _waits_for_answer(show: dict[str, Any], due_at: str, now: datetime) -> bool:
    """A request of the last evening, which could be delivered to nobody before the promise fell
    due: the rise waits until the slot of the morning has passed (domain.md §4)."""
    due = datetime.fromisoformat(due_at)
    asked = [e for e in show["events"] if e["kind"] in ("extend", "regrade", "decline")]
    late = [e for e in asked if due - QUIET <= datetime.fromisoformat(e["at"]) < due]
    return bool(late) and now < due + FIRST_SLOT


def _risen(show: dict[str, Any], late: dict[str, Any]) -> bool:
    """Higher than before, or where nobody is higher; a department that leads keeps it, and who
    presses for it rises (依责销号)."""
    levels = [e["data"]["level"] for e in show["events"][: late["seq"]] if "level" in e["data"]]
    level = late["data"].get("level", "")
    stays = late["kind"] == "redo" or late["data"].get("lead") or level in TOP
    return bool(stays) or levels[-2:-1] != [level]


def _card_fits(card: dict[str, Any]) -> None:
    parts = [("title", card["main_title"]["title"]), ("desc", card["main_title"]["desc"])]
    parts += [("sub_title_text", card["sub_title_text"])]
    parts += [(key, row[key]) for row in card["horizontal_content_list"] for key in row]
    parts += [("text", button["text"]) for button in card["button_list"]]
    for name, text in parts:
        assert len(text) <= CARD_LIMITS.get(name, 1024), f"{name} of a card: {text!r}"
    assert 1 <= len(card["button_list"]) <= 6
    assert len(card["horizontal_content_list"]) <= 6


def _promise(reported: str) -> datetime:
    """一般问题 2 天: the day of the report does not count, 24:00 of the second day after it."""
    day = datetime.fromisoformat(reported).astimezone(ZONE).date()
    return datetime.combine(day + timedelta(days=3), datetime.min.time(), ZONE)


def _slot(at: datetime) -> datetime:
    """The pick-up slot after which ``at`` lies."""
    local = at.astimezone(ZONE)
    moments = [
        datetime.combine(local.date() - timedelta(days=back), datetime.min.time(), ZONE)
        + timedelta(hours=int(slot[:2]), minutes=int(slot[3:]))
        for back in (0, 1)
        for slot in SLOTS
    ]
    return max(moment for moment in moments if moment <= local)


__all__ = ["ASKS", "Watch"]


#: On the cards that ask for a rating or for 同意, and in what residents are told as a result.
_KEYS = ("rate:", "solved:", "grant")
_ANSWERED = re.compile(r"\S+(?:说：.*|看到您的话了)(?:，电话 \d+)?。?")
_RESULTS = re.compile("延期|不受理|办不了|重新办|重办|新的时间|改到|挂起|办好了")


def _by_itself(push: Push) -> bool:
    """Told at once and on its own: a result for a resident, and what a 长 has to agree to, which
    follows his digest as a card."""
    if push.card:
        keys = [button["key"] for button in push.card.get("button_list", ())]
        return any(key.startswith(_KEYS) for key in keys)
    if _ANSWERED.fullmatch(push.text):  # who was rung for something private, without its number
        return True
    if "\n说的是：" in push.text:  # the answer to an order given in a group
        return True
    return push.text.startswith("您的诉求") and _RESULTS.search(push.text) is not None
