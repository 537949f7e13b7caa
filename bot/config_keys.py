"""Keys that everybody knows: with them a stranger could speak as any resident.

What stands in config.example.toml, placeholders, and keys too poor to be one. `serve` refuses to
start with them, `config check` tells them; nothing else is judged here (config_checks.py).
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from typing import Any

from bot.config import CHECKOUT, Config
from bot.config_source import SECRETS, Source
from bot.toml_lines import Place
from files.problem import Problem

#: The keys that say who may speak; database_url is none.
KEYS = frozenset(SECRETS) - {"database_url"}
#: Those of them that prove who sends a message.
PROVING = frozenset({"token", "encoding_aes_key"})
SHORTEST_TOKEN = 6
#: A real encoding_aes_key has about 30 different signs among its 43.
LEAST_DIFFERENT = 8
#: Texts that stand where something is still to be filled in.
_PLACEHOLDER = re.compile(
    r"\W*|.*[〔【<＜…].*|.*(?:待填|请填|填写|填入).*|(?:ww)?x{3,}|(?:ww|wx|wr)?0{6,}|[0-]{8,}"
    r"|your[-_ ].*|change[-_ ]?me.*|todo.*|placeholder.*|secret|token|key|password",
    re.IGNORECASE | re.DOTALL,
)
_OPEN = "，知道样例的人都能冒充居民"
_COPY = "从企业微信后台复制自己的那一串"
_ELSEWHERE = "在企业微信后台点“随机获取”，两边填同一个"


def mistakes(config: Config, source: Source) -> list[Problem]:
    """Every key with which nobody may serve, at its place."""
    return [source.problem(place, *told) for place, told in _found(config)]


def is_placeholder(value: str) -> bool:
    """Whether the value says that something is still to be filled in."""
    return _PLACEHOLDER.fullmatch(value) is not None


def keys_of(config: Config) -> Iterator[tuple[Place, str]]:
    """Every key of [wecom] that is there, with its place."""
    for place, value in _texts(config.wecom.model_dump(), ("wecom",)):
        if place[-1] in KEYS and value:
            yield place, value


def _found(config: Config) -> Iterator[tuple[Place, tuple[str, str]]]:
    corp = ("wecom", "corp_id")
    name = config.wecom.corp_id
    if is_placeholder(name) or _in_example(corp, name) or not name.isascii():
        yield corp, ("还是样例或占位的文字", "在企业微信后台“我的企业”最下面复制企业 ID")
    seen: dict[str, Place] = {}
    for place, value in keys_of(config):
        told = _poor(place, value) or _twice(place, seen.get(value))
        seen.setdefault(value, place)
        if told:
            yield place, told


def _poor(place: Place, value: str) -> tuple[str, str] | None:
    name = place[-1]
    if is_placeholder(value) or _in_example(place, value):
        return f"还是样例或占位的文字{_OPEN if name in PROVING else ''}", _COPY
    if not value.isascii() or not value.isprintable() or any(c in " \"'" for c in value):
        return "里面有空格、引号、中文或全角的字", _COPY
    if name == "token" and len(value) < SHORTEST_TOKEN:
        return f"太短，不到 {SHORTEST_TOKEN} 位，猜得出来", _ELSEWHERE
    if name == "encoding_aes_key" and len(set(value)) < LEAST_DIFFERENT:
        return "只有几个字反复写，猜得出来", _ELSEWHERE
    return None


def _twice(place: Place, before: Place | None) -> tuple[str, str] | None:
    """One encoding_aes_key for two channels: what is sealed for one could be shown to the other."""
    if before is None or place[-1] != "encoding_aes_key":
        return None
    return f"和 {'.'.join(map(str, before))} 是同一个", "每个通道各用各的，在后台重新获取一个"


def _in_example(place: Place, value: str) -> bool:
    return (place[-1], value) in _example()


@cache
def _example() -> frozenset[tuple[int | str, str]]:
    """What the example writes for keys and for the corp, whatever the section."""
    raw = tomllib.loads((CHECKOUT / "config.example.toml").read_text("utf-8"))
    named = {*KEYS, "corp_id"}
    return frozenset((place[-1], text) for place, text in _texts(raw, ()) if place[-1] in named)


def _texts(node: Any, place: Place) -> Iterator[tuple[Place, str]]:
    """Every text in a configuration, with its place."""
    if isinstance(node, str):
        yield place, node
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _texts(value, (*place, name))
    elif isinstance(node, list | tuple):
        for index, value in enumerate(node):
            yield from _texts(value, (*place, index))
