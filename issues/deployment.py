"""How this deployment works: the settings that issues are opened, clocked and told by.

Plain values made once from the configuration; nothing here reads a file or a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from issues.routes import Routes
from issues.texts import Texts
from rules.deadlines import Clock
from rules.quiet import Pace

#: Outbox channels: a member by message/send, a unit's group by its webhook, one more answer of the
#: bot to what it was asked.
MEMBER = "app"
BOARD = "webhook"
BOT = "aibot"


@dataclass(frozen=True)
class Deployment:
    """One deployment. ``chats``: aibot chat id -> unit; ``boards``: units with a webhook, by the
    end of their path;
    ``open_chats``: chats in which receipts may show content (domain.md §7)."""

    name: str
    clock: Clock
    pace: Pace
    bot_name: str = ""
    chats: Mapping[str, str] = field(default_factory=dict)
    boards: frozenset[str] = frozenset()
    open_chats: frozenset[str] = frozenset()
    new_issue_at_once: bool = True
    texts: Texts = field(default_factory=Texts)
    #: 分工表: which department is for what
    routes: Routes = field(default_factory=Routes)

    def today(self, now: datetime) -> date:
        """The local calendar day."""
        return now.astimezone(self.clock.zone).date()
