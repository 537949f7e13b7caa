"""The sentences from which speech/accusing.json is learnt: complaints about a 长, and mentions.

Made of the parts in benchmarks/accusing_parts/, in several ways of writing; every part is a group
that can be held out.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

FOLDER = Path(__file__).parent / "accusing_parts"
FOLDS = 5
#: Of somebody's ladder in these sentences.
LADDER = (("邻长", "张守田"), ("组长", "彭长青"), ("片长", "谭大山"), ("村干部", "谢晓春"))
_ROLES = (
    *("邻长", "组长", "我们组长", "片长", "村长", "村支书", "书记", "村主任", "会计", "妇女主任"),
    *("队长", "村干部", "村委会", "村支两委", "包村干部", "镇干部", "镇政府", "驻村干部", "张组长"),
    *("刘书记", "张守田", "组长彭长青", "谢书记", "老谭", "主任", "村里的干部", "支部书记", "乡长"),
    *("彭长青", "社区主任"),
)
_SLOT = re.compile(r"\{([am])\}")
_SIGNS = re.compile(r"[，,。！!？?：:、]+")
_DIALECT = (
    *(("不知道", "不晓得"), ("没有", "冇得"), ("没", "冇"), ("这个", "咯个"), ("我家", "我屋里")),
    *(("什么", "么子"), ("怎么", "何解"), ("吃", "呷"), ("儿子", "崽"), ("老婆", "堂客")),
    ("了，", "哒，"),
)
_OPENINGS = ("领导你好，", "我是三组的居民，", "你好，", "反映个事，", "那个，")
_ENDINGS = ("，请帮忙", "，谢谢", "，麻烦了", "啊", "，急")
#: How many sentences each deed makes, in different frames; and each trouble.
_FRAMES_A_DEED = 4
_STYLES_A_WHOLE = 3


@dataclass(frozen=True)
class SaidRole:
    """Where somebody is spoken of, and whether he is the one complained about."""

    start: int
    end: int
    accused: bool


@dataclass(frozen=True)
class WrittenSentence:
    """One sentence: who is spoken of in it, the parts it is made of, how it is written."""

    text: str
    slots: tuple[SaidRole, ...]
    parts: tuple[str, ...]
    style: str

    @property
    def is_complaint(self) -> bool:
        return any(slot.accused for slot in self.slots)

    @property
    def folds(self) -> set[int]:
        """In which parts of the data its parts are."""
        return {crc32(part.encode()) % FOLDS for part in self.parts}


def lines(name: str) -> list[str]:
    """The lines of one file of parts, without remarks."""
    read = (FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return [line for line in read if line and not line.startswith("#")]


def written() -> list[WrittenSentence]:
    """All sentences, the same in every run."""
    return [*_complaints(), *_mentions()]


def _complaints() -> Iterator[WrittenSentence]:
    frames, deeds = lines("complaints"), lines("deeds")
    for frame in (frame for frame in frames if "{d}" not in frame):
        yield from _styled(frame, (frame,), _STYLES_A_WHOLE)
    with_deed = [frame for frame in frames if "{d}" in frame]
    for deed in deeds:
        for n in range(_FRAMES_A_DEED):
            # every second one in the plainest frame of all
            frame = "{a}{d}" if n == 0 else _pick(with_deed, f"{deed}{n}")
            yield from _styled(frame.replace("{d}", deed), (frame, deed), 1)


def _mentions() -> Iterator[WrittenSentence]:
    frames, deeds, troubles = lines("mentions"), lines("deeds"), lines("troubles")
    others = lines("others")
    for frame in (frame for frame in frames if not re.search(r"\{[td]\}|\{o\}", frame)):
        yield from _styled(frame, (frame,), _STYLES_A_WHOLE)
    for frame in (frame for frame in frames if re.search(r"\{[to]\}", frame)):
        for n in range(14 if "{d}" in frame else 8):
            trouble, deed = _pick(troubles, f"{frame}{n}t"), _pick(deeds, f"{frame}{n}d")
            other = _pick(others, f"{frame}{n}o")
            text = frame.replace("{t}", trouble).replace("{o}", other).replace("{d}", deed)
            used = {"{t}": trouble, "{d}": deed}
            parts = [part for slot, part in used.items() if slot in frame]
            yield from _styled(text, (frame, *parts), 1)
    yield from _harmless()


def _harmless() -> Iterator[WrittenSentence]:
    frames, others = lines("harmless_frames"), lines("others")
    troubles, deeds = lines("troubles"), lines("deeds")
    for slot, name in (("{h}", "harmless"), ("{q}", "questions")):
        fitting = [frame for frame in frames if slot in frame]
        for said in lines(name):
            for n in range(_FRAMES_A_DEED):
                frame = f"{{m}}{slot}" if n == 0 else _pick(fitting, f"{said}{n}")
                deed = _pick(deeds, f"{said}{n}d") if "{d}" in frame else ""
                text = frame.replace(slot, said).replace("{d}", deed)
                text = text.replace("{t}", _pick(troubles, f"{said}{n}t"))
                text = text.replace("{o}", _pick(others, f"{said}{n}o"))
                parts = (frame, deed, said) if deed else (frame, said)
                yield from _styled(text, parts, 1)


def _styled(text: str, parts: tuple[str, ...], count: int) -> Iterator[WrittenSentence]:
    names = list(STYLES)
    first = crc32(text.encode()) % len(names)
    for n in range(count):
        style = names[(first + n) % len(names)]
        yield _filled(STYLES[style](text), parts, style)


def _filled(text: str, parts: tuple[str, ...], style: str) -> WrittenSentence:
    told, slots, done = "", list[SaidRole](), 0
    for n, slot in enumerate(_SLOT.finditer(text)):
        told += text[done : slot.start()]
        role = _pick(_ROLES, f"{style}{text}{n}")
        slots.append(SaidRole(len(told), len(told) + len(role), slot[1] == "a"))
        told, done = told + role, slot.end()
    return WrittenSentence(told + text[done:], tuple(slots), parts, style)


def _pick(of: Sequence[str], seed: str) -> str:
    return of[crc32(seed.encode()) % len(of)]


def _dialect(text: str) -> str:
    for plain, said in _DIALECT:
        text = text.replace(plain, said)
    return f"{text[:-1]}哒" if text.endswith("了") else text


STYLES: dict[str, Callable[[str], str]] = {
    "plain": lambda text: text,
    "bare": lambda text: _SIGNS.sub("", text),
    "spaced": lambda text: _SIGNS.sub(" ", text),
    "dialect": _dialect,
    "opened": lambda text: f"{_pick(_OPENINGS, text)}{text}",
    "ended": lambda text: f"{text}{_pick(_ENDINGS, text)}",
    "stopped": lambda text: f"{text.replace('，', '。')}。",
}
