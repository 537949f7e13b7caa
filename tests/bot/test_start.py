"""From `serve` to the first answer: the port at once, callbacks as soon as the service is there."""

import json
import re
import subprocess
import sys
from threading import Event, Thread

import click
import pytest
import requests

from bot.cli import COMMANDS, main
from bot.cli_faq import FAQ
from bot.cli_issues import ISSUES
from bot.cli_roster import ROSTER
from bot.commands import LISTEN, Commands
from bot.config import CHECKOUT, load
from bot.listening import ARRIVED, CROWDED, in_background
from bot.starting import PATIENCE, Door, address

#: What takes long to import and has no business before the port is bound.
COSTLY = ["sqlalchemy", "flask", "pydantic", "jieba", "pypinyin", "numpy", "openpyxl", "wechatpy"]


def app(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]


class Visit:
    """One request to the door, without a server."""

    def __init__(self, door: Door, path: str, **more) -> None:
        self.status = ""
        self.headers: dict[str, str] = {}
        self.body = b"".join(door({"PATH_INFO": path, **more}, self._start))

    def _start(self, status, headers):
        self.status, self.headers = status, dict(headers)


class Impatient(Event):
    """An event that nobody waits for; it remembers how long they would have."""

    waited = -1.0

    def wait(self, timeout=None):
        self.waited = timeout if timeout is not None else -2.0
        return False


@pytest.fixture
def door():
    made = Door(clock=lambda: 100.0)
    made._opened = Impatient()
    return made


# --- the port before the service ---


def test_who_watches_is_told_at_once_that_it_is_starting(door):
    visit = Visit(door, "/healthz")
    assert (visit.status[:3], json.loads(visit.body)) == ("503", {"ok": False, "starting": True})
    assert door._opened.waited == -1.0


@pytest.mark.parametrize(("arrived", "left"), [(100.0, PATIENCE), (98.0, PATIENCE - 2), (90.0, 0)])
def test_a_callback_waits_as_long_as_its_sender_listens(door, arrived, left):
    Visit(door, "/wecom/app", **{ARRIVED: arrived})
    assert door._opened.waited == left


def test_a_callback_that_has_waited_in_vain_is_503_with_an_empty_body(door):
    visit = Visit(door, "/wecom/app", **{ARRIVED: 100.0})
    assert (visit.status[:3], visit.body, visit.headers["Retry-After"]) == ("503", b"", "1")


def test_when_many_wait_the_next_waits_as_well(door):
    assert Visit(door, "/wecom/app", **{ARRIVED: 98.0, CROWDED: True}).status[:3] == "503"
    assert door._opened.waited == PATIENCE - 2


def test_nothing_else_waits(door):
    assert Visit(door, "/metrics").status[:3] == "503"
    assert door._opened.waited == -1.0


def test_an_open_door_is_the_application_itself(door):
    door.open(app, lambda: 1.5)
    assert (Visit(door, "/wecom/app").body, door.queued_seconds()) == (b"ok", 1.5)


def test_a_callback_that_came_before_the_service_is_answered_by_it():
    door, came = Door(), Event()

    def wait(environ, start_response):
        came.set()
        return door(environ, start_response)

    with in_background(wait) as port:
        answers: list[int] = []

        def call() -> None:
            answers.append(
                requests.post(f"http://127.0.0.1:{port}/wecom/app", timeout=20).status_code
            )

        caller = Thread(target=call)
        caller.start()
        assert came.wait(10)
        door.open(app, lambda: 0.0)
        caller.join(20)
    assert answers == [200]


# --- where it listens ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("127.0.0.1", 8211)),
        ('[service]\nlisten = "0.0.0.0:80"', ("0.0.0.0", 80)),
        ('\ufeff[service]\nlisten = "localhost:1"', ("localhost", 1)),
        ('[service]\nlisten = "nowhere"', None),
        ("[service]\nlisten = 5", None),
        ("service = 5", None),
        ("[service", None),
    ],
)
def test_the_address_is_read_before_everything_else(tmp_path, text, expected):
    path = tmp_path / "config.toml"
    path.write_text(text, "utf-8")
    assert address(path) == expected


def test_without_a_file_the_whole_configuration_says_what_is_wrong(tmp_path):
    assert address(tmp_path / "config.toml") is None


def test_the_address_of_the_example_is_the_checked_one():
    example = CHECKOUT / "config.example.toml"
    host, port = address(example) or ("", 0)
    assert f"{host}:{port}" == load(example, {}).service.listen == LISTEN


# --- what is imported when ---


def imported(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    command = [sys.executable, "-c", code]
    return set(subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True).stdout.split())


def test_until_the_port_is_bound_nothing_costly_is_imported():
    found = imported("bot.cli_serve")
    assert ("waitress" in found, found & set(COSTLY)) == (True, set())


def test_the_service_needs_neither_the_emulator_nor_the_other_commands():
    found = imported("bot.serving")
    assert "bot.service" in found
    assert {m for m in found if m.startswith(("emulator", "bot.cli", "bot.demo"))} == set()


def test_the_command_line_imports_no_command_that_is_not_typed():
    assert not {m for m in imported("bot.cli") if m.startswith(("bot.cli_", "bot.demo"))}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there_under_its_name(name):
    command = main.commands[name]
    assert (isinstance(command, click.Command), command.name, bool(command.help)) == (
        True,
        name,
        True,
    )


@pytest.mark.parametrize("module", ["bot.cli_roster_import", "bot.cli_issue_list"])
def test_what_is_typed_often_needs_no_more_than_the_database(module):
    assert not imported(module) & {*COSTLY, "alembic", "requests"} - {"sqlalchemy", "pydantic"}


def test_help_lists_every_command_and_imports_none():
    code = "import sys; from bot.cli import main; main(['--help'], standalone_mode=False)"
    command = [sys.executable, "-c", f"{code}; print(*sys.modules, file=sys.stderr)"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    assert set(re.findall(r"^  (\w+)  ", done.stdout, re.MULTILINE)) == set(COMMANDS)
    loaded = done.stderr.split()
    assert not [m for m in loaded if m.startswith(("bot.cli_", "bot.demo", "work.visits."))]


@pytest.mark.parametrize("places", [COMMANDS, FAQ, ISSUES, ROSTER])
def test_help_says_of_a_command_what_the_command_says_of_itself(places):
    before = Commands(places)
    assert {n: before.sentence(n) for n in places} == {n: before[n].help for n in places}


def test_a_command_can_be_added_and_taken_out_as_in_any_group():
    commands = Commands({"serve": "bot.cli_serve:serve"})
    commands["other"] = click.Command("other")
    del commands["serve"]
    assert (list(commands), len(commands)) == (["other"], 1)
