"""docs/faq-handbook.md: its examples work, and it tells the names that really exist."""

import re
from pathlib import Path

from faq.book import Book
from faq.entries import Entry
from faq.lint import check
from tests.faq_tools.conftest import TODAY, Write

HANDBOOK = (Path(__file__).parents[2] / "docs" / "faq-handbook.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", HANDBOOK, re.DOTALL)


def test_its_examples_pass_the_check_that_it_explains(write: Write):
    entry, override, emergency, dialect, signs = EXAMPLES
    write(entry, "entries/a.yaml")
    write(override, "entries/b.yaml")
    write(dialect, "tables/dialect.yaml")
    write(signs, "tables/danger_signs.yaml")

    problems = check(write(emergency, "tables/emergency.yaml"), TODAY)

    left_out = [p.what for p in problems if p.severity != "info"]
    assert [message[:6] for message in left_out] == ["程序自带的 "]  # it shows one class only
    assert "还没有填：〔待填：村部值班电话〕" in [p.what for p in problems]


def test_it_explains_every_field_of_an_entry():
    missing = [name for name in Entry.model_fields if Entry.chinese(name) not in HANDBOOK]

    assert missing == []


def test_what_it_says_of_an_own_table_of_signs_is_so(write: Write):
    folder = write(EXAMPLES[0], "entries/a.yaml")
    write(EXAMPLES[3], "tables/dialect.yaml")
    write(EXAMPLES[4], "tables/danger_signs.yaml")

    assert Book.load(folder).match("嘎嘎崽陷到凼里出不来哒").band == "emergency"


def test_a_mistake_in_an_own_table_of_signs_is_told_with_its_line(write: Write):
    write(EXAMPLES[0], "entries/a.yaml")
    wrong = EXAMPLES[4].replace("险被困", "险外星人")

    problems = check(write(wrong, "tables/danger_signs.yaml"), TODAY)

    assert [(p.line, p.severity) for p in problems if p.severity == "error"] == [(2, "error")]
