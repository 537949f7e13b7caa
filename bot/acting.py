"""What an admin does by a command: one Work at this moment, and the words that it gives back."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

from bot.config import Config
from bot.configured import office
from bot.on_record import account
from bot.options import fail, open_database, out, read_config
from issues.events import Actor
from issues.transactions import Transactions
from issues.work import Work
from people.roster import PlanOutdated
from rules.transitions import NotAllowed
from storage.db import WriteBusy

#: Changing hundreds of posts takes a while, and others may be at it.
PATIENCE = 120.0


def admin() -> Actor:
    """Whoever types, in the histories of issues."""
    return Actor(account() or "admin", "admin", "cli")


def act_now(config_path: Path | None, act: Callable[[Work], str | Iterable[str]]) -> Config:
    """Do it in one transaction and print what it says. Raises SystemExit with a word where it
    cannot be done; then nothing has been changed."""
    config = read_config(config_path)
    work = Transactions(open_database(config), office(config))

    def told(work: Work) -> list[str]:
        said = act(work)
        return [said] if isinstance(said, str) else list(said)

    try:
        lines = work.write(datetime.now(UTC), told, PATIENCE)
    except (NotAllowed, PlanOutdated) as refusal:
        fail(str(refusal))
    except WriteBusy:
        fail("数据库正忙，什么也没有改。请过一分钟再运行一次。")
    for line in lines:
        out.print(line, markup=False)
    return config
