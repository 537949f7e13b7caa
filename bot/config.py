"""The configuration: one TOML file, checked as a whole, parsed once into plain models.

Unknown keys are errors that suggest the nearest name; all mistakes are reported at once. Secrets
may come from SANZHANG_… environment variables or from a file (`secret_file = "…"`).
"""

import difflib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, ValidationError, create_model, field_validator

from bot import workdays
from bot.channels.aibot.settings import AibotSettings
from bot.channels.app.settings import AppSettings
from bot.channels.kinds import CHANNELS, ChannelKind
from bot.channels.sections import Section
from bot.channels.webhook.settings import WebhookSettings
from bot.commands import LISTEN
from bot.config_source import PREFIX, SECRETS, Source, fill_from_environment, fill_from_files, read
from files.problem import FileError, Problem
from rules.deadlines import Counting

CHECKOUT = Path(__file__).resolve().parent.parent

_TIME = r"([01]\d|2[0-3]):[0-5]\d"
Clock = Annotated[str, Field(pattern=rf"^{_TIME}$")]
Host = Annotated[str, Field(pattern=r"^(\*\.)?[A-Za-z0-9*-]+(\.[A-Za-z0-9*-]+)+$")]


def _file_name(value: str) -> str:
    if (
        value != value.strip()
        or not value.isprintable()
        or any(len(part.encode()) > 255 for part in Path(value).parts)
    ):
        raise ValueError("不是文件或文件夹的名字，写成 /路径/名字")
    return value


FileName = Annotated[str, AfterValidator(_file_name)]


