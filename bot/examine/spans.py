"""How long something has lasted, in words for an admin."""

from datetime import timedelta


def span(length: timedelta) -> str:
    """54 小时, 12 天: the largest unit that says it well enough."""
    minutes = round(abs(length).total_seconds() / 60)
    if minutes < 120:
        return f"{minutes} 分钟"
    return f"{minutes // 60} 小时" if minutes < 72 * 60 else f"{minutes // 60 // 24} 天"
