"""sanzhang demo: emulator and service on an embedded SQLite file, the story, then the chat page.

The emulator is a fake WeCom on loopback; the service is the real one, told nothing of the demo but
the emulator's clock. `--once` ends after the story: 0 when every step happened, 1 otherwise.
Each demo that runs has a folder of its own, named by the port of its page: two do not meet.
"""

import csv
import logging
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time
from pathlib import Path
from urllib.parse import urlsplit

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot import web
from bot.config import CHECKOUT, load
from bot.demo_story import PINGLI, SCENES, SHAOSHAN, ZONE, Stage, StoryBroken, play
from bot.listening import in_background
from bot.options import err, fail, out
from bot.service import Service
from emulator.server import Emulator
from emulator.world import Group, Member, World
from people.roster import apply, plan, read_roster
from storage import schema
from storage.db import Database

ROSTER = CHECKOUT / "samples" / "demo-roster.csv"
DEPARTMENTS = CHECKOUT / "samples" / "departments.yaml"
HOME = Path("var/demo")
EMBEDDED = "sqlite:///sanzhang.db"
PAGE_PORT, SERVICE_PORT = 8212, 8211
#: Seconds after which, at the latest, the service sees that the clock has jumped.
BEAT = 0.2
#: 片 with a group of its own: chat id, name, webhook key.
GROUPS = {
    "清溪镇/韶山村/一片": (SHAOSHAN, "韶山村一片三长群", "hook-shaoshan-1"),
    "银田镇/平里村/一片": (PINGLI, "平里村一片三长群", "hook-pingli-1"),
}


@click.command()
@click.option("--once", is_flag=True, help="演完就结束：0 全部发生，1 有一步没有发生")
@click.option("--port", default=PAGE_PORT, show_default=True, help="聊天页面的端口（被占用时另选）")
def demo(once: bool, port: int) -> None:
    """演示：在本机的模拟企业微信里，把“有事找邻长”从头到尾演一遍。"""
    logging.basicConfig(level=logging.ERROR, format="%(levelname)s %(name)s: %(message)s")
    out.print("[bold]三长演示[/]：模拟的企业微信 + 真正的服务。全是虚构的人和事。")
    with started(0 if once else port) as (emulator, service):
        broken = _tell(Stage(emulator, service, out))
        if broken:
            fail(f"故事在这里断了：{broken}")
        if not once:
            _stay(emulator)


@contextmanager
def started(
    port: int = 0, home: Path | None = None, database_url: str = EMBEDDED
) -> Iterator[tuple[Emulator, Service]]:
    """Emulator and service, connected over HTTP, with the demo's people; stopped at the end.

    Without ``home`` the data lie in a folder of this demo alone, which is gone at the end.
    """
    with _step("启动模拟企业微信"):
        emulator = _emulator(_free(port))
    own = HOME / str(urlsplit(emulator.base_url).port)
    try:
        with _step("读常见问题，启动服务"):
            service = _service(emulator, home or own, database_url)
        try:
            host, _, port_text = service.config.service.listen.rpartition(":")
            with in_background(
                web.create(service), host, int(port_text), lambda: service.database.queued_seconds
            ):
                with _step("导入花名册，接通回调"):
                    _connect(emulator, service)
                yield emulator, service
        finally:
            service.stop()
    finally:
        emulator.stop()
        shutil.rmtree(own, ignore_errors=True)


def _emulator(port: int) -> Emulator:
    """On that port, else, where another demo has it, on one that is free."""
    try:
        return Emulator(_world(), port, start=_morning()).start()
    except OSError:
        return Emulator(_world(), 0, start=_morning()).start()


def _connect(emulator: Emulator, service: Service) -> None:
    _import_roster(service)
    emulator.connect_app(f"{service.config.service.public_url}/wecom/app")
    emulator.connect_bot(f"{service.config.service.public_url}/wecom/aibot")
    emulator.slots = service.office.pace.slots
    service.start(BEAT)


