"""Things that go wrong on purpose: a queue of faults per API path and per callback channel.

This file only keeps the queues; api.py and callbacks.py take from them and act.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock

#: What may happen to a call of the service.
#: lost = the call is carried out, but its answer is replaced by this HTTP status.
API_KINDS = ("errcode", "status", "delay", "garbage", "lost")

#: What may happen to a callback. hold = it arrives after the next one; skew = seconds added to
#: its timestamp; drop = it is never sent; duplicate = it is sent so many times more.
CALLBACK_KINDS = (
    "duplicate",
    "forged_signature",
    "empty_agent_id",
    "wrong_receive_id",
    "delay",
    "hold",
    "skew",
    "drop",
)


@dataclass
class Fault:
    target: str
    kind: str
    value: float = 1
    times: int = 1
    until: datetime | None = None

    def fits(self, target: str) -> bool:
        return self.target in (target, "*")

    def over(self, now: datetime) -> bool:
        return self.times <= 0 if self.until is None else now >= self.until


class FaultBook:
    """`api` and `callback` put faults in, `take_…` hands out the next one that fits."""

    def __init__(self, now: Callable[[], datetime], kill_tokens: Callable[[int], None]) -> None:
        self._now = now
        self._kill_tokens = kill_tokens
        self._lock = RLock()
        self._api: list[Fault] = []
        self._callback: list[Fault] = []

    def api(self, path: str, *, times: int = 1, seconds: float = 0, **what: float) -> Fault:
        """`api("message/send", errcode=45009, times=2)`; with `seconds`, every call until then.

        `what` is one of errcode=, status=, delay=, garbage=1, lost=; path "*" fits every call.
        """
        kind, value = one_kind(what, API_KINDS)
        fault = Fault(path.removeprefix("/cgi-bin/"), kind, value, times, self._end(seconds))
        return self._put(self._api, fault)

    def callback(self, kind: str, *, via: str = "*", times: int = 1, value: float = 1) -> Fault:
        """`callback("duplicate")`, `callback("skew", value=-7200)`; via is "app", "bot" or "*"."""
        if kind not in CALLBACK_KINDS:
            raise ValueError(f"a callback fault is one of {', '.join(CALLBACK_KINDS)}")
        return self._put(self._callback, Fault(via, kind, value, times))

    def invalidate_tokens(self, errcode: int = 40014) -> None:
        """Every token handed out so far dies now; calls with it hear `errcode`."""
        self._kill_tokens(errcode)

    def take_api(self, path: str) -> Fault | None:
        return self._take(self._api, path)

    def take_callbacks(self, via: str) -> dict[str, float]:
        """All callback faults that fit: a packet may be both delayed and doubled."""
        taken: dict[str, float] = {}
        while fault := self._take(self._callback, via, skip=taken):
            taken[fault.kind] = fault.value
        return taken

    def pending(self) -> list[Fault]:
        with self._lock:
            return [one for one in self._api + self._callback if not one.over(self._now())]

    def clear(self) -> None:
        with self._lock:
            self._api.clear()
            self._callback.clear()

    def _put(self, queue: list[Fault], fault: Fault) -> Fault:
        with self._lock:
            queue.append(fault)
        return fault

    def _take(
        self, queue: list[Fault], target: str, skip: dict[str, float] | None = None
    ) -> Fault | None:
        with self._lock:
            queue[:] = [one for one in queue if not one.over(self._now())]
            fits = (one for one in queue if one.fits(target) and one.kind not in (skip or ()))
            fault = next(fits, None)
            if fault is not None and fault.until is None:
                fault.times -= 1
            return fault

    def _end(self, seconds: float) -> datetime | None:
        return self._now() + timedelta(seconds=seconds) if seconds else None


def one_kind(what: dict[str, float], kinds: tuple[str, ...]) -> tuple[str, float]:
    if len(what) != 1 or (kind := next(iter(what))) not in kinds:
        raise ValueError(f"an API fault is one of {', '.join(kinds)}")
    return kind, what[kind]
