"""为什么派给我: how an issue came to somebody, told from its events alone.

Only moves are told, never a resident's name; who may ask is the handler's business.
"""

from collections.abc import Callable, Collection

from issues import events, words
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
    when = words.moment(event.at, work.zone)
    how = _HOW.get(event.kind, _moved)(work, issue, event)
    reason = f"，原因：{event.reason}" if event.reason and event.kind in _WITH_REASON else ""
    why = event.data.get("why")
    return [f"{when} {how}{reason}。", *([f"依据{why}。"] if why else [])]


def _opened(_work: Work, issue: Issue, event: Event) -> str:
    level = UnitKind(event.data["level"])
    if event.data.get("bypassed"):
        return "居民反映的是三长本人的事，按规定越过有关的人，交给您这一级"
    if event.data.get("unclaimed"):
        return "反映人还没有登记到户，请您认领，或转给他的邻长"
    unit = str(event.data.get("unit") or "")
    place = unit.split("/", 1)[-1].replace("/", "")
    if level is UnitKind.LIN:
        return f"反映人住在{place}，您是那里的邻长"
    return f"反映人住在{place}，下面暂时没有人在岗，由您这一级（{LEVEL_CHINESE[level]}）办"


def _mark(_work: Work, _issue: Issue, event: Event) -> str:
    return f"满 {mark_chinese(event.data['mark'])}没办结，按规定升到您这一级"


def _redo(_work: Work, _issue: Issue, event: Event) -> str:
    return "居民说没有解决，重新办理，按规定升到您这一级"


def _accept(_work: Work, _issue: Issue, _event: Event) -> str:
    return "您自己接手的"


def _assist(work: Work, issue: Issue, event: Event) -> str:
    return f"{_who(work, issue, event)}请您这里协办：{event.reason}"


def _helper_left(_work: Work, _issue: Issue, _event: Event) -> str:
    return "您单位换人，协办交接给您"


def _hand_over(_work: Work, _issue: Issue, event: Event) -> str:
    return f"交接给您：{event.reason}"


def _moved(work: Work, issue: Issue, event: Event) -> str:
    return f"{_who(work, issue, event)}{_MOVES.get(event.kind, '转给您')}"


def _who(work: Work, issue: Issue, event: Event) -> str:
    """A 长 or a cadre by name; a resident stays 居民, whatever else he is."""
    if event.actor in ("", issue.reporter):
        return "居民" if event.actor else "系统按规定"
    person = work.town.person(event.actor)
    return person.name if person else "上级"


_MOVES: dict[str, str] = {
    Action.RAISE: "上交给您",
    Action.LIFT: "提级，升到您这一级",
    Action.RETURN: "退单，转给您",
    Action.REASSIGN: "转办给您",
    Action.ASSIGN: "指定您办（首接负责）",
    Action.GRANT: "同意了第三次退单，指定您办",
}
_HOW: dict[str, Callable[[Work, Issue, Event], str]] = {
    "opened": _opened,
    "mark": _mark,
    Action.REDO: _redo,
    Action.ACCEPT: _accept,
    Action.RESOLVE: _accept,
    Action.ASSIST: _assist,
    "helper_left": _helper_left,
    Action.HAND_OVER: _hand_over,
}
_WITH_REASON = frozenset({*_MOVES, Action.REDO})
