"""What somebody is in the middle of when he says something: plain values, no session, no clock.

Handlers make one from what they have read; ``sanzhang hear`` reads one from JSON (architecture.md
§7). What the words mean in it is understanding.py's business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from files.problem import FileError, Problem
from rules.words import OPEN_STATES, ROLE_CHINESE, Role, State

Mine = Literal["reported", "joined", "held", "helps", "above"]
Kind = Literal["endorse", "suggest", "which", "words", "rating", "describe"]
T = TypeVar("T")

_MINE: tuple[Mine, ...] = ("reported", "joined", "held", "helps", "above")
_KINDS: tuple[Kind, ...] = ("endorse", "suggest", "which", "words", "rating", "describe")
_CHATS = ("private", "group")
_ROLES = {chinese: role for role, chinese in ROLE_CHINESE.items()}


@dataclass(frozen=True)
class Matter:
    """An issue that the words can be about: its number, what was said of it, how it stands, what
    the speaker is to it, and whether a request to rate it has been delivered to him."""

    number: str
    words: str = ""
    state: State = State.PENDING
    mine: Mine = "reported"
    rating_asked: bool = False

    @property
    def is_own(self) -> bool:
        """Whether the speaker is a resident to it."""
        return self.mine in ("reported", "joined")

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_done(self) -> bool:
        return self.state in (State.RESOLVED, State.CLOSED)


@dataclass(frozen=True)
class OpenQuestion:
    """What the bot asked last and still waits for, and how many minutes ago."""

    kind: Kind
    minutes: float = 0.0


@dataclass(frozen=True)
class RunningEmergency:
    """The speaker's emergency that is still running, and since how many minutes."""

    name: str
    minutes: float = 0.0


@dataclass(frozen=True)
class OnLadder:
    """One of the 长 above the speaker, as a complaint may name him."""

    role: str
    name: str = ""


@dataclass(frozen=True)
class Situation:
    """Everything that the meaning of a sentence depends on besides its words.

    ``matters``: open and just finished ones, the oldest first. ``since_report_min``: minutes since
    the speaker's newest report, None if there was none lately.
    """

    roles: frozenset[Role] = frozenset({Role.RESIDENT})
    in_group: bool = False
    quote: str = ""
    since_report_min: float | None = None
    matters: tuple[Matter, ...] = ()
    asked: OpenQuestion | None = None
    emergency: RunningEmergency | None = None
    ladder: tuple[OnLadder, ...] = ()
    #: what the speaker has closed as its holder and nobody has judged yet, the oldest first
    finished: tuple[Matter, ...] = ()

    @property
    def own(self) -> tuple[Matter, ...]:
        """What the speaker has reported or joined."""
        return tuple(matter for matter in self.matters if matter.is_own)

    @property
    def in_hand(self) -> tuple[Matter, ...]:
        """What the speaker has to do or to watch over."""
        return tuple(matter for matter in self.matters if not matter.is_own and matter.is_open)

    @property
    def is_staff(self) -> bool:
        """Whether the speaker has a post, or something in hand without one."""
        return bool(self.roles - {Role.RESIDENT}) or bool(self.in_hand)


NOTHING_BEFORE = Situation()


def read_situation(data: Mapping[str, Any], file: str = "", line: int = 0) -> Situation:
    """The situation of one JSON object of architecture.md §7; all of it may be missing.

    Raises FileError with every wrong field, under its way in the object ("matters[0].state")."""
    fields = _Fields(data, file, line)
    fields.known(_TOP)
    asked = fields.inside("asked", _read_asked)
    emergency = fields.inside("emergency", _read_emergency)
    matters = tuple(fields.objects("matters", _read_matter))
    read = Situation(
        roles=frozenset(fields.several("roles", _role)) or frozenset({Role.RESIDENT}),
        in_group=fields.one_of("chat", _CHATS, "private") == "group",
        quote=fields.text("quote"),
        since_report_min=fields.number("since_report_min"),
        matters=tuple(matter for matter in matters if not _is_finished(matter)),
        finished=tuple(matter for matter in matters if _is_finished(matter)),
        asked=asked,
        emergency=emergency,
        ladder=tuple(fields.objects("ladder", _read_on_ladder)),
    )
    if fields.problems:
        raise FileError(fields.problems)
    return read


def _is_finished(matter: Matter) -> bool:
    return matter.mine == "held" and matter.state is State.RESOLVED


_TOP = (
    *("text", "roles", "chat", "quote", "since_report_min"),
    *("matters", "asked", "emergency", "ladder"),
)


