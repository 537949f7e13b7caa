"""The two sides of WeCom that call the service: the app's XML and the aibot's JSON callbacks.

Each call signs, encrypts and posts like WeCom; ``Said`` is the decrypted and checked answer.
"""

import json
import time
from dataclasses import dataclass
from itertools import count
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import requests

from tests.acceptance.wire import Seal

#: Seconds that a caller waits: far more than WeCom's five, for machines with other things to do.
PATIENCE = 120.0
_NUMBERS = count(time.time_ns())


@dataclass(frozen=True)
class Said:
    """An HTTP answer; ``fields`` of its plaintext, flat for XML."""

    status: int
    body: bytes
    envelope: dict[str, Any]
    fields: dict[str, Any]
    plain: str = ""

    @property
    def text(self) -> str:
        """The words that the sender reads at once."""
        if "stream" in self.fields:
            return str(self.fields["stream"]["content"])
        if self.fields.get("msgtype") == "text":
            return str(self.fields["text"]["content"])
        return str(self.fields.get("Content", ""))


class Caller:
    """What both kinds share: the query and its signature."""

    #: what time it is for whoever moves the clock; 0: what it really is
    stamp = 0
    #: how often a message is sent while the answer is 503: it is WeCom's way, with more patience
    sendings = 60

    def __init__(self, url: str, seal: Seal) -> None:
        self.url = url
        self.seal = seal

    def query(self, encrypted: str, **over: str) -> dict[str, str]:
        """A good query over ``encrypted``; ``over`` replaces parts of it."""
        stamp = {
            "timestamp": over.pop("timestamp", str(self.stamp or int(time.time()))),
            "nonce": over.pop("nonce", str(next(_NUMBERS))),
        }
        signature = self.seal.sign(encrypted, *stamp.values())
        return {"msg_signature": signature, **stamp, **over}

    def verify(self, plain: str = "8746523917", **over: str) -> requests.Response:
        """The URL verification."""
        echo = self.seal.encrypt(plain)
        query = self.query(echo, **over)
        return requests.get(self.url, params={**query, "echostr": echo}, timeout=PATIENCE)

    def post(self, query: dict[str, str], body: Any, headers: dict[str, str]) -> requests.Response:
        """The answer to a request, sent again with the same words while the service is busy."""
        for _ in range(self.sendings):
            answer = requests.post(
                self.url, params=query, data=body, headers=headers, timeout=PATIENCE
            )
            if answer.status_code != 503:
                break
            time.sleep(0.5)
        return answer


class AppCaller(Caller):
    """The app's callback."""

    def post_plain(self, plain: str | bytes, **over: str) -> Said:
        """Send any plaintext; ``receive_id`` and parts of the query may be replaced."""
        encrypted = self.seal.encrypt(plain, over.pop("receive_id", None))
        return self.post_encrypted(encrypted, **over)

    def post_encrypted(self, encrypted: str, **over: str) -> Said:
        body = (
            f"<xml><ToUserName><![CDATA[{self.seal.receive_id}]]></ToUserName>"
            f"<AgentID><![CDATA[1000002]]></AgentID><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
        )
        return self.post_body(body.encode(), self.query(encrypted, **over))

    def post_body(self, body: Any, query: dict[str, str], **headers: str) -> Said:
        answer = self.post(query, body, headers)
        if answer.status_code != 200 or not answer.content:
            return Said(answer.status_code, answer.content, {}, {})
        envelope = _flat(answer.text)
        sealed = (envelope["TimeStamp"], envelope["Nonce"], envelope["Encrypt"])
        assert envelope["MsgSignature"] == self.seal.sign(*sealed)
        plain = self.seal.decrypt(envelope["Encrypt"])
        return Said(answer.status_code, answer.content, envelope, _flat(plain), plain)

    def message(self, userid: str, kind: str, msgid: str = "", at: int = 0, **fields: str) -> Said:
        """One message of a member; the same ``msgid`` and ``at`` make it a re-send."""
        extra = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in fields.items())
        return self.post_plain(
            self._head(userid, at)
            + f"<MsgType>{kind}</MsgType>{extra}<MsgId>{msgid or next(_NUMBERS)}</MsgId>"
            + "<AgentID>1000002</AgentID></xml>"
        )

    def text(self, userid: str, content: str, **over: Any) -> Said:
        return self.message(userid, "text", Content=content, **over)

    def event(self, userid: str, name: str, at: int = 0, extra: str = "", key: str = "") -> Said:
        return self.post_plain(
            self._head(userid, at)
            + f"<MsgType>event</MsgType><Event>{name}</Event><EventKey>{key}</EventKey>{extra}"
            + "<AgentID>1000002</AgentID></xml>"
        )

    def click(self, userid: str, card: dict[str, Any], key: str, at: int = 0) -> Said:
        """Tap a button of a card that the service has sent."""
        assert key in [button["key"] for button in card["button_list"]]
        extra = (
            f"<TaskId>{card['task_id']}</TaskId><CardType>button_interaction</CardType>"
            "<ResponseCode>rc</ResponseCode>"
        )
        return self.event(userid, "template_card_event", at, extra, key)

    def _head(self, userid: str, at: int) -> str:
        return (
            f"<xml><ToUserName>{self.seal.receive_id}</ToUserName>"
            f"<FromUserName>{userid}</FromUserName>"
            f"<CreateTime>{at or int(time.time())}</CreateTime>"
        )


