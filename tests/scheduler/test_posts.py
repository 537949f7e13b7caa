"""职务到期: on the day after the last one, what is open goes to whoever sits there now."""

import pytest

from issues.events import Actor
from issues.leave import take
from issues.moving import Target
from rules.words import UnitKind
from tests.bot_room import Room
from tests.town import LIN, TOWN, Day, at, settle

HEAD = "姓名,账号,角色,单位,户,手机号,起,止"
UNTIL = [f"{line},,2026-06-02" if ",zhang," in line else f"{line},," for line in TOWN]
NEXT = f"新某,xin,邻长,{LIN},,,2026-06-03,"


@pytest.fixture
def room(db):
    """Everybody of the town, 邻长张某 until the second of June."""
    settle(db, *UNTIL, head=HEAD)
    return Room(db, at("2026-06-01 09:00"))


def day_of(room) -> Day:
    return Day(room.database, f"{room.now:%Y-%m-%d %H:%M}")


def test_on_the_last_day_nothing_changes_hands(room):
    number = day_of(room).report()
    room.go("2026-06-02 23:00")
    assert room.tick()["hand_over_ended"] == 0
    assert day_of(room).holder(number) == "zhang"


def test_the_day_after_the_successor_holds_it_and_nothing_happens_twice(room):
    settle(room.database, NEXT, head=HEAD)
    number = day_of(room).report()
    room.go("2026-06-02 20:00").tick()
    moved = [room.go("2026-06-03 00:00").tick()["hand_over_ended"], room.tick()["hand_over_ended"]]
    assert (moved, day_of(room).holder(number)) == ([1, 0], "xin")


def test_without_a_successor_the_next_level_holds_it(room):
    number = day_of(room).report()
    room.go("2026-06-03 08:00").tick()
    assert day_of(room).holder(number) == "peng"


def test_both_sides_and_the_resident_are_told(room):
    settle(room.database, NEXT, head=HEAD)
    day_of(room).report()
    room.go("2026-06-03 08:00").tick()
    room.go("12:15").tick()
    assert ["已交接给邻长新某" in "".join(room.read("zhang")), bool(room.read("xin"))] == [True] * 2
    assert "邻长新某负责" in "".join(room.read("mao_mou"))


def test_who_sits_there_in_the_same_role_again_keeps_it(room):
    number = day_of(room).report()
    settle(
        room.database,
        f"张某,zhang,邻长,{LIN},,,2026-06-03,",
        day=at("2026-06-03").date(),
        head=HEAD,
    )
    room.go("2026-06-03 08:00").tick()
    assert day_of(room).holder(number) == "zhang"


def test_what_a_delegate_holds_for_him_goes_to_the_successor_as_well(room):
    settle(room.database, NEXT, head=HEAD)
    number = day_of(room).report()
    day_of(room).work(lambda work: away(work, "zhang", "chen"))
    assert day_of(room).holder(number) == "chen"
    room.go("2026-06-03 08:00").tick()
    assert (day_of(room).holder(number), day_of(room).issue(number).behalf_id) == ("xin", None)


def test_a_successor_who_is_away_has_his_delegate(room):
    settle(room.database, NEXT, head=HEAD)
    number = day_of(room).report()
    room.go("2026-06-02 20:00")
    day_of(room).work(lambda work: away(work, "xin", "chen"))
    room.go("2026-06-03 08:00").tick()
    assert day_of(room).holder(number) == "chen"


def test_a_linked_cadre_whose_post_ends_takes_nothing_along(room):
    settle(room.database, "谭某,tan,联片干部,清溪镇/韶山村/一片,,,,2026-06-01", head=HEAD)
    day = day_of(room)
    number = day.report()
    for userid in ("zhang", "peng"):
        day.do(number, userid, "raise_up")
    room.go("2026-06-02 08:00").tick()
    assert (day.holder(number), day.issue(number).level) == ("tan", UnitKind.PIAN)


def test_a_department_keeps_what_it_leads_and_helps_with(room):
    office = ("部甲,jia,部门,市城管局,,,,2026-06-01", "部乙,yi,部门,市城管局,,,,")
    settle(room.database, *office, head=HEAD)
    day = day_of(room)
    led, helped = day.report(), day.report("liu_mou", "井盖丢了")
    day.do(led, "zhang", "reassign", bureau(day))
    day.do(helped, "zhang", "assist", bureau(day), "借一辆登高车")
    room.go("2026-06-02 08:00").tick()
    day.go("2026-06-02 09:00").do(helped, "yi", "answer_assist", "借到了")
    assert (day.holder(led), day.issue(led).lead_unit_id is None) == ("yi", False)
    assert "【协办】" in "".join(day.told("yi"))


def away(work, userid, delegate):
    person, other = work.town.person(userid), work.town.person(delegate)
    assert person
    by = Actor(userid, "linzhang", "app", person.id)
    take(work, person, work.now.date(), at("2026-06-20").date(), other, by)


def bureau(day):
    def look(work):
        person, unit = work.town.person("jia"), work.town.unit_at("市城管局")
        assert person
        assert unit
        return Target(person, unit)

    return day.work(look)
