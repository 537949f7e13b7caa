"""A day as people and spreadsheets write it.

Which days make sense, and what to say of a text that is none, is left to the readers.
"""

import re
import unicodedata
from datetime import date

#: 2026-1-5, 2026/1/5, 2026.1.5, 2026年1月5日, 2026年1月5号, 20260105
_DAY = re.compile(
    r"'?(\d{4})(?:\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})|(\d{2})(\d{2}))\s*[日号]?"
    r"(?:[\sT]+\d{1,2}:\d{2}(?::\d{2})?)?"
)


def read_day(text: str) -> date | None:
    """The day that is written there; None if it is none.

    Full-width digits and signs that nobody sees do no harm, nor does a time of day behind it, which
    spreadsheets add.
    """
    plain = unicodedata.normalize("NFKC", text)
    found = _DAY.fullmatch("".join(c for c in plain if unicodedata.category(c) != "Cf").strip())
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part)
    try:
        return date(year, month, day)
    except ValueError:  # the 30th of February
        return None
