"""Template cards as JSON, inside the limits of the app or of the aibot, which differ.

Sources: developer centre 90236 (app), 101032 (aibot).
"""

from typing import Any

from bot.channels.limits import CardLimits, shorten
from storage.notice import Card


def card_json(card: Card, source: str, limits: CardLimits) -> dict[str, Any]:
    """A button_interaction card."""
    origin = {"source": {"desc": shorten(source, limits.source)}} if source else {}
    return {
        "card_type": "button_interaction",
        **origin,
        "main_title": {
            "title": shorten(card.title, limits.title),
            "desc": shorten(card.desc, limits.desc),
        },
        "sub_title_text": shorten(card.body, limits.body),
        "horizontal_content_list": [
            {"keyname": shorten(name, limits.name), "value": shorten(value, limits.value)}
            for name, value in card.fields[: limits.most]
        ],
        "task_id": card.task_id,
        "button_list": [
            {"text": shorten(button.text, limits.button), "style": button.style, "key": button.key}
            for button in card.buttons[: limits.most]
        ],
    }
