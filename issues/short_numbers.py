"""Issue numbers: SZ-20261121-0042, and the short forms in which people write them.

A short number is looked up only among the issues that the speaker may see.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rules.numerals import ISSUE_NUMBER_PARTS, is_number_of
from storage.db import count_up
from storage.tables import DayCounter, Issue

#: "SZ-20261121-0042", "20261121-42", "0042", "42", each with or without # or 号.
NUMBER = ISSUE_NUMBER_PARTS


def next_number(session: Session, day: date) -> str:
    """The next number of that day, inside the caller's transaction."""
    last = count_up(session, DayCounter, {"day": day}, "last")
    return f"SZ-{day:%Y%m%d}-{last:04d}"


def short(number: str) -> str:
    """What people say: the daily sequence."""
    return number.rsplit("-", 1)[1]


def names(numbers: Iterable[str]) -> dict[str, str]:
    """How a list calls each of these: the short number, with its day where two have the same."""
    each = set(numbers)
    shared = Counter(map(short, each))
    return {n: n.removeprefix("SZ-") if shared[short(n)] > 1 else short(n) for n in each}


def matching(text: str, issues: Iterable[Issue]) -> list[Issue]:
    """The issues among ``issues`` that a number as people write it can mean, newest first."""
    found = [issue for issue in issues if is_number_of(text, issue.number)]
    return sorted(found, key=lambda issue: issue.number, reverse=True)


def by_number(session: Session, number: str) -> Issue | None:
    """The issue with exactly that full number."""
    return session.scalar(select(Issue).where(Issue.number == number.strip().upper()))


def by_numbers(session: Session, numbers: Collection[str]) -> list[Issue]:
    """The issues with exactly those full numbers, in the order in which they were said."""
    found = session.scalars(select(Issue).where(Issue.number.in_(numbers)))
    each = {issue.number: issue for issue in found}
    return [each[number] for number in numbers if number in each]
