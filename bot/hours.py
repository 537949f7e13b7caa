"""When a deployment counts and when it tells: its clock and its pace, by the configuration."""

from datetime import time
from zoneinfo import ZoneInfo

from bot import workdays
from bot.config import Config
from rules.deadlines import Clock
from rules.quiet import Pace, QuietHours


def clock_of(config: Config) -> Clock:
    """How its deadlines are counted. Raises FileError for a broken calendar of its own."""
    zone = ZoneInfo(config.service.timezone)
    return Clock(zone, config.deadlines.counting, workdays.read(config.calendar_path()))


def pace_of(config: Config) -> Pace:
    """When people may be told."""
    start, end = config.deadlines.quiet_hours.split("-")
    quiet = QuietHours(time.fromisoformat(start), time.fromisoformat(end))
    slots = sorted(time.fromisoformat(slot) for slot in config.deadlines.pickup_slots)
    return Pace(ZoneInfo(config.service.timezone), quiet, tuple(slots))
