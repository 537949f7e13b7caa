"""The FAQ as one immutable snapshot: every message gets a band, an entry and a reason.

Same files, same text, same answer. Watching the files is left to `shelf`, acting to the handlers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from faq import segment, text
from faq.emergency import Emergencies, EmergencyClass
from faq.entries import Channel, Entry, Located, load_entries
from faq.index import Index
from faq.intent import Intent, report_or_question
from faq.problems import FaqError, Problem
from faq.smalltalk import small_talk

__all__ = ["Book", "Candidate", "FaqError", "Match", "Problem", "Thresholds"]

Band = Literal["emergency", "report", "answer", "suggest", "smalltalk", "issue"]
_TABLES = Path(__file__).parent / "tables"


@dataclass(frozen=True)
class Thresholds:
    """From which confidence on the bot answers, and from which it asks "是不是想问…"."""

    answer: float = 0.8
    suggest: float = 0.45


@dataclass(frozen=True)
class Candidate:
    """An entry that might be meant."""

    entry: Entry
    score: float
    phrasing: str = ""


@dataclass(frozen=True)
class Match:
    """The decision on one message, with its reasons."""

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
        emergencies: Emergencies,
        *,
        thresholds: Thresholds | None = None,
        names: Iterable[str] = (),
    ) -> None:
        self.located = tuple(located)
        self.entries = tuple(one.entry for one in located)
        self.emergencies = emergencies
        self.thresholds = thresholds or Thresholds()
        self.names = tuple(names)
        self._by_id = {entry.id: entry for entry in self.entries}
        pairs = [(n, p) for n, entry in enumerate(self.entries) for p in entry.phrasings]
        self._owners = [n for n, _ in pairs]
        self._index = Index([phrasing for _, phrasing in pairs])

    @classmethod
    def load(
        cls,
        path: str | Path,
        tables: str | Path | None = None,
        *,
        thresholds: Thresholds | None = None,
        names: Iterable[str] = (),
    ) -> "Book":
        """Read and check everything; raises FaqError with all problems at once."""
        segment.warm_up()
        text.warm_up()
        emergencies = Emergencies.load(_table("emergency.yaml", Path(path), tables))
        located = load_entries(Path(path))
        return cls(located, emergencies, thresholds=thresholds, names=names)

    def entry(self, entry_id: str) -> Entry | None:
        """The entry with that id."""
        return self._by_id.get(entry_id)

    def match(
        self,
        message: str,
        scope: Sequence[str] = (),
        *,
        channel: Channel = "私",
        today: date | None = None,
        intent: Literal["auto", "question"] = "auto",
    ) -> Match:
        """Decide what a message is and which entry answers it."""
        clean = text.normalise(message, self.names)
        found = self.emergencies.explain(clean)
        if found:
            kind, phrase = found
            return Match("emergency", 1.0, emergency=kind, reply=kind.reply, why=(f"紧急：{phrase}",))
        ranked = self._ranked(clean, scope, channel, today)
        sign = report_or_question(clean)
        confidence = ranked[0].score if ranked else 0.0
        entry = ranked[0].entry if ranked else None
        band = self._band(confidence)
        common = {"confidence": confidence, "candidates": ranked[:5], "intent": sign}
        if intent == "auto" and sign.kind == "report":
            entry = entry if band == "answer" else None
            return Match("report", entry=entry, why=sign.signs, **common)  # type: ignore[arg-type]
        talk = small_talk(text.key(clean)) if band == "issue" else None
        if talk:
            return Match("smalltalk", reply=talk.reply, why=(talk.name,), **common)  # type: ignore[arg-type]
        return Match(band, entry=entry, **common)  # type: ignore[arg-type]

    def _band(self, confidence: float) -> Band:
        if confidence >= self.thresholds.answer:
            return "answer"
        return "suggest" if confidence >= self.thresholds.suggest else "issue"

    def _ranked(
        self, clean: str, scope: Sequence[str], channel: str, today: date | None
    ) -> tuple[Candidate, ...]:
        best: dict[str, Candidate] = {}
        for number, score in self._index.candidates(text.key(clean)):
            entry = self.entries[self._owners[number]]
            if entry.id not in best and _open(entry, scope, channel, today):
                best[entry.id] = Candidate(entry, round(score, 6), self._index.keys[number])
        return tuple(best.values())


def _open(entry: Entry, scope: Sequence[str], channel: str, today: date | None) -> bool:
    return channel in entry.channels and entry.in_force(today) and in_scope(entry, scope)


def in_scope(entry: Entry, scope: Sequence[str]) -> bool:
    """Whether the entry is meant for a sender of those units."""
    return not entry.scope or any(f"/{s}/" in f"/{unit}/" for s in entry.scope for unit in scope)


def _table(name: str, path: Path, tables: str | Path | None) -> Path:
    """A deployment may keep its own tables beside its entries; the shipped ones fill the gaps."""
    own = [Path(tables)] if tables else [path / "tables"]
    return next((f / name for f in own if (f / name).is_file()), _TABLES / name)
