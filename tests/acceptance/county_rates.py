"""三率 from outside: every figure of `rates --json` counted anew from `issues show --json`.

Written from domain.md §6 and the handbook's definitions, sharing nothing with the application.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.acceptance.deployment import ZONE

CONTACT = ("accept", "on_way", "progress", "resolve", "decline", "dismiss")
TOP_TWO = ("very_good", "good")
TOP_THREE = (*TOP_TWO, "fair")
IN_VILLAGE = ("lin", "zu", "pian", "village", "resident_unit")
FEW = 5


@dataclass
class Told:
    """One issue, as its events tell it."""

    show: dict[str, Any]
    reporter: str = ""
    state: str = ""
    promised_at: datetime | None = None
    contacted_at: datetime | None = None
    resolved_at: datetime | None = None
    ended_at: datetime | None = None
    level: str = ""
    resolved_level: str = ""
    redone: int = 0
    joined: set[str] = field(default_factory=set)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def unit(self) -> str | None:
        path: str | None = self.show["unit"]
        return path


def tell(show: dict[str, Any]) -> Told:
    """Read the history from the beginning."""
    told = Told(show, reporter=show["events"][0]["actor"])
    for event in show["events"]:
        _step(told, event)
    return told


def _step(told: Told, event: dict[str, Any]) -> None:
    kind, data, at = event["kind"], event["data"], datetime.fromisoformat(event["at"])
    told.state, told.level = event["after"], data.get("level") or told.level
    if kind == "opened":
        told.promised_at = datetime.fromisoformat(data["due_at"])
    if kind in CONTACT and event["actor"] and event["role"] != "clock":
        told.contacted_at = told.contacted_at or at
    if kind == "resolve":
        told.resolved_at, told.ended_at, told.resolved_level = at, None, told.level
        told.answers.clear()
    if kind == "unresolve":
        void = told.contacted_at == told.resolved_at
        told.contacted_at = None if void else told.contacted_at
        told.resolved_at = told.ended_at = None
        told.resolved_level = ""
    if kind == "redo":
        told.resolved_at = told.ended_at = None
        told.resolved_level, told.redone = "", told.redone + 1
        told.answers.clear()
    _people(told, event, at)
    if told.state in ("closed", "declined", "withdrawn"):
        told.ended_at = told.ended_at or at


def _people(told: Told, event: dict[str, Any], at: datetime) -> None:
    kind, data, who = event["kind"], event["data"], event["actor"]
    if kind == "endorse" and who != told.reporter:
        told.joined.add(who)
    if kind == "endorse_withdrawn":
        told.joined.discard(who)
    if kind == "withdraw" and data.get("passed_to"):
        told.reporter = data["passed_to"]
        told.joined.discard(told.reporter)
    told.reporter = data.get("reporter", told.reporter)
    if kind == "renamed" and data["was"] in told.answers:
        told.answers[data["now"]] = told.answers.pop(data["was"])
    if kind == "renamed" and data["was"] in told.joined:
        told.joined = told.joined - {data["was"]} | {data["now"]}
    if kind in ("rate", "endorse_rate"):
        who = told.reporter if kind == "rate" else who
        _answered(told.answers.setdefault(who, {"own": kind == "rate"}), data, at)


def _answered(answer: dict[str, Any], data: dict[str, Any], at: datetime) -> None:
    if data.get("solved"):
        answer |= {"solved": data["solved"], "at": at}
    if data.get("rating"):
        answer["rating"] = data["rating"]


def count(issues: list[Told], now: datetime, delicate: set[str]) -> Counter[str]:
    """All that is counted, by name."""
    n: Counter[str] = Counter()
    for told in issues:
        n["reported"] += 1
        n["redone"] += told.redone
        n[told.state] += 1
        _response(n, told, now)
        if told.state in ("resolved", "closed"):
            private = told.show["number"] in delicate
            _answers(n, told, 0 if private else len({told.reporter, *told.joined, *told.answers}))
        if told.state == "closed":
            n[f"level:{told.resolved_level or told.level}"] += 1
            n["in_village"] += (told.resolved_level or told.level) in IN_VILLAGE
    return n


def _response(n: Counter[str], told: Told, now: datetime) -> None:
    assert told.promised_at
    if told.contacted_at and told.contacted_at <= told.promised_at:
        n["due"] += 1
        n["in_time"] += 1
    elif told.promised_at <= now and not _taken_back(told):
        n["due"] += 1


def _taken_back(told: Told) -> bool:
    assert told.promised_at
    return told.state == "withdrawn" and bool(told.ended_at and told.ended_at <= told.promised_at)


def _answers(n: Counter[str], told: Told, asked: int) -> None:
    n["asked"] += asked
    own = [a for a in told.answers.values() if a["own"]]
    n["unrated"] += told.state == "closed" and asked > 0 and not own
    for answer in told.answers.values():
        n["answered"] += 1
        n["said_solved"] += "solved" in answer
        n["solved"] += answer.get("solved") == "yes"
        n["partly"] += answer.get("solved") == "partly"
        n["rated"] += "rating" in answer
        n["top_two"] += answer.get("rating") in TOP_TWO
        n["top_three"] += answer.get("rating") in TOP_THREE
    for answer in own:
        _two_days(n, told, answer)


def _two_days(n: Counter[str], told: Told, answer: dict[str, Any]) -> None:
    if "solved" not in answer:
        return
    n["confirmable"] += 1
    day = datetime.fromisoformat(told.show["reported_at"]).astimezone(ZONE).date()
    until = datetime.combine(day + timedelta(days=3), datetime.min.time(), ZONE)
    if answer["solved"] == "yes" and answer["at"] <= until:
        n["two_days"] += 1
    elif answer["solved"] == "yes" and told.resolved_at and told.resolved_at <= until:
        n["two_days_later"] += 1


_SHARES = {
    "response": ("in_time", "due"),
    "resolution": ("solved", "said_solved"),
    "satisfaction": ("top_three", "rated"),
    "top_two": ("top_two", "rated"),
    "rating": ("answered", "asked"),
    "two_days": ("two_days", "confirmable"),
    "in_village": ("in_village", "closed"),
}
_COUNTS = {
    "reported": "reported",
    "partly": "partly",
    "unrated": "unrated",
    "redone": "redone",
    "declined": "declined",
    "withdrawn": "withdrawn",
    "two_days_confirmed_later": "two_days_later",
    "closed": "closed",
}


def compare(
    told: dict[str, Any], shows: list[dict[str, Any]], now: datetime, delicate: set[str]
) -> None:
    """Whether `rates --json` says what the histories say, for the county and its units."""
    issues = [tell(show) for show in shows]
    _same("total", told["total"], count(issues, now, delicate))
    for line in told["units"]:
        path = line["unit"]
        mine = [i for i in issues if _inside(i.unit, path)]
        _same(str(path), line, count(mine, now, delicate))


def _inside(unit: str | None, path: str | None) -> bool:
    return unit == path if not path or not unit else f"{unit}/".startswith(f"{path}/")


def _same(name: str, line: dict[str, Any], n: Counter[str]) -> None:
    theirs = {key: line[key] for key in _COUNTS} | {key: _share(line[key]) for key in _SHARES}
    ours: dict[str, Any] = {key: n[counted] for key, counted in _COUNTS.items()}
    ours |= {key: (n[part], n[whole]) for key, (part, whole) in _SHARES.items()}
    wrong = {key: (theirs[key], ours[key]) for key in ours if theirs[key] != ours[key]}
    assert not wrong, f"{name}: (rates, counted): {wrong}"
    levels = {key[6:]: value for key, value in n.items() if key.startswith("level:") and value}
    assert line["closed_at"] == levels, f"{name}: {line['closed_at']}, {levels}"
    for key, (part, whole) in _SHARES.items():
        value = n[part] / n[whole] if n[whole] >= FEW else None
        assert line[key]["rate"] == value, f"{name}: {key}"


def _share(share: dict[str, Any]) -> tuple[int, int]:
    return share["part"], share["n"]
