"""What a callback costs, as a ratio to ceilings measured in the same run.

FAQ answers and new issues end to end over HTTP on the shipped server, beside the same server saying
"ok", and beside bare sqlite3 committing one row at a time. Run: python -m benchmarks.service
"""

import csv
import http.client
import logging
import multiprocessing
import sqlite3
import statistics
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from time import perf_counter

from flask import Flask
from rich.progress import track

from bot import web
from bot.channels.crypto import Envelope
from bot.config import load
from bot.server import in_background
from bot.service import Service
from people.roster import apply, plan, read_roster

ROUNDS = 3
CLIENTS = 32
REQUESTS = 640
CORP, TOKEN, KEY = "wwbench", "benchToken", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
CONFIG = f"""
[service]
database_url = "sqlite:///bench.db"
[wecom]
corp_id = "{CORP}"
api_base = "http://127.0.0.1:9"
[wecom.app]
agent_id = 1
secret = "bench"
token = "{TOKEN}"
encoding_aes_key = "{KEY}"
"""
Packet = tuple[str, bytes]


ROSTER = Path(__file__).parent.parent / "samples" / "demo-roster.csv"


def residents() -> list[str]:
    """The residents of the demo roster, who take turns."""
    with ROSTER.open(encoding="utf-8-sig", newline="") as file:
        return [row["账号"] for row in csv.DictReader(file) if row["角色"] == "居民"]


SENDERS = residents()


def packet(number: int, text: str) -> Packet:
    """One signed and encrypted callback: path and body."""
    sender = SENDERS[number % len(SENDERS)]
    now = str(int(datetime.now(UTC).timestamp()))
    xml = (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>{sender}</FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType>text</MsgType><Content>{text}</Content>"
        f"<MsgId>{number}</MsgId><AgentID>1</AgentID></xml>"
    )
    encrypted, signature = Envelope(TOKEN, KEY, CORP).seal(xml, now, "nonce")
    path = f"/wecom/app?msg_signature={signature}&timestamp={now}&nonce=nonce"
    return path, f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()


def load_from_outside(port: int, packets: list[Packet]) -> tuple[float, list[float]]:
    """Requests a second and the seconds of each, from a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_load, (port, packets))


def _load(port: int, packets: list[Packet]) -> tuple[float, list[float]]:
    seconds: list[float] = []
    shares = [packets[n::CLIENTS] for n in range(CLIENTS)]
    threads = [Thread(target=_client, args=(port, share, seconds)) for share in shares]
    start = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(packets) / (perf_counter() - start), seconds


def _client(port: int, packets: list[Packet], seconds: list[float]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for path, body in packets:
        start = perf_counter()
        connection.request("POST", path, body)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"status {answer.status}")
        seconds.append(perf_counter() - start)


def saying_ok() -> Flask:
    app = Flask("ok")
    app.post("/wecom/app")(lambda: "ok")
    return app


def commits_a_second(folder: Path, rows: int = 200) -> float:
    """The serial commit ceiling: bare sqlite3, WAL, FULL, one row each."""
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS t (a INTEGER, b TEXT)")
    start = perf_counter()
    for n in range(rows):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES (?, ?)", (n, "x" * 200))
        connection.execute("COMMIT")
    elapsed = perf_counter() - start
    connection.close()
    return rows / elapsed


def service(folder: Path, more: str = "") -> Service:
    """A deployment with the residents of the demo; `more` is for its config.toml."""
    path = folder / "config.toml"
    path.write_text(CONFIG + more, "utf-8")
    made = Service(load(path, {}))
    rows = read_roster(ROSTER)
    with made.database.read() as session:
        planned = plan(session, rows, made.office.today(made.now()))
    made.database.write(lambda session: apply(session, planned), patience=60)
    return made


def main() -> None:
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    results: dict[str, list[tuple[float, list[float]]]] = {"ok": [], "faq": [], "issue": []}
    commits: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = service(folder)
        question = made.shelf.book.entries[0].question
        texts: dict[str, Callable[[int], str]] = {
            "ok": lambda n: "ok",
            "faq": lambda n: question,
            "issue": lambda n: f"第{n}号电杆的路灯坏了三天没人修",
        }
        with in_background(saying_ok()) as ok, in_background(web.create(made)) as real:
            for turn in track(range(ROUNDS), description="rounds"):
                for offset, kind in enumerate(results):
                    first = (turn * len(results) + offset) * REQUESTS
                    packets = [packet(n, texts[kind](n)) for n in range(first, first + REQUESTS)]
                    port = ok if kind == "ok" else real
                    results[kind].append(load_from_outside(port, packets))
                commits.append(commits_a_second(folder))
        made.stop()
    report(results, statistics.median(commits))


def report(results: dict[str, list[tuple[float, list[float]]]], commits: float) -> None:
    rates = {kind: statistics.median(rate for rate, _ in runs) for kind, runs in results.items()}
    print(f"{CLIENTS} clients, {REQUESTS} requests a round, medians of {ROUNDS} rounds\n")
    print(f"bare sqlite3, serial durable commits: {commits:8.0f} /s")
    for kind, runs in results.items():
        seconds = sorted(s for _, each in runs for s in each)
        p50, p99 = (seconds[int(len(seconds) * q)] * 1000 for q in (0.5, 0.99))
        print(
            f"{kind:6} {rates[kind]:7.0f} /s   {rates[kind] / rates['ok']:5.2f} x Flask ok   "
            f"{rates[kind] / commits:5.2f} x commits   p50 {p50:6.1f} ms   p99 {p99:6.1f} ms"
        )


if __name__ == "__main__":
    main()
