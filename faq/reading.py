"""YAML files read with the line of every value, and every mistake told in plain Chinese.

All scalars come out as text: a phone number stays a phone number. What the values mean is left to
the models that take them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from faq.problems import FaqError, Problem
from faq.syntax import syntax_problem

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SUFFIXES = {".yaml", ".yml"}
_BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}
#: Every other tag was written by hand, if only as the first word of a text: !注意
_PLAIN_TAG = "tag:yaml.org,2002:"
_NULLS = {"", "~", "null", "Null", "NULL"}


@dataclass(frozen=True)
class Item:
    """One element of a file's list, with its node for the line of any field."""

    file: str
    value: Any
    node: Any

    @property
    def line(self) -> int:
        """Where the element begins, counted from 1."""
        return int(self.node.start_mark.line) + 1

    def line_of(self, path: tuple[int | str, ...]) -> int:
        """Where the value at `path` is; the nearest parent when it is missing."""
        return int(self.node_of(path).start_mark.line) + 1

    def node_of(self, path: tuple[int | str, ...]) -> Any:
        """The node of the value at `path`; of the nearest parent when it is missing."""
        node = self.node
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            node = found
        return node


def _child(node: Any, step: int | str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((v for k, v in node.value if getattr(k, "value", None) == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None


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


def read_items(file: Path, data: bytes | None = None) -> list[Item]:
    """The elements of the list in `file`; raises FaqError with everything that is wrong."""
    values = _Values(str(file))
    items: list[Item] = []
    for root in _roots(file, data):
        if isinstance(root, yaml.SequenceNode):
            items += [Item(str(file), values.of(node), node) for node in root.value]
        elif not _is_null(root):
            line = root.start_mark.line + 1
            advice = "每一条以「- 」开头"
            values.problems.append(Problem(str(file), line, "", "最外层要是列表", advice=advice))
    if not items and not values.problems:
        advice = "可能还没有存完；不要了就删掉"
        values.problems.append(Problem(str(file), 1, "", "文件里没有内容", advice=advice))
    if values.problems:
        raise FaqError(values.problems)
    return items


def read_mapping(file: Path, data: bytes | None = None) -> Item:
    """The one mapping in `file` (or in `data`, read from it before)."""
    roots = _roots(file, data)
    if len(roots) != 1 or not isinstance(roots[0], yaml.MappingNode):
        raise FaqError([Problem(str(file), 1, "", "这里要写成「名称: 内容」的形式")])
    values = _Values(str(file))
    item = Item(str(file), values.of(roots[0]), roots[0])
    if values.problems:
        raise FaqError(values.problems)
    return item


def read_lists(
    file: Path, names: Collection[str] | None = None, *, data: bytes | None = None
) -> dict[str, list[str]]:
    """Lists of words by name, of those `names` only; a text would be read as its characters."""
    item = read_mapping(file, data)
    problems = [
        problem
        for name, value in item.value.items()
        if (problem := _list_problem(item, name, value, names))
    ]
    if problems:
        raise FaqError(problems)
    return dict(item.value)


def _list_problem(
    item: Item, name: str, value: Any, names: Collection[str] | None
) -> Problem | None:
    line = item.line_of((name,))
    if names is not None and name not in names:
        advice = "可写的有：" + "、".join(names)
        return Problem(item.file, line, name, "没有这一类", advice=advice)
    if isinstance(value, list) and all(isinstance(word, str) and word for word in value):
        return None
    advice = "只有一个也要加方括号"
    return Problem(item.file, line, name, "要写成 [说法, 说法, …]", advice=advice)


def _roots(file: Path, data: bytes | None = None) -> list[Any]:
    text = decode(file, data)
    try:
        return [root for root in yaml.compose_all(text, Loader=_LOADER) if root is not None]
    except yaml.YAMLError as error:
        raise FaqError([syntax_problem(str(file), error, text)]) from error
    except RecursionError as error:
        raise FaqError([Problem(str(file), 1, "", "括号套得太深")]) from error


def read_bytes(file: Path) -> bytes:
    """What is in the file, or why it cannot be opened."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise FaqError([Problem(str(file), 0, "", f"文件打不开：{error.strerror}")]) from error


def decode(file: Path, data: bytes | None = None) -> str:
    """The text of `file` (or of `data`, read from it before); only UTF-8 is taken, since a guess
    could turn an answer into nonsense."""
    data = read_bytes(file) if data is None else data
    try:
        if data[:2] in _BOMS:
            raise UnicodeDecodeError("utf-8", data, 0, 2, "utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FaqError([_encoding_problem(str(file), line, data, error)]) from error


def _encoding_problem(file: str, line: int, data: bytes, error: UnicodeDecodeError) -> Problem:
    if error.reason == "unexpected end of data":
        advice = "像是没有存完，请再保存一次"
        return Problem(file, line, "", "文件在一个字的中间断了", advice=advice)
    kind = _BOMS.get(data[:2]) or ("GB18030/ANSI" if _is_gb18030(data) else "未知")
    advice = "用记事本「另存为」，编码选 UTF-8"
    return Problem(file, line, "", f"文件编码不是 UTF-8（看起来是{kind}）", advice=advice)


def _is_gb18030(data: bytes) -> bool:
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return False
    return True


def _is_null(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and not node.style and node.value in _NULLS


class _Values:
    """Plain values out of the nodes of one file.

    An alias (*name) would come out as the same node again; a file of ten lines could so unfold to
    millions of values, and nobody writes one by intention.
    """

    def __init__(self, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._seen: set[int] = set()

    def of(self, node: Any) -> Any:
        """Text, a list or a mapping."""
        if isinstance(node, yaml.ScalarNode):
            return self._text(node)
        if id(node) in self._seen:
            self._tell(node, "", "不能用 & 和 * 引用别处的内容", "直接写出来；文字请用引号括起来")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.of(child) for child in node.value]
        return self._mapping(node)

    def _text(self, node: Any) -> str | None:
        if not node.tag.startswith(_PLAIN_TAG):
            self._tell(node, "", "文字以 ! 开头", "请用引号括起来")
        return None if _is_null(node) else str(node.value)

    def _mapping(self, node: Any) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            name = str(getattr(key_node, "value", "?"))
            if name in result:
                self._tell(key_node, name, "同一条里写了两次", "留下一个")
            result[name] = self.of(value_node)
        return result

    def _tell(self, node: Any, field: str, message: str, advice: str) -> None:
        line = node.start_mark.line + 1
        self.problems.append(Problem(self._file, line, field, message, advice=advice))
