"""What the FAQ has found in the words, for speech/understanding.py."""

from faq.book import Book, Match
from faq.danger import EmergencyClass
from speech.acts import Act
from speech.understanding import Hints


def hints_of(match: Match) -> Hints:
    """The emergency class, and how the FAQ would have taken the words by themselves."""
    return Hints(
        emergency=match.emergency.id if match.emergency else "",
        answered=match.band == "answer",
        reported=match.band == "report",
        chatter=match.band == "smalltalk",
    )


#: What is said to a quoted 后山着火了 and makes it one's own: 快来看, 我家也是; never 好的, 谢谢.
_TAKES_UP = frozenset({Act.REPORT, Act.ADDITION, Act.URGE, Act.UNCLEAR})


def taken_up(book: Book, quote: str, act: Act) -> EmergencyClass | None:
    """The emergency that somebody else told of, if words of that act make it the speaker's own."""
    return book.emergencies.match(quote) if quote and act in _TAKES_UP else None