def _read_matter(fields: "_Fields") -> Matter:
    fields.known(("number", "words", "state", "mine", "rating_asked"))
    return Matter(
        number=fields.text("number", needed=True),
        words=fields.text("words"),
        state=State(fields.one_of("state", tuple(State), State.PENDING)),
        mine=fields.one_of("mine", _MINE, "reported"),
        rating_asked=fields.flag("rating_asked"),
    )


def _read_asked(fields: "_Fields") -> OpenQuestion:
    fields.known(("kind", "min"))
    kind = fields.one_of("kind", _KINDS, "words", needed=True)
    return OpenQuestion(kind, fields.number("min") or 0.0)


def _read_emergency(fields: "_Fields") -> RunningEmergency:
    fields.known(("class", "min"))
    return RunningEmergency(fields.text("class", needed=True), fields.number("min") or 0.0)


def _read_on_ladder(fields: "_Fields") -> OnLadder:
    fields.known(("role", "name"))
    return OnLadder(fields.text("role", needed=True), fields.text("name"))


def _role(said: object) -> Role | None:
    """邻长, or the word of the code: linzhang."""
    if said in _ROLES:
        return _ROLES[str(said)]
    return Role(said) if isinstance(said, str) and said in set(Role) else None


class _Fields:
    """One JSON object, and what is wrong with its fields."""

    def __init__(self, data: Mapping[str, Any], file: str, line: int, way: str = "") -> None:
        self._data, self._file, self._line, self._way = data, file, line, way
        self.problems: list[Problem] = []

    def known(self, names: tuple[str, ...]) -> None:
        for name in self._data:
            if name not in names:
                self._tell(name, "没有这一项", f"可以写：{'、'.join(names)}")

    def text(self, name: str, *, needed: bool = False) -> str:
        said = self._data.get(name)
        if said is None:
            if needed:
                self._tell(name, "没有写", "要写一句文字")
            return ""
        if not isinstance(said, str):
            self._tell(name, f"{said!r} 不是文字", "用引号括起来")
            return ""
        return said

    def number(self, name: str) -> float | None:
        said = self._data.get(name)
        if said is None:
            return None
        if isinstance(said, bool) or not isinstance(said, int | float) or said < 0:
            self._tell(name, f"{said!r} 不是分钟数", "写 0 或更大的数，没有就写 null")
            return None
        return float(said)

    def flag(self, name: str) -> bool:
        said = self._data.get(name)
        if said is not None and not isinstance(said, bool):
            self._tell(name, f"{said!r} 不是 true 或 false", "写 true 或 false")
        return said is True

    def one_of(self, name: str, values: tuple[T, ...], default: T, *, needed: bool = False) -> T:
        said = self._data.get(name)
        if said is None and not needed:
            return default
        found = next((value for value in values if value == said), None)
        if found is None:
            self._tell(name, f"没有 {said!r} 这个值", f"可以写：{'、'.join(map(str, values))}")
            return default
        return found

    def several(self, name: str, read: Callable[[object], T | None]) -> list[T]:
        found = []
        for place, said in enumerate(self._list(name)):
            value = read(said)
            if value is None:
                known = "、".join(_ROLES)
                self._tell(f"{name}[{place}]", f"没有 {said!r} 这个角色", f"可以写：{known}")
            else:
                found.append(value)
        return found

    def objects(self, name: str, read: Callable[["_Fields"], T]) -> list[T]:
        found = (self._object(f"{name}[{n}]", one, read) for n, one in enumerate(self._list(name)))
        return [one for one in found if one is not None]

    def inside(self, name: str, read: Callable[["_Fields"], T]) -> T | None:
        said = self._data.get(name)
        return None if said is None else self._object(name, said, read)

    def _object(self, way: str, said: object, read: Callable[["_Fields"], T]) -> T | None:
        if not isinstance(said, Mapping):
            self._tell(way, f"{said!r} 不是一个对象", "写成 {…}")
            return None
        inner = _Fields(said, self._file, self._line, f"{self._way}{way}.")
        found = read(inner)
        self.problems += inner.problems
        return None if inner.problems else found

    def _list(self, name: str) -> list[object]:
        said = self._data.get(name)
        if said is None:
            return []
        if not isinstance(said, list):
            self._tell(name, f"{said!r} 不是列表", "写成 […]")
            return []
        return said

    def _tell(self, name: str, what: str, remedy: str) -> None:
        field = f"{self._way}{name}"
        self.problems.append(Problem(self._file, self._line, field, what, remedy))
