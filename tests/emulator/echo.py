"""A tiny real service to be called: an HTTP server, wechatpy crypto, programmable answers.

It uses another crypto than the emulator on purpose, so that the two can disagree.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from xml.etree.ElementTree import Element, SubElement, fromstring, tostring

from wechatpy.exceptions import InvalidSignatureException
from wechatpy.work.crypto import WeChatCrypto
from wechatpy.work.exceptions import InvalidCorpIdException

from emulator.world import World

Answer = Callable[[dict[str, Any]], Any]


@dataclass
class Echo:
    """What was received, and what to do with it: `answer` gives a reply, None or raw bytes."""

    world: World
    answer: Answer = lambda message: None
    #: (app or bot, message) in order of arrival
    heard: list[dict[str, Any]] = field(default_factory=list)
    envelopes: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    #: one HTTP status per request, 200 when the list is empty
    statuses: list[int] = field(default_factory=list)
    #: seconds to wait before each answer, 0 when the list is empty
    delays: list[float] = field(default_factory=list)
    #: called as soon as the last delayed request is here
    last_delayed: Callable[[], None] = lambda: None
    #: how the echostr comes back
    echo: Callable[[bytes], bytes] = lambda plain: plain
    #: changes of the sealed reply, by key
    tamper: dict[str, Any] = field(default_factory=dict)
    url: str = ""

    def __post_init__(self) -> None:
        app, bot = self.world.app, self.world.bot
        self.app_crypto = WeChatCrypto(app.token, app.aes_key, self.world.corp_id)
        self.bot_crypto = WeChatCrypto(bot.token, bot.aes_key, "")

    def next_delay(self) -> float:
        if not self.delays:
            return 0
        delay = self.delays.pop(0)
        if not self.delays:
            self.last_delayed()
        return delay

    def verify(self, via: str, query: dict[str, str]) -> bytes:
        crypto = self.app_crypto if via == "app" else self.bot_crypto
        echostr = query["echostr"]
        plain = crypto.check_signature(
            query["msg_signature"], query["timestamp"], query["nonce"], echostr
        )
        return self.echo(plain if isinstance(plain, bytes) else plain.encode())

    def receive(self, via: str, query: dict[str, str], body: bytes) -> bytes:
        self.envelopes.append(body.decode())
        message = self.open(via, query, body)
        self.heard.append(message)
        reply = self.answer(message)
        if reply is None or isinstance(reply, bytes):
            return reply or b""
        seal = self.seal_app if via == "app" else self.seal_bot
        return seal(reply, message, query["nonce"])

    def open(self, via: str, query: dict[str, str], body: bytes) -> dict[str, Any]:
        crypto = self.app_crypto if via == "app" else self.bot_crypto
        envelope = body if via == "app" else {"Encrypt": json.loads(body)["encrypt"]}
        plain = crypto.decrypt_message(
            envelope, query["msg_signature"], query["timestamp"], query["nonce"]
        )
        return read_xml(plain) if via == "app" else dict(json.loads(plain))

    def seal_app(self, reply: dict[str, Any], message: dict[str, Any], _nonce: str) -> bytes:
        head = {
            "ToUserName": message["FromUserName"],
            "FromUserName": message["ToUserName"],
            "CreateTime": "1767225600",
        }
        plain = write_xml({**head, **reply}).decode()
        sealed = read_xml(self.app_crypto.encrypt_message(plain, "our-nonce", "1767225600"))
        return write_xml({**sealed, **self.tamper})

    def seal_bot(self, reply: dict[str, Any], _message: dict[str, Any], nonce: str) -> bytes:
        plain = json.dumps(reply, ensure_ascii=False)
        sealed = read_xml(self.bot_crypto.encrypt_message(plain, nonce, "1767225600"))
        envelope = {
            "encrypt": sealed["Encrypt"],
            "msgsignature": sealed["MsgSignature"],
            "timestamp": 1767225600,
            "nonce": nonce,
        }
        return json.dumps({**envelope, **self.tamper}).encode()


class Handler(BaseHTTPRequestHandler):
    echo: Echo

    def do_GET(self) -> None:
        self.answer_with(lambda via, query: self.echo.verify(via, query))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer_with(lambda via, query: self.echo.receive(via, query, body))

    def answer_with(self, work: Callable[[str, dict[str, str]], bytes]) -> None:
        parts = urlsplit(self.path)
        via = "bot" if "aibot" in parts.path else "app"
        status = self.echo.statuses.pop(0) if self.echo.statuses else 200
        delay = self.echo.next_delay()
        try:
            body = work(via, dict(parse_qsl(parts.query)))
        except (InvalidSignatureException, InvalidCorpIdException) as error:
            self.echo.refused.append(type(error).__name__)
            status, body = 403, b""
        time.sleep(delay)
        self.send(status, body)

    def send(self, status: int, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the emulator has cut the line: that is the test

    def log_message(self, *_: object) -> None:
        pass


def serve(world: World) -> tuple[Echo, ThreadingHTTPServer]:
    echo = Echo(world)
    handler = type("EchoHandler", (Handler,), {"echo": echo})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    echo.url = f"http://127.0.0.1:{server.server_port}"
    return echo, server


def read_xml(data: str | bytes) -> dict[str, Any]:
    return {child.tag: leaf(child) for child in fromstring(data)}


def leaf(element: Element) -> Any:
    return {one.tag: leaf(one) for one in element} if len(element) else element.text or ""


def write_xml(fields: dict[str, Any]) -> bytes:
    root = Element("xml")
    fill(root, fields)
    return bytes(tostring(root, encoding="utf-8"))


def fill(parent: Element, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            child = SubElement(parent, name)
            if isinstance(one, dict):
                fill(child, one)
            else:
                child.text = str(one)


def text(content: str) -> dict[str, Any]:
    """An app's passive text."""
    return {"MsgType": "text", "Content": content}


def stream(content: str, *, finish: Any = True, **more: Any) -> dict[str, Any]:
    return {
        "msgtype": "stream",
        "stream": {"id": "st-1", "finish": finish, "content": content, **more},
    }


def card(task_id: str | None = "T-1", **more: Any) -> dict[str, Any]:
    """A card with two buttons that both sets of rules accept."""
    return {
        "card_type": "button_interaction",
        "main_title": {"title": "新诉求"},
        "task_id": task_id,
        "button_list": [
            {"text": "接单", "style": 1, "key": "accept"},
            {"text": "上交", "style": 2, "key": "raise"},
        ],
        **more,
    }


def notice(**more: Any) -> dict[str, Any]:
    """A card without anything to tap."""
    return {
        "card_type": "text_notice",
        "main_title": {"title": "已处理"},
        "card_action": {"type": 1, "url": "https://sanzhang.example/1"},
        **more,
    }
