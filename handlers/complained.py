"""What somebody says who complains, or has complained, about a 长 (domain.md §8).

For 72 hours, or while the complaint is open, it joins the complaint or is kept from the same
people, unless it is plainly another matter and concerns nobody who is shut out; in doubt he is
asked, and silence keeps it from them. A photo that came before the words goes with them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from faq.danger import EmergencyClass
from handlers import accusations, dialogues
from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Incoming, Reply
from handlers.reporting import accused, is_fragment, of_message, report, with_quote
from issues import registering, wording
from issues.events import Actor
from issues.registering import Report
from issues.short_numbers import by_numbers, matching
from issues.work import Work
from rules.ladder import rank
from rules.words import OPEN_STATES, UnitKind
from speech import accusing
from storage.tables import Dialogue, Issue

#: The kind of the open question; always in the private chat.
KIND = "complained"
#: What goes on with something, in whatever words.
_GOES_ON = re.compile(
    r"\s*(?:还有|另外|而且|再说|再就是|并且|补充|更正|说错|讲错|不对|不是|这事|[这那]件事?|我刚才|刚才|我前面"
    r"|证据|照片|录音|视频|这是|这些|这张|以上|上面|同样|也是|又来|还要|还是|对了|就是|其实|所以|结果)"
)
#: What begins another matter, as far as it is one: 另外我家门口灯坏了.
_BEGINS_ANOTHER = re.compile(
    r"\s*(?:对了|顺便|顺带|另外|还有)(?:[，,\s]|(?:一|有|个|件|点|事情?|问题|想|要|再|跟|报|反映|说|讲|下)*)*"
)
_ALSO = re.compile("也(?!许)|还是|同样")
#: Fire and the like that is somebody's deed.
_ON_PURPOSE = re.compile("放火|纵火|点火烧|报复|故意|威胁|害我|泼")
#: Somebody else who comes in: 他 may be he.
_SOMEBODY_ELSE = re.compile(
    r"隔壁|邻居|对门|有人|老板|施工队|村民|司机|物业|房东|老师|孩子|儿子|女儿|老人|我[爸妈爷奶娘爹]"
)
#: What can be answered: that matter, another that is kept from them, an ordinary one.
THAT, HIDDEN, ORDINARY = 1, 2, 3
_NEITHER = re.compile("不是|没有")


#: An issue's number, whole and as people say it.
_FULL = re.compile(r"SZ-\d{8}-\d{4,}")
_BRIEF = re.compile(r"(?<![\d-])\d{4}(?!\d)")


class Belongs(StrEnum):
    """Where the words belong after a complaint."""

    JOINS = "joins"  #: to it
    DOUBTFUL = "doubtful"  #: nobody knows
    APART = "apart"  #: another matter that concerns nobody who is shut out


# --- where words belong ---


def belongs(ctx: Context, text: str) -> Belongs | None:
    """Where the words belong; None without a complaint that they could belong to."""
    before = latest(ctx)
    if before is None:
        return None
    if before.number in ctx.incoming.quote or accused(ctx, text):
        return Belongs.JOINS
    back = accusations.refers_back(text) and not _SOMEBODY_ELSE.search(text)
    if back or _same_matter(ctx, text, before):
        return Belongs.JOINS
    spoken, goes_on = _speaks_of_them(ctx, text, before), _GOES_ON.match(text) is not None
    if not _is_whole(ctx, text):
        return Belongs.JOINS if spoken or goes_on or is_fragment(text) else Belongs.DOUBTFUL
    goes_on = goes_on and not _BEGINS_ANOTHER.match(text)
    plainly = not (spoken or goes_on or _ALSO.search(text) or accusing.tells_of_deed(text))
    return Belongs.APART if plainly else Belongs.DOUBTFUL


def latest(ctx: Context) -> Issue | None:
    """The newest complaint of the sender."""
    return next(iter(ctx.complaints), None)


def _same_matter(ctx: Context, text: str, before: Issue) -> bool:
    matters = ctx.book.matters
    return bool(matters.about(text) & matters.about(before.content))


def _speaks_of_them(ctx: Context, text: str, before: Issue) -> bool:
    level = shut_out(ctx)
    userid = ctx.incoming.userid
    said = with_quote(text, ctx.incoming.quote)
    return level is not None and accusations.speaks_of(ctx.work, userid, said, level, before)


def _is_whole(ctx: Context, text: str) -> bool:
    """A thing and its trouble, as one would report it."""
    if is_fragment(text):
        return False
    return bool(ctx.book.matters.about(text)) or (text == ctx.text and ctx.match.band == "report")


def of_named(ctx: Context, text: str) -> UnitKind | None:
    """Up to which level the own complaint is kept from the ladder that is named by its number,
    however long ago it was and whatever has become of it."""
    full, brief = _FULL.findall(text.upper()), _BRIEF.findall(text)
    found = by_numbers(ctx.session, full) if full else []
    found += [issue for number in brief for issue in matching(number, ctx.issues)]
    own = (one for one in found if one.reporter == ctx.incoming.userid.lower())
    return accusations.together(one.bypassed for one in own)


def shut_out(ctx: Context) -> UnitKind | None:
    """Up to which level the sender's complaints are kept from the ladder."""
    return accusations.together(one.bypassed for one in ctx.complaints)


