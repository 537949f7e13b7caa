"""An office's own file of templates: read with the line of every mistake, laid over the shipped.

What a reader needs cannot get lost: the number, the next step (回复：…), what `must` names, nor be
cut away by a channel. Which templates there are and what they may name stands in texts.yaml.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from issues.texts import COMMON, SHIPPED, Template, Texts, fill, shipped

#: The longest that a part may be in the file, in characters: what fits on a phone.
LONGEST = {"text": 400, "line": 100, "title": 30, "desc": 40, "body": 120}
BUTTON = 10
#: Of the shipped file only: what the program gives is not for an office to change.
SCHEMA = frozenset({"also", "hide", "only", "must"})
#: What the readers of a text see of it for sure, in characters, however long somebody's words in it
#: are: the channels cut the middle out. The last lines count as far as they are short.
HEAD, LAST_LINES, LAST_WORDS = 250, 330, 60
FITS = HEAD + LAST_LINES
#: What a digest and both kinds of card show of one line.
SEEN = {"line": 120, "title": 26}

_STEP = re.compile(r"回复(?:[：:“]\s*([^。；”）\n]+))?")
_OR = re.compile(r"，或|，| / | 或 ")
_NUMBERED = re.compile(r".*?\{(?:short|number)\}")
_NUMBERS = {"number": "SZ-20260601-0042", "short": "0042"}
#: As long as the real ones get; all other values are somebody's words, without end.
_SAMPLE = {
    "who": "人" * 50,
    "content": "话" * 60,
    "brief": "话" * 20,
    "due": "期" * 20,
    "promised": "期" * 20,
    "place": "地" * 30,
    **_NUMBERS,
}
_ENDLESS = "字" * 2000


class TextsError(Exception):
    """All that is wrong with a file of templates, one line each, in Chinese."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Written:
    """One part of a template as it stands in the file."""

    name: str
    line: int
    value: str | tuple[str, ...] | None


@dataclass(frozen=True)
class Entry:
    """One key of the file with its parts; a key with nothing but words is its text."""

    key: str
    line: int
    parts: tuple[Written, ...] | None


def load(path: Path | None) -> Texts:
    """The shipped templates with those of the office's own file in their place.

    Raises TextsError that names the file and the line of every mistake.
    """
    if path is None:
        return Texts()
    entries = read(path)
    problems = sorted([*_twice(entries), *(p for entry in entries for p in _mistakes(entry))])
    if problems:
        raise TextsError([f"{path}:{line}: {told}" for line, told in problems])
    return Texts({**shipped(), **{entry.key: _over(entry) for entry in entries}})


def _over(entry: Entry) -> Template:
    """The shipped template with what the office says in its place."""
    own = {part.name: part.value for part in entry.parts or () if part.name not in SCHEMA}
    return shipped()[entry.key].model_copy(update=own)


# --- reading ---


def read(path: Path) -> list[Entry]:
    """All entries as they are written, every scalar as words. Raises TextsError."""
    text = _decoded(path)
    try:
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        told = "YAML 写法有误，可能没有存完，或引号、缩进、冒号不对"
        raise TextsError([f"{path}:{line}: {told}（{error.problem}）"]) from error
    except yaml.YAMLError as error:
        raise TextsError([f"{path}:1: 里面有不能显示的字符，请重新存一遍（{error}）"]) from error
    if not isinstance(root, yaml.MappingNode):
        told = "应当是“名称: 要说的话”，一行一句；sanzhang texts show 列出所有名称"
        raise TextsError([f"{path}:1: {told}"])
    return [_entry(key, value) for key, value in root.value]


