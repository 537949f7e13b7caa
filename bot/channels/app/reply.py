"""The app's passive answers: a text, or the card that takes a tapped one's place.

Sources: developer centre 90241. A tap can only be answered by a card, a message only by a text.
"""

from xml.etree.ElementTree import Element, SubElement, tostring
from xml.sax.saxutils import escape

from bot.channels.app.settings import CARDS, LIMITS
from bot.channels.limits import fit, shorten
from bot.channels.request import OpenedCallback
from handlers.message import Reply
from storage.notice import Card


def passive(reply: Reply, opened: OpenedCallback, corp_id: str, at: int) -> str | None:
    """The XML of the answer, None when there is nothing to say. ``at``: seconds of Unix time."""
    if opened.style == "click":
        said = _card_xml(reply.card) if reply.card else ""
    else:
        text = escape(fit(reply.text, LIMITS.text))
        said = f"<MsgType>text</MsgType><Content>{text}</Content>" if text else ""
    if not said:
        return None
    to, by = escape(opened.incoming.userid), escape(corp_id)
    head = f"<ToUserName>{to}</ToUserName><FromUserName>{by}</FromUserName>"
    return f"<xml>{head}<CreateTime>{at}</CreateTime>{said}</xml>"


def _card_xml(card: Card) -> str:
    """update_template_card, the CamelCase twin of the JSON card (developer centre 90241)."""
    root = Element("xml")
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
    return "".join(tostring(part, encoding="unicode") for part in root)
