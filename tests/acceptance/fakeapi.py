"""A small fake of the WeCom API: records what the service sends and fails on demand.

Every answer is HTTP 200 with an errcode, as the real one does it.
"""

import json
import threading
import time
from collections import defaultdict, deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SECRET = "acceptance-secret"
CORP = "wwacceptance01"


class FakeApi:
    """The corp's side: tokens, members who are gone, media, and everything that was delivered."""

    def __init__(self) -> None:
        self.members: list[dict[str, Any]] = []
        self.boards: list[dict[str, Any]] = []
        self.calls: list[str] = []
        self.gone: set[str] = set()
        self.media: dict[str, tuple[bytes, str]] = {}
        self.links: dict[str, bytes] = {}
        self.faults: defaultdict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self.tokens: set[str] = set()
        self.lock = threading.Lock()
        self._seen: set[str] = set()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Listen, after the first time on the same port again."""
        handler = type("Handler", (_Handler,), {"api": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        """Connections are refused from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def fail(self, call: str, errcode: int, times: int = 1) -> None:
        """The next answers to ``call`` are this errcode."""
        self.faults[call].extend([{"errcode": errcode, "errmsg": "on demand"}] * times)

    def told(self, userid: str, *needles: str) -> list[str]:
        """What a member received, as text, of which all ``needles`` are a part."""
        with self.lock:
            mine = [one for one in self.members if one["touser"] == userid]
        return [text for text in map(spoken, mine) if all(n in text for n in needles)]

    def cards(self, userid: str, *needles: str) -> list[dict[str, Any]]:
        """The cards among what a member received."""
        with self.lock:
            mine = [one for one in self.members if one["touser"] == userid]
        found = [one["template_card"] for one in mine if one["msgtype"] == "template_card"]
        return [c for c in found if all(n in json.dumps(c, ensure_ascii=False) for n in needles)]

    def forget(self) -> None:
        """Start counting anew."""
        with self.lock:
            self.members.clear()
            self.boards.clear()
            self.calls.clear()

    # --- what the handler calls ---

    def gettoken(self, query: dict[str, str]) -> dict[str, Any]:
        if query.get("corpid") != CORP:
            return _error(40013)
        if query.get("corpsecret") != SECRET:
            return _error(40001)
        token = f"token-{len(self.tokens)}-{time.monotonic_ns()}"
        self.tokens.add(token)
        return {"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200}

    def send(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if query.get("access_token") not in self.tokens:
            return _error(40014)
        if body["touser"] in self.gone:
            return _error(81013)
        again = json.dumps(body, sort_keys=True)
        with self.lock:
            if not (body.get("enable_duplicate_check") and again in self._seen):
                self.members.append(body)
            self._seen.add(again)
        answer = {"errcode": 0, "errmsg": "ok", "invaliduser": "", "msgid": f"m{time.time_ns()}"}
        return answer | {"response_code": f"rc{time.time_ns()}"}

    def board(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        if not query.get("key", "").startswith("hook-"):
            return _error(93000)
        with self.lock:
            self.boards.append({"key": query["key"], **body})
        return {"errcode": 0, "errmsg": "ok"}


class _Handler(BaseHTTPRequestHandler):
    api: FakeApi

    def do_GET(self) -> None:
        path, query = self._asked()
        call = path.removeprefix("/cgi-bin/")
        fault = self._fault(call)
        if fault:
            self._json(fault)
        elif call == "gettoken":
            self._json(self.api.gettoken(query))
        elif call == "media/get" and query.get("access_token") not in self.api.tokens:
            self._json(_error(40014))
        elif call == "media/get" and query.get("media_id") in self.api.media:
            self._bytes(*self.api.media[query["media_id"]])
        elif call == "media/get":
            self._json(_error(40007))
        elif path in self.api.links:
            self._bytes(self.api.links[path], "application/octet-stream")
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        path, query = self._asked()
        call = path.removeprefix("/cgi-bin/")
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fault = self._fault(call)
        if fault:
            self._json(fault)
        elif call == "message/send":
            self._json(self.api.send(query, body))
        elif call == "webhook/send":
            self._json(self.api.board(query, body))
        else:
            self.send_error(404)

    def log_message(self, *_: Any) -> None:
        """Silence."""

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with self.api.lock:
            self.api.calls.append(parts.path.removeprefix("/cgi-bin/"))
        return parts.path, query

    def _fault(self, call: str) -> dict[str, Any] | None:
        with self.api.lock:
            waiting = self.api.faults[call]
            return waiting.popleft() if waiting else None

    def _json(self, answer: dict[str, Any]) -> None:
        self._bytes(json.dumps(answer).encode(), "application/json; charset=UTF-8")

    def _bytes(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def spoken(body: dict[str, Any]) -> str:
    """A message as the text on a phone."""
    if body["msgtype"] == "template_card":
        return json.dumps(body["template_card"], ensure_ascii=False)
    return str(body["text"]["content"])


def _error(code: int) -> dict[str, Any]:
    return {"errcode": code, "errmsg": "refused"}