def _tell(stage: Stage) -> str:
    """Play the story with its progress; what broke it, or nothing."""
    columns = (TextColumn("[bold]{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("演示", total=len(SCENES))
        try:
            for scene in play(stage):
                progress.update(task, advance=1, description=scene.title)
        except StoryBroken as broken:
            return str(broken)
    out.print(
        "\n[bold green]✓ 故事演完了[/]：四件诉求。当天办结、几家合力、片长上门、按月推进，各一件。"
    )
    return ""


def _stay(emulator: Emulator) -> None:
    out.print(f"\n聊天页面：[bold]{emulator.base_url}/[/]  换个人说说话、点点卡片、拨拨时钟。")
    out.print("按 Ctrl+C 结束。")
    try:
        while True:
            emulator.wait_until(lambda: False, 3600)
    except KeyboardInterrupt:
        out.print("\n再见。")


def _service(emulator: Emulator, home: Path, database_url: str) -> Service:
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    path = home / "config.toml"
    # Only one demo can have the usual page: the others do not reach for its service's port either.
    usual = SERVICE_PORT if emulator.base_url.endswith(f":{PAGE_PORT}") else 0
    path.write_text(_config(emulator, _free(usual), database_url), "utf-8")
    config = load(path, {})
    fresh = Database(config.database_url())
    schema.upgrade(fresh)
    fresh.dispose()
    return Service(config, clock=emulator.clock.now)


def _config(emulator: Emulator, port: int, database_url: str) -> str:
    world = emulator.world
    hooks = "\n".join(
        f'[[wecom.webhook]]\nunit = "{unit}"\nkey = "{key}"\nchat_id = "{chat}"'
        for unit, (chat, _, key) in GROUPS.items()
    )
    return f"""# 演示用，每次演示重新生成
[service]
name = "韶山三长"
database_url = "{database_url}"
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
media_path = "media"
[wecom]
corp_id = "{world.corp_id}"
api_base = "{emulator.api_base}"
[wecom.app]
agent_id = {world.app.agent_id}
secret = "{world.app.secret}"
token = "{world.app.token}"
encoding_aes_key = "{world.app.aes_key}"
[wecom.aibot]
name = "{world.bot.name}"
token = "{world.bot.token}"
encoding_aes_key = "{world.bot.aes_key}"
{hooks}
[issues]
routing = "{DEPARTMENTS.as_posix()}"
"""


def _world() -> World:
    """The people of the demo roster, and a group for each 片."""
    with ROSTER.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    members: dict[str, Member] = {}
    for row in rows:
        place = "".join(row["单位"].split("/")[1:]) or row["单位"]
        label = f"{row['角色']}·{place}" if place else row["角色"]
        members.setdefault(row["账号"], Member(row["账号"], row["姓名"], label))
    groups = [
        Group(chat, name, _inside(rows, unit), key) for unit, (chat, name, key) in GROUPS.items()
    ]
    return World.small(list(members.values()), groups)


def _inside(rows: list[dict[str, str]], unit: str) -> list[str]:
    return list(dict.fromkeys(row["账号"] for row in rows if row["单位"].startswith(unit)))


def _import_roster(service: Service) -> None:
    rows = read_roster(ROSTER)
    with service.database.read() as session:
        planned = plan(session, rows, service.office.today(service.now()))
    service.database.write(lambda session: apply(session, planned), patience=60)


@contextmanager
def _step(text: str) -> Iterator[None]:
    with err.status(text):
        yield
    out.print(f"[green]✓[/] {text}")


def _morning() -> datetime:
    """Nine o'clock of today: the story starts in waking hours."""
    return datetime.combine(datetime.now(ZONE).date(), time(9), ZONE)


def _free(port: int) -> int:
    """The port if it is free, else one that is."""
    for wanted in (port, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError("no free port on loopback")
