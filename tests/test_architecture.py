"""The rooms and the directions of imports (architecture.md §1), read from the syntax trees."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
#: Which rooms a room may import from, besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "rules": set(),
    "files": set(),
    "faq": {"files"},
    "emulator": set(),
    "speech": {"rules", "files"},
    "storage": {"rules"},
    "people": {"rules", "files", "storage"},
    "issues": {"rules", "files", "storage", "people"},
    "work": {"rules", "files", "speech", "storage", "people"},
    "handlers": {"rules", "files", "faq", "speech", "storage", "people", "issues", "work"},
    "scheduler": {"rules", "files", "speech", "storage", "people", "issues", "handlers", "work"},
    "console": {"rules", "files", "faq", "storage", "people", "issues", "work"},
    "bot": {
        *("rules", "files", "faq", "speech", "storage"),
        *("people", "issues", "work", "handlers", "scheduler", "console"),
    },
}
#: The demo starts a fake WeCom beside the service.
DEMO = {"bot/demo.py", "bot/demo_story.py"}
#: Where the wall clock may be read: the service, and the edges at which a person types a command.
CLOCK_READERS = {
    "bot/acting.py",
    "bot/service.py",
    "bot/cli_backup.py",
    "bot/cli_config.py",
    "bot/cli_faq_file.py",
    "bot/cli_faq_history.py",
    "bot/cli_hear.py",
    "bot/cli_issue_list.py",
    "bot/cli_ledger.py",
    "bot/cli_outbox.py",
    "bot/cli_rates.py",
    "bot/cli_roster_import.py",
    "bot/cli_routing.py",
    "bot/cli_vacancies.py",
    "bot/on_record.py",
    "bot/cli_clock.py",
    "bot/cli_db.py",
    "bot/cli_doctor.py",
    *DEMO,
}
#: The tables of storage/tables.py that only issues/ and what stands on it may speak of.
OF_ISSUES = ("Issue", "Event", "Endorsement", "Assist", "CoOwner", "InPerson", "Attachment")
#: The modules that each folder of a kind has under the same names.
MOULDS = {
    "work/*": ("tables", "acts", "hears", "sentences", "ticks", "pages", "cli"),
    "bot/channels/*": ("settings", "channel", "parse", "reply"),
}
#: What is imported by its name, when it is needed: "bot.cli_roster:roster".
PLACE = re.compile(r"((?:\w+\.)+\w+):(\w+)", re.ASCII)
#: The visible tuples in which systems of work/ are mounted: the only files outside of work/ that
#: name one.
MOUNTS = {"handlers/systems.py", "bot/cli.py"}
WALL_CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "localtime"),
    ("time", "gmtime"),
}


def room_of(path: Path) -> str:
    return path.relative_to(HOME).parts[0]


@cache
def sources() -> dict[Path, ast.Module]:
    found = [path for room in MAY_IMPORT for path in sorted((HOME / room).rglob("*.py"))]
    return {path: ast.parse(path.read_text("utf-8")) for path in found}


def names_in(tree: ast.Module) -> Iterator[str]:
    """Every module that the file imports, also inside functions and by its name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            place = PLACE.fullmatch(node.value)
            yield from (place[1], f"{place[1]}.{place[2]}") if place else ()
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or "."
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(name: str) -> str | None:
    room = name.split(".")[0]
    return room if room in MAY_IMPORT else None


