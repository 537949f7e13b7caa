"""The load generator: a process of its own that sends ready-made requests over plain sockets.

Standard library only and one thread, so that it takes as little as possible from the cores that it
shares with the server. What is sent is made before; what comes back is only timed and looked at.
"""

import heapq
import pickle
import selectors
import socket
import subprocess
import sys
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

#: WeCom's own numbers: an answer within five seconds, else cut and sent again, three sendings.
CUT = 5.0
SENDINGS = 3
#: After a refusal the next sending comes this much later (WeCom does not say; a second is short).
AGAIN = 1.0


class CallResult(NamedTuple):
    """What became of one message: the status of the last answer (0: none in time), the seconds
    from the first sending to it and from the last one, sendings, and whether it said anything."""

    status: int
    seconds: float
    last: float
    sendings: int
    spoke: bool


@dataclass
class CallerConnection:
    """One connection and what is under way on it."""

    request: int
    sent: float
    first: float
    sendings: int = 1
    got: bytearray = field(default_factory=bytearray)
    share: deque[int] = field(default_factory=deque)


def request(path: str, body: bytes, keep: bool = True) -> bytes:
    """A POST as it goes over the line."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: {'keep-alive' if keep else 'close'}\r\n\r\n".encode() + body


def in_flight(port: int, requests: list[bytes], clients: int) -> tuple[float, list[CallResult]]:
    """All requests over so many connections, each sending when its answer has come; the rate a
    second and the answers."""
    rate, answers = _outside("closed", port, requests, clients)
    return rate, [CallResult(*one) for one in answers]


def at_pace(port: int, requests: list[bytes], a_second: float) -> list[CallResult]:
    """So many new messages a second whatever happens, each sent and sent again as WeCom does."""
    return [CallResult(*one) for one in _outside("paced", port, requests, a_second)]


def _outside(kind: str, *given: Any) -> Any:
    done = subprocess.run(
        [sys.executable, "-S", str(Path(__file__)), kind],
        input=pickle.dumps(given),
        stdout=subprocess.PIPE,
        check=True,
    )
    return pickle.loads(done.stdout)


def _closed(
    port: int, requests: list[bytes], clients: int
) -> tuple[float, list[tuple[int, float, float, int, bool]]]:
    answers: list[tuple[int, float, float, int, bool]] = []
    with selectors.DefaultSelector() as waiting:
        start = perf_counter()
        for n in range(min(clients, len(requests))):
            line = socket.create_connection(("127.0.0.1", port), 30)
            share = deque(range(n, len(requests), clients))
            _send(waiting, line, requests, CallerConnection(0, 0.0, 0.0, share=share))
        while waiting.get_map():
            for key, _ in waiting.select():
                whole = _read(key.fileobj, key.data)  # type: ignore[arg-type]
                if whole is None:
                    continue
                spent = perf_counter() - key.data.sent
                answers.append((whole[0], spent, spent, 1, whole[1]))
                waiting.unregister(key.fileobj)
                _send(waiting, key.fileobj, requests, key.data)  # type: ignore[arg-type]
        return len(requests) / (perf_counter() - start), answers


def _send(
    waiting: selectors.BaseSelector,
    line: socket.socket,
    requests: list[bytes],
    data: CallerConnection,
) -> None:
    """The next request of this connection, if there is one."""
    if not data.share:
        line.close()
        return
    data.request, data.got, data.sent = data.share.popleft(), bytearray(), perf_counter()
    line.sendall(requests[data.request])
    waiting.register(line, selectors.EVENT_READ, data)


def _read(line: socket.socket, data: CallerConnection) -> tuple[int, bool] | None:
    """Status and whether there is a body, once all is there; status 0 when the line was closed."""
    part = line.recv(65536)
    data.got += part
    head, found, body = bytes(data.got).partition(b"\r\n\r\n")
    if not found:
        return None if part else (0, False)
    _, _, after = head.lower().partition(b"content-length:")
    length = int(after.split(b"\r\n")[0] or 0)
    if len(body) < length and part:
        return None
    return int(head.split(b" ", 2)[1]), length > 0


class _Pace:
    """Messages that come whether or not the last ones are answered."""

    def __init__(self, port: int, requests: list[bytes], a_second: float) -> None:
        self.port, self.requests = port, requests
        self.answers: list[tuple[int, float, float, int, bool] | None] = [None] * len(requests)
        self.waiting = selectors.DefaultSelector()
        self.start = perf_counter() + 0.2
        #: (when, message, sending, first sent)
        self.due = [(self.start + n / a_second, n, 1, 0.0) for n in range(len(requests))]
        self.left = len(requests)

    def run(self) -> list[tuple[int, float, float, int, bool] | None]:
        while self.left:
            now = perf_counter()
            while self.due and self.due[0][0] <= now:
                self._send(*heapq.heappop(self.due)[1:])
            for key, _ in self.waiting.select(self._patience(now)):
                whole = self._looked(key.fileobj, key.data)
                if whole is not None:
                    self._ended(key.fileobj, key.data, *whole)
            self._cut()
        return self.answers

    def _patience(self, now: float) -> float:
        return max(0.0, min(0.05, self.due[0][0] - now)) if self.due else 0.05

    def _send(self, message: int, sending: int, first: float) -> None:
        line, now = socket.socket(), perf_counter()
        line.setblocking(False)
        line.connect_ex(("127.0.0.1", self.port))
        data = CallerConnection(message, now, first or now, sending)
        self.waiting.register(line, selectors.EVENT_WRITE, data)

    def _looked(self, line: Any, data: CallerConnection) -> tuple[int, bool] | None:
        try:
            if self.waiting.get_key(line).events == selectors.EVENT_WRITE:
                line.sendall(self.requests[data.request])
                self.waiting.modify(line, selectors.EVENT_READ, data)
                return None
            return _read(line, data)
        except OSError:
            return 0, False

    def _ended(self, line: Any, data: CallerConnection, status: int, spoke: bool) -> None:
        self.waiting.unregister(line)
        line.close()
        now = perf_counter()
        if status == 200 or data.sendings == SENDINGS:
            spent = (now - data.first, now - data.sent)
            self.answers[data.request] = (status, *spent, data.sendings, spoke)
            self.left -= 1
            return
        cut = now - data.sent >= CUT
        when = now if cut else now + AGAIN
        heapq.heappush(self.due, (when, data.request, data.sendings + 1, data.first))

    def _cut(self) -> None:
        now = perf_counter()
        late = [k for k in self.waiting.get_map().values() if now - k.data.sent >= CUT]
        for key in late:
            self._ended(key.fileobj, key.data, 0, False)


def _main() -> None:
    given = pickle.loads(sys.stdin.buffer.read())
    found = _closed(*given) if sys.argv[1] == "closed" else _Pace(*given).run()
    sys.stdout.buffer.write(pickle.dumps(found))


if __name__ == "__main__":
    _main()
