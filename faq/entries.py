"""One entry of the FAQ as admins write it, and the reading of a file or folder of them.

English and Chinese names of the fields are equal. Which answer fits a question is left to `book`.
"""

import difflib
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from faq.kept import Kept
from faq.problems import FaqError, Problem
from faq.reading import Item, read_items, yaml_files
from faq.syntax import without_names

Channel = Literal["群", "私"]
#: A local fact that somebody still has to find out: 〔待填：镇政务服务中心电话〕
PLACEHOLDER = re.compile(r"〔待填[^〕]*〕|[\[【（(]待填[^\]】）)]*[\]】）)]")
_TYPES = {
    "missing": "没有写",
    "string_too_short": "是空的",
    "too_short": "是空的",
    "string_type": "要写文字",
    "none_required": "是空的",
    "list_type": "要写成列表",
    "literal_error": "只能写「群」或「私」",
    "model_type": "要写成「名称: 内容」的形式",
    "bool_parsing": "只能写「是」或「否」",
}


def _as_list(value: Any) -> Any:
    """One phrase alone needs no dash."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def _as_bool(value: Any) -> Any:
    return {"是": True, "否": False}.get(value, value) if isinstance(value, str) else value


_DATE = re.compile(
    r"(\d{4})(?:\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})|(\d{2})(\d{2}))\s*[日号]?"
    r"(?:\s+0?0:00(?::00)?)?"
)
_BETWEEN_CHANNELS = re.compile(r"[\s、,，;；/和]+")
_CHANNEL_NAMES = {"群聊": "群", "群里": "群", "私聊": "私", "私信": "私"}


def _as_date(value: Any) -> Any:
    """2026.1.5, 2026/1/5, 20260105, 2026年1月5日 and what Excel makes of them are dates as well."""
    plain = unicodedata.normalize("NFKC", value).strip() if isinstance(value, str) else ""
    match = _DATE.fullmatch(plain)
    if match is None:
        return value  # shown as it was written when it is no date
    year, month, day = (part for part in match.groups() if part)
    return f"{year}-{month:0>2}-{day:0>2}"


def _as_channels(value: Any) -> Any:
    """群、私 in one line, and the everyday words for them."""
    value = _as_list(value)
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return value
    parts = [part for one in value for part in _BETWEEN_CHANNELS.split(one) if part]
    if not parts:
        raise ValueError("是空的：写「群」或「私」，都答就不要这一项")
    return [_CHANNEL_NAMES.get(part, part) for part in parts]


def _as_paths(value: Any) -> Any:
    """A unit's path however its slashes and blanks were typed: 清溪镇／石屏村/ is 清溪镇/石屏村."""
    value = _as_list(value)
    return [_as_path(one) for one in value] if isinstance(value, list) else value


def _as_path(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    steps = unicodedata.normalize("NFKC", value).split("/")
    return "/".join(step for step in map(str.strip, steps) if step)


Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_as_list)]
Paths = Annotated[tuple[Text, ...], BeforeValidator(_as_paths)]
Day = Annotated[date | None, BeforeValidator(_as_date)]
Flag = Annotated[bool, BeforeValidator(_as_bool)]


