"""照片 42: what came with an issue, sent to a 长 who works on it; residents get their own back.

Photos are shown when somebody asks for them, so that no card becomes three messages.
"""

import re
from dataclasses import dataclass

from handlers import reach
from handlers.context import Context
from handlers.message import Reply
from issues import registering
from issues.deployment import MEMBER
from issues.short_numbers import short
from issues.wording import counted, material_chinese
from storage import outbox
from storage.notice import Notice
from storage.outbox import Precedence
from storage.tables import Attachment, Issue

NAME = "materials"
WRITES = True
_ASKED = re.compile(r"(?:看|发|查看)?(?:照片|图片|相片|附件|语音|位置)")


@dataclass(frozen=True)
class WantedPhotos:
    """The issue whose materials are asked for; None when none can be meant."""

    issue: Issue | None


def matches(ctx: Context) -> WantedPhotos | None:
    if ctx.incoming.kind != "message":
        return None
    said = ctx.utterance.apart
    if not _ASKED.fullmatch(said.words):
        return None
    found = reach.seen(ctx, said.number) if said.number else ctx.issues[::-1]
    return WantedPhotos(found[0] if found else None)


def run(ctx: Context, wanted: WantedPhotos) -> Reply:
    if wanted.issue is None:
        return ctx.privately(ctx.say("materials_unknown"))
    found = registering.own_materials(ctx.work, wanted.issue, ctx.actor)
    if not found:
        return ctx.privately(ctx.say("materials_none", number=wanted.issue.number))
    for attachment in found:
        if attachment.path:
            _send(ctx, wanted.issue, attachment)
    head = ctx.say("materials_list", number=wanted.issue.number, what=counted(found))
    lines = [head, *dict.fromkeys(_told(ctx, one) for one in found)]
    return ctx.privately("\n".join(line for line in lines if line))


def _send(ctx: Context, issue: Issue, attachment: Attachment) -> None:
    kind = material_chinese(attachment.kind)
    what = ctx.say("materials_of", short=short(issue.number), what=kind)
    posting = outbox.Posting(
        key=f"reply:{ctx.incoming.channel}:{ctx.incoming.key}:{attachment.id}",
        channel=MEMBER,
        target=ctx.incoming.userid.lower(),
        notice=Notice(what, what, media=attachment.path, media_kind=attachment.kind, again=True),
        not_before=ctx.now,
        precedence=Precedence.ANSWER,
    )
    outbox.put(ctx.session, posting, ctx.now)


def _told(ctx: Context, attachment: Attachment) -> str:
    """What can be said in words: a place, or why a photo does not come."""
    if attachment.kind == "location":
        at = {"latitude": attachment.latitude, "longitude": attachment.longitude}
        return ctx.say("materials_place", place=attachment.text, **at)
    if attachment.path:
        return ""
    key = "materials_coming" if attachment.fetch_at else "materials_lost"
    return ctx.say(key, what=material_chinese(attachment.kind))
