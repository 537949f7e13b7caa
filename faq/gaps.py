"""What was asked and not answered, gathered into gaps that an admin can close, and how entries do.

Pure functions over what the database counted; asking the database is left to the CLI.
"""

import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from faq import segment
from faq.book import Book
from faq.entries import Entry
from faq.pinyin import sound
from faq.selftest import Progress
from faq.text import key, normalise
from faq.writing import as_yaml

#: Two questions that share this much of what they tell are one gap.
ALIKE = 0.55
#: Fewer answers than this say nothing about an entry.
SMALL_SAMPLE = 5
#: Finding the nearest entry costs milliseconds; nobody reads further down than this.
_NEAREST_FOR = 500
_RAREST = 6
_MOST_OF_A_TERM = 300
_SHOWN_ALTERNATIVES = 8
_IDENTIFIER = re.compile(r"\d(?:[\s-]?\d){6,}[xX]?")
_COURTESY = re.compile(
    "^(?:你好|您好|请问|想问|问一下|问下|麻烦|我想|我要|一下|下|[啊哦嗯那])+|(?:谢谢|多谢|[吗呢啊呀吧了嘛哦])+$"
)


@dataclass(frozen=True)
class Asked:
    """A question that got no answer: how often, and which issues followed (their numbers)."""

    text: str
    count: int = 1
    issues: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """Questions that want the same answer; `nearest` is the entry that comes closest."""

    sample: str
    texts: tuple[str, ...]
    count: int
    issues: tuple[str, ...] = ()
    nearest: str = ""


@dataclass(frozen=True)
class EntryStats:
    """How an entry does; with few answers (`small`) the rates are chance."""

    entry: str
    hits: int
    unsolved: int
    issues_within_24h: int
    small: bool

    @property
    def unsolved_rate(self) -> float | None:
        """The share of answers that did not help; None without answers."""
        return self.unsolved / self.hits if self.hits else None

    @property
    def issue_rate(self) -> float | None:
        """The share of answers that an issue followed within a day."""
        return self.issues_within_24h / self.hits if self.hits else None


