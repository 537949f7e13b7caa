"""The corp's address book has changed: a 长 has left, or goes by another account.

WeCom tells of every member, thousands in a day of reorganisation; only those who leave something
behind are taken here, all others get the empty answer of events.py and no row.
"""

from handlers.context import Context
from handlers.message import NOTHING, Contact, Reply
from issues import departure

NAME = "contact"
WRITES = True


def matches(ctx: Context) -> Contact | None:
    change, userid = ctx.incoming.contact, ctx.incoming.userid
    if change is None:
        return None
    if change.left:
        return change if departure.leaves_something(ctx.work, userid) else None
    renamed = change.new_userid.lower() not in ("", userid.lower())
    return change if renamed and departure.is_somebody(ctx.work, userid) else None


def run(ctx: Context, change: Contact) -> Reply:
    if change.left:
        assert ctx.person is not None  # he left something behind
        departure.depart(ctx.work, ctx.person, ctx.incoming.key)
    else:
        departure.rename(ctx.work, ctx.incoming.userid, change.new_userid)
    return NOTHING
