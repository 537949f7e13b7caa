"""What the service writes about itself: a line each, as text or JSON, without numbers of people.

Every line of a callback or of a run of a tick carries the same short id, so that they can be found
together. Phones, ID cards and bank cards are covered in whatever is logged, errors too.
"""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from secrets import token_hex

from issues import masks

#: Three lines a second, or seven at every start.
_CHATTY = ("apscheduler", "alembic")
_TEXT = "%(asctime)s %(levelname)s %(name)s [%(run)s] %(message)s"
#: Seconds since 1970 and numbers of issues look like phones to whoever covers long numbers.
_ISSUE = re.compile(r"SZ-\d{8}-\d+")

_run: ContextVar[str] = ContextVar("run", default="-")


@contextmanager
def within(what: str) -> Iterator[str]:
    """One callback or one run of a tick; its id, which each line gets that is logged inside."""
    name = f"{what}-{token_hex(4)}"
    token = _run.set(name)
    try:
        yield name
    finally:
        _run.reset(token)


def set_up(form: str = "text", file: Path | None = None, level: int = logging.INFO) -> None:
    """Log to the file, reopened when it is rotated, else to standard error. Raises OSError."""
    handler = WatchedFileHandler(file, encoding="utf-8") if file else logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else CoveredText(_TEXT))
    handler.addFilter(_with_run)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


def covered(said: str) -> str:
    """Without the numbers of people; those of issues stay."""
    parts, done = [], 0
    for found in _ISSUE.finditer(said):
        parts += [masks.text(said[done : found.start()]), found[0]]
        done = found.end()
    return "".join([*parts, masks.text(said[done:])])


class CoveredText(logging.Formatter):
    """Lines for people."""

    def format(self, record: logging.LogRecord) -> str:
        return covered(super().format(record))


class JsonLines(logging.Formatter):
    """One object a line, for whoever collects them: at, level, logger, run, message, error."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).astimezone()
        line = {
            "at": at.isoformat("T", "milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "run": getattr(record, "run", "-"),
            "message": covered(record.getMessage()),
        }
        if record.exc_info:
            line["error"] = covered(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


def _with_run(record: logging.LogRecord) -> bool:
    record.run = _run.get()
    return True
