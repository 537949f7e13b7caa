"""Everything that `faq check` finds in the files, from syntax to answers that are too long."""

from datetime import date
from pathlib import Path

from faq.book import Book
from faq.problems import FaqError, Problem


def check(path: str | Path, today: date | None = None) -> list[Problem]:
    """All problems, the worst first."""
    try:
        Book.load(path)
    except FaqError as error:
        return list(error.problems)
    return []
