"""Every pattern of the tree, as JSON: run in a process of its own, before anything is compiled.

What a pattern is made of in tables (signs, dialect, emergencies, small talk, matters) is loaded as
the service does it. ``uses`` are the methods that its file calls on it; without a name, all.
"""

import ast
import importlib
import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parents[2]
#: What residents' words never reach: an administrator's own files and settings.
ROOMS = ("rules", "faq", "speech", "storage", "people", "issues", "work", "handlers", "scheduler")
CHANNELS = "bot/channels"
METHODS = ("search", "match", "fullmatch", "sub", "subn", "findall", "finditer", "split")
#: Files that read what an administrator has written.
FILES = ("_file.py", "lint", "xlsx", "writing", "gaps", "roster", "sample", "migrations", "/cli")


def main() -> None:
    compiled = _watched()
    for path in _sources():
        name = str(path.relative_to(HOME).with_suffix("")).replace("/", ".")
        if not name.endswith(("__init__", "__main__", ".env")):
            importlib.import_module(name)
    importlib.import_module("faq.book").Book.load(HOME / "faq")
    importlib.import_module("speech.understanding").prepare()
    names, uses = _names_and_uses()
    found = []
    for (pattern, flags), (file, line) in sorted(compiled.items(), key=lambda one: one[1]):
        name = names.get((file, line), "")
        known = uses[file, name] | (uses["", name] if name and name[0] != "_" else set())
        found.append([f"{file}:{line}", name, pattern, flags, sorted(known) or ["search"]])
    json.dump(found, sys.stdout)


def _sources() -> list[Path]:
    rooms = [*ROOMS, CHANNELS]
    return [
        path
        for room in rooms
        for path in sorted((HOME / room).rglob("*.py"))
        if not any(part in str(path.relative_to(HOME)) for part in FILES)
    ]


def _watched() -> dict[tuple[str, int], tuple[str, int]]:
    """What is compiled from now on, and the line of ours in which it is."""
    seen: dict[tuple[str, int], tuple[str, int]] = {}
    compiler: Any = vars(re)["_compiler"]
    really = compiler.compile
    ours = {str(path): str(path.relative_to(HOME)) for path in _sources()}

    def _compile(pattern: Any, flags: int = 0) -> Any:
        made = really(pattern, flags)
        frame: Any = sys._getframe(1)
        while frame is not None and "/re/" in frame.f_code.co_filename:
            frame = frame.f_back
        place = ours.get(frame.f_code.co_filename) if frame else None
        if place and isinstance(pattern, str):
            seen[pattern, made.flags] = (place, frame.f_lineno)
        return made

    compiler.compile = _compile
    re.purge()
    return seen


def _names_and_uses() -> tuple[dict[tuple[str, int], str], dict[tuple[str, str], set[str]]]:
    """By file and line the name that a pattern gets; by file and name, and by name alone, what is
    called on it."""
    names: dict[tuple[str, int], str] = {}
    uses: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in _sources():
        file = str(path.relative_to(HOME))
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign | ast.AnnAssign):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                    names.setdefault((file, line), _name(target))
            elif isinstance(node, ast.Attribute) and node.attr in METHODS:
                uses[file, _name(node.value)].add(node.attr)
                uses["", _name(node.value)].add(node.attr)
    return names, uses


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")


if __name__ == "__main__":
    main()
