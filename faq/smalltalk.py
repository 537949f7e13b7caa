"""Greetings, thanks and chatter: a kind word back, and no issue.

A complaint in polite wrapping is no small talk: the phrases of the table must cover every word of
the message. 广场舞音量太大 has words besides 音量, and goes to a person.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from faq.text import indivisible, key, normalise
from files.dialect import shipped_dialect
from files.file_model import FileModel, Flag, Text, Texts, build_all

_PARTICLES = tuple("啊呀哦呢吧哈啦哇嘛吗了哒咯呐嘿哎喂嗯那就都也")
_LONGEST = 24
_CLAUSE_END = re.compile(r"[\s,。、!?;:~-]+")


class _Group(FileModel):
    """One kind of small talk in the table."""

    name: Text = Field(title="名称")
    words: Texts = Field(title="词", min_length=1)
    needed: Texts = Field(default=(), title="必有")
    #: 你好, 好的 may stand before any other kind, 谢谢 after it
    first: Flag = Field(default=False, title="开头")
    last: Flag = Field(default=False, title="收尾")
    #: the kind that a lone sticker is
    stickers: Flag = Field(default=False, title="表情")
    reply: Text = Field(title="回复")


@dataclass(frozen=True)
class SmallTalk:
    """What it was and what to say."""

    name: str
    reply: str


class SmallTalks:
    """The groups of tables/smalltalk.yaml, compiled."""

    def __init__(self, groups: Iterable[_Group]) -> None:
        every = list(groups)
        first = [word for group in every if group.first for word in group.words]
        last = [word for group in every if group.last for word in group.words]
        self._groups = [
            (
                SmallTalk(group.name, group.reply),
                *_patterns(first, group.words, last),
                _any(group.needed or ("",)),
            )
            for group in every
        ]
        nods = (SmallTalk(group.name, group.reply) for group in every if group.stickers)
        #: what a message of stickers alone is
        self.nod = next(nods, None)

    @classmethod
    def load(cls, file: Path, data: bytes | None = None) -> "SmallTalks":
        """Read the table; raises FileError with what is wrong."""
        return cls(build_all(_Group, file, data))

    def find(self, text: str) -> SmallTalk | None:
        """The small talk that a normalised text consists of."""
        bare = key(text)
        if not bare or len(bare) > _LONGEST:
            return None
        clauses = [_plain(clause) for clause in _CLAUSE_END.split(text)]
        whole = "".join(clauses)
        for talk, own, covering, needed in self._groups:
            if (
                needed.search(whole)
                and all(map(covering.fullmatch, clauses))
                and any(map(own.fullmatch, clauses))
            ):
                return talk
        return None


def _plain(clause: str) -> str:
    return shipped_dialect().fold(key(clause))


def _any(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(_plain(normalise(word))) for word in words))


def _patterns(
    first: Sequence[str], words: Sequence[str], last: Sequence[str]
) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A clause with one of these words at least, and one in which other kinds may stand alone."""
    before, own, after = (_either((*one, *_PARTICLES)) for one in (first, words, last))
    needed = re.compile(f"{before}*{_either(words)}{own}*{after}*")
    return needed, re.compile(f"{before}*{own}*{after}*")


def _either(words: Sequence[str]) -> str:
    plain = indivisible(_plain(normalise(word)) for word in words)
    return f"(?:{'|'.join(map(re.escape, plain))})"
