"""The message to the admins that a unit of systemd has failed, sent by whoever is still there.

Through the outbox, so that a unit that fails every five seconds is told once a day; by ourselves
where nobody sends any more because it is the service that has failed.
"""

import logging
from collections.abc import Sequence
from functools import partial

from bot.examine.beating import alive
from bot.examine.examination import Finding, Installation
from bot.service import channels
from issues.deployment import MEMBER
from issues.transactions import Transactions
from scheduler.clockwork import TICK
from storage import heartbeats, outbox
from storage.notice import Notice
from storage.outbox import Parcel, Posting, SendError

log = logging.getLogger(__name__)

#: So many of the findings are told; the others stand in doctor.
MOST = 5


def tell_failed(place: Installation, unit: str, findings: Sequence[Finding]) -> list[str]:
    """Tell every admin once a day that this unit has failed, and what doctor finds bad; the
    admins to whom a message went out, or is going to."""
    with Transactions(place.database, place.office).read(place.now) as work:
        admins = work.admins
        sends = alive(heartbeats.known(work.session).get(TICK), place.now)
    notice = _notice(place, unit, findings)
    waking = place.office.pace.waking(place.now)
    told = []
    for userid in admins:
        key = f"failed:{unit}:{place.office.today(place.now)}:{userid}"
        leaves = waking if sends else place.now
        posting = Posting(key, MEMBER, userid, notice, leaves, by_night=not sends)
        if place.database.write(partial(outbox.put, posting=posting, now=place.now)):
            told.append(userid)
            if not sends:
                _send(place, Parcel(key, MEMBER, userid, (notice,), 1))
    return told


def _notice(place: Installation, unit: str, findings: Sequence[Finding]) -> Notice:
    bad = [finding.text for finding in findings if finding.bad]
    when = f"{place.now.astimezone(place.office.clock.zone):%m-%d %H:%M}"
    said = [f"{unit}。在服务器上看 systemctl status {unit} 和日志", *bad[:MOST]]
    return place.office.texts.notice("unit_failed", {"when": when, "problems": "\n".join(said)})


def _send(place: Installation, parcel: Parcel) -> None:
    """What does not leave now waits in the outbox for the service."""
    try:
        receipt = channels(place.config, place.office.texts)[MEMBER].send(parcel)
    except SendError as error:
        log.error("%s was not told of the failure: %s", parcel.target, error)
        return
    place.database.write(lambda session: outbox.sent(session, parcel, place.now, receipt))
