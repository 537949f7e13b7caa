"""A digest: what there is, one line an issue, what presses first, nothing twice."""

import pytest

from issues import wording
from issues.texts import Texts, shipped
from issues.wording import STATES, TURNS, DigestTurn
from storage.notice import Button, Card, Notice

DECIDE = Card("SZ-20260601-0002_h3", "", buttons=(Button("同意", "grant"), Button("不同意", "x")))


def line(number, words, turn=DigestTurn.REST, day="20260601", **more):
    short = f"{number:04}"
    told = f"{short} {words}"
    return Notice(told, told, about=f"SZ-{day}-{short}", turn=turn, **more)


def digest(*notices, largest=2048):
    return wording.digest(notices, Texts(), largest).split("\n")


def test_what_presses_comes_first_and_the_first_line_says_what_there_is():
    head, *lines = digest(
        line(5, "已转给组长"),
        line(4, "已升级", DigestTurn.RISEN),
        line(3, "今天到期", DigestTurn.DUE),
        line(2, "请您同意", DigestTurn.APPROVE, card=DECIDE),
        line(1, "满 2 天", urgent=True),
    )
    assert head == "【三长】5 件：急事 1、等您同意 1、今天要办 1、升上来 1、其他 1"
    assert [one[:4] for one in lines[:5]] == ["0001", "0002", "0003", "0004", "0005"]
    assert lines[5:] == ["回复：同意 0002，或 不同意 0002 原因"]


def test_of_several_states_only_the_last_is_told():
    lines = digest(
        line(1, "张某已接单", state=True),
        line(1, "现在由彭某负责", state=True),
        line(2, "另一件", state=True),
    )
    assert lines[1:] == ["0001 现在由彭某负责", "0002 另一件"]


def test_what_is_asked_for_stays_whatever_is_told_after_it():
    lines = digest(
        line(1, "请您同意", DigestTurn.APPROVE, card=DECIDE),
        line(1, "满 2 天", DigestTurn.RISEN, state=True),
    )
    assert lines[1] == "0001 请您同意"


def test_news_is_told_behind_the_state_and_not_lost():
    lines = digest(
        line(1, "居民补充：在村口"),
        line(1, "今天到期", DigestTurn.DUE, state=True),
        line(2, "另一件"),
    )
    assert lines[1] == "0001 今天到期；居民补充：在村口"


def test_equal_short_numbers_carry_the_day_in_the_line_and_in_the_hint():
    lines = digest(
        line(2, "请您同意", DigestTurn.APPROVE, card=DECIDE),
        line(2, "已接单，电话 13800000002", day="20260602"),
    )
    assert lines[1:3] == ["20260601-0002 请您同意", "20260602-0002 已接单，电话 13800000002"]
    assert "同意 20260601-0002，" in lines[-1]


def test_what_is_about_no_issue_has_a_line_of_its_own():
    lines = digest(Notice("张家 30 天没去", "张家 30 天没去"), Notice("请您代班", "请您代班"))
    assert lines[0] == "【三长】有 2 件事告诉您："
    assert len(lines) == 3


@pytest.mark.parametrize("key", sorted({*TURNS, *STATES}))
def test_every_place_in_a_digest_is_that_of_a_text(key):
    assert key in shipped()
