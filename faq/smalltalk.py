"""Greetings, thanks and chatter: a kind word back, and no issue.

A complaint in polite wrapping is no small talk: every word of the message must belong to it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from faq.text import key, normalise
from files.file_model import FileModel, Text, Texts, build_all

_PARTICLES = tuple("啊呀哦呢吧哈啦哇嘛吗了哒咯呐嘿哎喂嗯那就都也")
_LONGEST = 24
# Chatter never speaks of these; a message that does goes to a person.
_SERIOUS = re.compile(
    "邻长|组长|片长|村|社区|政府|派出所|医保|社保|低保|户口|补贴|路灯|垃圾|停水|停电|漏|坏|修|投诉|举报|反映|"
    "建议|请求|欠|骗|偷|打人|吵|扰民|噪|污染|占|拆|小区|物业|街道|市|县|镇|区"
)


class _Group(FileModel):
    """One kind of small talk in the table."""

    name: Text = Field(title="名称")
    words: Texts = Field(default=(), title="词")
    needed: Texts = Field(default=(), title="必有")
    contains: Texts = Field(default=(), title="含")
    reply: Text = Field(title="回复")


@dataclass(frozen=True)
class SmallTalk:
    """What it was and what to say."""

    name: str
    reply: str


class SmallTalks:
    """The groups of tables/smalltalk.yaml, compiled."""

    def __init__(self, groups: Iterable[_Group]) -> None:
        self._groups = [
            (SmallTalk(group.name, group.reply), _whole(group.words), _any(group.needed or ("",)),
             _any(group.contains)) for group in groups
        ]  # fmt: skip

    @classmethod
    def load(cls, file: Path, data: bytes | None = None) -> "SmallTalks":
        """Read the table; raises FileError with what is wrong."""
        return cls(build_all(_Group, file, data))

    def find(self, text: str) -> SmallTalk | None:
        """The small talk that a normalised text consists of; a bare sticker counts as a nod."""
        bare = key(text)
        if not bare or len(bare) > _LONGEST:
            return None
        chatter = not _SERIOUS.search(bare)
        for talk, whole, needed, contains in self._groups:
            if whole.fullmatch(bare) and needed.search(bare):
                return talk
            if chatter and contains.search(bare):
                return talk
        return None


def _any(words: Iterable[str]) -> re.Pattern[str]:
    plain = [re.escape(key(normalise(word))) for word in words]
    return re.compile("|".join(plain) if plain else "(?!)")


def _whole(words: Iterable[str]) -> re.Pattern[str]:
    plain = sorted({key(normalise(w)) for w in (*words, *_PARTICLES)}, key=lambda w: (-len(w), w))
    return re.compile("(?:" + "|".join(map(re.escape, plain)) + ")+" if words else "(?!)")
