"""Who of a roster file is who in the database: by the account, else by name with phone or home.

Somebody without an account (账号空着) is known by them alone; whoever is given one, or another one,
stays the same person. What follows from it is roster_plan's business.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple, TypeVar

from files.problem import Problem
from people.roster_row import RosterRow
from people.roster_state import Home, RosterState
from people.town import NO_ACCOUNT, has_account

K = TypeVar("K")
#: A name, with the telephone or with the home.
Who = tuple[str, ...]


class Renamed(NamedTuple):
    """One person whose account is now another, or who has one now."""

    old: str
    new: str
    name: str


@dataclass(frozen=True)
class Identified:
    """The rows with an account each, the database's people under the accounts that they have from
    now on, and what an admin should look at."""

    rows: Sequence[RosterRow]
    state: RosterState
    renamed: tuple[Renamed, ...]
    doubts: tuple[Problem, ...]


class _Known:
    """The people of the database by what they can be known by; only who stands alone counts."""

    def __init__(self, state: RosterState, userids: Iterable[str]) -> None:
        wanted = set(userids)
        self.homes: dict[str, list[Home]] = defaultdict(list)
        for home in state.homes:
            self.homes[home.userid].append(home)
        cards = {userid: state.people[userid] for userid in wanted}
        self.phones = _alone((c.name, c.phone, u) for u, c in cards.items() if c.phone)
        lives = [(cards[h.userid].name, h) for h in state.homes if h.userid in wanted]
        self.here = _alone((name, (h.lin, h.household), h.userid) for name, h in lives)
        self.near = _alone((name, (_village(h.lin), h.household), h.userid) for name, h in lives)

    def sure(self, row: RosterRow) -> str:
        """The account of who has the name and the phone; without a phone, name and home."""
        if row.phone:
            return self.phones.get((row.name, row.phone), "")
        return self.here.get((row.name, (row.unit, row.household)), "")

    def same_home(self, row: RosterRow) -> str:
        return self.here.get((row.name, (row.unit, row.household)), "")

    def near_by(self, row: RosterRow) -> str:
        """The same name in a household of the same name in the same village."""
        return self.near.get((row.name, (_village(row.unit), row.household)), "")


def identify(rows: Sequence[RosterRow], state: RosterState, *, full: bool) -> Identified:
    """Find out who is meant by each row."""
    if all(row.userid in state.people for row in rows):
        return Identified(rows, state, (), ())
    rows = _accounts_found(rows, state)
    others = _Known(state, state.people.keys() - {row.userid for row in rows})
    renamed = tuple(_renamed(rows, state, others))
    gone = {one.old for one in renamed}
    doubts = () if full else tuple(_doubts(rows, state, others, {r.new for r in renamed}, gone))
    return Identified(rows, _with(state, renamed), renamed, doubts)


def _accounts_found(rows: Sequence[RosterRow], state: RosterState) -> Sequence[RosterRow]:
    """The rows without an account get that of another row, of the database, or a new one."""
    bare = [row for row in rows if not row.userid]
    if not bare:
        return rows
    named = {row.userid for row in rows if row.userid}
    inside = _of_rows(row for row in rows if row.userid)
    outside = _Known(state, state.people.keys() - named)
    found: dict[Who, str] = {}
    # Who is surely meant first, so that nobody is taken for a namesake.
    ways: tuple[Callable[[RosterRow], str], ...] = (
        lambda row: _in_file(row, inside) or outside.sure(row),
        lambda row: _likely(row, outside, state, set(found.values())),
        lambda row: _new(_who(row), state, set(found.values())),
    )
    for way in ways:
        for row in bare:
            who = _who(row)
            found[who] = found.get(who) or way(row)
    return [
        row if row.userid else row.model_copy(update={"userid": found[_who(row)]}) for row in rows
    ]


def _who(row: RosterRow) -> Who:
    """What somebody without an account is known by inside of a file."""
    return (row.name, row.phone) if row.phone else (row.name, row.unit, row.household)


def _in_file(row: RosterRow, inside: Mapping[Who, str]) -> str:
    by_phone = inside.get((row.name, row.phone), "") if row.phone else ""
    return by_phone or inside.get((row.name, row.unit, row.household), "")


def _likely(row: RosterRow, known: _Known, state: RosterState, taken: set[str]) -> str:
    """Whoever has the name and the home, or has moved inside of the village, and is no other."""
    for userid in (known.same_home(row), known.near_by(row)):
        if userid and userid not in taken and not _differ(row, state, userid):
            return userid
    return ""


def _of_rows(rows: Iterable[RosterRow]) -> dict[Who, str]:
    """Name with phone, and name with home -> account, of the file's rows that have one."""
    found: dict[Who, str] = {}
    for row in rows:
        keys: list[Who] = [(row.name, row.phone)] if row.phone else []
        if row.household:
            keys.append((row.name, row.unit, row.household))
        for key in keys:
            other = found.setdefault(key, row.userid)
            found[key] = other if other == row.userid else ""
    return found


