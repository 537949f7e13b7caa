"""What the FAQ has found in the words, for speech/understanding.py."""

from faq.book import Match
from speech.understanding import Hints


def hints_of(match: Match) -> Hints:
    """The emergency class, and how the FAQ would have taken the words by themselves."""
    return Hints(
        emergency=match.emergency.id if match.emergency else "",
        answered=match.band == "answer",
        reported=match.band == "report",
        chatter=match.band == "smalltalk",
    )
