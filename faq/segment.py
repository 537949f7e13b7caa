"""jieba, opened once and up front, its dictionary taken as it was prepared at an earlier start.

Words and their background frequencies come from here; what they weigh is decided in `index`.
"""

import logging
import math
import tempfile
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jieba

from faq.prepared import Prepared, digest_of

_UNKNOWN_FREQUENCY = 3
_COMMON = 100
_PREPARED = "words"
_JIEBA = (
    "dict.txt", "__init__.py", "finalseg/__init__.py", "finalseg/prob_emit.py",
    "finalseg/prob_start.py", "finalseg/prob_trans.py",
)  # fmt: skip


def warm_up(prepared: Prepared | None = None) -> None:
    """Load the dictionary (0.7 s, 0.2 s if it is prepared), so that no message waits for it.

    jieba's own cache has a fixed name in the shared temporary folder, where anybody could lay a
    file of their own for us to unmarshal.
    """
    if jieba.dt.initialized:
        return
    prepared = prepared or Prepared(None)
    jieba.setLogLevel(logging.WARNING)
    if _take(prepared.load(_PREPARED, version())):
        return
    with tempfile.TemporaryDirectory(prefix="sanzhang-jieba-") as folder:
        jieba.dt.tmp_dir = folder
        jieba.dt.initialize()
    frequencies = jieba.dt.FREQ
    value = [jieba.dt.total, " ".join(frequencies), list(frequencies.values())]
    prepared.save(_PREPARED, version(), value)


@cache
def version() -> str:
    """What words are cut by: the dictionary, jieba's program and its model of unknown words."""
    spec = find_spec("jieba")
    folders = (spec.submodule_search_locations if spec else None) or []
    found = [Path(folder) / name for folder in folders for name in _JIEBA]
    return digest_of(file.read_bytes() for file in found)


def _take(value: Any) -> bool:
    """Give jieba what it would have read from its dictionary."""
    if value is None:
        return False
    jieba.dt.total, names, counts = value
    jieba.dt.FREQ = dict(zip(names.split(" "), counts, strict=True))
    jieba.dt.initialized = True
    return True


# Room for all phrasings of a big FAQ: with another table of words they are not cut again.
@lru_cache(maxsize=32768)
def words(text: str) -> tuple[str, ...]:
    """The words of a key text; new words are guessed by jieba's own model."""
    return tuple([word for word in jieba.lcut(text) if word.strip()])


@lru_cache(maxsize=65536)
def rarity(word: str) -> float:
    """How much a word tells, from how seldom it is used in general: about 3 (的) to 17."""
    frequency: int = jieba.dt.FREQ.get(word) or _UNKNOWN_FREQUENCY
    return math.log(jieba.dt.total / frequency)


def is_word(word: str) -> bool:
    """Whether the dictionary has it, as a word and not only as the beginning of one."""
    return bool(jieba.dt.FREQ.get(word))


def is_common(word: str) -> bool:
    """Whether the dictionary knows the word as one that people use."""
    return (jieba.dt.FREQ.get(word) or 0) > _COMMON
