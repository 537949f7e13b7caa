"""The difference between a roster file and what the database holds, as plain values.

It decides what would change and says it in Chinese; reading and writing the tables is left to
roster.py, so that a dry run and the real one cannot disagree.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from files.problem import FileError, Problem
from people.roster_check import gaps, overlap, units_of
from people.roster_row import DEPTH, SINGLE_SEATS, RosterRow, depth_of
from people.roster_same import Renamed, identify, shown
from people.roster_state import Dates, Home, NameCard, PostKey, RosterState
from people.town import Version, has_account
from rules.words import ROLE_CHINESE, Role, UnitKind

#: The root's name until a file says better.
CITY = "市"
ROOT = ""


class NameChange(NamedTuple):
    """A person whose name or phone is now another."""

    userid: str
    before: NameCard
    after: NameCard


class Ended(NamedTuple):
    """A post that ends, and its last day; the successor's userid when somebody else takes the seat,
    else empty."""

    post: PostKey
    successor: str
    last: date


class Move(NamedTuple):
    """搬家: somebody whose homes the file gives as others than they are; who is to have two has
    both in the file."""

    userid: str
    left: tuple[Home, ...]
    to: tuple[Home, ...]


@dataclass(frozen=True)
class Plan:
    """What an import would do. Equal plans do the same."""

    rows: Sequence[RosterRow]
    today: date
    full: bool
    #: the root's name, and whether it has to be written
    city: str
    new_city: bool
    #: upper units first
    units: tuple[tuple[str, UnitKind], ...]
    people: tuple[tuple[str, NameCard], ...]
    changes: tuple[NameChange, ...]
    posts: tuple[PostKey, ...]
    #: posts that stay, with another first or last day
    terms: tuple[PostKey, ...]
    ends: tuple[Ended, ...]
    #: the days of new posts and of those in ``terms``
    dates: Mapping[PostKey, Dates]
    households: tuple[tuple[str, str], ...]
    homes: tuple[Home, ...]
    removals: tuple[Home, ...]
    #: whose homes are among those, in both
    moves: tuple[Move, ...]
    #: people whose account is now another
    renamed: tuple[Renamed, ...]
    #: in the database, not in the file, and left alone (文件里没有的)
    missing_posts: tuple[PostKey, ...]
    missing_homes: tuple[Home, ...]
    #: posts and homes that are the same in both
    unchanged: int
    warnings: tuple[Problem, ...]
    #: residents of the file without an account
    bare: int
    #: what only the admin can know: whether two are one person, or a unit has another name
    questions: tuple[Problem, ...]
    #: posts whose last day has passed by the file's own words
    over: frozenset[PostKey]
    names: Mapping[str, str]
    #: what it was made for
    state: RosterState = field(compare=False, repr=False)
    #: which version of the people that was
    version: Version = field(default=Version(0, 0), compare=False)

    @property
    def added(self) -> int:
        """New posts and new residents."""
        return len(self.posts) + len(self.homes)

    @property
    def dropped(self) -> int:
        """Posts and homes that end only because a complete file leaves them out."""
        moved = sum(len(move.left) for move in self.moves)
        unsaid = (end for end in self.ends if not end.successor and end.post not in self.over)
        return len(self.removals) - moved + sum(1 for _ in unsaid) if self.full else 0

    @property
    def share_dropped(self) -> float:
        """Those of all that there is now, 0..1."""
        return self.dropped / max(1, len(self.state.posts) + len(self.state.homes))

    @property
    def changed(self) -> int:
        """People with another name or phone."""
        return len(self.changes)

    @property
    def ended(self) -> int:
        """Posts that end and residents that are taken out."""
        return len(self.ends) + len(self.removals)

    @property
    def missing(self) -> int:
        """In the database but not in the file, left alone (文件里没有的)."""
        return len(self.missing_posts) + len(self.missing_homes)

    @property
    def writes(self) -> int:
        """How many rows of tables would be written; 0 means that there is nothing to do."""
        return self.home_writes + self.seat_writes

    @property
    def home_writes(self) -> int:
        """How many of units, people, households and residents."""
        parts = (self.units, self.people, self.changes, self.renamed)
        homes = (self.households, self.homes, self.removals)
        return self.new_city + sum(map(len, (*parts, *homes)))

    @property
    def seat_writes(self) -> int:
        """How many of posts."""
        return len(self.posts) + len(self.terms) + len(self.ends)

    def summary(self) -> list[str]:
        """The counts, for people."""
        if not self.writes:
            same = f"没有要改的：{self.unchanged} 项都一样。"
            return [same, *self._bare_line(), *self._missing_line()]
        return [
            f"单位：新增 {len(self.units)}；户：新增 {len(self.households)}",
            f"人员：新增 {len(self.people)}，变更 {self.changed}{_also('换账号', self.renamed)}",
            f"职务：新增 {len(self.posts)}，卸任 {len(self.ends)}{_also('起止有变', self.terms)}",
            f"居民：新增 {len(self.homes) - self._counted('to')}，"
            f"移出 {len(self.removals) - self._counted('left')}{_also('搬家', self.moves)}",
            f"不变：{self.unchanged}",
            *self._bare_line(),
            *self._missing_line(),
        ]

    def lines(self, limit: int = 20) -> list[str]:
        """The summary and the changes one by one, at most `limit` of a sort."""
        moved = {home for move in self.moves for home in (*move.left, *move.to)}
        sorts = (
            [f"市的名称：{self.city}"] if self.new_city else [],
            [f"变更 {_change(change)}" for change in self.changes],
            [f"换账号 {one.name}：{shown(one.old)} → {one.new}" for one in self.renamed],
            [f"搬家 {self._move(move)}" for move in self.moves],
            [f"卸任 {self._ended(ended)}" for ended in self.ends],
            [f"移出 {self._home(home)}" for home in self.removals if home not in moved],
            [f"起止 {self._post(post)}{_days(self.dates[post])}" for post in self.terms],
            [f"新增 {self._post(post)}{self._days_of(post)}" for post in self.posts],
            [f"新增 {self._home(home)}" for home in self.homes if home not in moved],
            [f"文件里没有 {self._post(post)}" for post in self.missing_posts],
            [f"文件里没有 {self._home(home)}" for home in self.missing_homes],
        )
        return self.summary() + [line for sort in sorts for line in _shortened(sort, limit)]

    def _missing_line(self) -> list[str]:
        posts, homes = len(self.missing_posts), len(self.missing_homes)
        return [f"文件里没有的：职务 {posts}，居民 {homes}（保持不动）"] if self.missing else []

    def _bare_line(self) -> list[str]:
        told = f"没有账号的居民 {self.bare} 位：有事由邻长代报，结果当面告知"
        return [told] if self.bare else []

    def _counted(self, side: str) -> int:
        """How many of the new homes, or of those that are left, are a move's."""
        return sum(len(getattr(move, side)) for move in self.moves)

    def _days_of(self, post: PostKey) -> str:
        """Only what is not plain: another first day than today, or a last one."""
        starts, ends = self.dates[post]
        return _days(Dates(None if starts == self.today else starts, ends))

    def _post(self, post: PostKey) -> str:
        return f"{ROLE_CHINESE[post.role]} {self._person(post.userid)} {post.unit or self.city}"

    def _home(self, home: Home) -> str:
        return f"居民 {self._person(home.userid)} {home.lin} {home.household}"

    def _move(self, move: Move) -> str:
        left, to = ("、".join(f"{h.lin} {h.household}" for h in side) for side in move[1:])
        return f"{self._person(move.userid)} {left} → {to}"

    def _ended(self, ended: Ended) -> str:
        then = f"，由 {self._person(ended.successor)} 接任" if ended.successor else ""
        until = f"，到 {ended.last} 为止" if ended.last >= self.today else ""
        return self._post(ended.post) + until + then

    def _person(self, userid: str) -> str:
        return f"{self.names[userid]}（{shown(userid)}）"


