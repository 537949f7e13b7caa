"""Plain words that act on an issue: "接单 42", "42 办结 已更换灯泡", "难度 42 复杂 要立项".

Only reads words; who may do what is the Desk's business.
"""

import re
from dataclasses import dataclass

from rules.words import Action, Tier

VERBS = {
    "接单": Action.ACCEPT,
    "接手": Action.ACCEPT,
    "上交": Action.RAISE,
    "上报": Action.RAISE,
    "进展": Action.PROGRESS,
    "难度": Action.REGRADE,
    "同意": Action.GRANT,
    "不同意": Action.REFUSE,
    "办结": Action.RESOLVE,
}
TIERS = {"一般": Tier.ORDINARY, "较难": Tier.HARD, "复杂": Tier.COMPLEX}

_VERB = "|".join(sorted(VERBS, key=len, reverse=True))
_NUMBER = r"#?(?:SZ-?)?(?:\d{8}-)?\d{1,6}"
_GAP = r"[\s,，:：、]*"
#: the number before or after the verb, or none when only one issue can be meant
_COMMAND = re.compile(
    rf"(?:(?P<before>{_NUMBER})号?{_GAP})?(?P<verb>{_VERB}){_GAP}"
    rf"(?:(?P<after>{_NUMBER})号?(?={_GAP}(?:\D|$)){_GAP})?(?P<words>.*)",
    re.IGNORECASE | re.DOTALL,
)


#: Digits, letters and signs of a number as Chinese keyboards give them; the words stay as they are.
_WIDE = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF03, 0xFF0D]
HALF_WIDTH = {**{code: code - 0xFEE0 for code in _WIDE}, 0x3000: 0x20}


@dataclass(frozen=True)
class Command:
    """What to do, to which number ("" when none was said), and the words that came with it."""

    action: Action
    number: str
    words: str


def parse(text: str) -> Command | None:
    """The command in a message of staff; None when it is something else.

    Without a number a verb counts only when it stands alone or apart from what follows, so that
    "办结了没有" stays a question.
    """
    plain = text.translate(HALF_WIDTH).strip()
    match = _COMMAND.fullmatch(plain)
    if match is None:
        return None
    number = match["before"] or match["after"] or ""
    said = match["words"].strip(" ,，。:：")
    apart = re.match(rf"(?:{_VERB})(?:[\s,，:：]|$)", plain)
    if not number and not apart:
        return None
    return Command(VERBS[match["verb"]], number, said)


def tier(words: str) -> tuple[Tier | None, str]:
    """复杂 要等立项 -> (COMPLEX, 要等立项)"""
    match = re.match(rf"({'|'.join(TIERS)})[\s,，:：]*(.*)", words, re.DOTALL)
    return (TIERS[match[1]], match[2].strip()) if match else (None, words)
