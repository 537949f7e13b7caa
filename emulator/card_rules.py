"""Template cards: hard rules, advice on lengths, their text, their buttons, their XML twin.

The limits of an app and of an aibot differ; both tables stand here. Nothing is sent from here.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

Card = dict[str, Any]

TYPES = (
    "text_notice",
    "news_notice",
    "button_interaction",
    "vote_interaction",
    "multiple_interaction",
)
INTERACTIVE = TYPES[2:]
#: A card of these types needs a task_id; so does every card with an action_menu.
NEEDS_TASK_ID = INTERACTIVE
TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
KEY_BYTES = 1024
OPTION_ID_BYTES = 128


@dataclass(frozen=True)
class CardRules:
    """What an app card and an aibot card may hold; `advice` lengths only warn."""

    name: str
    advice: dict[str, int]
    horizontal_types: tuple[int, ...]
    jump_types: tuple[int, ...]
    button_types: tuple[int, ...]


APP = CardRules(
    name="app",
    advice={
        "source.desc": 20,
        "main_title.title": 36,
        "main_title.desc": 44,
        "emphasis_content.title": 14,
        "emphasis_content.desc": 22,
        "sub_title_text": 160,
        "horizontal_content_list.keyname": 5,
        "horizontal_content_list.value": 30,
        "jump_list.title": 18,
        "vertical_content_list.title": 38,
        "vertical_content_list.desc": 160,
        "button_list.text": 10,
        "option.text": 16,
        "checkbox.option.text": 11,
        "select.title": 13,
        "submit_button.text": 10,
    },
    horizontal_types=(0, 1, 2, 3),
    jump_types=(0, 1, 2),
    button_types=(0, 1),
)
BOT = CardRules(
    name="bot",
    advice={
        "source.desc": 13,
        "main_title.title": 26,
        "main_title.desc": 30,
        "emphasis_content.title": 10,
        "emphasis_content.desc": 15,
        "sub_title_text": 112,
        "horizontal_content_list.keyname": 5,
        "horizontal_content_list.value": 26,
        "jump_list.title": 13,
        "vertical_content_list.title": 26,
        "vertical_content_list.desc": 112,
        "button_list.text": 10,
        "option.text": 10,
        "checkbox.option.text": 11,
        "select.title": 13,
        "submit_button.text": 10,
    },
    horizontal_types=(0, 1, 3),
    jump_types=(0, 1, 2, 3),
    button_types=(0,),
)


@dataclass
class CardReport:
    """Errors refuse the card, warnings are only remembered."""

    rules: CardRules
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def need(self, ok: Any, complaint: str) -> None:
        if not ok:
            self.errors.append(complaint)

    def advise(self, where: str, value: Any) -> None:
        limit = self.rules.advice[where]
        if len(str(value or "")) > limit:
            self.warnings.append(f"{where} is longer than the advised {limit} characters")


def check(card: Any, rules: CardRules, *, update: bool = False) -> CardReport:
    """All rules at once; `update` cards may lack a task_id and may carry disable flags."""
    report = CardReport(rules)
    if not isinstance(card, dict) or card.get("card_type") not in TYPES:
        report.errors.append(f"card_type must be one of {', '.join(TYPES)}")
        return report
    for rule in RULES:
        rule(card, report)
    if not update:
        check_task_id(card, report)
    return report


def check_task_id(card: Card, report: CardReport) -> None:
    task_id = card.get("task_id")
    needed = card["card_type"] in NEEDS_TASK_ID or "action_menu" in card
    if task_id is None:
        report.need(not needed, "task_id is required for this card")
    else:
        fits = isinstance(task_id, str) and TASK_ID.fullmatch(task_id)
        report.need(fits, "task_id: digits, letters and _-@ only, at most 128 bytes")


def check_parts(card: Card, report: CardReport) -> None:
    """Each card type's own compulsory parts."""
    for part in PARTS[card["card_type"]]:
        report.need(card.get(part), f"{part} is required for {card['card_type']}")
    if card["card_type"] == "text_notice":
        title = part_of(card, "main_title").get("title") or card.get("sub_title_text")
        report.need(title, "text_notice needs main_title.title or sub_title_text")
    if card["card_type"] == "news_notice":
        picture = card.get("card_image") or card.get("image_text_area")
        report.need(picture, "news_notice needs card_image or image_text_area")


PARTS: dict[str, tuple[str, ...]] = {
    "text_notice": ("card_action",),
    "news_notice": ("main_title", "card_action"),
    "button_interaction": ("main_title", "button_list"),
    "vote_interaction": ("main_title", "checkbox", "submit_button"),
    "multiple_interaction": ("main_title", "select_list", "submit_button"),
}


