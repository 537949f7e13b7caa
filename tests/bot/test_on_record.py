"""Whoever looks at people by a command is on the record, and anybody can read the record."""

import pytest
from sqlalchemy import select

from bot import on_record
from bot.cli import main
from storage.tables import Export
from tests.bot_room import Room
from tests.test_docs import commands
from tests.town import at


def recorded(db):
    with db.read() as session:
        return list(session.scalars(select(Export.command)))


@pytest.mark.parametrize("words", sorted(on_record.SHOW_PEOPLE - {"issues show"}))
def test_a_command_that_shows_people_leaves_a_line(town_lite, type_, words):
    type_(town_lite, *words.split())
    assert [line.startswith(words) for line in recorded(town_lite)] == [True]


def test_it_says_whose_issue_was_looked_at_and_by_whom(town_lite, type_, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "wang")
    room = Room(town_lite, at("2026-06-01 09:00"))
    room.say("mao_mou", "村口路灯坏了三天没人修")
    [issue] = room.issues()
    type_(town_lite, "issues", "show", issue.number)
    assert recorded(town_lite) == [f"issues show number={issue.number}"]
    assert f"wang  issues show number={issue.number}" in type_(town_lite, "ledger", "record")


def test_what_shows_nobody_leaves_none(town_lite, type_):
    type_(town_lite, "rates")
    type_(town_lite, "issues", "verify")
    assert recorded(town_lite) == []


def test_what_cannot_be_noted_is_shown_all_the_same(town_lite, type_, monkeypatch):
    def full(*_):
        raise OSError("no space")

    monkeypatch.setattr("storage.db.Database.write", full)
    assert "每个职务" in type_(town_lite, "roster", "vacancies")


def test_every_command_of_the_table_exists():
    assert commands(main).keys() >= on_record.SHOW_PEOPLE
