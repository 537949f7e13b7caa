"""Runs the tests that stand in the entries and in the emergency file."""

from dataclasses import dataclass
from datetime import date

from faq.book import Book


@dataclass(frozen=True)
class Failure:
    """A sentence that was not decided as its author wants."""

    entry: str
    text: str
    expected: str
    got: str
    place: str = ""

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}「{self.text}」应当{self.expected}，结果{self.got}"


def run_tests(book: Book, today: date | None = None) -> list[Failure]:
    """All failures; empty when everything is as written."""
    return [*_entry_failures(book, today), *_emergency_failures(book)]


def _entry_failures(book: Book, today: date | None) -> list[Failure]:
    failures = []
    for located in book.located:
        entry = located.entry
        scope = entry.scope[:1]
        channel = entry.channels[0]
        for sentence in (*entry.tests.should, *entry.tests.should_not):
            wanted = sentence in entry.tests.should
            match = book.match(sentence, scope, channel=channel, today=today)
            answered = match.band == "answer" and match.entry is not None
            hit = answered and match.entry is not None and match.entry.id == entry.id
            if hit != wanted:
                got = f"{match.band} {match.entry.id if match.entry else ''}".strip()
                expected = "由这一条回答" if wanted else "不由这一条回答"
                failures.append(Failure(entry.id, sentence, expected, got, located.place))
    return failures


def _emergency_failures(book: Book) -> list[Failure]:
    failures = []
    for kind in book.emergencies.classes:
        for sentence in kind.tests.should:
            found = book.emergencies.match(sentence)
            if found is None or found.id != kind.id:
                got = found.name if found else "没有触发"
                failures.append(Failure(kind.id, sentence, f"触发「{kind.name}」", got))
        for sentence in kind.tests.should_not:
            found = book.emergencies.match(sentence)
            if found is not None and found.id == kind.id:
                failures.append(Failure(kind.id, sentence, f"不触发「{kind.name}」", "触发了"))
    return failures
