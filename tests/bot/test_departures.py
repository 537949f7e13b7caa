"""The admin of the fake WeCom deletes a 邻长, and the real service hears of it over HTTP."""

import pytest
from sqlalchemy import select

from bot.demo import started
from storage.tables import Inbox

#: Seconds for what takes a moment: the machine may have other things to do.
PATIENCE = 300.0


@pytest.fixture
def world(tmp_path):
    with started(0, tmp_path / "demo") as (emulator, service):
        yield emulator, service


def somebody(emulator, role):
    return next(one for one in emulator.world.members if one.role == role)


def neighbours(emulator):
    """A 邻长 and a resident of the same 邻."""
    for one in emulator.world.members:
        for other in emulator.world.members:
            if (one.role, other.role, one.place) == ("邻长", "居民", other.place):
                return one.userid, other.userid
    raise LookupError("nobody lives there")


def test_a_deleted_linzhang_is_replaced_before_the_answer_is_out(world):
    emulator, _ = world
    linzhang, resident = neighbours(emulator)
    emulator.say(resident, "村口路灯坏了三天没人修")
    delivery = emulator.delete_member(linzhang)
    assert (delivery.status, delivery.attempts, delivery.reply) == ("delivered", 1, None)
    assert emulator.redeliver(delivery).status == "delivered"
    chief = somebody(emulator, "组长").userid

    def told() -> bool:
        return any("交接" in shown.text for shown in emulator.phone(chief))

    assert emulator.wait_until(told, PATIENCE)
    assert "组长" in emulator.say(resident, "我的邻长是谁").text


def test_a_forged_departure_is_refused(world):
    emulator, service = world
    linzhang, _ = neighbours(emulator)
    emulator.faults.callback("forged_signature", times=9)
    assert emulator.delete_member(linzhang).status == "failed"
    with service.database.read() as session:
        assert list(session.scalars(select(Inbox))) == []