def _new(who: Who, state: RosterState, taken: set[str]) -> str:
    """A name of the program's own, the same for the same words; no account of WeCom begins so."""
    digests = (hashlib.sha256("\n".join((*who, str(turn))).encode()) for turn in count())
    userids = (f"{NO_ACCOUNT}{digest.hexdigest()[:16]}" for digest in digests)
    return next(u for u in userids if u not in state.people and u not in taken)


def _renamed(rows: Sequence[RosterRow], state: RosterState, others: _Known) -> Iterator[Renamed]:
    """Accounts that nobody has had, of people who are in the database under another or none."""
    new = {row.userid: row for row in rows if has_account(row.userid)}
    new = {userid: row for userid, row in new.items() if userid not in state.people}
    found = [(row, _old(row, others)) for row in new.values()]
    for old, claims in _grouped((old, row) for row, old in found if old).items():
        if len(claims) == 1:
            yield Renamed(old, claims[0].userid, claims[0].name)


def _old(row: RosterRow, others: _Known) -> str:
    """By name and phone; who has had no account yet, by name and home as well."""
    found = others.sure(row) if row.phone else ""
    if found:
        return found
    home = others.same_home(row) if row.household else ""
    return "" if has_account(home) else home


def _doubts(
    rows: Sequence[RosterRow],
    state: RosterState,
    others: _Known,
    renamed: set[str],
    gone: set[str],
) -> Iterator[Problem]:
    told: set[str] = set()
    for row in rows:
        if row.userid in state.people or row.userid in renamed or not row.household:
            continue
        twin = others.same_home(row) or others.near_by(row)
        if not twin or twin in gone or row.userid in told or _differ(row, state, twin):
            continue
        told.add(row.userid)
        home = others.homes[twin][0]
        what = f"和系统里的 {row.name}（{shown(twin)}，{home.lin} {home.household}）像是同一个人"
        remedy = f"是同一个人，导入后运行 sanzhang roster account {twin} {row.userid}"
        yield Problem(row.file, row.number, "账号", what, remedy, severity="warning")


def _differ(row: RosterRow, state: RosterState, twin: str) -> bool:
    """Two telephones are two people, where one of them has an account."""
    phone = state.people[twin].phone
    known = has_account(row.userid) or has_account(twin)
    return bool(known and row.phone and phone and row.phone != phone)


def _with(state: RosterState, renamed: Iterable[Renamed]) -> RosterState:
    """The same people under their new accounts."""
    names = {one.old: one.new for one in renamed}
    if not names:
        return state

    def now(key: K) -> K:
        userid = getattr(key, "userid", "")
        return key._replace(userid=names[userid]) if userid in names else key  # type: ignore[attr-defined]

    return replace(
        state,
        people={names.get(userid, userid): card for userid, card in state.people.items()},
        posts={now(post): ids for post, ids in state.posts.items()},
        dates={now(post): days for post, days in state.dates.items()},
        homes={now(home): key for home, key in state.homes.items()},
    )


def shown(userid: str) -> str:
    """An account as people read it."""
    return userid if has_account(userid) else "没有账号"


def _village(path: str) -> str:
    return "/".join(path.split("/")[:2])


def _alone(found: Iterable[tuple[object, object, str]]) -> dict[tuple[object, object], str]:
    """By the two words, whoever is the only one with them."""
    by: dict[tuple[object, object], str] = {}
    for one, other, userid in found:
        known = by.setdefault((one, other), userid)
        if known != userid:
            by[one, other] = ""
    return by


def _grouped(pairs: Iterable[tuple[str, RosterRow]]) -> dict[str, list[RosterRow]]:
    groups: dict[str, list[RosterRow]] = defaultdict(list)
    for key, row in pairs:
        groups[key].append(row)
    return groups
