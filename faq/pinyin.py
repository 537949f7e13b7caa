"""同音字: a word that no entry has, but that sounds like one that entries have, is read as that.

Only whole words of two to four characters are respelt; everything else is left to the likeness.
"""

import json
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

from faq.segment import is_common, words

_TONES = str.maketrans("āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿ", "aaaaeeeeiiiioooouuuuvvvvvnnnm")
_LENGTHS = (4, 3, 2)
_TABLE = "pinyin_dict.json"
# The south does not tell these apart, and neither do its typists.
_SOUTHERN = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("f", "h"))


@cache
def _readings() -> dict[str, str]:
    """pypinyin's table of single characters, by code point, its readings with commas between.

    Importing the package would read its table of phrases as well, which takes ten times as long.
    """
    spec = find_spec("pypinyin")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pypinyin")
    found: dict[str, str] = json.loads((Path(spec.origin).parent / _TABLE).read_text("utf-8"))
    return found


def reading(char: str) -> str:
    """How a character is most often read, with its tone; one that has no reading is its own."""
    return _readings().get(str(ord(char)), char).split(",")[0]


@cache
def sound(char: str) -> str:
    """How a character is read, without tone and as loosely as people in Hunan hear it."""
    plain = reading(char).translate(_TONES)
    for old, new in _SOUTHERN:
        plain = plain.replace(old, new)
    return plain


def _sounds(word: str) -> str:
    return " ".join(map(sound, word))


class Speller:
    """The words of all entries by their sound."""

    def __init__(self, words: Iterable[str]) -> None:
        self._known = {word for word in words if len(word) in _LENGTHS and _is_han(word)}
        self._by_sound: dict[str, str] = {}
        for word in sorted(self._known, reverse=True):
            self._by_sound[_sounds(word)] = word
        self._beginnings = {tuple(map(sound, word[: _LENGTHS[-1]])) for word in self._known}

    def respell(self, text: str) -> str:
        """The text with unknown words replaced by known ones of the same sound."""
        if not self._may_change(text):
            return text
        pieces = list(words(text))
        start = 0
        while start < len(pieces):
            for end in range(min(len(pieces), start + _LENGTHS[0]), start, -1):
                found = self._same_sound(pieces[start:end])
                if found:
                    pieces[start:end] = [found]
                    break
            start += 1
        return "".join(pieces)

    def _may_change(self, text: str) -> bool:
        """Whether anything in it, wherever its words end, sounds like a known word and is none;
        spares most texts being cut into words."""
        sounds = [*map(sound, text)]
        starts = [n for n, two in enumerate(pairwise(sounds)) if two in self._beginnings]
        pieces = (text[n : n + size] for n in starts for size in _LENGTHS)
        return any(
            piece not in self._known and _sounds(piece) in self._by_sound for piece in pieces
        )

    def _same_sound(self, pieces: list[str]) -> str:
        """A known word for some words in a row, unless all of them are well known themselves."""
        piece = "".join(pieces)
        if len(piece) not in _LENGTHS or piece in self._known:
            return ""
        found = self._by_sound.get(_sounds(piece), "")
        if not found or not _is_han(piece) or is_common(piece):
            return ""
        if len(pieces) > 1 and not set(found) & set(piece):
            return ""  # 衣服上粘了 is not 衣服擅长了: who types by sound gets one of two right
        return "" if all(len(word) > 1 and is_common(word) for word in pieces) else found


def _is_han(word: str) -> bool:
    return all("\u4e00" <= char <= "\u9fff" for char in word)
