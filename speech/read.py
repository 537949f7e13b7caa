"""``read``: one text to one Utterance. The only door of this room for whoever has a message.

No clock and no session: the day comes from the caller. What to make of it is left to the handlers.
"""

from datetime import date

from speech.clean import clean, without_bot
from speech.utterance import Utterance
from speech.verbs import VERBS, Verbs


def read(text: str, bot_name: str = "", *, today: date, verbs: Verbs = VERBS) -> Utterance:
    """What somebody said to a bot of that name on that day. Never raises on any text."""
    own = without_bot(text, bot_name)
    return Utterance(own, clean(own), today, verbs)