def stats(rows: Iterable[tuple[str, int, int, int]]) -> list[EntryStats]:
    """Rows of (entry, hits, unsolved, issues within 24 h), added up; the most asked first."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for entry, *numbers in rows:
        sums[entry] = [old + new for old, new in zip(sums[entry], numbers, strict=True)]
    found = [EntryStats(e, h, u, i, small=h < SMALL_SAMPLE) for e, (h, u, i) in sums.items()]
    return sorted(found, key=lambda one: (-one.hits, one.entry))


def group(
    asked: Iterable[Asked], book: Book | None = None, progress: Progress | None = None
) -> list[Gap]:
    """The gaps, the most asked first. Same questions, same gaps, in whatever order they come."""
    once = _merged(asked)
    clusters = _Clusters([_core(one.text) for one in once])
    members: dict[int, list[Asked]] = defaultdict(list)
    for number, one in enumerate(once):
        members[clusters.leader_of(number)].append(one)
        if progress:
            progress(number + 1, len(once))
    gaps = sorted(map(_gap, members.values()), key=lambda gap: (-gap.count, gap.sample))
    return [_with_nearest(gap, book if n < _NEAREST_FOR else None) for n, gap in enumerate(gaps)]


def mask(text: str) -> str:
    """Without phone and identity numbers: a gap is read by more people than the issue."""
    return _IDENTIFIER.sub("〔号码〕", text)


def _merged(asked: Iterable[Asked]) -> list[Asked]:
    """One for each text, whatever its width, punctuation and emoji; the most asked first."""
    same: dict[str, list[Asked]] = defaultdict(list)
    for one in asked:
        bare = key(normalise(mask(one.text)))
        if bare:
            same[bare].append(one)
    merged = [_sum(group) for group in same.values()]
    return sorted(merged, key=lambda one: (-one.count, one.text))


def _sum(same: Sequence[Asked]) -> Asked:
    shown = min(same, key=lambda one: (-one.count, one.text))
    issues = sorted({number for one in same for number in one.issues})
    return Asked(mask(shown.text).strip(), sum(one.count for one in same), tuple(issues))


def _gap(members: Sequence[Asked]) -> Gap:
    issues = sorted({number for one in members for number in one.issues})
    texts = tuple(one.text for one in members)
    return Gap(texts[0], texts, sum(one.count for one in members), tuple(issues))


def _with_nearest(gap: Gap, book: Book | None) -> Gap:
    if book is None:
        return gap
    candidates = book.match(gap.sample, intent="question").candidates
    nearest = candidates[0].entry.id if candidates else ""
    return Gap(gap.sample, gap.texts, gap.count, gap.issues, nearest)


def _core(text: str) -> str:
    """What is asked, without politeness."""
    bare = key(normalise(text))
    return _COURTESY.sub("", bare) or bare


def _terms(core: str) -> frozenset[str]:
    """Words and pairs of characters; a lone character only where there is nothing else."""
    pairs = {core[i : i + 2] for i in range(len(core) - 1)}
    words = {word for word in segment.words(core) if len(word) > 1}
    return frozenset(pairs | words or {core})


class _Clusters:
    """Each text joins the most asked text before it that is like it, or leads a gap of its own."""

    def __init__(self, cores: Sequence[str]) -> None:
        segment.warm_up()
        self._cores = cores
        self._terms = [_terms(core) for core in cores]
        often = Counter(term for terms in self._terms for term in terms)
        self._weights = {t: math.log(1 + len(cores) / n) for t, n in often.items()}
        self._totals = [self._total(terms) for terms in self._terms]
        self._leading: dict[str, list[int]] = defaultdict(list)

    def leader_of(self, number: int) -> int:
        """To be asked in the order of the texts."""
        near = self._near(number)
        scores = [(self._likeness(number, leader), -leader) for leader in near]
        score, leader = max(scores, default=(0.0, 0))
        if score >= ALIKE:
            return -leader
        for term in self._terms[number]:
            self._leading[term].append(number)
        return number

    def _near(self, number: int) -> set[int]:
        """The leaders that share one of the text's most telling terms."""
        rarest = sorted(self._terms[number], key=lambda t: (-self._weights[t], t))
        lists = [self._leading[t] for t in rarest if self._leading.get(t)]
        return {leader for found in lists[:_RAREST] for leader in found[:_MOST_OF_A_TERM]}

    def _likeness(self, number: int, leader: int) -> float:
        """Shared terms by what they tell (Dice), or the same characters in another order."""
        shared = self._total(self._terms[number] & self._terms[leader])
        dice = 2 * shared / (self._totals[number] + self._totals[leader])
        if dice < ALIKE / 2:
            return dice
        letters = fuzz.ratio(self._cores[number], self._cores[leader]) / 100
        return (dice + letters) / 2

    def _total(self, terms: frozenset[str]) -> float:
        return math.fsum(self._weights[term] for term in terms)


def draft(gap: Gap) -> str:
    """A draft entry in YAML, with everything open that only a person knows."""
    entry = Entry(
        id=_suggested_id(gap.sample),
        question=gap.sample,
        answer="〔待填：答复，三四句说清楚〕",
        alternatives=_alternatives(gap),
        source="〔待填：依据的文件〕",
    )
    return f"{_about(gap)}{as_yaml([entry])}"


def _about(gap: Gap) -> str:
    lines = [f"问过 {gap.count} 次，{len(gap.texts)} 种说法"]
    if gap.issues:
        more = " 等" if len(gap.issues) > 5 else ""
        lines.append(f"转成诉求 {len(gap.issues)} 件：{'、'.join(gap.issues[:5])}{more}")
    if gap.nearest:
        lines.append(f"最近的条目是 {gap.nearest}：说的是一回事，就把问法加到那一条的相似问里")
    return "".join(f"# {line}\n" for line in lines)


def _alternatives(gap: Gap) -> tuple[str, ...]:
    others = (" ".join(text.split()) for text in gap.texts[1:])
    return tuple(others)[:_SHOWN_ALTERNATIVES]


def _suggested_id(sample: str) -> str:
    """The initials of the question, and four digits so that two drafts never collide."""
    core = _core(sample)
    return f"new-{_initials(core)}-{zlib.crc32(core.encode()) % 10_000:04d}"


@lru_cache(maxsize=1024)
def _initials(core: str) -> str:
    letters = "".join(sound(char)[:1] for char in core[:10])
    return re.sub("[^a-z0-9]", "", letters) or "q"
