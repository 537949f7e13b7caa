"""What one message does: the ordered table, the first whose matches() is not None runs.

A new handler is one module, one line here and one dialogue script in tests/dialogues.
"""

from typing import Any, Protocol

from handlers import (
    answer,
    contact,
    details,
    dialogue,
    emergency,
    events,
    fallback,
    in_person,
    leave,
    materials,
    media,
    more,
    progress,
    rating,
    report,
    smalltalk,
    staff,
    suggest,
    systems,
    way_out,
    why,
)
from handlers.context import Context
from handlers.message import Reply


class Handler(Protocol):
    """``matches`` is cheap and changes nothing; ``run`` writes only if WRITES says so."""

    NAME: str
    WRITES: bool

    def matches(self, ctx: Context, /) -> Any: ...

    def run(self, ctx: Context, matched: Any, /) -> Reply: ...


HANDLERS: tuple[Handler, ...] = (
    contact,
    events,
    emergency,
    why,
    in_person,
    systems,
    dialogue,
    staff,
    more,
    leave,
    way_out,
    details,
    rating,
    progress,
    materials,
    media,
    report,
    answer,
    suggest,
    smalltalk,
    fallback,
)
