"""Two requests in one message are two acts (domain.md §9): the question is answered, the report
opened, in whatever order they stand.

路灯坏了，还想问一下医保几时交: the whole looks like a report or nothing; each part is looked up
as if it had been said alone.
"""

import re
from collections.abc import Callable

from faq.book import Match
from handlers.answer import is_written, plain
from handlers.context import Context

_ALSO = r"(?:另外|还有|顺便|顺带|对了|再就是)"
#: Where another request begins.
_BEGINS = re.compile(
    rf"[\s，,。.；;！!？?、]{{0,9}}(?:{_ALSO}[\s，,]*+)?(?:我|就|还|再|也|想|要|请){{0,9}}"
    r"(?:问|请教|咨询|打听)(?:一?下|一声|一句|你们|您|你|个事)*[\s，,：:]*"
    rf"|[\s，,。.；;！!？?、]{{1,9}}{_ALSO}[\s，,：:]*"
)


def answer(ctx: Context) -> str:
    """What is asked besides, answered from the FAQ; "" if nothing is, or not for sure. One answer:
    it is read on a telephone, below a receipt."""
    found = (part.entry for part in _parts(ctx) if part.band == "answer")
    entry = next((one for one in found if one and is_written(one)), None)
    return ctx.say("answer_besides", answer=plain(ctx, entry)) if entry else ""


def rest(ctx: Context) -> str:
    """What stands beside a question that the FAQ answers for sure; "" if nothing does."""
    parts = _said(ctx)
    others = [part for part in parts if ctx.look_up(part).band != "answer"]
    return "，".join(others) if len(others) < len(parts) else ""


def is_reported(ctx: Context) -> bool:
    """Whether one of several parts is a report: a sure answer to another would swallow it."""
    return has_report(ctx.text, ctx.look_up)


def has_report(said: str, look_up: Callable[[str], Match]) -> bool:
    """The same for bare words and the FAQ that they are looked up in."""
    return any(look_up(part).band == "report" for part in _requests(said))


def _parts(ctx: Context) -> list[Match]:
    return [ctx.look_up(part) for part in _said(ctx)]


def _said(ctx: Context) -> list[str]:
    return _requests(ctx.text)


def _requests(text: str) -> list[str]:
    """The requests of a message that has several."""
    said = [part for part in _BEGINS.split(text) if part]
    return said if len(said) > 1 else []
