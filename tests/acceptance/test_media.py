"""Photos, voice, video, places, links and files belong to the issue they came with."""

import os
from itertools import count

import pytest

from tests.acceptance.deployment import Deployment, eventually, number_in

LAMP = "巷子里的电表箱坏了没人修"
PHOTO = b"\xff\xd8\xff\xe0" + os.urandom(3000)
_LINKS = count(1)


def photo_link(town: Deployment, data: bytes = PHOTO) -> str:
    """A link as the aibot sends it: behind it lies AES ciphertext."""
    path = f"/enc/{next(_LINKS)}"
    town.api.links[path] = town.bot.seal.encrypt_bytes(data)
    return town.api.url + path


def fetched(town: Deployment, number: str) -> bytes:
    """The first attachment, once the service has brought it home."""
    path: str = eventually(lambda: town.show(number)["attachments"][0]["path"])
    return (town.home / "var/media" / path).read_bytes()


def kinds(town: Deployment, number: str) -> list[str]:
    return [one["kind"] for one in town.show(number)["attachments"]]


def test_a_photo_after_the_words_belongs_to_their_issue(town, api, lin):
    api.media["mid-1"] = (PHOTO, "image/jpeg")
    number = number_in(town.app.text(lin.resident, LAMP).text)
    said = town.app.message(lin.resident, "image", PicUrl="http://x/1", MediaId="mid-1")
    assert number_in(said.text) == number
    assert fetched(town, number) == PHOTO


def test_a_photo_before_the_words_opens_the_issue_and_asks_for_a_sentence(town, api, lin):
    api.media["mid-2"] = (PHOTO, "image/jpeg")
    said = town.app.message(lin.resident, "image", PicUrl="http://x/2", MediaId="mid-2")
    number = number_in(said.text)
    assert "说一句" in said.text
    assert number_in(town.app.text(lin.resident, LAMP).text) == number
    assert LAMP in town.show(number)["content"]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("voice", {"MediaId": "mid-v", "Format": "amr"}),
        ("video", {"MediaId": "mid-w", "ThumbMediaId": "mid-t"}),
        ("file", {"MediaId": "mid-f", "FileName": "清单.xlsx"}),
    ],
)
def test_voice_video_and_files_belong_to_the_issue(town, lin, kind, fields):
    number = number_in(town.app.text(lin.resident, LAMP).text)
    assert number_in(town.app.message(lin.resident, kind, **fields).text) == number
    assert kinds(town, number) == [kind]


def test_a_voice_message_is_brought_home_as_a_file(town, api, lin):
    api.media["mid-voice"] = (b"#!AMR\n" + bytes(100), "application/octet-stream")
    said = town.app.message(lin.resident, "voice", MediaId="mid-voice", Format="amr")
    assert fetched(town, number_in(said.text)).startswith(b"#!AMR")


def test_a_location_belongs_to_the_issue_with_its_coordinates(town, lin):
    number = number_in(town.app.text(lin.resident, LAMP).text)
    place = {"Location_X": "27.9", "Location_Y": "112.5", "Scale": "16", "Label": "河口村小卖部"}
    town.app.message(lin.resident, "location", **place)
    found = town.show(number)["attachments"][0]
    assert (found["latitude"], found["longitude"], found["text"]) == (27.9, 112.5, "河口村小卖部")


def test_a_link_is_kept_with_its_address(town, lin):
    parts = {"Title": "水管漏水没人修", "Description": "视频", "Url": "https://x.example/v/1"}
    said = town.app.message(lin.resident, "link", PicUrl="", **parts)
    assert "https://x.example/v/1" in town.show(number_in(said.text))["content"]


def test_words_and_an_encrypted_photo_in_one_group_message_are_one_issue(town, lin):
    items = [
        {"msgtype": "text", "text": {"content": f"@测试助手 {LAMP}"}},
        {"msgtype": "image", "image": {"url": photo_link(town)}},
    ]
    said = town.bot.message(lin.resident, {"mixed": {"msg_item": items}}, lin.chat)
    number = number_in(said.text)
    assert town.show(number)["content"] == LAMP
    assert fetched(town, number) == PHOTO


def test_the_padding_of_an_encrypted_photo_is_taken_off_at_every_length(town):
    photos = [b"\xff\xd8\xff" + bytes(size) for size in (0, 1, 12, 13, 28, 29, 30)]
    sent = [{"image": {"url": photo_link(town, photo)}} for photo in photos]
    said = [town.bot.message(f"photographer_{n}", image) for n, image in enumerate(sent)]
    assert [fetched(town, number_in(one.text)) for one in said] == photos


def test_the_bots_voice_is_words_already(town, lin):
    said = town.bot.message(lin.resident, {"voice": {"content": LAMP}})
    assert town.show(number_in(said.text))["content"] == LAMP


@pytest.mark.parametrize("kind", ["image", "file", "video"])
def test_the_bots_private_media_belong_to_the_issue(town, lin, kind):
    number = number_in(town.bot.text(lin.resident, LAMP).text)
    said = town.bot.message(lin.resident, {kind: {"url": photo_link(town)}})
    assert number_in(said.text) == number
    assert kinds(town, number) == [kind]


def test_a_quoted_photo_comes_along(town, lin):
    quote = {"msgtype": "image", "image": {"url": photo_link(town)}}
    said = town.bot.text(lin.resident, LAMP, lin.chat, quote=quote)
    assert fetched(town, number_in(said.text)) == PHOTO


def test_a_quoted_sentence_is_kept_with_the_report(town, lin):
    quote = {"msgtype": "text", "text": {"content": "昨晚也报过一次"}}
    said = town.bot.text(lin.resident, LAMP, lin.chat, quote=quote)
    assert "昨晚也报过一次" in town.show(number_in(said.text))["content"]


def test_a_photo_that_is_gone_does_not_lose_the_issue(town, lin):
    image = {"image": {"url": f"{town.api.url}/enc/none"}}
    number = number_in(town.bot.message(lin.resident, image).text)
    eventually(lambda: "not fetched" in town.log)
    assert town.show(number)["holder"] == lin.linzhang
