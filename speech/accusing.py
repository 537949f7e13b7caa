"""Whether a 长 or cadre who is spoken of is the one complained about, or merely mentioned.

A small learnt judgement of each mention: what stands before and behind it, in letters and in signs
(tables/accusing.yaml: took money, favours kin, beats, does nothing …; 谢谢, 跟…讲过, …家门口). The
weights are in accusing.json, made by `make learn-accusing`. In doubt it is a complaint: one level
too high costs a phone call, one too low a secret.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from files.yaml_lines import read_lists
from rules.words import UnitKind
from speech.clean import clean
from speech.roles import LEVEL_OF_ROLE, Mention, spoken_of

#: From this likelihood on it is a complaint; from the lower one on nobody may be sure that it is
#: none, and the words are not handed on to the one they speak of.
ACCUSED, DOUBTFUL = 0.5, 0.2
#: So many mentions of one message are judged.
MOST_MENTIONS = 40
#: Characters that are looked at: behind, before, in the clauses that follow, in those before.
_BEHIND, _BEFORE, _LATER, _EARLIER = 18, 10, 30, 24
_WEIGHTS = Path(__file__).parent / "accusing.json"

_CLAUSE_END = re.compile(r"[\s,，。.!！?？;；:：、…~]+")
#: What may stand between the words before and the role: 感谢我们组的[组长].
_QUALIFIED = re.compile(
    r"(?:的|里|上|个|些|我们?|咱们?|你们|他们|本|该|某|这|那|咯|前任?|现任?|原任?|副|老|新|当|[村组片邻镇乡队]){1,20}$"
)
#: What may stand between the role and what he does: 组长[某某他].
_APPOSED = re.compile(
    r"(?:(?!家)[\u4e00-\u9fff]?某某?|[xX×*]{1,3}|同志|们|本人|自己(?!家|屋)|这个人|那个人|咯个人|他们?|她们?|大人)+"
)
#: The kinds of deeds in the table; of what else is said with a deed; of a mere mention; how the
#: words before end; and somebody else, whose deeds are not those of the 长.
_DEEDS = (
    *("graft", "take", "owed", "kin", "unfair", "abuse", "violence", "idle", "vice", "vote"),
    *("hide", "lie", "bad", "accuse"),
)
#: Those that are done to somebody; 不管 is said of a lamp as well.
_DONE_BY_SOMEBODY = (
    *("graft", "take", "owed", "unfair", "abuse", "violence", "hide", "lie", "bad"),
)
_DONE_TO = re.compile(r"把|被(?!困)|我家[^,。]{0,4}也")
_BESIDES = ("always", "public", "me", "not")
_PLAIN = (
    *("thank", "good", "speech", "asks", "place", "begs", "harmed", "trouble", "done"),
    *("person", "papers"),
)
_LEADS = ("secret", "told", "by", "accused", "with", "harms", "is", "at")


@dataclass(frozen=True)
class Signs:
    """The table, ready to be looked for."""

    signs: Mapping[str, re.Pattern[str]]
    leads: Mapping[str, re.Pattern[str]]
    other: re.Pattern[str]

    @classmethod
    def load(cls, file: Path) -> "Signs":
        """Raises FileError for a kind that is missing or unknown."""
        names = (*_DEEDS, *_BESIDES, *_PLAIN, *_LEADS, "other")
        said = read_lists(file, names)
        one = {name: "|".join(said[name]) for name in names}
        signs = {name: re.compile(one[name]) for name in (*_DEEDS, *_BESIDES, *_PLAIN)}
        leads = {name: re.compile(f"(?:{one[name]})$") for name in _LEADS}
        return cls(signs, leads, re.compile(one["other"]))


_TABLE = Signs.load(Path(__file__).parent / "tables" / "accusing.yaml")


@dataclass(frozen=True)
class Judgement:
    """One mention and how likely it is that it is a complaint about that person."""

    level: UnitKind
    words: str
    likelihood: float


def accused(text: str, ladder: Iterable[tuple[str, str]] = (), least: float = ACCUSED) -> list[str]:
    """The roles complained about, from the lowest up, in Chinese as the roster has them.

    ``ladder``: role and name of everybody on the sender's ladder, (邻长, 张守田) …; "" for a name
    that is not known. Roles are heard without it. Of a long text clean.LONGEST characters count.
    """
    levels = {one.level for one in judged(text, ladder) if one.likelihood >= least}
    return [role for role, level in LEVEL_OF_ROLE.items() if level in levels]


def highest(
    text: str, ladder: Iterable[tuple[str, str]] = (), least: float = ACCUSED
) -> UnitKind | None:
    """The highest level complained about; None for no complaint."""
    roles = accused(text, ladder, least)
    return LEVEL_OF_ROLE[roles[-1]] if roles else None


def judged(text: str, ladder: Iterable[tuple[str, str]] = ()) -> list[Judgement]:
    """Every mention with its likelihood."""
    plain = clean(text).plain
    mentions = spoken_of(plain, ladder)[:MOST_MENTIONS]
    weights = _weights()
    return [
        Judgement(one.level, plain[one.start : one.end], weights.likelihood(set(features)))
        for one, features in zip(mentions, looks(plain, mentions), strict=True)
    ]


def tells_of_deed(text: str) -> bool:
    """Whether somebody has done something to somebody, though the words do not say who: 断了我家的
    水, 现在不给我办事. What merely breaks, or is not mended, is nobody's deed."""
    plain = clean(text).plain
    return _DONE_TO.search(plain) is not None or any(
        _TABLE.signs[name].search(plain) for name in _DONE_BY_SOMEBODY
    )


