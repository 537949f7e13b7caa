"""Doing something to an issue on somebody's word, with a kind answer when it is not allowed.

A refusal changes nothing: what had begun is rolled back to a savepoint.
"""

from collections.abc import Callable

from handlers.context import Context
from issues.allowed import NeedsWords
from rules.transitions import NotAllowed


def attempt(ctx: Context, act: Callable[[], object]) -> str | None:
    """Run ``act``; None when it is done, else the text that says why not.

    NeedsWords is passed on: the caller knows how to ask for them.
    """
    try:
        with ctx.work.trial():
            act()
    except NeedsWords:
        raise
    except NotAllowed as refusal:
        return str(refusal)
    return None
