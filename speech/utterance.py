"""What somebody said, worked out once: the words, and what can be read from them.

Each part is read when it is first asked for. What it means in somebody's situation is not said
here.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from speech import numbers
from speech.clean import Cleaned
from speech.command import Command, command
from speech.days import FoundDay, FoundSpan, Until, find_day, find_span, until
from speech.numbers import Apart
from speech.polite import begins_as_question, ends_as_question, without_ordering
from speech.verbs import Verbs
from speech.whom import Whom, whom


@dataclass(frozen=True)
class Utterance:
    """One message. ``text`` is what was sent, whole, without the bot's name; all else is read from
    its first clean.LONGEST characters. ``today`` is the day on which it was said."""

    text: str
    cleaned: Cleaned
    today: date
    verbs: Verbs

    @property
    def words(self) -> str:
        """The words with the punctuation as it was typed."""
        return self.cleaned.words

    @property
    def plain(self) -> str:
        """The words for comparing: one width, no mentions, no stickers."""
        return self.cleaned.plain

    @property
    def mentions(self) -> tuple[str, ...]:
        return self.cleaned.mentions

    @property
    def stickers(self) -> tuple[str, ...]:
        return self.cleaned.stickers

    @property
    def quoted(self) -> tuple[str, ...]:
        return self.cleaned.quoted

    @property
    def is_cut(self) -> bool:
        """Whether more was sent than is understood."""
        return bool(self.cleaned.tail)

    @property
    def has_words(self) -> bool:
        """Whether there is a word at all: 😀, ？ and a lone 2 are none; in doubt there is."""
        return self.is_cut or any(c.isalpha() for c in self.plain)

    @cached_property
    def command(self) -> Command | None:
        """What is ordered; its words are whole, however long the message is."""
        read = command(self.words, self.verbs)
        return replace(read, words=self._whole(read.words)) if read and self.is_cut else read

    def _whole(self, last: str) -> str:
        """The last words of what is understood, and what is only kept."""
        start = self.words.rfind(last) if last else len(self.words)
        return f"{self.words[start:]}{self.cleaned.tail}"

    @cached_property
    def apart(self) -> Apart:
        """The number at either end and the words without it."""
        return numbers.apart(self.plain)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Every number of an issue that is spoken of, in its order: 接单 4、5、6; 4到6 接单."""
        said = without_ordering(self.words)
        listed, rest = numbers.listed(said)
        if listed and (not rest.strip() or self.verbs.sentence.fullmatch(rest)):
            return listed
        if len(listed) > 1:
            return listed
        ordered = self.verbs.sentence.fullmatch(said)
        after = numbers.listed(ordered["rest"])[0] if ordered else ()
        return after or ((self.apart.number,) if self.apart.number else ())

    @cached_property
    def pick(self) -> int | None:
        """A lone number, as it answers a list."""
        return numbers.lone(self.plain)

    @cached_property
    def day(self) -> FoundDay | None:
        """The first day that is named. Raises NoSuchDay."""
        return find_day(self.words, self.today)

    @cached_property
    def span(self) -> FoundSpan | None:
        """The first span of days."""
        return find_span(self.words)

    @cached_property
    def until(self) -> Until:
        """How long, in the words of the command if it is one. Raises NoSuchDay."""
        return until(self._said, self.today)

    @cached_property
    def whom(self) -> Whom:
        """Whom the words of the command name; of other words whatever comes first."""
        return whom(self._said)

    @property
    def _said(self) -> str:
        return self.command.words if self.command else self.words

    @cached_property
    def asks(self) -> bool:
        """Whether it sounds like a question."""
        return begins_as_question(self.plain) or ends_as_question(self.plain)
