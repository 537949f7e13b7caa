"""Whom somebody's words complain about, on the ladder that he lives or works under.

What the words mean is speech/accusing.py's business, what follows from it that of whoever opens or
adds to an issue.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date

from issues import registering, routing, standing
from issues.work import Work
from people.town import Town, Unit
from rules.ladder import HOLDER, rank
from rules.words import UnitKind
from speech import accusing
from speech.clean import clean
from speech.roles import LEVEL_OF_ROLE, spoken_of
from storage.tables import Issue

ACCUSED, DOUBTFUL = accusing.ACCUSED, accusing.DOUBTFUL
#: In an emergency of a kind that has nothing to do with people it has to be plain: whoever is
#: passed by is not rung.
PLAINLY = 0.8
_ROLE_OF_LEVEL = {level: role for role, level in LEVEL_OF_ROLE.items()}
#: Somebody who was spoken of before: 他又来了.
_SOMEBODY = re.compile(r"(?<![其吉])[他她]|(?:这|那|咯)个?(?:家伙|人(?!行))|此人|当官的")

Ladder = list[tuple[str, str]]


def ladder(work: Work, userid: str, chat_id: str = "", beside: Unit | None = None) -> Ladder:
    """Role and name of everybody whom his words can mean: who serves in the units above him, and
    above another unit that it is about."""
    sender = work.town.person(userid)
    chat_unit = standing.chat_unit(work, chat_id)
    own = routing.belongs_to(work.town, sender, chat_unit, work.today)
    units = [unit for unit in (own, beside) if unit]
    return list(dict.fromkeys(who for unit in units for who in _over(work.town, unit, work.today)))


def _over(town: Town, unit: Unit, day: date) -> Iterator[tuple[str, str]]:
    """Of somebody with several posts each that is a rung of the ladder counts; what hangs beside it
    (联片干部) only of who has none."""
    rungs = [(_ROLE_OF_LEVEL[u.kind], u) for u in town.upwards(unit) if u.kind in _ROLE_OF_LEVEL]
    holding = [(role, _holders(town, rung, day)) for role, rung in rungs]
    known = {key for _, people in holding for key in people}
    beside = [(role, {p.id for p in town.in_unit(rung, day)} - known) for role, rung in rungs]
    for role, people in (*holding, *beside):
        yield from ((role, name) for name in town.names(people).values())


def _holders(town: Town, rung: Unit, day: date) -> set[int]:
    """Who answers for issues of that unit, and who stands in for them."""
    posts = town.posts_in.get(rung.id, ())
    held = {p.person_id for p in posts if p.role is HOLDER[rung.kind] and p.held_on(day)}
    return held | {key for key in town.away(held, day).values() if key}


def accused(
    work: Work, userid: str, chat_id: str, text: str, least: float = ACCUSED
) -> UnitKind | None:
    """The highest level of his ladder that the words complain about; None for no complaint."""
    return accusing.highest(text, ladder(work, userid, chat_id), least)


def accused_beside(work: Work, userid: str, issue: Issue, text: str) -> UnitKind | None:
    """The same for words that somebody would read who works on an issue of a neighbour: in doubt
    they are a complaint."""
    return accusing.highest(text, ladder(work, userid, beside=work.unit(issue)), DOUBTFUL)


def kept_from(work: Work, userid: str, chat_id: str, text: str) -> UnitKind | None:
    """Up to which level a report is kept from the ladder that nobody can be asked about any more:
    what it says itself, and the complaints of its sender."""
    before = (one.bypassed for one in complaints(work, userid))
    return together([accused(work, userid, chat_id, text), *before])


def complaints(work: Work, userid: str) -> list[Issue]:
    """The complaints about a 长 to which somebody's words can belong; newest first."""
    return [one for one in registering.lately_reported(work, userid) if one.bypassed]


def together(levels: Iterable[UnitKind | None]) -> UnitKind | None:
    """The highest of them."""
    return max((level for level in levels if level), key=rank, default=None)


def speaks_of(work: Work, userid: str, text: str, up_to: UnitKind, issue: Issue) -> bool:
    """Whether somebody is spoken of who may be a 长 up to that level, or was spoken of before."""
    plain = clean(text).plain
    known = ladder(work, userid, beside=work.unit(issue))
    mentions = spoken_of(plain, known)
    return refers_back(plain) or any(rank(one.level) <= rank(up_to) for one in mentions)


def refers_back(text: str) -> bool:
    """Whether the words say 他, 她, 这个人."""
    return _SOMEBODY.search(text) is not None