def check_texts(card: Card, report: CardReport) -> None:
    report.advise("source.desc", part_of(card, "source").get("desc"))
    for part in ("main_title", "emphasis_content"):
        for name in ("title", "desc"):
            report.advise(f"{part}.{name}", part_of(card, part).get(name))
    report.advise("sub_title_text", card.get("sub_title_text"))
    if card.get("emphasis_content") and card.get("quote_area"):
        report.warnings.append("emphasis_content and quote_area should not be combined")
    report.need(
        part_of(card, "source").get("desc_color", 0) in (0, 1, 2, 3), "source.desc_color is 0 to 3"
    )


def check_card_action(card: Card, report: CardReport) -> None:
    action = part_of(card, "card_action")
    compulsory = card["card_type"] in ("text_notice", "news_notice")
    kind = action.get("type", 0)
    if action:
        report.need(kind in ((1, 2) if compulsory else (0, 1, 2)), "card_action.type is 1 or 2")
    report.need(kind != 1 or is_url(action.get("url")), "card_action needs an http(s) url")
    report.need(kind != 2 or action.get("appid"), "card_action needs an appid")


def check_horizontal(card: Card, report: CardReport) -> None:
    rows = items(card, "horizontal_content_list", report, most=6)
    for row in rows:
        report.need(row.get("keyname"), "horizontal_content_list needs keyname")
        report.advise("horizontal_content_list.keyname", row.get("keyname"))
        report.advise("horizontal_content_list.value", row.get("value"))
        kind = row.get("type", 0)
        report.need(
            kind in report.rules.horizontal_types, f"horizontal_content_list: no type {kind}"
        )
        needed = {"1": "url", "2": "media_id", "3": "userid"}.get(str(kind))
        report.need(not needed or row.get(needed), f"horizontal_content_list: {needed} is missing")


def check_vertical(card: Card, report: CardReport) -> None:
    for row in items(card, "vertical_content_list", report, most=4):
        report.need(row.get("title"), "vertical_content_list needs title")
        report.advise("vertical_content_list.title", row.get("title"))
        report.advise("vertical_content_list.desc", row.get("desc"))


def check_jumps(card: Card, report: CardReport) -> None:
    for row in items(card, "jump_list", report, most=3):
        kind = row.get("type", 0)
        report.need(row.get("title"), "jump_list needs title")
        report.advise("jump_list.title", row.get("title"))
        report.need(kind in report.rules.jump_types, f"jump_list: no type {kind}")
        report.need(kind != 1 or is_url(row.get("url")), "jump_list needs an http(s) url")
        question = str(row.get("question", ""))
        report.need(
            kind != 3 or 0 < size(question) <= 200, "jump_list: question has 1 to 200 bytes"
        )


def check_buttons(card: Card, report: CardReport) -> None:
    buttons = items(card, "button_list", report, most=6)
    for button in buttons:
        check_button(button, report)
    keys = [one.get("key") for one in buttons if one.get("type", 0) == 0]
    report.need(len(keys) == len(set(map(str, keys))), "button_list: keys must differ")


def check_button(button: Card, report: CardReport) -> None:
    kind = button.get("type", 0)
    report.need(button.get("text"), "button_list needs text")
    report.advise("button_list.text", button.get("text"))
    report.need(button.get("style", 1) in (1, 2, 3, 4), "button_list: style is 1 to 4")
    report.need(kind in report.rules.button_types, f"button_list: no type {kind}")
    if kind == 1:
        report.need(is_url(button.get("url")), "button_list needs an http(s) url")
    else:
        check_key(button, "button_list", report)


def check_selects(card: Card, report: CardReport) -> None:
    selects = items(card, "select_list", report, most=3)
    single = part_of(card, "button_selection")
    for select in [*selects, *([single] if single else [])]:
        check_key(select, "select", report, name="question_key")
        report.advise("select.title", select.get("title"))
        check_options(select, report, most=10, advice="option.text")


def check_checkbox(card: Card, report: CardReport) -> None:
    box = part_of(card, "checkbox")
    if box:
        check_key(box, "checkbox", report, name="question_key")
        report.need(box.get("mode", 0) in (0, 1), "checkbox.mode is 0 or 1")
        check_options(box, report, most=20, advice="checkbox.option.text")


def check_options(select: Card, report: CardReport, *, most: int, advice: str) -> None:
    options = items(select, "option_list", report, most=most)
    report.need(options, "option_list must not be empty")
    ids = [str(one.get("id", "")) for one in options]
    report.need(all(0 < size(one) <= OPTION_ID_BYTES for one in ids), "option id: 1 to 128 bytes")
    report.need(len(ids) == len(set(ids)), "option ids must differ")
    for option in options:
        report.need(option.get("text"), "an option needs text")
        report.advise(advice, option.get("text"))


def check_submit(card: Card, report: CardReport) -> None:
    submit = part_of(card, "submit_button")
    if submit:
        report.need(submit.get("text"), "submit_button needs text")
        report.advise("submit_button.text", submit.get("text"))
        check_key(submit, "submit_button", report)


