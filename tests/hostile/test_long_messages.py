"""The longest messages that can come in, of the kinds that once stopped the whole service."""

import pytest
from click.testing import CliRunner
from sqlalchemy import event, select

from bot.cli import main
from storage.tables import Inbox
from tests.bot_room import FAQ, Room
from tests.hostile.hostile_texts import GENERAL
from tests.hostile.test_patterns import at_most
from tests.town import at, settle

LENGTH = 50_000
#: Seconds of the processor for all of one message; a report of ten words needs a hundredth.
MOST = 2.0
RUNS = {
    **{part: part * (LENGTH // len(part)) for part in GENERAL},
    "report then digits": "电表箱坏了没人修" + "1" * LENGTH,
    "digits then report": "1" * LENGTH + "电表箱坏了没人修",
    "orders": "接 2，办结 3，" * (LENGTH // 9),
    "ratings": "0001 满意，" * (LENGTH // 8),
    "questions": "医保什么时候交？" * (LENGTH // 8),
    "emergencies": "着火了！" * (LENGTH // 4),
    "quotes": "「" * (LENGTH // 2) + "」\n- - - - -\n" * 100,
    "brackets": "([{（【〔" * (LENGTH // 6),
    "mentions": "@三长助手" * (LENGTH // 5),
    "zhang": "张组长不管，" * (LENGTH // 6),
    "dates": "2026-06-01到" * (LENGTH // 11),
    "numbers": "SZ-20260601-0001、" * (LENGTH // 17),
    "places": "三组二栋五号" * (LENGTH // 6),
}
WHO = {"resident": "mao_mou", "zhang": "zhang", "nobody": "somebody"}


@pytest.fixture
def room(lite):
    settle(lite)
    made = Room(lite, at("2026-06-01 09:00"))
    made.say("mao_mou", "村口的路灯坏了")  # somebody has a matter to speak of
    made.say("zhang", "进度")  # whatever is loaded once is loaded
    return made


def stored(room):
    """The words of the last message, as they are kept."""
    return room.query(lambda s: s.scalars(select(Inbox).order_by(Inbox.id.desc())).first())


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("run", RUNS)
def test_a_long_message_is_answered_soon_and_kept_whole(room, who, run):
    with at_most(MOST):
        outcome = room.receive(room.incoming(WHO[who], RUNS[run]))
    assert outcome.handler != "failed"
    kept = stored(room)
    if kept and kept.userid == WHO[who] and kept.message["text"]:
        assert kept.message["text"] == RUNS[run]
    for issue in room.issues()[1:]:
        assert issue.content.strip() == RUNS[run].strip()


@pytest.mark.parametrize("run", ["1", "a!", "的", "report then digits"])
def test_a_long_message_costs_no_more_statements_than_a_short_one(room, run):
    def statements(text):
        seen = []
        event.listen(room.database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        room.receive(room.incoming("mao_mou", text))
        return len(seen)

    assert statements(RUNS[run]) <= statements("隔壁装修半夜还在打钻，孩子睡不着") + 6


@pytest.mark.parametrize("run", ["1", " ", "a!", "的", "SZ-1", "emergencies", "orders"])
@pytest.mark.parametrize("command", [["hear"], ["faq", "ask"]])
def test_the_command_line_answers_as_soon(run, command):
    with at_most(3 * MOST):  # and reads the FAQ
        done = CliRunner().invoke(main, [*command, RUNS[run], "--faq", str(FAQ)])
    assert not isinstance(done.exception, Exception), done.exception
