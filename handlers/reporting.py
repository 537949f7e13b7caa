"""A message as registering.py takes it, and how whole its words are.

Whether it becomes an issue of its own is decided by opening.py and complained.py.
"""

import re
from dataclasses import replace

from faq.danger import EmergencyClass
from handlers import accusations
from handlers.context import Context
from handlers.message import Incoming
from issues.registering import Report
from rules.words import UnitKind

#: Without these words a fragment such as "坏了三天" names nothing that one could go and see.
_NO_THING = re.compile(
    r"(?<![\d一二两三四五六七八九十几好])[\d一二两三四五六七八九十几好]++(?:天|个?小时|个?月|年|次|回)|坏|烂|断|漏|堵|停|塌|掉|不亮|没有?人[管修理来]"
    r"|[了的呢啊吧吗在又还都就是很太一直已经今昨前晚上早我你他们这那里有没也再]|[^\w]"
)
SHORTEST_THING = 2
LONGEST_FRAGMENT = 6
#: （照片 2） stands for what came without words, （引用：…） for words that are somebody else's.
_NOT_SAID = re.compile(r"（[^（）]*+(?:（[^（）]*+）[^（）]*+)?）")
_TROUBLE = re.compile(
    r"坏|烂|断|漏|堵|停|塌|掉|丢|脏|臭|吵|满|垮|裂|倒|破|没|不|乱|占|偷|骂|打|欠|拖"
)


def report(
    ctx: Context,
    text: str,
    emergency: EmergencyClass | None = None,
    accuses: UnitKind | None = None,
) -> Report:
    """``accuses``: the highest level that it is known to complain about, or is kept from."""
    made = of_message(ctx.incoming, with_quote(text, ctx.incoming.quote), accuses)
    if emergency is None:
        return made
    return replace(made, emergency=emergency.name, delicate=emergency.private_only)


def of_message(incoming: Incoming, text: str, accuses: UnitKind | None = None) -> Report:
    """A message, also one that has waited, with its own time and what came with it; ``text``: its
    words as they are kept."""
    return Report(
        userid=incoming.userid,
        text=text,
        at=incoming.at,
        channel=incoming.channel,
        chat_id=incoming.chat_id or None,
        materials=incoming.materials,
        accuses=accuses,
    )


def accused(ctx: Context, text: str) -> UnitKind | None:
    """The highest level that the sender's words, and those that they answer to, complain about."""
    said = with_quote(text, ctx.incoming.quote)
    return accusations.accused(ctx.work, ctx.incoming.userid, ctx.incoming.chat_id, said)


def is_fragment(text: str) -> bool:
    """Words that name a thing and no trouble, or a trouble and no thing."""
    said = _NOT_SAID.sub("", text).strip()
    thing = _NO_THING.sub("", said)
    if len(thing) < SHORTEST_THING:
        return True
    return len(said) <= LONGEST_FRAGMENT and not _TROUBLE.search(said)


def with_quote(text: str, quote: str) -> str:
    """The words with those that they answer to."""
    return f"{text}\n（引用：{quote}）" if quote else text
