"""What a callback costs end to end over HTTP, as ratios to ceilings measured in the same run.

FAQ answers and new issues on the shipped server, beside the same server saying "ok" and beside a
bare wechatpy echo. Run: python -m benchmarks.service_speed [--faq FOLDER] [--requests N] [--small]
"""

import argparse
import csv
import gc
import logging
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import yaml
from flask import Flask, Response
from flask import request as callback
from rich.console import Console
from rich.progress import track
from sqlalchemy import func, select
from wechatpy.work import parse_message
from wechatpy.work.crypto import WeChatCrypto
from wechatpy.work.replies import TextReply

from benchmarks import callers
from benchmarks.callers import CallResult
from benchmarks.county import take_roster
from benchmarks.faq_data import read_sets, shipped_set
from benchmarks.figures import Figure, middle, milliseconds, show
from bot import web
from bot.channels.crypto import Envelope
from bot.config import load
from bot.listening import in_background
from bot.service import Service
from faq.book import Book
from people.roster import apply, plan, read_roster
from people.sample import write_demo, write_shaoshan
from speech import understanding
from storage import schema
from storage.db import Database
from storage.tables import HouseholdRow, Issue, PersonRow, Resident

ROUNDS = 3
CLIENTS = 32
REQUESTS = 640
CORP, TOKEN = "wwbench", "benchToken"
KEY = "p8XkD2vQm5ZsRj7NwYt1LbHc9FgUa4oEiK6TxWqVzSy"
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
#: Nobody else's matter, so that each is an issue of its own and nobody is asked whether to join.
OWN_MATTER = "隔壁第{}家装修半夜还在打钻，吵得孩子睡不着，说了几次都不听"
ROSTER = Path(__file__).parent.parent / "samples" / "demo-roster.csv"

Packet = tuple[str, bytes]


def residents() -> list[str]:
    """The residents of the demo roster, who take turns."""
    with ROSTER.open(encoding="utf-8-sig", newline="") as file:
        return [row["账号"] for row in csv.DictReader(file) if row["角色"] == "居民"]


SENDERS = residents()


def packet(number: int, text: str, sender: str = "") -> Packet:
    """One signed and encrypted callback: path and body."""
    sender = sender or SENDERS[number % len(SENDERS)]
    now = str(int(datetime.now(UTC).timestamp()))
    xml = (
        f"<xml><ToUserName>{CORP}</ToUserName><FromUserName>{sender}</FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType>text</MsgType><Content>{text}</Content>"
        f"<MsgId>{number}</MsgId><AgentID>1</AgentID></xml>"
    )
    encrypted, signature = Envelope(TOKEN, KEY, CORP).seal(xml, now, "nonce")
    path = f"/wecom/app?msg_signature={signature}&timestamp={now}&nonce=nonce"
    return path, f"<xml><Encrypt>{encrypted}</Encrypt></xml>".encode()


def saying_ok() -> Flask:
    """The ceiling of the web framework on this server."""
    app = Flask("ok")
    app.post("/wecom/app")(lambda: "ok")
    return app


def echo() -> Flask:
    """What wechatpy's own example does: decrypt, parse, answer with the same words, encrypt."""
    app, crypto = Flask("echo"), WeChatCrypto(TOKEN, KEY, CORP)

    @app.post("/wecom/app")
    def receive() -> Response:
        query = callback.args
        signed = (query["msg_signature"], query["timestamp"], query["nonce"])
        message = parse_message(crypto.decrypt_message(callback.data, *signed))
        plain = TextReply(content=message.content, message=message).render()
        return Response(crypto.encrypt_message(plain, query["nonce"], query["timestamp"]))

    return app


def service(folder: Path, more: str = "") -> Service:
    """A deployment with the residents of the demo; `more` is for its config.toml."""
    path = folder / "config.toml"
    path.write_text(CONFIG + more, "utf-8")
    config = load(path, {})
    schema.upgrade(Database(config.database_url()))
    made = Service(config)
    rows = read_roster(ROSTER)
    with made.database.read() as session:
        planned = plan(session, rows, made.office.today(made.now()))
    made.database.write(lambda session: apply(session, planned), patience=60)
    return made


def of_the_town(made: Service) -> list[str]:
    """Userids of residents, one of each household."""
    firsts = select(func.min(Resident.person_id)).group_by(Resident.household_id)
    with made.database.read() as session:
        found = select(PersonRow.userid).where(PersonRow.id.in_(firsts)).order_by(PersonRow.id)
        assert session.scalar(select(func.count(HouseholdRow.id)))
        return list(session.scalars(found))


def real_phrasings(folder: Path | None, home: Path, most: int) -> list[str]:
    """Writes the sets' questions as an FAQ into ``home`` and gives the messages that it answers.

    Without a folder the shipped FAQ is asked in the words of its own tests and phrasings.
    """
    if folder is None:
        shipped = shipped_set()
        texts = [q.text for q in shipped.queries if q.kind == "in"]
        texts += [text for one in shipped.phrasings for text in one]
        book = Book.load(Path(__file__).parent.parent / "faq")
    else:
        sets = [one for one in read_sets(folder) if one.name in ("gov1k", "health1k")]
        sets = sets or read_sets(folder)
        _write_faq(home, [phrasings for one in sets for phrasings in one.phrasings])
        texts = [query.text for one in sets for query in one.queries if query.kind == "in"]
        book = Book.load(home)
    answered = (text for text in dict.fromkeys(texts) if book.match(text).band == "answer")
    return [text for _, text in zip(range(most), answered, strict=False)]