def check_menu(card: Card, report: CardReport) -> None:
    menu = part_of(card, "action_menu")
    if menu:
        actions = items(menu, "action_list", report, most=3)
        report.need(menu.get("desc"), "action_menu needs desc")
        report.need(actions, "action_menu needs 1 to 3 actions")
        for action in actions:
            report.need(action.get("text"), "action_menu needs text")
            check_key(action, "action_menu", report)


def check_key(part: Card, where: str, report: CardReport, name: str = "key") -> None:
    key = part.get(name)
    fits = isinstance(key, str) and 0 < size(key) <= KEY_BYTES
    report.need(fits, f"{where}.{name} has 1 to {KEY_BYTES} bytes")


RULES: tuple[Callable[[Card, CardReport], None], ...] = (
    check_parts,
    check_texts,
    check_card_action,
    check_horizontal,
    check_vertical,
    check_jumps,
    check_buttons,
    check_selects,
    check_checkbox,
    check_submit,
    check_menu,
)


def items(card: Card, name: str, report: CardReport, *, most: int) -> list[Card]:
    found = card.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        report.errors.append(f"{name} is a list of objects")
        return []
    report.need(len(found) <= most, f"{name}: at most {most}")
    return found


def part_of(card: Card, name: str) -> Card:
    part = card.get(name)
    return part if isinstance(part, dict) else {}


def size(text: str) -> int:
    return len(text.encode())


def is_url(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def needs_callback(card: Card) -> bool:
    """Whether somebody can tap something on it that comes back to us."""
    return card.get("card_type") in INTERACTIVE or bool(card.get("action_menu"))


def card_text(card: Card) -> str:
    """The words on a card, one line each, as a person would read them aloud."""
    title, emphasis = part_of(card, "main_title"), part_of(card, "emphasis_content")
    lines: list[Any] = [
        part_of(card, "source").get("desc"),
        title.get("title"),
        title.get("desc"),
        emphasis.get("title"),
        emphasis.get("desc"),
        part_of(card, "quote_area").get("title"),
        part_of(card, "quote_area").get("quote_text"),
        card.get("sub_title_text"),
        *(f"{one.get('keyname')}：{one.get('value', '')}" for one in rows(card, "horizontal")),
        *(f"{one.get('title')} {one.get('desc', '')}" for one in rows(card, "vertical")),
        *(one.get("text") for one in card_buttons(card)),
    ]
    return "\n".join(str(line) for line in lines if line)


def rows(card: Card, direction: str) -> list[Card]:
    found = card.get(f"{direction}_content_list")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def card_buttons(card: Card) -> list[Card]:
    submit = part_of(card, "submit_button")
    menu = part_of(card, "action_menu").get("action_list") or []
    buttons = card.get("button_list") or []
    return [
        *({**one, "kind": "button"} for one in buttons if not one.get("disable")),
        *([{**submit, "kind": "submit"}] if submit and not submit.get("disable") else []),
        *({**one, "kind": "menu"} for one in menu),
    ]


def questions(card: Card) -> list[Card]:
    """Everything on the card that is chosen before a button is tapped."""
    found = [*(card.get("select_list") or []), card.get("button_selection"), card.get("checkbox")]
    return [one for one in found if isinstance(one, dict)]


# -- the CamelCase twin in passive XML replies

#: Elements that may occur several times, and what they are called in JSON.
LISTS = {
    "HorizontalContentList": "horizontal_content_list",
    "VerticalContentList": "vertical_content_list",
    "JumpList": "jump_list",
    "ButtonList": "button_list",
    "SelectList": "select_list",
    "OptionList": "option_list",
    "ActionList": "action_list",
}
#: Names that do not follow the rule Word → word, TwoWords → two_words.
IRREGULAR = {
    "KeyName": "keyname",
    "UserId": "userid",
    "AppId": "appid",
    "PagePath": "pagepath",
    "CheckBox": "checkbox",
}
NUMBERS = ("type", "style", "desc_color", "mode")
FLAGS = ("disable", "is_checked")


def card_from_xml(element: Element) -> Card:
    card: Card = {}
    for child in element:
        name = LISTS.get(child.tag) or IRREGULAR.get(child.tag) or snake(child.tag)
        if child.tag in LISTS:
            card.setdefault(name, []).append(card_from_xml(child))
        else:
            card[name] = card_from_xml(child) if len(child) else plain(name, child.text or "")
    return card


def plain(name: str, text: str) -> Any:
    text = text.strip() if name in NUMBERS + FLAGS else text
    if name in NUMBERS and text.lstrip("-").isdigit():
        return int(text)
    return text.lower() in ("1", "true") if name in FLAGS else text


def snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def join_errors(errors: Iterable[str]) -> str:
    return "; ".join(errors)
