"""Who is told when: turns one notice into an outbox row with its key and its earliest moment.

The first card of a new issue and urgent things leave at once, all else waits for the person's next
pick-up slot and becomes one digest (domain.md §4). The words are in wording.py.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from issues import guards, referral, standing, wording
from issues.deployment import BOARD, MEMBER
from issues.work import Work
from people.town import Person
from rules.ladder import rank
from rules.words import UnitKind
from storage import outbox
from storage.notice import Notice
from storage.tables import Attachment, Issue

#: More new issues than this in an hour reach their holder as a digest.
CARDS_AN_HOUR = 10


def at_once(
    work: Work, issue: Issue, userid: str, what: str, notice: Notice, *, while_open: bool = False
) -> None:
    """Leaves now; in quiet hours at their end, unless the issue is urgent."""
    start = work.now if issue.urgent else work.pace.waking(work.now)
    _put(work, issue, userid, what, notice, start, gather=False, while_open=while_open)


def new_holder(work: Work, issue: Issue, person: Person | None, what: str, notice: Notice) -> None:
    """The card of a new issue: at once, but not more than ten in an hour."""
    if person is None:
        return
    by_itself = work.office.new_issue_at_once and not _flooded(work, person.userid)
    if issue.urgent or by_itself:
        at_once(work, issue, person.userid, what, notice, while_open=True)
    else:
        later(work, issue, person.userid, what, notice, while_open=True)


def later(
    work: Work,
    issue: Issue,
    userid: str,
    what: str,
    notice: Notice,
    since: datetime | None = None,
    *,
    while_open: bool = False,
) -> None:
    """Gathered into the digest of the first slot from ``since`` (default now) on."""
    if issue.urgent:
        _put(work, issue, userid, what, notice, work.now, gather=False, while_open=while_open)
        return
    slot = _slot(work, since or work.now)
    _put(work, issue, userid, what, notice, slot, gather=True, while_open=while_open)


def persons(
    work: Work,
    issue: Issue,
    people: Iterable[Person | None],
    what: str,
    notice: Notice,
    since: datetime,
) -> None:
    """The same reminder to several people; dropped if the issue is done before it leaves."""
    for person in people:
        if person is not None:
            later(work, issue, person.userid, what, notice, since, while_open=True)


def board(work: Work, issue: Issue, what: str, notice: Notice, since: datetime) -> None:
    """Into the group of the issue's unit: the nearest one above it that has a webhook."""
    path = _board(work, issue)
    if path is not None and issue.bypassed is None:
        slot = _slot(work, since)
        _put(work, issue, path, what, notice, slot, gather=True, while_open=True, channel=BOARD)


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


def _put(
    work: Work,
    issue: Issue,
    target: str,
    what: str,
    notice: Notice,
    not_before: datetime,
    *,
    gather: bool,
    while_open: bool = False,
    channel: str = MEMBER,
) -> None:
    notice = _own_card(notice, target)
    posting = outbox.Posting(
        key=f"issue:{issue.id}:{what}:{target}",
        channel=channel,
        target=target,
        notice=notice,
        not_before=not_before,
        subject=guards.about(issue.id),
        gather=gather,
        guard=guards.OPEN if while_open else "",
    )
    work.put(posting)


def _flooded(work: Work, userid: str) -> bool:
    work.store()  # what this very work tells him counts as well
    since, to = work.now - timedelta(hours=1), outbox.Addressee(MEMBER, userid)
    return outbox.put_since(work.session, to, ":new:", since, CARDS_AN_HOUR) >= CARDS_AN_HOUR


def residents(
    work: Work, issue: Issue, what: str, notice: Notice, *, while_open: bool = False
) -> None:
    """The one who reported it and all who have joined."""
    for userid in (issue.reporter, *(e.userid for e in standing.endorsements(work, issue))):
        later(work, issue, userid, what, notice, while_open=while_open)


def holder(work: Work, issue: Issue, what: str, notice: Notice) -> None:
    """Whoever has it now, with the next slot."""
    if found := work.holder(issue):
        later(work, issue, found.userid, what, notice)


def holder_card(work: Work, issue: Issue, heading: str, seq: int, why: str = "") -> Notice:
    """What the holder needs: who and where, why he has it, and from the 片 upwards who else it
    could be for (lower down things are settled between neighbours first)."""
    name = standing.reporter_contact(work, issue)
    with_it = wording.counted(materials(work, issue))
    could, say = "", ""
    if rank(issue.level) >= rank(UnitKind.PIAN):
        could, say = referral.hint(work, issue)
    more = wording.More(with_it, why, could, say)
    return wording.assigned(work, issue, task(issue, seq), heading, name, more)


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
