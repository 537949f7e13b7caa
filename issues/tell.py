"""Who is told when: turns one notice into an outbox row with its key and its earliest moment.

The first card of a new issue and a result for the residents leave at once, the ring of an emergency
by night as well, all else
waits for the person's next pick-up slot and becomes one digest (domain.md §4). The words are in
wording.py.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import select

from issues import guards, referral, standing, wording
from issues.deployment import BOARD, MEMBER
from issues.guards import WHILE_OPEN, Facts
from issues.wording import Alarm
from issues.work import Work
from people.town import Person, has_account
from rules import urgent
from rules.ladder import rank
from rules.words import OPEN_STATES, UnitKind
from storage import outbox
from storage.notice import Notice
from storage.outbox import Precedence
from storage.tables import Attachment, InPerson, Issue

#: More new issues than this in an hour reach their holder as a digest.
CARDS_AN_HOUR = 10


class IfUrgent(Enum):
    """How that is told about an urgent matter; only what rings wakes people (domain.md §4)."""

    RINGS = "rings"  #: now, by night as well
    AT_ONCE = "at_once"  #: now, in quiet hours at their end
    AT_SLOT = "at_slot"  #: like everything else: what only the clock has to say


def at_once(
    work: Work,
    issue: Issue,
    userid: str,
    what: str,
    notice: Notice,
    *,
    facts: Facts | None = None,
    precedence: Precedence = Precedence.OTHER,
) -> None:
    """Leaves now; in quiet hours at their end."""
    start = work.pace.waking(work.now)
    leaving = Leaving(start, _guard(facts), precedence=precedence)
    _put(work, issue, userid, what, notice, leaving)


def ring(
    work: Work,
    issue: Issue,
    userid: str,
    what: str,
    notice: Notice,
    *,
    facts: Facts | None = None,
) -> None:
    """Leaves now, by day and by night: only an emergency that runs may wake somebody."""
    _put(work, issue, userid, what, notice, _ringing(work.now, _guard(facts)))


def runs(work: Work, issue: Issue) -> bool:
    """Whether it is an emergency of the last hours that nobody has ended."""
    return issue.urgent and issue.state in OPEN_STATES and urgent.runs(issue.reported_at, work.now)


def new_holder(
    work: Work,
    issue: Issue,
    person: Person | None,
    what: str,
    notice: Notice,
    facts: Facts = WHILE_OPEN,
    since: datetime | None = None,
    *,
    gathered: bool = False,
) -> None:
    """The card of a new issue: at once (or from ``since`` on), but not more than ten in an hour,
    and none of those that one sender has brought by dozens (``gathered``); a running emergency
    rings."""
    if person is None:
        return
    if runs(work, issue):
        ring(work, issue, person.userid, what, notice, facts=facts)
    elif not gathered and work.office.new_issue_at_once and not _flooded(work, person.userid):
        start = work.pace.waking(since or work.now)
        leaving = Leaving(start, _guard(facts), precedence=Precedence.CARD)
        _put(work, issue, person.userid, what, notice, leaving)
    else:
        later(work, issue, person.userid, what, notice, since, facts=facts)


def card_anew(
    work: Work, issue: Issue, person: Person | None, what: str, notice: Notice, *, now: bool
) -> bool:
    """A card that waits leaves as ``notice``, ``now`` or when it would have; False if it has left
    already."""
    if person is None:
        return False
    work.store()
    key = _key(issue, what, person.userid)
    waits = outbox.delivery(work.session, key, person.userid)
    if waits is None or waits.next_at <= work.now:
        return False
    leaves = work.pace.waking(work.now) if now else waits.next_at
    posting = outbox.Posting(key, MEMBER, person.userid, _own_card(notice, person.userid), leaves)
    return outbox.put_anew(work.session, posting)


def _key(issue: Issue, what: str, target: str) -> str:
    return f"issue:{issue.id}:{what}:{target}"


def later(
    work: Work,
    issue: Issue,
    userid: str,
    what: str,
    notice: Notice,
    since: datetime | None = None,
    *,
    facts: Facts | None = None,
    if_urgent: IfUrgent = IfUrgent.AT_ONCE,
) -> None:
    """Gathered into the digest of the first slot from ``since`` (default now) on."""
    guard = _guard(facts)
    if if_urgent is not IfUrgent.AT_SLOT and runs(work, issue):
        rings = if_urgent is IfUrgent.RINGS
        waking = Leaving(work.pace.waking(work.now), guard)
        _put(work, issue, userid, what, notice, _ringing(work.now, guard) if rings else waking)
        return
    slot = _slot(work, since or work.now)
    _put(work, issue, userid, what, notice, Leaving(slot, guard, gather=True))


def persons(
    work: Work,
    issue: Issue,
    people: Iterable[Person | None],
    what: str,
    notice: Notice,
    since: datetime,
    facts: Facts = WHILE_OPEN,
) -> None:
    """The same reminder to several people; dropped if the issue is done before it leaves, or if
    the facts that it tells are not so any more."""
    for person in people:
        if person is not None:
            how = IfUrgent.AT_SLOT
            later(work, issue, person.userid, what, notice, since, facts=facts, if_urgent=how)


def board(work: Work, issue: Issue, what: str, notice: Notice, since: datetime) -> None:
    """Into the group of the issue's unit: the nearest one above it that has a webhook."""
    path = _board(work, issue)
    if path is not None and issue.bypassed is None:
        leaving = Leaving(_slot(work, since), WHILE_OPEN.guard(), gather=True)
        _put(work, issue, path, what, notice, leaving, channel=BOARD)


