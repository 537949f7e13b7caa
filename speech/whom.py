"""Whom the words of an action name, and where a resident is sent: 给张三, 请找县法院立案大厅.

Who that is in this county is people/finding.py's business.
"""

import re
from dataclasses import dataclass

_TO = re.compile(r"(?:给|到|交给|转给|派给|由|请|找)\s*")
_TOKEN = re.compile(r"@?([^\s,，。:：;；、]+)")
_EDGES = " \t\n,，。:：;；、"
#: Longer words without a gap are a sentence and nobody's name, account or path.
LONGEST = 200


@dataclass(frozen=True)
class Whom:
    """To whom, in the words that were said, what else was said; ``named``: 给 came before it."""

    said: str
    rest: str
    named: bool = False


def whom(words: str) -> Whom:
    """给 长冲组 不在我们组 -> (长冲组, 不在我们组); a mention (给 @张三) names as well."""
    given = _TO.match(words)
    start = given.end() if given else 0
    token = _TOKEN.match(words, start)
    if token is None or len(token[1]) > LONGEST:
        return Whom("", words[start:].strip(_EDGES), given is not None)
    return Whom(token[1], words[token.end() :].strip(_EDGES), given is not None)


#: Where the reason of 不受理 ends and the right channel begins; the clear ones first.
_CHANNELS = (
    re.compile(r"(?:请您?[找到去向]|应[当该]?[找到去向]|该[找去]|可以?[找去到])\s*"),
    re.compile(r"(?<=[\s,，。;；])[找去到向]\s*"),
)


def channel(words: str) -> tuple[str, str]:
    """是法院管的事，请找县法院立案大厅 -> (是法院管的事, 县法院立案大厅)"""
    for pattern in _CHANNELS:
        match = pattern.search(words)
        if match and words[: match.start()].strip(_EDGES) and match.end() < len(words):
            return words[: match.start()].strip(_EDGES), words[match.end() :].strip(_EDGES)
    return words, ""


def without_asking(where: str) -> str:
    """请您找县法院 -> 县法院"""
    return re.sub(r"^请?您?[找到去]", "", where)
