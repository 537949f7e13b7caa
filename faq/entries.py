"""One entry of the FAQ as admins write it, and the reading of a file or folder of them.

English and Chinese names of the fields are equal. Which answer fits a question is left to `book`.
"""

import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from faq.unchanged import Unchanged
from files.file_model import Day, FileModel, Text, Texts, as_list, build, problem_at
from files.problem import FileError, Problem, Severity
from files.yaml_lines import Item, Steps, read_items

Channel = Literal["群", "私"]
#: A local fact that somebody still has to find out: 〔待填：镇政务服务中心电话〕
PLACEHOLDER = re.compile(r"〔待填[^〕]*〕|[\[【（(]待填[^\]】）)]*[\]】）)]")
_BETWEEN_CHANNELS = re.compile(r"[\s、,，;；/和]+")
_CHANNEL_NAMES = {"群聊": "群", "群里": "群", "私聊": "私", "私信": "私"}


def _as_channels(value: Any) -> Any:
    """群、私 in one line, and the everyday words for them."""
    value = as_list(value)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return value
    parts = [part for one in value for part in _BETWEEN_CHANNELS.split(one) if part]
    if not parts:
        raise ValueError("是空的：写「群」或「私」，都答就不要这一项")
    return [_CHANNEL_NAMES.get(part, part) for part in parts]


def _as_paths(value: Any) -> Any:
    """A unit's path however its slashes and blanks were typed: 清溪镇／石屏村/ is 清溪镇/石屏村."""
    value = as_list(value)
    return [_as_path(one) for one in value] if isinstance(value, list) else value


def _as_path(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    steps = unicodedata.normalize("NFKC", value).split("/")
    return "/".join(step for step in map(str.strip, steps) if step)


Paths = Annotated[tuple[Text, ...], BeforeValidator(_as_paths)]

_SUFFIXES = {".yaml", ".yml"}
_NEEDED = {"id", "编号", "question", "问题", "answer", "答复"}


class Tests(FileModel):
    """What an entry must and must not answer; run by `faq test`."""

    __test__ = False

    should: Texts = Field(default=(), title="应中")
    should_not: Texts = Field(default=(), title="不应中")


class Entry(FileModel):
    """A question and its answer."""

    spellings: ClassVar[dict[str, str]] = {"not": "not_words"}

    id: Text = Field(title="编号")
    question: Text = Field(title="问题")
    answer: Text = Field(title="答复")
    alternatives: Texts = Field(default=(), title="相似问")
    must: Texts = Field(default=(), title="必含")
    any: Texts = Field(default=(), title="任一")
    not_words: Texts = Field(default=(), title="排除")
    long_answer: str = Field(default="", title="详细答复")
    scope: Paths = Field(default=(), title="适用")
    overrides: str = Field(default="", title="替代")
    channels: Annotated[tuple[Channel, ...], BeforeValidator(_as_channels)] = Field(
        default=("群", "私"), title="渠道"
    )
    valid_from: Day = Field(default=None, title="生效")
    valid_to: Day = Field(default=None, title="失效")
    review_on: Day = Field(default=None, title="复核")
    source: str = Field(default="", title="来源")
    owner: str = Field(default="", title="责任单位")
    category: str = Field(default="", title="类别")
    tests: Tests = Field(default=Tests(), title="测试")

    @model_validator(mode="before")
    @classmethod
    def _drop_empty(cls, data: Any) -> Any:
        """A field left blank is a field not written."""
        if not isinstance(data, dict):
            return data
        return {k: v for k, v in data.items() if v is not None or k in _NEEDED}

    @property
    def phrasings(self) -> tuple[str, ...]:
        """All the ways in which this is asked."""
        return (self.question, *self.alternatives)

    def in_force(self, today: date | None) -> bool:
        """Whether the entry is valid on that day."""
        if today is None:
            return True
        begun = self.valid_from is None or self.valid_from <= today
        return begun and (self.valid_to is None or today <= self.valid_to)


class Located:
    """An entry and where it was written."""

    __slots__ = ("entry", "item")

    def __init__(self, entry: Entry, item: Item) -> None:
        self.entry = entry
        self.item = item

    @property
    def place(self) -> str:
        """file:line"""
        return f"{self.item.file}:{self.item.line}"

    def problem(
        self, path: Steps, what: str, remedy: str = "", *, severity: Severity = "error"
    ) -> Problem:
        """A problem at one field of this entry, or at one element of a list in it."""
        return problem_at(Entry, self.item, path, what, remedy, severity=severity)


def yaml_files(path: Path) -> list[Path]:
    """The files that `path` stands for, in a fixed order."""
    if path.is_file():
        return [path]
    root = path / "entries" if (path / "entries").is_dir() else path
    found = (file for file in root.rglob("*") if file.suffix.lower() in _SUFFIXES)
    return sorted(f for f in found if f.is_file() and not _hidden(f.relative_to(root)))


def _hidden(relative: Path) -> bool:
    """Editors leave .entry.yaml.swp and ~$entry.yaml beside the real file."""
    return any(part.startswith((".", "~")) for part in relative.parts)


def load_entries(path: Path, unchanged: Unchanged | None = None) -> list[Located]:
    """All entries behind a file or folder; raises FileError with every problem of every file."""
    unchanged = unchanged or Unchanged()
    problems: list[Problem] = []
    found: list[Located] = []
    for file in _files_or_error(path):
        sound, wrong = _entries_of(file, unchanged)
        found.extend(sound)
        problems.extend(wrong)
    problems.extend(_repeated_ids(found))
    if problems:
        raise FileError(problems)
    return found


def _entries_of(file: Path, unchanged: Unchanged) -> tuple[list[Located], list[Problem]]:
    """The sound entries of one file, and what is wrong with the others."""
    try:
        return unchanged.make("entries", [file], lambda data: _build_entries(file, data[file]))
    except FileError as error:
        return [], list(error.problems)


def _build_entries(file: Path, data: bytes) -> tuple[list[Located], list[Problem]]:
    try:
        items = read_items(file, data)
    except FileError as error:
        return [], list(error.problems)
    built = [(build(Entry, item), item) for item in items]
    sound = [Located(entry, item) for entry, item in built if isinstance(entry, Entry)]
    return sound, [problem for one, _ in built if isinstance(one, list) for problem in one]


def _files_or_error(path: Path) -> list[Path]:
    if not path.exists():
        raise FileError([Problem(str(path), 0, "", "没有这个文件或文件夹")])
    files = yaml_files(path)
    if not files:
        raise FileError([Problem(str(path), 0, "", "文件夹里没有 .yaml 文件")])
    return files


def _repeated_ids(found: list[Located]) -> list[Problem]:
    first: dict[str, Located] = {}
    problems = []
    for located in found:
        before = first.setdefault(located.entry.id, located)
        if before is not located:
            what = f"编号重复，{before.place} 已经用了「{located.entry.id}」"
            problems.append(located.problem(("id",), what, "换一个编号"))
    return problems
