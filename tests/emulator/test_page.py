"""The control API over HTTP, who may use it, and what the page is made of."""

import base64
import re
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest
import requests

from tests.emulator.echo import card, stream, text

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20
STATIC = Path(__file__).parents[2] / "emulator" / "static"


@pytest.fixture
def post(emu):
    def act(action, body=None, **more):
        url = f"{emu.base_url}/emulator/api/{action}"
        return requests.post(url, timeout=60, **(more or {"json": body}))

    return act


@pytest.fixture
def get(emu):
    def ask(path, **query):
        return requests.get(f"{emu.base_url}/emulator/api/{path}", params=query, timeout=60).json()

    return ask


# -- what it can do


def test_the_world_is_shown_without_secrets(emu, get):
    shown = get("world")
    assert {one["role"] for one in shown["members"]} >= {"居民", "邻长", "组长", "片长"}
    assert emu.world.app.secret not in str(shown)
    assert emu.world.groups[0].webhook_key not in str(shown)


def test_saying_something_returns_the_delivery(echo, post):
    echo.answer = lambda message: text("收到")
    answer = post("say", {"userid": "jumin_an", "text": "灯"}).json()
    assert (answer["status"], answer["attempts"], answer["text"]) == ("delivered", 1, "收到")


def test_groups_photos_and_places_go_over_http_too(echo, post):
    photo = "data:image/png;base64," + base64.b64encode(PNG).decode()
    post("say", {"userid": "jumin_an", "text": "灯", "chat": "wrQingxi3", "images": [photo]})
    post("say", {"userid": "jumin_an", "location": [27.9, 112.5, "长冲组"]})
    post("say", {"userid": "jumin_an", "voice": base64.b64encode(b"#!AMR").decode()})
    assert [one.get("msgtype") or one["MsgType"] for one in echo.heard] == [
        "mixed",
        "location",
        "voice",
    ]


def test_cards_are_tapped_over_http(emu, client, echo, post):
    client.send_card("linzhang_cen", card())
    body = {"userid": "linzhang_cen", "message_id": "m1", "key": "accept", "selected": {"q": "1"}}
    assert post("click", body).json()["status"] == "delivered"
    assert emu.phone("linzhang_cen")[0].picked == {"q": ["1"]}
    assert post("click", body | {"key": "none"}).status_code == 400


def test_chats_are_opened_and_answers_judged(emu, echo, post):
    echo.answer = lambda _: stream("好", feedback={"id": "f"})
    assert post("open", {"userid": "jumin_an", "via": "bot"}).json()["status"] == "refused"
    asked = post("say", {"userid": "jumin_an", "text": "问", "via": "bot"}).json()
    echo.answer = lambda _: None
    body = {"userid": "jumin_an", "message_id": asked["shown"][0], "type": 1, "content": "好"}
    assert post("feedback", body).json()["status"] == "delivered"


def test_a_delivery_can_be_repeated(echo, post):
    first = post("say", {"userid": "jumin_an", "text": "灯"}).json()
    assert post("redeliver", {"delivery_id": first["id"]}).json()["status"] == "delivered"
    assert len(set(echo.envelopes)) == 1
    assert post("redeliver", {"delivery_id": "d99"}).status_code == 400


def test_callbacks_are_saved_over_http(emu, echo, post):
    urls = {"app": f"{echo.url}/wecom/app?2", "bot": f"{echo.url}/wecom/aibot?2"}
    assert post("connect", urls).json()["connected"] == urls
    refused = post("connect", {"app": "http://127.0.0.1:9/"})
    assert (refused.status_code, "error" in refused.json()) == (400, True)


@pytest.mark.parametrize(
    ("step", "moved"),
    [
        ({"hours": 1}, timedelta(hours=1)),
        ({"days": 1}, timedelta(days=1)),
        ({"weeks": 1}, timedelta(weeks=1)),
        ({"minutes": 5, "seconds": 1}, timedelta(seconds=301)),
    ],
)
def test_the_clock_is_moved_by_steps(emu, post, step, moved):
    before = emu.clock.now()
    post("clock", step)
    assert emu.clock.now() - before == moved


def test_the_clock_is_set_frozen_and_moved_by_months(emu, post):
    answer = post("clock", {"set": "2026-01-31T09:00+08:00", "freeze": True, "months": 1}).json()
    assert answer["now"] == "2026-02-28T09:00:00+08:00"
    post("clock", {"freeze": False})
    assert emu.clock.now() >= datetime.fromisoformat("2026-02-28T09:00:00+08:00")
    assert post("clock", {"set": "2026-01-31T09:00"}).status_code == 400


def test_the_clock_goes_to_the_services_next_slot(emu, post, get):
    assert get("world")["slots"] == []
    emu.slots = (time(7, 45), time(12, 15))
    assert get("world")["slots"] == ["07:45", "12:15"]
    post("clock", {"set": "2026-01-31T09:00+08:00", "freeze": True})
    assert post("clock", {"slot": True}).json()["now"] == "2026-01-31T12:15:00+08:00"


