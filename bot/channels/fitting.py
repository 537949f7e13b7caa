"""What a message may be made of, whichever channel brought it: what no database takes stays out.

SQLite takes nearly anything and PostgreSQL does not: what fits not both is refused or taken out, so
that both answer alike and nothing becomes a 5xx that is sent again and again.
"""

import hashlib
import math
from dataclasses import replace
from typing import Any, TypeVar, cast

from sqlalchemy import String

from bot.channels.crypto import Refused
from handlers.message import Click, Contact, Incoming
from issues.registering import Material
from storage.tables import Inbox, PersonRow

Part = TypeVar("Part", bound=Incoming | Material | Click | Contact)

#: The longest account and group that are stored; WeCom's own are of 64 characters at most.
LONGEST_ID = cast(String, PersonRow.__table__.c.userid.type).length or 0
LONGEST_KEY = cast(String, Inbox.__table__.c.key.type).length or 0


def fitting(incoming: Incoming) -> Incoming:
    """The same message as it can be stored. Raises Refused 400 for an account, a group or a place
    that cannot be one."""
    plain = _plain(incoming)
    new = plain.contact.new_userid if plain.contact else ""
    for name in (plain.userid, plain.chat_id, new):
        if len(name) > LONGEST_ID:
            raise Refused(400, f"an id of {len(name)} characters")
    materials = tuple(_plain(material) for material in plain.materials)
    if not all(_is_place(one) for one in materials):
        raise Refused(400, "a place that is nowhere")
    return replace(plain, key=_key(plain.key), materials=materials)


def _plain(part: Part) -> Part:
    """Without what JSON and XML can spell and is no text: NUL, halves of surrogate pairs."""
    changed: dict[str, Any] = {}
    for name, value in vars(part).items():
        if isinstance(value, str):
            changed[name] = _text(value)
        if isinstance(value, Click | Contact):
            changed[name] = _plain(value)
    return replace(part, **{n: v for n, v in changed.items() if v is not vars(part)[n]})


def _text(value: str) -> str:
    if value.isprintable():  # as nearly always
        return value
    return value.encode(errors="replace").decode().replace("\0", "")


def _key(key: str) -> str:
    """A key that is too long is known by its beginning and its digest: a re-send has the same."""
    if len(key) <= LONGEST_KEY:
        return key
    digest = hashlib.sha256(key.encode()).hexdigest()
    return f"{key[: LONGEST_KEY - len(digest) - 1]}#{digest}"


def _is_place(material: Any) -> bool:
    return _within(material.latitude, 90) and _within(material.longitude, 180)


def _within(degrees: float | None, most: int) -> bool:
    return degrees is None or (math.isfinite(degrees) and abs(degrees) <= most)
