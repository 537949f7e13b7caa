"""Plain words that act on an issue: "接单 42", "42 办结 已更换灯泡", "转 42 给 张三", "延期 三天".

Only reads words; who may do what, and who is meant, is for others to say.
"""

import re
from dataclasses import dataclass, field, replace

from rules.words import Action
from speech import numbers
from speech.numbers import plain_number
from speech.polite import GOES_ON, begins_as_question, ends_as_question
from speech.verbs import BARE, NAMES_NEXT, NEED_NUMBER, SHORT, SOFT, VERBS, Verbs

LONGEST_RUN_ON = 12
#: A question among the words of somebody who has named the number may be part of the words.
SHORT_QUESTION = 8
_DONE = re.compile(r"了(?=[\s,，:：。!！]|$)")
#: 点错了, 还没修好: words that say the opposite of the order that they follow.
_MISTAKEN = re.compile(
    r"\s*(?:点|发|按|打|说|写|选|接|报|搞|弄|办)?错[了啦]?|(?:先|暂时)?(?:取消|作废|不算)"
)
_UNDONE = re.compile(
    r"(?:没|未|冇|还没)有?(?:修|弄|办|搞|处理|换|装|通|清|疏通|解决|整)?(?:好|完|通|掉|干净)(?![得话])"
)
_APART = re.compile(r"[\s,，:：]")
_EDGES = " \t\n,，。:：;；、"


@dataclass(frozen=True)
class Command:
    """What to do, to which number ("" when none was said), and the words that came with it."""

    action: Action
    number: str
    words: str
    verb: str = field(default="", compare=False)
    #: 转给张三, without a gap: an order only if there is a 张三
    run_on: bool = field(default=False, compare=False)

    @property
    def soft(self) -> bool:
        return self.verb in SOFT


def command(said: str, verbs: Verbs = VERBS) -> Command | None:
    """The command in clean words (clean.Cleaned.words); None when they are something else.

    Without a number a verb counts only when it stands alone or apart from what follows, so that
    "办结了没有" stays a question and "停电了请求转告供电所" a report.
    """
    match = verbs.sentence.fullmatch(said)
    if match is None:
        return None
    rest = match["rest"]
    if _DONE.match(rest):
        return _command(match, rest[1:], verbs)
    if GOES_ON.match(rest) or begins_as_question(rest):
        return None
    return _command(match, rest, verbs)


def _command(match: re.Match[str], rest: str, verbs: Verbs) -> Command | None:
    number, said = _split_number(match["before"] or "", rest)
    verb = match["verb"]
    read = Command(verbs.words[verb], number, said.strip(_EDGES), verb)
    if _asks(read) or _is_denied(read):
        return None
    if number or _stands_alone(read, rest):
        return read
    names = verb in NAMES_NEXT and len(read.words) <= LONGEST_RUN_ON and " " not in rest
    return replace(read, run_on=True) if names else None


def _split_number(before: str, rest: str) -> tuple[str, str]:
    """The number and the words after it; a second number belongs to the words."""
    if before:
        return plain_number(before), rest
    after = numbers.leading(rest)
    return ("", rest) if GOES_ON.match(after.words) else (after.number, after.words)


def _asks(read: Command) -> bool:
    words = read.words
    if not read.number and begins_as_question(words):
        return True
    return ends_as_question(words) and (not read.number or len(words) <= SHORT_QUESTION)


def _is_denied(read: Command) -> bool:
    """1 办结 点错了; 办结 2 还没修好: nothing is closed on such words, somebody is asked."""
    if read.action is Action.UNRESOLVE:
        return False
    mistaken = _MISTAKEN.match(read.words) is not None
    return mistaken or (read.action is Action.RESOLVE and says_undone(read.words))


def says_undone(words: str) -> bool:
    """点错了, 还没弄好: no sentence on what was done."""
    return (_MISTAKEN.match(words) or _UNDONE.search(words)) is not None


def _stands_alone(read: Command, rest: str) -> bool:
    """Whether a verb without a number is an order at all."""
    if not read.words:
        return read.verb not in SHORT
    apart = _APART.match(rest) is not None
    return apart and read.verb not in NEED_NUMBER and read.action not in BARE
