"""The phrases that come before everything else: fire, gas, violence, collapse, self-harm.

Ringing people and opening the urgent issue is left to the handlers; the words stand in YAML.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from faq.entries import FileModel, Flag, Tests, Text, Texts, build_all
from faq.text import key, normalise


class EmergencyClass(FileModel):
    """One kind of emergency: what sets it off, what the resident reads."""

    id: Text = Field(title="编号")
    name: Text = Field(title="名称")
    phrases: Texts = Field(title="触发词", min_length=1)
    exclusions: Texts = Field(default=(), title="排除")
    numbers: Texts = Field(default=(), title="电话")
    reply: Text = Field(title="回复")
    private_only: Flag = Field(default=False, title="只在私聊")
    bypass_named: Flag = Field(default=False, title="回避当事人")
    tests: Tests = Field(default=Tests(), title="测试")


@dataclass(frozen=True)
class _Trigger:
    """The class with its phrases made ready."""

    kind: EmergencyClass
    phrases: re.Pattern[str]
    exclusions: re.Pattern[str] | None

    def hit(self, text: str) -> str | None:
        """The phrase that sets this class off."""
        covered = _spans(self.exclusions, text)
        for start, end in _spans(self.phrases, text):
            if not any(low <= start and end <= high for low, high in covered):
                return text[start:end]
        return None


class Emergencies:
    """All classes in the order of the file: the first that matches counts."""

    def __init__(self, classes: Iterable[EmergencyClass]) -> None:
        self.classes = tuple(classes)
        self._triggers = tuple(_trigger(kind) for kind in self.classes)

    @classmethod
    def load(cls, path: str | Path) -> "Emergencies":
        """Read the file; raises FaqError with everything that is wrong with it."""
        return cls(build_all(EmergencyClass, Path(path)))

    def match(self, text: str, names: Iterable[str] = ()) -> EmergencyClass | None:
        """The emergency that a message tells of, if any."""
        found = self.explain(text, names)
        return found[0] if found else None

    def explain(self, text: str, names: Iterable[str] = ()) -> tuple[EmergencyClass, str] | None:
        """The emergency together with the words that gave it away."""
        bare = key(normalise(text, names))
        for trigger in self._triggers:
            phrase = trigger.hit(bare)
            if phrase:
                return trigger.kind, phrase
        return None


def _trigger(kind: EmergencyClass) -> _Trigger:
    exclusions = _pattern(kind.exclusions) if kind.exclusions else None
    return _Trigger(kind, _pattern(kind.phrases), exclusions)


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """Longest first; the lookahead finds phrases that overlap."""
    bare = {key(normalise(phrase)) for phrase in phrases} - {""}
    ordered = sorted(bare, key=lambda phrase: (-len(phrase), phrase))
    return re.compile("(?=(" + "|".join(map(re.escape, ordered)) + "))")


def _spans(pattern: re.Pattern[str] | None, text: str) -> list[tuple[int, int]]:
    return [found.span(1) for found in pattern.finditer(text)] if pattern else []
