"""media/upload, media/get, and what their files may be."""

from datetime import timedelta

import pytest
import requests

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20
JPEG = b"\xff\xd8\xff" + b"x" * 20
AMR = b"#!AMR\n" + b"x" * 20
MP4 = b"\x00\x00\x00\x18ftypmp42" + b"x" * 20


@pytest.mark.parametrize(
    ("kind", "data"),
    [("image", PNG), ("image", JPEG), ("voice", AMR), ("video", MP4), ("file", b"anything")],
)
def test_what_was_uploaded_comes_back(client, kind, data):
    answer = client.upload(kind, data)
    assert (answer["errcode"], answer["type"]) == (0, kind)
    assert isinstance(answer["created_at"], str)
    got = client.get("media/get", access_token=client.token, media_id=answer["media_id"])
    assert got.content == data


@pytest.mark.parametrize(
    ("kind", "data", "errcode"),
    [
        ("poem", PNG, 40004),
        ("image", b"GIF89a-and-so-on", 40005),
        ("voice", PNG, 40005),
        ("video", PNG, 40005),
        ("file", b"", 44001),
        ("file", b"12345", 40006),
        ("voice", AMR + b"x" * 2 * 1024 * 1024, 40006),
    ],
)
def test_wrong_files_are_refused(client, kind, data, errcode):
    assert client.upload(kind, data)["errcode"] == errcode


def test_the_multipart_field_is_called_media(emu, client):
    client.login()
    url = f"{emu.api_base}/cgi-bin/media/upload"
    query = {"access_token": client.token, "type": "image"}
    answer = requests.post(url, params=query, files={"file": ("a.png", PNG)}, timeout=60)
    assert answer.json()["errcode"] == 44001


def test_a_media_id_lasts_three_days(emu, client):
    media_id = client.upload("image", PNG)["media_id"]
    emu.clock.advance(timedelta(days=3))
    client.login()
    assert client.ask("media/get", media_id=media_id)["errcode"] == 40007


def test_an_uploaded_picture_can_be_sent(emu, client):
    media_id = client.upload("image", PNG)["media_id"]
    assert client.send("jumin_an", msgtype="image", image={"media_id": media_id})["errcode"] == 0
    assert emu.phone("jumin_an")[0].pictures == [media_id]


def test_a_picture_cannot_be_sent_as_a_file(client):
    media_id = client.upload("image", PNG)["media_id"]
    assert client.send("jumin_an", msgtype="file", file={"media_id": media_id})["errcode"] == 40007
