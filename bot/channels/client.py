"""The WeCom API client: wechatpy's, with what it lacks (docs/adr/0001-wechatpy-pinned.md).

Base URL and token URL from the configuration, timeouts on every call, one token fetch at a time, at
most one refresh and repeat, and one typed error. What an errcode means is code_meanings.py's table.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, TypeVar

import requests
from requests.exceptions import ProxyError, SSLError
from urllib3.exceptions import NewConnectionError
from wechatpy.exceptions import WeChatClientException
from wechatpy.work import WeChatClient

from bot.channels.code_meanings import ERRCODES, NO_WAY, CodeMeaning
from storage.outbox import SendError

T = TypeVar("T")

#: Seconds to connect and to read: a stalled API must not hold a sender.
TIMEOUT = (3, 10)
#: Seconds that one call takes at the most: a token is fetched (or another thread's fetch is waited
#: for), the call is made, the token turns out to be dead, another one, the call once more.
LONGEST_CALL = 4 * sum(TIMEOUT)
#: A token is fetched anew this long before it runs out.
EARLY = 300
TOKEN_GONE = frozenset({40001, 40014, 42001})
#: Calls that deliver something: without an answer nobody knows whether they have.
DELIVERS = ("message/send", "webhook/send")
LARGEST_MEDIA = 20 * 1024 * 1024
#: An errcode and its message.
LARGEST_ANSWER = 1024 * 1024


class BadPayload(SendError):
    """The platform does not take this message as it is; another form of it may pass."""


class Client(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """One app of one corp."""

    def __init__(self, api_base: str, corp_id: str, secret: str) -> None:
        self.API_BASE_URL = f"{api_base.rstrip('/')}/cgi-bin/"
        super().__init__(corp_id, secret, timeout=TIMEOUT, auto_retry=False)
        self._token = ""
        self._good_until = 0.0
        self._fetching = threading.Lock()
        self._failed: tuple[float, Exception] | None = None

    @property
    def access_token(self) -> str:
        """The token of the moment; one thread fetches, the others wait for it and for no other."""
        asked = monotonic()
        with self._fetching:
            if not self._token or monotonic() > self._good_until:
                self._fetch_for_all(asked)
            return self._token

    def _fetch_for_all(self, asked: float) -> None:
        """With the lock. Whoever has waited for a fetch that failed does not make his own."""
        if self._failed and self._failed[0] > asked:
            raise self._failed[1]
        try:
            self.fetch_access_token()
        except Exception as error:
            self._failed = (monotonic(), error)
            raise

    def fetch_access_token(self) -> dict[str, Any]:
        params = {"corpid": self.corp_id, "corpsecret": self.secret}
        url = f"{self.API_BASE_URL}gettoken"
        answer = self._http.get(url, params=params, timeout=TIMEOUT)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        if found.get("errcode"):
            raise WeChatClientException(found["errcode"], found.get("errmsg"), client=self)
        self._token = found["access_token"]
        self._good_until = monotonic() + max(60, int(found.get("expires_in", 7200)) - EARLY)
        return found

    def call(self, path: str, body: dict[str, Any], *, token: bool = True) -> dict[str, Any]:
        """POST JSON and return the answer; raises SendError for everything that went wrong."""
        with _as_send_error(path):
            if not token:
                return self._post(path, body, "")
            return self._with_token(lambda good: self._post(path, body, good))

    def upload(self, kind: str, name: str, data: bytes) -> str:
        """Upload a temporary file (three days); its media_id. Raises SendError."""
        with _as_send_error("media/upload"):
            return self._with_token(lambda good: self._upload(kind, name, data, good))

    def media(self, media_id: str) -> tuple[bytes, str]:
        """The bytes of a MediaId and their content type; raises SendError."""
        with _as_send_error("media/get"):
            return self._with_token(lambda good: self._media(media_id, good))

    def _with_token(self, act: Callable[[str], T]) -> T:
        """Call with the token of the moment, and once more if that turns out to be dead."""
        used = self.access_token
        try:
            return act(used)
        except WeChatClientException as error:
            if error.errcode not in TOKEN_GONE:
                raise
            return act(self._refreshed(used))

    def _refreshed(self, used: str) -> str:
        asked = monotonic()
        with self._fetching:
            if self._token == used:
                self._fetch_for_all(asked)
            return self._token

    def _media(self, media_id: str, token: str) -> tuple[bytes, str]:
        url = f"{self.API_BASE_URL}media/get"
        data, kind = download(url, {"access_token": token, "media_id": media_id})
        if "json" in kind:
            answer = json.loads(data)
            raise WeChatClientException(answer.get("errcode"), answer.get("errmsg"), client=self)
        return data, kind

    def _upload(self, kind: str, name: str, data: bytes, token: str) -> str:
        params = {"access_token": token, "type": kind}
        answer = self.post("media/upload", params=params, files={"media": (name, data)})
        if not isinstance(answer, dict) or "media_id" not in answer:
            raise ValueError("the answer has no media_id")
        return str(answer["media_id"])

    def _post(self, path: str, body: dict[str, Any], token: str) -> dict[str, Any]:
        answer = self.post(path, data=body, params={"access_token": token} if token else "")
        if not isinstance(answer, dict):
            raise ValueError("the answer is not JSON")
        return answer


@contextmanager
def _as_send_error(path: str) -> Iterator[None]:
    """Everything that goes wrong as SendError; its text goes to logs, so it names no secret."""
    try:
        yield
    except WeChatClientException as error:
        raise send_error(error, path.partition("?")[0]) from error
    except (requests.RequestException, ValueError) as error:
        raise lost(error, path.partition("?")[0]) from error


def send_error(error: WeChatClientException, path: str = "") -> SendError:
    """An errcode as the outbox understands it.

    A block of ``media/upload`` is no block of the messages that have none, and a webhook's limit is
    its own.
    """
    if error.errcode is None:  # an HTTP status
        status = error.response.status_code if error.response is not None else "?"
        return SendError(f"{path}: HTTP {status}", blocks=NO_WAY)
    verdict = ERRCODES.get(error.errcode, CodeMeaning(""))
    kind = BadPayload if verdict.payload else SendError
    everybody = verdict.app or path == "message/send"
    wait = verdict.blocks[0] if verdict.blocks and not everybody else verdict.retry_after
    return kind(
        f"errcode {error.errcode}: {error.errmsg}",
        permanent=verdict.permanent,
        retry_after=wait,
        blocks=verdict.blocks if everybody else (),
    )


def lost(error: requests.RequestException | ValueError, path: str) -> SendError:
    """A call without an answer, or with one that says nothing: the way is shut for everybody."""
    asked = getattr(getattr(error, "request", None), "url", "") or path
    unknown = path in DELIVERS and path in asked and not _never_left(error)
    return SendError(f"{path}: {type(error).__name__}", blocks=NO_WAY, unknown=unknown)


def _never_left(error: Exception) -> bool:
    """Whether there was no connection to send anything over: name, refusal, certificate, proxy."""
    if isinstance(error, requests.ConnectTimeout | SSLError | ProxyError):
        return True
    why = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(why, NewConnectionError)


def download(url: str, params: dict[str, str] | None = None) -> tuple[bytes, str]:
    """Bytes and content type, at most 20 MB and from nowhere else than there; raises SendError."""
    with _asked("download", "GET", url, params=params) as answer:
        return _at_most(answer, LARGEST_MEDIA), answer.headers.get("Content-Type", "")


def post_json(url: str, body: dict[str, Any]) -> dict[str, Any]:
    """POST to an address that carries its own key; the answer's JSON. Raises SendError."""
    data = json.dumps(body, ensure_ascii=False).encode()
    with _asked("response_url", "POST", url, data=data) as answer:
        found = json.loads(_at_most(answer, LARGEST_ANSWER))
    return found if isinstance(found, dict) else {}


@contextmanager
def _asked(what: str, method: str, url: str, **how: Any) -> Iterator[requests.Response]:
    """The answer of an address out of a message (which one may be: addresses.py). Where it points
    to is not gone to, and nobody has looked at that address. Raises SendError."""
    try:
        with requests.request(
            method, url, timeout=TIMEOUT, stream=True, allow_redirects=False, **how
        ) as answer:
            if answer.is_redirect:
                raise SendError(f"{what}: redirected", permanent=True)
            answer.raise_for_status()
            yield answer
    except requests.HTTPError as error:
        status = error.response.status_code
        raise SendError(f"{what}: {status}", permanent=status in (403, 404, 410)) from error
    except (requests.RequestException, ValueError) as error:
        raise SendError(f"{what}: {type(error).__name__}") from error


def _at_most(answer: requests.Response, largest: int) -> bytes:
    """All of it, never more than that in memory."""
    data = bytearray()
    for chunk in answer.iter_content(64 * 1024):
        data += chunk
        if len(data) > largest:
            raise SendError(f"larger than {largest >> 20} MB", permanent=True)
    return bytes(data)
