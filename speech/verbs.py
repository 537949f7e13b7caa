"""The words that act on an issue, each with its action: 接单, 办结, 转给, 催一下.

Which words there are is a plain mapping that can be handed in; how each may stand in a sentence is
told here. What they do is the business of issues/.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from rules.actions import ROWS
from rules.actions import VERBS as VERBS_HEARD
from rules.words import Action
from speech.numbers import GAP, NUMBER_BEFORE
from speech.polite import ORDERING

WORDS: Mapping[str, Action] = VERBS_HEARD
_ALL = [verb for row in ROWS for verb in row.verbs]
#: Said by everybody about anything: a resident's "修好了" is a rating.
SOFT = frozenset(verb.word for verb in _ALL if verb.soft)
#: Begin other words as well (转告, 派出所, 指定医院, 上报村里): only with a number.
NEED_NUMBER = frozenset(verb.word for verb in _ALL if verb.numbered)
#: A name may follow at once: 转给张三.
NAMES_NEXT = frozenset(verb.word for verb in _ALL if verb.name_next)
#: One character is the beginning of many words: only before a gap, 给, 到 or a number.
SHORT = frozenset(verb.word for verb in _ALL if len(verb.word) == 1)
#: Nothing is said with them: with more words and no number they are somebody's sentence.
BARE = frozenset(row.action for row in ROWS if row.bare)


@dataclass(frozen=True)
class Verbs:
    """The verbs of one table, and the pattern of a sentence that begins with one of them."""

    words: Mapping[str, Action]

    @cached_property
    def sentence(self) -> re.Pattern[str]:
        """The number before the verb (``before``), the ``verb``, the ``rest``; a number after the
        verb is read from the rest."""
        verb = "|".join(map(_piece, sorted(self.words, key=len, reverse=True)))
        return re.compile(
            rf"{ORDERING}{GAP}(?:{NUMBER_BEFORE})?(?P<verb>{verb})(?P<rest>.*)",
            re.IGNORECASE | re.DOTALL,
        )


def _piece(word: str) -> str:
    ends = r"(?=[\s,，:：给到#\d编第]|SZ|$)" if word in SHORT else ""
    return f"{re.escape(word)}{ends}"


VERBS = Verbs(WORDS)
