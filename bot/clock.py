"""How this deployment counts time: its zone, its working days, its quiet hours.

Made from the configuration, for the service and for commands that need nothing else of it.
"""

from datetime import time
from zoneinfo import ZoneInfo

from bot import workdays
from bot.config import Config
from rules.deadlines import Clock
from rules.quiet import Pace, QuietHours


def clock_of(config: Config) -> Clock:
    """How deadlines are counted; raises CalendarError when the county's own calendar is broken."""
    zone = ZoneInfo(config.service.timezone)
    return Clock(zone, config.deadlines.counting, workdays.read(config.calendar_path()))


def pace_of(config: Config) -> Pace:
    """When notices may leave: the quiet hours and the slots of the day (domain.md §6)."""
    start, end = config.deadlines.quiet_hours.split("-")
    quiet = QuietHours(time.fromisoformat(start), time.fromisoformat(end))
    slots = sorted(time.fromisoformat(slot) for slot in config.deadlines.pickup_slots)
    return Pace(ZoneInfo(config.service.timezone), quiet, tuple(slots))
