"""A real service behind the real server, for requests that nobody should send."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import web
from bot.config import load
from bot.listening import in_background
from bot.service import Service
from storage import schema
from storage.db import Database
from storage.tables import Table
from tests.hostile.crafted import APP, BOT
from tests.hostile.page import Answered
from tests.town import settle

CONFIG = f"""
[service]
database_url = "sqlite:///hostile.db"
[wecom]
corp_id = "{APP.receive_id}"
[wecom.app]
agent_id = 1000002
secret = "Vb7Qm2Zx9Lk4Wn8Ry5Tc1Jd6Gs3Hf0PaEuIoYtRwQzX"
token = "{APP.token}"
encoding_aes_key = "{APP.encoding_aes_key}"
[wecom.aibot]
name = "三长助手"
token = "{BOT.token}"
encoding_aes_key = "{BOT.encoding_aes_key}"
[faq]
path = "faq.yaml"
"""
FAQ = "- {编号: yibao, 问题: 医保什么时候交, 答复: 九月到十二月。}\n"
Ask = Callable[[bytes], Answered]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("hostile")
    (home / "config.toml").write_text(CONFIG, "utf-8")
    (home / "faq.yaml").write_text(FAQ, "utf-8")
    config = load(home / "config.toml", {})
    schema.upgrade(Database(config.database_url()))
    made = Service(config)
    settle(made.database)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def ask(service: Service) -> Iterator[Ask]:
    """Sends the bytes as they are; what comes back until the connection ends."""
    with in_background(web.create(service)) as port:

        def _ask(wire: bytes) -> Answered:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as line:
                try:
                    line.sendall(wire)
                    line.shutdown(socket.SHUT_WR)
                except OSError:
                    pass  # refused before all of it was sent
                return Answered.of(_until_the_end(line))

        yield _ask


def _until_the_end(line: socket.socket) -> bytes:
    received = bytearray()
    try:
        while part := line.recv(65536):
            received += part
    except OSError:
        pass
    return bytes(received)


@pytest.fixture
def rows(service: Service) -> Callable[[], dict[str, int]]:
    """How many rows each table has at this moment."""

    def _rows() -> dict[str, int]:
        with service.database.read() as session:
            tables: Any = Table.metadata.tables
            count = select(func.count())
            return {
                name: session.scalar(count.select_from(table)) or 0
                for name, table in tables.items()
            }

    return _rows
