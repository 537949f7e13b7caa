"""群众点单: a new issue, what is added to it, and the household that joins (附议).

Which words are a report, and which are the rest of one, is the handlers' business.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from issues import words
from issues.bench import Bench, userid_of
from issues.complaints import accused
from issues.events import Actor, Change
from issues.numbers import next_number
from issues.routing import Arrival, Place, ladder, place
from people import tree
from rules import marks
from rules.ladder import rank
from rules.words import OPEN_STATES, Action, State, Tier, UnitKind
from storage.notice import Notice
from storage.tables import Attachment, Endorsement, Issue, Unit

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
        self._attach(issue, report.channel, report.materials)
        actor = Actor(report.userid.lower(), "resident", report.channel)
        self._event(issue, actor, Change("opened", data=self._born(issue)))
        self._tell_new(issue, report.emergency)
        self._point_out_repeats(issue)
        return issue

    def _registered(self, report: Report, where: Place) -> Issue:
        clock, tier = self._clock, Tier.ORDINARY
        due_at = marks.promised(report.at, tier, clock)
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
        the resident goes on."""
        before = self._advance(issue, Action.SUPPLEMENT, by)
        if text:
            issue.content = f"{issue.content}\n{text}"
        self._attach(issue, by.channel, materials)
        what = text or words.counted(materials)
        if before is State.SUSPENDED:
            issue.suspended_until = None
            self._plan(issue)
        event = self._event(issue, by, Change(Action.SUPPLEMENT, before, what))
        notice = words.said_more(issue, what, shown=bool(materials))
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
        sender = tree.person(self.session, userid)
        home = tree.home(self.session, sender.id) if sender else None
        zu = tree.within(self.session, UnitKind.ZU, home[1]) if home else None
        if home is None or zu is None:
            return []
        near = (
            select(Issue)
            .join(Unit, Unit.id == Issue.unit_id)
            .where(
                tree.inside(zu),
                Issue.state.in_(OPEN_STATES),
                Issue.reported_at >= self.now - SAME_WITHIN,
                Issue.reporter != userid.lower(),
                Issue.household_id.is_distinct_from(home[0].id),
                Issue.bypassed.is_(None),
                Issue.delicate.is_(False),
            )
        )
        return list(self.session.scalars(near.order_by(Issue.id.desc())))

    def endorse(self, issue: Issue, by: Actor, text: str) -> Endorsement:
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
        data = {"household": joined.household_id}
        event = self._event(issue, by, Change(Action.ENDORSE, before, text, data))
        count = len(self.endorsements(issue))
        notice = self._notice(issue, "endorsed", count=count, said=words.cut(text, 60))
        self._tell_holder(issue, f"e{event.seq}:endorsed", notice)
        return joined

    # --- telling ---

    def _tell_new(self, issue: Issue, emergency: str) -> None:
        heading = words.emergency_card_heading(emergency) if emergency else "新诉求"
        if issue.unclaimed:
            heading = f"待认领·{heading}"
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

    def _attach(self, issue: Issue, channel: str, materials: tuple[Material, ...]) -> None:
        for material in materials:
            fetch = self.now if material.url or material.media_id else None
            self.session.add(
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
                    fetch_at=fetch,
                )
            )
        self.session.flush()
