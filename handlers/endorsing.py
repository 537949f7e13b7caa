"""附议: "附近有人报过类似的事，是不是同一件？", asked in private; silence makes an own issue.

Which words may mean one thing is faq/matters.py's business. Nothing of a neighbour's words is ever
shown, only the thing and the day; emergencies never come here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from faq.book import Match
from handlers import accusations, complained, dialogues
from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Incoming, Reply
from handlers.reporting import of_message
from issues import guards, joining, registering, stages, standing, wording
from issues.events import Actor
from issues.registering import Material
from issues.short_numbers import by_number
from issues.work import Work
from rules.words import UnitKind
from storage.db import one_at_a_time
from storage.tables import Dialogue, Endorsement, Issue

#: The kind of the open question; always in the private chat.
KIND = "endorse"
_YES = re.compile(r"是的?|是同一件(?:事)?|同一件(?:事)?|就是(?:这件|同一件)?|对的?|嗯+|一样的?")
_NO = re.compile(r"(?:应该|好像|可能|大概|我想)*(?:不是|不一样|不同|另一[件个]|两件|不对|否).{0,6}")
#: No, and what it is instead: 不是，是村尾那盏.
_NO_BUT = re.compile(
    r"(?:应该|好像|可能)?(?:不是|不一样|不对)(?:的|这[个件盏])?[,，.。、 ]+(?P<more>.{2,})"
)
_NEVER_MIND = re.compile(r"(?:算了|不报了|不用报?了|撤回|撤销|取消)(?:吧|啦)?")
#: What is somebody's own, or not certain, is asked about even in a storm.
_PARTICULAR = re.compile(
    r"好像|可能|是不是|会不会|[水电气]表|缴费|交了|欠费|补偿|[赔陪]"
    r"|(?:就|只有?|光)我们?家|我们?家(?:的|里|就|才|自己)"
)
#: 附议 without a question: so many households of a 组 with the same matter within this time.
STORM = 3
STORM_WITHIN = timedelta(hours=1)
#: Longer words are no answer any more.
_LONGEST_REST = 30
#: Words so soon after the question are the rest of the report rather than an answer.
_STILL_TELLING = timedelta(seconds=90)
#: So short and so soon, words without a matter of their own belong to what was said just before.
_FRAGMENT = 10


@dataclass(frozen=True)
class SameMatter:
    """An open issue that may be the same thing, and what the thing is called. ``ours``: it is the
    household's own already, so that there is nothing to join."""

    issue: Issue
    thing: str
    ours: bool
    #: all that may be the same, this one too
    alike: tuple[Issue, ...]


@dataclass(frozen=True)
class SameSaid:
    """What was answered: yes, no (with more words), never mind, or the report once more."""

    what: str
    words: str = ""


# --- asking ---


def twin(ctx: Context, text: str) -> SameMatter | None:
    """What the household itself, else a neighbour, has reported lately and may be the same."""
    if not ctx.book.matters.about(text):
        return None
    one_at_a_time(ctx.session, f"matters:{_zu(ctx)}")  # neighbours who report at one moment
    userid = ctx.incoming.userid
    for ours, candidates in ((True, joining.of_household), (False, joining.nearby)):
        same = _same(ctx, text, candidates(ctx.work, userid, ctx.lately))
        if same:
            # What most have joined, else the newest: the others are people who did not answer.
            issue, thing = max(same, key=lambda one: _joined_by(ctx, one[0]))
            return SameMatter(issue, thing, ours, tuple(one for one, _ in same))
    return None


def _same(ctx: Context, text: str, issues: list[Issue]) -> list[tuple[Issue, str]]:
    """Those that may be the same and may be asked about, the newest first."""
    found = ((issue, ctx.book.matters.same(text, issue.content)) for issue in issues)
    return [(issue, thing) for issue, thing in found if thing and _may_ask(ctx, issue, text)]


def _joined_by(ctx: Context, issue: Issue) -> int:
    return len(standing.endorsements(ctx.work, issue))


def _zu(ctx: Context) -> int:
    zu = ctx.town.within(UnitKind.ZU, ctx.unit) if ctx.unit else None
    return zu.id if zu else 0


def _may_ask(ctx: Context, issue: Issue, text: str) -> bool:
    """Not about an emergency, nor whoever works on it, nor when the words accuse a 长."""
    staff = ctx.person is not None and ctx.person.id in (issue.holder_id, issue.behalf_id)
    return not issue.urgent and not staff and complained.may_add(ctx, issue, text)


def ask(ctx: Context, text: str, found: SameMatter, extra: str = "") -> Reply:
    """Put the question; the report waits with it, photos and all."""
    question = _question(ctx, found)
    _wait(ctx, found.issue, _waiting(ctx, text, found, question, extra))
    if not ctx.incoming.in_group:
        return Reply(question)
    ctx.push(question)
    return Reply(_in_group(ctx))