def _decoded(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise TextsError([f"{path}：没有这个文件"]) from error
    except OSError as error:
        raise TextsError([f"{path}：读不了（{error.strerror}）"]) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        told = f"文件编码不是 UTF-8（看起来是{_encoding(data)}）。用记事本“另存为”，编码选 UTF-8"
        raise TextsError([f"{path}:{line}: {told}"]) from error


def _encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return " UTF-16"
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return "未知编码"
    return " GB18030/ANSI"


def _entry(key: Any, value: Any) -> Entry:
    """``key`` and ``value`` are nodes: they know their lines."""
    name, line = str(key.value), key.start_mark.line + 1
    if isinstance(value, yaml.ScalarNode):
        return Entry(name, line, (Written("text", line, value.value),))
    if not isinstance(value, yaml.MappingNode):
        return Entry(name, line, None)
    parts = (
        Written(str(part.value), part.start_mark.line + 1, _value(node))
        for part, node in value.value
    )
    return Entry(name, line, tuple(parts))


def _value(node: Any) -> str | tuple[str, ...] | None:
    """Words, or a list of words; None for anything else."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)
    if not isinstance(node, yaml.SequenceNode):
        return None
    if not all(isinstance(one, yaml.ScalarNode) for one in node.value):
        return None
    return tuple(str(one.value) for one in node.value)


# --- checking ---


def _twice(entries: Iterable[Entry]) -> Iterator[tuple[int, str]]:
    first: dict[str, int] = {}
    for entry in entries:
        before = first.setdefault(entry.key, entry.line)
        if before != entry.line:
            yield entry.line, f"{entry.key} 在第 {before} 行已经写过，留下一个"


def _mistakes(entry: Entry) -> Iterator[tuple[int, str]]:
    known = shipped()
    if entry.key not in known:
        yield entry.line, f"没有叫 {entry.key} 的话{_nearest(entry.key, known)}"
        return
    if entry.parts is None:
        yield entry.line, f"{entry.key} 要写成“{entry.key}: 要说的话”，或下面写 text: 要说的话"
        return
    for part in entry.parts:
        if part.name in SCHEMA:
            continue
        for told in _part(part, known[entry.key]):
            yield part.line, f"{entry.key} 的 {part.name} {told}"


def _part(part: Written, template: Template) -> Iterator[str]:
    has = [name for name in (*LONGEST, "buttons") if getattr(template, name)]
    if part.name not in has and (part.name != "line" or not template.text):
        yield f"没有这一项，可以写：{'、'.join(has)}{_nearest(part.name, has)}"
    elif part.name == "buttons":
        yield from _buttons(part.value, template)
    elif not isinstance(part.value, str) or not part.value.strip():
        yield "没有写，要写一段话；不想改就删掉这一项"
    elif len(part.value) > LONGEST[part.name]:
        yield f"太长（{len(part.value)} 个字），手机上看不完，最多 {LONGEST[part.name]} 个字"
    else:
        yield from _words(part.value, part.name, template)


def _buttons(labels: object, template: Template) -> Iterator[str]:
    wanted = f"要写成 [{', '.join(template.buttons)}] 这样的 {len(template.buttons)} 个，顺序不变"
    if not isinstance(labels, tuple) or len(labels) != len(template.buttons):
        yield wanted
        return
    for label in labels:
        if not label.strip() or len(label) > BUTTON:
            yield f"的“{label}”不行，一个按钮 1 到 {BUTTON} 个字"


def _words(text: str, name: str, template: Template) -> Iterator[str]:
    wrong = list(_variables(text, template.allowed))
    if wrong:
        yield from wrong
        return
    shown = getattr(template, name)
    if name == "text":
        lost = [v for v in template.must if v not in names_in(text)]
        yield from (f"少了 {{{variable}}}，读的人要知道这一点" for variable in lost)
    if {"number", "short"} & names_in(shown) and not {"number", "short"} & names_in(text):
        yield "少了编号，请写上 {number} 或 {short}"
        return
    yield from _steps_lost(text, shown)
    yield from _cut_away(text, name)


def _variables(text: str, allowed: Iterable[str]) -> Iterator[str]:
    try:
        found = list(Formatter().parse(text))
    except ValueError:
        yield "的花括号没有成对"
        return
    can = "、".join(f"{{{one}}}" for one in allowed) or "这一句不能用花括号"
    for _, variable, spec, conversion in found:
        if variable is None:
            continue
        if variable not in allowed:
            yield f"的 {{{variable}}} 不认识，可以用：{can}"
        elif conversion or not re.fullmatch(r"|[1-9]\d{0,2}", spec or ""):
            yield f"的 {{{variable}}} 里多写了东西，冒号后面只能是最多几个字，如 {{{variable}:20}}"


def names_in(text: str) -> set[str]:
    """The variables of a text whose braces are in order."""
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def steps(text: str) -> list[str]:
    """What the reader is asked to reply, up to the number: 接单 {short}, 同意 {short}, 待办."""
    said = [step.strip() for words in _STEP.findall(text) for step in _OR.split(words)]
    return [found[0] if (found := _NUMBERED.match(step)) else step for step in said if step]


def _steps_lost(text: str, shown: str) -> Iterator[str]:
    if "回复" in shown and "回复" not in text:
        yield "少了“回复”这一步，读的人不知道怎么办"
        return
    there = _plain(text)
    for step in sorted(steps(shown), key=len, reverse=True):  # 不同意 is not 同意
        if _plain(step) not in there:
            yield f"少了“{step}”，读的人要照着回复，程序只认这样的话"
        there = there.replace(_plain(step), "\n")


def _cut_away(text: str, name: str) -> Iterator[str]:
    """With endless words in every place that somebody else fills."""
    values = {one: _SAMPLE.get(one, _ENDLESS) for one in {*names_in(text), *COMMON}}
    seen = _seen(fill(text, values), name)
    if {"number", "short"} & names_in(text) and _NUMBERS["short"] not in seen:
        yield "的编号会被长话挤掉，请把 {number} 或 {short} 写在前面"
    for step in steps(text):
        if names_in(step) <= set(COMMON) and _plain(fill(step, values)) not in _plain(seen):
            yield f"的“{step}”会被长话挤掉，请放在最后单独一行"


def _seen(text: str, name: str) -> str:
    """What is left of it on a phone."""
    if name in SEEN:
        return text[: SEEN[name]]
    if len(text) <= FITS:
        return text
    last = text[-LAST_LINES:].partition("\n")[2] or text[-LAST_WORDS:]
    return f"{text[:HEAD]}…\n{last}"


def _plain(text: str) -> str:
    """{number} is as good as {short}, and blanks do not matter."""
    return "".join(text.replace("{number}", "{short}").replace(_NUMBERS["number"], "0042").split())


def _nearest(key: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, list(known), n=1, cutoff=0.5)
    return f"，是不是 {close[0]}？" if close else ""


# --- for the one who writes such a file ---


def source(key: str) -> str:
    """The lines of that key in the shipped file, without what is for the program only."""
    lines = SHIPPED.read_text("utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"{key}:"))
    end = next(
        (n for n in range(start + 1, len(lines)) if not lines[n].startswith(" ")), len(lines)
    )
    inside = [line for line in lines[start:end] if line.split(":")[0].strip() not in SCHEMA]
    return "\n".join(inside)


def kept(template: Template) -> list[str]:
    """What the text of an office has to keep, in words."""
    names = names_in(template.text)
    number = ["{short} 或 {number}"] if {"number", "short"} & names else []
    return [*number, *(f"{{{name}}}" for name in template.must), *steps(template.text)]
