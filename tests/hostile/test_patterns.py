"""No pattern takes long on any text it can be given, however somebody has chosen that text.

Time is the processor's, of this process alone, and generous: a pattern whose work grows with the
square of the text needs many times as much on the longest text that is understood, one that tries
every way needs for ever.
"""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby

import pytest

from bot.config import CHECKOUT
from faq import smalltalk, text
from handlers import merge, several
from speech import clean
from tests.hostile.hostile_texts import texts

#: Seconds of the processor for one text of the longest length.
MOST = 0.1
#: Files whose patterns are only reached by shorter texts, and how long these are at most.
SHORTER = {
    "faq/smalltalk.py": smalltalk._LONGEST,
    "faq/lexicon.py": text.LONGEST,
    "handlers/merge.py": merge.LONGEST,
    "handlers/several.py": several.LONGEST_ROW,
}


class TooSlow(Exception):
    """The pattern has used up its time."""


@pytest.fixture(scope="module")
def collected() -> list[tuple[str, str, str, int, list[str]]]:
    command = [sys.executable, "-m", "tests.hostile.collected"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    return [tuple(one) for one in json.loads(done.stdout)]


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raises TooSlow after so much time of this process; the machine may have other things to do.
    A matcher looks for signals now and then."""

    def stop(*_):
        raise TooSlow

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def used(pattern, how, words):
    """As its file uses it; what finds all does what others do, and goes on."""
    if how in ("search", "match", "fullmatch"):
        getattr(pattern, how)(words)
    else:
        for _ in pattern.finditer(words):
            pass


def is_slow(pattern, uses, words, seconds) -> bool:
    try:
        with at_most(seconds):
            for how in uses:
                used(pattern, how, words)
    except TooSlow:
        return True
    return False


def test_patterns_of_every_room_are_collected(collected):
    places = {place.split("/")[0] for place, *_ in collected}
    assert {"faq", "speech", "handlers", "issues", "people", "rules", "bot"} <= places
    assert len(collected) > 250
    assert {"faq/smalltalk.py", "faq/lexicon.py", "faq/matters.py", "speech/signs.py"} <= {
        place.split(":")[0] for place, *_ in collected
    }


def test_a_pattern_that_is_slow_is_seen():
    """Else the test below would see nothing."""
    for slow in (r"\d+x\d+y", r"(?:a+)+b", r"\s*x|\s+y", r"(?:嗯+|a)+"):
        pattern, length = re.compile(slow), 20_000
        assert any(
            is_slow(pattern, ["search", "fullmatch"], one, MOST) for one in texts(slow, 0, length)
        )


def test_no_pattern_is_slow_on_any_text_that_it_can_be_given(collected):
    slow = []
    for place, name, expression, flags, uses in collected:
        pattern, length = (
            re.compile(expression, flags),
            SHORTER.get(place.split(":")[0], clean.LONGEST),
        )
        for words in texts(expression, flags, length):
            if is_slow(pattern, uses, words, MOST) and is_slow(pattern, uses, words, MOST):
                slow.append((place, name, uses, expression[:60], words[:30]))
                break
    assert "\n".join(map(str, slow)) == ""


def test_each_exception_still_has_patterns(collected):
    files = {file for file, _ in groupby(place.split(":")[0] for place, *_ in collected)}
    assert set(SHORTER) <= files
