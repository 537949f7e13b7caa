"""What a handler may use: the message, the sender, the session, its work and the FAQ.

Made by dispatch for one message; nothing here is global and nothing reads a clock.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from sqlalchemy import Select
from sqlalchemy.orm import Session

from faq.book import Book, Match
from handlers import dialogues, surroundings
from handlers.hints import hints_of
from handlers.hits import Hit, HitLog
from handlers.message import Incoming, Reply
from issues import guards, joining, registering, standing
from issues.deployment import BOT, MEMBER, Deployment
from issues.events import Actor
from issues.standing import visible
from issues.work import Work
from people.town import Person, Post, Town, Unit
from rules.words import OPEN_STATES
from speech.acts import Understanding
from speech.read import read
from speech.situation import Situation
from speech.understanding import hear
from speech.utterance import Utterance
from storage import outbox
from storage.notice import Notice
from storage.outbox import Precedence
from storage.tables import Dialogue, Issue


@dataclass
class Context:
    """One message's surroundings."""

    incoming: Incoming
    work: Work
    book: Book
    hits: HitLog
    #: what was asked of the FAQ by this message; logged once it has been answered for good
    noted: list[Hit] = field(default_factory=list, kw_only=True)
    #: what the FAQ made of the text already, when the message is looked at a second time
    seen: Match | None = None
    #: False if it is known that the sender has never reported or joined anything
    has_reported: bool = field(default=True, kw_only=True)

    def lay_aside(self) -> list[object]:
        """Take all that has been read out of its session, to go on with it in another one."""
        rows = list(self.session)
        self.session.expunge_all()
        return rows

    def go_on(self, work: Work, rows: list[object]) -> bool:
        """Go on in a transaction that writes with what was read before; False if that is not so
        any more. An issue that has changed meanwhile is noticed when it is written."""
        asked = self.__dict__.get("asked")
        self.__dict__.pop("lately", None)  # a neighbour may have reported the same meanwhile
        if work.town is not self.town or (asked and not dialogues.are_open(work.session, asked)):
            return False
        work.session.add_all(rows)
        self.work = work.after(self.work)
        return True

    @contextmanager
    def said_before(self, message: Incoming) -> Iterator[None]:
        """While an earlier message is carried out: its own time counts, from which a promise runs
        (domain.md §3), its quote and what came with it; not those of the answer."""
        answer = self.incoming
        came = (*message.materials, *answer.materials)
        self.incoming = replace(answer, at=message.at, quote=message.quote, materials=came)
        try:
            yield
        finally:
            self.incoming = answer

    @property
    def now(self) -> datetime:
        return self.work.now

    @property
    def session(self) -> Session:
        return self.work.session

    @property
    def office(self) -> Deployment:
        return self.work.office

    @property
    def town(self) -> Town:
        return self.work.town

    @cached_property
    def person(self) -> Person | None:
        return self.town.person(self.incoming.userid)

    @cached_property
    def posts(self) -> list[Post]:
        """The sender's posts today; empty for residents and strangers."""
        if self.person is None:
            return []
        return self.town.posts_on(self.person.id, self.work.today)

    @cached_property
    def unit(self) -> Unit | None:
        """Where the sender belongs, for answers that differ from village to village."""
        home = self.town.home(self.person.id) if self.person else None
        if home:
            return home.lin
        if self.posts:
            return self.posts[0].unit
        chat = self.office.chats.get(self.incoming.chat_id)  # a stranger in the village's group
        return self.town.unit_ending(chat) if chat else None

    @cached_property
    def utterance(self) -> Utterance:
        """What was said, read once for all handlers."""
        today = self.office.today(self.now)
        return read(self.incoming.text, self.office.bot_name, today=today)

    @property
    def text(self) -> str:
        """The sender's own words, whole, without the "@三长助手" that a group needs."""
        return self.utterance.text

    @cached_property
    def match(self) -> Match:
        """What the FAQ makes of the text; looked up once for all handlers."""
        if self.seen is not None:
            return self.seen
        return self.look_up(self.text)

    def look_up(self, text: str) -> Match:
        """What the FAQ makes of these words of the sender's."""
        return self.book.match(
            text,
            scope=(self.unit.path,) if self.unit else (),
            channel="群" if self.incoming.in_group else "私",
            today=self.work.today,
        )

    @property
    def matched(self) -> Match | None:
        """The match, if a handler has asked for it."""
        return self.__dict__.get("match", self.seen)

    @cached_property
    def actor(self) -> Actor:
        role = self.posts[0].role if self.posts else "resident"
        person_id = self.person.id if self.person else None
        return Actor(self.incoming.userid.lower(), role, self.incoming.channel, person_id)

    @cached_property
    def lately(self) -> list[Issue]:
        """Open issues of the last days that the sender's words can be about: his own, his
        household's, his 组's; newest first."""
        return joining.lately(self.work, self.incoming.userid)

    @cached_property
    def lately_reported(self) -> list[Issue]:
        """The sender's own open issues of the last minutes and his complaints about a 长."""
        return registering.lately_reported(self.work, self.incoming.userid)

    @property
    def just_reported(self) -> list[Issue]:
        """The sender's own open issues of the last minutes, newest first."""
        since = self.now - registering.JUST_NOW
        found = (one for one in self.lately_reported if one.reported_at >= since)
        return [one for one in found if one.state in OPEN_STATES]

    @property
    def complaints(self) -> list[Issue]:
        """His complaints about a 长 to which his words can belong, newest first."""
        return [one for one in self.lately_reported if one.bypassed]

    @cached_property
    def asked(self) -> list[Dialogue]:
        """The bot's questions that are still open to the sender, in all chats, newest first."""
        return dialogues.pending(self.session, self.incoming.userid.lower(), self.now)

    @property
    def asked_here(self) -> list[Dialogue]:
        """Those asked where the sender speaks now."""
        return [one for one in self.asked if one.chat_id == self.incoming.chat_id]

    @property
    def suggested(self) -> Dialogue | None:
        """The suggestions that are still open here."""
        return next((one for one in self.asked_here if one.kind == "suggest"), None)

    @cached_property
    def situation(self) -> Situation:
        """What the sender is in the middle of, made from what is read anyway."""
        return surroundings.situation(
            self._speaker,
            self.issues,
            self.asked_here,
            self.now,
            watched=self.watched,
            quote=self.incoming.quote,
            in_group=self.incoming.in_group,
        )

    @property
    def _speaker(self) -> surroundings.Speaker:
        userid, person_id = self.incoming.userid.lower(), self.person.id if self.person else None
        others = [
            issue
            for issue in self.issues
            if issue.reporter != userid
            and (person_id is None or person_id not in (issue.holder_id, issue.behalf_id))
        ]
        joined = standing.joined_by(self.session, userid) if others else ()
        roles = frozenset(post.role for post in self.posts)
        return surroundings.Speaker(userid, person_id, roles, joined)

    @cached_property
    def heard(self) -> Understanding:
        """What the words are in it."""
        return hear(self.utterance, self.situation, hints_of(self.match))

    @cached_property
    def issues(self) -> list[Issue]:
        """The issues that the sender's words can mean."""
        return self.visible()

    @cached_property
    def watched(self) -> list[Issue]:
        """What is open in the units that the sender answers for as 组长, 片长 or 村干部, the first
        due first; nobody reads what a complaint shuts him out of."""
        return standing.watched(self.work, self.person.id) if self.person and self.posts else []

    def visible(self, besides: Select[int] | None = None) -> list[Issue]:
        """The same, and those whose ids ``besides`` selects."""
        person_id = self.person.id if self.person else None
        return visible(self.session, self.incoming.userid, person_id, besides)

    @cached_property
    def private_group(self) -> bool:
        """In a group that is not set to open replies: numbers only."""
        return self.incoming.in_group and self.incoming.chat_id not in self.office.open_chats

    def say(self, key: str, /, **values: object) -> str:
        """That sentence in the words of this office."""
        return self.work.say(key, **values)

    def privately(
        self,
        text: str,
        in_group: str = "",
        issue: Issue | None = None,
    ) -> Reply:
        """Say something that is nobody else's business: in a group it goes to the person alone,
        and the group reads ``in_group``, or just that. With its ``issue``, it is told in person if
        it cannot be delivered."""
        if not self.private_group:
            return Reply(text)
        self.push(text, issue)
        return Reply(in_group or self.say("told_in_private"))

    def in_private(self, text: str) -> Reply:
        """Say what stands in no group, not even where answers are open: names and telephones."""
        if not self.incoming.in_group:
            return Reply(text)
        self.push(text)
        return Reply(self.say("told_in_private"))

    def follow(self, text: str) -> None:
        """Words after a tap, whose direct answer can only be a card: where the card was, if the
        platform gives a way, else to the one who tapped."""
        if not self.incoming.response_url:
            self.push(text)
            return
        posting = outbox.Posting(
            key=f"reply:{self.incoming.channel}:{self.incoming.key}",
            channel=BOT,
            target=self.incoming.response_url,
            notice=Notice(text=text, line=text, again=True),
            not_before=self.now,
            precedence=Precedence.ANSWER,
        )
        outbox.put(self.session, posting, self.now)

    def push(self, text: str, issue: Issue | None = None) -> None:
        """A message of its own to the sender, at once: the answer to what he just did."""
        posting = outbox.Posting(
            key=f"reply:{self.incoming.channel}:{self.incoming.key}",
            channel=MEMBER,
            target=self.incoming.userid.lower(),
            notice=Notice(text=text, line=text, again=True),
            not_before=self.now,
            precedence=Precedence.ANSWER,
            subject=guards.about(issue.id if issue else None),
        )
        outbox.put(self.session, posting, self.now)
