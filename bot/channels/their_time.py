"""What time it is where WeCom is: the Date of its HTTP answers, whatever they say."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

from bot.channels.client import TIMEOUT


def their_time(api_base: str) -> datetime | None:
    """None when it cannot be reached or does not say."""
    try:
        answer = requests.get(api_base, timeout=TIMEOUT, allow_redirects=False)
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        return None
    return theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC)
