"""Links out of messages lead to WeCom's hosts only, follow no redirect and have an end."""

import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest

from bot.channels import client
from bot.channels.addresses import WECOM_HOSTS, Addresses
from bot.channels.aibot.channel import AibotChannel
from bot.channels.aibot.settings import AibotSettings
from bot.channels.request import RawRequest
from storage.notice import Notice
from storage.outbox import Parcel, SendError
from storage.tables import Attachment
from tests.hostile.crafted import BOT, bot_text, enveloped, query_of

PUBLIC = Addresses("https://qyapi.weixin.qq.com")
PRIVATE = Addresses("https://wx.county.gov.cn:8443", (*WECOM_HOSTS, "*.store.county.gov.cn"))
PLAIN = Addresses("http://127.0.0.1:9000")

GOOD = [
    (PUBLIC, "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=RC01"),
    (PUBLIC, "https://ww-aibot-img-1258476243.cos.ap-guangzhou.myqcloud.com/B/75?sign=q-sign%3D1"),
    (PUBLIC, "https://wework.qpic.cn.qq.com/x"),
    (PUBLIC, "HTTPS://QYAPI.WEIXIN.QQ.COM/x"),
    (PRIVATE, "https://wx.county.gov.cn/media/1"),
    (PRIVATE, "https://a.b.store.county.gov.cn/1"),
    (PLAIN, "http://127.0.0.1:9001/enc/1"),
    (PLAIN, "https://qyapi.weixin.qq.com/x"),
]
BAD = [
    (PUBLIC, url)
    for url in (
        "", "x", "//qq.com/x", "ftp://qyapi.weixin.qq.com/x", "file:///etc/passwd", "gopher://qq.com/",
        "http://qyapi.weixin.qq.com/x", "https://qq.com.evil.cn/", "https://evilqq.com/",
        "https://evil.cn/?https://qyapi.weixin.qq.com", "https://qyapi.weixin.qq.com@evil.cn/",
        "https://evil.cn#@qyapi.weixin.qq.com", "https://evil.cn\\@qyapi.weixin.qq.com/",
        "https://qyapi.weixin.qq.com\\.evil.cn/", "https://user:pw@qyapi.weixin.qq.com/",
        "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://10.0.0.8/",
        "https://169.254.169.254/latest/meta-data", "https://2130706433/", "https://0x7f.1/",
        "https://0/", "https://192.168.1.1:8443/", "https://[::ffff:10.0.0.8]/", "https://[fe80::1%25eth0]/",
        "https://my-bucket.cos.ap-guangzhou.myqcloud.com/x", "https://ww-aibot-img-1.evil.cn/",
        "https://ww-aibot-img-1.cos.a.b.myqcloud.com/", "https://qyapi.weixin.qq.com:x/", "https://[/",
        "https://qyapi.weixin.qq.com\r\nHost: evil.cn/", "https://qyapi.weixin.qq.com /", "https:///x",
        "https://ｑｙａｐｉ.weixin.qq.com.evil.cn", "https://.qq.com/",
    )
] + [
    (PRIVATE, "https://county.gov.cn/"), (PRIVATE, "https://store.county.gov.cn/"),
    (PRIVATE, "http://wx.county.gov.cn/"), (PLAIN, "http://127.0.0.2:9000/"),
    (PLAIN, "http://localhost:9000/"), (PLAIN, "http://evil.cn/"),
]  # fmt: skip


@pytest.mark.parametrize(("addresses", "url"), GOOD)
def test_the_hosts_of_wecom_and_of_the_configuration_are_gone_to(addresses, url):
    assert addresses.refuses(url) == ""


@pytest.mark.parametrize(("addresses", "url"), BAD)
def test_no_other_host_is_gone_to_however_it_is_written(addresses, url):
    assert addresses.refuses(url)


class Elsewhere(BaseHTTPRequestHandler):
    """A host that sends visitors on, and one that never ends."""

    visited: list[str] = []  # noqa: RUF012

    def do_GET(self):
        self.visited.append(self.path)
        if self.path.startswith("/moved"):
            self.send_response(302)
            self.send_header("Location", "/secret")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(1000 if self.path == "/endless" else 1):
                self.wfile.write(b"x" * (1 << 16))
        except OSError:
            pass

    do_POST = do_GET

    def log_message(self, *_):
        """Silence."""


@pytest.fixture(scope="module")
def elsewhere():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("go", [client.download, lambda url: client.post_json(url, {})])
def test_a_redirect_is_not_followed(elsewhere, go):
    Elsewhere.visited.clear()
    with pytest.raises(SendError, match="redirected") as caught:
        go(f"{elsewhere}/moved")
    assert (caught.value.permanent, Elsewhere.visited) == (True, ["/moved"])


@pytest.mark.parametrize("go", [client.download, lambda url: client.post_json(url, {})])
def test_what_does_not_end_is_left_at_the_limit(elsewhere, go, monkeypatch):
    monkeypatch.setattr(client, "LARGEST_MEDIA", 1 << 20)
    with pytest.raises(SendError, match="larger than 1 MB") as caught:
        go(f"{elsewhere}/endless")
    assert caught.value.permanent


# --- the only channel that hears of addresses ---


@pytest.fixture
def bot():
    settings = AibotSettings(
        name="三长助手", token=BOT.token, encoding_aes_key=BOT.encoding_aes_key
    )
    shared: Any = SimpleNamespace(addresses=PUBLIC)
    return AibotChannel(settings, shared)


EVIL = "https://169.254.169.254/latest"


@pytest.fixture(autouse=True)
def _nobody_goes_out(monkeypatch, request):
    if "bot" in request.fixturenames:
        monkeypatch.setattr("requests.request", lambda *_, **__: pytest.fail("went out"))


def test_a_photo_behind_another_host_is_never_asked_for(bot):
    with pytest.raises(SendError, match="link_hosts") as caught:
        bot.fetch(Attachment(channel="aibot", url=EVIL, media_id=""))
    assert caught.value.permanent


def test_an_answer_to_another_host_never_leaves(bot):
    with pytest.raises(SendError, match="link_hosts"):
        bot.send(Parcel("b", "aibot", EVIL, (Notice(text="您家的事", line="x"),), 1))


@pytest.mark.parametrize(
    ("url", "kept"),
    [(EVIL, ""), ("https://qyapi.weixin.qq.com/r", "https://qyapi.weixin.qq.com/r")],
)
def test_a_strange_response_url_is_dropped_and_the_words_are_kept(bot, url, kept, caplog):
    encrypted = BOT.encrypt(bot_text("路灯坏了", response_url=url))
    request = RawRequest(query_of(BOT, encrypted), enveloped("bot", encrypted))
    opened = bot.open(request, datetime.now(UTC))
    assert (opened.incoming.text, opened.incoming.response_url) == ("路灯坏了", kept)
