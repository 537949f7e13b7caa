"""请当面告知 ticked off: "已告知 42", by whoever went and told the resident.

Who has to be told in person is listed by the Desk when no channel delivers.
"""

import re
from dataclasses import dataclass

from handlers import reach
from handlers.commands import HALF_WIDTH, plain_number
from handlers.context import Context
from handlers.message import Reply
from issues import words
from issues.numbers import matching, short
from storage.tables import InPerson, Issue

NAME = "in_person"
WRITES = True
_NUMBER = r"(?P<{}>#?(?:SZ-?)?(?:\d{{8}}-)?\d{{1,6}}号?|[零一二三四五六七八九十百]+号)"
_TOLD = re.compile(
    rf"(?:{_NUMBER.format('a')}\s*)?我?(?:已经?|都)(?:当面)?告知了?\s*(?:{_NUMBER.format('b')})?[。!！]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Told:
    """What has been told in person: several when no number says which."""

    rows: list[tuple[InPerson, Issue]]


def matches(ctx: Context) -> Told | None:
    number = told(ctx.text) if ctx.incoming.kind == "message" and ctx.posts else None
    if number is None:
        return None
    rows = reach.to_tell(ctx)
    meant = matching(number, [issue for _, issue in rows]) if number else None
    return Told([row for row in rows if meant is None or row[1] in meant])


def told(text: str) -> str | None:
    """The number in 已告知 42, "" without one; None when it is something else."""
    match = _TOLD.fullmatch(text.translate(HALF_WIDTH).strip())
    return plain_number(match["a"] or match["b"] or "") if match else None


def run(ctx: Context, told: Told) -> Reply:
    if not told.rows:
        return ctx.privately("现在没有请您当面告知的。谢谢您。")
    if len({issue.id for _, issue in told.rows}) > 1:
        lines = [f"{short(i.number)} {words.cut(row.text, 30)}" for row, i in told.rows]
        return ctx.privately("\n".join(["告知的是哪一件？请带上编号，例如：已告知 42", *lines[:8]]))
    for row, _ in told.rows:
        ctx.desk.told_in_person(row, ctx.actor.userid)
    number = told.rows[0][1].number
    return Reply(f"{number} 记下了，已当面告知。谢谢您跑一趟！")
