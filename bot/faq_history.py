"""What the FAQ's log says: questions without an answer, and how each entry does.

Reads FaqHit and Issue for `faq gaps` and `faq stats`; grouping and counting is faq/gaps.py's.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from faq.gaps import Unmet
from storage.tables import FaqHit, Issue

#: An issue by the same person this soon after an answer says that the answer was none.
FOLLOWS = timedelta(hours=24)
#: The issue that a question itself became.
BECAME = timedelta(minutes=15)
UNANSWERED = ("issue", "suggest")


def unanswered(session: Session, since: datetime) -> list[Unmet]:
    """What was asked and not answered since then, with the issues it became."""
    hits = session.scalars(
        select(FaqHit).where(FaqHit.band.in_(UNANSWERED), FaqHit.at >= since).order_by(FaqHit.id)
    )
    counts: Counter[str] = Counter()
    issues: dict[str, list[str]] = defaultdict(list)
    for hit in hits:
        counts[hit.question] += 1
        issues[hit.question] += _issues_after(session, hit, BECAME)
    return [Unmet(text, n, tuple(dict.fromkeys(issues[text]))) for text, n in counts.items()]


def per_entry(session: Session, since: datetime) -> list[tuple[str, int, int, int]]:
    """(entry, answers, of these 没解决, of these followed by an issue within 24 hours)."""
    hits = list(
        session.scalars(
            select(FaqHit).where(
                FaqHit.band.in_(("answer", "unsolved")), FaqHit.at >= since, FaqHit.entry != ""
            )
        )
    )
    return [
        (
            hit.entry,
            int(hit.band == "answer"),
            int(hit.band == "unsolved"),
            int(hit.band == "answer" and bool(_issues_after(session, hit, FOLLOWS))),
        )
        for hit in hits
    ]


def _issues_after(session: Session, hit: FaqHit, within: timedelta) -> list[str]:
    followed = select(Issue.number).where(
        Issue.reporter == hit.userid,
        Issue.reported_at >= hit.at - timedelta(seconds=5),
        Issue.reported_at <= hit.at + within,
    )
    return list(session.scalars(followed.order_by(Issue.id)))