def attributes(tree: ast.Module) -> Iterator[tuple[str, str, int]]:
    """("datetime", "now", line) for every datetime.now in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.value.id, node.attr, node.lineno


def modules(names: set[str]) -> dict[str, set[str]]:
    """Our modules and which of our modules each imports."""
    known = {str(p.relative_to(HOME).with_suffix("")).replace("/", "."): p for p in sources()}
    return {
        name: {n for n in names_in(sources()[path]) if n in known and n != name}
        for name, path in known.items()
        if not names or name in names
    }


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_is_below_it(room):
    wrong = [
        f"{path.relative_to(HOME)} imports {name}"
        for path, tree in sources().items()
        if room_of(path) == room and str(path.relative_to(HOME)) not in DEMO
        for name in names_in(tree)
        if ours(name) and ours(name) != room and ours(name) not in MAY_IMPORT[room]
    ]
    assert wrong == []


def test_the_demo_alone_starts_the_emulator():
    users = {
        str(path.relative_to(HOME))
        for path, tree in sources().items()
        if room_of(path) != "emulator"
        for name in names_in(tree)
        if ours(name) == "emulator"
    }
    assert users <= DEMO


def test_the_rules_need_nothing_but_the_standard_library():
    allowed = {
        "calendar", "collections", "dataclasses", "datetime", "enum", "itertools", "zoneinfo",
        "math", "functools", "re", "typing", "rules",
    }  # fmt: skip
    found = {
        name.split(".")[0]
        for path, tree in sources().items()
        if room_of(path) == "rules"
        for name in names_in(tree)
    }
    assert found <= allowed


def test_no_module_imports_itself_through_others():
    graph = modules(set())

    def reachable(name: str) -> set[str]:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            for other in graph[waiting.pop()] - seen:
                seen.add(other)
                waiting.append(other)
        return seen

    assert [name for name in graph if name in reachable(name)] == []


def test_packages_are_empty_files():
    inits = [path for path in sources() if path.name == "__init__.py"]
    assert {room_of(path) for path in inits} >= {"rules", "faq", "storage", "issues", "handlers"}
    assert [str(path) for path in inits if path.read_text("utf-8").strip()] == []


def test_every_module_says_what_it_is_for():
    silent = [
        str(path.relative_to(HOME))
        for path, tree in sources().items()
        if path.name not in ("__init__.py", "__main__.py") and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_nothing_is_imported_inside_a_function():
    wrong = [
        f"{path.relative_to(HOME)}:{inner.lineno}"
        for path, tree in sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert wrong == []


def test_the_clock_is_read_in_one_place():
    wrong = [
        f"{path.relative_to(HOME)}:{line} {name}.{attribute}"
        for path, tree in sources().items()
        if room_of(path) != "emulator" and str(path.relative_to(HOME)) not in CLOCK_READERS
        for name, attribute, line in attributes(tree)
        if (name, attribute) in WALL_CLOCKS
    ]
    assert wrong == []


def test_commits_happen_in_one_file():
    """Who opens a transaction commits; below, that is storage/db.py alone."""
    wrong = [
        f"{path.relative_to(HOME)}:{line}"
        for path, tree in sources().items()
        if str(path.relative_to(HOME)) != "storage/db.py"
        for name, attribute, line in attributes(tree)
        if attribute == "commit" and name in ("session", "connection", "s")
    ]
    assert wrong == []


def test_the_current_request_is_known_to_the_edge_only():
    wrong = [
        str(path.relative_to(HOME))
        for path, tree in sources().items()
        if room_of(path) not in ("bot", "console", "emulator")
        for name in names_in(tree)
        if name.split(".")[0] in ("flask", "werkzeug")
    ]
    assert wrong == []


def test_the_network_is_the_edges_business():
    wrong = [
        f"{path.relative_to(HOME)} imports {name}"
        for path, tree in sources().items()
        if room_of(path) not in ("bot", "emulator")
        for name in names_in(tree)
        if name.split(".")[0] in ("requests", "socket", "http", "urllib", "wechatpy")
    ]
    assert wrong == []


def twice(found: Iterator[tuple[str, Path]]) -> dict[str, list[str]]:
    """The names that stand in more than one place, with the places."""
    places: dict[str, list[str]] = {}
    for name, path in found:
        places.setdefault(name, []).append(str(path.relative_to(HOME)))
    return {name: where for name, where in places.items() if len(where) > 1}


def test_a_class_name_means_one_thing():
    assert not twice(
        (node.name, path)
        for path, tree in named_sources().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    )


def test_a_module_name_means_one_thing():
    assert not twice((path.stem, path) for path in named_sources() if not of_a_mould(path))


def named_sources() -> dict[Path, ast.Module]:
    """The rooms, and the benchmarks beside them."""
    beside = sorted((HOME / "benchmarks").glob("*.py"))
    return {**sources(), **{path: ast.parse(path.read_text("utf-8")) for path in beside}}


def of_a_mould(path: Path) -> bool:
    """What every system and every channel has (ADR 13, CONTRIBUTING.md), and what Python wants."""
    home = path.relative_to(HOME)
    return path.stem.startswith("__") or any(
        home.match(f"{folder}/{module}.py")
        for folder, modules in MOULDS.items()
        for module in modules
    )


def test_every_handler_is_in_the_table():
    from_table = (HOME / "handlers/table.py").read_text("utf-8")
    handlers = [
        path.stem
        for path, tree in sources().items()
        if room_of(path) == "handlers" and defines(tree, "matches") and path.stem != "table"
    ]
    assert [name for name in handlers if f"    {name},\n" not in from_table] == []


def defines(tree: ast.Module, function: str) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == function for node in tree.body)


def test_every_package_is_listed_for_installation():
    listed = (HOME / "pyproject.toml").read_text("utf-8")
    packages = {
        ".".join(path.parent.relative_to(HOME).parts)
        for path in sources()
        if path.name == "__init__.py"
    }
    assert [name for name in sorted(packages) if f'"{name}"' not in listed] == []


def test_what_delivers_and_what_receives_know_no_issue():
    """An outbox row says what it is about in plain words; whoever claims brings the rules."""
    theirs = {f"storage.tables.{table}" for table in OF_ISSUES}
    wrong = [
        f"storage/{name}.py imports {known}"
        for name in ("outbox", "inbox", "db", "notice", "schema")
        for known in names_in(sources()[HOME / f"storage/{name}.py"])
        if known in theirs
    ]
    assert wrong == []


def systems() -> list[str]:
    """The folders of work/: visits, …"""
    return sorted(path.parent.name for path in sources() if path.match("work/*/__init__.py"))


def test_a_system_knows_no_sibling():
    wrong = [
        f"{path.relative_to(HOME)} imports {name}"
        for path, tree in sources().items()
        if path.match("work/*/*.py")
        for name in names_in(tree)
        for other in systems()
        if name.startswith(f"work.{other}") and other != path.parent.name
    ]
    assert wrong == []


def test_what_systems_share_knows_none_of_them():
    wrong = [
        f"{path.relative_to(HOME)} imports {name}"
        for path, tree in sources().items()
        if path.match("work/*.py")
        for name in names_in(tree)
        if name.split(".")[0] == "work" and name.split(".")[1] in systems()
    ]
    assert wrong == []


def test_a_system_is_named_where_it_is_mounted_and_nowhere_else():
    """Deleting its folder and these lines takes it out."""
    named = {
        f"{path.relative_to(HOME)} names work.{system}"
        for path in sources()
        if room_of(path) != "work" and str(path.relative_to(HOME)) not in MOUNTS
        for system in systems()
        if f"work.{system}" in path.read_text("utf-8")
    }
    assert named == set()


def test_a_system_is_mounted_by_its_line():
    mounted = (HOME / "handlers/systems.py").read_text("utf-8")
    assert [s for s in systems() if f"from work.{s} import hears as {s}\n" not in mounted] == []


def test_systems_speak_of_no_table_of_issues():
    theirs = {f"storage.tables.{table}" for table in OF_ISSUES}
    wrong = [
        f"{path.relative_to(HOME)} imports {known}"
        for path, tree in sources().items()
        if room_of(path) == "work"
        for known in names_in(tree)
        if known in theirs
    ]
    assert wrong == []
