"""Whether the history of every issue in a database can be believed, for whoever copies one."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

import handlers.systems  # noqa: F401 - the tables of every system are known with it
from issues import history
from issues.audit import audit
from rules.deadlines import Clock


def unbelievable(
    session: Session, clock: Clock, progress: Callable[[int, int], Any] = lambda *_: None
) -> list[str]:
    """One line for each thing that does not fit."""
    total, bad = history.count(session), []
    for count, found in enumerate(audit(session, clock), start=1):
        bad += [f"{found.number}：{problem}" for problem in found.problems]
        progress(count, total)
    return bad
