"""The configuration: one TOML file, checked as a whole, parsed once into plain models.

Unknown keys are errors that suggest the nearest name; all mistakes are reported at once. Secrets
may come from SANZHANG_… environment variables or from a file (`secret_file = "…"`).
"""

import difflib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, create_model, field_validator

from bot import workdays
from bot.channels.aibot.settings import AibotSettings
from bot.channels.app.settings import AppSettings
from bot.channels.kinds import CHANNELS, ChannelKind
from bot.channels.sections import Section
from bot.channels.webhook.settings import WebhookSettings
from bot.commands import LISTEN
from files.decode import read_text
from files.problem import FileError
from rules.deadlines import Counting

#: Keys that may be given as KEY_file or as an environment variable instead.
SECRETS = ("secret", "token", "encoding_aes_key", "key", "database_url")
SECRET_FILES = frozenset(f"{key}_file" for key in SECRETS)
CHECKOUT = Path(__file__).resolve().parent.parent

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class ConfigError(Exception):
    """All that is wrong with the configuration, one line each, in Chinese."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ServiceSection(Section):
    name: str = "三长"
    timezone: str = "Asia/Shanghai"
    database_url: str = "sqlite:///var/sanzhang.db"
    listen: str = Field(default=LISTEN, pattern=r"^[^:\s]+:\d{1,5}$")
    public_url: str = "http://127.0.0.1:8211"
    media_path: str = "var/media"
    texts: str = ""

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("没有这个时区，一般写 Asia/Shanghai") from error
        return value


class Corp(Section):
    """What all channels of one corp share."""

    corp_id: str = Field(min_length=1)
    api_base: str = Field(
        default="https://qyapi.weixin.qq.com", pattern=r"^https?://[^/\s]+[^\s]*$"
    )


def wecom_section(channels: Mapping[str, ChannelKind]) -> type[Corp]:
    """[wecom] with one key for each channel of a table, as the channel itself wants it."""
    fields: dict[str, Any] = {kind: channel.settings for kind, channel in channels.items()}
    return create_model("WecomSection", __base__=Corp, **fields)


if TYPE_CHECKING:

    class WecomSection(Corp):
        """What mypy sees of [wecom]: the channels that others but themselves ask about."""

        app: AppSettings
        aibot: AibotSettings | None
        webhook: list[WebhookSettings]

else:
    WecomSection = wecom_section(CHANNELS)


class FaqSection(Section):
    path: str = "faq"
    answer_threshold: float | None = Field(default=None, ge=0, le=1)
    suggest_threshold: float | None = Field(default=None, ge=0, le=1)


class DeadlinesSection(Section):
    counting: Counting = Counting.CIVIL
    quiet_hours: str = Field(default="22:00-07:30", pattern=r"^\d\d:\d\d-\d\d:\d\d$")
    pickup_slots: list[Clock] = Field(default=["07:45", "12:15", "19:00"])
    new_issue: str = Field(default="now", pattern=r"^(now|slot)$")
    calendar: str = ""

    @field_validator("quiet_hours")
    @classmethod
    def _two_times(cls, value: str) -> str:
        for part in value.split("-"):
            time.fromisoformat(part)
        return value


class IssuesSection(Section):
    """How issues are dealt with here."""

    routing: str = ""


class OutboxSection(Section):
    """What becomes of a message that may have arrived, when nobody can find out."""

    unsure: str = Field(default="hold", pattern=r"^(hold|send)$")


class Config(Section):
    """The whole file. Relative paths are relative to the file's folder."""

    service: ServiceSection = ServiceSection()
    wecom: WecomSection
    faq: FaqSection = FaqSection()
    deadlines: DeadlinesSection = DeadlinesSection()
    issues: IssuesSection = IssuesSection()
    outbox: OutboxSection = OutboxSection()
    home: Path = Path()

    def faq_path(self) -> Path:
        """The FAQ: beside the configuration, else the one that is shipped with the program."""
        beside, shipped = self.home / self.faq.path, CHECKOUT / self.faq.path
        return shipped if not beside.exists() and shipped.exists() else beside

    def routing_path(self) -> Path | None:
        """The table of departments (分工表); None without one."""
        return self.home / self.issues.routing if self.issues.routing else None

    def texts_path(self) -> Path | None:
        """This office's own words in notices and receipts; None without such a file."""
        return self.home / self.service.texts if self.service.texts else None

    def calendar_path(self) -> Path | None:
        """This county's own changes to the working days; None without such a file."""
        return self.home / self.deadlines.calendar if self.deadlines.calendar else None

    def media_path(self) -> Path:
        """Where photos and voices are kept, beside the configuration."""
        return self.home / self.service.media_path

    def cache_path(self) -> Path:
        """What a start prepares for the next one; safe to delete. Beside the database's file, else
        beside the photos."""
        match = re.fullmatch(r"sqlite:///(?!:memory:)(.+)", self.database_url())
        return (Path(match[1]) if match else self.media_path()).parent / "prepared"

    def database_url(self) -> str:
        """The database, a relative SQLite file beside the configuration."""
        url = self.service.database_url
        match = re.fullmatch(r"sqlite:///(?!/)(?!:memory:)(.+)", url)
        return f"sqlite:///{(self.home / match[1]).resolve()}" if match else url


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read and check the file; raises ConfigError with every mistake."""
    raw = _read(path)
    problems: list[str] = []
    _fill_secrets(raw, path.parent, environ, problems)
    try:
        config = Config.model_validate({**raw, "home": path.parent.resolve()})
    except ValidationError as error:
        problems += [_told(path, problem) for problem in error.errors()]
        raise ConfigError(problems) from error
    problems += _calendar_mistakes(config)
    if problems:
        raise ConfigError(problems)
    return config


def _calendar_mistakes(config: Config) -> list[str]:
    """A file that the configuration names is checked with it."""
    try:
        workdays.read(config.calendar_path())
    except FileError as error:
        return [str(problem) for problem in error.problems]
    return []


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        raise ConfigError([f"{path}：没有这个文件。可以先复制 config.example.toml 再修改。"])
    try:
        return tomllib.loads(read_text(path))
    except FileError as error:
        raise ConfigError([str(problem) for problem in error.problems]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}：TOML 写法有误：{error}"]) from error


def _fill_secrets(
    raw: dict[str, Any], home: Path, environ: Mapping[str, str], problems: list[str]
) -> None:
    """Take secrets from KEY_file and from SANZHANG_…; the environment has the last word."""
    for section in _sections(raw):
        for key in [k for k in section if k in SECRET_FILES]:
            _from_file(section, key, home, problems)
    for name, value in environ.items():
        _from_environment(raw, name, value)


def _sections(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for value in node.values():
        children = value if isinstance(value, list) else [value]
        for child in children:
            if isinstance(child, dict):
                yield from _sections(child)


def _from_file(section: dict[str, Any], key: str, home: Path, problems: list[str]) -> None:
    path = home / str(section.pop(key))
    try:
        section[key.removesuffix("_file")] = path.read_text("utf-8").strip()
    except OSError as error:
        problems.append(f"{key}：读不了 {path}（{error.strerror}）")


def environment(channels: Mapping[str, ChannelKind]) -> dict[str, tuple[str, ...]]:
    """SANZHANG_WECOM_APP_SECRET and so on -> where it belongs: the database, and every secret of a
    channel that is there once. One that may be there several times has its secrets in files."""
    found: dict[str, tuple[str, ...]] = {"SANZHANG_DATABASE_URL": ("service", "database_url")}
    for kind, channel in channels.items():
        annotation, default = channel.settings
        settings = () if isinstance(default, list) else _sections_in(annotation)
        for key in (key for one in settings for key in one.model_fields if key in SECRETS):
            found[f"SANZHANG_WECOM_{kind}_{key}".upper()] = ("wecom", kind, key)
    return found


def _from_environment(raw: dict[str, Any], name: str, value: str) -> None:
    place = environment(CHANNELS).get(name)
    if place is None:
        return
    node = raw
    for part in place[:-1]:
        node = node.setdefault(part, {})
    node[place[-1]] = value


def _told(path: Path, problem: Any) -> str:
    where = _where(problem["loc"])
    kind = problem["type"]
    if kind == "extra_forbidden":
        return f"{path}：不认识 {where}{_nearest(problem['loc'])}"
    if kind == "missing":
        return f"{path}：缺少 {where}"
    return f"{path}：{where} 不对：{_reason(problem)}"


def _where(loc: tuple[int | str, ...]) -> str:
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


_REASONS = {
    "string_pattern_mismatch": "格式不符，应形如 {pattern}",
    "string_too_short": "不能为空",
    "int_parsing": "应当是整数",
    "int_type": "应当是整数",
    "string_type": "应当是一段文字（加引号）",
    "bool_type": "应当是 true 或 false",
    "bool_parsing": "应当是 true 或 false",
    "enum": "只能是 {expected}",
}


def _reason(problem: Any) -> str:
    pattern = _REASONS.get(problem["type"])
    if pattern is None:
        return str(problem["msg"]).removeprefix("Value error, ")
    return pattern.format(**problem.get("ctx", {}))


def _nearest(loc: tuple[int | str, ...]) -> str:
    model: Any = Config
    for part in loc[:-1]:
        model = _child(model, part)
    close = difflib.get_close_matches(str(loc[-1]), model.model_fields, n=1, cutoff=0.5)
    return f"，是不是 {close[0]}？" if close else "，请删掉或对照 config.example.toml"


def _child(model: Any, part: int | str) -> Any:
    """The model behind a key: a section, or what an optional one or a list of them is made of."""
    if isinstance(part, int) or part not in model.model_fields:
        return model
    return next(_sections_in(model.model_fields[part].annotation), model)


def _sections_in(annotation: Any) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for inner in get_args(annotation):
        yield from _sections_in(inner)
