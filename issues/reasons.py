"""为什么派给我: how an issue came to somebody, told from its events alone.

Only moves are told, never a resident's name; who may ask is the handler's business.
"""

from collections.abc import Callable, Collection

from issues import events, wording
from issues.work import Work
from people.town import Person
from rules.ladder import LEVEL_CHINESE
from rules.marks import mark_chinese
from rules.words import Action, UnitKind
from storage.tables import Event, Issue

#: Somebody who got it again and again reads the latest times.
MOST = 3


def reasons(work: Work, issue: Issue, person: Person, units: Collection[str]) -> list[str]:
    """One line for each time it came to that person or (``units``: paths) to his unit, oldest
    first; empty if it never did."""
    came = _came(events.of(work.session, issue.id), person.userid, units)
    return [line for event in came[-MOST:] for line in _told(work, issue, event)]


def _came(history: list[Event], userid: str, units: Collection[str]) -> list[Event]:
    """The events by which he became the holder, or was asked to help."""
    found, mine, helper = [], False, dict[str, str]()
    for event in history:
        if "helper" in event.data:
            unit, asked = event.data["unit_asked"], event.data["helper"]
            again = helper.get(unit) == asked if asked == userid else unit in helper
            new = event.kind == Action.ASSIST or not again
            found += [event] if new and (asked == userid or unit in units) else []
            helper[unit] = asked
        if "holder" in event.data:
            was, lead = mine, event.data.get("lead")
            mine = event.data["holder"] == userid or bool(lead and lead in units)
            found += [event] if mine and not was else []
    return found


def _told(work: Work, issue: Issue, event: Event) -> list[str]:
    when = wording.moment(event.at, work.zone)
    how = _HOW.get(event.kind, _moved)(work, issue, event)
    line = work.say("why_line", when=when, how=how)
    if event.reason and event.kind in _WITH_REASON:
        line = work.say("why_line_reason", when=when, how=how, reason=event.reason)
    why = event.data.get("why")
    return [line, *([work.say("why_table", why=why)] if why else [])]


def _opened(work: Work, issue: Issue, event: Event) -> str:
    level = UnitKind(event.data["level"])
    if event.data.get("bypassed"):
        return work.say("why_bypassed")
    if event.data.get("unclaimed"):
        return work.say("why_unclaimed")
    unit = str(event.data.get("unit") or "")
    place = unit.split("/", 1)[-1].replace("/", "")
    if level is UnitKind.LIN:
        return work.say("why_lin", place=place)
    return work.say("why_vacant", place=place, level=LEVEL_CHINESE[level])


def _mark(work: Work, _issue: Issue, event: Event) -> str:
    return work.say("why_mark", mark=mark_chinese(event.data["mark"]))


def _redo(work: Work, _issue: Issue, _event: Event) -> str:
    return work.say("why_redo")


def _accept(work: Work, _issue: Issue, _event: Event) -> str:
    return work.say("why_accepted")


def _assist(work: Work, issue: Issue, event: Event) -> str:
    return work.say("why_help", by=_who(work, issue, event), request=event.reason)


def _helper_left(work: Work, _issue: Issue, _event: Event) -> str:
    return work.say("why_helper_left")


def _hand_over(work: Work, _issue: Issue, event: Event) -> str:
    return work.say("why_handed_over", reason=event.reason)


def _moved(work: Work, issue: Issue, event: Event) -> str:
    return work.say(_MOVES.get(event.kind, "why_moved"), by=_who(work, issue, event))


def _who(work: Work, issue: Issue, event: Event) -> str:
    """A 长 or a cadre by name; a resident stays 居民, whatever else he is."""
    if event.actor in ("", issue.reporter):
        return work.say("why_by_resident" if event.actor else "why_by_rule")
    person = work.town.person(event.actor)
    return person.name if person else work.say("why_by_above")


_MOVES: dict[str, str] = {
    Action.RAISE: "why_raised",
    Action.LIFT: "why_lifted",
    Action.RETURN: "why_returned",
    Action.REASSIGN: "why_reassigned",
    Action.ASSIGN: "why_assigned",
    Action.GRANT: "why_granted",
}
_HOW: dict[str, Callable[[Work, Issue, Event], str]] = {
    "opened": _opened,
    "turned_aside": _opened,
    "mark": _mark,
    Action.REDO: _redo,
    Action.ACCEPT: _accept,
    Action.RESOLVE: _accept,
    Action.ASSIST: _assist,
    "helper_left": _helper_left,
    Action.HAND_OVER: _hand_over,
}
_WITH_REASON = frozenset({*_MOVES, Action.REDO})
