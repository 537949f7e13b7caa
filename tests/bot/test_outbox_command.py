"""sanzhang outbox, as an admin types it who has been told that something did not arrive."""

import getpass
import json
from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.code_meanings import ERRCODES, reason
from storage import outbox
from storage.notice import Notice
from storage.outbox import Posting, SendError

NOW = datetime.now(UTC)
EARLIER = NOW - timedelta(hours=7)


@pytest.fixture
def dead(town_lite):
    """Notices that can never be delivered, and one that may have arrived."""

    def _dead(error="errcode 81013: user invalid", target="zhang", channel="app"):
        posting = Posting(f"k{target}{channel}", channel, target, Notice("路灯的事"), EARLIER)
        town_lite.write(lambda s: outbox.put(s, posting, EARLIER))
        [parcel] = town_lite.write(lambda s: outbox.claim(s, EARLIER, {}, {}))
        failure = SendError(error, permanent=True)
        town_lite.write(lambda s: outbox.failed(s, parcel, EARLIER, failure))
        return parcel.number

    return _dead


@pytest.fixture
def unsure(town_lite):
    posting = Posting("half", "app", "peng", Notice("夜里的事"), EARLIER)
    town_lite.write(lambda s: outbox.put(s, posting, EARLIER))
    town_lite.write(lambda s: outbox.claim(s, EARLIER, {}, {}) and None)
    town_lite.write(lambda s: outbox.claim(s, NOW, {}, {}) and None)


def test_the_list_names_the_person_the_age_and_what_to_do(town_lite, type_, dead):
    number = dead()
    said = type_(town_lite, "outbox", "list")
    assert said.startswith(f"{number}  送不到")
    assert "张某（zhang）" in said
    assert "7 小时" in said
    assert "可见范围" in said


def test_what_may_have_arrived_is_said_to_be_unsure(town_lite, type_, unsure):
    said = type_(town_lite, "outbox", "list", "--state", "unsure")
    assert "不确定" in said
    assert "问问本人" in said
    assert "没有这样的通知" in type_(town_lite, "outbox", "list", "--state", "dead")


def test_a_group_and_an_empty_list_have_their_words(town_lite, type_, dead):
    assert "没有这样的通知" in type_(town_lite, "outbox", "list")
    dead("errcode 93000: invalid webhook url", "韶山村/一片", "webhook")
    assert "给“韶山村/一片”的群" in type_(town_lite, "outbox", "list")


def test_as_json_for_other_programs(town_lite, type_, dead):
    number = dead()
    [row] = json.loads(type_(town_lite, "outbox", "list", "--json"))
    assert (row["number"], row["state"], row["name"]) == (number, "dead", "张某")
    assert 7 * 3600 <= row["age_seconds"] < 8 * 3600


def test_a_retry_is_on_the_record_and_leaves_the_list(town_lite, type_, dead):
    number = dead()
    assert "1 条会马上再发" in type_(town_lite, "outbox", "retry", number)
    assert "没有这样的通知" in type_(town_lite, "outbox", "list")
    shown = type_(town_lite, "outbox", "show", number)
    assert f"{getpass.getuser()}：送不到，再发一次" in shown
    assert "路灯的事" in shown


def test_a_drop_wants_a_reason_and_keeps_it(town_lite, type_, dead):
    number = dead()
    type_(town_lite, "outbox", "drop", number, status=2)
    assert "1 条不再发了" in type_(town_lite, "outbox", "drop", number, "--why", "人已搬走")
    assert "人已搬走" in type_(town_lite, "outbox", "show", number)
    shown = json.loads(type_(town_lite, "outbox", "show", number, "--json"))
    assert [one["act"] for one in shown["decisions"]] == ["drop"]


def test_a_number_that_is_none_of_these_is_named_and_nothing_is_changed(town_lite, type_, dead):
    number = dead()
    said = type_(town_lite, "outbox", "retry", number, 4711, status=1)
    assert "4711 不是送不到或不确定的通知" in said
    assert "送不到" in type_(town_lite, "outbox", "list")
    assert "没有 4711 号通知" in type_(town_lite, "outbox", "show", 4711, status=1)


# --- why, in words ---


@pytest.mark.parametrize("code", ERRCODES)
def test_every_code_of_the_table_has_its_words(code):
    told = reason(f"errcode {code}: x")
    assert told == ERRCODES[code].words
    assert any("\u4e00" <= c <= "\u9fff" for c in told)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("errcode 99999: x", "99999"),
        ("invaliduser: zhang", "可见范围"),
        ("channel 'kf' is unknown", "没有配置"),
        ("no webhook for 韶山村", "webhook"),
        ("unknown guard planned: no system has given such a rule", "已经拿掉"),
        ("cannot read 2026/06/1.jpg", "照片文件"),
        ("message/send: ConnectionError", "连不上企业微信"),
        ("message/send: HTTP 502", "连不上企业微信"),
        ("restored 2026-06-01T00:00:00+08:00", "从备份恢复"),
    ],
)
def test_what_came_without_a_code_has_words_as_well(error, told):
    assert told in reason(error)


def test_an_unsure_row_says_what_was_met_at_the_time():
    assert "连不上企业微信" in reason("message/send: ReadTimeout", "unsure")
