"""The app's passive answers: a text, or the card that takes a tapped one's place.

Sources: developer centre 90241. A tap can only be answered by a card, a message only by a text.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

from bot.channels.app.settings import CARDS, LIMITS
from bot.channels.limits import fit, shorten
from bot.channels.request import Opened
from handlers.message import Reply
from storage.notice import Card


def passive(reply: Reply, opened: Opened, corp_id: str, at: int) -> str | None:
    root = Element("xml")
    for name, value in (
        ("ToUserName", opened.incoming.userid),
        ("FromUserName", corp_id),
        ("CreateTime", str(at)),
    ):
        SubElement(root, name).text = value
    if opened.style == "click":
        if reply.card is None:
            return None
        _card_xml(root, reply.card)
    elif reply.text:
        SubElement(root, "MsgType").text = "text"
        SubElement(root, "Content").text = fit(reply.text, LIMITS.text)
    else:
        return None
    return tostring(root, encoding="unicode")


def _card_xml(root: Element, card: Card) -> None:
    """update_template_card, the CamelCase twin of the JSON card (developer centre 90241)."""
    SubElement(root, "MsgType").text = "update_template_card"
    node = SubElement(root, "TemplateCard")
    SubElement(node, "CardType").text = "button_interaction"
    title = SubElement(node, "MainTitle")
    SubElement(title, "Title").text = shorten(card.title, CARDS.title)
    SubElement(title, "Desc").text = shorten(card.desc, CARDS.desc)
    SubElement(node, "SubTitleText").text = shorten(card.body, CARDS.body)
    for name, value in card.fields[: CARDS.most]:
        row = SubElement(node, "HorizontalContentList")
        SubElement(row, "KeyName").text = shorten(name, CARDS.name)
        SubElement(row, "Value").text = shorten(value, CARDS.value)
    for button in card.buttons[: CARDS.most]:
        row = SubElement(node, "ButtonList")
        SubElement(row, "Text").text = shorten(button.text, CARDS.button)
        SubElement(row, "Style").text = str(button.style)
        SubElement(row, "Key").text = button.key
    SubElement(node, "TaskId").text = card.task_id
    if card.done:
        SubElement(node, "ReplaceText").text = shorten(card.done, 20)
