"""At the start: has somebody put an older database in place, without the command for it?

Then numbers go on beyond what has been given, doubtful notices are held, and the administrators
are told (docs/adr/0023-restored.md).
"""

import logging
from datetime import datetime

from issues.deployment import MEMBER
from issues.transactions import Transactions
from issues.work import Work
from storage import outbox
from storage.given_numbers import NumbersFile, given
from storage.outbox import Posting
from storage.put_back import put_back

log = logging.getLogger(__name__)


def look(transactions: Transactions, noted: NumbersFile, now: datetime) -> bool:
    """Whether it was so; everything is done then."""
    known = noted.read()
    if known is None:
        return False

    def act(work: Work) -> bool:
        if not known.beyond(given(work.session)):
            return False
        row = put_back(work.session, now, [work.today], known)
        _tell(work, row.numbers)
        log.error("an older database was put in place: numbers go on after %s", row.numbers)
        return True

    with transactions.read(now) as work:
        if not known.beyond(given(work.session)):  # as always: nobody has to write for that
            return False
    return transactions.write(now, act)


def _tell(work: Work, numbers: dict[str, int]) -> None:
    lines = "\n".join(f"{day}：{number + 1:04d}" for day, number in numbers.items())
    told = work.office.texts.notice("older_database", {"numbers": lines})
    for userid in work.admins:
        key = f"older_database:{work.now:%Y%m%d%H%M%S}:{userid}"
        outbox.put(work.session, Posting(key, MEMBER, userid, told, work.now), work.now)
