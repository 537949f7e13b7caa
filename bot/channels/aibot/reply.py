"""The bot's passive answers: a finished stream, a card in a group, text where somebody comes in.

Sources: developer centre 100719, 101031.
"""

from typing import Any

from bot.channels.aibot.settings import CARDS, LIMITS
from bot.channels.cards import card_json
from bot.channels.limits import fit
from bot.channels.request import OpenedCallback
from handlers.message import Reply


def passive(reply: Reply, opened: OpenedCallback) -> dict[str, Any] | None:
    if not reply.text:
        return None
    if opened.style == "enter":
        return {"msgtype": "text", "text": {"content": fit(reply.text, LIMITS.text)}}
    if opened.style != "message":
        return None
    if reply.card and opened.incoming.in_group:
        card = card_json(reply.card, "", CARDS)
        return {"msgtype": "template_card", "template_card": card}
    stream = {
        "id": f"s-{opened.incoming.key}"[:64],
        "finish": True,
        "content": fit(reply.text, LIMITS.text),
    }
    return {"msgtype": "stream", "stream": stream}
