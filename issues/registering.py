"""群众点单: a new issue with its number, promise and first holder; and what is added to it later.

Which words are a report, and which are the rest of one, is the handlers' business.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, func, or_, select

from issues import allowed, events, guards, holding, planning, ringing, standing, tell, wording
from issues.deployment import MEMBER
from issues.events import Actor, Change
from issues.guards import WHILE_OPEN, Facts
from issues.routing import Arrival, Place, place
from issues.short_numbers import next_number
from issues.work import Work
from people.town import Person
from rules import marks, urgent
from rules.ladder import Seat
from rules.words import Action, Party, State, Tier, UnitKind
from storage import outbox
from storage.notice import Notice
from storage.objects import add_object, objects, whole
from storage.statement import Statement
from storage.tables import STILL_OPEN, Attachment, Issue

#: A household that has reported so often in this time is pointed out to the 片长 (never held
#: against anybody).
REPEATED_WITHIN = timedelta(days=90)
REPEATED = 3
#: So long, and while it is open, what somebody says belongs to the complaint that he has made
#: about a 长, or is kept from the same people (domain.md §8).
COMPLAINED_WITHIN = timedelta(hours=72)
#: So long after a report more words, a photo or an impatient repetition belong to it.
JUST_NOW = timedelta(minutes=10)
FIRST_CARD = "e1:new"
#: （照片 2） stands for words that have still to come.
_WORDLESS = "（"
_LATELY_REPORTED = Statement(
    whole(Issue)
    .where(Issue.reporter == bindparam("userid"))
    .where(
        or_(
            and_(STILL_OPEN, Issue.reported_at >= bindparam("just_now")),
            and_(
                Issue.bypassed.is_not(None),
                or_(STILL_OPEN, Issue.reported_at >= bindparam("complained")),
            ),
        )
    )
    .order_by(Issue.id.desc())
)
#: More new issues of one sender in an hour than this reach their holder as one list (domain.md §4);
#: each has its number and its promise all the same.
FROM_ONE_AN_HOUR = 20
HOUR = timedelta(hours=1)
_BEFORE = Statement(
    select(
        select(func.count())
        .where(
            Issue.household_id == bindparam("household"),
            Issue.reported_at > bindparam("since"),
            Issue.bypassed.is_(None),
        )
        .scalar_subquery()
        .label("of_household"),
        select(func.count())
        .where(Issue.reporter == bindparam("userid"), Issue.reported_at > bindparam("hour_ago"))
        .scalar_subquery()
        .label("of_sender"),
    )
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
    #: the emergency class's name; it is rung until somebody comes, by night as well
    emergency: str = ""
    #: a matter that is spoken of in private only and never rated
    delicate: bool = False
    #: the highest level of the ladder that it complains about: nobody up to there may see it
    accuses: UnitKind | None = None
    #: a photo alone: its card waits a little for the words, which may not be for who gets it
    wordless: bool = False


def open_issue(work: Work, report: Report) -> Issue:
    """A new issue with its number, promise and first holder, who gets a card at once."""
    sender = work.town.person(report.userid)
    arrival = Arrival(sender, standing.chat_unit(work, report.chat_id), report.accuses)
    issue = _registered(work, report, place(work.town, arrival, work.today))
    _begin(work, issue, report)
    ((of_household, of_sender),) = _BEFORE.run(work.session, _asked_before(work, issue))
    many = of_sender > FROM_ONE_AN_HOUR
    _tell_new(work, issue, work.now + JUST_NOW if report.wordless else None, gathered=many)
    if of_household >= REPEATED:
        _point_out_repeats(work, issue, of_household)
    if many:
        _point_out_many(work, issue, of_sender)
    return issue


def lately_reported(work: Work, userid: str) -> list[Issue]:
    """What somebody has reported in the last ten minutes and is still open, and the complaints
    about a 长 to which his words can belong; newest first."""
    given = {"just_now": work.now - JUST_NOW, "complained": work.now - COMPLAINED_WITHIN}
    found = _LATELY_REPORTED.named(work.session, {"userid": userid.lower(), **given})
    return objects(work.session, Issue, found)


def turn_aside(work: Work, issue: Issue, by: Actor, report: Report) -> None:
    """What came just before, a photo without words, is of a complaint: the report's words are its
    words now, and whoever is complained about has it no longer, nor what was on its way to him."""
    before, former = issue.state, work.holder(issue)
    sender = work.town.person(issue.reporter)
    arrival = Arrival(sender, standing.chat_unit(work, issue.chat_id), report.accuses)
    where = place(work.town, arrival, work.today)
    issue.content, issue.bypassed, issue.state = report.text, report.accuses, State.PENDING
    issue.unclaimed, issue.unit_id = where.unclaimed, where.unit.id if where.unit else None
    holding.hold(work, issue, Seat(where.level, 0, where.holder, where.behalf))
    planning.plan(work, issue)
    work.store()
    shut_out = {work.town.by_id(key) for key in standing.shut_out(work, issue)} | {former}
    for person in shut_out - {None, work.holder(issue)}:
        outbox.take_back(work.session, guards.about(issue.id), standing.userid_of(person))
    came = attach(work, issue, report.channel, report.materials)
    unit = where.unit.path if where.unit else None
    data = {**events.where(work, issue), "bypassed": issue.bypassed, "unit": unit, **came}
    change = Change("turned_aside", before, report.text, data)
    event = events.record(work, issue, by, change)
    heading = wording.heading(work.texts, "", unclaimed=issue.unclaimed)
    card = tell.holder_card(work, issue, heading, event.seq)
    tell.new_holder(work, issue, work.holder(issue), f"e{event.seq}:new", card)


def becomes_urgent(work: Work, issue: Issue, by: Actor, report: Report) -> None:
    """What came just before, a photo or half a sentence, turns out to be an emergency."""
    issue.urgent, issue.danger, issue.delicate = True, report.emergency, report.delicate
    issue.content = f"{issue.content}\n{report.text}"
    issue.ring_at = urgent.next_ring(issue.reported_at, work.now)
    issue.rung_to = urgent.first_level(issue.level)
    came = attach(work, issue, report.channel, report.materials)
    data = {"danger": report.emergency, **came}
    event = events.record(work, issue, by, Change("urgent", issue.state, report.text, data))
    holder = standing.userid_of(work.holder(issue))
    outbox.drop_waiting(work.session, guards.about(issue.id), MEMBER, [holder], f":{FIRST_CARD}:")
    ringing.begin(work, issue, event.seq)


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
        danger=report.emergency,
        ring_at=urgent.next_ring(report.at, work.now) if report.emergency else None,
        rung_to=urgent.first_level(where.level) if report.emergency else None,
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
    if _is_told_with_card(work, issue, change.reason):
        return
    if tell.runs(work, issue):
        told = "\n".join(part for part in (change.reason, _brought(work, materials)) if part)
        seen = any(material.kind != "location" for material in materials)
        ringing.pass_on_words(work, issue, by, event.seq, told, look=seen)
        return
    notice = wording.said_more(work, issue, what, shown=bool(materials))
    rings = tell.IfUrgent.RINGS  # what is still happening there
    tell.holder(work, issue, f"e{event.seq}:more", notice, WHILE_OPEN, if_urgent=rings)


def _brought(work: Work, materials: tuple[Material, ...]) -> str:
    """照片 2、长冲组路口（27.9，112.5）"""
    places = [wording.spot(work, one) for one in materials if one.kind == "location"]
    others = wording.counted(one for one in materials if one.kind != "location")
    return "、".join(part for part in (others, *places) if part)


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


def _asked_before(work: Work, issue: Issue) -> dict[str, object]:
    return {
        "household": issue.household_id,
        "since": issue.reported_at - REPEATED_WITHIN,
        "userid": issue.reporter,
        "hour_ago": work.now - HOUR,
    }


def _tell_new(
    work: Work, issue: Issue, since: datetime | None = None, *, gathered: bool = False
) -> None:
    if issue.urgent:
        ringing.begin(work, issue, 1)
        return
    facts, card = Facts(holder_id=issue.holder_id), _first_card(work, issue)
    holder = work.holder(issue)
    tell.new_holder(work, issue, holder, FIRST_CARD, card, facts, since, gathered=gathered)


def _first_card(work: Work, issue: Issue) -> Notice:
    heading = wording.heading(work.texts, "", unclaimed=issue.unclaimed)
    return tell.holder_card(work, issue, heading, 1)


def _is_told_with_card(work: Work, issue: Issue, text: str) -> bool:
    """A photo came first, and its card has not left: it leaves with the words."""
    if not issue.content.startswith(_WORDLESS) or work.now > issue.reported_at + JUST_NOW:
        return False
    card, holder = _first_card(work, issue), work.holder(issue)
    return tell.card_anew(work, issue, holder, FIRST_CARD, card, now=bool(text))


def _point_out_repeats(work: Work, issue: Issue, count: int) -> None:
    """A household with several reports in 90 days may need somebody to look in."""
    if issue.household_id is None or issue.bypassed or issue.delicate:
        return
    chief = _chief(work, issue)
    what = f"e1:repeats:{issue.household_id}"
    if chief is None or _pointed_out(work, f":{what}:", chief.userid, REPEATED_WITHIN):
        return
    home = standing.household(work, issue)
    name = home.name if home else ""
    notice = wording.notice(work, issue, "repeated_household", household=name, count=count)
    notice = replace(notice, about="")  # a household's own line, whatever is told of the issue
    tell.later(work, issue, chief.userid, what, notice)


def _point_out_many(work: Work, issue: Issue, count: int) -> None:
    """One sender with more in an hour than anybody has: one line for the 片长, whose call it is
    whether to ring him up. Nobody is silenced by a program."""
    if issue.bypassed or issue.delicate:
        return
    chief, what = _chief(work, issue), f"e1:many:{issue.reporter}"
    if chief is None or _pointed_out(work, f":{what}:", chief.userid, HOUR):
        return
    name = standing.reporter_name(work, issue)
    notice = wording.notice(work, issue, "many_from_one", name=name, count=count)
    tell.later(work, issue, chief.userid, what, replace(notice, about=""))


def _chief(work: Work, issue: Issue) -> Person | None:
    """The 片长 of its ladder."""
    seats = {seat.level: seat.person for seat in standing.seats(work, issue)}
    return work.town.by_id(seats.get(UnitKind.PIAN))


def _pointed_out(work: Work, what: str, userid: str, within: timedelta) -> bool:
    """Once a household or a sender, not with every further report."""
    since = work.now - within
    return outbox.put_since(work.session, outbox.Addressee(MEMBER, userid), what, since, 1) > 0


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