def fold(ctx: Context, text: str, found: SameMatter, extra: str = "") -> Reply | None:
    """In a storm of one matter nobody is asked any more: after the third household of a 组 within
    an hour the next one joins, is told so, and can leave again. None for the usual question."""
    if found.ours or _PARTICULAR.search(text):
        return None
    issue, others = found.issue, _households(ctx, found.alike)
    households = len(others | {_home_of(ctx, ctx.incoming.userid)})
    if households <= STORM:
        return None
    refusal = attempt(
        ctx, lambda: joining.endorse(ctx.work, issue, ctx.actor, text, ctx.incoming.materials)
    )
    if refusal:
        return None
    told = wording.say(ctx.work, issue, "receipt_folded", households=households)
    _wait(ctx, issue, {**_waiting(ctx, text, found, told, extra), "joined": True})
    return ctx.privately(f"{told}\n\n{extra}" if extra else told, _in_group(ctx), issue)


def _households(ctx: Context, alike: tuple[Issue, ...]) -> set[object]:
    """The households of the 组 that have reported the same in the last hour: with an issue of
    their own, by joining, or still being asked whether it is the same."""
    since, found, subjects = ctx.now - STORM_WITHIN, set[object](), list[str]()
    for issue in alike:
        if issue.reported_at > since:
            found.add(issue.household_id or issue.reporter)
        joined = standing.endorsements(ctx.work, issue)
        found |= {one.household_id or one.userid for one in joined if one.joined_at > since}
        subjects.append(guards.about(issue.id))
    asked = dialogues.asked_about(ctx.session, KIND, subjects, ctx.now)
    return found | {_home_of(ctx, userid) for userid in asked}


def _home_of(ctx: Context, userid: str) -> object:
    """What a household is counted by: its key, else the account of who lives nowhere."""
    person = ctx.town.person(userid)
    home = ctx.town.home(person.id) if person else None
    return home.id if home else userid.lower()


def _waiting(
    ctx: Context, text: str, found: SameMatter, question: str, extra: str
) -> dict[str, Any]:
    return {
        "text": text,
        "number": found.issue.number,
        "question": question,
        "ours": found.ours,
        "extra": extra,
        "message": ctx.incoming.to_dict(),
        "asked_at": ctx.now.isoformat(),
    }


def _wait(ctx: Context, issue: Issue, data: dict[str, Any]) -> None:
    """Keep the question; who has joined already is not counted twice."""
    about = "" if data.get("joined") else guards.about(issue.id)
    until = datetime.fromisoformat(data["asked_at"]) + dialogues.SUGGEST_FOR
    userid = ctx.incoming.userid.lower()
    dialogues.ask(ctx.session, userid, "", KIND, data, until, about)


def _question(ctx: Context, found: SameMatter) -> str:
    day = found.issue.reported_at.astimezone(ctx.office.clock.zone)
    reported = ctx.say("ask_same_own" if found.ours else "ask_same_near")
    return ctx.say("ask_same", reported=reported, what=found.thing, day=wording.day(day))


def _in_group(ctx: Context) -> str:
    return ctx.say("asked_in_private")


def waiting(ctx: Context) -> Dialogue | None:
    """The question that is still open, wherever the sender speaks now."""
    private = (one for one in ctx.asked if not one.chat_id)
    return next((one for one in private if one.kind == KIND), None)


def add_materials(ctx: Context, asked: Dialogue) -> Reply:
    """Photos that follow the report while its question waits go along with it."""
    issue = by_number(ctx.session, asked.data["number"])
    if asked.data.get("joined") and issue is not None:
        return _adds(ctx, issue, asked.data, "") or _own(ctx, asked.data)
    asked.data = {**asked.data, "message": _with_materials(ctx, asked.data)}
    what = wording.counted(ctx.incoming.materials)
    told = ctx.say("same_materials", what=what, question=asked.data["question"])
    return ctx.privately(told, _in_group(ctx))


def _with_materials(ctx: Context, data: Mapping[str, Any]) -> dict[str, Any]:
    """The waiting message with what has just come besides."""
    message = dict(data["message"])
    came = [vars(material) for material in ctx.incoming.materials]
    return {**message, "materials": [*message["materials"], *came]}


# --- the answer ---


def answered(ctx: Context, data: Mapping[str, Any]) -> SameSaid | None:
    """What the text says to the question; None for what is none of its business."""
    if ctx.text == data["text"]:
        return SameSaid("again")
    if data.get("joined"):
        return _said_after_joining(ctx, data)
    if bare := _bare_answer(ctx, data):
        return bare
    return SameSaid("no", ctx.text) if _goes_on(ctx, data) else None


