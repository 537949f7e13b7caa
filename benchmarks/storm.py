"""A storm: a county's water is off and everybody writes at once, to the real `sanzhang serve`.

New messages come at their pace whatever happens; each is cut after five seconds and sent again,
three sendings in all, as WeCom does. Run: python -m benchmarks.storm [SECONDS] [--pace A_SECOND]
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread
from urllib.error import URLError
from urllib.request import urlopen

from sqlalchemy import func, select

from benchmarks import callers
from benchmarks.callers import CUT, SENDINGS, CallResult
from benchmarks.county import take_roster
from benchmarks.figures import Figure, at, show
from benchmarks.service_speed import CONFIG, packet
from people.sample import write_demo, write_shaoshan
from storage import schema
from storage.db import Database
from storage.tables import HouseholdRow, Issue, PersonRow, Resident, UnitRow

#: 1 % of a county's residents in ten minutes (docs/performance.md).
PACE = 23.0
SECONDS = 120
SHORT = 20
#: Most speak of the one matter, some ask something, a few have something else.
WATER = (
    "停水了", "我们组停水了", "家里没水了，什么时候来水", "又停水了，饭都煮不成",
    "自来水停了，老人要喝水", "水龙头没水", "没有水用了，快来看看",
    "从早上停水到现在", "停水了没人管吗", "整个组都停水了",
)  # fmt: skip
QUESTIONS = ("医保什么时候交", "怎么办身份证", "高龄补贴怎么申请", "户口迁移要什么材料")
OTHERS = ("隔壁装修半夜还在打钻，孩子睡不着", "邻居的鸡跑到我菜地里来了", "门口堆了砖，车过不去")
SHARES = ((0.85, WATER), (0.95, QUESTIONS), (1.0, OTHERS))
#: So many 组 have no water: a quarter of the county's.
ZUS = 260


class WeCom(BaseHTTPRequestHandler):
    """Takes what the bot sends and says that it has arrived."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._say({"errcode": 0, "access_token": "t", "expires_in": 7200})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._say({"errcode": 0, "errmsg": "ok", "msgid": "m", "response_code": "c"})

    def _say(self, answer: dict[str, object]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: a line for each message would be part of what is measured."""


def run(seconds: float, pace: float = PACE, *, small: bool = False) -> list[Figure]:
    """The storm on a fresh deployment, and how many were answered within the cut."""
    with tempfile.TemporaryDirectory() as name, _wecom() as api:
        home = Path(name)
        port = _free_port()
        settings = CONFIG.replace("http://127.0.0.1:9", api)
        listen = f'[service]\nlisten = "127.0.0.1:{port}"\n'
        (home / "config.toml").write_text(settings.replace("[service]\n", listen), "utf-8")
        database = Database(f"sqlite:///{home}/bench.db")
        schema.upgrade(database)
        take_roster(database, write_demo if small else write_shaoshan)
        messages = _messages(_in_the_dry(database), int(seconds * pace))
        with _serving(home, port) as log:
            answers = callers.at_pace(port, messages, pace)
        counted = _issues(database)
        database.dispose()
        if not any(answer.status == 200 for answer in answers):
            raise SystemExit(f"nobody was answered:\n{log.read_text()[-2000:]}")
    return _figures(answers, counted)


def _messages(senders: list[str], count: int) -> list[bytes]:
    """Made before, signed now: what the storm costs is the server's alone."""
    dice = Random(7)
    made = []
    for number in range(count):
        roll = dice.random()
        said = dice.choice(next(texts for share, texts in SHARES if roll < share))
        one = packet(number + 1, said, senders[number % len(senders)])
        made.append(callers.request(*one, keep=False))
    return made


def _in_the_dry(database: Database) -> list[str]:
    """One resident of each household of those 组, in no order."""
    lived = select(PersonRow.userid, Resident.household_id, UnitRow.parent_id)
    lived = lived.join(Resident, Resident.person_id == PersonRow.id)
    lived = lived.join(HouseholdRow, HouseholdRow.id == Resident.household_id)
    with database.read() as session:
        rows = session.execute(lived.join(UnitRow, UnitRow.id == HouseholdRow.lin_id)).all()
    zus = sorted({row.parent_id for row in rows})[:ZUS]
    found = sorted({r.household_id: r.userid for r in rows if r.parent_id in zus}.values())
    Random(7).shuffle(found)
    return found


@contextmanager
def _wecom() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), WeCom)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def _serving(home: Path, port: int) -> Iterator[Path]:
    """The real server in a process of its own; gives its log."""
    log = home / "serve.log"
    checkout = Path(__file__).parent.parent
    command = [sys.executable, "-m", "bot", "serve", "--config", str(home / "config.toml")]
    environment = {**os.environ, "PYTHONPATH": str(checkout)}
    with log.open("wb") as out:
        server = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
        try:
            _wait(port, server)
            yield log
        finally:
            server.terminate()
            server.wait(60)


def _wait(port: int, server: "subprocess.Popen[bytes]") -> None:
    while server.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def _issues(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(Issue)) or 0


def _figures(answers: list[CallResult], issues: int) -> list[Figure]:
    good = [answer for answer in answers if answer.status == 200]
    spoke = sum(answer.spoke for answer in good)
    share = len(good) / len(answers)
    first = sum(answer.sendings == 1 for answer in good)
    p99, most = (at([answer.seconds for answer in good], q) for q in (0.99, 1.0))
    said = f"{len(answers)} messages, {first} at the first sending, {spoke} with words"
    return [
        Figure(f"answered within {CUT:.0f} s, {SENDINGS} sendings", f"{share:.1%}", said, "100 %"),
        Figure("first sending to answer, p99", f"{p99:.1f} s", f"longest {most:.1f} s", "≤ 2 s"),
        Figure("issues that came of it", f"{issues}"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seconds", nargs="?", type=float, default=SECONDS)
    parser.add_argument("--short", action="store_true", help=f"{SHORT} seconds")
    parser.add_argument("--pace", type=float, default=PACE, help="new messages a second")
    parser.add_argument("--small", action="store_true", help="the demo's roster")
    asked = parser.parse_args()
    seconds = SHORT if asked.short else asked.seconds
    title = f"{asked.pace:.0f} messages a second for {seconds:.0f} s"
    show(title, run(seconds, asked.pace, small=asked.small))


if __name__ == "__main__":
    main()