def test_every_fault_can_be_put_in_over_http(emu, client, echo, post, get):
    client.login()
    post("faults", {"path": "user/get", "errcode": 45009, "times": 2})
    post("faults", {"callback": "hold", "via": "app"})
    assert [one["kind"] for one in get("faults")] == ["errcode", "hold"]
    emu.say("jumin_an", "灯")
    post("faults", {"release": True})
    assert len(echo.heard) == 1
    post("faults", {"invalidate_tokens": 42001})
    assert post("faults", {"clear": True}).json() == {"pending": []}
    assert client.send("jumin_an")["errcode"] == 42001


def test_updates_tell_only_what_is_new(emu, client, get):
    client.send("jumin_an")
    first = get("updates")
    client.send("jumin_bai")
    second = get("updates", since=first["seq"])
    assert [one["owner"] for one in second["messages"]] == ["jumin_bai"]
    assert get("updates", since=second["seq"])["messages"] == []


def test_phones_groups_calls_and_deliveries_can_be_read(emu, client, echo, get):
    client.send("jumin_an")
    emu.say("jumin_an", "灯", chat="wrQingxi3")
    assert [one["text"] for one in get("phones/jumin_an")] == ["您好"]
    assert [one["text"] for one in get("groups/wrQingxi3")] == ["@三长助手 灯"]
    assert [one["path"] for one in get("sent")] == ["gettoken", "message/send"]
    assert [one["trigger"] for one in get("deliveries")] == ["message"]


@pytest.mark.parametrize(
    ("action", "body", "status"),
    [
        ("say", {}, 400),
        ("say", {"userid": "ghost", "text": "x"}, 400),
        ("say", {"userid": "jumin_an", "images": ["?"]}, 400),
        ("say", [], 404),
        ("dance", {}, 404),
        ("faults", {"path": "x", "errcode": 1, "status": 2}, 400),
    ],
)
def test_bad_requests_are_explained(post, action, body, status):
    answer = post(action, body)
    assert (answer.status_code, "error" in answer.json()) == (status, True)


def test_a_picture_is_served_as_a_picture_only(emu, get):
    picture = emu.corp.media.keep("image", PNG)
    page = emu.corp.media.keep("image", b"<script>alert(1)</script>")
    url = f"{emu.base_url}/emulator/picture/"
    assert requests.get(url + picture.id, timeout=60).headers["Content-Type"] == "image/png"
    assert requests.get(url + page.id, timeout=60).status_code == 404


# -- who may use it


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "["])
@pytest.mark.parametrize("path", ["/", "/emulator/api/world", "/cgi-bin/gettoken"])
def test_a_foreign_host_is_refused(emu, host, path):
    answer = requests.get(emu.base_url + path, headers={"Host": host}, timeout=60)
    assert answer.status_code in (400, 403)
    assert "members" not in answer.text


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_a_foreign_origin_is_refused(emu, post, origin):
    answer = post("clock", json={"days": 1}, headers={"Origin": origin})
    assert answer.status_code == 403


def test_our_own_origin_is_welcome(emu, post):
    assert post("clock", json={"days": 1}, headers={"Origin": emu.base_url}).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_change_needs_json(emu, post, kind):
    before = emu.clock.now()
    answer = post("clock", data='{"days": 1}', headers={"Content-Type": kind})
    assert (answer.status_code, emu.clock.now()) == (415, before)


# -- the page


def test_the_page_says_that_it_is_a_simulation(emu):
    page = requests.get(emu.base_url, timeout=60)
    assert "这是模拟环境，不是真正的企业微信" in page.content.decode()
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["page.js", "page.css"])
def test_scripts_and_styles_are_our_own(emu, name):
    assert requests.get(f"{emu.base_url}/emulator/static/{name}", timeout=60).status_code == 200


@pytest.mark.parametrize("name", ["..%2fpage.py", "none.js"])
def test_other_files_are_not_served(emu, name):
    url = f"{emu.base_url}/emulator/static/{name}"
    assert requests.get(url, timeout=60).status_code == 404


def test_nothing_is_loaded_from_elsewhere():
    for file in STATIC.iterdir():
        assert not re.search(
            r"""(?:src|href|url\()\s*=?\s*["'(]?(?:https?:)?//""", file.read_text()
        )


def test_no_word_of_a_user_can_become_html():
    script = (STATIC / "page.js").read_text()
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert sink not in script


def test_markup_travels_as_plain_words(emu, client, get):
    evil = '<img src=x onerror="alert(1)">'
    client.send("jumin_an", msgtype="text", text={"content": evil})
    answer = requests.get(f"{emu.base_url}/emulator/api/phones/jumin_an", timeout=60)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()[0]["text"] == evil
