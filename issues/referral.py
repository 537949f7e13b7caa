"""What the 分工表 says about one issue: whose it can be, why it is with somebody, how long he has.

The table itself is routes.py's; who then gives it to whom is decided by people, never by it.
"""

from datetime import date

from sqlalchemy.orm import Session

from issues.numbers import short
from issues.office import Office
from issues.routes import Route
from people import tree
from rules.words import UnitKind
from storage.tables import Issue, Unit


def routes_of(office: Office, issue: Issue) -> list[Route]:
    """The lines that fit the issue's words, its place and the time of its report."""
    path = issue.unit.path if issue.unit else ""
    at = issue.reported_at.astimezone(office.clock.zone)
    return office.routes.find(issue.content, path, at)


def route_to(office: Office, issue: Issue, unit: Unit, lead: bool = True) -> Route | None:
    """The line that names that unit; of its two functions the one asked for goes first."""
    named = [route for route in routes_of(office, issue) if route.names(unit.path)]
    return next((r for r in named if r.lead is lead), named[0] if named else None)


def why_for(office: Office, issue: Issue, unit: Unit, lead: bool = True) -> str:
    """Why the issue goes to that unit, in the words of the table; "" if it does not say so."""
    route = route_to(office, issue, unit, lead)
    return route.explain() if route else ""


def hint(session: Session, office: Office, issue: Issue, today: date) -> tuple[str, str]:
    """Whom a holder can turn to by the table, and the words that do it; twice "" for nobody.

    Only units where somebody sits: what the bot proposes has to work. Nothing is proposed for a
    complaint, which is for those above.
    """
    if issue.bypassed or issue.delicate or issue.lead_unit_id:
        return "", ""
    for route in (r for r in routes_of(office, issue) if r.lead):
        unit = _unit(session, route, issue.unit)
        people = tree.in_unit(session, unit, today) if unit else []
        if people and issue.holder_id not in [person.id for person in people]:
            return route.unit, f"转 {short(issue.number)} 给 {route.unit}"
    return "", ""


def _unit(session: Session, route: Route, at: Unit | None) -> Unit | None:
    """The unit of the roster that is meant: of several power companies the one in the own 片."""
    pian = tree.within(session, UnitKind.PIAN, at) if at else None
    near = tree.unit_at(session, f"{pian.path}/{route.unit}") if pian else None
    return near or tree.unit_ending(session, route.unit)
