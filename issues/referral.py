"""What the 分工表 says about one issue: whose it can be, why it is with somebody, how long he has.

The table itself is routes.py's; who then gives it to whom is decided by people, never by it.
"""

from issues.routes import Route
from issues.short_numbers import short
from issues.work import Work
from people.town import Unit
from rules.words import UnitKind
from storage.tables import Issue


def routes_of(work: Work, issue: Issue) -> list[Route]:
    """The lines that fit the issue's words, its place and the time of its report."""
    unit = work.unit(issue)
    at = issue.reported_at.astimezone(work.zone)
    return work.office.routes.find(issue.content, unit.path if unit else "", at)


def route_to(work: Work, issue: Issue, unit: Unit, lead: bool = True) -> Route | None:
    """The line that names that unit; of its two functions the one asked for goes first."""
    named = [route for route in routes_of(work, issue) if route.names(unit.path)]
    return next((r for r in named if r.lead is lead), named[0] if named else None)


def hint(work: Work, issue: Issue) -> tuple[str, str]:
    """Whom a holder can turn to by the table, and the words that do it; twice "" for nobody.

    Only units where somebody sits: what the bot proposes has to work. Nothing is proposed for a
    complaint, which is for those above.
    """
    if issue.bypassed or issue.delicate or issue.lead_unit_id:
        return "", ""
    for route in (r for r in routes_of(work, issue) if r.lead):
        unit = _unit(work, route, work.unit(issue))
        people = work.town.in_unit(unit, work.today) if unit else []
        if people and issue.holder_id not in [person.id for person in people]:
            return route.unit, f"转 {short(issue.number)} 给 {route.unit}"
    return "", ""


def _unit(work: Work, route: Route, at: Unit | None) -> Unit | None:
    """The unit of the roster that is meant: of several power companies the one in the own 片."""
    pian = work.town.within(UnitKind.PIAN, at) if at else None
    near = work.town.unit_at(f"{pian.path}/{route.unit}") if pian else None
    return near or work.town.unit_ending(route.unit)
