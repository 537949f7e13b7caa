"""A message made plain: what is understood, apart from mentions, stickers, quotes and signs.

The words themselves are never changed; what is kept in an issue is the text as it was sent.
"""

import re
import unicodedata
from dataclasses import dataclass

#: Characters of a text that are understood (architecture.md §2); the rest is only kept.
LONGEST = 2000

#: Digits, letters and signs of numbers and names as Chinese keyboards give them.
_WIDE = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]
_WIDE += [ord(sign) for sign in "＃－＠［］"]
_HALF_WIDTH = {**{code: code - 0xFEE0 for code in _WIDE}, 0x3000: 0x20}
#: Line ends and tabs are spaces of the text; other control characters are nobody's words.
_KEPT = frozenset("\n\t\r")
_NOT_TEXT = frozenset({"Cc", "Cf", "Co", "Cs"})
#: 1️⃣ is a 1 in a box.
_BOX = re.compile("[\ufe00-\ufe0f\u20e3]")

#: WeChat writes its own stickers as [微笑]; only these, so that no word in brackets is lost.
_STICKER_NAMES = (
    "微笑|撇嘴|色|发呆|得意|流泪|害羞|闭嘴|睡|大哭|尴尬|发怒|调皮|呲牙|龇牙|惊讶|难过|囧|"
    "抓狂|吐|偷笑|愉快|白眼|傲慢|困|惊恐|憨笑|悠闲|咒骂|疑问|嘘|晕|衰|骷髅|敲打|再见|擦汗|"
    "抠鼻|鼓掌|坏笑|右哼哼|鄙视|委屈|快哭了|阴险|亲亲|可怜|笑脸|生病|脸红|破涕为笑|恐惧|失望|"
    "无语|嘿哈|捂脸|奸笑|机智|皱眉|耶|吃瓜|加油|汗|天啊|社会社会|旺柴|好的|打脸|哇|翻白眼|"
    "让我看看|叹气|苦涩|裂开|嘴唇|爱心|心碎|拥抱|强|弱|握手|胜利|抱拳|勾引|拳头|合十|啤酒|"
    "咖啡|蛋糕|玫瑰|凋谢|菜刀|炸弹|便便|月亮|太阳|庆祝|礼物|红包|烟花|爆竹|猪头|跳跳|发抖|"
    "转圈|OK"
)
_STICKER = re.compile(rf"\[({_STICKER_NAMES})\]")

#: A mention ends at a space or a sign; in front of it stands none of a mail or account name.
_ENDS = r"\s@,，。、;；:：!！?？\[\]"
_MENTION = re.compile(rf"(?<![A-Za-z0-9._-])(?:@[^{_ENDS}]{{1,20}})+(?=[{_ENDS}]|$)")
_AFTER_MENTION = " \t,，:：、"
#: 「张三：路灯坏了」 and a line of dashes: what a phone puts before the answer to it.
_ANSWERED = re.compile(r"「([^」]{1,2000})」\s*\n(?:[-—] ?){3,}[ \t]*\n")
_QUOTED = re.compile(
    r"“([^“”]{1,200})”|「([^「」]{1,200})」|『([^『』]{1,200})』|《([^《》]{1,200})》"
)


@dataclass(frozen=True)
class Cleaned:
    """The words of a text in two forms, and what has been taken out of them.

    ``words`` keeps the punctuation as it was typed and every mention but those in front (转给 @张三
    says to whom); ``plain`` is for comparing: one width, no mentions, no boxes around digits.
    """

    words: str
    plain: str
    mentions: tuple[str, ...] = ()
    stickers: tuple[str, ...] = ()
    quoted: tuple[str, ...] = ()
    #: what was beyond LONGEST and is only kept
    tail: str = ""


def clean(text: str) -> Cleaned:
    """Take a text apart; what is already clean stays as it is."""
    whole = _without_signs(text[:LONGEST]).translate(_HALF_WIDTH)
    front, words = _front(_STICKER.sub(" ", whole).strip())
    return Cleaned(
        words,
        _plain(words),
        mentions=tuple(_names(" ".join(chain for chain in front if chain.startswith("@"))))
        + tuple(_names(words)),
        stickers=tuple(_STICKER.findall(whole)),
        quoted=tuple(_quoted(" ".join(front))) + tuple(_quoted(words)),
        tail=text[LONGEST:],
    )


def without_bot(text: str, name: str) -> str:
    """The text without the "@三长助手" that a group needs."""
    return (text.replace(f"@{name}", " ") if name else text).strip()


def _without_signs(text: str) -> str:
    """Without control characters, zero widths and the platform's private signs."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c in _KEPT or unicodedata.category(c) not in _NOT_TEXT)


def _front(words: str) -> tuple[list[str], str]:
    """What stands in front (whom the words are for, what they answer), and the words."""
    front: list[str] = []
    while match := _MENTION.match(words) or _ANSWERED.match(words):
        front.append(match[0])
        words = words[match.end() :].lstrip(_AFTER_MENTION).lstrip()
    return front, words


def _names(words: str) -> list[str]:
    return [name for chain in _MENTION.findall(words) for name in chain.split("@")[1:]]


def _plain(words: str) -> str:
    """NFKC may make one sign many, so that it is cut once more."""
    folded = unicodedata.normalize("NFKC", _BOX.sub("", words))[:LONGEST]
    return _STICKER.sub(" ", _MENTION.sub(" ", folded)).strip()


def _quoted(words: str) -> list[str]:
    return ["".join(groups) for groups in _QUOTED.findall(words)]
