"""The contents of messages a service sends: limits, cutting and what a phone shows of them.

One composer per msgtype; api rooms pick from the tables, phones.py shows the result.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from emulator import card_rules
from emulator.corp import FakeCorp
from emulator.errcodes import Refusal

TEXT_BYTES = 2048
WEBHOOK_MARKDOWN_BYTES = 4096
BOT_BYTES = 20480
WEBHOOK_IMAGE_BYTES = 2 * 1024 * 1024

Body = dict[str, Any]


@dataclass
class Content:
    kind: str
    text: str = ""
    card: dict[str, Any] | None = None
    pictures: list[str] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    feedback_id: str = ""

    def show(self, corp: FakeCorp, chat: str, sender: str, **more: Any) -> Any:
        more = {"pictures": self.pictures, "links": self.links, "card": self.card, **more}
        more.setdefault("feedback_id", self.feedback_id)
        return corp.phones.show(chat, sender, self.kind, self.text, **more)


Composer = Callable[[FakeCorp, Body], Content]


def compose(corp: FakeCorp, body: Body, composers: dict[str, Composer]) -> Content:
    """The one object that `msgtype` names, or a Refusal."""
    msgtype = body.get("msgtype")
    if not isinstance(msgtype, str) or msgtype not in composers:
        raise Refusal(40008, f"msgtype {msgtype!r}, expected one of {', '.join(composers)}")
    part = body.get(msgtype)
    if not isinstance(part, dict):
        raise Refusal(40063, f"{msgtype} must be an object")
    return composers[msgtype](corp, part)


def cut(text: str, most: int) -> str:
    """At most so many bytes, never half a character."""
    return text.encode()[:most].decode(errors="ignore")


def words(part: Body, name: str = "content") -> str:
    text = part.get(name)
    if not isinstance(text, str) or not text.strip():
        raise Refusal(44004, f"{name} is empty")
    return text


# -- message/send


def text(_corp: FakeCorp, part: Body) -> Content:
    content = words(part)
    short = cut(content, TEXT_BYTES)
    warnings = [] if short == content else [f"text cut at {TEXT_BYTES} bytes"]
    return Content("text", short, warnings=warnings)


def markdown(_corp: FakeCorp, part: Body) -> Content:
    content = words(part)
    if card_rules.size(content) > TEXT_BYTES:
        raise Refusal(45002, f"markdown has at most {TEXT_BYTES} bytes")
    return Content("markdown", content)


def textcard(_corp: FakeCorp, part: Body) -> Content:
    title, description, url = words(part, "title"), words(part, "description"), words(part, "url")
    warnings = [
        f"textcard.{name} is longer than {most} characters: cut"
        for name, most in (("title", 128), ("description", 512))
        if len(part[name]) > most
    ]
    link = {"title": title[:128], "description": description[:512], "url": url}
    return Content("news", f"{title[:128]}\n{description[:512]}", links=[link], warnings=warnings)


def news(_corp: FakeCorp, part: Body) -> Content:
    articles = part.get("articles")
    if not isinstance(articles, list) or not 1 <= len(articles) <= 8:
        raise Refusal(45008, "1 to 8 articles")
    if not all(isinstance(one, dict) for one in articles):
        raise Refusal(40063, "an article must be an object")
    links = [article(one) for one in articles]
    return Content("news", "\n".join(one["title"] for one in links), links=links)


def article(part: Body) -> dict[str, str]:
    return {
        "title": cut(words(part, "title"), 128),
        "description": cut(str(part.get("description") or ""), 512),
        "url": str(part.get("url") or ""),
        "picurl": str(part.get("picurl") or ""),
    }


def medium(kind: str) -> Composer:
    labels = {"image": "[图片]", "voice": "[语音]", "video": "[视频]", "file": "[文件]"}

    def composer(corp: FakeCorp, part: Body) -> Content:
        found = corp.media.get(str(part.get("media_id", "")))
        if found.kind != kind:
            raise Refusal(40007, f"it was uploaded as {found.kind}")
        name = f" {found.filename}" if kind == "file" else ""
        return Content(kind, labels[kind] + name, pictures=[found.id] if kind == "image" else [])

    return composer


def app_card(corp: FakeCorp, part: Body) -> Content:
    return card(corp, part, card_rules.APP)


def bot_card(corp: FakeCorp, part: Body) -> Content:
    return card(corp, part, card_rules.BOT)


def card(corp: FakeCorp, part: Body, rules: card_rules.CardRules) -> Content:
    """A new card: all hard rules, a task_id never used before, a callback if it can be tapped."""
    report = card_rules.check(part, rules)
    task_id = str(part.get("task_id", ""))
    report.need((rules.name, task_id) not in corp.task_ids, "task_id has been used before")
    line = corp.app_line if rules is card_rules.APP else corp.bot_line
    report.need(
        line.url or not card_rules.needs_callback(part), "no receive URL has been configured"
    )
    if report.errors:
        raise Refusal(40058, card_rules.join_errors(report.errors))
    if task_id:
        corp.task_ids.add((rules.name, task_id))
    feedback = str(card_rules.part_of(part, "feedback").get("id", ""))
    return Content(
        "card", card_rules.card_text(part), part, warnings=report.warnings, feedback_id=feedback
    )


def changed_card(part: Any, rules: card_rules.CardRules) -> dict[str, Any]:
    """A card that takes the place of an older one."""
    report = card_rules.check(part, rules, update=True)
    if report.errors:
        raise Refusal(40058, card_rules.join_errors(report.errors))
    return dict(part)


APP_COMPOSERS: dict[str, Composer] = {
    "text": text,
    "markdown": markdown,
    "textcard": textcard,
    "news": news,
    "image": medium("image"),
    "voice": medium("voice"),
    "video": medium("video"),
    "file": medium("file"),
    "template_card": app_card,
}

# -- webhook/send


def hook_text(corp: FakeCorp, part: Body) -> Content:
    content = limited(words(part), TEXT_BYTES)
    mentioned = [*listed(part, "mentioned_list"), *listed(part, "mentioned_mobile_list")]
    names = [mention(corp, str(one)) for one in mentioned]
    return Content("text", " ".join([content, *names]))


def listed(part: Body, name: str) -> list[Any]:
    value = part.get(name) or []
    if not isinstance(value, list):
        raise Refusal(40058, f"{name} must be a list")
    return value


def mention(corp: FakeCorp, userid: str) -> str:
    return "@所有人" if userid == "@all" else f"@{corp.world.name_of(userid)}"


def hook_markdown(corp: FakeCorp, part: Body) -> Content:
    content = limited(words(part), WEBHOOK_MARKDOWN_BYTES)
    for member in corp.world.members:
        content = content.replace(f"<@{member.userid}>", f"@{member.name}")
    return Content("markdown", content)


def hook_markdown_v2(_corp: FakeCorp, part: Body) -> Content:
    return Content("markdown", limited(words(part), WEBHOOK_MARKDOWN_BYTES))


def limited(content: str, most: int) -> str:
    if card_rules.size(content) > most:
        raise Refusal(40058, f"content exceeds the max length {most}")
    return content


def hook_image(corp: FakeCorp, part: Body) -> Content:
    data = picture_bytes(part, WEBHOOK_IMAGE_BYTES)
    return Content("image", "[图片]", pictures=[corp.media.upload("image", data).id])


def picture_bytes(part: Body, most: int) -> bytes:
    try:
        data = base64.b64decode(str(part.get("base64", "")), validate=True)
    except binascii.Error as error:
        raise Refusal(40035, "base64 does not decode") from error
    if len(data) > most:
        raise Refusal(40009, f"at most {most} bytes")
    if hashlib.md5(data).hexdigest() != str(part.get("md5", "")).lower():
        raise Refusal(40035, "md5 does not match the picture")
    return data


def hook_card(_corp: FakeCorp, part: Body) -> Content:
    report = card_rules.check(part, card_rules.BOT, update=True)
    notice = part.get("card_type") in ("text_notice", "news_notice")
    report.need(notice, "a webhook sends text_notice and news_notice only")
    report.need("action_menu" not in part, "a webhook card has no action_menu: nothing comes back")
    if report.errors:
        raise Refusal(40058, card_rules.join_errors(report.errors))
    return Content("card", card_rules.card_text(part), part, warnings=report.warnings)


HOOK_COMPOSERS: dict[str, Composer] = {
    "text": hook_text,
    "markdown": hook_markdown,
    "markdown_v2": hook_markdown_v2,
    "image": hook_image,
    "news": news,
    "file": medium("file"),
    "voice": medium("voice"),
    "template_card": hook_card,
}

# -- aibot response_url


def bot_markdown(_corp: FakeCorp, part: Body) -> Content:
    content = words(part)
    if card_rules.size(content) > BOT_BYTES:
        raise Refusal(45002, f"markdown has at most {BOT_BYTES} bytes")
    feedback = str(card_rules.part_of(part, "feedback").get("id", ""))
    return Content("markdown", content, feedback_id=feedback)


RESPONSE_COMPOSERS: dict[str, Composer] = {"markdown": bot_markdown}
SINGLE_RESPONSE_COMPOSERS: dict[str, Composer] = {
    **RESPONSE_COMPOSERS,
    "template_card": bot_card,
}
