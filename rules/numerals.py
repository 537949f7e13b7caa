"""How numbers are written: in digits and in Chinese (四十二), and the number of an issue.

Plain values of text. Finding them among other words is speech/numbers.py's business, looking an
issue up issues/short_numbers.py's.
"""

import re

DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100}
#: Longer digits are no number of anything here; Python itself refuses more than 4,300 of them.
MOST_DIGITS = 18

#: "SZ-20261121-0042", "20261121-42", "0042", "#42": in digits, as a piece of other patterns.
ISSUE_NUMBER = r"#?(?:SZ-?)?(?:20\d{6}-?)?\d{1,6}"
#: The same with its parts: the day (None in the short forms) and the place on that day; where
#: nothing is listed, 第3件 is number 3.
ISSUE_NUMBER_PARTS = re.compile(
    r"第?#?(?:SZ-?)?(?:(?P<day>20\d{6})-?)?(?P<seq>\d{1,6})[号件]?", re.IGNORECASE
)


def is_number_of(said: str, number: str) -> bool:
    """Whether what people write (2, 0002, #42, 20261121-42) can mean the issue of that number."""
    match = ISSUE_NUMBER_PARTS.fullmatch(said.strip())
    sequence = number.rsplit("-", 1)[-1]
    if match is None or not sequence.isdecimal() or int(sequence) != int(match["seq"]):
        return False
    return match["day"] is None or f"-{match['day']}-" in number


_CHINESE = "零一二三四五六七八九"
_TO_CHINESE = str.maketrans("123456789", _CHINESE[1:])
_TO_DIGITS = str.maketrans(_CHINESE[1:], "123456789")
_IN_DIGITS = re.compile(r"[1-9]\d?(?!\d)", re.ASCII)
_IN_CHINESE = re.compile(rf"[{''.join(DIGITS)}{''.join(UNITS)}]+")


def numeral(said: str) -> int | None:
    """四十二, 42, ４２, 一百零三, 零零四二 -> the number; None when it is none."""
    if said.isdecimal():
        return int(said) if len(said) <= MOST_DIGITS else None
    if not said or any(c not in DIGITS and c not in UNITS for c in said):
        return None
    if not any(c in UNITS for c in said):
        return numeral("".join(str(DIGITS[c]) for c in said))
    return _with_units(said)


def _with_units(said: str) -> int:
    total, digit = 0, 0
    for c in said:
        if c in UNITS:
            total, digit = total + (digit or 1) * UNITS[c], 0
        else:
            digit = DIGITS[c]
    return total + digit


def chinese(number: int) -> str:
    """12 -> 十二, 20 -> 二十; from 1 to 99, as units are numbered."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _CHINESE[ones]
    return f"{_CHINESE[tens] if tens > 1 else ''}十{_CHINESE[ones] if ones else ''}"


def spellings(said: str) -> frozenset[str]:
    """2组 is 二组, 十二组 is 12组: the words with their numbers in digits and in Chinese, digit by
    digit (38路 is 三八路) and as a whole."""
    return frozenset(
        {
            said,
            said.translate(_TO_CHINESE),
            said.translate(_TO_DIGITS),
            _IN_DIGITS.sub(lambda found: chinese(int(found[0])), said),
            _IN_CHINESE.sub(lambda found: _digits(found[0]), said),
        }
    )


def _digits(said: str) -> str:
    number = numeral(said)
    return said if number is None else str(number)
