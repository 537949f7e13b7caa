"""Runs the tests that stand in the entries, the emergency file and the table of polite words.

Showing the failures, and turning them into problems with advice, is left to the CLI and `lint`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from faq.book import Book, Match
from faq.danger import Emergencies
from faq.entries import Entry, Located
from faq.lexicon import Lexicon
from faq.text import normalise
from files.file_model import line_of

#: Called with (done, total).
Progress = Callable[[int, int], None]
_BANDS = {
    "report": "当成诉求",
    "issue": "没有对上，转给邻长",
    "smalltalk": "当成闲聊",
}


@dataclass(frozen=True)
class Failure:
    """A sentence that was not decided as its author wants."""

    entry: str
    text: str
    expected: str
    got: str
    file: str = ""
    line: int = 0

    @property
    def place(self) -> str:
        """file:line of the sentence."""
        return f"{self.file}:{self.line}" if self.line else self.file

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}「{self.text}」应当{self.expected}，结果{self.got}"


def run_tests(
    book: Book, today: date | None = None, progress: Progress | None = None
) -> list[Failure]:
    """All failures; empty when everything is as written."""
    return [
        *entry_failures(book, today, progress),
        *emergency_failures(book.emergencies),
        *wrapping_failures(book.lexicon),
    ]


def entry_failures(
    book: Book, today: date | None = None, progress: Progress | None = None
) -> list[Failure]:
    """The sentences of the entries that are not decided as written."""
    failures: list[Failure] = []
    for done, located in enumerate(book.located, 1):
        failures.extend(_failures_of(book, located, today))
        if progress:
            progress(done, len(book.located))
    return failures


def _failures_of(book: Book, located: Located, today: date | None) -> Iterator[Failure]:
    tests, item = located.entry.tests, located.item
    for kind, sentences in (("should", tests.should), ("should_not", tests.should_not)):
        wanted = kind == "should"
        for number, sentence in enumerate(sentences):
            match = ask_as_meant(book, located.entry, sentence, today)
            if answers(match, located.entry) != wanted:
                expected = "由这一条回答" if wanted else "不由这一条回答"
                line = line_of(Entry, item, ("tests", kind, number))
                got = outcome(match)
                yield Failure(located.entry.id, sentence, expected, got, item.file, line)


def ask_as_meant(book: Book, entry: Entry, sentence: str, today: date | None) -> Match:
    """The decision for somebody whom the entry is meant for, on a day on which it is valid."""
    day = _day_in_force(entry, today)
    return book.match(sentence, entry.scope[:1], channel=entry.channels[0], today=day)


def answers(match: Match, entry: Entry) -> bool:
    """Whether that entry is the answer."""
    return match.band == "answer" and match.entry is not None and match.entry.id == entry.id


def outcome(match: Match) -> str:
    """What happens to the message, in words."""
    if match.emergency is not None:
        return f"当成紧急情况「{match.emergency.name}」"
    if match.band == "answer" and match.entry is not None:
        return f"由「{match.entry.id}」回答"
    if match.band == "suggest":
        listed = "、".join(candidate.entry.id for candidate in match.candidates[:3])
        return f"只列出来让居民选（{listed}）"
    return _BANDS[match.band]


def emergency_failures(emergencies: Emergencies) -> list[Failure]:
    """The sentences of the emergency file that do not, or do, set off their class."""
    failures = []
    for kind in emergencies.classes:
        for sentence in kind.tests.should:
            found = emergencies.match(sentence)
            if found is None or found.id != kind.id:
                got = f"触发了「{found.name}」" if found else "没有触发"
                failures.append(Failure(kind.id, sentence, f"触发「{kind.name}」", got))
        for sentence in kind.tests.should_not:
            found = emergencies.match(sentence)
            if found is not None and found.id == kind.id:
                failures.append(Failure(kind.id, sentence, f"不触发「{kind.name}」", "触发了"))
    return failures


def wrapping_failures(lexicon: Lexicon) -> list[Failure]:
    """The sentences of the table of polite words of which something else is left."""
    failures = []
    for test in lexicon.wrappers.tests:
        left = lexicon.unwrapped(normalise(test.said))
        if left != normalise(test.left):
            expected, got = f"剩下「{test.left}」", f"剩下「{left}」"
            failures.append(Failure("", test.said, expected, got, test.file, test.line))
    return failures


def _day_in_force(entry: Entry, today: date | None) -> date | None:
    """An entry for next winter is tested as in next winter."""
    if today is None or entry.in_force(today):
        return today
    if entry.valid_from is not None and today < entry.valid_from:
        return entry.valid_from
    return entry.valid_to
