"""README and the handbooks name what is there, and all of it: commands, options, keys, links.

What they say in sentences is read by people; here only names are compared.
"""

import re
import tomllib
from datetime import date
from pathlib import Path

import click
import pytest
import yaml

from bot.cli import main
from bot.config import CHECKOUT, load
from faq.book import Book
from faq.entries import Entry
from faq.lint import check
from faq.selftest import run_tests
from handlers import absence, area, in_person, look, merge, my_zhang, several
from handlers.staff import LISTS
from speech.read import read
from tests.test_architecture import MAY_IMPORT

README = CHECKOUT / "README.md"
GUIDES = [README, *sorted((CHECKOUT / "docs").glob("handbook-*.md")), CHECKOUT / "docs/install.md"]
PAGES = [
    README,
    *(CHECKOUT / f"{page}.md" for page in ("CHANGELOG", "CONTRIBUTING")),
    *sorted((CHECKOUT / "docs").rglob("*.md")),
    CHECKOUT / "emulator/README.md",
]
ADMIN = CHECKOUT / "docs/handbook-admin.md"
EXAMPLE = CHECKOUT / "config.example.toml"

FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
#: sanzhang (or install.md's sz) and the words and options that follow it on the line
CALL = re.compile(r"(?<![\w/.:=-])(?:sanzhang|sz)((?: --config \S+)?(?: [a-z][a-z-]*\b)[^\n|#]*)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
TARGET = re.compile(r"\bmake ([a-z][a-z-]*)\b")


def text(*pages: Path) -> str:
    return "\n".join(page.read_text("utf-8") for page in pages)


def code(page: Path) -> list[str]:
    """The lines of code of a page: fenced blocks and spans."""
    whole = page.read_text("utf-8")
    blocks = [line for _, block in FENCED.findall(whole) for line in block.splitlines()]
    return [*blocks, *SPAN.findall(FENCED.sub("", whole))]


def commands(group: click.Group = main, before: str = "") -> dict[str, click.Command]:
    """Every command by its words: "faq ask" -> the command."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        words = f"{before} {name}".strip()
        inside = commands(command, words) if isinstance(command, click.Group) else {words: command}
        found |= inside
    return found


def options(command: click.Command) -> set[str]:
    return {opt for p in command.params for opt in p.opts if opt.startswith("--")} | {"--help"}


def calls() -> list[tuple[str, str]]:
    """Each call of the program in the guides: page and what follows the program's name."""
    return [
        (page.name, said.strip())
        for page in GUIDES
        for line in code(page)
        for said in CALL.findall(line)
    ]


def command_of(said: str) -> str | None:
    """The longest command that the words begin with."""
    words = re.sub(r"^--config \S+ ?", "", said)
    fits = [name for name in commands() if re.match(rf"{name}(?![\w-])", words)]
    return max(fits, key=len, default=None)


@pytest.mark.parametrize(("page", "said"), calls())
def test_a_command_in_the_guides_exists_with_its_options(page, said):
    name = command_of(said.replace("roster check|", "roster "))
    assert name is not None, f"{page}: sanzhang {said}"
    assert set(re.findall(r"--[a-z-]+", said)) <= options(commands()[name]), f"{page}: {said}"


@pytest.mark.parametrize("name", sorted(commands()))
def test_readme_describes_every_command_and_option(name):
    spans = " | ".join(SPAN.findall(text(README)))
    assert name in spans
    assert not [o for o in options(commands()[name]) if o not in text(README)]


def keys() -> set[str]:
    """Every key of the example, also those that are commented out."""
    return set(re.findall(r"^(?:# )?([a-z_]+) = ", EXAMPLE.read_text("utf-8"), re.MULTILINE))


@pytest.mark.parametrize("key", sorted(keys()))
def test_the_handbook_explains_every_key_of_the_example(key):
    assert f"`{key}`" in text(ADMIN)


def test_the_handbook_explains_no_key_that_does_not_exist():
    table = text(ADMIN).partition("## 配置逐项说明")[2].partition("\n##")[0]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    named = {one for row in rows for one in SPAN.findall(row) if not one.startswith("[")}
    assert named == keys()


def test_the_example_configuration_is_valid():
    assert load(EXAMPLE, {}).service.name


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.name)
def test_toml_in_the_guides_has_only_known_keys(page):
    blocks = [block for kind, block in FENCED.findall(page.read_text("utf-8")) if kind == "toml"]
    parsed = [tomllib.loads(re.sub("^   ", "", block, flags=re.MULTILINE)) for block in blocks]
    assert leaves(parsed) <= keys()


def leaves(node) -> set[str]:
    if isinstance(node, list):
        return set().union(*(leaves(one) for one in node))
    if not isinstance(node, dict):
        return set()
    here = {name for name, value in node.items() if not isinstance(value, dict | list)}
    return here.union(*(leaves(value) for value in node.values()))


def targets() -> set[str]:
    makefile = (CHECKOUT / "Makefile").read_text("utf-8")
    return set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split())


def test_every_make_target_in_the_guides_exists():
    named = {name for page in GUIDES for line in code(page) for name in TARGET.findall(line)}
    assert named <= targets()


