"""缩水: an FAQ that has lost more than a tenth of its entries at once is asked about, not used.

A folder that is only half synchronised, or a file deleted by mistake, would send hundreds of
questions to the 邻长. What has been accepted is kept in the folder of what a start prepares.
"""

from collections.abc import Collection, Iterable

from faq.prepared import Prepared, digest_of
from files.problem import Problem

#: More than this share, and at least so many, are no ordinary tidying up.
MOST_LOST = 0.10
FEWEST_LOST = 3
_ACCEPTED, _LAST = "faq-accepted", "faq-entries"
#: Of what the list of entries is made: only its form.
_FORM = "1"


def name_of(entries: Iterable[str]) -> str:
    """Names a set of entries by their ids."""
    return digest_of(one.encode() for one in sorted(entries))


def is_shrunk(before: Collection[str], now: Collection[str]) -> bool:
    """Whether too many of the entries are gone."""
    lost = len(set(before) - set(now))
    return lost >= FEWEST_LOST and lost > MOST_LOST * len(before)


def problem(file: str, before: Collection[str], now: Collection[str], then: str) -> Problem:
    """What an admin is asked; ``then``: what is in use meanwhile."""
    gone = sorted(set(before) - set(now))
    some = "、".join(gone[:5])
    what = f"一下子少了 {len(gone)} 条（原来 {len(before)} 条）：{some} 等，{then}"
    remedy = "是有意删的，运行 sanzhang faq accept；不是，把文件补齐，会自动换上"
    return Problem(file, 0, "", what, remedy)


def accept(prepared: Prepared, entries: Collection[str]) -> bool:
    """From now on these are the entries; False where the folder cannot be written to."""
    prepared.save(_ACCEPTED, name_of(entries), len(entries))
    return is_accepted(prepared, entries)


def is_accepted(prepared: Prepared, entries: Collection[str]) -> bool:
    """Whether an admin has said so of just these entries."""
    return prepared.load(_ACCEPTED, name_of(entries)) is not None


def remember(prepared: Prepared, entries: Collection[str]) -> None:
    """What is in use, for the next start."""
    if sorted(entries) != last(prepared):
        prepared.save(_LAST, _FORM, sorted(entries))


def last(prepared: Prepared) -> list[str]:
    """What was in use when the service ran last; empty when that is not known."""
    found = prepared.load(_LAST, _FORM)
    return found if isinstance(found, list) else []
