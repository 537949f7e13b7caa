"""群众点单: a new issue, what is added to it, and the household that joins (附议).

Which words are a report, and which are the rest of one, is the handlers' business.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select

from issues import guards, words
from issues.bench import Bench, userid_of
from issues.complaints import accused
from issues.events import Actor, Change
from issues.numbers import next_number
from issues.routing import Arrival, Place, ladder, place
from people import tree
from rules import marks
from rules.ladder import rank
from rules.transitions import NotAllowed
from rules.words import OPEN_STATES, STATE_CHINESE, Action, Party, State, Tier, UnitKind
from storage import outbox
from storage.notice import Notice
from storage.tables import Attachment, Endorsement, Household, Issue, Unit

#: A household that has reported so often in this time is pointed out to the 片长 (never held
#: against anybody).
REPEATED_WITHIN = timedelta(days=90)
REPEATED = 3
#: 附议: an issue of the same 组 reported in this time may be the same thing.
SAME_WITHIN = timedelta(days=30)


@dataclass(frozen=True)
class Material:
    """What came with a message: a photo, voice, video, place or file."""

    kind: str
    media_id: str = ""
    url: str = ""
    text: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Report:
    """A resident's words, as they came. ``at`` is the message's own time, where it has one."""

    userid: str
    text: str
    at: datetime
    channel: str
    chat_id: str | None = None
    materials: tuple[Material, ...] = ()
    #: the emergency class's name; an urgent issue ignores quiet hours
    emergency: str = ""
    #: a matter that is spoken of in private only and never rated
    delicate: bool = False
    #: whether a 长 named in it may be the one complained about
    may_accuse: bool = True


class Opening(Bench):
    """How an issue comes to be, and grows."""

    def open(self, report: Report) -> Issue:
        """A new issue with its number, promise and first holder, who gets a card at once."""
        sender = tree.person(self.session, report.userid)
        words_that_accuse = report.text if report.may_accuse else ""
        arrival = Arrival(sender, self._chat_unit(report.chat_id), words_that_accuse)
        issue = self._registered(report, place(self.session, arrival, self._today))
        came = self._attach(issue, report.channel, report.materials)
        actor = Actor(report.userid.lower(), "resident", report.channel)
        self._event(issue, actor, Change("opened", data=self._born(issue) | came))
        self._tell_new(issue, report.emergency)
        self._point_out_repeats(issue)
        return issue

    def _registered(self, report: Report, where: Place) -> Issue:
        clock, tier = self._clock, Tier.ORDINARY
        due_at = marks.promised(report.at, tier, clock, marks.TIER_VERSION)
        issue = Issue(
            number=next_number(self.session, self.office.today(report.at)),
            state=State.PENDING,
            tier=tier,
            tier_version=marks.TIER_VERSION,
            urgent=bool(report.emergency),
            delicate=report.delicate,
            content=report.text,
            reporter=report.userid.lower(),
            household_id=where.household,
            channel=report.channel,
            chat_id=report.chat_id,
            unit=where.unit,
            unclaimed=where.unclaimed,
            level=where.level,
            bypassed=where.bypassed,
            holder=tree.by_id(self.session, where.holder),
            behalf_id=where.behalf,
            reported_at=report.at,
            due_at=due_at,
            promised_at=due_at,
            held_since=self.now,
            marked_until=report.at,
            next_mark_at=marks.next_mark(report.at, due_at, report.at, clock).at,
            wanted_data={},
            result="",
        )
        self.session.add(issue)
        self.session.flush()
        self._plan_nudge(issue, report.at)
        return issue

    def _born(self, issue: Issue) -> dict[str, object]:
        """All that later figures, made from events alone, need to know of the beginning."""
        return {
            **self._where(issue),
            "tier": issue.tier,
            "reported_at": issue.reported_at.isoformat(),
            "due_at": issue.due_at.isoformat(),
            "unit": issue.unit.path if issue.unit else None,
            "household": issue.household_id,
            "urgent": issue.urgent,
            "unclaimed": issue.unclaimed,
            "bypassed": issue.bypassed,
        }

    def supplement(
        self, issue: Issue, by: Actor, text: str, materials: tuple[Material, ...] = ()
    ) -> None:
        """More words or photos of a resident, for the issue they belong to; what was waiting for
        the resident goes on. Who has joined adds to the own words, not to the neighbour's."""
        before = self._advance(issue, Action.SUPPLEMENT, by)
        own = self.endorsement(issue, by.userid) or issue
        if text:
            own.content = f"{own.content}\n{text}"
        if before is State.SUSPENDED:
            issue.suspended_until = None
            self._plan(issue)
        self._say_more(issue, by, Change(Action.SUPPLEMENT, before, text), materials)

    def household_adds(
        self, issue: Issue, by: Actor, text: str, materials: tuple[Material, ...] = ()
    ) -> None:
        """Somebody else of the household says the same: no 附议, but the holder reads it."""
        if issue not in self.of_household(by.userid):
            raise NotAllowed("这件事不是您家报的。您那边的情况，请直接说说是什么事、在哪里。")
        self._say_more(issue, by, Change("household", issue.state, text), materials)

    def _say_more(
        self, issue: Issue, by: Actor, change: Change, materials: tuple[Material, ...]
    ) -> None:
        what = change.reason or words.counted(materials)
        came = self._attach(issue, by.channel, materials)
        event = self._event(issue, by, replace(change, reason=what, data=came))
        notice = words.said_more(issue, self.office, what, shown=bool(materials))
        self._tell_holder(issue, f"e{event.seq}:more", notice)

    def accuses(self, issue: Issue, text: str) -> bool:
        """Whether the words complain about a 长 of the issue's ladder.

        Then they are not for whoever holds or once held it, and want an issue of their own.
        """
        seats = ladder(self.session, issue.unit, self._today)
        named = tree.names(self.session, [seat.person for seat in seats])
        return accused(text, seats, named) is not None

    # --- 附议 ---

    def nearby(self, userid: str) -> list[Issue]:
        """What other households of the sender's 组 have reported lately and is still open, newest
        first; private matters are left out."""
        home = self._home(userid)
        zu = tree.within(self.session, UnitKind.ZU, home[1]) if home else None
        if home is None or zu is None:
            return []
        near = self._lately_public(userid).where(
            tree.inside(zu), Issue.household_id.is_distinct_from(home[0].id)
        )
        return list(self.session.scalars(near))

    def of_household(self, userid: str) -> list[Issue]:
        """What others of the sender's household have reported lately, or what the household has
        joined, and is still open; newest first."""
        home = self._home(userid)
        if home is None:
            return []
        joined = select(Endorsement.issue_id).where(Endorsement.household_id == home[0].id)
        ours = or_(Issue.household_id == home[0].id, Issue.id.in_(joined))
        return list(self.session.scalars(self._lately_public(userid).where(ours)))

    def _home(self, userid: str) -> tuple[Household, Unit] | None:
        sender = tree.person(self.session, userid)
        return tree.home(self.session, sender.id) if sender else None

    def _lately_public(self, userid: str) -> Select[Issue]:
        """Open issues of others that may be spoken of beyond one household."""
        return (
            select(Issue)
            .join(Unit, Unit.id == Issue.unit_id)
            .where(
                Issue.state.in_(OPEN_STATES),
                Issue.reported_at >= self.now - SAME_WITHIN,
                Issue.reporter != userid.lower(),
                Issue.bypassed.is_(None),
                Issue.delicate.is_(False),
            )
            .order_by(Issue.id.desc())
        )

    def endorse(
        self, issue: Issue, by: Actor, text: str, materials: tuple[Material, ...] = ()
    ) -> Endorsement:
        """附议: the household joins with its own words; own notices and own rating from now on."""
        before = self._advance(issue, Action.ENDORSE, by)
        home = tree.home(self.session, by.person_id) if by.person_id else None
        joined = Endorsement(
            issue_id=issue.id,
            userid=by.userid.lower(),
            household_id=home[0].id if home else None,
            content=text,
            joined_at=self.now,
        )
        self.session.add(joined)
        self.session.flush()
        data = {"household": joined.household_id, **self._attach(issue, by.channel, materials)}
        event = self._event(issue, by, Change(Action.ENDORSE, before, text, data))
        count = len(self.endorsements(issue)) + 1  # with the household that reported it
        notice = self._notice(issue, "endorsed", count=count, said=words.cut(text, 60))
        self._tell_holder(issue, f"e{event.seq}:endorsed", notice)
        return joined

    def leave_endorsement(self, issue: Issue, by: Actor) -> None:
        """撤回 by one who has joined: that household leaves, the issue goes on."""
        joined = self.endorsement(issue, by.userid)
        if joined is None:
            raise NotAllowed(f"您没有附议过 {issue.number}。")
        if issue.state not in OPEN_STATES:
            now = STATE_CHINESE[issue.state]
            raise NotAllowed(f"{issue.number} 现在是「{now}」，不用再撤回了。")
        data = {"household": joined.household_id}
        self.session.delete(joined)
        self.session.flush()
        outbox.supersede(self.session, guards.about(issue.id), by.userid.lower())
        event = self._event(issue, by, Change("endorse_withdrawn", issue.state, data=data))
        count = len(self.endorsements(issue))
        notice = self._notice(issue, "endorser_left", count=count)
        self._tell_holder(issue, f"e{event.seq}:left", notice)

    def own_words(self, issue: Issue, userid: str) -> str:
        """What somebody has said about it; nobody reads a neighbour's words."""
        return (self.endorsement(issue, userid) or issue).content

    def own_materials(self, issue: Issue, by: Actor) -> list[Attachment]:
        """What somebody may see of the photos: residents the own ones, who works on it all."""
        found = sorted(self._materials(issue), key=lambda attachment: attachment.id)
        if not self.parties(issue, by) <= {Party.REPORTER, Party.ENDORSER, Party.NEIGHBOUR}:
            return found
        brought = {
            key: event.actor
            for event in self._events(issue)
            for key in event.data.get("attachments", ())
        }
        return [a for a in found if brought.get(a.id, issue.reporter) == by.userid.lower()]

    # --- telling ---

    def _tell_new(self, issue: Issue, emergency: str) -> None:
        heading = words.heading(self.office.texts, emergency, unclaimed=issue.unclaimed)
        card = self._card(issue, heading, 1)
        self._tell(issue).new_holder(issue.holder, "e1:new", card)
        if emergency:
            self._ring(issue, card)

    def _ring(self, issue: Issue, card: Notice) -> None:
        """An emergency rings everybody up to the 片长 at once."""
        rung = [s for s in self._seats(issue) if rank(s.level) <= rank(UnitKind.PIAN)]
        for seat in rung:
            person = tree.by_id(self.session, seat.person)
            if person and person.id != issue.holder_id and person.userid != issue.reporter:
                self._tell(issue).at_once(person.userid, "e1:ring", card)

    def _point_out_repeats(self, issue: Issue) -> None:
        """A household with several reports in 90 days may need somebody to look in."""
        if issue.household_id is None or issue.bypassed or issue.delicate:
            return
        lately = select(func.count()).where(
            Issue.household_id == issue.household_id,
            Issue.reported_at > issue.reported_at - REPEATED_WITHIN,
            Issue.bypassed.is_(None),
        )
        count = self.session.scalar(lately) or 0
        seats = {seat.level: seat.person for seat in self._seats(issue)}
        chief = tree.by_id(self.session, seats.get(UnitKind.PIAN))
        if count >= REPEATED and chief and userid_of(issue.holder) != chief.userid:
            notice = self._notice(issue, "repeated_household", count=count)
            self._tell(issue).later(chief.userid, "e1:repeats", notice)

    def _attach(
        self, issue: Issue, channel: str, materials: tuple[Material, ...]
    ) -> dict[str, object]:
        """Store them; which ones, for the event that says who brought them."""
        came = [
            Attachment(
                issue_id=issue.id,
                channel=channel,
                kind=material.kind,
                media_id=material.media_id,
                url=material.url,
                text=material.text,
                latitude=material.latitude,
                longitude=material.longitude,
                added_at=self.now,
                fetch_at=self.now if material.url or material.media_id else None,
            )
            for material in materials
        ]
        self.session.add_all(came)
        self.session.flush()
        return {"attachments": [attachment.id for attachment in came]} if came else {}