def _bare_answer(ctx: Context, data: Mapping[str, Any]) -> SameSaid | None:
    """1, 2, yes, no or never mind, and nothing else."""
    plain, pick = ctx.utterance.plain.strip("。.!~ "), ctx.utterance.pick
    if pick in (1, 2):
        return None if _answered_since(ctx, data) else SameSaid("yes" if pick == 1 else "no")
    if _YES.fullmatch(plain):
        return SameSaid("yes")
    if _NO.fullmatch(plain):
        return SameSaid("no")
    return SameSaid("never_mind") if _NEVER_MIND.fullmatch(plain) else None


def _said_after_joining(ctx: Context, data: Mapping[str, Any]) -> SameSaid | None:
    """Whoever was joined unasked stays, leaves, or tells more of it; all else is a new message."""
    if but := _NO_BUT.fullmatch(ctx.text.strip()):
        return SameSaid("no", but["more"])
    if bare := _bare_answer(ctx, data):
        return bare
    about, before = ctx.book.matters.about(ctx.text), ctx.book.matters.about(data["text"])
    short = not about and len(ctx.text) <= _FRAGMENT and _soon(ctx, data)
    more = bool(about & before) or short
    if not (more and _goes_on(ctx, data)) or _is_of_a_zhang(ctx, data):
        return None
    return SameSaid("more", ctx.text)


def _is_of_a_zhang(ctx: Context, data: Mapping[str, Any]) -> bool:
    """Whoever was joined unasked may not know who reads it: what he says of a 长 is asked about."""
    issue, userid = by_number(ctx.session, data["number"]), ctx.incoming.userid
    anybody = UnitKind.TOWNSHIP
    return issue is not None and accusations.speaks_of(ctx.work, userid, ctx.text, anybody, issue)


def asked_at(asked: Dialogue) -> datetime:
    """When the question was put."""
    return datetime.fromisoformat(asked.data["asked_at"])


def _soon(ctx: Context, data: Mapping[str, Any]) -> bool:
    return ctx.now < datetime.fromisoformat(data["asked_at"]) + _STILL_TELLING


def _answered_since(ctx: Context, data: Mapping[str, Any]) -> bool:
    """Whether a lone number is about an answer of the FAQ that came after the question."""
    hit = ctx.hits.last(ctx.session, ctx.incoming.userid.lower(), ctx.incoming.chat_id, ctx.now)
    return hit is not None and hit.at > datetime.fromisoformat(data["asked_at"])


def _goes_on(ctx: Context, data: Mapping[str, Any]) -> bool:
    """Whether the words tell more of the same report ("是村尾那盏"); a command, a question of its
    own or another trouble is for others."""
    if ctx.utterance.command or len(ctx.text) > _LONGEST_REST:
        return False
    match: Match = ctx.match
    if match.band not in ("issue", "report") or not ctx.utterance.has_words:
        return False
    about = ctx.book.matters.about(ctx.text)
    return match.band == "issue" or bool(about & ctx.book.matters.about(data["text"]))


def run(ctx: Context, data: Mapping[str, Any], said: SameSaid) -> Reply:
    """Join, or an own issue; the question itself has been cleared by the caller."""
    issue = by_number(ctx.session, data["number"])
    if data.get("joined") and issue is not None:
        return _after_joining(ctx, issue, data, said)
    if said.what == "again" or (said.words and _still_telling(ctx, issue, data)):
        return _ask_again(ctx, data, said.words)
    if said.what == "never_mind":
        return ctx.privately(ctx.say("same_dropped"))
    if said.what == "yes" and issue is not None:
        told = _joined(ctx, issue, data)
        return ctx.privately(_with_extra(told, data)) if told else _own(ctx, data)
    return _own(ctx, data, said.words)


def _after_joining(ctx: Context, issue: Issue, data: Mapping[str, Any], said: SameSaid) -> Reply:
    """He stays, tells more of it, or leaves again: with an issue of his own, or with none."""
    if said.what == "more":
        told = _adds(ctx, issue, data, said.words)
        return told or _own(ctx, data, said.words)
    if said.what in ("yes", "again"):
        _wait(ctx, issue, dict(data))
        return ctx.privately(str(data["question"]), _in_group(ctx))
    refusal = attempt(ctx, lambda: joining.leave_endorsement(ctx.work, issue, ctx.actor))
    if refusal:
        return ctx.privately(refusal)
    if said.what == "never_mind":
        return ctx.privately(ctx.say("same_left", number=issue.number))
    return _own(ctx, data, said.words)


