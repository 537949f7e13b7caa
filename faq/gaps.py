"""What was asked and not answered, gathered into groups of the same question, with draft entries.

A pure function over rows; reading them from the database is up to the caller.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from faq.text import key, normalise
from faq.words import Lexicon, Shape

_ALIKE = 0.62
_ROOM = 400


@dataclass(frozen=True)
class Asked:
    """A message that got no answer: how often it came, which issues followed."""

    text: str
    count: int = 1
    issues: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gap:
    """One question in several wordings."""

    question: str
    wordings: tuple[str, ...]
    count: int
    issues: tuple[str, ...]

    def draft(self, number: int) -> str:
        """An entry to be filled in, as YAML."""
        lines = [f"- 编号: draft-{number:03d}", f"  问题: {_quoted(self.question)}"]
        others = [w for w in self.wordings if w != self.question]
        if others:
            lines += ["  相似问:", *(f"    - {_quoted(w)}" for w in others)]
        issues = f"，转出诉求 {'、'.join(self.issues)}" if self.issues else ""
        lines.append(f"  # 被问 {self.count} 次{issues}")
        lines += ["  答复: 〔待填：答复〕", "  来源: 〔待填：来源〕"]
        return "\n".join(lines) + "\n"


def cluster(rows: Iterable[Asked], lexicon: Lexicon, least: int = 1) -> list[Gap]:
    """Groups of rows that ask the same, the most asked first; `least` is how often at least."""
    groups: list[list[tuple[Asked, Shape]]] = []
    for row in _merged(rows):
        shape = lexicon.shape(normalise(row.text))
        near = _nearest(groups, shape)
        if near is None:
            groups.append([(row, shape)])
        else:
            near.append((row, shape))
    gaps = [_gap([row for row, _ in group]) for group in groups]
    kept = [gap for gap in gaps if gap.count >= least]
    return sorted(kept, key=lambda gap: (-gap.count, gap.question))


def _merged(rows: Iterable[Asked]) -> list[Asked]:
    """One row per wording, the frequent ones first: they become the centres of the groups."""
    found: dict[str, Asked] = {}
    for row in rows:
        bare = key(normalise(row.text))
        if bare:
            before = found.get(bare, Asked(normalise(row.text), 0))
            issues = tuple(dict.fromkeys((*before.issues, *row.issues)))
            found[bare] = Asked(before.text, before.count + row.count, issues)
    return sorted(found.values(), key=lambda row: (-row.count, row.text))


Group = list[tuple[Asked, Shape]]


def _nearest(groups: list[Group], shape: Shape) -> Group | None:
    best, nearest = _ALIKE, None
    for group in groups[:_ROOM]:
        alike = likeness(shape, group[0][1])
        if alike > best:
            best, nearest = alike, group
    return nearest


def likeness(a: Shape, b: Shape) -> float:
    """How much of what two texts tell is the same, 0..1."""
    shared = sum(weight for word, weight in a.weights.items() if word in b.weights)
    words = 2 * shared / ((a.total + b.total) or 1.0)
    return 0.6 * words + 0.4 * fuzz.ratio(a.core, b.core) / 100


def _gap(rows: Sequence[Asked]) -> Gap:
    issues = tuple(dict.fromkeys(issue for row in rows for issue in row.issues))
    return Gap(rows[0].text, tuple(row.text for row in rows), sum(r.count for r in rows), issues)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
