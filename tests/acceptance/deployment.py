"""The real thing: a folder with config.toml, the service as a process, and the command line.

What the service has done is read from its answers, its commands and what arrives at the fake API;
nothing of it is imported but the command line itself.
"""

import copy
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo

import requests
from click.testing import CliRunner
from sqlalchemy import Pool, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from bot.cli import main
from tests.acceptance.callers import AppCaller, BotCaller
from tests.acceptance.fakeapi import CORP, SECRET, FakeApi
from tests.acceptance.town import CHAT_ONE, CHAT_OPEN, CHAT_TWO, FAQ, write_roster
from tests.acceptance.wire import Seal

CHECKOUT = Path(__file__).resolve().parents[2]
ZONE = ZoneInfo("Asia/Shanghai")
#: Seconds after which something has gone wrong however busy the machine is; nobody waits so long
#: for what works, and a start-up may take many times as long as on a calm machine.
PATIENCE, START_UP = 120.0, 600.0
#: What a command ends with when the database is not free in time.
BUSY = "WriteBusy"
NUMBER = re.compile(r"SZ-\d{8}-\d{4,6}")
T = TypeVar("T")

APP_SEAL = Seal("AppToken2026", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP0", CORP)
BOT_SEAL = Seal("BotToken2026", "ZYXWVUTSRQPONMLKJIHGFEDCBAzyxwvutsrqponmlkl", "")

CONFIG = """\
[service]
name = "测试三长"
database_url = "{database}"
listen = "127.0.0.1:{port}"
[wecom]
corp_id = "{corp}"
api_base = "{api}"
[wecom.app]
agent_id = 1000002
secret = "{secret}"
token = "{app.token}"
encoding_aes_key = "{app.encoding_aes_key}"
[wecom.aibot]
name = "测试助手"
token = "{bot.token}"
encoding_aes_key = "{bot.encoding_aes_key}"
[[wecom.webhook]]
unit = "河口村/一片"
key = "hook-one"
chat_id = "{one}"
[[wecom.webhook]]
unit = "东山镇/河口村/二片"
key = "hook-two"
chat_id = "{two}"
[[wecom.webhook]]
unit = "河口村/二片/乙组"
chat_id = "{open}"
open_replies = true
[faq]
path = "faq.yaml"
[deadlines]
quiet_hours = "{quiet}"
"""


class Deployment:
    """One folder, one service."""

    def __init__(
        self,
        home: Path,
        api: FakeApi,
        quiet: str = "22:00-07:30",
        database: str = "sqlite:///var/test.db",
    ) -> None:
        self.home = home
        self.api = api
        self.port = _free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.log_file = home / "serve.log"
        self.config_file = home / "config.toml"
        config = CONFIG.format(
            database=database,
            port=self.port,
            corp=CORP,
            api=api.url,
            secret=SECRET,
            app=APP_SEAL,
            bot=BOT_SEAL,
            one=CHAT_ONE,
            two=CHAT_TWO,
            open=CHAT_OPEN,
            quiet=quiet,
        )
        self.config_file.write_text(config, "utf-8")
        (home / "faq.yaml").write_text(FAQ, "utf-8")
        write_roster(home / "roster.csv")
        self._connect()

    def _connect(self) -> None:
        self.app = AppCaller(f"{self.url}/wecom/app", APP_SEAL)
        self.bot = BotCaller(f"{self.url}/wecom/aibot", BOT_SEAL)

    def beside(self) -> "Deployment":
        """Another process of the same service: same folder and database, on a port of its own."""
        twin = copy.copy(self)
        twin.process, twin.port = None, _free_port()
        twin.log_file = self.home / f"serve-{twin.port}.log"
        twin.config_file = self.home / f"config-{twin.port}.toml"
        config = self.config_file.read_text("utf-8")
        twin.config_file.write_text(config.replace(f":{self.port}", f":{twin.port}"), "utf-8")
        twin._connect()
        return twin

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cli(self, *args: str, status: int = 0) -> str:
        """One command as an admin types it; what it printed.

        Without a process of its own, which would cost a second each time; its connections end
        with it all the same.
        """
        command = [*args, "--config", str(self.config_file)]
        with _connections_end():
            done = CliRunner().invoke(main, command)
            while type(done.exception).__name__ == BUSY:
                done = CliRunner().invoke(main, command)
        assert done.exit_code == status, done.output + repr(done.exception)
        return done.stdout if status == 0 else done.output

    def start(self) -> Self:
        self.launch()
        return self.awaited()

    def launch(self) -> None:
        """Only start the process; its port is there before the service is."""
        command = [sys.executable, "-m", "bot", "serve", "--config", str(self.config_file)]
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=CHECKOUT, stdout=log, stderr=log)

    def awaited(self) -> Self:
        """Once the service answers; as long as its process lives, it may still come."""
        eventually(self._answers, START_UP)
        return self

    def stop(self) -> int:
        """SIGTERM, as systemd does it; the exit status."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9: no chance to tidy up."""
        self._end(signal.SIGKILL)

    def tick(self, at: datetime | None = None) -> str:
        return self.cli("tick", *(["--at", at.isoformat()] if at else []))

    def issues(self) -> list[dict[str, Any]]:
        return list(json.loads(self.cli("issues", "list", "--state", "all", "--json")))

    def show(self, number: str) -> dict[str, Any]:
        return dict(json.loads(self.cli("issues", "show", number, "--json")))

    def metric(self, name: str) -> float:
        """One sample of /metrics, 0 when it is not there."""
        lines = requests.get(f"{self.url}/metrics", timeout=PATIENCE).text.splitlines()
        return next((float(ln.rpartition(" ")[2]) for ln in lines if ln.startswith(name)), 0.0)

    def stored(self) -> tuple[float, float, float]:
        """How many messages, issues and notices are in the database."""
        lines = requests.get(f"{self.url}/metrics", timeout=PATIENCE).text.splitlines()
        rows = [line for line in lines if line.startswith("sanzhang_rows{")]
        inbox, issue, outbox = (
            sum(float(r.rpartition(" ")[2]) for r in rows if f'table="{table}"' in r)
            for table in ("inbox", "issue", "outbox")
        )
        return inbox, issue, outbox

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log
        try:
            answer = requests.get(f"{self.url}/healthz", timeout=1)
        except (requests.ConnectionError, requests.Timeout):
            return False
        return "starting" not in answer.json()

    def _end(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        status = self.process.wait(PATIENCE)
        self.process = None
        return status


def sanzhang_in_turn(*args: str) -> subprocess.CompletedProcess[str]:
    """The command line as a process; again, as cron does it, while others keep the database."""
    done = sanzhang(*args)
    while done.returncode and BUSY in done.stderr:
        done = sanzhang(*args)
    return done


def sanzhang(*args: str) -> subprocess.CompletedProcess[str]:
    """The command line as a process."""
    command = [sys.executable, "-m", "bot", *args]
    return subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, timeout=START_UP, check=False
    )


@contextmanager
def _connections_end() -> Iterator[None]:
    """What is connected to a database in here is cut off at the end, as by the end of a process."""
    opened: list[DBAPIConnection] = []

    def note(connection: DBAPIConnection, _record: object) -> None:
        opened.append(connection)

    event.listen(Pool, "connect", note)
    try:
        yield
    finally:
        event.remove(Pool, "connect", note)
        for connection in opened:
            connection.close()


def number_in(text: str) -> str:
    """The issue's number that a text names."""
    found = NUMBER.search(text)
    assert found, text
    return found[0]


def short(number: str) -> str:
    return number.rpartition("-")[2]


def eventually(look: Callable[[], T], seconds: float = PATIENCE) -> T:
    """What ``look`` gives as soon as it is something; the last try's answer decides."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert found
    return found


def _free_port() -> int:
    """A port that the system gives to nobody by itself, so that it is still free at the start."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port below those that the system gives away")


#: Below the range for outgoing connections (net.ipv4.ip_local_port_range); another part of it for
#: every process that runs tests.
_PORTS = iter(range(10_000 + os.getpid() * 97 % 20_000, 32_000))
