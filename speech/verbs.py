"""The words that act on an issue, each with its action: 接单, 办结, 转给, 催一下.

Which words there are is a plain mapping that can be handed in; how each may stand in a sentence is
told here. What they do is the business of issues/.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from rules.words import Action
from speech.numbers import GAP, NUMBER_BEFORE
from speech.polite import ORDERING

WORDS: Mapping[str, Action] = {
    "接单": Action.ACCEPT,
    "接手": Action.ACCEPT,
    "上交": Action.RAISE,
    "上报": Action.RAISE,
    "退单": Action.RETURN,
    "退回": Action.RETURN,
    "退给": Action.RETURN,
    "转办": Action.REASSIGN,
    "转给": Action.REASSIGN,
    "转交": Action.REASSIGN,
    "移交": Action.REASSIGN,
    "转": Action.REASSIGN,
    "强派": Action.ASSIGN,
    "指定": Action.ASSIGN,
    "派给": Action.ASSIGN,
    "派": Action.ASSIGN,
    "协办": Action.ASSIST,
    "协办完成": Action.ASSIST_DONE,
    "协办答复": Action.ASSIST_DONE,
    "协办好了": Action.ASSIST_DONE,
    "进展": Action.PROGRESS,
    "延期": Action.EXTEND,
    "难度": Action.REGRADE,
    "不受理": Action.DECLINE,
    "同意": Action.GRANT,
    "不同意": Action.REFUSE,
    "挂起": Action.SUSPEND,
    "恢复": Action.RESUME,
    "办结": Action.RESOLVE,
    "办好了": Action.RESOLVE,
    "弄好了": Action.RESOLVE,
    "修好了": Action.RESOLVE,
    "处理好了": Action.RESOLVE,
    "公开姓名": Action.NAMED,
    "催办": Action.URGE,
    "催一下": Action.URGE,
    "催一催": Action.URGE,
    "催催": Action.URGE,
    "催": Action.URGE,
    "督办": Action.SUPERVISE,
    "提级": Action.LIFT,
}
#: Said by everybody about anything: a resident's "修好了" is a rating.
SOFT = frozenset({"办好了", "弄好了", "修好了", "处理好了"})
#: Begin other words as well (转告, 派出所, 指定医院, 上报村里): only with a number.
NEED_NUMBER = frozenset({"转", "派", "催", "指定", "派给", "移交", "退回", "上报"})
#: A name may follow at once: 转给张三.
NAMES_NEXT = frozenset({"转给", "转交", "移交", "退给", "派给"})
#: One character is the beginning of many words: only before a gap, 给, 到 or a number.
SHORT = frozenset({"转", "派", "催"})
#: Nothing is said with them: with more words and no number they are somebody's sentence.
BARE = frozenset({Action.ACCEPT, Action.GRANT, Action.RESUME, Action.NAMED})


@dataclass(frozen=True)
class Verbs:
    """The verbs of one table, and the pattern of a sentence that begins with one of them."""

    words: Mapping[str, Action]

    @cached_property
    def sentence(self) -> re.Pattern[str]:
        """The number before the verb (``before``), the ``verb``, the ``rest``; a number after the
        verb is read from the rest."""
        verb = "|".join(map(_piece, sorted(self.words, key=len, reverse=True)))
        return re.compile(
            rf"{ORDERING}{GAP}(?:{NUMBER_BEFORE})?(?P<verb>{verb})(?P<rest>.*)",
            re.IGNORECASE | re.DOTALL,
        )


def _piece(word: str) -> str:
    ends = r"(?=[\s,，:：给到#\d编第]|SZ|$)" if word in SHORT else ""
    return f"{re.escape(word)}{ends}"


VERBS = Verbs(WORDS)
