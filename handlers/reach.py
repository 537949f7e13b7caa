"""Which issues somebody's words can mean: a short number, "第三件", or no number at all.

Only what the speaker may see; a complaint that bypasses him is never among them.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, and_, or_, select, true

from handlers.context import Context
from issues import requesting, standing
from issues.short_numbers import NUMBER, matching
from rules.transitions import possible
from rules.words import OPEN_STATES, Action, Party, State, UnitKind
from storage.tables import STILL_OPEN, Assist, Endorsement, InPerson, Issue

#: 待办 and 逾期 read at most so many of a kind.
MOST_LISTED = 200
#: The same short number on so many days back; older ones take the full number.
MOST_NAMESAKES = 20
#: What is done to issues that are not open any more.
_OF = {Action.SPLIT: Issue.state == State.MERGED, Action.UNRESOLVE: Issue.state == State.RESOLVED}


def each_named(ctx: Context, numbers: Sequence[str], action: Action) -> dict[str, list[Issue]]:
    """The same for several numbers, which are looked up together."""
    plain = [number for number in numbers if not number.startswith("第")]
    known = ctx.visible(_below(ctx, *plain, state=_OF.get(action, STILL_OPEN))) if plain else []
    return {number: _named(ctx, number, action, known) for number in numbers}


def named(ctx: Context, number: str, action: Action) -> list[Issue]:
    """What the number can mean, the newest first; one that ``action`` fits is meant alone."""
    return _named(ctx, number, action)


def _named(
    ctx: Context, number: str, action: Action, known: list[Issue] | None = None
) -> list[Issue]:
    if number.startswith("第"):
        return _ordinal(ctx, number, action)
    if known is None and action in _OF:
        known = ctx.visible(_below(ctx, number, state=_OF[action]))
    newest = seen(ctx, number, known)
    still = [issue for issue in newest if issue.state in OPEN_STATES]
    fits = able(ctx, action, still[:MOST_NAMESAKES]) or able(ctx, action, newest[:MOST_NAMESAKES])
    return fits or still[:1] or newest[:1]


def seen(ctx: Context, number: str, known: list[Issue] | None = None) -> list[Issue]:
    """Every issue with that number that the speaker may see, the newest first; ``known``: what has
    been looked up already."""
    if known is None:
        below = _below(ctx, number)
        known = ctx.issues if below is None else ctx.visible(below)
    mine = [issue for issue in matching(number, known) if _may_see(ctx, issue)]
    return sorted(mine, key=lambda issue: issue.number, reverse=True)


def is_entitled(ctx: Context, issue: Issue) -> bool:
    """Who works or has worked on it, stands above it, has reported or joined it; nobody whom a
    complaint shuts out, and nobody who only lives nearby."""
    if standing.parties(ctx.work, issue, ctx.actor) - {Party.NEIGHBOUR}:
        return True
    return ctx.person is not None and standing.worked_on(ctx.work, issue, ctx.person.id)


def unnumbered(ctx: Context, action: Action) -> list[Issue]:
    """What can be meant when no number was said, the earliest due first."""
    if action in (Action.GRANT, Action.REFUSE):
        return asked_of(ctx)
    if action is Action.UNRESOLVE:
        return able(ctx, action, finished(ctx))
    if action is Action.ASSIST_DONE:
        return [assist_issue for _, assist_issue in helping(ctx)]
    if action is Action.URGE:
        return [i for i in own(ctx) if i.state in OPEN_STATES]
    if action is Action.RESUME and not ctx.posts:
        return able(ctx, action, own(ctx))
    return held(ctx)


def able(ctx: Context, action: Action, issues: list[Issue]) -> list[Issue]:
    """Those to which the speaker can do it as they stand."""
    return [issue for issue in issues if _able(ctx, action, issue)]


def _able(ctx: Context, action: Action, issue: Issue) -> bool:
    if action in (Action.GRANT, Action.REFUSE) and issue.wanted is None:
        return False
    return action in possible(issue.state, standing.parties(ctx.work, issue, ctx.actor))


def held(ctx: Context) -> list[Issue]:
    """What the speaker, or the unit that he works in, has to finish; the earliest due first."""
    if ctx.person is None:
        return []
    mine = or_(Issue.holder_id == ctx.person.id, Issue.lead_unit_id.in_(_unit_ids(ctx)))
    found = select(Issue).where(mine, STILL_OPEN)
    rows = ctx.session.scalars(found.order_by(Issue.due_at, Issue.id).limit(MOST_LISTED))
    return [issue for issue in rows if _may_see(ctx, issue)]


def finished(ctx: Context) -> list[Issue]:
    """What the speaker has closed as its holder and its resident has still to judge, the latest
    first."""
    if ctx.person is None or not ctx.posts:
        return []
    mine = [issue for issue in ctx.issues if issue.holder_id == ctx.person.id]
    done = [issue for issue in mine if issue.state is State.RESOLVED]
    return sorted(done, key=lambda issue: issue.resolved_at or ctx.now, reverse=True)


def own(ctx: Context) -> list[Issue]:
    """What the speaker has reported or joined as a resident."""
    userid = ctx.incoming.userid.lower()
    joined = select(Endorsement.issue_id).where(Endorsement.userid == userid)
    keys = set(ctx.session.scalars(joined))
    return [issue for issue in ctx.issues if issue.reporter == userid or issue.id in keys]


def asked_of(ctx: Context) -> list[Issue]:
    """What waits for the speaker's 同意."""
    waiting = select(Issue).where(_inside(ctx), Issue.wanted.is_not(None), STILL_OPEN)
    rows = ctx.session.scalars(waiting.order_by(Issue.due_at, Issue.id).limit(MOST_LISTED))
    return [issue for issue in rows if _is_asked(ctx, issue)]


