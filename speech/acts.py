"""The acts of speech: what somebody does by saying something (architecture.md §5a).

Which one a sentence is, is understanding.py's business.
"""

from dataclasses import dataclass
from enum import StrEnum

from rules.words import Action


class Act(StrEnum):
    """One sentence, one act. Values are printed by ``sanzhang hear``, so they never change."""

    REPORT = "report"  #: something new is wrong
    ADDITION = "addition"  #: more about a matter that has been reported
    CORRECTION = "correction"  #: 说错了，是井边那盏
    PROGRESS = "progress"  #: how far is it
    URGE = "urge"  #: nobody has come yet
    WITHDRAW = "withdraw"  #: 算了不报了
    RATE = "rate"  #: a judgement of the result
    REDO = "redo"  #: it is not mended at all
    ORDER = "order"  #: staff: do something to a matter in hand
    LIST = "list"  #: show what there is
    QUESTION = "question"  #: how something is done, what is due to whom
    THANKS = "thanks"
    SMALLTALK = "smalltalk"
    UNCLEAR = "unclear"


ACT_CHINESE = {
    Act.REPORT: "新的诉求",
    Act.ADDITION: "补充",
    Act.CORRECTION: "更正",
    Act.PROGRESS: "问进度",
    Act.URGE: "催",
    Act.WITHDRAW: "撤回",
    Act.RATE: "评价",
    Act.REDO: "没办好",
    Act.ORDER: "办事的指令",
    Act.LIST: "看清单",
    Act.QUESTION: "提问",
    Act.THANKS: "道谢",
    Act.SMALLTALK: "闲聊",
    Act.UNCLEAR: "听不明白",
}
#: What belongs to a matter that has been reported, and never opens one.
FOLLOW_UPS = frozenset({Act.ADDITION, Act.CORRECTION, Act.PROGRESS, Act.URGE, Act.WITHDRAW})


@dataclass(frozen=True)
class Understanding:
    """What a sentence was taken for: the act, the numbers of the matters that it speaks of, the
    action that is ordered, how sure (0 to 1), what else it may be, whether to ask before doing."""

    act: Act
    matters: tuple[str, ...] = ()
    order: Action | None = None
    sure: float = 1.0
    second: Act = Act.UNCLEAR
    ask: bool = False