def _write_faq(home: Path, phrasings: list[tuple[str, ...]]) -> None:
    (home / "entries").mkdir(parents=True)
    entries = [
        {"编号": f"e{n}", "问题": one[0], "相似问": list(one[1:]), "答复": "带身份证到村部办理。"}
        for n, one in enumerate(phrasings)
    ]
    plain = yaml.safe_dump(entries, allow_unicode=True, sort_keys=False)
    (home / "entries" / "all.yaml").write_text(plain, "utf-8")


class Rounds:
    """Interleaved rounds of several kinds of messages, each to its server."""

    def __init__(self, ports: dict[str, int], senders: list[str], clients: int) -> None:
        self.ports, self.clients = ports, clients
        self.senders = senders
        self.numbers = count(1)
        self.rates: dict[str, list[float]] = {kind: [] for kind in ports}
        self.answers: dict[str, list[CallResult]] = {kind: [] for kind in ports}

    def run(self, kind: str, texts: list[str]) -> None:
        """One round. What is refused (503) counts for nothing in the rate."""
        packets = [self._packet(text) for text in texts]
        requests = [callers.request(*one) for one in packets]
        rate, answers = callers.in_flight(self.ports[kind], requests, self.clients)
        self.rates[kind].append(rate * sum(map(_good, answers)) / len(answers))
        self.answers[kind] += answers

    def _packet(self, text: str) -> Packet:
        number = next(self.numbers)
        return packet(number, text, self.senders[number % len(self.senders)])

    def rate(self, kind: str) -> float:
        return middle(self.rates[kind])

    def refused(self, kind: str) -> str:
        """How many were not answered, if any."""
        count = sum(not _good(answer) for answer in self.answers[kind])
        return f", {count} refused" if count else ""


def _good(answer: CallResult) -> bool:
    return answer.status == 200


KINDS = {
    "ok": "Flask says ok",
    "echo": "bare wechatpy echo",
    "same": "FAQ answer, same question",
    "mixed": "FAQ answer, many phrasings",
    "issue": "new issue, durable",
}


def run(
    folder: Path | None = None,
    requests: int = REQUESTS,
    *,
    rounds: int = ROUNDS,
    small: bool = False,
) -> list[Figure]:
    """All kinds in interleaved rounds; the medians."""
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        home = Path(name)
        mixed = real_phrasings(folder, home / "faq", requests * rounds)
        made = _deployment(home, '[faq]\npath = "faq"\n' if folder else "", small=small)
        stack.callback(made.stop)
        apps = {"ok": saying_ok(), "echo": echo(), "real": web.create(made)}
        ports = {key: stack.enter_context(in_background(app)) for key, app in apps.items()}
        by_kind = {kind: ports.get(kind, ports["real"]) for kind in KINDS}
        turns = Rounds(by_kind, of_the_town(made), min(CLIENTS, requests))
        texts = _texts(mixed, requests, rounds)
        gc.freeze()  # as `serve` does
        quiet = Console(stderr=True)
        for turn in track(range(rounds), description="rounds", console=quiet, transient=True):
            for kind in KINDS:
                turns.run(kind, texts[kind][turn])
        _check(made, sum(map(_good, turns.answers["issue"])))
    return list(_figures(turns))


def _deployment(home: Path, more: str, *, small: bool) -> Service:
    path = home / "config.toml"
    path.write_text(CONFIG + more, "utf-8")
    config = load(path, {})
    schema.upgrade(Database(config.database_url()))
    made = Service(config)
    take_roster(made.database, write_demo if small else write_shaoshan)
    understanding.prepare()  # as `serve` does, but for the ticks
    made.transactions.town.refresh()
    return made


def _texts(mixed: list[str], requests: int, rounds: int) -> dict[str, list[list[str]]]:
    """The texts of each round. What is asked in many phrasings is asked once in all rounds."""
    same = mixed[0]  # one that is answered: an entry's own question may have a twin
    share = max(1, min(requests, len(mixed) // rounds))
    own = [OWN_MATTER.format(n) for n in range(requests * rounds)]
    return {
        "ok": [["ok"] * requests] * rounds,
        "echo": [[same] * requests] * rounds,
        "same": [[same] * requests] * rounds,
        "mixed": [mixed[n * share : (n + 1) * share] for n in range(rounds)],
        "issue": [own[n * requests : (n + 1) * requests] for n in range(rounds)],
    }


def _check(made: Service, expected: int) -> None:
    with made.database.read() as session:
        found = session.scalar(select(func.count()).select_from(Issue))
    if found != expected:
        print(f"! {expected} reports were answered, there are {found} issues")


def _figures(turns: Rounds) -> Iterator[Figure]:
    ok, echoed = turns.rate("ok"), turns.rate("echo")
    goals = {"same": "≥ 0.5 x echo", "mixed": "≥ 0.3 x echo", "issue": "≥ 0.12 x ok"}
    for kind, title in KINDS.items():
        rate, seconds = turns.rate(kind), [answer.seconds for answer in turns.answers[kind]]
        ratio = rate / ok if kind in ("ok", "echo", "issue") else rate / echoed
        beside = "ok" if kind in ("ok", "echo", "issue") else "echo"
        said = f"{rate:.0f} /s, {milliseconds(seconds)}{turns.refused(kind)}"
        yield Figure(title, f"{ratio:.3f} x {beside}", said, goals.get(kind, ""))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--faq", type=Path, help="a folder of question sets (gov1k, health1k)")
    parser.add_argument("--requests", type=int, default=REQUESTS, help="messages of a round")
    parser.add_argument("--small", action="store_true", help="the demo's roster")
    asked = parser.parse_args()
    figures = run(asked.faq, asked.requests, small=asked.small)
    title = f"{CLIENTS} in flight, {asked.requests} messages a round, medians of {ROUNDS} rounds"
    show(title, figures)


if __name__ == "__main__":
    main()