def _is_asked(ctx: Context, issue: Issue) -> bool:
    approver = requesting.approver(ctx.work, issue)
    return approver is not None and ctx.person is not None and approver.id == ctx.person.id


def helping(ctx: Context) -> list[tuple[Assist, Issue]]:
    """协办 that the speaker or his unit has still to answer, the earliest due first."""
    if ctx.person is None:
        return []
    mine = or_(Assist.person_id == ctx.person.id, Assist.unit_id.in_(_unit_ids(ctx)))
    waiting = select(Assist, Issue).join(Issue, Issue.id == Assist.issue_id)
    still = waiting.where(mine, Assist.answered_at.is_(None), STILL_OPEN)
    rows = ctx.session.execute(still.order_by(Assist.due_at, Assist.id).limit(MOST_LISTED))
    return [(row[0], row[1]) for row in rows if _may_see(ctx, row[1])]


def to_tell(ctx: Context) -> list[tuple[InPerson, Issue]]:
    """请当面告知 of what the speaker holds or held, the oldest first."""
    listed = select(InPerson, Issue).join(Issue, Issue.id == InPerson.issue_id)
    mine = InPerson.issue_id.in_([issue.id for issue in ctx.issues])
    waiting = listed.where(mine, InPerson.told_at.is_(None)).order_by(InPerson.id)
    return [(row[0], row[1]) for row in ctx.session.execute(waiting) if _is_staff(ctx, row[1])]


def _is_staff(ctx: Context, issue: Issue) -> bool:
    return bool(TELLERS & standing.parties(ctx.work, issue, ctx.actor))


#: Who goes and tells somebody in person.
TELLERS = frozenset({Party.HOLDER, Party.CO_OWNER, Party.ABOVE})


def overdue(ctx: Context) -> list[Issue]:
    """What is late in the units that the speaker answers for or watches; the latest first."""
    inside = select(Issue)
    mine = or_(_inside(ctx), Issue.holder_id == (ctx.person.id if ctx.person else None))
    late = inside.where(mine, STILL_OPEN, Issue.due_at <= ctx.now)
    rows = ctx.session.scalars(late.order_by(Issue.due_at, Issue.id).limit(MOST_LISTED))
    return [issue for issue in rows if _may_see(ctx, issue)]


def ordinal(ctx: Context, number: str) -> list[Issue]:
    """第三件 is the third of 待办."""
    place = int(number[1:]) if number[1:].isdecimal() else 0
    return held(ctx)[place - 1 : place] if place else []


def _ordinal(ctx: Context, number: str, action: Action) -> list[Issue]:
    """第三件 is the third of 待办, or number 3: both, if both can be."""
    listed = ordinal(ctx, number)
    by_number = named(ctx, number[1:], action)
    return list({issue.id: issue for issue in [*listed, *by_number]}.values())


def _below(
    ctx: Context, *numbers: str, state: ColumnElement[bool] = STILL_OPEN
) -> Select[int] | None:
    """The issues with one of those numbers in the units that the speaker answers for, watches or
    works in, by id."""
    each = (_numbered(number, state) for number in numbers)
    meant = [condition for condition in each if condition is not None]
    if not meant or not ctx.posts:
        return None
    units = _unit_ids(ctx)
    helped = select(Assist.issue_id).where(Assist.unit_id.in_(units))
    mine = or_(_inside(ctx), Issue.lead_unit_id.in_(units), Issue.id.in_(helped))
    return select(Issue.id).where(mine, or_(*meant))


def _numbered(number: str, state: ColumnElement[bool]) -> ColumnElement[bool] | None:
    """That very number, or of the short ones those in that state; None for what is no number."""
    match = NUMBER.fullmatch(number)
    if match is None:
        return None
    ending = f"-{int(match['seq']):04d}"
    if match["day"]:
        return Issue.number == f"SZ-{match['day']}{ending}"
    return and_(Issue.number.endswith(ending, autoescape=True), state)


def _inside(ctx: Context) -> ColumnElement[bool]:
    """Issues of the units that the speaker has a post in; a post in the city sees all."""
    if any(post.unit.kind is UnitKind.CITY for post in ctx.posts):
        return true()
    inside = {unit.id for post in ctx.posts for unit in ctx.town.inside(post.unit)}
    return Issue.unit_id.in_(sorted(inside))


def _unit_ids(ctx: Context) -> list[int]:
    return [post.unit_id for post in ctx.posts]


def _may_see(ctx: Context, issue: Issue) -> bool:
    """A complaint about a 长 is seen only by those whom it does not bypass."""
    return issue.bypassed is None or bool(standing.parties(ctx.work, issue, ctx.actor))
