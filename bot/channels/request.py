"""What all callbacks share: the raw request, its size and its age, before anything is decrypted."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.channels.crypto import Envelope, Refused, Signed
from bot.channels.limits import printable
from handlers.message import Incoming

log = logging.getLogger(__name__)

#: Callbacks are a few kB; more is nobody we know.
LARGEST_BODY = 256 * 1024
#: An envelope has four elements or four values (developer centre 90968, 101033).
MOST_PARTS = 64
_PARTS = (b"<", b"&", b"{", b"[", b":")
#: Older or newer than this is a replay, or a clock that makes every promise wrong.
OLDEST = timedelta(hours=1)
SKEW = timedelta(minutes=5)
#: A message that says it is older than this has a clock that is wrong.
LATEST = timedelta(days=7)
#: WeCom's ids have at most 64 bytes; what the columns hold of ids, keys and addresses.
LONGEST_ID = 128
LONGEST_KEY = 250
LONGEST_URL = 1000


@dataclass(frozen=True)
class RawRequest:
    """A callback as it came in."""

    args: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class OpenedCallback:
    """A verified callback: the message, and what its seal needs."""

    incoming: Incoming
    nonce: str
    #: how the platform wants this kind of message to be answered
    style: str = "message"


def signed(args: Mapping[str, str]) -> Signed:
    """The signature of the query; raises Refused 403 when a part is missing."""
    parts = [args.get(name, "") for name in ("msg_signature", "timestamp", "nonce")]
    if not all(parts):
        raise Refused(403, "no signature")
    return Signed(*parts)


def small_envelope(body: bytes) -> None:
    """Raises Refused 400 for an envelope of more parts than any has: it is read before anybody has
    proved who he is, and a deep one costs more than a message. What is encrypted has none."""
    if sum(body.count(sign) for sign in _PARTS) > MOST_PARTS:
        raise Refused(400, "an envelope of too many parts")


def check_age(query: Signed, now: datetime) -> None:
    """Raises Refused 403 for a timestamp more than an hour off; a smaller skew is logged loudly."""
    try:
        at = datetime.fromtimestamp(int(query.timestamp), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Refused(403, "timestamp is no time") from error
    skew = abs(now - at)
    if skew > OLDEST:
        raise Refused(403, f"timestamp is off by {skew}")
    if skew > SKEW:
        log.error("CLOCK: a callback's timestamp is off by %s; check this machine's clock", skew)


def verified(envelope: Envelope, request: RawRequest, now: datetime) -> str:
    """The plaintext of a URL verification (GET with echostr); raises Refused."""
    query = signed(request.args)
    plain = envelope.open(query, request.args.get("echostr", ""))
    check_age(query, now)
    return plain


def clamp(at: datetime, now: datetime) -> datetime:
    """A message's own time, from which the promise counts however late it comes in (domain.md §3).

    One from the future would move the promise, and one of long ago would break it at once: both
    count as now. The key by which a re-send is known does not go by this time.
    """
    if now - at > LATEST:
        log.error("CLOCK: a message of %s counts as of now", at.isoformat())
        return now
    if at - now > SKEW:
        log.error("CLOCK: a message from the future, of %s, counts as of now", at.isoformat())
    return min(at, now)


def storable(incoming: Incoming) -> Incoming:
    """Without what no database stores or no phone shows, which says nothing; the words stay.

    Raises Refused for an id that nobody can have.
    """
    if len(incoming.userid) > LONGEST_ID or len(incoming.chat_id) > LONGEST_ID:
        raise Refused(400, "an id longer than any")
    return replace(
        incoming,
        key=_short(incoming.key),
        text=printable(incoming.text),
        quote=printable(incoming.quote),
        materials=tuple(replace(one, text=printable(one.text)) for one in incoming.materials),
        response_url=incoming.response_url if len(incoming.response_url) <= LONGEST_URL else "",
    )


def _short(key: str) -> str:
    """The same key again for the same message, in what there is room for."""
    if len(key) <= LONGEST_KEY:
        return key
    return f"{key[:100]}:{hashlib.sha256(key.encode()).hexdigest()}"