@dataclass(frozen=True)
class WantedPosts:
    """What the file says, with every row's unit found."""

    city: str
    units: Mapping[str, tuple[UnitKind, RosterRow]]
    people: Mapping[str, NameCard]
    posts: Mapping[PostKey, RosterRow]
    #: the days of each of them, as the file says or the database knows
    dates: Mapping[PostKey, Dates]
    #: posts whose last day has passed -> that day
    over: Mapping[PostKey, date]
    homes: Mapping[Home, RosterRow]


def compare(
    rows: Sequence[RosterRow], state: RosterState, today: date, *, full: bool = False
) -> Plan:
    """The plan for these rows on this state. Raises FileError where the two contradict."""
    found = identify(rows, state, full=full)
    state = found.state
    wanted = _wanted(found.rows, state, today)
    changes = _changes(wanted, state)
    ends = _ends(wanted, state, today, full=full)
    posts = tuple(post for post in wanted.posts if post not in state.posts)
    terms = tuple(p for p in wanted.posts if p in state.posts and _moved(p, wanted, state))
    ending = {ended.post for ended in ends}
    missing = tuple(home for home in state.homes if home not in wanted.homes)
    moves = _moves(wanted, missing, state)
    left = {home for move in moves for home in move.left}
    staying = () if full else tuple(home for home in missing if home not in left)
    households = dict.fromkeys((home.lin, home.household) for home in wanted.homes)
    return Plan(
        rows=rows,
        today=today,
        full=full,
        city=wanted.city,
        new_city=wanted.city != state.city,
        units=_new_units(wanted, state),
        people=tuple((u, card) for u, card in wanted.people.items() if u not in state.people),
        changes=changes,
        posts=posts,
        terms=terms,
        ends=ends,
        dates={post: wanted.dates[post] for post in (*posts, *terms)},
        households=tuple(pair for pair in households if pair not in state.households),
        homes=tuple(home for home in wanted.homes if home not in state.homes),
        removals=tuple(home for home in missing if full or home in left),
        moves=moves,
        renamed=found.renamed,
        missing_posts=tuple(p for p in state.posts if p not in wanted.posts and p not in ending),
        missing_homes=staying,
        unchanged=sum(post in state.posts for post in wanted.posts)
        - len(terms)
        + sum(home in state.homes for home in wanted.homes),
        warnings=_gaps(wanted, state, today, ends, staying),
        questions=(*found.doubts, *_new_names(moves, wanted, state)),
        over=frozenset(wanted.over),
        bare=sum(not has_account(userid) for userid in wanted.people),
        names={u: card.name for u, card in [*state.people.items(), *wanted.people.items()]},
        state=state,
    )