def kept_from(ctx: Context, issue: Issue, text: str) -> UnitKind | None:
    """Up to which level words are kept from the ladder that whoever works on that issue must not
    read; None when he may."""
    if may_add(ctx, issue, text):
        return None
    level = accusations.accused_beside(ctx.work, ctx.incoming.userid, issue, text)
    return accusations.together([level, shut_out(ctx)])


def may_add(ctx: Context, issue: Issue, text: str) -> bool:
    """Whether the words may be read by whoever works on that issue, or once did."""
    said = with_quote(text, ctx.incoming.quote)
    level = accusations.accused_beside(ctx.work, ctx.incoming.userid, issue, said)
    if level is not None:
        return issue.bypassed is not None and rank(issue.bypassed) >= rank(level)
    if issue.bypassed is not None or not ctx.complaints:
        return True
    up_to = shut_out(ctx)
    assert up_to is not None  # there are complaints
    spoken = accusations.speaks_of(ctx.work, ctx.incoming.userid, said, up_to, issue)
    return not (spoken or accusing.tells_of_deed(text))


# --- what comes of them ---


def apart(ctx: Context, issue: Issue, words: str) -> tuple[str, str]:
    """The words for whoever works on that issue, and what the sender is told of those that are not
    for him: they are a complaint of their own."""
    if not words or may_add(ctx, issue, words):
        return words, ""
    return "", take(ctx, words).receipt


@dataclass(frozen=True)
class Taken:
    """The complaint that words have become part of, and what the sender is told of it."""

    issue: Issue
    receipt: str


def take(ctx: Context, text: str, accuses: UnitKind | None = None) -> Taken:
    """Words, and what came with them, become part of an earlier complaint, of the photo that came
    just before, or of a new one."""
    level = accusations.together([accuses, accused(ctx, text), _beside(ctx, text)])
    before, photo = _takes(ctx, level), photo_before(ctx)
    if before and not attempt(ctx, lambda: _add(ctx, before, text)):
        _settle_waiting(ctx)
        what = ctx.say("what_said") if text else wording.counted(ctx.incoming.materials)
        return Taken(before, wording.say(ctx.work, before, "receipt_more_hidden", what=what))
    whole = report(ctx, text, accuses=accusations.together([level, shut_out(ctx)]))
    if photo:
        registering.turn_aside(ctx.work, photo, ctx.actor, whole)
    issue = photo or registering.open_issue(ctx.work, whole)
    _settle_waiting(ctx)
    return Taken(issue, wording.receipt(ctx.work, issue))


def _settle_waiting(ctx: Context) -> None:
    """A photo about which was asked a moment ago is of the complaint that has come now."""
    asked = waiting(ctx)
    if asked is not None:
        dialogues.clear(ctx.session, asked.userid, "", KIND)
        settle(ctx.work, asked.data)


def _beside(ctx: Context, text: str) -> UnitKind | None:
    """What is doubtful is a complaint once it has been found unfit for others."""
    userid, chat = ctx.incoming.userid, ctx.incoming.chat_id
    return accusations.accused(ctx.work, userid, chat, text, accusations.DOUBTFUL)


def _takes(ctx: Context, level: UnitKind | None) -> Issue | None:
    """The open complaint that passes by as many as these words have to."""
    fitting = (
        one
        for one in ctx.complaints
        if one.state in OPEN_STATES
        and one.bypassed
        and (level is None or rank(one.bypassed) >= rank(level))
    )
    return next(fitting, None)


def _add(ctx: Context, issue: Issue, text: str) -> None:
    said = with_quote(text, ctx.incoming.quote) if text else ""
    registering.supplement(ctx.work, issue, ctx.actor, said, ctx.incoming.materials)


def photo_before(ctx: Context) -> Issue | None:
    """What the sender has just sent without words, in whatever chat: it goes with the complaint."""
    loose = (one for one in ctx.just_reported if not one.bypassed and is_wordless(one))
    return next(loose, None)


def is_wordless(issue: Issue) -> bool:
    """（照片 2）"""
    return re.fullmatch(r"（[^\n]*）", issue.content) is not None


def reply(ctx: Context, text: str, extra: str = "", accuses: UnitKind | None = None) -> Reply:
    """Take the words, and say so."""
    taken = take(ctx, text, accuses)
    both = f"{taken.receipt}\n\n{extra}" if extra else taken.receipt
    return ctx.privately(both, wording.group_receipt(ctx.work, taken.issue), taken.issue)


