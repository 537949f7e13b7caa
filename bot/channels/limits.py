"""Lengths: texts are limited in UTF-8 bytes, card elements in characters.

What is cut is the middle of a text: the number stands at its head, the next step (回复：…) at its
end, and what is too long is somebody's words between them.
"""

import re
from dataclasses import dataclass

ELLIPSIS = "…"
#: What no XML document may hold, the controls after ASCII, and those that turn the direction of
#: writing: with them a line on a 长's phone would read otherwise than it was written.
_UNPRINTABLE = re.compile(
    r"[^\t\n\r\x20-\x7E\xA0-\u2029\u202F-\u2065\u206A-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]"
)
#: What a phone would make a link, a mention, a colour or a picture of: <a href>, <@userid>, <font>,
#: &lt;a, [words](address), ![](address), [words][name]. Somebody's words must not become one on
#: another's phone, and none of our own texts has any.
_MARKUP = re.compile(r"<(?=[A-Za-z/@!?])|&(?=#?\w{1,8};)|\](?=[(:\[])")
_INERT = {"<": "＜", "&": "＆", "]": "］"}


@dataclass(frozen=True)
class Limits:
    """What a channel takes: bytes of one text, and messages a minute to one target."""

    text: int
    a_minute: int


@dataclass(frozen=True)
class CardLimits:
    """Of a button_interaction card: lengths in characters, and the most fields or buttons."""

    source: int
    title: int
    desc: int
    body: int
    value: int
    name: int = 5
    button: int = 10
    most: int = 6


def fit(text: str, largest: int) -> str:
    """The text in at most ``largest`` bytes, never cutting a character in two."""
    data = inert(text).encode()
    if len(data) <= largest:
        return data.decode()
    end = _ending(data.rstrip(), largest)
    room = largest - len(f"{ELLIPSIS}\n{end}".encode())
    return f"{data[:room].decode(errors='ignore')}{ELLIPSIS}\n{end}"


def shorten(text: str, longest: int) -> str:
    """The text on one line in at most ``longest`` characters."""
    line = " ".join(inert(text).split())
    return line if len(line) <= longest else line[: longest - 1] + ELLIPSIS


def inert(text: str) -> str:
    """The text as it is read, whatever a phone makes of signs: what goes out goes through here."""
    return _MARKUP.sub(lambda sign: _INERT[sign[0]], printable(text))


def printable(text: str) -> str:
    """Without the control characters that no phone shows, or that change what it shows."""
    return _UNPRINTABLE.sub("", text)


def _ending(data: bytes, largest: int) -> str:
    """The last lines, at most half of what there is room for; of one long line its last words."""
    lines = data[-(largest // 2) :].partition(b"\n")[2]
    return (lines or data[-(largest // 10) :]).decode(errors="ignore")