class FileModel(BaseModel):
    """A model whose fields carry their Chinese names as titles; both may be written."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
    #: Other ways to write a field's name.
    spellings: ClassVar[dict[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _english_names(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        aliases = cls.aliases()
        return {aliases.get(name, name): value for name, value in data.items()}

    @classmethod
    def aliases(cls) -> dict[str, str]:
        """Chinese name (and other spellings) -> field."""
        names = {field.title: name for name, field in cls.model_fields.items() if field.title}
        return names | cls.spellings

    @classmethod
    def chinese(cls, field: str) -> str:
        """The Chinese name of a field, for messages."""
        info = cls.model_fields.get(field)
        return (info.title if info else None) or field


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

    def problem(self, field: str, message: str, **more: Any) -> Problem:
        """A problem at one field of this entry."""
        chinese = Entry.chinese(field)
        line = self.item.line_of((field,))
        if line == self.item.line:
            line = self.item.line_of((chinese,))
        return Problem(self.item.file, line, chinese, message, entry=self.entry.id, **more)


Model = TypeVar("Model", bound=FileModel)


def build(model: type[Model], item: Item) -> Model | list[Problem]:
    """The model of one element, or what is wrong with it."""
    doubled = _doubled_names(model, item)
    if doubled:
        return doubled
    try:
        return model.model_validate(item.value)
    except ValidationError as error:
        return [_as_problem(model, item, detail) for detail in error.errors()]


def build_all(model: type[Model], file: Path, data: bytes | None = None) -> list[Model]:
    """All elements of one file; raises FaqError with everything that is wrong with them."""
    built = [build(model, item) for item in read_items(file, data)]
    problems = [problem for one in built if isinstance(one, list) for problem in one]
    if problems:
        raise FaqError(problems)
    return [one for one in built if not isinstance(one, list)]


def _doubled_names(model: type[FileModel], item: Item) -> list[Problem]:
    if not isinstance(item.value, dict):
        return []
    aliases = model.aliases()
    both = [name for name in item.value if aliases.get(name, name) != name]
    twice = [name for name in both if aliases[name] in item.value]
    message = "中英文名称写了两次"
    return [Problem(item.file, item.line_of((n,)), n, message, advice="留下一个") for n in twice]


def _as_problem(model: type[FileModel], item: Item, detail: Any) -> Problem:
    path = _written_path(model, item, detail["loc"])
    field = ".".join(str(step + 1 if isinstance(step, int) else step) for step in path)
    entry = str(item.value.get("id") or item.value.get("编号") or "") if _is_map(item) else ""
    line = item.line_of(path)
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]).lower(), _names(model), n=1, cutoff=0.5)
        advice = f"是不是「{near[0]}」？" if near else "可写的有：" + "、".join(_chinese(model))
        return Problem(item.file, line, field, "没有这一项", entry=entry, advice=advice)
    advice = _how_to_write(detail)
    return Problem(item.file, line, field or "条目", message_of(detail), entry=entry, advice=advice)


def _how_to_write(detail: Any) -> str:
    """What to do about a value that YAML took for something else than was meant."""
    kind, value = detail["type"], detail.get("input")
    if kind == "string_type" and isinstance(value, list | dict):
        return "文字里有「: 」，或以 [ { 开头时，请用引号括起来"
    if kind == "model_type" and isinstance(value, str):
        return without_names(value)
    return ""


def _is_map(item: Item) -> bool:
    return isinstance(item.value, dict)


def message_of(detail: Any) -> str:
    """What pydantic found, in Chinese."""
    kind, value = detail["type"], detail.get("input")
    if kind.startswith("date"):
        return f"「{value}」不是日期，写成 2026-01-31 的样子"
    if kind in {"string_type", "tuple_type"} and value is None:
        return "是空的"
    if kind == "tuple_type":
        return "要写成列表"
    if kind == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    return _TYPES.get(kind, f"不对（{detail['msg']}）")


def _written_path(model: type[FileModel], item: Item, loc: tuple[Any, ...]) -> tuple[Any, ...]:
    """Pydantic names the English field; the file may have the Chinese one."""
    node, path = item.value, []
    titles = {field.title for field in model.model_fields.values()}
    for step in loc:
        name = _written_name(model, node, step) if isinstance(node, dict) else step
        path.append(name)
        node = node.get(name) if isinstance(node, dict) else None
    if len(path) == 1 and path[0] not in titles and path[0] in model.model_fields:
        return (model.chinese(path[0]),) if not _written(item, path[0]) else tuple(path)
    return tuple(path)


def _written(item: Item, name: str) -> bool:
    return isinstance(item.value, dict) and name in item.value


def _written_name(model: type[FileModel], node: dict[str, Any], step: Any) -> Any:
    if step in node:
        return step
    for chinese, english in (model.aliases() | Tests.aliases()).items():
        if english == step and chinese in node:
            return chinese
    return step


def _names(model: type[FileModel]) -> list[str]:
    return [*model.model_fields, *model.aliases(), *Tests.aliases()]


def _chinese(model: type[FileModel]) -> list[str]:
    return [model.chinese(name) for name in model.model_fields]


def load_entries(path: Path, kept: Kept | None = None) -> list[Located]:
    """All entries behind a file or folder; raises FaqError with every problem of every file."""
    kept = kept or Kept()
    problems: list[Problem] = []
    found: list[Located] = []
    for file in _files_or_error(path):
        sound, wrong = _entries_of(file, kept)
        found.extend(sound)
        problems.extend(wrong)
    problems.extend(_repeated_ids(found))
    if problems:
        raise FaqError(problems)
    return found


def _entries_of(file: Path, kept: Kept) -> tuple[list[Located], list[Problem]]:
    """The sound entries of one file, and what is wrong with the others."""
    try:
        return kept.make("entries", [file], lambda data: _build_entries(file, data[file]))
    except FaqError as error:
        return [], list(error.problems)


def _build_entries(file: Path, data: bytes) -> tuple[list[Located], list[Problem]]:
    try:
        items = read_items(file, data)
    except FaqError as error:
        return [], list(error.problems)
    built = [(build(Entry, item), item) for item in items]
    sound = [Located(entry, item) for entry, item in built if isinstance(entry, Entry)]
    return sound, [problem for one, _ in built if isinstance(one, list) for problem in one]


def _files_or_error(path: Path) -> list[Path]:
    if not path.exists():
        raise FaqError([Problem(str(path), 0, "", "没有这个文件或文件夹")])
    files = yaml_files(path)
    if not files:
        raise FaqError([Problem(str(path), 0, "", "文件夹里没有 .yaml 文件")])
    return files


def _repeated_ids(found: list[Located]) -> list[Problem]:
    first: dict[str, Located] = {}
    problems = []
    for located in found:
        before = first.setdefault(located.entry.id, located)
        if before is not located:
            message = f"编号重复，{before.place} 已经用了「{located.entry.id}」"
            problems.append(located.problem("id", message, advice="换一个编号"))
    return problems