def _wanted(rows: Sequence[RosterRow], state: RosterState, today: date) -> WantedPosts:
    units = units_of(rows)
    free = [row for row in rows if row.role not in DEPTH]
    known = units.keys() | state.units.keys()
    city, problems = _city(free, known, state.city)
    problems += _unknown_units(free, known) + _other_kinds(units, state)
    problems += _former_names(units, state)
    if problems:
        raise FileError(problems)
    posts = {
        PostKey(row.userid, row.role, row.unit if row.unit in known else ROOT): row
        for row in rows
        if row.role is not Role.RESIDENT
    }
    homes = {
        Home(row.userid, row.unit, row.household): row
        for row in rows
        if row.household and row.role in {Role.RESIDENT, Role.LINZHANG}
    }
    over = {post: row.ends for post, row in posts.items() if row.ends and row.ends < today}
    held = {post: row for post, row in posts.items() if post not in over}
    dates = {post: _dates(post, row, state, today) for post, row in held.items()}
    return WantedPosts(city, units, _people(rows, state), held, dates, over, homes)


def _moves(wanted: WantedPosts, missing: Iterable[Home], state: RosterState) -> tuple[Move, ...]:
    """Who has a new home in the file, and leaves those that it does not have."""
    to: dict[str, list[Home]] = {}
    for home in wanted.homes:
        if home not in state.homes:
            to.setdefault(home.userid, []).append(home)
    left: dict[str, list[Home]] = {}
    for home in missing:
        if home.userid in to:
            left.setdefault(home.userid, []).append(home)
    return tuple(Move(userid, tuple(homes), tuple(to[userid])) for userid, homes in left.items())


