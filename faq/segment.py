"""jieba, opened once and up front, with its cache in a folder of our own.

Words and their background frequencies come from here; what they weigh is decided in `index`.
"""

import logging
import math
import tempfile
from functools import lru_cache

import jieba

_UNKNOWN_FREQUENCY = 3
_COMMON = 100


def warm_up() -> None:
    """Load the dictionary (0.7 s), so that no message waits for it.

    jieba's cache has a fixed name in the shared temporary folder, where anybody could lay a
    file of their own for us to unmarshal.
    """
    if jieba.dt.initialized:
        return
    jieba.setLogLevel(logging.WARNING)
    with tempfile.TemporaryDirectory(prefix="sanzhang-jieba-") as folder:
        jieba.dt.tmp_dir = folder
        jieba.initialize()


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
