"""Every channel there is. A new one is a folder beside this file and one line here.

The configuration needs what a channel's settings say; what it does, with the WeCom client behind
it, is loaded when the service makes it. An unknown kind raises, nothing falls back to another.
"""

from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.channels.aibot import settings as aibot
from bot.channels.app import settings as app
from bot.channels.limits import Limits
from bot.channels.webhook import settings as webhook

if TYPE_CHECKING:
    from bot.channels.contract import Channel


class ChannelKind(NamedTuple):
    """What is known of a channel before it is made."""

    #: its part of [wecom] as a field of pydantic: the type, and the default or ... for none
    settings: tuple[Any, Any]
    limits: Limits
    #: its class, as ``module:class``
    place: str

    def load(self) -> "type[Channel]":
        """Its class."""
        found: type[Channel] = resolve_name(self.place)
        return found


CHANNELS = {
    "app": ChannelKind(app.SETTINGS, app.LIMITS, "bot.channels.app.channel:AppChannel"),
    "aibot": ChannelKind(aibot.SETTINGS, aibot.LIMITS, "bot.channels.aibot.channel:AibotChannel"),
    "webhook": ChannelKind(
        webhook.SETTINGS, webhook.LIMITS, "bot.channels.webhook.channel:WebhookChannel"
    ),
}
