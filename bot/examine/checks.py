"""The table of what is examined: for doctor, for /healthz and for the notices to the admins.

A new check is one module beside this one and one line here, in the order in which a box is set up.
"""

from bot.examine import (
    backups,
    beating,
    deliveries,
    disk_space,
    filled_roster,
    missing_media,
    own_files,
    reachable,
    sound_database,
    steady_time,
    unanswered,
)
from bot.examine.examination import Check, Finding, Installation

CHECKS: tuple[Check, ...] = (
    Check(sound_database.usable, reads=False, quick=True),
    Check(sound_database.takes_writes),
    Check(filled_roster.anybody, quick=True),
    Check(filled_roster.complete),
    Check(own_files.questions),
    Check(own_files.routing),
    Check(own_files.texts, reads=False),
    Check(own_files.calendar, reads=False, quick=True),
    Check(reachable.wecom, reads=False),
    Check(deliveries.leaving, quick=True),
    Check(deliveries.held, quick=True),
    Check(unanswered.messages, quick=True),
    Check(missing_media.fetched, quick=True),
    Check(beating.ticks, quick=True),
    Check(steady_time.clock, quick=True),
    Check(disk_space.free, reads=False, quick=True),
    Check(disk_space.writable, reads=False, quick=True),
    Check(backups.lately, quick=True),
)


def examine(place: Installation, *, quick: bool = False) -> list[Finding]:
    """All findings, or those of the quick checks; without a database what needs none."""
    found = list(sound_database.usable(place))
    broken = any(finding.bad for finding in found)
    for check in CHECKS[1:]:
        if (check.quick or not quick) and not (check.reads and broken):
            found += check.look(place)
    return found
