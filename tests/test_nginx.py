"""nginx as it is shipped holds what the service relies on: whole, small requests, not for ever."""

import re

import pytest

from bot.channels.request import LARGEST_BODY
from bot.config import CHECKOUT
from bot.listening import SERVER

TEXT = (CHECKOUT / "deploy/nginx.conf").read_text("utf-8")
GUIDE = (CHECKOUT / "docs/install.md").read_text("utf-8")


def value(name: str) -> str:
    found = re.search(rf"^\s*{name} ([^;]+);", TEXT, re.MULTILINE)
    assert found, name
    return found[1]


def test_a_body_is_as_large_as_the_service_takes_and_read_whole():
    assert value("client_max_body_size") == value("client_body_buffer_size") == "256k"
    assert LARGEST_BODY == 256 * 1024
    assert value("proxy_request_buffering") == "on"


@pytest.mark.parametrize("name", ["client_header_timeout", "client_body_timeout", "send_timeout"])
def test_nobody_may_drip_for_long(name):
    assert int(value(name).removesuffix("s")) <= 10


def test_one_address_cannot_have_all_connections_of_the_service():
    zone, most = value("limit_conn").split()
    assert f"zone={zone}:" in value("limit_conn_zone")
    assert int(most) < int(SERVER["connection_limit"] or 0)


def test_the_guide_names_the_same_numbers():
    assert f"同一个地址同时最多 {value('limit_conn').split()[1]} 个请求" in GUIDE
    assert f"最多接 {SERVER['connection_limit']} 个连接" in GUIDE
