"""Greetings, thanks and chatter: a kind word back, and no issue.

A complaint in polite wrapping is no small talk; `book` asks `intent` first.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class SmallTalk:
    """What it was and what to say."""

    name: str
    reply: str


_HELLO = re.compile(r"^(你好|您好|早上好|晚上好|下午好|在吗|hi|hello|嗨)+[呀啊哦吗]?$")
_THANKS = re.compile(r"^(好的|嗯|行|ok)?(谢谢|多谢|感谢|辛苦)(你|您|了|大家)*[呀啊哦]?$")


def small_talk(text: str) -> SmallTalk | None:
    """The small talk that a key text consists of."""
    if _HELLO.match(text):
        return SmallTalk("问候", "您好！有事直接说，常见问题我马上答，其他的转给您的邻长。")
    if _THANKS.match(text):
        return SmallTalk("感谢", "不客气，有事随时说。")
    return None
