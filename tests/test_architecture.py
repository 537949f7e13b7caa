"""The rooms and the directions of imports (architecture.md §1), read from the syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parent.parent
#: Which rooms a room may import from, besides itself.
MAY_IMPORT: dict[str, set[str]] = {
    "rules": set(),
    "faq": set(),
    "emulator": set(),
    "storage": {"rules"},
    "people": {"rules", "storage"},
    "issues": {"rules", "storage", "people"},
    "handlers": {"rules", "faq", "storage", "people", "issues"},
    "scheduler": {"rules", "storage", "people", "issues", "handlers"},
    "console": {"rules", "faq", "storage", "people", "issues"},
    "bot": {"rules", "faq", "storage", "people", "issues", "handlers", "scheduler", "console"},
}
#: The demo starts a fake WeCom beside the service.
DEMO = {"bot/demo.py", "bot/story.py"}
#: Where the wall clock may be read: the service, and the edges at which a person types a command.
CLOCK_READERS = {
    "bot/service.py",
    "bot/cli.py",
    "bot/cli_faq.py",
    "bot/cli_faq_history.py",
    "bot/cli_issues.py",
    "bot/cli_leave.py",
    "bot/cli_ledger.py",
    "bot/cli_rates.py",
    "bot/cli_roster.py",
    "bot/cli_routing.py",
    "bot/doctor.py",
    *DEMO,
}
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
    """Every module that the file imports, also inside functions."""
    for node in ast.walk(tree):
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
