"""[[wecom.webhook]], 消息推送 (群机器人): the groups that reminders are posted to.

A unit has one entry; a group without a key is only known by its chat_id. Posting is channel.py's.
"""

from typing import Annotated, Any

from pydantic import AfterValidator, Field

from bot.channels.limits import Limits
from bot.channels.sections import Section

KIND = "webhook"
#: 2048 bytes of text, 20 messages a minute and group, one or two left for people's own use
#: (developer centre 91770).
LIMITS = Limits(text=2048, a_minute=18)


class WebhookSettings(Section):
    """One group of one unit."""

    unit: str = Field(min_length=1)
    key: str = ""
    chat_id: str = ""
    open_replies: bool = False


def one_each(value: list[WebhookSettings]) -> list[WebhookSettings]:
    """Raises ValueError when a unit is there twice."""
    units = [webhook.unit for webhook in value]
    twice = sorted({unit for unit in units if units.count(unit) > 1})
    if twice:
        raise ValueError(f"同一个单位写了两次：{'、'.join(twice)}")
    return value


#: As a field of [wecom], with its default.
SETTINGS: tuple[Any, Any] = (Annotated[list[WebhookSettings], AfterValidator(one_each)], [])
