"""What all callbacks share: the raw request, its size and its age, before anything is decrypted."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.channels.crypto import Envelope, Refused, Signed
from handlers.message import Incoming

log = logging.getLogger(__name__)

#: Callbacks are a few kB; more is nobody we know.
LARGEST_BODY = 256 * 1024
#: Older or newer than this is a replay, or a clock that makes every promise wrong.
OLDEST = timedelta(hours=1)
SKEW = timedelta(minutes=5)


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

    One from the future would move the promise, so now is the latest.
    """
    return min(at, now)
