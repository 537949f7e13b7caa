"""What one message does: the ordered table, the first whose matches() is not None runs.

A new handler is one module, one line here and one dialogue script in tests/dialogues.
"""

from typing import Any, Protocol

from handlers import (
    absence,
    answer,
    area,
    chatter,
    contact,
    details,
    dialogue,
    emergency,
    fallback,
    from_the_scene,
    hearing,
    in_person,
    look,
    materials,
    merge,
    more,
    my_zhang,
    on_the_way,
    photos,
    progress,
    rating,
    report,
    running,
    several,
    silent,
    staff,
    suggest,
    systems,
    way_out,
    welcome,
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
    welcome,
    silent,
    on_the_way,
    emergency,
    why,
    look,
    area,
    in_person,
    systems,
    running,
    my_zhang,
    merge,
    several,
    dialogue,
    staff,
    more,
    absence,
    way_out,
    details,
    rating,
    progress,
    materials,
    photos,
    from_the_scene,
    hearing,
    report,
    answer,
    suggest,
    chatter,
    fallback,
)