def _new_names(moves: Iterable[Move], wanted: WantedPosts, state: RosterState) -> Iterator[Problem]:
    """Where everybody of a lin moves into one that is new, it may only be called otherwise."""
    lived = Counter(home.lin for home in state.homes)
    pairs = Counter((m.left[0].lin, m.to[0].lin) for m in moves if len(m.left) == len(m.to) == 1)
    told = set()
    for (old, new), count in pairs.items():
        names = _without_same_end(old, new)
        if count < lived[old] or new in state.units or names in told:
            continue
        told.add(names)
        row = wanted.units[new][1]
        what = f"{old} 的人都搬到了 {new}：是不是只改了名称"
        remedy = f"只是改名，就先运行 sanzhang roster rename {names[0]} {names[1]}，再导入"
        yield Problem(row.file, row.number, "单位", what, remedy, severity="warning")


def _without_same_end(old: str, new: str) -> tuple[str, str]:
    """甲镇/三组/一邻, 甲镇/3组/一邻 -> 甲镇/三组, 甲镇/3组: what has another name."""
    one, other = old.split("/"), new.split("/")
    while len(one) > 1 and len(other) > 1 and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return "/".join(one), "/".join(other)


def _dates(post: PostKey, row: RosterRow, state: RosterState, today: date) -> Dates:
    """What the file does not say stays as it is; a new post begins today."""
    known = state.dates.get(post, Dates(today))
    return Dates(row.starts or known.starts, row.ends or known.ends)


def _moved(post: PostKey, wanted: WantedPosts, state: RosterState) -> bool:
    return post in state.dates and wanted.dates[post] != state.dates[post]


def _people(rows: Iterable[RosterRow], state: RosterState) -> dict[str, NameCard]:
    """The first phone counts; without one in the file, what the database knows stays."""
    people: dict[str, NameCard] = {}
    nobody = NameCard("", "")
    for row in rows:
        known = people.get(row.userid, nobody).phone
        people[row.userid] = NameCard(row.name, known or row.phone)
    return {
        userid: card if card.phone else NameCard(card.name, state.people.get(userid, nobody).phone)
        for userid, card in people.items()
    }


def _city(
    free: Iterable[RosterRow], known: Iterable[str], current: str | None
) -> tuple[str, list[Problem]]:
    """The root's name: a single name that is no other unit, as 督办 and 管理员 give it."""
    given: dict[str, RosterRow] = {}
    for row in free:
        if depth_of(row.unit) == 1 and row.unit not in known:
            given.setdefault(row.unit, row)
    named = current if current and current != CITY else next(iter(given), CITY)
    problems = [
        Problem(
            row.file,
            row.number,
            "单位",
            f"没有「{name}」这个单位",
            f"管全市的写 {named} 或留空；管一个乡镇、部门的，名称要和别的行一致",
        )
        for name, row in given.items()
        if name != named
    ]
    return named, problems


def _unknown_units(free: Iterable[RosterRow], known: Iterable[str]) -> list[Problem]:
    return [
        Problem(
            row.file,
            row.number,
            "单位",
            f"没有「{row.unit}」这个单位",
            f"{ROLE_CHINESE[row.role]}的单位要是别的行里有的；管全市的留空",
        )
        for row in free
        if depth_of(row.unit) > 1 and row.unit not in known
    ]


def _other_kinds(
    units: Mapping[str, tuple[UnitKind, RosterRow]], state: RosterState
) -> list[Problem]:
    return [
        Problem(
            row.file,
            row.number,
            "单位",
            f"{path} 这个名称在系统里已经用于另一类单位",
            "部门不能和乡镇同名，驻地单位不能和组同名：换个名称",
        )
        for path, (kind, row) in units.items()
        if state.units.get(path, kind) != kind
    ]


def _former_names(
    units: Mapping[str, tuple[UnitKind, RosterRow]], state: RosterState
) -> Iterator[Problem]:
    """A file of before a renaming would make the old unit anew, and move everybody into it."""
    for path, (_, row) in units.items():
        if path in state.former and path not in state.units:
            now = state.former[path]
            what = f"{path} 已经改名或并入 {now}"
            yield Problem(row.file, row.number, "单位", what, "文件里也改成现在的名称，再导入")


