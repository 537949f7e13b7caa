"""Things that are handed out and run out: access tokens, one-use codes, counts per minute.

Each asks for the emulated time; none knows what it is used for.
"""

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from emulator.cipher import new_word
from emulator.clock import FakeClock
from emulator.errcodes import OWN_CHOICE, Refusal

TOKEN_SECONDS = 7200


@dataclass
class Token:
    text: str
    expires_at: datetime
    dead_code: int = 0


class Tokens:
    """access_token of the one app: the same one as long as it lives."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._known: dict[str, Token] = {}
        self._current: Token | None = None

    def hand_out(self) -> Token:
        token, now = self._current, self._clock.now()
        if token is None or token.dead_code or now >= token.expires_at:
            token = Token(new_word(64), now + timedelta(seconds=TOKEN_SECONDS))
            self._known[token.text] = self._current = token
        return token

    def check(self, text: str) -> None:
        if not text:
            raise Refusal(41001)
        token = self._known.get(text)
        if token is None:
            raise Refusal(40014)
        if token.dead_code:
            raise Refusal(token.dead_code)
        if self._clock.now() >= token.expires_at:
            raise Refusal(42001)

    def kill(self, errcode: int) -> None:
        for token in self._known.values():
            token.dead_code = errcode


@dataclass
class Ticket:
    """A code for one use: the response_code of a card or the one inside a response_url."""

    code: str
    expires_at: datetime
    subject: dict[str, Any]
    used: bool = False


class Tickets:
    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._known: dict[str, Ticket] = {}

    def issue(self, lifetime: timedelta, **subject: Any) -> str:
        ticket = Ticket("RC" + new_word(30), self._clock.now() + lifetime, subject)
        self._known[ticket.code] = ticket
        return ticket.code

    def check(self, code: Any) -> Ticket:
        """Does not spend it: a call that is refused for another reason may be tried again."""
        ticket = self._known.get(str(code))
        if ticket is None:
            raise Refusal(40058, f"unknown response_code {OWN_CHOICE}")
        if ticket.used:
            raise Refusal(40058, f"response_code has been used {OWN_CHOICE}")
        if self._clock.now() >= ticket.expires_at:
            raise Refusal(40058, f"response_code has expired {OWN_CHOICE}")
        return ticket


class Windows:
    """Sliding windows: how often something happened in the last so many seconds."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self._hits: dict[object, deque[datetime]] = defaultdict(deque)

    def hit(self, key: object, limits: dict[int, int]) -> bool:
        """Count one, unless that would break a limit {seconds: most}; then say False."""
        now = self._clock.now()
        hits = self._hits[key]
        oldest = now - timedelta(seconds=max(limits))
        while hits and (hits[0] <= oldest or hits[0] > now):
            hits.popleft()
        if any(self._count(hits, now, span) >= most for span, most in limits.items()):
            return False
        hits.append(now)
        return True

    def _count(self, hits: deque[datetime], now: datetime, span: int) -> int:
        start = now - timedelta(seconds=span)
        return sum(1 for one in hits if start < one <= now)
