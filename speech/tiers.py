"""How hard something is called: 难度 42 复杂 要等立项.

What a tier promises is the regulation's business (rules/words.py).
"""

import re

from rules.words import TIER_CHINESE, Tier

_TIERS = {said: tier for tier, said in TIER_CHINESE.items()}
_TIER = re.compile(
    rf"(?:改[成为]|到)?\s*(?P<tier>{'|'.join(_TIERS)})[\s,，:：]*+(?P<rest>.*)", re.DOTALL
)


def tier(words: str) -> tuple[Tier | None, str]:
    """复杂 要等立项 -> (COMPLEX, 要等立项)"""
    match = _TIER.match(words)
    return (_TIERS[match["tier"]], match["rest"].strip()) if match else (None, words)
