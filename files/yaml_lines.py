"""YAML files read with the line of every value, and every mistake told in plain Chinese.

All scalars come out as text: a phone number stays a phone number. What the values mean is left to
`file_model` and to those who read such a file.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from files.decode import decode, read_bytes
from files.problem import FileError, Problem, Severity
from files.yaml_errors import syntax_problem

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Every other tag was written by hand, if only as the first word of a text: !注意
_PLAIN_TAG = "tag:yaml.org,2002:"
_NULLS = {"", "~", "null", "Null", "NULL"}

#: The way to a value in a file: ("tests", "should", 0).
Steps = tuple[int | str, ...]


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

    def line_of(self, path: Steps) -> int:
        """Where the value at `path` is; the nearest parent when it is missing."""
        return int(self.node_of(path).start_mark.line) + 1

    def line_of_name(self, path: Steps) -> int:
        """Where the name at the end of `path` is: its value may begin in a line below."""
        *above, last = path
        parent = self.node_of(tuple(above))
        pairs = parent.value if isinstance(parent, yaml.MappingNode) else ()
        names = (key for key, _ in pairs if getattr(key, "value", None) == last)
        name = next(names, None)
        return self.line_of(path) if name is None else int(name.start_mark.line) + 1

    def node_of(self, path: Steps) -> Any:
        """The node of the value at `path`; of the nearest parent when it is missing."""
        node = self.node
        for step in path:
            found = _child(node, step)
            if found is None:
                break
            node = found
        return node

    def problem(
        self, path: Steps, what: str, remedy: str = "", *, severity: Severity = "error"
    ) -> Problem:
        """A problem of the value at `path`, under the name with which the path ends."""
        names = [step for step in path if isinstance(step, str)]
        field = names[-1] if names else ""
        return Problem(self.file, self.line_of(path), field, what, remedy, severity=severity)


def _child(node: Any, step: int | str) -> Any:
    if isinstance(node, yaml.MappingNode):
        return next((v for k, v in node.value if getattr(k, "value", None) == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step]
    return None


def read_items(file: Path, data: bytes | None = None) -> list[Item]:
    """The elements of the list in `file`; raises FileError with everything that is wrong."""
    values = _Values(str(file))
    items: list[Item] = []
    for root in _roots(file, data):
        if isinstance(root, yaml.SequenceNode):
            items += [Item(str(file), values.of(node), node) for node in root.value]
        elif not _is_null(root):
            values.tell(root, "", "最外层要是列表", "每一条以「- 」开头")
    if not items and not values.problems:
        remedy = "可能还没有存完；不要了就删掉"
        values.problems.append(Problem(str(file), 1, "", "文件里没有内容", remedy))
    if values.problems:
        raise FileError(values.problems)
    return items


def read_mapping(file: Path, data: bytes | None = None, *, remedy: str = "") -> Item:
    """The one mapping in `file` (or in `data`, read from it before).

    Raises FileError with everything that is wrong; `remedy` tells where the names are found.
    """
    roots = _roots(file, data)
    if len(roots) != 1 or not isinstance(roots[0], yaml.MappingNode):
        raise FileError([Problem(str(file), 1, "", "这里要写成「名称: 内容」的形式", remedy)])
    values = _Values(str(file))
    item = Item(str(file), values.of(roots[0]), roots[0])
    if values.problems:
        raise FileError(values.problems)
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
        raise FileError(problems)
    return dict(item.value)


def _list_problem(
    item: Item, name: str, value: Any, names: Collection[str] | None
) -> Problem | None:
    if names is not None and name not in names:
        return item.problem((name,), "没有这一类", "可写的有：" + "、".join(names))
    if isinstance(value, list) and all(isinstance(word, str) and word for word in value):
        return None
    return item.problem((name,), "要写成 [说法, 说法, …]", "只有一个也要加方括号")


def _roots(file: Path, data: bytes | None = None) -> list[Any]:
    text = decode(read_bytes(file) if data is None else data, str(file))
    try:
        return [root for root in yaml.compose_all(text, Loader=_LOADER) if root is not None]
    except yaml.YAMLError as error:
        raise FileError([syntax_problem(str(file), error, text)]) from error
    except RecursionError as error:
        raise FileError([Problem(str(file), 1, "", "括号套得太深")]) from error


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
            self.tell(node, "", "不能用 & 和 * 引用别处的内容", "直接写出来；文字请用引号括起来")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            return [self.of(child) for child in node.value]
        return self._mapping(node)

    def tell(self, node: Any, field: str, what: str, remedy: str) -> None:
        """Note a problem where the node begins."""
        line = node.start_mark.line + 1
        self.problems.append(Problem(self._file, line, field, what, remedy))

    def _text(self, node: Any) -> str | None:
        if not node.tag.startswith(_PLAIN_TAG):
            self.tell(node, "", "文字以 ! 开头", "请用引号括起来")
        return None if _is_null(node) else str(node.value)

    def _mapping(self, node: Any) -> dict[str, Any]:
        result: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            name, line = str(getattr(key_node, "value", "?")), key_node.start_mark.line + 1
            if name in result:
                self.tell(key_node, name, f"写了两次，第 {first[name]} 行已经写过", "留下一个")
            first.setdefault(name, line)
            result[name] = self.of(value_node)
        return result
