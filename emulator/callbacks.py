"""The way from WeCom to the service: packets, the five-second cut, re-sends, saving a callback.

What a packet says and which answer is legal is for app_side.py and bot_side.py.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from itertools import count
from threading import RLock
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from emulator.cipher import Cipher, new_nonce, new_word
from emulator.clock import FakeClock
from emulator.faults import FaultBook

#: The first attempt and three re-sends.
TRIES = 4
MOST_BYTES = 16 * 1024 * 1024

Accept = Callable[["Delivery", bytes], None]


class CallbackRefused(Exception):
    """Saving the callback failed; the text says why, as the admin console would."""


class ReplyRefused(Exception):
    """The service answered 200, but with something WeCom would not show."""


@dataclass(frozen=True)
class Packet:
    url: str
    body: bytes
    content_type: str
    nonce: str
    timestamp: str


@dataclass
class Attempt:
    """One try: `status` is None when there was no complete answer in time."""

    status: int | None
    seconds: float
    body: bytes = b""
    error: str = ""

    @property
    def ok(self) -> bool:
        return self.status == 200


@dataclass
class Delivery:
    """What became of one thing that a person did.

    status: delivered; refused (the answer was not acceptable); failed (every attempt failed);
    dropped (lost on purpose or by the one-attempt rule); held (waits for the next one);
    unsent (WeCom does not send such a thing: `error` says why).
    """

    id: str
    via: str
    userid: str
    chat: str
    trigger: str
    said: str = ""
    status: str = "unsent"
    packet: Packet | None = None
    tries: list[Attempt] = field(default_factory=list)
    duplicates: list[Attempt] = field(default_factory=list)
    #: type, text, card, raw … of the accepted reply; None for an empty one
    reply: dict[str, Any] | None = None
    error: str = ""
    #: the message as the sender sees it, and what the reply put on phones
    message_id: str = ""
    shown: list[Any] = field(default_factory=list)
    also: list["Delivery"] = field(default_factory=list)

    @property
    def attempts(self) -> int:
        return len(self.tries)

    @property
    def complaint(self) -> str:
        """The line below the sender's own bubble; empty when all is well."""
        lead = {
            "failed": "没有送达：",
            "dropped": "没有送达：",
            "refused": "送到了，但对方的答复不合规定：",
            "unsent": "",
        }
        return lead[self.status] + self.error if self.status in lead else ""

    @property
    def text(self) -> str:
        """The visible words of the reply, empty when there was none."""
        return str((self.reply or {}).get("text", ""))


@dataclass
class CallLine:
    """One saved callback: its address and its crypto."""

    via: str
    cipher: Cipher
    url: str = ""

    def signed(self, encrypted: str, clock: FakeClock, faults: dict[str, float]) -> dict[str, str]:
        timestamp = str(clock.timestamp() + int(faults.get("skew", 0)))
        nonce = new_nonce()
        signature = self.cipher.sign(timestamp, nonce, encrypted)
        if "forged_signature" in faults:
            signature = "0" * len(signature)
        return {"msg_signature": signature, "timestamp": timestamp, "nonce": nonce}


