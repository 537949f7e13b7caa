"""Where in a letter the question stands: its clauses, and the pieces of it that may be asked.

Who writes a letter says who he is and what has happened; the question comes last, or first. Which
entry a piece asks for, and whether the rest changes that, is judged in `ranking`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

#: A shorter message is a question with a comma, which is looked up whole.
SHORTEST = 26
#: So many pieces are looked up; each costs what a short message costs.
MOST = 3
#: So many clauses that ask are looked up by themselves; so far before one stands what it is about.
_ALONE = 3
_BACK = (1, 2)
_PAUSE = re.compile(r"[^0-9a-z\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff.%]+")
#: Where somebody who puts no comma draws breath, and from how long a clause on that is looked for.
_BREATH = re.compile(r"(?<=[了哒啦啊呀吧呢])(?=[\u4e00-\u9fff])")
_LONG, _SHORT = 16, 6
#: 想问一下: what is asked begins behind it.
_ANNOUNCED = re.compile(
    "(?:我|就|只|是|还|也|想|要|来|请|特)*(?:请问|想问|问问|[问请]教|咨询|打听|了解|想知道|问(?=一?[下哈声句]))"
    "(?:一?[下哈声句]子?|[个件]事)*(?:你们|您|你|大家|领导)?"
)
_LEAST = 3
_ASKS = re.compile(
    "[吗怎咋什啥哪谁]|多少|好多钱|多久|多大|多长|如何|为何|何时|几[时点号岁天个块年]|能不|可不|是不是"
    "|要不要|有没|会不|能否|是否|可否|(?:[呢么]|没有?|不|冇得?)$"
)


class Piece(NamedTuple):
    """Clauses that may be the question together, without the polite words around each."""

    text: str
    #: how many clauses it has, how many stand around it, and how many of those ask something too
    joined: int
    around: int
    asking: int
    #: the rest of the message
    rest: str


def clauses(clean: str) -> list[str]:
    """A normalised text in clauses; a long one without a comma where one would draw breath."""
    found: list[str] = []
    for part in filter(None, _PAUSE.split(clean)):
        found += _breaths(part) if len(part) > _LONG else [part]
    return [half for clause in found for half in _announced(clause)]


def pieces(clean: str, unwrapped: Callable[[str], str]) -> Iterator[Piece]:
    """The pieces that may be the question, the likeliest first: each clause that asks, from the
    last to the first, then each with what stands before it or behind; none of a single
    clause or a short text."""
    parts = clauses(clean) if len(clean) >= SHORTEST else []
    if len(parts) < 2:
        return
    asking = [at for at, part in enumerate(parts) if _ASKS.search(part)]
    bare: dict[int, str] = {}
    for chosen in _choices(asking, len(parts))[:MOST]:
        bare |= {at: unwrapped(parts[at]) for at in chosen if at not in bare}
        text = "".join(bare[at] for at in chosen)
        others = sum(at not in chosen for at in asking)
        rest = ",".join(part for at, part in enumerate(parts) if at not in chosen)
        yield Piece(text, len(chosen), len(parts) - len(chosen), others, rest)


def _choices(asking: Sequence[int], count: int) -> list[tuple[int, ...]]:
    """The clauses of each piece, by their places; never all there are."""
    backwards = asking[::-1]
    alone = [(at,) for at in backwards[:_ALONE]]
    pairs = [(at - back, at) for back in _BACK for at in backwards if at >= back]
    three = [(at - 2, at - 1, at) for at in backwards if at >= 2]
    behind = [(at, at + 1) for at in backwards if at + 1 < count]
    found = dict.fromkeys([*alone, *pairs, *three, *behind])
    return [chosen for chosen in found if len(chosen) < count]


def _breaths(part: str) -> list[str]:
    found: list[str] = []
    held = ""
    for breath in _BREATH.split(part):
        held += breath
        if len(held) >= _SHORT:
            found.append(held)
            held = ""
    if held:
        found[-1:] = [*found[-1:], held] if len(held) >= _LEAST else ["".join((*found[-1:], held))]
    return found


def _announced(clause: str) -> list[str]:
    """What stands before 想问一下 and what is asked."""
    hits = [hit for hit in _ANNOUNCED.finditer(clause) if hit.end() + _LEAST <= len(clause)]
    start = hits[-1].start() if hits else 0
    return [clause[:start], clause[start:]] if start >= _LEAST else [clause]
