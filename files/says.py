"""The sentences of one system: a YAML file of name: words, checked when it is loaded.

Which names there are and what each may name in braces is said by the code that speaks them; what
issues tell is issues/texts.py's business.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter

from files.problem import FileError, Problem
from files.yaml_lines import Item, read_mapping

#: Sentence -> what stands in braces in it.
Sentences = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Says:
    """The sentences of a file by name."""

    sentences: Mapping[str, str]

    @classmethod
    def load(cls, path: Path, known: Sentences) -> "Says":
        """Every sentence of ``known``, each naming what the code gives and nothing else.

        Raises FileError with the line of every mistake.
        """
        item = read_mapping(path)
        problems = [*_missing(item, known), *_wrong(item, known)]
        if problems:
            raise FileError(problems)
        return cls(dict(item.value))

    def say(self, name: str, **values: object) -> str:
        """That sentence with its braces filled in; a name that is not there raises KeyError."""
        return self.sentences[name].format_map(values).strip()


def _missing(item: Item, known: Sentences) -> Iterator[Problem]:
    for name in known:
        if not item.value.get(name):
            yield item.problem((name,), "没有写")


def _wrong(item: Item, known: Sentences) -> Iterator[Problem]:
    for name, said in item.value.items():
        if name not in known:
            yield item.problem((name,), "没有这一句", "可写的有：" + "、".join(known))
        elif said and not isinstance(said, str):
            yield item.problem((name,), "要写成「名称: 要说的话」")
        elif said and (told := _braces(said, known[name])):
            yield item.problem((name,), told)


def _braces(said: str, given: tuple[str, ...]) -> str:
    """What is wrong with the braces, "" if nothing is."""
    try:
        parts = list(Formatter().parse(said))
    except ValueError:
        return "花括号没有成对"
    named = {name for _, name, _, _ in parts if name is not None}
    plain = all(not spec and not conversion for _, _, spec, conversion in parts)
    if not plain or not named <= set(given):
        can = "、".join(f"{{{name}}}" for name in given) or "这一句不能用花括号"
        return f"花括号里写错了，可以用：{can}"
    lost = [name for name in given if name not in named]
    return f"少了 {{{lost[0]}}}" if lost else ""