def _slot(work: Work, since: datetime) -> datetime:
    """The first slot from ``since`` on; one missed by a stop is caught up, but not at night."""
    return max(work.pace.slot(since), work.pace.waking(work.now))


def _board(
    work: Work,
    issue: Issue,
) -> str | None:
    unit = work.unit(issue)
    path = unit.path if unit else ""
    while path:
        named = [b for b in work.office.boards if f"/{path}".endswith(f"/{b}")]
        if named:
            return max(named, key=len)
        path = path.rpartition("/")[0]
    return None


@dataclass(frozen=True)
class Leaving:
    """When something leaves, and what may drop it before."""

    at: datetime
    guard: str = ""
    gather: bool = False
    by_night: bool = False
    precedence: Precedence = Precedence.OTHER


def _ringing(now: datetime, guard: str) -> Leaving:
    """By day and by night, and before everything else."""
    return Leaving(now, guard, by_night=True, precedence=Precedence.URGENT)


def _guard(facts: Facts | None) -> str:
    return facts.guard() if facts else ""


def _put(
    work: Work,
    issue: Issue,
    target: str,
    what: str,
    notice: Notice,
    leaving: Leaving,
    *,
    channel: str = MEMBER,
) -> None:
    if not has_account(target):
        return  # what is worth a walk is told by `own`
    notice = _own_card(notice, target)
    posting = outbox.Posting(
        key=_key(issue, what, target),
        channel=channel,
        target=target,
        notice=notice,
        not_before=leaving.at,
        subject=guards.about(issue.id),
        gather=leaving.gather,
        guard=leaving.guard,
        by_night=leaving.by_night,
        precedence=leaving.precedence,
    )
    work.put(posting)


def _flooded(work: Work, userid: str) -> bool:
    work.store()  # what this very work tells him counts as well
    since, to = work.now - timedelta(hours=1), outbox.Addressee(MEMBER, userid)
    return outbox.put_since(work.session, to, ":new:", since, CARDS_AN_HOUR) >= CARDS_AN_HOUR


def residents(
    work: Work,
    issue: Issue,
    what: str,
    notice: Notice,
    since: datetime | None = None,
    *,
    facts: Facts | None = None,
    if_urgent: IfUrgent = IfUrgent.RINGS,
) -> None:
    """The one who reported it and all who have joined, with the next slot; in an emergency that
    runs at once, they wait for it."""
    for userid in concerned(work, issue):
        later(work, issue, userid, what, notice, since, facts=facts, if_urgent=if_urgent)


def result(
    work: Work, issue: Issue, userids: Iterable[str], what: str, notice: Notice, guard: str = ""
) -> None:
    """Residents are told a result at once, on its own, in waking hours (domain.md §4). What still
    waits for a slot and says less, 已接单 or who has it now, is of no use any more."""
    told = list(userids)
    work.store()  # what was put a moment ago is overtaken as well
    outbox.overtake(work.session, guards.about(issue.id), told)
    for userid in told:
        own(work, issue, userid, what, notice, guard)


