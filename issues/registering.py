"""群众点单: a new issue with its number, promise and first holder; and what is added to it later.

Which words are a report, and which are the rest of one, is the handlers' business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, select

from issues import allowed, events, planning, standing, tell, wording
from issues.complaints import accused, speaks_of
from issues.events import Actor, Change
from issues.routing import Arrival, Place, ladder, place
from issues.short_numbers import next_number
from issues.standing import userid_of
from issues.work import Work
from rules import marks
from rules.ladder import Seat, rank
from rules.words import Action, Party, State, Tier, UnitKind
from storage.notice import Notice
from storage.objects import add_object, objects, whole
from storage.tables import STILL_OPEN, Attachment, Issue

#: A household that has reported so often in this time is pointed out to the 片长 (never held
#: against anybody).
REPEATED_WITHIN = timedelta(days=90)
REPEATED = 3
#: So long after a report more words, a photo or an impatient repetition belong to it.
JUST_NOW = timedelta(minutes=10)
_JUST_REPORTED = (
    whole(Issue)
    .where(Issue.reporter == bindparam("userid"), STILL_OPEN)
    .where(Issue.reported_at >= bindparam("since"))
    .order_by(Issue.id.desc())
)
_OF_HOUSEHOLD = select(func.count()).where(
    Issue.household_id == bindparam("household"),
    Issue.reported_at > bindparam("since"),
    Issue.bypassed.is_(None),
)


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


def open_issue(work: Work, report: Report) -> Issue:
    """A new issue with its number, promise and first holder, who gets a card at once."""
    sender = work.town.person(report.userid)
    words_that_accuse = report.text if report.may_accuse else ""
    arrival = Arrival(sender, standing.chat_unit(work, report.chat_id), words_that_accuse)
    issue = _registered(work, report, place(work.town, arrival, work.today))
    _begin(work, issue, report)
    _tell_new(work, issue, report.emergency)
    _point_out_repeats(work, issue)
    return issue


def just_reported(work: Work, userid: str) -> list[Issue]:
    """What somebody has reported in the last ten minutes and is still open, newest first."""
    since = work.now - JUST_NOW
    return objects(work.session, _JUST_REPORTED, Issue, userid=userid.lower(), since=since)


def _begin(work: Work, issue: Issue, report: Report) -> None:
    """Store it with its first event, which names what came with it."""
    actor, born = Actor(report.userid.lower(), "resident", report.channel), _born(work, issue)
    if not report.materials:
        events.begin(work, issue, actor, Change("opened", data=born))
        return
    add_object(work.session, issue)  # they name it by its key
    work.brand_new(issue)
    came = attach(work, issue, report.channel, report.materials)
    events.record(work, issue, actor, Change("opened", data=born | came))


def _registered(work: Work, report: Report, where: Place) -> Issue:
    clock, tier = work.clock, Tier.ORDINARY
    due_at = marks.promised(report.at, tier, clock, marks.TIER_VERSION)
    return Issue(
        number=next_number(work.session, work.office.today(report.at)),
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
        unit_id=where.unit.id if where.unit else None,
        unclaimed=where.unclaimed,
        level=where.level,
        bypassed=where.bypassed,
        holder_id=where.holder,
        behalf_id=where.behalf,
        reported_at=report.at,
        due_at=due_at,
        promised_at=due_at,
        held_since=work.now,
        marked_until=report.at,
        next_mark_at=marks.next_mark(report.at, due_at, report.at, clock).at,
        next_nudge_at=planning.first_nudge(work, report.at, due_at),
        wanted_data={},
        result="",
        last_seq=0,
        last_hash="",
    )


def _born(work: Work, issue: Issue) -> dict[str, object]:
    """All that later figures, made from events alone, need to know of the beginning."""
    unit = work.unit(issue)
    return {
        **events.where(work, issue),
        "tier": issue.tier,
        "reported_at": issue.reported_at.isoformat(),
        "due_at": issue.due_at.isoformat(),
        "unit": unit.path if unit else None,
        "household": issue.household_id,
        "urgent": issue.urgent,
        "unclaimed": issue.unclaimed,
        "bypassed": issue.bypassed,
    }


def supplement(
    work: Work, issue: Issue, by: Actor, text: str, materials: tuple[Material, ...] = ()
) -> None:
    """More words or photos of a resident, for the issue they belong to; what was waiting for
    the resident goes on. Who has joined adds to the own words, not to the neighbour's."""
    before = allowed.advance(work, issue, Action.SUPPLEMENT, by)
    own = standing.endorsement(work, issue, by.userid) or issue
    if text:
        own.content = f"{own.content}\n{text}"
    if before is State.SUSPENDED:
        issue.suspended_until = None
        planning.plan(work, issue)
    say_more(work, issue, by, Change(Action.SUPPLEMENT, before, text), materials)


