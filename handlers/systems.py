"""The systems of work/: which are mounted, and the one handler that asks each what it hears.

What a system needs of the issues is passed in from here; what it makes of a message is its own.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers import accusations, asking, dialogues
from handlers.context import Context
from handlers.message import Reply
from handlers.way_out import rating_asked_since
from issues import registering, tell, wording
from issues.deployment import MEMBER
from issues.registering import Report
from people.town import Household, Person, has_account
from storage.notice import Notice
from storage.tables import Dialogue
from work.system import Core, Heard, InTheNameOf, Opened, System, SystemWork, Told
from work.visits import hears as visits

NAME = "systems"
WRITES = True
#: One line a system. Its questions are stored under its name.
SYSTEMS: tuple[System, ...] = (visits,)
#: In the data of a question: when it was asked.
ASKED_AT = "asked_at"


@dataclass(frozen=True)
class Wanted:
    """Which system has heard what."""

    system: System
    heard: Heard
    wish: Any


def matches(ctx: Context) -> Wanted | None:
    if ctx.incoming.kind != "message" or ctx.person is None or not ctx.text:
        return None
    for system in SYSTEMS:
        heard = _heard(ctx, ctx.person, system)
        wish = system.matches(heard)
        if wish is not None:
            return Wanted(system, heard, wish)
    return None


def run(ctx: Context, wanted: Wanted) -> Reply:
    name, userid = wanted.system.NAME, ctx.incoming.userid.lower()
    if wanted.heard.asked is not None:
        dialogues.clear(ctx.session, userid, ctx.incoming.chat_id, name)
    work = SystemWork(ctx.session, ctx.now, ctx.work.today, ctx.town, wanted.system.SAYS)
    told = wanted.system.run(work, wanted.heard, wanted.wish, core(ctx))
    if told.question:
        until = ctx.now + told.question.good_for
        data = {ASKED_AT: ctx.now.isoformat(), **told.question.data}
        dialogues.ask(ctx.session, userid, "", name, data, until)
    return _said(ctx, told)


def core(ctx: Context) -> Core:
    """What the systems may ask of the issues, in the transaction of this message."""
    return Core(open_issue=lambda report: _open_issue(ctx, report))


def _heard(ctx: Context, speaker: Person, system: System) -> Heard:
    last = ctx.asked_here[0] if ctx.asked_here else None
    asked = last.data if last and last.kind == system.NAME and _is_last(ctx, last) else None
    awaited = last is not None and last.kind == asking.WORDS
    posts = tuple(ctx.posts)
    return Heard(ctx.utterance, speaker, posts, ctx.town, ctx.work.today, asked, awaited)


def _is_last(ctx: Context, asked: Dialogue) -> bool:
    """Nobody is rated, and nothing reported, by a number that was meant for something else."""
    since = datetime.fromisoformat(asked.data[ASKED_AT])
    return not rating_asked_since(ctx, asked.userid, since)


def _said(ctx: Context, told: Told) -> Reply:
    """In any group, also one with open replies, only that it was heard."""
    if not ctx.incoming.in_group:
        return Reply(told.text)
    ctx.push(told.text)
    return Reply(told.in_group)


def _open_issue(ctx: Context, wanted: InTheNameOf) -> Opened:
    """The household's own 邻长 gets it, but never whoever is its reporter."""
    reporter = _reporter(ctx, wanted.household, wanted.by)
    accuses = accusations.accused(ctx.work, reporter.userid, "", wanted.words)
    report = Report(reporter.userid, wanted.words, ctx.now, MEMBER, accuses=accuses)
    issue = registering.open_issue(ctx.work, report)
    in_name = reporter.id != wanted.by.id
    if in_name:
        told = f"{wanted.told}\n{wording.receipt(ctx.work, issue)}"
        tell.at_once(ctx.work, issue, reporter.userid, "e1:receipt", Notice(told, wanted.told))
    in_person = not has_account(reporter.userid)
    return Opened(issue.number, wording.holding(ctx.work, issue), in_name, in_person)


def _reporter(ctx: Context, household: Household | None, by: Person) -> Person:
    """A resident of the household, whose own report it would be as well, rather one who has an
    account and is told by it; else who speaks."""
    homes = ctx.town.homes
    living = [key for key, lives in homes.lives.items() if household and lives[0] == household]
    residents = [homes.people[key] for key in living]
    others = [person for person in residents if person.id != by.id]
    others.sort(key=lambda person: not has_account(person.userid))
    return next(iter(others), by)
