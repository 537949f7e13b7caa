"""Once a day, as long as there are any: admins hear of notices that only a person can end.

Not delivered (送不到) or perhaps delivered (不确定); what can be done with them is the command
line's business (sanzhang outbox).
"""

from datetime import date, datetime

from sqlalchemy import Select

from issues import guards
from issues.deployment import MEMBER
from issues.work import Work
from rules.quiet import Pace
from scheduler.ticks import Machine
from storage import undelivered
from storage.outbox import Posting


def due(pace: Pace, now: datetime) -> tuple[Select[int], ...]:
    """Rows that nobody has been told of for the day of the next slot; none when it is done."""
    return undelivered.untold(_day(pace, now))


def tell_held(machine: Machine, now: datetime) -> int:
    """Put one line into the next digest of every admin; how many admins."""
    with machine.database.read() as session:
        if not any(session.scalar(look.limit(1)) for look in due(machine.office.pace, now)):
            return 0
    return machine.write(now, _tell)


def _tell(work: Work) -> int:
    held = undelivered.count_held(work.session)
    day = _day(work.pace, work.now)
    told = work.texts.notice("undelivered", {"dead": held.dead, "unsure": held.unsure, "day": day})
    admins = work.admins if held else []
    for userid in admins:
        posting = Posting(
            key=undelivered.key_of_day(day, userid),
            channel=MEMBER,
            target=userid,
            notice=told,
            not_before=work.pace.slot(work.now),
            gather=True,
            guard=guards.HELD,
        )
        work.put(posting)
    return len(admins)


def _day(pace: Pace, now: datetime) -> date:
    """Of the slot that comes next: what falls due in the evening is told the next morning, once."""
    return pace.slot(now).astimezone(pace.zone).date()
