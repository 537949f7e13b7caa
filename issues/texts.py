"""Templates of what residents and 三长 read: shipped in texts.yaml, overridden by the office.

Each key has a text, and a line for digests; the variables in braces are checked when a file is
loaded. When and to whom is the Desk's business, cards are words.py's.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from storage.notice import Card, Notice

SHIPPED = Path(__file__).parent / "texts.yaml"
#: Every template may name these; the Desk fills them from the issue.
COMMON = frozenset({"number", "short", "who", "content", "brief", "due", "promised", "place"})


class TextsError(Exception):
    """All that is wrong with a file of templates, one line each, in Chinese."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Template(BaseModel):
    """One key of the file. ``also``: what it may name besides COMMON."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    line: str = ""
    also: tuple[str, ...] = ()


@cache
def shipped() -> Mapping[str, Template]:
    """The templates that come with the program."""
    return _read(SHIPPED, {})


@dataclass(frozen=True)
class Texts:
    """The templates of one deployment."""

    templates: Mapping[str, Template] = field(default_factory=shipped)

    def say(self, key: str, values: Mapping[str, object]) -> str:
        """The text of that key, with its variables filled in."""
        return self.templates[key].text.strip().format_map(values)

    def notice(self, key: str, values: Mapping[str, object], card: Card | None = None) -> Notice:
        """The text and its line in a digest."""
        template = self.templates[key]
        text = template.text.strip().format_map(values)
        line = template.line.strip().format_map(values) if template.line else text
        return Notice(text, line, card)


def load(path: Path | None) -> Texts:
    """The shipped templates with those of the office's own file in their place.

    Raises TextsError that names the file and the line of every mistake.
    """
    own = _read(path, shipped()) if path else {}
    return Texts({**shipped(), **own})


def _read(path: Path, known: Mapping[str, Template]) -> dict[str, Template]:
    nodes = _nodes(path)
    problems: list[str] = []
    found = {
        key: template
        for key, (line, value) in nodes.items()
        if (template := _template(f"{path.name}:{line}", (key, value), known, problems))
    }
    if problems:
        raise TextsError(problems)
    return found


def _nodes(path: Path) -> dict[str, tuple[int, Any]]:
    """key -> (line, value)."""
    try:
        text = path.read_text("utf-8-sig")
        root, values = yaml.compose(text, yaml.SafeLoader), yaml.safe_load(text)
    except FileNotFoundError as error:
        raise TextsError([f"{path}：没有这个文件"]) from error
    except UnicodeDecodeError as error:
        raise TextsError([f"{path}：不是 UTF-8 编码，请用 UTF-8 另存一遍"]) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        told = f"{path.name}:{line}: YAML 写法有误（{error.problem}），可能没有存完"
        raise TextsError([told]) from error
    if not isinstance(root, yaml.MappingNode) or not isinstance(values, dict):
        raise TextsError(
            [f"{path.name}:1: 应当是“名称：”加 text、line 的列表，像随附的 texts.yaml"]
        )
    lines = {key.value: key.start_mark.line + 1 for key, _ in root.value}
    return {str(key): (lines.get(str(key), 1), value) for key, value in values.items()}


def _template(
    where: str, item: tuple[str, Any], known: Mapping[str, Template], problems: list[str]
) -> Template | None:
    key, value = item
    if known and key not in known:
        problems.append(f"{where}: 没有叫 {key} 的模板{_nearest(key, known)}")
        return None
    try:
        template = Template.model_validate({"text": value} if isinstance(value, str) else value)
    except ValidationError:
        problems.append(f"{where}: {key} 要写 text（全文），可以再写 line（汇总里的一行）")
        return None
    allowed = COMMON | set(known[key].also if known else template.also)
    wrong = [told for told in (_wrong(t, allowed) for t in (template.text, template.line)) if told]
    problems += [f"{where}: {key} 里{told}" for told in wrong]
    return None if wrong else template


def _wrong(text: str, allowed: Iterable[str]) -> str:
    try:
        names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    except ValueError:
        return "的花括号没有成对"
    unknown = [name for name in names if name not in allowed]
    if not unknown:
        return ""
    return f"的 {{{unknown[0]}}} 不认识，可以用：{'、'.join(f'{{{a}}}' for a in sorted(allowed))}"


def _nearest(key: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(key, list(known), n=1, cutoff=0.5)
    return f"，是不是 {close[0]}？" if close else ""
