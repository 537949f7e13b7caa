"""群众评单: the resident rates by card, by number or in words, or says 没修好.

Who has joined (附议) rates for the own household. What a rating does is judging.py's business.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from handlers import complained, endorsing
from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Reply
from issues import guards, judging, merging, registering, stages, standing, wording
from issues.deployment import MEMBER
from issues.short_numbers import by_number, matching, short
from issues.working import ASKS
from rules.numerals import ISSUE_NUMBER
from rules.words import (
    OPEN_STATES,
    RATING_CHINESE,
    SOLVED_CHINESE,
    STATE_CHINESE,
    Rating,
    Solved,
    State,
)
from speech import numbers
from speech.numbers import Apart
from storage import outbox
from storage.notice import Card
from storage.tables import Endorsement, Issue

NAME = "rating"
WRITES = True

_RATINGS = {text: rating for rating, text in RATING_CHINESE.items()}
_SOLVED = {
    **{text: solved for solved, text in SOLVED_CHINESE.items()},
    "解决了": Solved.YES,
    "修好了": Solved.YES,
    "没解决": Solved.NO,
    "没有解决": Solved.NO,
}
_REDO = "没修好|没有修好|没弄好|没办好|又坏了"
_WORDS = "|".join(sorted([*_RATINGS, *_SOLVED], key=len, reverse=True))
#: 评 42 满意: the number may come after it
_RATE = re.compile(r"(?:评价?|我)\s*")
_SAID = re.compile(rf"(?:评价?\s*|我\s*)?(?P<words>{_WORDS})(?:了|的)?")
_REDO_SAID = re.compile(rf"(?:还是)?(?:{_REDO})(?P<rest>.*)", re.DOTALL)
#: 0001 满意 among others; and several of them, with nothing else
_RATED = rf"[号件]?[\s:：是]*+(?:(?:评价?|我|很)\s*+)?(?P<words>{_WORDS})(?:了|的)?"
_ONE = re.compile(rf"(?P<number>{ISSUE_NUMBER}){_RATED}", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,，、;；。.]*")
#: 都满意, 两件都满意
_ALL = re.compile(
    rf"我?们?(?:(?:[两二三四五几]件|这[几些]件?|全部?)都?|都)(?:很|挺)?(?P<words>{_WORDS})(?:了|的)?"
)
#: Asked so shortly after one another, words without a number may be about either.
AT_ONCE = timedelta(minutes=10)
_GAPS = " \t\n,，"
#: "我很不满意，灯又灭了": a rating among a few short clauses, with what people put before it
_CLAUSE = re.compile(
    rf"(?:我|们|家|总体|还|是|真|的|很|太|挺|比较|十分|感到|表示)*(?P<words>{_WORDS}|{_REDO})(?:了|的|啊|呢)*"
)
MOST_CLAUSES = 4
_BY_NUMBER = dict(enumerate(Rating, start=1))
_DONE = (State.RESOLVED, State.CLOSED)
#: Who has joined may still rate for so long after the reporter's answer has closed the issue.
STILL_ASKED = timedelta(days=7)


@dataclass(frozen=True)
class Verdict:
    """What somebody said about which issue; None when there is nothing that it could be about."""

    issue: Issue | None
    solved: Solved | None = None
    rating: Rating | None = None
    redo: bool = False
    reason: str = ""
    #: something else has been asked since, or several wait: ask before anything is rated
    unsure: bool = False


@dataclass(frozen=True)
class Several:
    """Several results rated in one message, each by its number; None for a number of nothing."""

    verdicts: tuple[tuple[str, Verdict], ...]


def matches(ctx: Context) -> Verdict | Several | None:
    if ctx.incoming.click:
        return _clicked(ctx)
    if ctx.incoming.kind != "message":
        return None
    plain = ctx.utterance.plain
    one = _redo(ctx) or _said(ctx, plain) or _numbered(ctx)
    return one or _several(ctx, plain) or _among(ctx, plain)


def run(ctx: Context, verdict: Verdict | Several) -> Reply:
    if isinstance(verdict, Several):
        each = [_rate_one(ctx, number, one) for number, one in verdict.verdicts]
        return ctx.privately("\n".join(each))
    issue = verdict.issue
    if issue is None:
        return ctx.privately(_nothing_to_rate(ctx))
    if verdict.unsure:
        return ctx.privately(_which(ctx, issue))
    reason, besides = complained.apart(ctx, issue, verdict.reason)
    verdict = replace(verdict, reason=reason)
    if verdict.redo:
        refusal = attempt(ctx, lambda: judging.redo(ctx.work, issue, ctx.actor, reason))
        told = refusal or wording.say(ctx.work, issue, "receipt_redo")
    else:
        refusal = attempt(ctx, lambda: _rate(ctx, issue, verdict))
        if ctx.incoming.click:
            return _after_click(ctx, issue, refusal)
        told = refusal or _answer(ctx, issue, verdict)
    return ctx.privately(f"{told}\n\n{besides}" if besides else told)


def _rate_one(ctx: Context, number: str, verdict: Verdict) -> str:
    """One of several: a line each, with its number."""
    issue = verdict.issue
    if issue is None:
        return ctx.say("order_unknown_own", number=number)
    refusal = attempt(ctx, lambda: _rate(ctx, issue, verdict))
    if refusal or issue.state is State.PENDING:
        return refusal or wording.say(ctx.work, issue, "receipt_redo")
    said = _own(ctx, issue).rating
    if said is None:
        return ctx.say("rate_noted", number=issue.number, short=short(issue.number))
    return wording.thanks(ctx.work, issue, said)


def _which(ctx: Context, meant: Issue) -> str:
    """Nothing is rated on a guess: the numbers of what waits, and how to say it."""
    waiting = [issue.number for issue in delivered(ctx, _awaiting(ctx))]
    if len(waiting) < 2:
        return wording.say(ctx.work, meant, "rate_which_one")
    return ctx.say("rate_which", short=short(meant.number), numbers="、".join(waiting))


def _rate(ctx: Context, issue: Issue, verdict: Verdict) -> None:
    said = verdict.reason
    judging.rate(ctx.work, issue, ctx.actor, verdict.solved, verdict.rating, said)
    if verdict.reason and issue.state is State.PENDING:  # whoever redoes it reads why
        registering.supplement(ctx.work, issue, ctx.actor, verdict.reason)


def _answer(ctx: Context, issue: Issue, verdict: Verdict) -> str:
    if issue.state is State.PENDING:
        return wording.say(ctx.work, issue, "receipt_redo")
    own = _own(ctx, issue)
    if own.rating is None:
        return ctx.say("rate_level", keys=wording.RATE_KEYS)
    thanks = wording.thanks(ctx.work, issue, own.rating)
    if own.solved is None and verdict.rating:
        return ctx.say("rate_solved", thanks=thanks)
    return thanks


def _after_click(ctx: Context, issue: Issue, refusal: str | None) -> Reply:
    click = ctx.incoming.click
    assert click is not None
    card = wording.ask_level(ctx.work, issue, click.task_id)
    if refusal:
        return Reply(text=refusal, card=_done(ctx, issue, card))
    own = _own(ctx, issue)
    asking = _DONE if own is not issue else (State.RESOLVED,)
    if issue.state in asking and own.rating is None:
        return Reply(card=card)
    return Reply(card=_done(ctx, issue, card))


def _done(ctx: Context, issue: Issue, card: Card) -> Card:
    """What takes the buttons' place: the own answer, never a neighbour's."""
    own = _own(ctx, issue)
    if own is issue or issue.state not in _DONE:
        return wording.done_card(ctx.work, issue, card)
    told = wording.rated(ctx.work, own.rating) if own.rating else STATE_CHINESE[issue.state]
    return replace(card, done=told)


def _clicked(ctx: Context) -> Verdict | None:
    click = ctx.incoming.click
    assert click is not None
    kind, _, value = click.key.partition(":")
    issue = by_number(ctx.session, click.task_id.split("_")[0])
    if issue is None or kind not in ("solved", "rate"):
        return None
    if kind == "solved":
        return Verdict(issue, solved=Solved(value)) if value in set(Solved) else None
    return Verdict(issue, rating=Rating(value)) if value in set(Rating) else None


def _redo(ctx: Context) -> Verdict | None:
    ahead = numbers.leading(ctx.utterance.words)
    match = _REDO_SAID.fullmatch(ahead.words.lstrip())
    if match is None:
        return None
    rest = match["rest"].lstrip(_GAPS)
    said = Apart(ahead.number, rest) if ahead.number else numbers.leading(rest)
    done = [i for i in endorsing.mine(ctx) if i.state in _DONE]
    issue = _meant(ctx, said.number, done)
    reason = said.words.lstrip(_GAPS).rstrip()
    if issue is None and reason:  # "又坏了，村口那盏" may be something new
        return None
    return Verdict(issue, redo=True, reason=ctx.text if ctx.utterance.is_cut else reason)


def _said(ctx: Context, plain: str) -> Verdict | None:
    rate = _RATE.match(plain)
    apart = numbers.apart(plain[rate.end() :]) if rate else ctx.utterance.apart
    match = _SAID.fullmatch(apart.words)
    if match is None or plain.endswith("?"):
        return None
    said = match["words"]
    verdict = Verdict(None, solved=_SOLVED.get(said), rating=_RATINGS.get(said))
    if apart.number:  # said of one by its number: no guess
        return replace(verdict, issue=_meant(ctx, apart.number, _awaiting(ctx)))
    half = [i for i in _awaiting(ctx) if (own := _own(ctx, i)).rating and own.solved is None]
    if verdict.solved and half:  # the second question was asked with the answer to the first
        return replace(verdict, issue=max(half, key=lambda i: i.closed_at or i.reported_at))
    issue, unsure = _asked_last(ctx, _awaiting(ctx))
    return replace(verdict, issue=issue, unsure=unsure)


def _numbered(ctx: Context) -> Verdict | None:
    """A lone 1-5, unless it answers something newer (the way out of a FAQ answer comes first)."""
    rating = _BY_NUMBER.get(ctx.utterance.pick or 0)
    if rating is None:
        return None
    unrated = [i for i in _awaiting(ctx) if _own(ctx, i).rating is None]
    issue, unsure = _asked_last(ctx, unrated)
    return Verdict(issue, rating=rating, unsure=unsure) if issue else None


def _several(ctx: Context, plain: str) -> Several | None:
    """0001 满意，0002 不满意; 都满意, said by somebody who has been asked about several."""
    all_of = _ALL.fullmatch(plain)
    pairs = [(m["number"], m["words"]) for m in _ONE.finditer(plain)]
    if not all_of and (len(pairs) < 2 or _BETWEEN.sub("", _ONE.sub("", plain))):
        return None
    waiting = _awaiting(ctx)
    if all_of:
        unrated = [i for i in waiting if _own(ctx, i).rating is None]
        pairs = [(issue.number, all_of["words"]) for issue in delivered(ctx, unrated)]
    found = tuple((number, _verdict(ctx, number, said, waiting)) for number, said in pairs)
    return Several(found) if found else None


def _verdict(ctx: Context, number: str, said: str, waiting: list[Issue]) -> Verdict:
    issue = _meant(ctx, numbers.plain_number(number), waiting)
    return Verdict(issue, solved=_SOLVED.get(said), rating=_RATINGS.get(said))


def _among(ctx: Context, plain: str) -> Verdict | None:
    """A rating said with a few more words, by somebody who has been asked for one."""
    clauses = [c for c in re.split(r"[\s,，。.!！;；~]+", plain) if c]
    said = [m["words"] for c in clauses if (m := _CLAUSE.fullmatch(c))]
    if not said or len(clauses) > MOST_CLAUSES:
        return None
    resolved = [i for i in _awaiting(ctx) if i.state is State.RESOLVED]
    issue, unsure = _asked_last(ctx, resolved)
    if issue is None:
        return None
    solved = next((_SOLVED.get(w, Solved.NO) for w in said if w not in _RATINGS), None)
    rating = next((_RATINGS[w] for w in said if w in _RATINGS), None)
    return Verdict(issue, solved=solved, rating=rating, reason=ctx.text, unsure=unsure)


def _nothing_to_rate(ctx: Context) -> str:
    """没修好, 不满意 and the like, said when nothing has been finished."""
    done = [i for i in endorsing.mine(ctx) if i.state is State.RESOLVED]
    if done:
        return before_asked(ctx, done[-1])
    still = [i for i in endorsing.mine(ctx) if i.state in OPEN_STATES]
    if not still:
        return ctx.say("rate_nothing")
    said = standing.own_words(ctx.work, still[-1], ctx.incoming.userid)
    return f"{ctx.say('rate_open')}\n{stages.status(ctx.work, still[-1], said)}"


def before_asked(ctx: Context, issue: Issue) -> str:
    """He has seen the result before it reached him: nothing is rated, he reads how it stands, and
    is asked when he has been told (domain.md §6)."""
    said = standing.own_words(ctx.work, issue, ctx.incoming.userid)
    return f"{ctx.say('rate_later')}\n{stages.status(ctx.work, issue, said)}"


def _own(ctx: Context, issue: Issue) -> Issue | Endorsement:
    """Whose answers count for the sender: the reporter's are the issue's."""
    return standing.endorsement(ctx.work, issue, ctx.incoming.userid) or issue


def _awaiting(ctx: Context) -> list[Issue]:
    """What the sender was asked to rate, or has rated without the second question."""
    joined = endorsing.joined(ctx)
    return [
        issue
        for issue in endorsing.mine(ctx)
        if issue.state is State.RESOLVED
        or (issue.state is State.CLOSED and _half_rated(ctx, issue, joined.get(issue.id)))
    ]


def _half_rated(ctx: Context, issue: Issue, own: Endorsement | None) -> bool:
    if own is None:
        return bool(issue.rating) and issue.solved is None
    closed = issue.closed_at or ctx.now
    if own.rating:
        return own.solved is None
    return issue.asked > 0 and not issue.delicate and ctx.now <= closed + STILL_ASKED


def delivered(ctx: Context, candidates: list[Issue]) -> dict[Issue, datetime]:
    """Those about which the sender has been asked, since when, the latest last. What has not
    reached him is nothing that a number or a word could answer."""
    done = [issue.resolved_at for issue in candidates if issue.resolved_at]
    if not done:
        return {}
    userid = ctx.incoming.userid.lower()
    to = outbox.Addressee(MEMBER, userid)
    got = outbox.delivered(ctx.session, to, f"{ASKS}:", min(done), ctx.now)
    asked = {i: got[about] for i in candidates if (about := guards.about(i.id)) in got}
    return dict(sorted(asked.items(), key=lambda pair: pair[1]))


def _asked_last(ctx: Context, candidates: list[Issue]) -> tuple[Issue | None, bool]:
    """What words without a number are about: what was asked last; and whether that has to be asked
    first, since something else was asked meanwhile."""
    asked = delivered(ctx, candidates)
    if not asked:
        return None, False
    issue, since = list(asked.items())[-1]
    own = [one for one in asked if _own(ctx, one).rating is None]
    if own and issue not in own:  # a thank-you after the answer is not about an older one
        issue, since = own[-1], asked[own[-1]]
    near = [one for one in own if one is not issue and since - asked[one] < AT_ONCE]
    userid = ctx.incoming.userid.lower()
    return issue, bool(near) or ctx.hits.asked_since(ctx.session, userid, since)


def _meant(ctx: Context, said: str, candidates: list[Issue]) -> Issue | None:
    """The numbered one, else the one that was asked about last."""
    found = matching(said, candidates) if said else candidates[::-1]
    if said and not found:  # by the number that he was given, of what goes on as another one
        merged = [one for one in endorsing.mine(ctx) if one.state is State.MERGED]
        going = [merging.goes_on_as(ctx.work, one) for one in matching(said, merged)]
        found = [one for one in going if one in candidates]
    return max(
        found,
        key=lambda i: (_own(ctx, i).rating is None, i.resolved_at or i.reported_at),
        default=None,
    )
