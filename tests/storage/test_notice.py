"""The shape in which a notice is stored: plain values, and nothing of it is lost."""

import json
from dataclasses import asdict

from storage.notice import Button, Card, Notice

CARD = Card("t1", "标题", "谁", "什么", (("编号", "1"),), (Button("接单", "accept", 2),), "已接单")
NOTICE = Notice("文字", "一行", CARD, again=True, media="a/1.jpg", media_kind="image")


def test_a_notice_comes_back_from_its_json_as_it_was():
    stored = json.loads(json.dumps(NOTICE.to_dict()))
    assert Notice.from_dict(stored) == NOTICE


def test_a_notice_without_a_card_comes_back_too():
    assert Notice.from_dict(json.loads(json.dumps(Notice("文字").to_dict()))) == Notice("文字")


def test_the_json_names_every_field_as_those_already_stored_do():
    assert json.dumps(NOTICE.to_dict()) == json.dumps(asdict(NOTICE))


def test_changing_what_was_made_for_the_json_changes_no_notice():
    NOTICE.to_dict()["card"]["buttons"][0]["text"] = "别的"
    assert CARD.buttons[0].text == "接单"