def say_more(
    work: Work, issue: Issue, by: Actor, change: Change, materials: tuple[Material, ...]
) -> None:
    what = change.reason or wording.counted(materials)
    came = attach(work, issue, by.channel, materials)
    event = events.record(work, issue, by, replace(change, reason=what, data=came))
    notice = wording.said_more(work, issue, what, shown=bool(materials))
    tell.holder(work, issue, f"e{event.seq}:more", notice)


def accuses(work: Work, issue: Issue, text: str) -> bool:
    """Whether the words complain about a 长 of the issue's ladder.

    Then they are not for whoever holds or once held it, and want an issue of their own.
    """
    return accused(text, *_ladder_of(work, issue)) is not None


def names_a_zhang(work: Work, issue: Issue, text: str) -> bool:
    """Whether the words speak of a 长 of the issue's ladder: it may be a complaint that has no
    usual word for one, and is not handed on unasked."""
    return speaks_of(text, *_ladder_of(work, issue))


def _ladder_of(work: Work, issue: Issue) -> tuple[Sequence[Seat], Mapping[int, str]]:
    seats = ladder(work.town, work.unit(issue), work.today)
    return seats, work.town.names([seat.person for seat in seats])


def own_materials(work: Work, issue: Issue, by: Actor) -> list[Attachment]:
    """What somebody may see of the photos: residents the own ones, who works on it all."""
    found = sorted(tell.materials(work, issue), key=lambda attachment: attachment.id)
    if not standing.parties(work, issue, by) <= {Party.REPORTER, Party.ENDORSER, Party.NEIGHBOUR}:
        return found
    brought = {
        key: event.data.get("joined") or event.actor  # who merges two brings them for others
        for event in events.of(work.session, issue.id)
        for key in event.data.get("attachments", ())
    }
    return [a for a in found if brought.get(a.id, issue.reporter) == by.userid.lower()]


def _tell_new(work: Work, issue: Issue, emergency: str) -> None:
    heading = wording.heading(work.texts, emergency, unclaimed=issue.unclaimed)
    card = tell.holder_card(work, issue, heading, 1)
    tell.new_holder(work, issue, work.holder(issue), "e1:new", card)
    if emergency:
        _ring(work, issue, card)


def _ring(work: Work, issue: Issue, card: Notice) -> None:
    """An emergency rings everybody up to the 片长 at once."""
    rung = [s for s in standing.seats(work, issue) if rank(s.level) <= rank(UnitKind.PIAN)]
    for seat in rung:
        person = work.town.by_id(seat.person)
        if person and person.id != issue.holder_id and person.userid != issue.reporter:
            tell.at_once(work, issue, person.userid, "e1:ring", card)


def _point_out_repeats(work: Work, issue: Issue) -> None:
    """A household with several reports in 90 days may need somebody to look in."""
    if issue.household_id is None or issue.bypassed or issue.delicate:
        return
    since = issue.reported_at - REPEATED_WITHIN
    household = {"household": issue.household_id, "since": since}
    count = work.session.connection().execute(_OF_HOUSEHOLD, household).scalar() or 0
    if count < REPEATED:
        return
    seats = {seat.level: seat.person for seat in standing.seats(work, issue)}
    chief = work.town.by_id(seats.get(UnitKind.PIAN))
    if chief and userid_of(work.holder(issue)) != chief.userid:
        notice = wording.notice(work, issue, "repeated_household", count=count)
        tell.later(work, issue, chief.userid, "e1:repeats", notice)


def attach(
    work: Work, issue: Issue, channel: str, materials: tuple[Material, ...]
) -> dict[str, object]:
    """Store them; which ones, for the event that says who brought them."""
    came = [
        work.added(
            Attachment(
                issue_id=issue.id,
                channel=channel,
                kind=material.kind,
                media_id=material.media_id,
                url=material.url,
                text=material.text,
                latitude=material.latitude,
                longitude=material.longitude,
                added_at=work.now,
                fetch_at=work.now if material.url or material.media_id else None,
            )
        )
        for material in materials
    ]
    if not came:
        return {}
    work.session.flush()
    return {"attachments": [attachment.id for attachment in came]}
