"""Where the values of a configuration come from: its file, files of secrets, the environment.

A mistake is told with the place at which it is mended. What the values mean is config.py's
business.
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.toml_lines import Place, line_of, lines
from files.decode import decode, read_bytes, read_text
from files.problem import FileError, Problem

#: Keys that may be given as KEY_file or as an environment variable instead.
SECRETS = ("secret", "token", "encoding_aes_key", "key", "database_url")
SECRET_FILES = frozenset(f"{key}_file" for key in SECRETS)
#: What all our environment variables begin with.
PREFIX = "SANZHANG_"
#: What Windows puts before a text, and a zero width that comes along with what is copied.
_UNSEEN = "\ufeff\u200b"


@dataclass
class Source:
    """A configuration file as it was read, and which values come from elsewhere."""

    file: str
    raw: dict[str, Any]
    lines: dict[Place, int] = field(default_factory=dict)
    #: values that do not stand in the file: the name of a variable, or another file
    elsewhere: dict[Place, str] = field(default_factory=dict)

    def problem(self, place: Place, what: str, remedy: str = "") -> Problem:
        """A mistake in the value at that place."""
        other = self.elsewhere.get(place)
        if other is not None:
            return Problem(other, 0, written(place), what, remedy)
        return Problem(self.file, line_of(self.lines, place), written(place), what, remedy)


def read(path: Path) -> Source:
    """The file's values and their lines. Raises FileError."""
    text = read_text(path)
    try:
        return Source(str(path), tomllib.loads(text), lines(text))
    except tomllib.TOMLDecodeError as error:
        remedy = "看看这一行和上一行：引号、等号、方括号要用英文的，成对出现；一个名字只写一次"
        where, _, line = str(error).rpartition("at line ")
        number = int(line.split(",")[0]) if where else 0
        raise FileError(
            [Problem(str(path), number, "", f"TOML 写法有误：{error}", remedy)]
        ) from error


def written(place: Place) -> str:
    """As an admin would say it: wecom.webhook[1].key"""
    text = ""
    for part in place:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


def fill_from_files(source: Source, home: Path) -> list[Problem]:
    """Take every secret that is given as KEY_file from there; what is wrong with these files."""
    problems: list[Problem] = []
    for place, section in list(_sections(source.raw, ())):
        for key in [k for k in section if k in SECRET_FILES]:
            try:
                _from_file(source, place, section, key, home)
            except FileError as error:
                problems += error.problems
    return problems


def fill_from_environment(
    source: Source, environ: Mapping[str, str], known: Mapping[str, tuple[str, ...]]
) -> list[Problem]:
    """Take what the environment gives, which has the last word; what nobody knows in it."""
    for name in known.keys() & environ.keys():
        _put(source, known[name], name, environ[name])
    return [
        _unknown(name, known) for name in environ if name.startswith(PREFIX) and name not in known
    ]


def _sections(node: dict[str, Any], place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    yield place, node
    for name, value in node.items():
        if isinstance(value, dict):
            yield from _sections(value, (*place, name))
        elif isinstance(value, list):
            for index, one in enumerate(value):
                if isinstance(one, dict):
                    yield from _sections(one, (*place, name, index))


def _from_file(source: Source, place: Place, section: dict[str, Any], key: str, home: Path) -> None:
    name, path = key.removesuffix("_file"), home / str(section.pop(key))
    if name in section:
        what = f"{name} 和 {key} 写了两处，不知道该用哪一个"
        raise FileError([source.problem((*place, key), what, "留一个，删掉另一个")])
    section[name] = decode(read_bytes(path), str(path)).strip().strip(_UNSEEN)
    source.elsewhere[*place, name] = str(path)
    if len(section[name].split()) != 1:
        what = "里面要恰好是一行，中间没有空格"
        raise FileError([source.problem((*place, name), what, "只留密钥本身，再保存")])


def _put(source: Source, place: tuple[str, ...], name: str, value: str) -> None:
    node = source.raw
    for part in place[:-1]:
        node = node.setdefault(part, {})
        if not isinstance(node, dict):  # told by the models
            return
    node[place[-1]] = value.strip().strip(_UNSEEN)
    source.elsewhere[place] = name


def _unknown(name: str, known: Mapping[str, tuple[str, ...]]) -> Problem:
    close = difflib.get_close_matches(name, known, n=1)
    remedy = f"是不是 {close[0]}？" if close else f"认识的有：{'、'.join(sorted(known))}"
    return Problem(name, 0, "", "不认识这个环境变量，没有用上", remedy)