def test_every_make_target_is_described():
    described = {name for page in GUIDES for line in code(page) for name in TARGET.findall(line)}
    assert targets() <= described


def links() -> list[tuple[Path, str]]:
    found = [(page, link) for page in PAGES for link in LINK.findall(FENCED.sub("", text(page)))]
    return [(page, link) for page, link in found if not re.match(r"[a-z]+:", link)]


@pytest.mark.parametrize(("page", "link"), links(), ids=lambda one: getattr(one, "name", one))
def test_a_relative_link_leads_somewhere(page, link):
    path, _, anchor = link.partition("#")
    there = (page.parent / path).resolve() if path else page
    assert there.exists()
    assert not anchor or anchor in anchors(there)


def anchors(page: Path) -> set[str]:
    """The names that headings get on a code host."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_worked_example_of_an_entry_is_right(tmp_path):
    blocks = [block for kind, block in FENCED.findall(text(ADMIN)) if kind == "yaml"]
    (tmp_path / "清溪镇.yaml").write_text(blocks[0], "utf-8")
    assert not [problem for problem in check(tmp_path) if problem.severity == "error"]
    assert not run_tests(Book.load(tmp_path))
    assert set(yaml.safe_load(blocks[0])[0]) <= set(Entry.aliases())


@pytest.mark.parametrize("field", sorted(Entry.model_fields))
def test_the_handbook_names_every_field_of_an_entry(field):
    assert f"{Entry.chinese(field)} {field}" in text(ADMIN).replace("测试 tests：", "测试 tests ")


def test_the_sentences_for_the_three_zhang_are_commands():
    table = text(CHECKOUT / "docs/handbook-sanzhang.md").partition("## 直接打字也行")[2]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| **")]
    said = [one for row in rows for one in re.findall(r"\*\*([^*]+)\*\*", row)]
    assert len(said) >= 9
    assert not [one for one in said if not is_understood(one)]


def is_understood(said):
    """A sentence of the handbook, by any of the handlers for staff."""
    heard = read(said, today=date(2026, 6, 1))
    known = said in LISTS or in_person.told(heard.plain) or absence.BACK.fullmatch(heard.plain)
    return known or heard.command or absence.read(said, heard.today) or _is_shown(heard)


def _is_shown(heard):
    """Whether it asks for something to be shown, or is about several issues at once."""
    shown = look.asked(heard.plain) or area.is_asked(heard.plain) or my_zhang.asked(heard.plain)
    return shown or merge.read(heard.words) or several.read(heard)


@pytest.mark.parametrize(("name", "most"), [("demo", 400), ("card", 120), ("rate", 120)])
def test_a_picture_is_small(name, most):
    assert (CHECKOUT / f"docs/{name}.png").stat().st_size <= most * 1024


# --- what describes the tree is compared with the tree ---

HOUSE = CHECKOUT / "docs/architecture.md"
ROOM = re.compile(r"^\| `(\w+)/`[^|]*\|.*\| ([^|]+) \|$", re.MULTILINE)
#: handlers/table.py, faq/tables/matters.yaml; without a folder it may be anybody's word.
PATH = re.compile(r"^[\w.<>-]+(?:/[\w.-]+)+\.(?:py|yaml|toml)\b")
TREE = [README, HOUSE, CHECKOUT / "CONTRIBUTING.md", CHECKOUT / "docs/domain.md"]


def rooms() -> dict[str, str]:
    """The rooms of the table that are there, and what it says they may import."""
    found = dict(ROOM.findall(text(HOUSE)))
    return {room: may for room, may in found.items() if (CHECKOUT / room).is_dir()}


def imports(room: str) -> set[str]:
    """What the table allows: a list, or all rooms above."""
    names, may = list(rooms()), rooms()[room]
    if may == "nothing of ours":
        return set()
    if not may.startswith("all above"):
        return set(may.split(", "))
    return set(names[: names.index(room)]) - {may.partition(" but ")[2]}


def test_the_table_of_rooms_has_every_room():
    assert set(rooms()) == {room for room in MAY_IMPORT if (CHECKOUT / room).is_dir()}


@pytest.mark.parametrize("room", rooms())
def test_the_table_of_rooms_says_what_is_checked(room):
    assert imports(room) == {may for may in MAY_IMPORT[room] if (CHECKOUT / may).is_dir()}


@pytest.mark.parametrize("room", rooms())
def test_readme_has_every_room(room):
    assert f"| `{room}/` |" in text(README)


def test_a_path_that_is_named_is_there():
    named = {found[0] for page in TREE for one in code(page) if (found := PATH.match(one))}
    assert len(named) > 20
    assert sorted(one for one in named if "<" not in one and not (CHECKOUT / one).exists()) == []


def test_the_contract_has_every_command_and_key():
    contract = text(HOUSE).partition("## 7. Contract")[2].replace("`sanzhang ", "`")
    assert [name for name in commands() if f"`{name}`" not in contract] == []
    _, block = FENCED.findall(contract)[0]
    assert set(re.findall(r"^([a-z_]+) = ", block, re.MULTILINE)) == keys()
