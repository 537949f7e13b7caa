"""What people put around what they want: 请, 麻烦, 请问, 我来, 把…; and how a question sounds.

Pieces for other patterns and two answers: is it asked, and where do the words begin.
"""

import re

#: Before an order: 请把 42 …, 我来接单, 麻烦转给张三.
ORDERING = r"(?:请|麻烦|我来|我先|我)?(?:把|将)?"
_ORDERING = re.compile(rf"^{ORDERING}")
#: Before a question; a letter's head as well.
ASKING = r"(?:请问|想问一?下?|问一?下|你好|您好)*"
#: What follows a verb at once and makes it somebody's sentence: 办结了没有, 转办的事, 修好了又坏.
GOES_ON = re.compile(r"[的了过着又还吗呢么没]")
_ASKS = re.compile(
    r"\s*(?:怎[么样]|咋|如何|什么|啥|为[什啥]|多久|是[什不谁]|能不能|可不可以|要不要|有没有|谁|哪"
    r"|没有?[?？。]?$|[吗呢么])"
)
_QUESTION_ENDS = re.compile(r"(?:[吗呢么]|[了好完]没有?|行不行|可不可以)$")


def without_ordering(said: str) -> str:
    """请把 42 转给张三 -> 42 转给张三"""
    return _ORDERING.sub("", said, count=1).lstrip()


def begins_as_question(said: str) -> bool:
    """怎么办, 是什么意思, 能不能快点."""
    return _ASKS.match(said) is not None


def ends_as_question(said: str) -> bool:
    """居民在家吗？, 好了没有; and whatever ends in a question mark."""
    said = said.rstrip()
    bare = said.rstrip("?？。!！ \t\n")
    return said.endswith(("?", "？")) or _QUESTION_ENDS.search(bare[-4:]) is not None
