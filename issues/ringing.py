"""An emergency after its report: rung until somebody comes, everything passed on at once.

How words are recognised as an emergency is the FAQ's business, who says what the handlers'. Only
what is told here leaves in quiet hours (domain.md §4).
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import bindparam

from issues import allowed, events, guards, standing, tell, wording
from issues.deployment import MEMBER
from issues.events import CLOCK, Actor, Change
from issues.guards import WHILE_OPEN
from issues.work import Work
from people.town import Person
from rules import urgent
from rules.ladder import above
from rules.words import Action, State, UnitKind
from storage import outbox
from storage.notice import Notice
from storage.objects import objects, whole
from storage.statement import Statement
from storage.tables import HAS_DANGER, STILL_OPEN, Attachment, Endorsement, Issue

#: Parts of the keys under which an emergency rings: of these only the newest is worth sending.
RINGS = (":new:", ":ring:")


_SINCE = Statement(
    whole(Issue)
    .where(HAS_DANGER, STILL_OPEN, Issue.reported_at > bindparam("since"))
    .order_by(Issue.reported_at)  # with the index; by the key SQLite would read the table
)


def running(work: Work) -> list[Issue]:
    """All emergencies that run now, the oldest first: a handful in a county."""
    since = work.now - urgent.RUNS_FOR
    return objects(work.session, Issue, _SINCE.named(work.session, {"since": since}))


# --- ringing ---


def begin(work: Work, issue: Issue, seq: int) -> None:
    """Everybody up to the 片长 is rung at once; ``seq``: the event that has made it one."""
    card = tell.holder_card(work, issue, _heading(work, issue), seq)
    for person, _ in standing.rung(work, issue):
        what = f"e{seq}:new" if person.id == issue.holder_id else f"e{seq}:ring"
        tell.ring(work, issue, person.userid, what, card, facts=WHILE_OPEN)


def ring_again(work: Work, issue: Issue) -> list[Person]:
    """Nobody has answered for ten minutes: the same once more, and the next level up; whoever is
    rung. After a stop of any length it is one ring and one level."""
    if issue.state is not State.PENDING:
        issue.ring_at = None
        return []
    before = {person.id for person, _ in standing.rung(work, issue)}
    issue.rung_to = _next_level(work, issue, before)
    issue.ring_at = urgent.next_ring(issue.reported_at, work.now)
    people = [person for person, _ in standing.rung(work, issue)]
    data = {"rung_to": issue.rung_to, "people": [person.userid for person in people]}
    event = events.record(work, issue, CLOCK, Change("ring", issue.state, data=data))
    card = tell.holder_card(work, issue, _heading_again(work, issue), event.seq)
    _drop_unsent(work, issue, people)
    for person in people:
        tell.ring(work, issue, person.userid, f"e{event.seq}:ring", card, facts=WHILE_OPEN)
    _tell_who_else(work, issue, event.seq, [one for one in people if one.id not in before])
    return people


def _next_level(work: Work, issue: Issue, before: set[int]) -> UnitKind:
    """The next level on which somebody sits who has not been rung; at the top it stays."""
    reporter = work.town.person(issue.reporter)
    out = before | ({reporter.id} if reporter else set())
    last = issue.rung_to or urgent.AT_FIRST
    seat = above(standing.seats(work, issue), last, out)
    return seat.level if seat else last


def _drop_unsent(work: Work, issue: Issue, people: Iterable[Person]) -> None:
    """What an outage has kept from leaving is not sent six times when it is over."""
    work.store()
    about, names = guards.about(issue.id), [person.userid for person in people]
    for part in RINGS:
        outbox.drop_waiting(work.session, about, MEMBER, names, part)


def _heading(work: Work, issue: Issue) -> str:
    return wording.heading(work.texts, issue.danger, unclaimed=issue.unclaimed)


def _heading_again(work: Work, issue: Issue) -> str:
    waited = (work.now - issue.reported_at) // timedelta(minutes=1)
    return work.say("heading_again", heading=_heading(work, issue), minutes=waited)


def _tell_who_else(work: Work, issue: Issue, seq: int, new: list[Person]) -> None:
    """The one who waits for help hears whom he can telephone now."""
    if not new or issue.delicate:
        return
    names = "、".join(wording.with_phone(person.name, person) for person in new)
    notice = wording.notice(work, issue, "rung_higher", names=names)
    tell.ring(work, issue, issue.reporter, f"e{seq}:higher", notice, facts=WHILE_OPEN)


# --- somebody answers ---


def on_way(work: Work, issue: Issue, by: Actor, said: str) -> None:
    """我过去了, 120 打了: it is not rung any more; the reporter and the others are told at once."""
    before = allowed.advance(work, issue, Action.ON_WAY, by)
    issue.ring_at, issue.unclaimed = None, False
    told = said.strip() or work.say("on_way_plain")
    event = events.record(work, issue, by, Change(Action.ON_WAY, before, told))
    who = _who(work, by)
    key = "on_way_delicate" if issue.delicate else "on_way"
    notice = wording.notice(work, issue, key, by=who, said=told, phone=_phone(work, by))
    tell.residents(work, issue, f"e{event.seq}:on_way", notice)
    others = wording.notice(work, issue, "on_way_others", by=who, said=told)
    _tell_rung(work, issue, by, f"e{event.seq}:on_way", others)


def accepted(work: Work, issue: Issue, by: Actor, seq: int) -> None:
    """接单 of an emergency that runs: the same."""
    issue.ring_at = None
    who = _who(work, by)
    key = "accepted_delicate" if issue.delicate else "accepted_urgent"
    notice = wording.notice(work, issue, key, by=who, phone=_phone(work, by))
    tell.residents(work, issue, f"e{seq}:accepted", notice)
    others = wording.notice(work, issue, "accepted_others", by=who)
    _tell_rung(work, issue, by, f"e{seq}:accepted", others)


def cannot_come(work: Work, issue: Issue, by: Actor, said: str) -> None:
    """Somebody who was rung cannot go there: the others hear of it, and it is rung on."""
    event = events.record(work, issue, by, Change("cannot_come", issue.state, said))
    notice = wording.notice(work, issue, "cannot_come", by=_who(work, by), said=said)
    pass_on(work, issue, by, event.seq, notice)


def from_scene(work: Work, issue: Issue, by: Actor, said: str) -> None:
    """What somebody who was rung says of it himself: no report of his own."""
    event = events.record(work, issue, by, Change("scene", issue.state, said))
    pass_on_words(work, issue, by, event.seq, said, look=False)


def answered(work: Work, issue: Issue) -> str:
    """Whether somebody comes, in words; that it is rung on only as long as it is."""
    who = answered_by(work, issue)
    if who:
        return work.say("urgent_answered", who=who)
    return work.say("urgent_unanswered" if issue.ring_at else "urgent_silent")


def answered_by(work: Work, issue: Issue) -> str:
    """邻长张某, who accepted or said that he was on his way last; "" for nobody yet."""
    answers = (Action.ACCEPT, Action.ON_WAY)
    found = [one for one in events.of(work.session, issue.id) if one.kind in answers]
    if not found:
        return ""
    last = found[-1]
    return wording.in_office(work, last.role, standing.name_of(work, last.actor))


# --- what belongs to it ---


def pass_on(work: Work, issue: Issue, by: Actor, seq: int, notice: Notice) -> None:
    """What has been added to it, to everybody who has been rung, by night as well."""
    told = replace(notice, again=True)
    _tell_rung(work, issue, by, f"e{seq}:more", told)


def pass_on_words(work: Work, issue: Issue, by: Actor, seq: int, what: str, *, look: bool) -> None:
    """The words of whoever is there, with his telephone."""
    named = wording.with_phone(standing.name_of(work, by.userid), work.town.person(by.userid))
    pass_on(work, issue, by, seq, wording.more_of_alarm(work, issue, named, what, shown=look))


def pass_on_joined(work: Work, issue: Issue, joined: Endorsement, by: Actor, seq: int) -> None:
    """A neighbour tells of the same danger: his words, his telephone and where he lives."""
    person, unit = work.town.person(by.userid), work.unit(issue)
    home = work.town.home(person.id) if person else None
    place = home.lin.name + home.name if home and home.lin != unit else home.name if home else ""
    named = wording.with_phone(standing.name_of(work, by.userid), person)
    told = work.say("alarm_neighbour", name=named, place=place)
    notice = wording.more_of_alarm(work, issue, told, joined.content, shown=False)
    pass_on(work, issue, by, seq, notice)


def pass_on_media(work: Work, attachment: Attachment) -> None:
    """A photo or voice that has just been brought home, while the emergency it came with runs."""
    issue = work.session.get(Issue, attachment.issue_id)
    if issue is None or not attachment.path or not tell.runs(work, issue):
        return
    what = wording.of_number(work, issue, attachment.kind)
    shown = Notice(what, what, media=attachment.path, media_kind=attachment.kind, again=True)
    for person, _ in standing.rung(work, issue):
        tell.ring(work, issue, person.userid, f"media:{attachment.id}", shown)


def _tell_rung(work: Work, issue: Issue, by: Actor, what: str, notice: Notice) -> None:
    """The others, while it runs."""
    if not tell.runs(work, issue):
        return
    for person, _ in standing.rung(work, issue):
        if person.userid != by.userid.lower():
            tell.ring(work, issue, person.userid, what, notice)


def _who(work: Work, by: Actor) -> str:
    """邻长张某."""
    return wording.in_office(work, by.role, standing.name_of(work, by.userid))


def _phone(work: Work, by: Actor) -> str:
    person = work.town.person(by.userid)
    return work.say("answers_phone", tel=person.phone) if person and person.phone else ""
