"""An emulator, a service that answers, and the service's own API client."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from emulator.server import Emulator
from emulator.world import World
from tests.emulator.echo import Echo, serve

#: Long enough for a machine that has other things to do; short where an answer shall come too late.
PATIENCE, SHORT = 60.0, 0.5


class Client:
    """Calls the emulator's API as a service would."""

    def __init__(self, emu: Emulator) -> None:
        self.emu = emu
        self.token = ""

    def get(self, path: str, **query: Any) -> requests.Response:
        return requests.get(f"{self.emu.api_base}/cgi-bin/{path}", params=query, timeout=PATIENCE)

    def login(self) -> dict[str, Any]:
        world = self.emu.world
        answer = self.get("gettoken", corpid=world.corp_id, corpsecret=world.app.secret).json()
        self.token = answer.get("access_token", self.token)
        return dict(answer)

    def ask(self, path: str, **query: Any) -> dict[str, Any]:
        if not self.token:
            self.login()
        return dict(self.get(path, access_token=self.token, **query).json())

    def post(self, path: str, body: Any, **query: Any) -> requests.Response:
        if not self.token:
            self.login()
        query.setdefault("access_token", self.token)
        data = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        url = f"{self.emu.api_base}/cgi-bin/{path}"
        return requests.post(url, params=query, data=data, timeout=PATIENCE)

    def call(self, path: str, body: Any, **query: Any) -> dict[str, Any]:
        return dict(self.post(path, body, **query).json())

    def send(self, touser: str, **content: Any) -> dict[str, Any]:
        """message/send; with a plain text unless told otherwise."""
        content = content or {"msgtype": "text", "text": {"content": "您好"}}
        return self.call("message/send", {"touser": touser, "agentid": 1000002, **content})

    def send_card(self, touser: str, card: dict[str, Any]) -> dict[str, Any]:
        return self.send(touser, msgtype="template_card", template_card=card)

    def hook(self, msgtype: str, part: dict[str, Any], key: str = "hook-qingxi-3") -> int:
        body = {"msgtype": msgtype, msgtype: part}
        return int(self.call("webhook/send", body, key=key)["errcode"])

    def upload(self, kind: str, data: bytes, name: str = "a.png") -> dict[str, Any]:
        if not self.token:
            self.login()
        url = f"{self.emu.api_base}/cgi-bin/media/upload"
        query = {"access_token": self.token, "type": kind}
        return dict(
            requests.post(url, params=query, files={"media": (name, data)}, timeout=PATIENCE).json()
        )


@pytest.fixture
def emu() -> Iterator[Emulator]:
    emulator = Emulator(
        World.small(), answer_seconds=PATIENCE, verify_seconds=PATIENCE, refresh_seconds=0.01
    )
    emulator.clock.freeze()
    with emulator:
        yield emulator


@pytest.fixture
def echo(emu: Emulator) -> Iterator[Echo]:
    """The service behind both callbacks, already connected."""
    service, server = serve(emu.world)
    emu.connect_app(f"{service.url}/wecom/app")
    emu.connect_bot(f"{service.url}/wecom/aibot")
    yield service
    server.shutdown()
    server.server_close()


@pytest.fixture
def client(emu: Emulator) -> Client:
    return Client(emu)


def too_late(emu: Emulator, echo: Echo, times: int = 1) -> None:
    """The next answers come when the emulator has given up; all others have time."""
    courier = emu.corp.courier

    def patient_again() -> None:
        courier.patience = PATIENCE

    courier.patience = SHORT
    echo.delays, echo.last_delayed = [SHORT + 0.2] * times, patient_again
