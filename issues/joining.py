"""附议: another household with the same problem joins; its own words, notices and rating.

Whether somebody is asked 是不是同一件 is the handlers' business, rating itself judging.py's.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from sqlalchemy import bindparam, select, union_all

from issues import allowed, events, guards, registering, ringing, standing, tell, wording
from issues.events import Actor, Change
from issues.guards import WHILE_OPEN
from issues.registering import Material
from issues.work import Work
from people.town import Household
from rules.transitions import NotAllowed
from rules.words import OPEN_STATES, STATE_CHINESE, Action, UnitKind
from storage import outbox
from storage.objects import objects, whole
from storage.tables import STILL_OPEN, Endorsement, Issue

#: 附议: an issue of the same 组 reported in this time may be the same thing.
SAME_WITHIN = timedelta(days=30)
_LATELY_BY = (
    Issue.reporter == bindparam("userid"),
    Issue.household_id == bindparam("home"),
    Issue.id.in_(select(Endorsement.issue_id).where(Endorsement.household_id == bindparam("home"))),
    Issue.unit_id.in_(bindparam("near", expanding=True)),
)
_SINCE = Issue.reported_at >= bindparam("since")
# Each part by its own index; "or" would go through all open issues of the county.
_LATELY = (
    whole(Issue)
    .where(
        Issue.id.in_(
            union_all(*(select(Issue.id).where(p, STILL_OPEN, _SINCE) for p in _LATELY_BY))
        )
    )
    .order_by(Issue.id.desc())
)


def lately(work: Work, userid: str) -> list[Issue]:
    """What the sender, his household or anybody else of his 组 has reported in the last days and is
    still open, newest first; what the household has joined as well."""
    home = _home(work, userid)
    zu = work.town.within(UnitKind.ZU, home.lin) if home else None
    near = [unit.id for unit in work.town.inside(zu)] if zu else []
    given = {"userid": userid.lower(), "home": home.id if home else None, "near": near}
    since = work.now - SAME_WITHIN
    found = work.session.connection().execute(_LATELY, {**given, "since": since})
    return objects(work.session, Issue, (row._asdict() for row in found))


def nearby(work: Work, userid: str, found: Iterable[Issue]) -> list[Issue]:
    """Those of ``lately`` that other households of the 组 have reported."""
    home = _home(work, userid)
    zu = work.town.within(UnitKind.ZU, home.lin) if home else None
    if home is None or zu is None:
        return []
    inside = {unit.id for unit in work.town.inside(zu)}
    near = (issue for issue in _public(userid, found) if issue.unit_id in inside)
    return [issue for issue in near if issue.household_id != home.id]


def of_household(work: Work, userid: str, found: Iterable[Issue]) -> list[Issue]:
    """Those of ``lately`` that others of the sender's household have reported, or that the
    household has joined."""
    home = _home(work, userid)
    if home is None:
        return []

    def ours(issue: Issue) -> bool:
        joined = {one.household_id for one in standing.endorsements(work, issue)}
        return home.id in (issue.household_id, *joined)

    return [issue for issue in _public(userid, found) if ours(issue)]


def _home(work: Work, userid: str) -> Household | None:
    sender = work.town.person(userid)
    return work.town.home(sender.id) if sender else None


def _public(userid: str, found: Iterable[Issue]) -> Iterator[Issue]:
    """Issues of others that may be spoken of beyond one household."""
    others = (issue for issue in found if issue.reporter != userid.lower() and issue.unit_id)
    return (issue for issue in others if issue.bypassed is None and not issue.delicate)


def household_adds(
    work: Work, issue: Issue, by: Actor, text: str, materials: tuple[Material, ...] = ()
) -> None:
    """Somebody else of the household says the same: no 附议, but the holder reads it."""
    if issue not in of_household(work, by.userid, [issue]):
        raise NotAllowed(work.say("refused_other_household"))
    registering.say_more(work, issue, by, Change("household", issue.state, text), materials)


def endorse(
    work: Work, issue: Issue, by: Actor, text: str, materials: tuple[Material, ...] = ()
) -> Endorsement:
    """附议: the household joins with its own words; own notices and own rating from now on."""
    before = allowed.advance(work, issue, Action.ENDORSE, by)
    home = work.town.home(by.person_id) if by.person_id else None
    joined = work.added(
        Endorsement(
            issue_id=issue.id,
            userid=by.userid.lower(),
            household_id=home.id if home else None,
            content=text,
            joined_at=work.now,
        )
    )
    data = {
        "household": joined.household_id,
        **registering.attach(work, issue, by.channel, materials),
    }
    event = events.record(work, issue, by, Change(Action.ENDORSE, before, text, data))
    if tell.runs(work, issue):
        ringing.pass_on_joined(work, issue, joined, by, event.seq)
        return joined
    count = len(standing.endorsements(work, issue)) + 1  # with the household that reported it
    notice = wording.notice(work, issue, "endorsed", count=count, said=wording.cut(text, 60))
    tell.holder(work, issue, f"e{event.seq}:endorsed", notice, WHILE_OPEN)
    return joined


def leave_endorsement(work: Work, issue: Issue, by: Actor) -> None:
    """撤回 by one who has joined: that household leaves, the issue goes on."""
    joined = standing.endorsement(work, issue, by.userid)
    if joined is None:
        raise NotAllowed(work.say("refused_not_joined", number=issue.number))
    if issue.state not in OPEN_STATES:
        now = STATE_CHINESE[issue.state]
        raise NotAllowed(work.say("refused_leave_done", number=issue.number, state=now))
    data = {"household": joined.household_id}
    work.removed(joined)
    work.store()
    outbox.supersede(work.session, guards.about(issue.id), [by.userid.lower()])
    event = events.record(work, issue, by, Change("endorse_withdrawn", issue.state, data=data))
    count = len(standing.endorsements(work, issue))
    notice = wording.notice(work, issue, "endorser_left", count=count)
    tell.holder(work, issue, f"e{event.seq}:left", notice, WHILE_OPEN)