# --- the learnt part ---


@dataclass(frozen=True)
class Weights:
    """What each feature counts."""

    bias: float
    of: Mapping[str, float]

    def likelihood(self, found: Iterable[str]) -> float:
        """Between 0 and 1."""
        sure = self.bias + math.fsum(self.of.get(name, 0.0) for name in found)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, sure))))


@cache
def _weights() -> Weights:
    data = json.loads(_WEIGHTS.read_text("utf-8"))
    return Weights(float(data["bias"]), data["weights"])


# --- what is seen of a mention ---


def looks(plain: str, mentions: Sequence[Mention]) -> Iterator[list[str]]:
    """The features of each mention; a feature may come twice."""
    edges = [0, *(edge for one in mentions for edge in (one.start, one.end)), len(plain)]
    gaps = [plain[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    for number, one in enumerate(mentions):
        # others are 职, so that what is between two of them counts for both
        before = "职".join(gaps[: number + 1])[-60:]
        behind = "职".join(gaps[number + 1 :])[:80]
        yield list(_of(before, behind, one))


def _of(before: str, behind: str, one: Mention) -> Iterator[str]:
    *earlier, last = _CLAUSE_END.split(before)
    lead = _QUALIFIED.sub("", last)[-_BEFORE:]
    apposed = _APPOSED.match(behind)
    rest = behind[apposed.end() :] if apposed else behind
    own, *later = _CLAUSE_END.split(rest)
    yield f"called={not own and bool(later) and not lead and not apposed}"
    if not own and later:  # 组长,他...: what follows the comma is his as well
        own, *later = later
        own = own[apposed.end() :] if (apposed := _APPOSED.match(own)) else own
    led = next((name for name, ends in _TABLE.leads.items() if ends.search(lead)), "none")
    led = "none" if led == "none" and not lead else led if led != "none" else "words"
    yield f"lead={led}"
    yield "named" if one.named else "role"
    yield f"apposed={bool(apposed)}"
    yield from _zone("R", own[:_BEHIND], led)
    yield from _grams("L", lead, 3)
    yield from (f"L$:{lead[-size:]}" for size in (1, 2, 3) if len(lead) >= size)
    yield from _signs("L", lead)
    yield from _later("".join(f"{part}," for part in later)[:_LATER], led)
    past = ",".join(part for part in (*earlier, last) if part)
    yield from _signs("P", past[-_EARLIER:])
    if other := _TABLE.other.search(past):
        yield "P:other"
        yield f"P:other,deeds={_count(_DEEDS, past[other.start() :])}"
    yield from _balance(f"{own},{','.join(later)}", led)
    if "职" in past or "职" in lead:
        yield "P:role"


def _zone(name: str, words: str, led: str) -> Iterator[str]:
    """The words right behind: letters, how they begin, signs, and signs by what went before."""
    mine, theirs = _split(words)
    yield from _grams(name, mine, 3)
    yield from (f"{name}^:{mine[:size]}" for size in (1, 2, 3) if len(mine) >= size)
    yield f"{name}:empty={not words}"
    yield from _by_lead(name, mine, led)
    yield from _signs("O", theirs)


def _later(words: str, led: str) -> Iterator[str]:
    mine, theirs = _split(words)
    yield from _grams("N", mine, 2)
    yield from _by_lead("N", mine, led)
    yield from _signs("O", theirs)
    if theirs:
        yield "N:other"


def _split(words: str) -> tuple[str, str]:
    """What is said of him, and what of somebody else who comes in."""
    other = _TABLE.other.search(words)
    return (words[: other.start()], words[other.start() :]) if other else (words, "")


def _by_lead(name: str, words: str, led: str) -> Iterator[str]:
    found = list(_signs(name, words))
    yield from found
    yield from (f"{sign}&{led}" for sign in found)
    yield from (f"{one}&{other}" for one, other in pairwise(found))
    if not found:
        yield f"{name}:nothing&{led}"


def _balance(words: str, led: str) -> Iterator[str]:
    """How many kinds of deeds, and of plain things, are said of him: what helps where no letter is
    known."""
    mine, _ = _split(words)
    deeds, plain = _count(_DEEDS, mine), _count(_PLAIN, mine)
    yield from (f"deeds={deeds}", f"plain={plain}", f"deeds={deeds},plain={plain}")
    yield f"deeds={deeds}&{led}"


def _count(of: Sequence[str], words: str) -> int:
    found = {sign.partition(":")[2] for sign in _signs("", words)}
    return min(3, len(found.intersection(of)))


def _signs(zone: str, words: str) -> Iterator[str]:
    return (f"{zone}:{name}" for name, sign in _TABLE.signs.items() if words and sign.search(words))


def _grams(zone: str, words: str, longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        yield from (
            f"{zone}{words[start : start + size]}" for start in range(len(words) - size + 1)
        )
