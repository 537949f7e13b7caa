"""What the running service does about its own health.

It checks a clock that has jumped, tells the admins when something goes bad and when it is well
again, and pings whoever waits for a sign of life.

What is looked at are the quick checks of bot/examine/, the same as /healthz shows.
"""

import logging
from datetime import datetime, timedelta
from functools import partial

import requests
from sqlalchemy import select

from bot.channels.client import TIMEOUT
from bot.channels.their_time import their_time
from bot.examine.examination import Finding
from bot.examine.spans import span
from bot.health import quick_findings
from bot.service import Service
from bot.trusted_clock import ACCEPTED, CLOCK, TrustedClock
from issues.deployment import MEMBER
from issues.work import Work
from scheduler.clockwork import Errand
from storage import heartbeats, outbox
from storage.heartbeats import Beat
from storage.outbox import Posting
from storage.tables import Trouble

log = logging.getLogger(__name__)

#: What is bad for less long mends itself, or comes and goes.
LASTING = timedelta(minutes=5)
#: Well for so long is well again.
CALM = timedelta(minutes=10)
#: With less than this left until the next round, it is said now.
_ROUND = timedelta(seconds=30)


def errands(service: Service) -> list[Errand]:
    """For clockwork.start()."""
    found = [Errand("tell_trouble", partial(tell_trouble, service), 60)]
    if service.trusted is not None:
        clock = ClockWatch(service, service.trusted)
        found.append(Errand("watch_clock", clock.look, 30))
    if service.config.health.ping_url:
        found.append(Errand("ping", partial(ping, service), 60))
    return found


def ping(service: Service, _now: datetime) -> None:
    """A sign of life while nothing urgent is wrong: whoever misses it raises the alarm."""
    if any(finding.urgent for finding in quick_findings(service)):
        return
    try:
        url = service.config.health.ping_url
        requests.get(url, timeout=TIMEOUT, allow_redirects=False).close()
    except requests.RequestException as error:  # its text has the address, which is a secret
        log.warning("the ping of [health] ping_url failed: %s", type(error).__name__)


class ClockWatch:
    """Whether a clock that has jumped is right after all."""

    def __init__(self, service: Service, trusted: TrustedClock) -> None:
        self._service = service
        self._trusted = trusted
        self._said: str | None = None  # nothing is known of what an earlier process has said

    def look(self, now: datetime) -> None:
        """Asks WeCom, and whether a person has said so, as long as the clock is not believed; the
        mark that doctor reads is written when it changes."""
        gone = self._trusted.jump
        if gone and self._confirmed():
            gone, now = timedelta(0), self._service.now()
        way = "快" if gone > timedelta(0) else "慢"
        said = f"本机时钟一下子{way}了 {span(gone)}" if gone else ""
        if bool(said) != bool(self._said) or self._said is None:
            beat = Beat(CLOCK, now, said, now if said else None)
            self._service.database.write(lambda session: heartbeats.put(session, [beat]))
            self._said = said

    def _confirmed(self) -> bool:
        if self._trusted.confirmed_by(their_time(self._service.config.wecom.api_base)):
            return True
        with self._service.database.read() as session:
            accepted = heartbeats.known(session).get(ACCEPTED)
        return self._trusted.confirmed_by(accepted.at if accepted else None)


def tell_trouble(service: Service, now: datetime) -> None:
    """Tell the admins what is bad, once each, and once that it is well again."""
    found = {one.name: one for one in quick_findings(service) if one.bad}
    if any(name.startswith("database.") for name in found):
        return  # nothing can be written; /healthz and the ping say it
    service.transactions.write(now, partial(_settle, found))


def _settle(found: dict[str, Finding], work: Work) -> None:
    known = {trouble.name: trouble for trouble in work.session.scalars(select(Trouble))}
    for name, finding in found.items():
        trouble = known.get(name)
        if trouble is None:
            new = Trouble(name=name, text=finding.text, since=work.now)
            work.session.add(new)
        else:
            trouble.gone_at = None
            _tell_bad(work, trouble, finding)
    for name in known.keys() - found.keys():
        _tell_well(work, known[name])


def _tell_bad(work: Work, trouble: Trouble, finding: Finding) -> None:
    if trouble.told_at is not None or work.now - trouble.since < LASTING - _ROUND:
        return
    trouble.told_at, trouble.text = work.now, finding.text
    log.error("HEALTH: %s: %s", finding.name, finding.text)
    # By night only what keeps the service from its work: then nobody else is woken by it either.
    _put(work, trouble, "health_bad", by_night=finding.urgent)


def _tell_well(work: Work, trouble: Trouble) -> None:
    """Whoever has not got the bad news yet gets neither."""
    trouble.gone_at = trouble.gone_at or work.now
    if work.now - trouble.gone_at < CALM - _ROUND:
        return
    if trouble.told_at is not None:
        outbox.drop_waiting(work.session, _subject(trouble), MEMBER, work.admins, "health_bad")
        _put(work, trouble, "health_well", by_night=False)
    work.session.delete(trouble)


def _put(work: Work, trouble: Trouble, what: str, *, by_night: bool) -> None:
    since = f"{trouble.since.astimezone(work.office.clock.zone):%m-%d %H:%M}"
    told = work.office.texts.notice(what, {"when": since, "problems": trouble.text})
    leaves = work.now if by_night else work.pace.waking(work.now)
    for userid in work.admins:
        if what == "health_well" and not _has_got(work, trouble, userid):
            continue
        key = _key(trouble, what, userid)
        posting = Posting(
            key, MEMBER, userid, told, leaves, subject=_subject(trouble), by_night=by_night
        )
        outbox.put(work.session, posting, work.now)


def _has_got(work: Work, trouble: Trouble, userid: str) -> bool:
    told = outbox.delivery(work.session, _key(trouble, "health_bad", userid), userid)
    return told is not None and told.state in ("sending", "sent")


def _subject(trouble: Trouble) -> str:
    return f"health:{trouble.name}"


def _key(trouble: Trouble, what: str, userid: str) -> str:
    return f"{what}:{trouble.name}:{trouble.since:%Y%m%d%H%M%S}:{userid}"
