"""What was asked and not answered, gathered into gaps that an admin can close, and how entries do.

Pure functions over what the database counted; asking the database is left to the CLI.
"""

import math
import re
import unicodedata
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from faq import segment
from faq.book import Book, load_lexicon
from faq.entries import Entry
from faq.lexicon import Shape
from faq.pinyin import reading
from faq.selftest import Progress
from faq.text import key, normalise
from faq.writing import as_yaml

#: Two questions that share this much of what they tell are one gap.
ALIKE = 0.55
#: Beside words, what a pair of characters, the kind of question and the order of letters count.
_PAIR, _ASK, _LETTERS = 0.5, 4.0, 0.3
#: 哪里 and 多少 about the same thing are less alike.
_ASKS_ELSE = 0.85
_HOPELESS = 0.6
#: In a handful of questions a frequent word is their subject, among thousands it is a phrase.
_PRIOR = 200
#: Fewer answers than this say nothing about an entry.
SMALL_SAMPLE = 5
#: Finding the nearest entry costs milliseconds; nobody reads further down than this.
_NEAREST_FOR = 500
_NEAR = 0.05
_RAREST = 6
_MOST_OF_A_TERM = 300
_SHOWN_ALTERNATIVES = 8
_IDENTIFIER = re.compile(r"\d(?:[\s-]?\d){6,}[xX]?")


@dataclass(frozen=True)
class Unmet:
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
    asked: Iterable[Unmet], book: Book | None = None, progress: Progress | None = None
) -> list[Gap]:
    """The gaps, the most asked first. Same questions, same gaps, in whatever order they come."""
    segment.warm_up()
    lexicon = load_lexicon()
    once = _merged(asked)
    clusters = _Clusters([lexicon.shape(normalise(one.text)) for one in once])
    members: dict[int, list[Unmet]] = defaultdict(list)
    for number, one in enumerate(once):
        members[clusters.leader_of(number)].append(one)
        if progress:
            progress(number + 1, len(once))
    gaps = sorted(map(_gap, members.values()), key=lambda gap: (-gap.count, gap.sample))
    return [_with_nearest(gap, book if n < _NEAREST_FOR else None) for n, gap in enumerate(gaps)]


def mask(text: str) -> str:
    """Without phone and identity numbers: a gap is read by more people than the issue."""
    return _IDENTIFIER.sub("〔号码〕", text)


def _merged(asked: Iterable[Unmet]) -> list[Unmet]:
    """One for each text, whatever its width, punctuation and emoji; the most asked first."""
    same: dict[str, list[Unmet]] = defaultdict(list)
    for one in asked:
        bare = key(normalise(mask(one.text)))
        if bare:
            same[bare].append(one)
    merged = [_sum(group) for group in same.values()]
    return sorted(merged, key=lambda one: (-one.count, one.text))


def _sum(same: Sequence[Unmet]) -> Unmet:
    shown = min(same, key=lambda one: (-one.count, one.text))
    issues = sorted({number for one in same for number in one.issues})
    return Unmet(mask(shown.text).strip(), sum(one.count for one in same), tuple(issues))


def _gap(members: Sequence[Unmet]) -> Gap:
    issues = sorted({number for one in members for number in one.issues})
    texts = tuple(one.text for one in members)
    return Gap(texts[0], texts, sum(one.count for one in members), tuple(issues))


def _with_nearest(gap: Gap, book: Book | None) -> Gap:
    if book is None:
        return gap
    candidates = book.match(gap.sample, intent="question").candidates
    near = bool(candidates) and candidates[0].score >= _NEAR
    nearest = candidates[0].entry.id if near else ""
    return Gap(gap.sample, gap.texts, gap.count, gap.issues, nearest)


def _terms(shape: Shape) -> dict[str, float]:
    """What a question tells: its words, what it asks; pairs of characters for misspelt words."""
    core = shape.core or shape.key
    pairs = {core[i : i + 2] for i in range(len(core) - 1)}
    terms = {pair: _PAIR * max(map(segment.rarity, pair)) for pair in pairs}
    terms |= {f"?{ask}": _ASK for ask in shape.asks}
    terms.update(shape.weights)
    return terms or {core: 1.0}


class _Clusters:
    """Each text joins the most asked text before it that is like it, or leads a gap of its own."""

    def __init__(self, shapes: Sequence[Shape]) -> None:
        self._cores = [shape.core for shape in shapes]
        self._asks = [shape.asks for shape in shapes]
        self._terms = [_terms(shape) for shape in shapes]
        often = Counter(term for terms in self._terms for term in terms)
        for terms in self._terms:
            for term in terms:
                terms[term] *= math.log(1 + (len(shapes) + _PRIOR) / often[term])
        self._totals = [math.fsum(terms.values()) for terms in self._terms]
        self._leading: dict[str, list[int]] = defaultdict(list)

    def leader_of(self, number: int) -> int:
        """To be asked in the order of the texts."""
        scores = [(self._likeness(number, leader), -leader) for leader in self._near(number)]
        score, leader = max(scores, default=(0.0, 0))
        if score >= ALIKE:
            return -leader
        for term in self._terms[number]:
            self._leading[term].append(number)
        return number

    def _near(self, number: int) -> set[int]:
        """The leaders that share one of the text's most telling terms."""
        terms = self._terms[number]
        rarest = sorted(terms, key=lambda term: (-terms[term], term))[:_RAREST]
        lists = [self._leading[term] for term in rarest if term in self._leading]
        return {leader for found in lists for leader in found[:_MOST_OF_A_TERM]}

    def _likeness(self, number: int, leader: int) -> float:
        """What two questions share of what they tell, and of their characters in order."""
        one, other = self._terms[number], self._terms[leader]
        shared = math.fsum(min(one[term], other[term]) for term in one.keys() & other.keys())
        share = 2 * shared / (self._totals[number] + self._totals[leader])
        if share < ALIKE * _HOPELESS:
            return share
        letters = fuzz.ratio(self._cores[number], self._cores[leader]) / 100
        likeness = (1 - _LETTERS) * share + _LETTERS * letters
        return likeness * (_ASKS_ELSE if self._asks_else(number, leader) else 1.0)

    def _asks_else(self, number: int, leader: int) -> bool:
        one, other = self._asks[number], self._asks[leader]
        return bool(one and other and not one & other)


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
    bare = key(normalise(sample))
    letters = "".join(map(_initial, bare[:8]))
    return f"new-{letters}-{zlib.crc32(bare.encode()) % 10_000:04d}"


def _initial(char: str) -> str:
    """The first letter of a character's reading."""
    letter = unicodedata.normalize("NFD", reading(char))[0]
    return letter if letter.isascii() and letter.isalnum() else ""