class BotCaller(Caller):
    """The aibot's callback."""

    def post_plain(self, plain: str | bytes, **over: str) -> Said:
        encrypted = self.seal.encrypt(plain, over.pop("receive_id", None))
        return self.post_encrypted(encrypted, **over)

    def post_encrypted(self, encrypted: Any, **over: str) -> Said:
        query = self.query(str(encrypted), **over)
        return self.post_body(json.dumps({"encrypt": encrypted}).encode(), query)

    def post_body(self, body: Any, query: dict[str, str], **headers: str) -> Said:
        answer = self.post(query, body, headers)
        if answer.status_code != 200 or not answer.content:
            return Said(answer.status_code, answer.content, {}, {})
        envelope = answer.json()
        sealed = (str(envelope["timestamp"]), envelope["nonce"], envelope["encrypt"])
        assert envelope["msgsignature"] == self.seal.sign(*sealed)
        assert envelope["nonce"] == query["nonce"]
        plain = self.seal.decrypt(envelope["encrypt"])
        return Said(answer.status_code, answer.content, envelope, json.loads(plain), plain)

    def message(
        self, userid: str, part: dict[str, Any], chat: str = "", msgid: str = "", **more: Any
    ) -> Said:
        """One message; ``part`` is {"text": {...}} or another type's object."""
        body = {
            "msgid": msgid or f"m{next(_NUMBERS)}",
            "aibotid": "aib-1",
            **({"chatid": chat, "chattype": "group"} if chat else {"chattype": "single"}),
            "from": {"userid": userid},
            "response_url": "http://127.0.0.1:9/never",
            "msgtype": next(iter(part)),
            **part,
            **more,
        }
        return self.post_plain(json.dumps(body))

    def text(self, userid: str, content: str, chat: str = "", **over: Any) -> Said:
        """In a chat the words carry the @-mention, as WeCom delivers them."""
        said = f"@测试助手 {content}" if chat else content
        return self.message(userid, {"text": {"content": said}}, chat, **over)

    def event(self, userid: str, name: str, payload: dict[str, Any] | None = None) -> Said:
        body = {
            "msgid": f"e{next(_NUMBERS)}",
            "create_time": int(time.time()),
            "aibotid": "aib-1",
            "from": {"userid": userid},
            "msgtype": "event",
            "event": {"eventtype": name, name: payload or {}},
        }
        return self.post_plain(json.dumps(body, ensure_ascii=False))


def _flat(text: str) -> dict[str, str]:
    return {child.tag: child.text or "" for child in ElementTree.fromstring(text)}
