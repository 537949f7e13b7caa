"""人员变动: who has left holds nothing any more, who has another account keeps everything.

At once and in one transaction, whatever the roster says; people/leaving.py sees to the posts.
"""

import logging
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, aliased

from issues import events, guards, helping, moving, wording
from issues.deployment import MEMBER
from issues.work import Work
from people import leaving
from people.reading import Part, again, changed
from people.town import Person
from rules.words import OPEN_STATES
from storage import outbox, tables
from storage.tables import (
    Assist,
    CoOwner,
    Dialogue,
    Endorsement,
    InPerson,
    Issue,
    Leave,
)


class Names(NamedTuple):
    """What an account was called, and what it is called now."""

    old: str
    new: str


log = logging.getLogger(__name__)


def leaves_something(work: Work, userid: str) -> bool:
    """Whether that account holds a post or an open issue, helps with one or stands in for
    somebody; most members of a corp do not."""
    person = work.town.person(userid)
    if person is None:
        return False
    if leaving.ahead(work.town, person.id, work.today) or _held(work.session, person):
        return True
    return bool(_helps(work.session, person) or _stands_in(work.session, person))


def depart(work: Work, person: Person, key: str) -> None:
    """End his posts, hand over what he holds, tell the admins once (``key``: of this event)."""
    session, today = work.session, work.today
    ended = leaving.end_posts(session, work.town, person.id, today)
    _end_leaves(session, person, work.now)
    work = work.on(again(session, work.town))
    issues = _held(session, person)
    for issue in issues:
        moving.hand_over(work, issue, None, work.say("reason_gone", name=person.name))
    for assist in _helps(session, person):
        helping.replace_helper(work, assist)
    work.store()
    outbox.forget(session, MEMBER, person.userid, guards.own)
    log.warning("%s has left: %s posts, %s issues", person.userid, len(ended), len(issues))
    vacant = leaving.vacant(work.town, ended, today)
    notice = wording.departed(person, work.texts, ended, vacant, len(issues))
    for userid in work.admins:
        posting = outbox.Posting(
            key=f"left:{key}:{userid}",
            channel=MEMBER,
            target=userid,
            notice=notice,
            not_before=work.pace.waking(work.now),
        )
        work.put(posting)


def is_somebody(work: Work, userid: str) -> bool:
    """Whether that account is on the roster or has ever reported something."""
    reported = select(Issue.id).where(Issue.reporter == userid.lower()).limit(1)
    known = work.town.person(userid) is not None
    return known or work.session.scalar(reported) is not None


def rename(work: Work, old: str, new: str) -> None:
    """The same human by another account: posts, issues and what is on its way go with it."""
    session, old, new = work.session, old.lower(), new.lower()
    person, known = work.town.person(old), work.town.person(new)
    _remember(work, person, Names(old, new))
    if person and known:
        leaving.merge(session, work.town, person, known, work.today)
        _move_issues(session, person, known)
    elif person:
        renamed = update(tables.PersonRow).where(tables.PersonRow.id == person.id)
        session.execute(renamed.values(userid=new))
        changed(session, Part.HOMES)
    session.execute(update(Issue).where(Issue.reporter == old).values(reporter=new))
    for table in (Endorsement, InPerson):
        _move_rows(session, table, Names(old, new))
    work.store()
    outbox.readdress(session, MEMBER, old, new)
    _move_dialogues(session, old, new)
    log.warning("%s is called %s from now on", old, new)


def _move_rows(session: Session, table: type[Endorsement] | type[InPerson], names: Names) -> None:
    """What an account has of an issue goes along, unless the new one has the same of it."""
    known = aliased(table)
    twice = select(known.issue_id).where(known.userid == names.new)
    stale = delete(table).where(table.userid == names.old, table.issue_id.in_(twice))
    session.execute(stale.execution_options(synchronize_session=False))
    mine = update(table).where(table.userid == names.old).values(userid=names.new)
    session.execute(mine.execution_options(synchronize_session=False))


def _held(session: Session, person: Person) -> list[Issue]:
    held = select(Issue).where(Issue.holder_id == person.id, Issue.state.in_(OPEN_STATES))
    return list(session.scalars(held.order_by(Issue.id)))


def _end_leaves(session: Session, person: Person, now: datetime) -> None:
    """He is nobody's delegate any more, and nobody stands in for him."""
    mine = update(Leave).where(Leave.person_id == person.id, Leave.ended_at.is_(None))
    session.execute(mine.values(ended_at=now))
    theirs = update(Leave).where(Leave.delegate_id == person.id, Leave.ended_at.is_(None))
    session.execute(theirs.values(delegate_id=None))
    changed(session, Part.SEATS)
    covered = update(Issue).where(Issue.behalf_id == person.id)
    session.execute(covered.values(behalf_id=None))


def _stands_in(session: Session, person: Person) -> bool:
    promised = select(Leave.id).where(Leave.delegate_id == person.id, Leave.ended_at.is_(None))
    return session.scalar(promised.limit(1)) is not None


def _helps(session: Session, person: Person) -> list[Assist]:
    """The 协办 that wait for his answer."""
    asked = select(Assist).where(Assist.person_id == person.id, Assist.answered_at.is_(None))
    return list(session.scalars(asked.order_by(Assist.id)))


def _remember(work: Work, person: Person | None, names: Names) -> None:
    """The events of an issue name accounts: they say as well that one has a new name."""
    joined = Issue.id.in_(select(Endorsement.issue_id).where(Endorsement.userid == names.old))
    held = Issue.holder_id == (person.id if person else -1)
    mine = or_(Issue.reporter == names.old, held, joined)
    for issue in work.session.scalars(select(Issue).where(mine).order_by(Issue.id)):
        data = {"was": names.old, "now": names.new}
        if issue.reporter == names.old:
            data["reporter"] = names.new
        if person and issue.holder_id == person.id:
            data["holder"] = names.new
        change = events.Change("renamed", issue.state, data=data)
        events.record(work, issue, events.CLOCK, change)


def _move_issues(session: Session, person: Person, to: Person) -> None:
    for column in (Issue.holder_id, Issue.behalf_id, Assist.person_id, Assist.asked_by):
        mine = update(column.class_).where(column == person.id)
        session.execute(mine.values({column.key: to.id}))
    for column in (Leave.person_id, Leave.delegate_id):
        mine = update(Leave).where(column == person.id, Leave.ended_at.is_(None))
        session.execute(mine.values({column.key: to.id}))
    changed(session, Part.SEATS)
    already = select(CoOwner.issue_id).where(CoOwner.person_id == to.id)
    twice = delete(CoOwner).where(CoOwner.person_id == person.id, CoOwner.issue_id.in_(already))
    session.execute(twice.execution_options(synchronize_session=False))
    session.execute(update(CoOwner).where(CoOwner.person_id == person.id).values(person_id=to.id))


def _move_dialogues(session: Session, old: str, new: str) -> None:
    """Open questions go along, unless the new account has been asked the same meanwhile."""
    mine = select(Dialogue).where(Dialogue.userid == new)
    asked = {(one.chat_id, one.kind) for one in session.scalars(mine)}
    for dialogue in session.scalars(select(Dialogue).where(Dialogue.userid == old)):
        if (dialogue.chat_id, dialogue.kind) in asked:
            session.delete(dialogue)
        else:
            dialogue.userid = new
    session.flush()
