"""Lengths: texts are limited in UTF-8 bytes, card elements in characters."""

ELLIPSIS = "…"


def fit(text: str, largest: int) -> str:
    """The text in at most ``largest`` bytes, never cutting a character in two."""
    data = text.encode()
    if len(data) <= largest:
        return text
    kept = data[: largest - len(ELLIPSIS.encode())].decode(errors="ignore")
    return kept + ELLIPSIS


def shorten(text: str, longest: int) -> str:
    """The text on one line in at most ``longest`` characters."""
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + ELLIPSIS
