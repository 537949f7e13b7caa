"""The card that takes the place of a tapped one: what can still be done, or what became of it.

Somebody who is not concerned reads nothing of the issue but its number.
"""

from dataclasses import replace

from handlers.context import Context
from issues import standing, tell, wording
from issues.short_numbers import short
from rules.actions import ACTION_CHINESE
from rules.words import OPEN_STATES, STATE_CHINESE, Action, Party
from storage.notice import Button, Card
from storage.tables import Assist, Issue


def card_after(ctx: Context, issue: Issue, action: Action, *, done: bool) -> Card:
    """The tapped card as it stands now for the one who tapped."""
    click = ctx.incoming.click
    assert click is not None
    parties = standing.parties(ctx.work, issue, ctx.actor)
    did = action if done else None
    helper = _assist(ctx, issue) if action is Action.ASSIST_DONE else None
    if helper:
        return _helpers_card(ctx, issue, helper, did)
    if not standing.may_see_name(ctx.work, issue, ctx.actor):
        return _closed(ctx, issue, click.task_id)
    reporter = standing.name_for if ctx.incoming.in_group else standing.contact_for
    card = _held_card(ctx, issue, click.task_id, reporter(ctx.work, issue, ctx.actor))
    asked = action in (Action.GRANT, Action.REFUSE)
    if Party.HOLDER in parties and issue.state in OPEN_STATES and not asked:
        return card
    return wording.done_card(ctx.work, issue, card, did)


def _held_card(ctx: Context, issue: Issue, task: str, name: str) -> Card:
    heading = ctx.say("heading_tapped")
    if not issue.urgent:
        return wording.holder_card(ctx.work, issue, task, heading, name)
    alarm = tell.alarm_of(ctx.work, issue, name)
    card = wording.alarm_card(ctx.work, issue, task, heading, alarm).card
    assert card is not None  # an alarm is a card
    return card


def _helpers_card(ctx: Context, issue: Issue, helper: Assist, did: Action | None) -> Card:
    click = ctx.incoming.click
    assert click is not None
    until = wording.deadline(helper.due_at, ctx.office.clock.zone)
    content = standing.content_for(ctx.work, issue, ctx.actor)
    asked = {"request": helper.request, "until": until, "content": content}
    card = wording.helper_card(ctx.work, issue, click.task_id, **asked)
    if helper.answered_at:
        return replace(card, done=ACTION_CHINESE[Action.ASSIST_DONE])
    return card if issue.state in OPEN_STATES else wording.done_card(ctx.work, issue, card, did)


def _assist(ctx: Context, issue: Issue) -> Assist | None:
    """The newest 协办 of the one who tapped, or of his unit."""
    units = {post.unit_id for post in ctx.posts}
    person_id = ctx.person.id if ctx.person else None
    mine = [
        a
        for a in standing.assists(ctx.work, issue)
        if a.person_id == person_id or a.unit_id in units
    ]
    return mine[-1] if mine else None


def _closed(ctx: Context, issue: Issue, task: str) -> Card:
    buttons, done = (Button("—", "none"),), STATE_CHINESE[issue.state]
    return Card(task, ctx.say("card_of", short=short(issue.number)), buttons=buttons, done=done)
