"""Every channel there is. A new one is a folder beside this file and one line here.

The service makes those that are configured; an unknown kind raises, nothing falls back to another.
"""

from bot.channels.aibot.channel import AibotChannel
from bot.channels.app.channel import AppChannel
from bot.channels.contract import Channel
from bot.channels.webhook.channel import WebhookChannel

CHANNELS: dict[str, type[Channel]] = {
    "app": AppChannel,
    "aibot": AibotChannel,
    "webhook": WebhookChannel,
}
