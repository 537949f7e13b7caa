"""A complaint about a 长 bypasses that person and everyone under them (domain.md §5, §8).

Reads who is meant from the words: a role or a name of the sender's own ladder beside a word of
complaint. When in doubt it bypasses: one level too high costs a phone call, one too low a secret.
"""

import re
from collections.abc import Mapping, Sequence

from rules.ladder import Seat, rank
from rules.words import UnitKind

_ROLES: Mapping[UnitKind, str] = {
    UnitKind.LIN: "邻长",
    UnitKind.ZU: "组长",
    UnitKind.PIAN: "片长",
    UnitKind.VILLAGE: "村干部|村主任|村书记|村支书|支书|社区主任|社区书记|村委会?|居委会?|村里干部",
    UnitKind.TOWNSHIP: "镇干部|乡干部|镇长|乡长|镇书记|镇里干部|街道干部",
}
_COMPLAINT = (
    r"投诉|举报|检举|控告|告发|不作为|乱作为|不管事|不做事|不办事|不理人?|不负责|不公|偏心|包庇"
    r"|推[诿脱]|骂|打了?[我他她]|打人|欺负|报复|威胁|态度|刁难|吃拿卡要|贪|克扣|挪用|红包|好处费"
    r"|[收要拿][了我他们家的]{0,4}钱|收费|占[了我他集]|徇私"
)
_ANY_COMPLAINT = re.compile(_COMPLAINT)
#: How far apart the person and the complaint may stand.
_NEAR = r"[^。！？!?\n]{0,16}"


def accused(text: str, seats: Sequence[Seat], names: Mapping[int, str]) -> UnitKind | None:
    """The highest level of the ladder that the words complain about; None if they do not.

    ``names``: person id -> name, of the people on ``seats``.
    """
    if not _ANY_COMPLAINT.search(text):
        return None
    meant = [seat.level for seat in seats if _complains(text, _called(seat, names))]
    return max(meant, key=rank) if meant else None


def speaks_of(text: str, seats: Sequence[Seat], names: Mapping[int, str]) -> bool:
    """Whether one of them is named or called by the role, with or without a word of complaint."""
    return any(who and re.search(who, text) for who in (_called(seat, names) for seat in seats))


def _called(seat: Seat, names: Mapping[int, str]) -> str:
    name = names.get(seat.person or 0, "")
    words = [_ROLES.get(seat.level, ""), re.escape(name) if len(name) > 1 else ""]
    return "|".join(word for word in words if word)


def _complains(text: str, who: str) -> bool:
    if not who:
        return False
    pattern = rf"(?:{_COMPLAINT}){_NEAR}(?:{who})|(?:{who}){_NEAR}(?:{_COMPLAINT})"
    return re.search(pattern, text) is not None
