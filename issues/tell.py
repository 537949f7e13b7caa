"""Who is told when: turns one notice into an outbox row with its key and its earliest moment.

The first card of a new issue and urgent things leave at once, all else waits for the person's next
pick-up slot and becomes one digest (domain.md §4). The words are in words.py.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from issues import guards
from issues.office import BOARD, MEMBER, Office
from storage import outbox
from storage.notice import Notice
from storage.tables import Issue, Person

#: More new issues than this in an hour reach their holder as a digest.
CARDS_AN_HOUR = 10


class Teller:
    """Notices about one issue, at one moment."""

    def __init__(self, session: Session, now: datetime, office: Office, issue: Issue) -> None:
        self.session = session
        self.now = now
        self.office = office
        self.issue = issue

    def at_once(self, userid: str, what: str, notice: Notice, *, while_open: bool = False) -> None:
        """Leaves now; in quiet hours at their end, unless the issue is urgent."""
        start = self.now if self.issue.urgent else self.office.pace.waking(self.now)
        self._put(userid, what, notice, start, gather=False, while_open=while_open)

    def new_holder(self, person: Person | None, what: str, notice: Notice) -> None:
        """The card of a new issue: at once, but not more than ten in an hour."""
        if person is None:
            return
        at_once = self.office.new_issue_at_once and not self._flooded(person.userid)
        if self.issue.urgent or at_once:
            self.at_once(person.userid, what, notice, while_open=True)
        else:
            self.later(person.userid, what, notice, while_open=True)

    def later(
        self,
        userid: str,
        what: str,
        notice: Notice,
        since: datetime | None = None,
        *,
        while_open: bool = False,
    ) -> None:
        """Gathered into the digest of the first slot from ``since`` (default now) on."""
        if self.issue.urgent:
            self._put(userid, what, notice, self.now, gather=False, while_open=while_open)
            return
        slot = self._slot(since or self.now)
        self._put(userid, what, notice, slot, gather=True, while_open=while_open)

    def persons(
        self, people: Iterable[Person | None], what: str, notice: Notice, since: datetime
    ) -> None:
        """The same reminder to several people; dropped if the issue is done before it leaves."""
        for person in people:
            if person is not None:
                self.later(person.userid, what, notice, since, while_open=True)

    def board(self, what: str, notice: Notice, since: datetime) -> None:
        """Into the group of the issue's unit: the nearest one above it that has a webhook."""
        path = self._board()
        if path is not None and self.issue.bypassed is None:
            slot = self._slot(since)
            self._put(path, what, notice, slot, gather=True, while_open=True, channel=BOARD)

    def _slot(self, since: datetime) -> datetime:
        """The first slot from ``since`` on; one missed by a stop is caught up, but not at night."""
        return max(self.office.pace.slot(since), self.office.pace.waking(self.now))

    def _board(self) -> str | None:
        path = self.issue.unit.path if self.issue.unit else ""
        while path:
            named = [b for b in self.office.boards if f"/{path}".endswith(f"/{b}")]
            if named:
                return max(named, key=len)
            path = path.rpartition("/")[0]
        return None

    def _put(
        self,
        target: str,
        what: str,
        notice: Notice,
        not_before: datetime,
        *,
        gather: bool,
        while_open: bool = False,
        channel: str = MEMBER,
    ) -> None:
        notice = _own_card(notice, target)
        posting = outbox.Posting(
            key=f"issue:{self.issue.id}:{what}:{target}",
            channel=channel,
            target=target,
            notice=notice,
            not_before=not_before,
            subject=guards.about(self.issue.id),
            gather=gather,
            guard=guards.OPEN if while_open else "",
        )
        outbox.put(self.session, posting, self.now)

    def _flooded(self, userid: str) -> bool:
        since, to = self.now - timedelta(hours=1), outbox.Target(MEMBER, userid)
        lately = outbox.put_since(self.session, to, ":new:", since, CARDS_AN_HOUR)
        return lately >= CARDS_AN_HOUR


def _own_card(notice: Notice, target: str) -> Notice:
    """A task_id is good for one message of the app: the same card to two people needs two."""
    if notice.card is None:
        return notice
    mark = hashlib.sha256(target.encode()).hexdigest()[:8]
    return replace(notice, card=replace(notice.card, task_id=f"{notice.card.task_id}_{mark}"))
