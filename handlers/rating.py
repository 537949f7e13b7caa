"""群众评单: the resident rates by card, by number or in words, or says 没修好.

Who has joined (附议) rates for the own household. What a rating does is judging.py's business.
"""

import re
from dataclasses import dataclass, replace
from datetime import timedelta

from handlers import endorsing
from handlers.attempt import attempt
from handlers.context import Context
from handlers.message import Reply
from issues import judging, merging, registering, stages, standing, wording
from issues.short_numbers import by_number, matching
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


def matches(ctx: Context) -> Verdict | None:
    if ctx.incoming.click:
        return _clicked(ctx)
    if ctx.incoming.kind != "message":
        return None
    plain = ctx.utterance.plain
    return _redo(ctx) or _said(ctx, plain) or _numbered(ctx) or _among(ctx, plain)


def run(ctx: Context, verdict: Verdict) -> Reply:
    issue = verdict.issue
    if issue is None:
        return ctx.privately(_nothing_to_rate(ctx))
    if verdict.redo:
        refusal = attempt(ctx, lambda: judging.redo(ctx.work, issue, ctx.actor, verdict.reason))
        return ctx.privately(refusal or wording.say(ctx.work, issue, "receipt_redo"))
    refusal = attempt(ctx, lambda: _rate(ctx, issue, verdict))
    if ctx.incoming.click:
        return _after_click(ctx, issue, refusal)
    return ctx.privately(refusal or _answer(ctx, issue, verdict))


def _rate(ctx: Context, issue: Issue, verdict: Verdict) -> None:
    judging.rate(ctx.work, issue, ctx.actor, verdict.solved, verdict.rating)
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
    issue = _meant(ctx, apart.number, _awaiting(ctx))
    said = match["words"]
    return Verdict(issue, solved=_SOLVED.get(said), rating=_RATINGS.get(said))


def _numbered(ctx: Context) -> Verdict | None:
    """A lone 1-5, unless it answers something newer (the way out of a FAQ answer comes first)."""
    rating = _BY_NUMBER.get(ctx.utterance.pick or 0)
    if rating is None:
        return None
    issue = _meant(ctx, "", [i for i in _awaiting(ctx) if _own(ctx, i).rating is None])
    return Verdict(issue, rating=rating) if issue else None


def _among(ctx: Context, plain: str) -> Verdict | None:
    """A rating said with a few more words, by somebody who has been asked for one."""
    clauses = [c for c in re.split(r"[\s,，。.!！;；~]+", plain) if c]
    said = [m["words"] for c in clauses if (m := _CLAUSE.fullmatch(c))]
    if not said or len(clauses) > MOST_CLAUSES:
        return None
    issue = _meant(ctx, "", [i for i in _awaiting(ctx) if i.state is State.RESOLVED])
    if issue is None:
        return None
    solved = next((_SOLVED.get(w, Solved.NO) for w in said if w not in _RATINGS), None)
    rating = next((_RATINGS[w] for w in said if w in _RATINGS), None)
    return Verdict(issue, solved=solved, rating=rating, reason=ctx.text)


def _nothing_to_rate(ctx: Context) -> str:
    """没修好, 不满意 and the like, said when nothing has been finished."""
    still = [i for i in endorsing.mine(ctx) if i.state in OPEN_STATES]
    if not still:
        return ctx.say("rate_nothing")
    said = standing.own_words(ctx.work, still[-1], ctx.incoming.userid)
    return f"{ctx.say('rate_open')}\n{stages.status(ctx.work, still[-1], said)}"


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
