"""撤回: open issues that an import has handed over go back to who had them, as they were.

What nobody has touched since is put back to the letter, notices that still wait are dropped; of
what somebody has worked on only the hands change. The roster's rows are people/roster_undo.py's.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from issues import events, moving, tell, wording
from issues.deployment import MEMBER
from issues.events import Actor, Change
from issues.guards import about
from issues.standing import userid_of
from issues.work import Work
from people.town import Person
from rules.words import OPEN_STATES, Action, UnitKind
from storage import outbox
from storage.tables import STILL_OPEN, Assist, Issue

#: What changing hands changes of an issue.
HANDS = (
    "holder_id",
    "behalf_id",
    "level",
    "lead_unit_id",
    "sub_due_at",
    "pressed_from",
    "held_since",
    "wanted",
    "wanted_data",
)
#: And of a 协办.
HELP = ("person_id", "answered_at", "answer")
_TIMES = frozenset({"sub_due_at", "held_since", "answered_at"})


class Image(NamedTuple):
    """An issue before an import: its hands, and who helps with it, by the keys of those rows."""

    version: int
    seq: int
    hands: dict[str, Any]
    help: dict[int, dict[str, Any]]


class GivenBack(NamedTuple):
    """How many went back as they were, and the numbers of those that somebody has worked on."""

    same: int
    worked_on: list[str]


def images(session: Session, people: set[int]) -> dict[int, Image]:
    """Of all that these people hold, or help with, before posts are ended."""
    if not people:
        return {}
    asked = select(Assist).where(Assist.person_id.in_(people), Assist.answered_at.is_(None))
    helps: dict[int, dict[int, dict[str, Any]]] = {}
    for assist in session.scalars(asked):
        helps.setdefault(assist.issue_id, {})[assist.id] = _said(assist, HELP)
    his = or_(Issue.holder_id.in_(people), Issue.behalf_id.in_(people), Issue.id.in_(helps))
    found = session.scalars(select(Issue).where(his, STILL_OPEN))
    return {
        one.id: Image(one.version, one.last_seq, _said(one, HANDS), helps.get(one.id, {}))
        for one in found
    }


def handed(session: Session, before: dict[int, Image]) -> list[dict[str, Any]]:
    """Those that have changed since, as JSON for `give_back`."""
    session.flush()
    return [
        {"issue": key, **image._asdict(), "now": issue.version}
        for key, image in before.items()
        if (issue := session.get(Issue, key)) and issue.version != image.version
    ]


def give_back(work: Work, handed_over: Iterable[dict[str, Any]], by: Actor) -> GivenBack:
    """Once the posts are as they were."""
    same, worked_on = 0, []
    for one in handed_over:
        issue = work.session.get(Issue, one["issue"])
        if issue is None or issue.state not in OPEN_STATES:
            continue
        if issue.version == one["now"]:
            _put_back(work, issue, one, by)
            same += 1
            continue
        worked_on.append(issue.number)
        former = work.town.by_id(one["hands"]["holder_id"])
        moving.hand_over(work, issue, former, work.say("reason_undone"))
    return GivenBack(same, worked_on)


def _put_back(work: Work, issue: Issue, image: dict[str, Any], by: Actor) -> None:
    heir = work.holder(issue)
    for name, value in image["hands"].items():
        setattr(issue, name, _value(name, value))
    for key, said in image["help"].items():
        assist = work.session.get(Assist, int(key))
        for name, value in said.items():
            setattr(assist, name, _value(name, value))
    why = work.say("reason_undone")
    data = {"from": userid_of(heir), **events.where(work, issue)}
    event = events.record(work, issue, by, Change(Action.HAND_OVER, issue.state, why, data))
    if _was_told(work, issue, heir, range(image["seq"] + 1, event.seq)):
        _tell(work, issue, heir, event.seq, why)


def _was_told(work: Work, issue: Issue, heir: Person | None, seqs: range) -> bool:
    """Whether anybody has read of the hand-over; what nobody has read is dropped."""
    work.store()
    people = (work.holder(issue), heir)
    targets = sorted({*(userid_of(p) for p in people if p), *tell.concerned(work, issue)})
    subject, heard = about(issue.id), False
    said = outbox.deliveries(work.session, MEMBER, targets, subject, issue.reported_at)
    for seq in seqs:
        part = f":e{seq}:"
        heard = heard or any(part in d.key and d.state in ("sending", "sent") for d in said)
        outbox.drop_waiting(work.session, subject, MEMBER, targets, part)
    return heard


def _tell(work: Work, issue: Issue, heir: Person | None, seq: int, why: str) -> None:
    moving.tell_new_holder(work, issue, seq, "heading_handed_over", "undone", why=why)
    if heir:
        notice = wording.notice(work, issue, "handed_over", why=why)
        tell.later(work, issue, heir.userid, f"e{seq}:undone", notice)
    moving.tell_new_face(work, issue, f"e{seq}:undone", "new_face")


def _said(row: Issue | Assist, names: Iterable[str]) -> dict[str, Any]:
    return dict(_plain(row, names))


def _plain(row: Issue | Assist, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    for name in names:
        value = getattr(row, name)
        yield name, value.isoformat() if isinstance(value, datetime) else value


def _value(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in _TIMES:
        return datetime.fromisoformat(value)
    if name in ("level", "pressed_from"):
        return UnitKind(value)
    return Action(value) if name == "wanted" else value