def _new_units(wanted: WantedPosts, state: RosterState) -> tuple[tuple[str, UnitKind], ...]:
    new = [(path, kind) for path, (kind, _) in wanted.units.items() if path not in state.units]
    return tuple(sorted(new, key=lambda unit: depth_of(unit[0])))


def _changes(wanted: WantedPosts, state: RosterState) -> tuple[NameChange, ...]:
    return tuple(
        NameChange(userid, state.people[userid], card)
        for userid, card in wanted.people.items()
        if userid in state.people and state.people[userid] != card
    )


def _ends(wanted: WantedPosts, state: RosterState, today: date, *, full: bool) -> tuple[Ended, ...]:
    """Posts that are over by the file's own words, or whose single seat it gives to somebody else;
    with `full`, all it leaves out."""
    seats: dict[tuple[Role, str], list[PostKey]] = {}
    for post in wanted.posts:
        if post.role in SINGLE_SEATS:
            seats.setdefault((post.role, post.unit), []).append(post)
    gone = (post for post in state.posts if post not in wanted.posts)
    ends = (
        _end(post, seats.get((post.role, post.unit), []), wanted, state, today, full=full)
        for post in gone
    )
    return tuple(ended for ended in ends if ended)


def _end(
    post: PostKey,
    heirs: list[PostKey],
    wanted: WantedPosts,
    state: RosterState,
    today: date,
    *,
    full: bool,
) -> Ended | None:
    """How a post ends that the file no longer has; None if it goes on as it is."""
    days = state.dates.get(post, Dates())
    if post in wanted.over:
        now = next((heir for heir in heirs if wanted.dates[heir].cover(today)), None)
        return Ended(post, now.userid if now else "", wanted.over[post])
    heir = next((h for h in heirs if overlap(wanted.dates[h], days)), None)
    if heir is None and not (full and not _ends_for_an_heir(days, heirs, wanted)):
        return None
    begins = wanted.dates[heir].starts if heir else None
    last = max(begins or today, today) - timedelta(days=1)
    return Ended(post, heir.userid if heir else "", last)


def _ends_for_an_heir(days: Dates, heirs: list[PostKey], wanted: WantedPosts) -> bool:
    """Its last day is known, and somebody takes the seat after it."""
    return any(days.ends and days.ends < (wanted.dates[h].starts or date.min) for h in heirs)


def _gaps(
    wanted: WantedPosts,
    state: RosterState,
    today: date,
    ends: Iterable[Ended],
    staying: Iterable[Home],
) -> tuple[Problem, ...]:
    """The coverage after the import, of the units that the file names."""
    ending = {ended.post for ended in ends if ended.last < today}
    dates = {post: state.dates.get(post, Dates()) for post in state.posts if post not in ending}
    dates |= wanted.dates
    homes = {(home.lin, home.household) for home in (*wanted.homes, *staying)}
    households = Counter(lin for lin, _ in homes)
    taken = {(p.role, p.unit) for p, days in dates.items() if days.cover(today)}
    return tuple(gaps(wanted.units, taken, households))


def _also(what: str, some: Sequence[object]) -> str:
    """What is said only where there is any."""
    return f"，{what} {len(some)}" if some else ""


def _days(dates: Dates) -> str:
    """（2027-01-01 起，到 2027-12-31 为止）"""
    said = [f"{dates.starts} 起"] if dates.starts else []
    said += [f"到 {dates.ends} 为止"] if dates.ends else []
    return f"（{'，'.join(said)}）" if said else ""


def _change(change: NameChange) -> str:
    before, after = change.before, change.after
    if before.name != after.name:
        return f"{change.userid}：姓名 {before.name} → {after.name}"
    return f"{after.name}（{change.userid}）：手机号有变"


def _shortened(lines: list[str], limit: int) -> Iterator[str]:
    yield from lines[:limit]
    if len(lines) > limit:
        yield f"……同样的还有 {len(lines) - limit} 项"
