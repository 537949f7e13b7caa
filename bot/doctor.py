"""sanzhang doctor: everything that keeps a promise from being kept, checked one by one.

Reads and calls; changes nothing. Each finding says what to do.
"""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests
from sqlalchemy import func, select

from bot import departments, workdays
from bot.channels.client import TIMEOUT, Client
from bot.config import Config
from bot.configured import office
from faq.book import Book
from files.problem import FileError
from issues import texts_file
from people import vacancies
from people.reading import read
from rules.words import Role
from storage.db import Database
from storage.tables import (
    Heartbeat,
    HouseholdRow,
    Inbox,
    InPerson,
    Outbox,
    PostRow,
    UnitRow,
    state_is,
)

LEAST_DISK = 500 * 1024 * 1024
SKEW = timedelta(minutes=2)
SILENT = timedelta(minutes=3)


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    sign: str
    text: str

    @property
    def bad(self) -> bool:
        return self.sign == "✗"


def good(text: str) -> Finding:
    return Finding("✓", text)


def note(text: str) -> Finding:
    return Finding("!", text)


def bad(text: str) -> Finding:
    return Finding("✗", text)


def examine(config: Config, database: Database) -> list[Finding]:
    """All findings, in the order in which a box is set up."""
    looks: list[Callable[[Config, Database], Iterator[Finding]]] = [
        _roster,
        _faq,
        _routing,
        _texts,
        _calendar,
        _wecom,
        _deliveries,
        _ticks,
        _disk,
    ]
    return [finding for look in looks for finding in look(config, database)]


def _roster(config: Config, database: Database) -> Iterator[Finding]:
    today = office(config).today(datetime.now(UTC))
    with database.read() as session:
        households = session.scalar(select(func.count()).select_from(HouseholdRow)) or 0
        posts = session.scalar(select(func.count()).select_from(PostRow)) or 0
        town = read(session)
    admins = len(town.with_role(Role.ADMIN, today))
    empty = vacancies.counted(vacancies.find(town, today))
    lost = [u for u in office(config).chats.values() if town.unit_ending(u) is None]
    if not posts:
        yield bad("花名册是空的：先运行 sanzhang roster import 文件")
        return
    yield good(f"花名册：{households} 户，{posts} 个职务")
    if not admins:
        yield note("花名册里没有管理员：文件写错、消息失败时没有人会收到通知")
    if empty:
        yield note(f"{empty}：sanzhang roster vacancies 逐个列出")
    for unit in lost:
        yield bad(f"[[wecom.webhook]] 的单位“{unit}”在花名册里找不到（或不止一个），请写全路径")


def _faq(config: Config, database: Database) -> Iterator[Finding]:
    try:
        book = Book.load(config.faq_path())
    except FileError as error:
        yield bad(f"常见问题：{error.problems[0]}")
        return
    yield good(f"常见问题：{len(book.entries)} 条，紧急情况 {len(book.emergencies.classes)} 类")
    with database.read() as session:
        everywhere = [f"/{path}/" for path in session.scalars(select(UnitRow.path))]
    for located in book.located:
        for scope in located.entry.scope:
            if not any(f"/{scope}/" in path for path in everywhere):
                where = f"{located.place} 的「适用: {scope}」"
                yield bad(f"常见问题：{where}在花名册里找不到，没有人看得到这一条")


def _calendar(config: Config, _database: Database) -> Iterator[Finding]:
    """A year of which nobody has told the program when it rests."""
    today = office(config).today(datetime.now(UTC))
    unknown = workdays.read(config.calendar_path()).missing(today)
    for line in unknown:
        yield note(line)
    if not unknown:
        yield good("工作日历：放假和调休都知道")


def _routing(config: Config, database: Database) -> Iterator[Finding]:
    """分工表: a broken one is not used, a unit without anybody is proposed to nobody."""
    path = config.routing_path()
    if path is None:
        return
    try:
        lines = departments.read(path)
    except FileError as error:
        yield bad(f"分工表没有用上：{error.problems[0]}")
        return
    with database.read() as session:
        unknown = departments.unknown_units(read(session), lines)
    yield good(f"分工表：{len(lines)} 行")
    for problem in unknown[:5]:
        yield note(f"分工表 {problem}")


def _texts(config: Config, _database: Database) -> Iterator[Finding]:
    """An office's own words: a broken file is not used at all."""
    path = config.texts_path()
    if path is None:
        return
    try:
        texts_file.load(path)
    except FileError as error:
        yield bad(f"改过的话没有用上，还是原来的：{error.problems[0]}")
        return
    yield good(f"机器人说的话：改了 {len(texts_file.read(path))} 句")


def _wecom(config: Config, _database: Database) -> Iterator[Finding]:
    client = Client(config.wecom.api_base, config.wecom.corp_id, config.wecom.app.secret)
    try:
        client.fetch_access_token()
    except requests.RequestException as error:
        yield bad(f"连不上 {config.wecom.api_base}：{type(error).__name__}，请检查网络和防火墙")
        return
    except Exception as error:
        yield bad(f"企业微信不认 corp_id 或 secret：{error}")
        return
    yield good(f"企业微信接口可用：{config.wecom.api_base}")
    yield from _clock(config)
    if config.wecom.aibot is None:
        yield note("没有配置智能机器人：群里的 @ 消息收不到，只能和应用单独聊")


def _clock(config: Config) -> Iterator[Finding]:
    try:
        answer = requests.get(config.wecom.api_base, timeout=TIMEOUT)
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (requests.RequestException, KeyError, ValueError):
        yield note("没能核对时钟")
        return
    skew = abs(datetime.now(UTC) - theirs)
    if skew > SKEW:
        yield bad(f"本机时钟差了 {skew}，请校时；差一小时以上会拒收消息")
    else:
        yield good("时钟准确")


def _deliveries(_config: Config, database: Database) -> Iterator[Finding]:
    with database.read() as session:
        dead = session.execute(
            select(Outbox.target, Outbox.error).where(state_is(Outbox.state, "dead")).limit(5)
        ).all()
        count = session.scalar(select(func.count()).where(state_is(Outbox.state, "dead"))) or 0
        undone = state_is(Inbox.state, "failed", "dead")
        failed = session.scalar(select(func.count()).where(undone)) or 0
        untold = session.scalar(select(func.count()).where(InPerson.told_at.is_(None))) or 0
    if untold:
        yield note(f"{untold} 件要当面告知居民，还没有人说已告知（负责的三长回复“当面告知”看）")
    if count:
        yield note(f"{count} 条通知送不到：")
        for target, error in dead:
            yield note(f"  {target}：{error}")
    if failed:
        yield bad(f"{failed} 条消息没能处理，请看日志")
    if not count and not failed:
        yield good("没有送不到的通知，也没有处理失败的消息")


def _ticks(_config: Config, database: Database) -> Iterator[Finding]:
    with database.read() as session:
        beat = session.get(Heartbeat, "tick")
    now = datetime.now(UTC)
    if beat is None:
        yield note("服务还没有跑过（sanzhang serve）")
    elif now - beat.at > SILENT:
        yield bad(f"提醒已停：上一次是 {beat.at.astimezone():%m-%d %H:%M}，请看服务是否在运行")
    else:
        yield good("提醒在按时跑")


def _disk(config: Config, _database: Database) -> Iterator[Finding]:
    free = shutil.disk_usage(config.home).free
    if free < LEAST_DISK:
        yield bad(f"磁盘只剩 {free // 1024 // 1024} MB，请腾出空间")
    else:
        yield good(f"磁盘还有 {free // 1024**3} GB")
