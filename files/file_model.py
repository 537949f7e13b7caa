"""The shape of one element of an admin's file: fields with a Chinese and an English name.

What pydantic finds wrong is told as Problems with the line and in plain Chinese. Which fields an
element has is left to the rooms that read such files.
"""

import difflib
import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from files.dates import read_day
from files.problem import FileError, Problem, Severity
from files.yaml_errors import without_names
from files.yaml_lines import Item, Steps, read_items

#: What pydantic calls a mistake, and what it is called here.
_KINDS = {
    "missing": "没有写",
    "string_too_short": "是空的",
    "too_short": "是空的",
    "string_type": "要写文字",
    "none_required": "是空的",
    "list_type": "要写成列表",
    "tuple_type": "要写成列表",
    "model_type": "要写成「名称: 内容」的形式",
    "bool_parsing": "只能写「是」或「否」",
}
#: The words that a Literal allows, as pydantic lists them: 'a', 'b' or 'c'.
_ALLOWED = re.compile(r"'([^']*)'")


def as_list(value: Any) -> Any:
    """One phrase alone needs no dash."""
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def _as_flag(value: Any) -> Any:
    return {"是": True, "否": False}.get(value, value) if isinstance(value, str) else value


def _as_day(value: Any) -> Any:
    if value is None or isinstance(value, date):
        return value
    day = read_day(value) if isinstance(value, str) else None
    if day is None:  # pydantic would take a long number for seconds since 1970
        raise ValueError(f"「{value}」不是日期，写成 2026-01-31 的样子")
    return day


Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(as_list)]
Flag = Annotated[bool, BeforeValidator(_as_flag)]
Day = Annotated[date | None, BeforeValidator(_as_day)]


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
    def all_aliases(cls) -> dict[str, str]:
        """The same with the fields of the models inside."""
        found = cls.aliases()
        for info in cls.model_fields.values():
            inner = info.annotation
            if isinstance(inner, type) and issubclass(inner, FileModel):
                found |= inner.all_aliases()
        return found

    @classmethod
    def chinese(cls, field: str) -> str:
        """The Chinese name of a field, for messages."""
        info = cls.model_fields.get(field)
        return (info.title if info else None) or field


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
    """All elements of one file; raises FileError with everything that is wrong with them."""
    return [one for one, _ in build_located(model, file, data)]


def build_located(
    model: type[Model], file: Path, data: bytes | None = None
) -> list[tuple[Model, Item]]:
    """All elements of one file with their places; raises FileError with all that is wrong."""
    built = [(build(model, item), item) for item in read_items(file, data)]
    problems = [problem for one, _ in built if isinstance(one, list) for problem in one]
    if problems:
        raise FileError(problems)
    return [(one, item) for one, item in built if not isinstance(one, list)]


def written(model: type[FileModel], item: Item, path: Steps) -> Steps:
    """The way to a field with the names that the file has, Chinese or English."""
    names, value = model.all_aliases(), item.value
    found: list[int | str] = []
    for step in path:
        if isinstance(value, dict) and step not in value:
            step = next((name for name in value if names.get(name) == step), step)
        found.append(step)
        value = value.get(step) if isinstance(value, dict) else None
    return tuple(found)


def line_of(model: type[FileModel], item: Item, path: Steps) -> int:
    """The line of a field, whichever of its two names was written; of its element without it."""
    return item.line_of(written(model, item, path))


def problem_at(
    model: type[FileModel],
    item: Item,
    path: Steps,
    what: str,
    remedy: str = "",
    *,
    severity: Severity = "error",
) -> Problem:
    """A problem of one field, told by its Chinese name."""
    place = item.file, line_of(model, item, path), model.chinese(str(path[0]))
    return Problem(*place, what, remedy, severity=severity, entry=_id_of(item))


def _id_of(item: Item) -> str:
    return str(item.value.get("id") or item.value.get("编号") or "") if _is_map(item) else ""


def _is_map(item: Item) -> bool:
    return isinstance(item.value, dict)


def _doubled_names(model: type[FileModel], item: Item) -> list[Problem]:
    if not _is_map(item):
        return []
    aliases = model.aliases()
    both = [name for name in item.value if aliases.get(name, name) != name]
    twice = [name for name in both if aliases[name] in item.value]
    return [item.problem((name,), "中英文名称写了两次", "留下一个") for name in twice]


def _as_problem(model: type[FileModel], item: Item, detail: Any) -> Problem:
    """What pydantic found, under the name that the file has, steps and numbers included."""
    path = written(model, item, detail["loc"])
    if len(path) == 1 and not (_is_map(item) and path[0] in item.value):
        shown = model.chinese(str(path[0]))
    else:
        shown = ".".join(str(step + 1 if isinstance(step, int) else step) for step in path)
    what, remedy = _told(model, path, detail)
    place = item.file, item.line_of(path), shown or "条目"
    return Problem(*place, what, remedy, entry=_id_of(item))


def _told(model: type[FileModel], path: Steps, detail: Any) -> tuple[str, str]:
    """What is wrong and what to do."""
    kind, value = detail["type"], detail.get("input")
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(str(path[-1]).lower(), _names(model), n=1, cutoff=0.5)
        known = "、".join(model.chinese(name) for name in model.model_fields)
        return "没有这一项", f"是不是「{near[0]}」？" if near else f"可写的有：{known}"
    if kind == "string_type" and isinstance(value, list | dict):
        return _KINDS[kind], "文字里有「: 」，或以 [ { 开头时，请用引号括起来"
    if kind == "model_type" and isinstance(value, str):
        return _KINDS[kind], without_names(value) or f"写成{_needed(model)}，各占一行"
    return _what(detail), ""


def _what(detail: Any) -> str:
    kind, value = detail["type"], detail.get("input")
    if kind in {"string_type", "tuple_type"} and value is None:
        return "是空的"
    if kind == "value_error":
        return str(detail["msg"]).removeprefix("Value error, ")
    if kind == "literal_error":
        return "只能写" + "或".join(f"「{word}」" for word in _allowed(detail))
    return _KINDS.get(kind, f"不对（{detail['msg']}）")


def _allowed(detail: Any) -> list[str]:
    return _ALLOWED.findall(str(detail["ctx"]["expected"]))


def _needed(model: type[FileModel]) -> str:
    """「编号: …」「问题: …」: what an element has at the least."""
    needed = [name for name, field in model.model_fields.items() if field.is_required()]
    return "".join(f"「{model.chinese(name)}: …」" for name in needed or model.model_fields)


def _names(model: type[FileModel]) -> list[str]:
    return [*model.model_fields, *model.all_aliases()]
