"""What in a configuration will break later, told before it does: `sanzhang config check`.

Each key of the example is asked what a tired admin may have written there. What cannot even be
read is config.py's business, keys that everybody knows are config_keys.py's.
"""

import importlib.util
import os
import re
import socket
from collections.abc import Iterator
from datetime import time
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import requests

from bot import config_keys, departments
from bot.config import Config
from bot.config_source import Source, written
from bot.faq_thresholds import thresholds
from bot.hours import pace_of
from bot.toml_lines import Place
from files.problem import FileError, Problem
from issues import texts_file

#: What a check finds: the place, what is wrong there, and the way out.
Found = Iterator[tuple[Place, str, str]]

LOOPBACK = ("127.0.0.1", "localhost", "::1")
DAY = 24 * 60
#: Fewer minutes than this in which people may be told are no working day.
LEAST_AWAKE = 4 * 60
#: WeCom's own secrets have 43 signs.
SHORTEST_SECRET = 16
_DATABASE = re.compile(r"(sqlite|postgresql\+psycopg)://.*", re.DOTALL)
_SQLITE_FILE = re.compile(r"sqlite:///[^?]+")
_HOOK = re.compile(r"[?&]key=([\w-]+)")
#: Seconds to wait for whatever has the port.
_PATIENCE = 1.0


def mistakes(config: Config, source: Source) -> list[Problem]:
    """All that is wrong, in the order of the file."""
    checks = (_service, _folders, _wecom, _app, _aibot, _webhooks, _faq, _deadlines)
    found = [source.problem(*one) for check in checks for one in check(config)]
    return sorted([*found, *_files(config)], key=lambda problem: (problem.file, problem.line))


def unusable(config: Config, source: Source) -> list[Problem]:
    """Folders without which what residents send would be lost: nobody serves with these."""
    return [source.problem(*one) for one in _folders(config)]


def port(config: Config, source: Source) -> list[Problem]:
    """Whether the port can be had; not while `serve` has it itself."""
    return [source.problem(*one) for one in _port(config)]


def notes(config: Config) -> list[str]:
    """What is right in some offices only."""
    return list(_notes(config))


# --- [service] ---


def _service(config: Config) -> Found:
    service = config.service
    url = urlsplit(service.public_url)
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in LOOPBACK):
        what = f"“{service.public_url}”不是 https 地址，企业微信不往这里送消息"
        yield ("service", "public_url"), what, "写成 https://你们的域名"
    elif url.path.strip("/") or url.query:
        yield (
            ("service", "public_url"),
            "域名后面不带路径",
            f"写成 https://{url.hostname or '域名'}",
        )
    yield from _database(service.database_url)


def _database(url: str) -> Found:
    place = ("service", "database_url")
    if not _DATABASE.fullmatch(url):
        what = f"不支持“{url.partition('://')[0][:30]}”这种数据库"
        yield (
            place,
            what,
            "写 sqlite:////绝对路径/sanzhang.db，或 postgresql+psycopg://用户@主机/库",
        )
    elif url.startswith("sqlite") and not _SQLITE_FILE.fullmatch(url):
        yield place, "没有写数据库文件", "写成 sqlite:////绝对路径/sanzhang.db（四条斜线）"
    elif url.startswith("sqlite:///:memory:"):
        yield place, "数据只在内存里，一停就没有了", "写成 sqlite:////绝对路径/sanzhang.db"
    elif url.startswith("postgresql") and importlib.util.find_spec("psycopg") is None:
        yield place, "没有装 PostgreSQL 驱动", "执行 make install POSTGRES=1"


def _folders(config: Config) -> Found:
    """Photos and the database: a folder that cannot be written in loses what comes in."""
    name = config.media_path()
    if why := _unwritable(name):
        remedy = '写成服务的账号能写的地方，如 media_path = "/var/lib/sanzhang/media"'
        yield ("service", "media_path"), f"照片存不进 {name}：{why}", remedy
    url = config.database_url()
    if _SQLITE_FILE.fullmatch(url) and ":memory:" not in url:
        file = Path(url.removeprefix("sqlite:///"))
        if why := _unwritable(file.parent) or (_unwritable_file(file) if file.exists() else ""):
            remedy = "写成服务的账号能写的地方，如 sqlite:////var/lib/sanzhang/sanzhang.db"
            yield ("service", "database_url"), f"数据库写不进 {file}：{why}", remedy


