"""[wecom.app], 自建应用: the one channel that every deployment has.

What is sent through it and what comes in is parse.py's, reply.py's and channel.py's business.
"""

from pydantic import Field

from bot.channels.limits import CardLimits, Limits
from bot.channels.sections import Callback

KIND = "app"
#: A text is cut by WeCom beyond 2048 bytes; 30/min to one member are delivered and the rest
#: dropped silently, so stay below (developer centre 90236).
LIMITS = Limits(text=2048, a_minute=20)
CARDS = CardLimits(source=20, title=36, desc=44, body=160, value=30)


class AppSettings(Callback):
    """The app's number, its secret and the callback's two keys."""

    agent_id: int
    secret: str = Field(min_length=1)


#: As a field of [wecom], with its default.
SETTINGS = (AppSettings, ...)