class Courier:
    """Brings packets to the service and keeps to WeCom's patience. One for both channels."""

    def __init__(self, clock: FakeClock, faults: FaultBook, patience: float) -> None:
        self.clock = clock
        self.faults = faults
        self.patience = patience
        self.deliveries: list[Delivery] = []
        self._lock = RLock()
        self._numbers = count(1)
        self._held: list[Callable[[], None]] = []

    def open(self, via: str, userid: str, *, chat: str, trigger: str, said: str = "") -> Delivery:
        with self._lock:
            delivery = Delivery(f"d{next(self._numbers)}", via, userid, chat, trigger, said)
            self.deliveries.append(delivery)
            return delivery

    def find(self, delivery_id: str) -> Delivery | None:
        with self._lock:
            return next((one for one in self.deliveries if one.id == delivery_id), None)

    def carry(
        self, delivery: Delivery, accept: Accept, faults: dict[str, float], tries: int = TRIES
    ) -> None:
        """Deliver, let `accept` read the reply, then let go whatever was held back before."""
        if "drop" in faults:
            delivery.status, delivery.error = "dropped", "a fault dropped it"
        elif "hold" in faults:
            delivery.status = "held"
            with self._lock:
                self._held.append(lambda: self._try(delivery, accept, tries))
        else:
            time.sleep(faults.get("delay", 0))
            self._try(delivery, accept, tries)
            self._double(delivery, int(faults.get("duplicate", 0)))
            self.release()

    def release(self) -> None:
        """Deliver what a "hold" fault kept back."""
        with self._lock:
            held, self._held = self._held, []
        for job in held:
            job()

    def _try(self, delivery: Delivery, accept: Accept, tries: int) -> None:
        assert delivery.packet is not None
        for _ in range(tries):
            attempt = post(delivery.packet, self.patience)
            delivery.tries.append(attempt)
            if attempt.ok:
                accept_reply(delivery, accept, attempt.body)
                return
        delivery.status = "failed" if tries > 1 else "dropped"
        delivery.error = delivery.tries[-1].error or f"HTTP {delivery.tries[-1].status}"

    def _double(self, delivery: Delivery, times: int) -> None:
        assert delivery.packet is not None
        for _ in range(times):
            delivery.duplicates.append(post(delivery.packet, self.patience))


def accept_reply(delivery: Delivery, accept: Accept, body: bytes) -> None:
    delivery.status, delivery.error = "delivered", ""
    try:
        accept(delivery, body)
    except ReplyRefused as refused:
        delivery.status, delivery.error, delivery.reply = "refused", str(refused), None


def post(packet: Packet, patience: float) -> Attempt:
    headers = {"Content-Type": packet.content_type, "User-Agent": "Mozilla/4.0"}
    return ask("POST", packet.url, patience, body=packet.body, headers=headers)


def ask(
    method: str,
    url: str,
    patience: float,
    *,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Attempt:
    """One HTTP request that may take `patience` seconds in all, a dripping answer included."""
    started = time.monotonic()
    try:
        status, answer = exchange(method, url, started + patience, body, headers or {})
    except (OSError, HTTPException, ValueError) as error:
        return Attempt(None, time.monotonic() - started, error=reason(error))
    seconds = time.monotonic() - started
    if seconds > patience:
        return Attempt(None, seconds, error=f"no answer within {patience:g} s: cut")
    return Attempt(status, seconds, answer)


def exchange(
    method: str, url: str, deadline: float, body: bytes | None, headers: dict[str, str]
) -> tuple[int, bytes]:
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=left(deadline))
    try:
        connection.request(method, f"{parts.path or '/'}?{parts.query}", body, headers)
        answer = connection.getresponse()
        chunks, length = [], 0
        while chunk := answer.read1(65536):
            chunks.append(chunk)
            length += len(chunk)
            if length > MOST_BYTES:
                raise ValueError("the answer is too long")
            if connection.sock is not None:
                connection.sock.settimeout(left(deadline))
        return answer.status, b"".join(chunks)
    finally:
        connection.close()


def left(deadline: float) -> float:
    return max(deadline - time.monotonic(), 0.001)


def reason(error: Exception) -> str:
    return (
        "no answer in time: cut" if isinstance(error, TimeoutError) else str(error) or repr(error)
    )


def with_query(url: str, query: dict[str, str]) -> str:
    """A callback URL may carry a query of its own."""
    parts = urlsplit(url)
    pairs = [*parse_qsl(parts.query), *query.items()]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(pairs), ""))


def verify(line: CallLine, courier: Courier, patience: float) -> None:
    """The GET with echostr that saving a callback sends; raises CallbackRefused."""
    plaintext = new_word(20)
    echostr = line.cipher.encrypt(plaintext)
    query = line.signed(echostr, courier.clock, courier.faults.take_callbacks(line.via))
    attempt = ask("GET", with_query(line.url, {**query, "echostr": echostr}), patience)
    if attempt.error:
        raise CallbackRefused(f"{line.url}: {attempt.error}")
    if not attempt.ok:
        raise CallbackRefused(f"{line.url}: HTTP {attempt.status}, expected 200")
    if attempt.body != plaintext.encode():
        raise CallbackRefused(
            f"{line.url}: answered {attempt.body[:60]!r}, expected exactly the decrypted echostr"
        )
