"""经过: what has happened to an issue, a line each in plain words, for whoever may see it.

Told from its events. Residents read what they have been told of; who may not know the reporter
reads no name and no number. Who may look at all is the handler's business.
"""

from collections.abc import Callable, Iterable, Iterator

from issues import standing, wording
from issues.events import Actor
from issues.short_numbers import short
from issues.texts import cut
from issues.work import Work
from rules.actions import ACTIONS, Audience
from rules.ladder import LEVEL_CHINESE
from rules.marks import mark_chinese
from rules.words import RATING_CHINESE, ROLE_CHINESE, Action, Rating, Role, UnitKind
from storage.tables import Event, Issue

#: Characters of what was said at one step.
LONGEST = 60
#: A household's own verdict is nobody else's.
_NOT_TOLD = frozenset({Action.ENDORSE_RATE})
#: Whose words residents have been told with the thing itself.
_QUOTED = frozenset({Action.PROGRESS, Action.SUSPEND, Action.RESOLVE, Action.GRANT})


def course(work: Work, issue: Issue, happened: Iterable[Event], by: Actor) -> list[str]:
    """The steps, oldest first, as ``by`` may read them."""
    as_resident = standing.as_resident(work, issue, by)
    named = not standing.SEE_NAMES.isdisjoint(standing.parties(work, issue, by))
    told, holder = [], ""
    for event in happened:
        before, holder = holder, str(event.data.get("holder", holder))
        if as_resident and not _is_for_residents(event, by):
            continue
        what = _what(work, event, moved=holder != before)
        if not what:
            continue
        said = _said(event, by) if as_resident else event.reason
        if said and not named:
            said = _covered(work, issue, event)
        told.append(_line(work, issue, event, what, said))
    return told


def _line(work: Work, issue: Issue, event: Event, what: str, said: str) -> str:
    when = wording.moment(event.at, work.zone)
    line = work.say("course_line", when=when, who=who(work, issue, event), what=what)
    return work.say("course_said", line=line, said=cut(said, LONGEST)) if said else line


def who(work: Work, issue: Issue, event: Event) -> str:
    """组长彭某; a resident stays 居民, whatever else he is; "" for time itself."""
    if event.role not in set(Role) or not event.actor:
        return ""
    person = work.town.person(event.actor)
    if event.actor == issue.reporter or event.role == Role.RESIDENT or person is None:
        return work.say("name_resident")
    return f"{ROLE_CHINESE[Role(event.role)]}{person.name}"


def _is_for_residents(event: Event, by: Actor) -> bool:
    """What is told to them anyway, and what one has said oneself."""
    if event.actor == by.userid.lower():
        return True
    if event.kind in set(Action):
        return Audience.RESIDENTS in ACTIONS[Action(event.kind)].tells
    return True


def _said(event: Event, by: Actor) -> str:
    """Nobody reads a neighbour's words, nor what offices say to each other."""
    own = (event.data.get("joined") or event.actor) == by.userid.lower()
    return event.reason if own or event.kind in _QUOTED else ""


def _covered(work: Work, issue: Issue, event: Event) -> str:
    """For who may not know them: what residents said with their names in it is left out."""
    if event.role == Role.RESIDENT or "joined" in event.data:
        return ""
    return wording.covered(work, event.reason, standing.reporter_name(work, issue))


def _what(work: Work, event: Event, *, moved: bool) -> str:
    """What was done, in words; "" for what is no step."""
    if "from" in event.data and event.kind in (Action.ENDORSE, Action.SUPPLEMENT):
        return work.say("course_merged", other=short(event.data["from"]))
    if event.kind in _HOW:
        return _HOW[event.kind](work, event)
    if event.kind not in set(Action) or event.kind in _NOT_TOLD:
        return ""
    word = ACTIONS[Action(event.kind)].word
    to = _to(work, event) if moved else _helper(event)
    return work.say("course_to", word=word, to=to) if to else word


def _to(work: Work, event: Event) -> str:
    """Whom it is with from then on; nobody, if he took it himself."""
    holder, lead = work.town.person(str(event.data.get("holder") or "")), event.data.get("lead")
    if holder is None or holder.userid == event.actor:
        return ""
    if lead:
        return f"{str(lead).rpartition('/')[2]}{holder.name}"
    return wording.called(holder, UnitKind(event.data["level"]))


def _helper(event: Event) -> str:
    asked = event.data.get("unit_asked") if event.kind == Action.ASSIST else None
    return str(asked or "").rpartition("/")[2]


def _opened(work: Work, event: Event) -> str:
    to = _to(work, event)
    return work.say("course_opened_to", to=to) if to else work.say("course_opened")


def _marked(work: Work, event: Event) -> str:
    """Only those that have changed something."""
    if not event.data.get("late"):
        return ""
    mark, level = mark_chinese(event.data["mark"]), LEVEL_CHINESE[UnitKind(event.data["level"])]
    return work.say("course_late", mark=mark, level=level)


def _rated(work: Work, event: Event) -> str:
    rating = event.data.get("rating")
    return work.say("course_rated", rating=RATING_CHINESE[Rating(rating)]) if rating else ""


def _closed(work: Work, _event: Event) -> str:
    return work.say("course_closed")


def _split_off(work: Work, event: Event) -> str:
    return work.say("course_split_off", other=short(event.data["number"]))


def _merged(work: Work, event: Event) -> str:
    return work.say("course_merged_into", other=short(event.data["into"]))


_HOW: dict[str, Callable[[Work, Event], str]] = {
    "opened": _opened,
    "mark": _marked,
    "closed": _closed,
    "split_off": _split_off,
    Action.MERGE: _merged,
    Action.RATE: _rated,
}


def fitting(steps: list[str], room: int, left_out: Callable[[int], str]) -> Iterator[str]:
    """The newest steps that fit into ``room`` bytes, and before them how many do not."""
    shown = len(steps)
    while shown and sum(len(step.encode()) + 1 for step in steps[-shown:]) > room:
        shown -= 1
    if shown < len(steps):
        yield left_out(len(steps) - shown)
    yield from steps[len(steps) - shown :]