class ConfigError(Exception):
    """All that is wrong with the configuration, one line each, in Chinese."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class ServiceSection(Section):
    name: str = Field(default="三长", min_length=1)
    timezone: str = "Asia/Shanghai"
    database_url: str = "sqlite:///var/sanzhang.db"
    listen: str = Field(default=LISTEN, pattern=r"^[^:\s]+:\d{1,5}$")
    public_url: str = "http://127.0.0.1:8211"
    media_path: FileName = "var/media"
    texts: FileName = ""

    @field_validator("listen")
    @classmethod
    def _known_port(cls, value: str) -> str:
        if not 1 <= int(value.rpartition(":")[2]) <= 65535:
            raise ValueError("端口是 1 到 65535 的数，一般写 127.0.0.1:8211")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError("没有这个时区，一般写 Asia/Shanghai") from error
        return value


class Corp(Section):
    """What all channels of one corp share."""

    corp_id: str = Field(min_length=1)
    api_base: str = Field(
        default="https://qyapi.weixin.qq.com", pattern=r"^https?://[^/\s]+[^\s]*$"
    )
    #: besides WeCom's own and the host of api_base
    link_hosts: tuple[Host, ...] = ()


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
    path: FileName = "faq"
    answer_threshold: float | None = Field(default=None, ge=0, le=1)
    suggest_threshold: float | None = Field(default=None, ge=0, le=1)


class DeadlinesSection(Section):
    counting: Counting = Counting.CIVIL
    quiet_hours: str = Field(default="22:00-07:30", pattern=rf"^{_TIME}-{_TIME}$")
    pickup_slots: list[Clock] = Field(default=["07:45", "12:15", "19:00"])
    new_issue: str = Field(default="now", pattern=r"^(now|slot)$")
    calendar: FileName = ""


class IssuesSection(Section):
    """How issues are dealt with here."""

    routing: FileName = ""


class HealthSection(Section):
    """Who learns from outside that all is well."""

    ping_url: str = Field(default="", pattern=r"^(https?://[^/\s]+\S*)?$")


class LogSection(Section):
    format: str = Field(default="text", pattern=r"^(text|json)$")
    file: FileName = ""


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
    health: HealthSection = HealthSection()
    log: LogSection = LogSection()
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

    def log_path(self) -> Path | None:
        """The file that the service logs to; None for its standard error."""
        return self.home / self.log.file if self.log.file else None

    def media_path(self) -> Path:
        """Where photos and voices are kept, beside the configuration."""
        return self.home / self.service.media_path

    def cache_path(self) -> Path:
        """What a start prepares for the next one; safe to delete. Beside the database's file, else
        beside the photos."""
        match = re.fullmatch(r"sqlite:///(?!:memory:)(.+)", self.database_url())
        return (Path(match[1]) if match else self.media_path()).parent / "prepared"

    def numbers_path(self) -> Path:
        """What has been given out, for when the database is put back: beside the photos."""
        return self.media_path().parent / "numbers.json"

    def database_url(self) -> str:
        """The database, a relative SQLite file beside the configuration."""
        url = self.service.database_url
        match = re.fullmatch(r"sqlite:///(?!/)(?!:memory:)(.+)", url)
        return f"sqlite:///{(self.home / match[1]).resolve()}" if match else url


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """Read and check the file; raises ConfigError with every mistake."""
    return load_with_source(path, environ)[0]


def load_with_source(
    path: Path, environ: Mapping[str, str] = os.environ
) -> tuple[Config, Source, list[Problem]]:
    """Also where each value stands, and what of the environment was not used. Raises
    ConfigError."""
    source = _read(path)
    problems = fill_from_files(source, path.parent)
    unused = fill_from_environment(source, environ, environment(CHANNELS))
    try:
        config = Config.model_validate({**source.raw, "home": path.parent.resolve()})
    except ValidationError as error:
        problems += [_told(source, problem) for problem in error.errors()]
        raise ConfigError([str(problem) for problem in [*problems, *unused]]) from error
    problems += _calendar_mistakes(config)
    if problems:
        raise ConfigError([str(problem) for problem in [*problems, *unused]])
    return config, source, unused


def _calendar_mistakes(config: Config) -> list[Problem]:
    """A file that the configuration names is checked with it."""
    try:
        workdays.read(config.calendar_path())
    except FileError as error:
        return list(error.problems)
    return []


def _read(path: Path) -> Source:
    if not path.exists():
        raise ConfigError([f"{path}：没有这个文件。可以先复制 config.example.toml 再修改。"])
    try:
        return read(path)
    except FileError as error:
        raise ConfigError([str(problem) for problem in error.problems]) from error


def environment(channels: Mapping[str, ChannelKind]) -> dict[str, tuple[str, ...]]:
    """SANZHANG_WECOM_APP_SECRET and so on -> where it belongs: the database, and every secret of a
    channel that is there once. One that may be there several times has its secrets in files."""
    found: dict[str, tuple[str, ...]] = {f"{PREFIX}DATABASE_URL": ("service", "database_url")}
    for kind, channel in channels.items():
        annotation, default = channel.settings
        settings = () if isinstance(default, list) else _sections_in(annotation)
        for key in (key for one in settings for key in one.model_fields if key in SECRETS):
            found[f"{PREFIX}WECOM_{kind}_{key}".upper()] = ("wecom", kind, key)
    return found


def _told(source: Source, problem: Any) -> Problem:
    place, kind = problem["loc"], problem["type"]
    if kind == "extra_forbidden":
        return source.problem(place, "不认识这个名字", _nearest(place))
    if kind == "missing":
        return source.problem(place, "没有写", "对照 config.example.toml 补上")
    return source.problem(place, f"不对：{_reason(problem)}")


#: What a value looks like that has to have a shape.
SHAPES = {
    "listen": "127.0.0.1:8211",
    "link_hosts": "media.example.gov.cn，只写主机名，不带 https:// 和路径",
    "api_base": "https://qyapi.weixin.qq.com",
    "quiet_hours": "22:00-07:30",
    "pickup_slots": "07:45",
    "new_issue": "now 或 slot",
    "unsure": "hold 或 send",
    "format": "text 或 json",
    "ping_url": "https://hc.example.com/ping/…，不用就不写",
    "token": "后台生成的那一串，最多 32 个字母和数字",
    "encoding_aes_key": "后台生成的那一串，正好 43 个字母和数字",
}
_NUMBER = "应当是整数，如应用详情页里的 AgentId：1000002"
_REASONS = {
    "string_too_short": "不能为空",
    "int_parsing": _NUMBER,
    "int_type": _NUMBER,
    "int_from_float": _NUMBER,
    "float_parsing": "应当是 0 到 1 之间的数，如 0.82",
    "float_type": "应当是 0 到 1 之间的数，如 0.82",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "string_type": "应当是一段文字（加引号）",
    "bool_type": "应当是 true 或 false",
    "bool_parsing": "应当是 true 或 false",
    "tuple_type": "应当是方括号里的一列",
    "list_type": "应当是方括号里的一列",
    "model_type": "应当是一段，先写 [名字] 再逐行写",
    "enum": "只能是 {expected}",
}


def _reason(problem: Any) -> str:
    if problem["type"] == "string_pattern_mismatch":
        names = [part for part in problem["loc"] if isinstance(part, str)]
        return f"应形如 {SHAPES[names[-1]]}"
    pattern = _REASONS.get(problem["type"])
    if pattern is None:
        return str(problem["msg"]).removeprefix("Value error, ")
    return pattern.format(**problem.get("ctx", {}))


def _nearest(loc: tuple[int | str, ...]) -> str:
    model: Any = Config
    for part in loc[:-1]:
        model = _child(model, part)
    close = difflib.get_close_matches(str(loc[-1]), model.model_fields, n=1, cutoff=0.5)
    return f"是不是 {close[0]}？" if close else "请删掉，或对照 config.example.toml"


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