def own(work: Work, issue: Issue, userid: str, what: str, notice: Notice, guard: str = "") -> None:
    """A message of its own, in waking hours, however urgent the matter was; in person where there
    is no account."""
    if not has_account(userid):
        in_person(work, issue, userid, notice.text, issue.last_seq)
        return
    _put(work, issue, userid, what, notice, Leaving(work.pace.waking(work.now), guard))


def in_person(work: Work, issue: Issue, userid: str, text: str, seq: int) -> None:
    """请当面告知: listed for who works on it until somebody has said it; he is told with his slot.
    ``seq``: the event that it is about."""
    listed = select(InPerson).where(InPerson.issue_id == issue.id, InPerson.userid == userid)
    row = work.session.scalar(listed)
    if row is None:
        row = InPerson(issue_id=issue.id, userid=userid, text="", since=work.now)
    elif row.told_at is not None:
        row.text, row.since = "", work.now
    row.text = "\n".join(said for said in (row.text, text) if said)
    row.told_at, row.told_by = None, ""
    work.session.add(row)
    work.session.flush()
    name = standing.name_of(work, userid)
    notice = wording.notice(work, issue, "tell_in_person", name=name, said=wording.cut(text, 120))
    holder(work, issue, f"e{seq}:in_person", notice)


def concerned(work: Work, issue: Issue) -> list[str]:
    """Who is told as a resident: who reported it, and who has joined."""
    return [issue.reporter, *(e.userid for e in standing.endorsements(work, issue))]


def heard_at(work: Work, issue: Issue, *, result: bool = False) -> datetime:
    """When somebody hears of what is put now: a resident of a ``result``, else with the slot."""
    if result:
        return work.pace.waking(work.now)
    return work.now if runs(work, issue) else _slot(work, work.now)


def holder(
    work: Work,
    issue: Issue,
    what: str,
    notice: Notice,
    facts: Facts | None = None,
    *,
    if_urgent: IfUrgent = IfUrgent.AT_ONCE,
) -> None:
    """Whoever has it now, with the next slot."""
    if found := work.holder(issue):
        later(work, issue, found.userid, what, notice, facts=facts, if_urgent=if_urgent)


def holder_card(work: Work, issue: Issue, heading: str, seq: int, why: str = "") -> Notice:
    """What the holder needs: who and where, why he has it, and from the 片 upwards who else it
    could be for (lower down things are settled between neighbours first)."""
    if issue.urgent:
        alarm = alarm_of(work, issue, standing.reporter_name(work, issue))
        return wording.alarm_card(work, issue, task(issue, seq), heading, alarm)
    name = standing.reporter_contact(work, issue)
    with_it = wording.counted(materials(work, issue))
    could, say = "", ""
    if rank(issue.level) >= rank(UnitKind.PIAN):
        could, say = referral.hint(work, issue)
    more = wording.More(with_it, why, could, say)
    return wording.assigned(work, issue, task(issue, seq), heading, name, more)


def alarm_of(work: Work, issue: Issue, name: str) -> Alarm:
    """What is needed at once: who reported it, by which telephone, where, and who knows of it."""
    reporter = work.town.person(issue.reporter)
    brought = materials(work, issue)
    return Alarm(
        reporter=name,
        phone=reporter.phone if reporter else "",
        home=_home(work, issue),
        spot=next((one for one in reversed(brought) if one.kind == "location"), None),
        with_it=wording.counted(one for one in brought if one.kind != "location"),
        rung=tuple(standing.rung(work, issue)),
    )


def _home(work: Work, issue: Issue) -> str:
    """The household's name, for which the unit alone is not exact enough."""
    reporter = work.town.person(issue.reporter)
    home = work.town.home(reporter.id) if reporter else None
    return home.name if home and home.id == issue.household_id else ""


def materials(work: Work, issue: Issue) -> list[Attachment]:
    """What has been brought with it."""
    return work.rows(issue, Attachment)


def task(issue: Issue, seq: int, kind: str = "h") -> str:
    return f"{issue.number}_{kind}{seq}"


def _own_card(notice: Notice, target: str) -> Notice:
    """A task_id is good for one message of the app: the same card to two people needs two."""
    if notice.card is None:
        return notice
    mark = hashlib.sha256(target.encode()).hexdigest()[:8]
    return replace(notice, card=replace(notice.card, task_id=f"{notice.card.task_id}_{mark}"))
