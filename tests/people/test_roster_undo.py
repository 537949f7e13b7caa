"""What an import wrote is taken back row by row, on both databases."""

import json
from datetime import date
from random import Random

import pytest
from sqlalchemy import select

from people import roster_undo
from people.reading import read
from people.roster import apply, plan, read_roster

HEAD = "姓名,账号,角色,单位,户,手机号"
ZU = "甲镇/乙村/一片/一组"


@pytest.fixture
def imported(db, tmp_path):
    """Imports the lines; what it did, as it is stored."""

    def _imported(lines, day, full):
        path = tmp_path / "名单.csv"
        path.write_text("\n".join([HEAD, *lines]), encoding="utf-8")

        def write(session):
            made = plan(session, read_roster(path), day, full)
            then = roster_undo.before(session, made)
            apply(session, made)
            return json.dumps(roster_undo.written(session, then))

        return db.write(write)

    return _imported


def rows(db):
    with db.read() as session:
        return [
            [
                dict(row)
                for row in session.execute(select(*t.__table__.columns).order_by(t.id)).mappings()
            ]
            for t in roster_undo.TABLES
        ]


def undo(db, change, day):
    def write(session):
        done = roster_undo.put_back(session, json.loads(change), read(session), day)
        roster_undo.clear(session, json.loads(change))
        return done.refused

    return db.write(write)


def some_lines(random):
    """A roster by chance: people come, go, move, and change seats, names and telephones."""
    lins = [f"{ZU}/{name}邻" for name in random.sample("一二三四", 3)]
    people = random.sample(range(12), 8)
    homes = [f"某{random.randrange(2)}{n},p{n},居民,{random.choice(lins)},{n}号," for n in people]
    homes = [home + random.choice(["", "12345"]) for home in homes]
    seats = [
        f"长{n},z{n},邻长,{lin},," for n, lin in zip(random.sample(range(6), 3), lins, strict=True)
    ]
    return [*homes, *seats]


@pytest.mark.parametrize("seed", range(6))
def test_undone_one_after_the_other_everything_is_as_it_was(db, imported, seed):
    random, days = Random(seed), [date(2026, 12, day) for day in range(1, 6)]
    known, done = [rows(db)], []
    for day in days:
        done.append(imported(some_lines(random), day, random.random() < 0.5))
        known.append(rows(db))
    for day, change in zip(days[::-1], done[::-1], strict=True):
        assert rows(db) == known.pop()
        assert undo(db, change, day) == []
    assert rows(db) == known.pop()


def test_what_nothing_else_refers_to_is_taken_out_and_the_rest_stays(db, imported):
    change = imported([f"张三,zhang,居民,{ZU}/一邻,张家,"], date(2026, 12, 1), False)
    imported([f"李四,li,居民,{ZU}/一邻,李家,"], date(2026, 12, 1), False)
    undo(db, change, date(2026, 12, 1))
    left = {name for table in rows(db) for row in table if (name := row.get("name"))}
    assert left == {"市", "甲镇", "乙村", "一片", "一组", "一邻", "李家", "李四"}