def _adds(ctx: Context, issue: Issue, data: Mapping[str, Any], more: str) -> Reply | None:
    """More of what he was joined with, words or photos; None when nothing can be added to it."""
    materials = ctx.incoming.materials
    if attempt(ctx, lambda: registering.supplement(ctx.work, issue, ctx.actor, more, materials)):
        return None
    _wait(ctx, issue, _with_more(ctx, data, more))  # goes with him should he leave
    what = ctx.say("what_said") if more else wording.counted(materials)
    told = wording.say(ctx.work, issue, "receipt_more", what=what)
    return ctx.privately(told, wording.group_receipt(ctx.work, issue))


def _still_telling(ctx: Context, issue: Issue | None, data: Mapping[str, Any]) -> bool:
    """路灯坏了, then at once 在村口: the question stands, unless it cannot be the same any more."""
    whole = f"{data['text']}\n{ctx.text}"
    if issue is None or not _soon(ctx, data) or not complained.may_add(ctx, issue, whole):
        return False
    return bool(ctx.book.matters.same(whole, issue.content))


def _ask_again(ctx: Context, data: Mapping[str, Any], more: str) -> Reply:
    """The same question with the same end; what has been said meanwhile belongs to the report."""
    issue = by_number(ctx.session, data["number"])
    assert issue is not None  # issues are never deleted
    _wait(ctx, issue, _with_more(ctx, data, more))
    return ctx.privately(data["question"], _in_group(ctx))


def _with_more(ctx: Context, data: Mapping[str, Any], more: str) -> dict[str, Any]:
    """What waits, with the words and photos that have just come."""
    text = "\n".join(part for part in (data["text"], more) if part)
    return {**data, "text": text, "message": _with_materials(ctx, data)}


def _joined(ctx: Context, issue: Issue, data: Mapping[str, Any]) -> str | None:
    """The receipt; None when it cannot be joined any more."""
    text, materials = str(data["text"]), _materials(ctx, data)
    if not complained.may_add(ctx, issue, text):  # whoever works on it would read it
        return None
    own = standing.endorsement(ctx.work, issue, ctx.incoming.userid)
    act: Callable[[Work, Issue, Actor, str, tuple[Material, ...]], object] = joining.endorse
    if own is not None:
        act = registering.supplement
    elif data["ours"]:
        act = joining.household_adds
    if attempt(ctx, lambda: act(ctx.work, issue, ctx.actor, text, materials)):
        return None
    if data["ours"]:
        return f"{ctx.say('same_own')}\n{stages.status(ctx.work, issue, text)}"
    households = 1 + len(standing.endorsements(ctx.work, issue))
    return wording.say(ctx.work, issue, "receipt_joined", households=households)


def _own(ctx: Context, data: Mapping[str, Any], more: str = "") -> Reply:
    materials = ctx.incoming.materials if more else ()
    joined = by_number(ctx.session, data["number"])
    said = "\n".join(part for part in (str(data["text"]), more) if part)
    kept_from = complained.kept_from(ctx, joined, said) if joined else None
    issue = own_issue(ctx.work, data, more, materials, kept_from)
    told = _with_extra(wording.receipt(ctx.work, issue), data)
    return ctx.privately(told, wording.group_receipt(ctx.work, issue), issue)


def own_issue(
    work: Work,
    data: Mapping[str, Any],
    more: str = "",
    materials: tuple[Material, ...] = (),
    accuses: UnitKind | None = None,
) -> Issue:
    """The report that was waiting, with the time of its own message; ``accuses``: whom it is known
    to complain about besides."""
    incoming = Incoming.from_dict(data["message"])
    text = "\n".join(part for part in (str(data["text"]), more) if part)
    said = accusations.accused(work, incoming.userid, incoming.chat_id, text)
    waited = of_message(incoming, text, accusations.together([said, accuses]))
    whole = replace(waited, materials=(*incoming.materials, *materials))
    return registering.open_issue(work, whole)


def _materials(ctx: Context, data: Mapping[str, Any]) -> tuple[Material, ...]:
    return (*Incoming.from_dict(data["message"]).materials, *ctx.incoming.materials)


def _with_extra(told: str, data: Mapping[str, Any]) -> str:
    return f"{told}\n\n{data['extra']}" if data["extra"] else told


# --- what one has joined ---


def joined(ctx: Context) -> dict[int, Endorsement]:
    """The sender's own 附议 by issue."""
    mine = select(Endorsement).where(Endorsement.userid == ctx.incoming.userid.lower())
    return {one.issue_id: one for one in ctx.session.scalars(mine)}


def mine(ctx: Context) -> list[Issue]:
    """What the sender has reported or joined, oldest first."""
    own = joined(ctx)
    userid = ctx.incoming.userid.lower()
    return [i for i in ctx.issues if i.reporter == userid or i.id in own]
