"""Numbers of issues as people write them: 42, #0042, 四十二号, 第三件, 20261121-42; 4、5 6; 4到6.

What a number is among other words (3天, 3号楼 and 12月1日 are none); which issue is meant is the
caller's business.
"""

import re
from dataclasses import dataclass

from rules.numerals import ISSUE_NUMBER, numeral

#: Between a number, a verb and the words.
GAP = r"[\s,，:：、;；]*+"
_CHINESE = r"[零〇一二两三四五六七八九十百]{1,6}"
_NAMED = r"(?:(?:编号|诉求|工单)[\s:：]*+)?"
#: 3天, 3号楼, 12月1日 and the like are no numbers of issues.
_NOT_COUNTED = (
    r"(?![\d天日月年周星个户人次盏栋楼组片邻村只条根台块米元点小分处家名位层间%.:/\-号件])"
)
#: Before a verb nothing is counted: 42号 办结, 四十二号, 第三件.
_BEFORE = rf"第?(?:{ISSUE_NUMBER}[号件]?|{_CHINESE}[号件])"
_AFTER = (
    rf"第?(?:{ISSUE_NUMBER}[号件]?{_NOT_COUNTED}|{_CHINESE}[号件]{_NOT_COUNTED}"
    rf"|{_CHINESE}(?=[\s,，:：]|$))"
)
#: For the pattern of a verb that a number may precede; the number is the group ``before``.
NUMBER_BEFORE = rf"{_NAMED}(?P<before>{_BEFORE}){GAP}"
_LEADING = re.compile(rf"{GAP}{_NAMED}(?P<number>{_AFTER})(?P<rest>.*)", re.I | re.DOTALL)
_TRAILING = re.compile(
    rf"{_NAMED}(?P<number>第?(?:{ISSUE_NUMBER}[号件]?|{_CHINESE}[号件])"
    rf"|(?<=[\s,，:：、;；]){_CHINESE})\Z",
    re.IGNORECASE,
)
#: So many characters has a number at most, with 编号 before it: 编号：SZ-20261121-000042号.
_LONGEST = 28
_EDGES = " \t\n\r,，:：、;；。.?？!！~"

_LIST_GAP = re.compile(r"[\s,，、;；和与及]*+")
_TO = re.compile(r"\s*+(?:到|至|-|~|—)\s*+")
_ONE = re.compile(rf"第?(?:{ISSUE_NUMBER}[号件]?{_NOT_COUNTED}|{_CHINESE}[号件])", re.IGNORECASE)
_FIRST = re.compile(rf"第?(?:{ISSUE_NUMBER}|{_CHINESE})(?=\s*+[到至\-~—])", re.IGNORECASE)
#: 4到60 is no list that anybody means to act on.
MOST_IN_RANGE = 20

_PICK = re.compile(r"(?:我?选|就|要)?第?([0-9]|[一二两三四])个?(?:吧|谢谢)?")


@dataclass(frozen=True)
class Apart:
    """A number ("" when none was said) and the words without it."""

    number: str
    words: str


def plain_number(said: str) -> str:
    """四十二号 -> 42, 第3件 -> 第3, #0042号 -> #0042: as issues.short_numbers.matching reads it."""
    ordinal = "第" if said.startswith("第") and said.endswith("件") else ""
    bare = said.removeprefix("第").rstrip("号件")
    found = None if re.search(r"[\d-]", bare) else numeral(bare)
    return ordinal + (str(found) if found is not None else bare)


def leading(said: str) -> Apart:
    """The number at the beginning: 42 换了灯泡. What is counted is none: 3盏灯都换了."""
    match = _LEADING.fullmatch(said)
    if match is None:
        return Apart("", said)
    return Apart(plain_number(match["number"]), match["rest"])


def trailing(said: str) -> Apart:
    """The number at the end: 催42, 可以来了 #0042, 进度：四十二号？. Signs around the words go."""
    bare = said.rstrip(_EDGES)
    match = _TRAILING.search(bare, max(0, len(bare) - _LONGEST))
    if match is None or _is_cut(bare[: match.start()]):
        return Apart("", said.strip(_EDGES))
    return Apart(plain_number(match["number"]), bare[: match.start()].strip(_EDGES))


def apart(said: str) -> Apart:
    """The number at either end of a few words: 42 满意, 满意 42."""
    first = leading(said)
    return Apart(first.number, first.words.strip(_EDGES)) if first.number else trailing(said)


def _is_cut(before: str) -> bool:
    """Whether the number is the end of something longer: a telephone number, 12.5, A3."""
    last = before[-1:]
    return last.isdecimal() or last in tuple(".-/%+") or (last.isascii() and last.isalpha())


def lone(said: str) -> int | None:
    """A pick from a list as people type it: 2, 二, 第二个, 选2, 2。"""
    match = _PICK.fullmatch(said.strip().rstrip("。.、,!"))
    return numeral(match[1]) if match else None


_GAP = r"[\s,，、;；:：]"
#: Numbers of which nobody says anything but the number: whole ones, and what stands alone.
_INSIDE = re.compile(
    r"(?<![\dA-Za-z])SZ-?20\d{6}-?\d{1,6}(?!\d)|(?<!\d)20\d{6}-\d{1,6}(?!\d)"
    rf"|(?<={_GAP})#?\d{{1,4}}[号件]?(?={_GAP}(?!\s*[天日年月周个人次点块米]))",
    re.IGNORECASE,
)


def inside(said: str) -> tuple[str, ...]:
    """Numbers in the middle of the words: 没修好 2 晚上又不亮了. Which of them mean an issue, the
    issues that are known have to say."""
    return tuple(plain_number(one) for one in _INSIDE.findall(said))


# --- several ---


def listed(said: str) -> tuple[tuple[str, ...], str]:
    """The numbers at the beginning and the words after them: 4 5 6 / 4、5和6 / 4到6 已换."""
    found: list[str] = []
    place = 0
    while (read := _next(said, place)) is not None:
        numbers, place = read
        found += numbers
    return tuple(dict.fromkeys(found)), said[place:]


def _next(said: str, place: int) -> tuple[list[str], int] | None:
    gap = _LIST_GAP.match(said, place)
    start = gap.end() if gap else place
    return _range(said, start) or _single(said, start)


def _single(said: str, start: int) -> tuple[list[str], int] | None:
    match = _ONE.match(said, start)
    return ([plain_number(match[0])], match.end()) if match else None


def _range(said: str, start: int) -> tuple[list[str], int] | None:
    """4到6; None for what is no range or a very long one."""
    first = _FIRST.match(said, start)
    to = _TO.match(said, first.end()) if first else None
    last = _ONE.match(said, to.end()) if to else None
    if first is None or last is None:
        return None
    low, high = (numeral(plain_number(one[0]).lstrip("#第")) for one in (first, last))
    if low is None or high is None or not low <= high < low + MOST_IN_RANGE:
        return None
    return [str(number) for number in range(low, high + 1)], last.end()