def _unwritable(folder: Path) -> str:
    """Why nothing can be put into that folder, which is made when it is needed; or nothing."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    if not there.is_dir():
        return f"{there} 是文件，不是文件夹"
    return "" if os.access(there, os.W_OK | os.X_OK) else f"没有写 {there} 的权限"


def _unwritable_file(file: Path) -> str:
    if not file.is_file():
        return "这是文件夹，不是文件"
    return "" if os.access(file, os.R_OK | os.W_OK) else "没有写这个文件的权限"


def _port(config: Config) -> Found:
    place, listen = ("service", "listen"), config.service.listen
    host, _, number = listen.rpartition(":")
    try:
        known = socket.getaddrinfo(host, int(number), type=socket.SOCK_STREAM)
        family, kind, *_, address = known[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        yield place, f"找不到主机“{host}”", "一般写 127.0.0.1:8211"
    except PermissionError:
        yield place, f"{number} 这样小的端口要 root 才能用", "换成 1024 以上的，如 8211"
    except OSError as error:
        if not _ours(host, number):
            why = f"{listen} 用不了：{os.strerror(error.errno or 0)}"
            yield place, why, "换一个端口，或停掉占着它的程序（ss -ltnp 能看到是谁）"


def _ours(host: str, number: str) -> bool:
    """Whether a service of ours has the port: checked while it runs, nothing is wrong."""
    try:
        answer = requests.get(f"http://{host}:{number}/healthz", timeout=_PATIENCE)
        return "ok" in answer.json()
    except (requests.RequestException, ValueError, TypeError):
        return False


# --- [wecom] ---


def _wecom(config: Config) -> Found:
    base = urlsplit(config.wecom.api_base)
    place = ("wecom", "api_base")
    if base.path.strip("/") or base.query:
        yield place, "主机后面不带路径", f"写成 {base.scheme}://{base.netloc}"
    if config_keys.is_placeholder(config.service.name):
        yield ("service", "name"), "还是占位的文字", "写居民看到的名字，如 韶山三长"


def _app(config: Config) -> Found:
    app = config.wecom.app
    if app.agent_id <= 0:
        yield ("wecom", "app", "agent_id"), "不是应用的编号", "在应用详情页复制 AgentId"


def _aibot(config: Config) -> Found:
    bot = config.wecom.aibot
    if bot and (bot.name.strip() != bot.name or bot.name.startswith(("@", "＠"))):
        what = "名字前后不带 @ 和空格，否则群里 @ 它的话里去不掉名字"
        yield ("wecom", "aibot", "name"), what, f'写成 name = "{bot.name.strip(" @＠")}"'


def _webhooks(config: Config) -> Found:
    hooks = config.wecom.webhook
    for index, hook in enumerate(hooks):
        place = ("wecom", "webhook", index)
        if "://" in hook.key or "key=" in hook.key:
            only = _HOOK.search(hook.key)
            remedy = f'写成 key = "{only[1]}"' if only else "只写地址里 key= 后面那一段"
            yield (*place, "key"), "这是整个地址", remedy
        if hook.unit != hook.unit.strip(" /"):
            yield (*place, "unit"), "前后不带斜线和空格", f'写成 unit = "{hook.unit.strip(" /")}"'
        if not hook.key and not hook.chat_id:
            yield place, "key 和 chat_id 都没有写，这一段没有用", "至少写一个，或把这一段删掉"
        if hook.chat_id and config_keys.is_placeholder(hook.chat_id):
            yield (*place, "chat_id"), "还是占位的文字", "在群里 @ 一次机器人，日志里会写出 chat_id"
    yield from _shared_groups([hook.chat_id for hook in hooks], "chat_id", "这个群")
    yield from _shared_groups([hook.key for hook in hooks], "key", "这个群机器人")


def _shared_groups(values: list[str], name: str, called: str) -> Found:
    for index, value in enumerate(values):
        if value and value in values[:index]:
            first = written(("wecom", "webhook", values.index(value)))
            what = f"{called}已经给了 {first}，一个群只能归一个单位"
            yield ("wecom", "webhook", index, name), what, "改成这个单位自己的群，或删掉一段"


# --- the others ---


def _faq(config: Config) -> Found:
    if not config.faq_path().exists():
        yield ("faq", "path"), f"没有 {config.faq_path()}", '写成实际的位置，如 "/opt/sanzhang/faq"'
    sure = thresholds(config)
    if sure.suggest > sure.answer:
        what = f"建议的门槛 {sure.suggest} 高过直接回答的 {sure.answer}，就永远不会问“您是不是想问”"
        yield ("faq", "suggest_threshold"), what, "改成 suggest_threshold 较小；不确定就两行都删掉"


def _deadlines(config: Config) -> Found:
    pace, place = pace_of(config), ("deadlines", "quiet_hours")
    asleep = (_minutes(pace.quiet.end) - _minutes(pace.quiet.start)) % DAY
    if not asleep:
        yield place, "开始和结束一样，说不清是全天还是没有", "写成 22:00-07:30 这样的一段"
    elif DAY - asleep < LEAST_AWAKE:
        yield place, "一天里几乎都不许打扰，通知发不出去", "写成 22:00-07:30 这样的一段"
    slots = config.deadlines.pickup_slots
    for index, slot in enumerate(slots):
        if asleep and pace.quiet.covers(time.fromisoformat(slot)):
            what = f"{slot} 在不打扰的时间 {config.deadlines.quiet_hours} 里，到时发不出去"
            yield ("deadlines", "pickup_slots", index), what, "改到不打扰的时间以外"
    if any(one == other for one, other in pairwise(sorted(slots))):
        yield ("deadlines", "pickup_slots"), "同一个时刻写了两次", "删掉一个"


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _files(config: Config) -> Iterator[Problem]:
    """What is wrong in the other files that the configuration names."""
    table = config.routing_path()
    for read in (
        lambda: departments.read(table) if table else None,
        lambda: texts_file.load(config.texts_path()),
    ):
        try:
            read()
        except FileError as error:
            yield from error.problems


def _notes(config: Config) -> Iterator[str]:
    wecom = config.wecom
    if len(wecom.app.secret) < SHORTEST_SECRET:
        yield f"wecom.app.secret 只有 {len(wecom.app.secret)} 位，企业微信给的是 43 位：再复制一次"
    if wecom.aibot is None:
        yield "没有 [wecom.aibot]：群里 @ 机器人的话收不到，只能和应用单独聊"
    elif wecom.aibot.token == wecom.app.token:
        yield "wecom.app 和 wecom.aibot 的 token 一样：能用，最好各用各的"
    if config.service.timezone != "Asia/Shanghai":
        yield f"时区是 {config.service.timezone}，不是 Asia/Shanghai：期限按它算"
    if urlsplit(wecom.api_base).scheme == "http":
        yield "api_base 是 http：密钥会明文传送，只能用在本机演示和测试"
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        yield "现在是 root：看不出服务的账号能不能写，请用 sudo -u sanzhang 再检查一次"
