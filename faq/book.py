"""The FAQ as one immutable snapshot: every message gets a band, an entry and a reason.

Same files, same text, same answer. Watching the files is left to `current`, acting to the handlers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from faq import segment, text
from faq.danger import Emergencies, EmergencyClass, load_emergencies
from faq.entries import Channel, Entry, Located, load_entries
from faq.features import NAMES
from faq.index import Mask
from faq.intent import Intent, IntentWords
from faq.lexicon import TABLES, Lexicon, Shape
from faq.matters import Matters
from faq.pinyin import Speller
from faq.ranking import FEW, LIKELY, LONG, PartFound, Ranked, Ranking
from faq.score import shipped
from faq.smalltalk import SmallTalk, SmallTalks
from faq.unchanged import Unchanged, remembered
from files.problem import FileError, Problem
from files.yaml_lines import Item

__all__ = ["Book", "Candidate", "Match", "Thresholds", "load_lexicon"]

Band = Literal["emergency", "report", "answer", "suggest", "smalltalk", "issue"]
_TABLES = Path(__file__).parent / "tables"
T = TypeVar("T")
_SHOWN = 10
# So many last decisions are remembered, each one or two KB; at most half of the room is for those
# that are made before anybody asks.
_DECISIONS = 8192
# A guess at a misspelt word is a guess: it costs a little certainty.
_RESPELT = 0.97
_BESIDE_TROUBLE = 0.99
# With an entry this near, even chatter is better asked back than smiled away.
_CHATTER = 0.4


@dataclass(frozen=True)
class Thresholds:
    """From which confidence on the bot answers, and from which it asks "是不是想问…".

    The defaults come from `make calibrate`; docs/faq-quality.md shows what others would buy.
    """

    answer: float = field(default_factory=lambda: shipped().answer)
    suggest: float = field(default_factory=lambda: shipped().suggest)


class Candidate(NamedTuple):
    """An entry that might be meant, how sure that is, and what spoke for or against it.

    `row` is what the model was told, only in a detailed decision.
    """

    entry: Entry
    score: float
    phrasing: str = ""
    objection: str = ""
    row: Sequence[float] = ()

    @property
    def features(self) -> tuple[tuple[str, float], ...]:
        """What the model was told, by name."""
        return tuple(zip(NAMES, self.row, strict=bool(self.row)))


@dataclass(frozen=True)
class Match:
    """The decision on one message, with its reasons.

    `confidence` is how sure the best entry is; an emergency is found without asking for one.
    """

    band: Band
    confidence: float = 0.0
    entry: Entry | None = None
    candidates: tuple[Candidate, ...] = ()
    emergency: EmergencyClass | None = None
    reply: str = ""
    why: tuple[str, ...] = ()
    intent: Intent | None = None


class Book:
    """All entries, their index, and the decision."""

    def __init__(
        self,
        located: Sequence[Located],
        tables: "Tables",
        *,
        thresholds: Thresholds | None = None,
        names: Iterable[str] = (),
        shapes: Mapping[str, Shape] | None = None,
    ) -> None:
        self.located = tuple(located)
        self.entries = tuple(one.entry for one in located)
        self.emergencies = tables.emergencies
        self.matters = tables.matters
        self.thresholds = thresholds or Thresholds()
        self.names = tuple(names)
        self._tables = tables
        self.lexicon = tables.lexicon
        phrasings = [entry.phrasings for entry in self.entries]
        self._ranking = Ranking(phrasings, tables.lexicon, shipped(), shapes)
        self._numbers = {entry.id: number for number, entry in enumerate(self.entries)}
        self._overriding = _overriding(self.entries)
        self._limited = [n for n, entry in enumerate(self.entries) if _is_limited(entry)]
        self._demands = [_demands(entry, tables.lexicon) for entry in self.entries]
        self._hidden = remembered(self._compute_hidden, 4096)
        self._allowed = remembered(self._compute_allowed, 256)
        self._decided = remembered(self._decide_briefly, _DECISIONS)
        everybody_sees_all = self.entries if not self._limited else ()
        own = (phrasing for entry in everybody_sees_all for phrasing in entry.phrasings)
        self._ahead = islice(own, _DECISIONS // 2)
        self._speller = Speller(word for entry in self.entries for word in self._words(entry))

    @classmethod
    def load(
        cls,
        path: str | Path,
        tables: str | Path | None = None,
        *,
        thresholds: Thresholds | None = None,
        names: Iterable[str] = (),
    ) -> "Book":
        """Read and check everything; raises FileError with all problems at once."""
        located, read = gathered(Path(path), tables, Unchanged())
        return cls(located, read, thresholds=thresholds, names=names)

    @classmethod
    def of_phrasings(cls, ids: Sequence[str], phrasings: Sequence[Sequence[str]]) -> "Book":
        """A book of questions without answers, for measuring."""
        segment.warm_up()
        located = []
        for entry_id, (first, *others) in zip(ids, phrasings, strict=True):
            entry = Entry(id=entry_id, question=first, answer="-", alternatives=tuple(others))
            located.append(Located(entry, Item("-", {}, None)))
        return cls(located, Tables.load(_TABLES))

    @property
    def shapes(self) -> dict[str, Shape]:
        """Every phrasing made ready; a book with the same lexicon need not do that again."""
        phrasings = (text for entry in self.entries for text in entry.phrasings)
        return dict(zip(phrasings, self._ranking.index.stored, strict=True))

    def entry(self, entry_id: str) -> Entry | None:
        """The entry with that id."""
        number = self._numbers.get(entry_id)
        return None if number is None else self.entries[number]

    def match(
        self,
        message: str,
        scope: Sequence[str] = (),
        *,
        channel: Channel = "私",
        today: date | None = None,
        intent: Literal["auto", "question"] = "auto",
        detailed: bool = False,
    ) -> Match:
        """Decide what a message is and which entry answers it; `detailed` with all the numbers.

        A message sent again and what everybody asks are found among the last decisions, which
        go when the book goes. A book never changes, so they are what would be decided anew.
        """
        hidden = self._hidden(tuple(scope), channel, today)
        if detailed or len(message) > text.LONGEST:
            return self._decide(message, hidden, intent)
        return self._decided(message, hidden, intent)

    def decide_ahead(self, most: int) -> None:
        """Decide so many more phrasings, so that nobody who asks them word for word waits.

        Only where all senders may see the same entries, since a decision depends on that.
        """
        for phrasing in islice(self._ahead, most):
            self._decided(phrasing, (), "auto")

    def _decide_briefly(
        self, message: str, hidden: tuple[int, ...], intent: Literal["auto", "question"]
    ) -> Match:
        """Without the numbers of the candidates, which are three quarters of a decision."""
        found = self._decide(message, hidden, intent)
        candidates = tuple([Candidate(*each[:-1]) for each in found.candidates])
        return replace(found, candidates=candidates)

    def _decide(
        self, message: str, hidden: tuple[int, ...], intent: Literal["auto", "question"]
    ) -> Match:
        clean = text.normalise(message, self.names)
        found = self.emergencies.find(clean)
        if found:
            return _emergency(*found)
        first, _ = text.head(clean)
        allowed, sign = self._allowed(hidden), self._tables.intent.judge(clean)
        if intent == "auto" and sign.kind == "report":
            # What is appended to a receipt must be sure in the words as they were written.
            hits = self._written(first, allowed)[1]
            return self._report(self._judged(first, hits, allowed), sign)
        if not clean and text.has_sticker(message):
            return self._signs_alone(sign)
        return self._answer(self._candidates(first, allowed), sign, clean)

    def _signs_alone(self, sign: Intent) -> Match:
        """A sticker alone opens nothing (domain.md §9)."""
        nod = self._tables.smalltalk.nod
        if nod is None:
            return Match("issue", intent=sign, why=("没有字",))
        return Match("smalltalk", reply=nod.reply, why=(f"闲聊：{nod.name}",), intent=sign)

    def _report(self, candidates: tuple[Candidate, ...], sign: Intent) -> Match:
        """A report opens an issue; a sure entry may be appended to its receipt."""
        first = candidates[0] if candidates else None
        sure = first is not None and first.score >= self.thresholds.answer
        why = ("像是诉求：" + "、".join(sign.signs),)
        confidence = first.score if first else 0.0
        entry = first.entry if first and sure else None
        return Match("report", confidence, entry, candidates, why=why, intent=sign)

    def _answer(self, candidates: tuple[Candidate, ...], sign: Intent, clean: str) -> Match:
        first = candidates[0] if candidates else None
        confidence = first.score if first else 0.0
        if first and confidence >= self.thresholds.answer:
            same = (f"与「{first.phrasing}」同义，把握 {confidence:.2f}",)
            return Match("answer", confidence, first.entry, candidates, why=same, intent=sign)
        talk = self._chatter(clean, sign, confidence)
        if talk:
            kind = (f"闲聊：{talk.name}",)
            return Match("smalltalk", confidence, None, candidates, None, talk.reply, kind, sign)
        why = (_doubt(first, confidence, self.thresholds),)
        if first and confidence >= self.thresholds.suggest:
            return Match("suggest", confidence, first.entry, candidates, why=why, intent=sign)
        entry = first.entry if first else None
        return Match("issue", confidence, entry, candidates, why=why, intent=sign)

    def _chatter(self, clean: str, sign: Intent, confidence: float) -> SmallTalk | None:
        """The small talk that it is, if no entry is near and nothing serious is said."""
        if sign.serious or confidence >= _CHATTER:
            return None
        return self._tables.smalltalk.find(clean)

    def _written(self, clean: str, allowed: Mask | None) -> tuple[Shape, list[Ranked]]:
        """How the text is looked up, and what is found for the words as they are written."""
        shape = self._ranking.read(clean)
        return shape, self._ranking.ask(shape, allowed) if shape.key else []

    def _candidates(self, clean: str, allowed: Mask | None) -> tuple[Candidate, ...]:
        """What is found for the words as they are written; if none of it is sure, for parts of
        them, and then for the sound of the words. A letter is looked up in parts alone."""
        is_letter = len(clean) >= LONG
        found = self._in_parts(clean, (), allowed) if is_letter else ()
        if found:
            return found
        shape, hits = self._written(clean, allowed)
        found = self._judged(clean, hits, allowed)
        if _is_sure(found, self.thresholds.answer):
            return found
        if not is_letter:
            found = self._in_parts(clean, found, allowed)
            if _is_sure(found, self.thresholds.answer):
                return found
        respelt = self._speller.respell(shape.key)
        if respelt == shape.key:
            return found
        hits = self._ranking.ask(self.lexicon.shape(respelt), allowed, FEW)
        again = self._judged(respelt, hits, allowed, lambda _: _RESPELT)
        return again if again and (not found or again[0].score > found[0].score) else found

    def _in_parts(
        self, clean: str, found: tuple[Candidate, ...], allowed: Mask | None
    ) -> tuple[Candidate, ...]:
        """What was found for the whole, and what is found for parts of it, until one is sure."""
        for part in self._ranking.parts(clean, allowed):
            found = _better(found, self._judged_part(clean, part, allowed))
            if _is_sure(found, self.thresholds.answer):
                break
        return found

    def _judged_part(
        self, clean: str, part: PartFound, allowed: Mask | None
    ) -> tuple[Candidate, ...]:
        """What is found for a part of the text. Beside a trouble it is offered and never the
        answer, which would swallow that."""
        found = self._judged(clean, part.hits, allowed, partial(self._ranking.stands, part))
        sure = self.thresholds.answer
        if not _is_sure(found, sure) or self._tables.intent.judge(part.piece.rest).kind != "report":
            return found
        most = round(sure * _BESIDE_TROUBLE, 6)
        return tuple([each._replace(score=min(each.score, most)) for each in found])

    def _judged(
        self,
        clean: str,
        hits: Sequence[Ranked],
        allowed: Mask | None,
        share: Callable[[Ranked], float] | None = None,
    ) -> tuple[Candidate, ...]:
        """One hit per entry that the sender may see, the nearest unit's version of each; how much
        `share` leaves of the certainty of each."""
        best: dict[int, tuple[int, Ranked]] = {}
        twins: dict[str, int] = {}
        said = _Said(clean, self.lexicon)
        for hit in hits:
            number = self._nearest(hit.entry, allowed)
            phrasing = self._ranking.index.key(hit.phrasing)
            twin = twins.setdefault(phrasing, number)
            if twin != number and twin in best:
                self._prefer_deeper(best, twin, (number, hit))
            elif number not in best and self._fits(number, clean, said):
                best[number] = (number, hit)
        chosen = [*best.values()]
        sure = self._ranking.certainty([hit for _, hit in chosen])
        if share:
            pairs = zip(sure, chosen, strict=True)
            sure = [round(score * share(hit), 6) for score, (_, hit) in pairs]
        order = [(-score, self.entries[n].id) for score, (n, _) in zip(sure, chosen, strict=True)]
        shown = sorted(range(len(chosen)), key=order.__getitem__)[:_SHOWN]
        return tuple(self._candidate(*chosen[i], sure[i]) for i in shown)

    def _prefer_deeper(
        self, best: dict[int, tuple[int, Ranked]], twin: int, other: tuple[int, Ranked]
    ) -> None:
        """Two entries with the very same phrasing: the village's before the town's."""
        if _depth(self.entries[other[0]]) > _depth(self.entries[best[twin][0]]):
            best[twin] = other

    def _candidate(self, number: int, hit: Ranked, score: float) -> Candidate:
        phrasing = self._ranking.index.key(hit.phrasing)
        return Candidate(self.entries[number], score, phrasing, hit.objection, hit.features)

    def _fits(self, number: int, clean: str, said: "_Said") -> bool:
        """Whether the words that the entry demands and forbids allow it."""
        demands = self._demands[number]
        return demands is None or demands.fit(clean, said)

    def _nearest(self, number: int, allowed: Mask | None) -> int:
        """The entry that stands in for this one where the sender lives."""
        if number not in self._overriding:
            return number
        seen = {number}
        while number in self._overriding:
            others = [
                other
                for other in self._overriding[number]
                if other not in seen and self._may_see(other, allowed)
            ]
            if not others:
                break
            number = max(others, key=lambda n: (_depth(self.entries[n]), -n))
            seen.add(number)
        return number

    def _may_see(self, number: int, allowed: Mask | None) -> bool:
        return allowed is None or bool(allowed[self._ranking.numbers_of(number)[0]])

    def _compute_hidden(
        self, scope: tuple[str, ...], channel: Channel, today: date | None
    ) -> tuple[int, ...]:
        """The entries that such a sender must not see: all that his place and the day decide."""
        return tuple(
            [n for n in self._limited if not _open(self.entries[n], scope, channel, today)]
        )

    def _compute_allowed(self, hidden: tuple[int, ...]) -> Mask | None:
        if not hidden:
            return None
        allowed = np.ones(len(self._ranking.index), dtype=np.bool_)
        for number in hidden:
            span = self._ranking.numbers_of(number)
            allowed[span.start : span.stop] = False
        return allowed

    def _words(self, entry: Entry) -> Iterable[str]:
        number = self._numbers[entry.id]
        for phrasing in self._ranking.numbers_of(number):
            yield from self._ranking.index.words(phrasing)


@dataclass(frozen=True)
class Tables:
    """The word lists and phrases that deciding needs beside the entries."""

    emergencies: Emergencies
    lexicon: Lexicon
    intent: IntentWords
    smalltalk: SmallTalks
    matters: Matters

    @classmethod
    def load(
        cls, path: Path, tables: str | Path | None = None, unchanged: Unchanged | None = None
    ) -> "Tables":
        """Read all tables; those that a deployment keeps beside its entries come first."""
        unchanged = unchanged or Unchanged()

        def made(name: str, load: Callable[[Path, bytes], T]) -> T:
            file = _table(name, path, tables)
            return unchanged.make(name, [file], lambda data: load(file, data[file]))

        return cls(
            _emergencies(path, tables, unchanged),
            load_lexicon(path, tables, unchanged),
            made("intent", IntentWords.load),
            made("smalltalk", SmallTalks.load),
            made("matters", Matters.load),
        )


def _emergencies(path: Path, tables: str | Path | None, unchanged: Unchanged) -> Emergencies:
    """The classes of the file, with the signs and dialect words that a deployment adds."""
    file = _table("emergency", path, tables)
    signs, dialect = (_own_table(name, path, tables) for name in ("danger_signs", "dialect"))
    files = [file, *(own for own in (signs, dialect) if own)]
    load = partial(load_emergencies, file, signs, dialect)
    return unchanged.make("emergency", files, load)


class _Said:
    """Whether a word occurs in a message, under any of its names."""

    def __init__(self, clean: str, lexicon: Lexicon) -> None:
        self._clean = clean
        self._lexicon = lexicon
        self._words: Mapping[str, float] | None = None

    def __call__(self, word: "_Word") -> bool:
        if word.plain in self._clean:
            return True
        if self._words is None:
            self._words = self._lexicon.shape(self._clean).weights
        return word.canonical in self._words


class _Word(NamedTuple):
    """A word that an entry demands, and the first of its synonyms."""

    plain: str
    canonical: str


class _Demands:
    """The words that an entry demands and forbids."""

    def __init__(self, entry: Entry, lexicon: Lexicon) -> None:
        def word(written: str) -> _Word:
            plain = text.normalise(written)
            return _Word(plain, lexicon.canonical(plain))

        self._must, self._any = [*map(word, entry.must)], [*map(word, entry.any)]
        self._forbidden = entry.not_words

    def fit(self, clean: str, said: _Said) -> bool:
        """Whether they allow the message."""
        return (
            all(map(said, self._must))
            and (not self._any or any(map(said, self._any)))
            and not any(word in clean for word in self._forbidden)
        )


def _demands(entry: Entry, lexicon: Lexicon) -> _Demands | None:
    return _Demands(entry, lexicon) if entry.must or entry.any or entry.not_words else None


def gathered(
    path: Path, tables: str | Path | None, unchanged: Unchanged
) -> tuple[list[Located], Tables]:
    """What a book is made of; raises FileError with the problems of entries and tables at once."""
    segment.warm_up()
    text.warm_up()
    problems: list[Problem] = []
    read = located = None
    try:
        read = Tables.load(path, tables, unchanged)
    except FileError as error:
        problems.extend(error.problems)
    try:
        located = load_entries(path, unchanged)
    except FileError as error:
        problems.extend(error.problems)
    if read is None or located is None:
        raise FileError(problems)
    return located, read


def load_lexicon(
    path: Path | None = None, tables: str | Path | None = None, unchanged: Unchanged | None = None
) -> Lexicon:
    """The word tables, those beside the entries first; the dictionary is loaded for them."""
    segment.warm_up()
    text.warm_up()
    files = lexicon_files(path, tables)
    return (unchanged or Unchanged()).make(
        "lexicon", [*files.values()], partial(Lexicon.load, files)
    )


def lexicon_files(path: Path | None = None, tables: str | Path | None = None) -> dict[str, Path]:
    """The word tables by name, those beside the entries first."""
    return {name: _table(name, path or _TABLES, tables) for name in TABLES}


def in_scope(entry: Entry, scope: Sequence[str]) -> bool:
    """Whether the entry is meant for a sender of those units."""
    return not entry.scope or any(f"/{s}/" in f"/{unit}/" for s in entry.scope for unit in scope)


def _open(entry: Entry, scope: Sequence[str], channel: str, today: date | None) -> bool:
    return channel in entry.channels and entry.in_force(today) and in_scope(entry, scope)


def _is_limited(entry: Entry) -> bool:
    dated = entry.valid_from is not None or entry.valid_to is not None
    return bool(entry.scope) or dated or len(set(entry.channels)) < 2


def _depth(entry: Entry) -> int:
    return max((unit.count("/") + 1 for unit in entry.scope), default=0)


def _overriding(entries: Sequence[Entry]) -> dict[int, list[int]]:
    numbers = {entry.id: number for number, entry in enumerate(entries)}
    found: dict[int, list[int]] = {}
    for number, entry in enumerate(entries):
        if entry.overrides in numbers:
            found.setdefault(numbers[entry.overrides], []).append(number)
    return found


def _is_sure(found: Sequence[Candidate], limit: float) -> bool:
    return bool(found) and found[0].score >= limit


def _better(some: tuple[Candidate, ...], others: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """What is found in two ways, each entry as the surer of them has it."""
    best: dict[str, Candidate] = {}
    for one in (*some, *others):
        before = best.get(one.entry.id)
        if before is None or one.score > before.score:
            best[one.entry.id] = one
    return tuple(sorted(best.values(), key=lambda one: (-one.score, one.entry.id))[:_SHOWN])


def _emergency(kind: EmergencyClass, phrase: str) -> Match:
    why = (f"紧急（{kind.name}）：「{phrase}」",)
    return Match("emergency", emergency=kind, reply=kind.reply, why=why)


def _doubt(first: Candidate | None, confidence: float, limits: Thresholds) -> str:
    if first is None:
        return "没有相近的条目"
    if first.objection:
        return f"与「{first.phrasing}」相近，但{first.objection}"
    if confidence >= limits.answer * LIKELY:
        return f"多半是「{first.phrasing}」，但不敢肯定问的是同一件事，把握 {confidence:.2f}"
    if confidence >= limits.suggest:
        return f"像「{first.phrasing}」，把握 {confidence:.2f} 不到 {limits.answer:.2f}"
    return f"最近的是「{first.phrasing}」，把握只有 {confidence:.2f}"


def _table(name: str, path: Path, tables: str | Path | None) -> Path:
    """A deployment may keep its own tables beside its entries; the shipped ones fill the gaps."""
    return _own_table(name, path, tables) or _TABLES / f"{name}.yaml"


def _own_table(name: str, path: Path, tables: str | Path | None) -> Path | None:
    """A deployment's own table, where there is one; the shipped folder is nobody's own."""
    own = (Path(tables) if tables else path / "tables") / f"{name}.yaml"
    return own if own.is_file() and own.resolve().parent != _TABLES.resolve() else None
