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

from files.problem import FileError, Problem
from files.yaml_lines import Item, read_mapping
from issues.texts import COMMON, SHIPPED, Template, Texts, fill, names_in, shipped
from rules.transitions import REFUSALS

#: The longest that a part may be in the file, in characters: what fits on a phone.
LONGEST = {"text": 400, "line": 100, "title": 30, "desc": 40, "body": 120}
#: Parts that are lists, and the longest that one word of them may be.
LISTED = {"buttons": 10, "fields": 5}
#: Of the shipped file only: what the program gives is not for an office to change.
SCHEMA = frozenset({"also", "hide", "only", "must"})
#: What the readers of a text see of it for sure, in characters, however long somebody's words in it
#: are: the channels cut the middle out. The last lines count as far as they are short.
HEAD, LAST_LINES, LAST_WORDS = 250, 330, 60
FITS = HEAD + LAST_LINES
#: What a digest and both kinds of card show of one line.
SEEN = {"line": 120, "title": 26}

_ONE = {"buttons": "一个按钮", "fields": "一个名称"}
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
    "count": "9" * 4,
    "households": "9" * 4,
    **_NUMBERS,
}
_ENDLESS = "字" * 2000


@dataclass(frozen=True)
class Written:
    """One part of a template as it stands in the file."""

    name: str
    line: int
    value: str | tuple[str, ...] | None


@dataclass(frozen=True)
class OwnTemplate:
    """One key of the file with its parts, None if it has none; mere words are its ``text``."""

    key: str
    line: int
    parts: tuple[Written, ...] | None


def load(path: Path | None) -> Texts:
    """The shipped templates with those of the office's own file in their place.

    Raises FileError that names the file and the line of every mistake.
    """
    if path is None:
        return Texts()
    own = read(path)
    mistakes = sorted(found for template in own for found in _mistakes(template))
    if mistakes:
        raise FileError(Problem(str(path), line, "", told) for line, told in mistakes)
    return Texts({**shipped(), **{template.key: _over(template) for template in own}})


def _over(own: OwnTemplate) -> Template:
    """The shipped template with what the office says in its place."""
    said = {part.name: part.value for part in own.parts or () if part.name not in SCHEMA}
    return shipped()[own.key].model_copy(update=said)


# --- reading ---


def read(path: Path) -> list[OwnTemplate]:
    """All templates as they are written, every scalar as words. Raises FileError."""
    item = read_mapping(path, remedy="一行一句；sanzhang texts show 列出所有名称")
    return [_own(item, key, value) for key, value in item.value.items()]


def _own(item: Item, key: str, value: Any) -> OwnTemplate:
    line = item.line_of_name((key,))
    if isinstance(value, list):
        return OwnTemplate(key, line, None)
    if not isinstance(value, dict):
        return OwnTemplate(key, line, (Written("text", line, value),))
    parts = (
        Written(name, item.line_of_name((key, name)), _words_only(part))
        for name, part in value.items()
    )
    return OwnTemplate(key, line, tuple(parts))


def _words_only(value: Any) -> str | tuple[str, ...] | None:
    """Words, or a list of words; None for anything else."""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    return value if isinstance(value, str) else None


# --- checking ---


def _mistakes(own: OwnTemplate) -> Iterator[tuple[int, str]]:
    """The line and what is wrong there."""
    known = shipped()
    if own.key not in known:
        yield own.line, f"没有叫 {own.key} 的话{_nearest(own.key, known)}"
        return
    if own.parts is None:
        yield own.line, f"{own.key} 要写成“{own.key}: 要说的话”，或下面写 text: 要说的话"
        return
    for part in own.parts:
        if part.name in SCHEMA:
            continue
        for told in _part(part, known[own.key]):
            yield part.line, f"{own.key} 的 {part.name} {told}"


def _part(part: Written, template: Template) -> Iterator[str]:
    has = [name for name in (*LONGEST, *LISTED) if getattr(template, name)]
    if part.name not in has and (part.name != "line" or not template.text):
        yield f"没有这一项，可以写：{'、'.join(has)}{_nearest(part.name, has)}"
    elif part.name in LISTED:
        yield from _listed(part, getattr(template, part.name))
    elif not isinstance(part.value, str) or not part.value.strip():
        yield "没有写，要写一段话；不想改就删掉这一项"
    elif len(part.value) > LONGEST[part.name]:
        yield f"太长（{len(part.value)} 个字），手机上看不完，最多 {LONGEST[part.name]} 个字"
    else:
        yield from _words(part.value, part.name, template)


def _listed(part: Written, shown: tuple[str, ...]) -> Iterator[str]:
    labels, longest = part.value, LISTED[part.name]
    if not isinstance(labels, tuple) or len(labels) != len(shown):
        yield f"要写成 [{', '.join(shown)}] 这样的 {len(shown)} 个，顺序不变"
        return
    for label in labels:
        if not label.strip() or len(label) > longest:
            yield f"的“{label}”不行，{_ONE[part.name]} 1 到 {longest} 个字"


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
    """The lines of that key as it is shipped, without what is for the program only."""
    lines = _shipped_lines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"{key}:"))
    end = next(
        (n for n in range(start + 1, len(lines)) if not lines[n].startswith(" ")), len(lines)
    )
    inside = [line for line in lines[start:end] if line.split(":")[0].strip() not in SCHEMA]
    return "\n".join(inside)


def _shipped_lines() -> list[str]:
    files = [line for path in SHIPPED for line in path.read_text("utf-8").splitlines()]
    return [*files, *(f"{key}: {text}" for key, text in REFUSALS.items())]


def kept(template: Template) -> list[str]:
    """What the text of an office has to keep, in words."""
    names = names_in(template.text)
    number = ["{short} 或 {number}"] if {"number", "short"} & names else []
    return [*number, *(f"{{{name}}}" for name in template.must), *steps(template.text)]
