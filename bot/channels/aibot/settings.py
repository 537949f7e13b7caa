"""[wecom.aibot], 智能机器人 in URL mode: the one channel that hears a group.

What comes in and how it is answered is parse.py's, reply.py's and channel.py's business.
"""

from pydantic import Field

from bot.channels.limits import CardLimits, Limits
from bot.channels.sections import Callback

KIND = "aibot"
#: A stream holds 20480 bytes (developer centre 101031). response_url takes one answer, so its
#: messages a minute are bounded by what comes in.
LIMITS = Limits(text=20480, a_minute=20)
#: developer centre 101032
CARDS = CardLimits(source=13, title=26, desc=30, body=112, value=26)


class AibotSettings(Callback):
    """The bot's name, stripped from "@三长助手 …", and the callback's two keys."""

    name: str = Field(min_length=1)


#: As a field of [wecom], with its default.
SETTINGS = (AibotSettings | None, None)