def in_emergency(
    ctx: Context, text: str, emergency: EmergencyClass, *, rung: bool = False
) -> UnitKind | None:
    """Who is not rung: whom the words complain about, and whom an earlier complaint is about unless
    fire or flood has come. Nobody can be asked now. ``rung``: whoever is accused has been rung
    already, and is not to read this."""
    of_people = emergency.bypass_named or rung
    least = accusations.ACCUSED if of_people else accusations.PLAINLY
    userid, chat = ctx.incoming.userid, ctx.incoming.chat_id
    said = with_quote(text, ctx.incoming.quote)
    level = accusations.accused(ctx.work, userid, chat, said, least)
    before = latest(ctx)
    if before is None:
        return level
    deed = of_people or _ON_PURPOSE.search(text) is not None
    if not deed and not _speaks_of_them(ctx, text, before):
        return level
    return accusations.together([level, shut_out(ctx)])


def photo_goes_along(ctx: Context, level: UnitKind | None) -> None:
    """In an emergency the photo that came before stays an issue of its own, out of their hands."""
    photo = photo_before(ctx) if level else None
    if photo is None or level is None:
        return
    own = Report(ctx.incoming.userid, photo.content, ctx.now, photo.channel, accuses=level)
    registering.turn_aside(ctx.work, photo, ctx.actor, own)


# --- asking ---


def ask(ctx: Context, text: str, extra: str = "") -> Reply:
    """Which matter it is; the words wait with the question, photos and all, and with whatever
    already waits. ``extra`` is told with it."""
    before, data = latest(ctx), _waiting(ctx, text)
    assert before is not None  # that is what is asked about
    key = "ask_complained" if before.state in OPEN_STATES else "ask_complained_done"
    what = ctx.say("what_said") if data["text"] else wording.counted(ctx.incoming.materials)
    question = wording.say(ctx.work, before, key, what=what)
    data |= {"number": before.number, "level": shut_out(ctx)}
    data["choices"] = [THAT, HIDDEN, ORDINARY]
    until = ctx.now + dialogues.SUGGEST_FOR
    dialogues.ask(ctx.session, ctx.incoming.userid.lower(), "", KIND, data, until)
    both = f"{question}\n\n{extra}" if extra else question
    return ctx.privately(both, ctx.say("asked_in_private"))


def _waiting(ctx: Context, text: str) -> dict[str, Any]:
    asked, message = waiting(ctx), ctx.incoming.to_dict()
    if asked is None:
        return {"text": text, "message": message}
    first = asked.data["message"]
    came = [*first["materials"], *message["materials"]]
    whole = "\n".join(part for part in (asked.data["text"], text) if part)
    return {"text": whole, "message": {**first, "materials": came}}


def waiting(ctx: Context) -> Dialogue | None:
    """The question that is still open, wherever the sender speaks now."""
    return next((one for one in ctx.asked if one.kind == KIND and not one.chat_id), None)


def run(ctx: Context, data: Mapping[str, Any], choice: int | None) -> Reply:
    """Carry out the answer (None: 算了, 都不是); the question itself has been cleared by the
    caller."""
    if choice is None and not _NEITHER.search(ctx.utterance.plain):
        return ctx.privately(ctx.say("same_dropped"))
    issue = settle(ctx.work, data, choice or HIDDEN)
    receipt = wording.receipt(ctx.work, issue)
    if issue.number == data["number"]:
        receipt = wording.say(ctx.work, issue, "receipt_more_hidden", what=ctx.say("what_said"))
    return ctx.privately(receipt, wording.group_receipt(ctx.work, issue), issue)


def settle(work: Work, data: Mapping[str, Any], choice: int = THAT) -> Issue:
    """The issue that what was waiting belongs to; silence is an answer: to the complaint."""
    incoming = Incoming.from_dict(data["message"])
    level = UnitKind(data["level"])
    if choice == THAT and (before := _still_open(work, incoming.userid, data["number"])):
        by = Actor(incoming.userid.lower(), "resident", incoming.channel)
        said = with_quote(data["text"], incoming.quote) if data["text"] else ""
        registering.supplement(work, before, by, said, incoming.materials)
        return before
    accuses = None if choice == ORDINARY else level
    return registering.open_issue(work, waited(data, accuses))


def _still_open(work: Work, userid: str, number: str) -> Issue | None:
    found = (one for one in accusations.complaints(work, userid) if one.number == number)
    return next((one for one in found if one.state in OPEN_STATES), None)


def waited(data: Mapping[str, Any], accuses: UnitKind | None) -> Report:
    """The message that was waiting, with the time of its own."""
    incoming = Incoming.from_dict(data["message"])
    text = data["text"] or f"（{wording.counted(incoming.materials)}）"
    return of_message(incoming, with_quote(text, incoming.quote), accuses)


def follows(ctx: Context, since: datetime | None) -> bool:
    """Whether a photo without words goes unasked to what was said at that moment: it was said after
    the last complaint, which is not of a moment ago."""
    before = latest(ctx)
    if before is None or since is None:
        return before is None
    recent = before.reported_at >= ctx.now - registering.JUST_NOW
    return since > before.reported_at and not recent
