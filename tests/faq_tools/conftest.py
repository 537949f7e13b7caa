"""A folder of FAQ files, written by each test in the words of an admin."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest

from faq.lint import check
from files.problem import Problem

TODAY = date(2026, 11, 21)
SOUND = """
- 编号: lamp
  问题: 路灯归谁管
  答复: 路灯归村里管。
  复核: 2027-03-01
"""
Write = Callable[..., Path]
Check = Callable[..., list[Problem]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file into the FAQ folder and return the folder."""

    def write(text: str, name: str = "entries/a.yaml") -> Path:
        file = tmp_path / "faq" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        return tmp_path / "faq"

    return write


@pytest.fixture
def found(write: Write) -> Check:
    """What `faq check` finds in one file."""

    def found(text: str, name: str = "entries/a.yaml") -> list[Problem]:
        return check(write(text, name), TODAY)

    return found
