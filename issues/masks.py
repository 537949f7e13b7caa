"""Masking of personal data in lists and exports (domain.md §8): names, households, numbers.

Pure text in, text out. Who may see what without a mask is decided by whoever asks.
"""

import re

STAR = "*"
#: Full-width and Chinese digits are found as well; one character stays one character.
_AS_DIGITS = str.maketrans(
    "０１２３４５６７８９〇零一二三四五六七八九幺两", "0123456789" + "00123456789" + "12"
)
_SEP = r"[ \-－–]?"
_ID_CARD = (
    rf"[1-9]\d{{5}}{_SEP}(?:18|19|20)\d{{2}}{_SEP}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    rf"{_SEP}\d{{3}}[\dXxＸｘ]"
)
_OLD_ID_CARD = r"[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}"
_MOBILE = rf"1{_SEP}[3-9](?:{_SEP}\d){{9}}"
_LANDLINE = rf"0\d{{2,3}}{_SEP}\d{{7,8}}"
_BANK_CARD = rf"\d{{4}}(?:{_SEP}\d{{4}}){{3}}(?:{_SEP}\d{{1,3}})?"
_LONG = r"\d{12,}"
_SECRETS = re.compile(
    rf"(?<!\d)(?:{_ID_CARD}|{_BANK_CARD}|{_OLD_ID_CARD}|{_LONG}|{_MOBILE}|{_LANDLINE})(?!\d)"
)


def name(whole: str) -> str:
    """毛*: the family name, whatever the length of the rest."""
    return f"{whole[0]}{STAR}" if whole else ""


def number(whole: str) -> str:
    """138****1234; of anything longer or shorter only the ends."""
    head, tail = (3, 4) if len(whole) == 11 else (min(4, len(whole) // 4), min(4, len(whole) // 4))
    middle = max(0, len(whole) - head - tail)
    return f"{whole[:head]}{STAR * middle}{whole[head + middle :]}"


def text(said: str, names: tuple[str, ...] = ()) -> str:
    """Free words without phone, ID-card and bank numbers, and without these people's names."""
    plain = said.translate(_AS_DIGITS)
    parts, done = [], 0
    for found in _SECRETS.finditer(plain):
        parts += [said[done : found.start()], number(said[found.start() : found.end()])]
        done = found.end()
    masked = "".join([*parts, said[done:]])
    for whole in sorted(names, key=len, reverse=True):
        masked = masked.replace(whole, name(whole)) if len(whole) > 1 else masked
    return masked
