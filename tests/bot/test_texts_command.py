"""sanzhang texts check | show, and what a broken file of texts does: nothing, but it is told."""

from datetime import UTC, datetime

import pytest
import yaml
from click.testing import CliRunner

from bot.cli import main
from bot.cli_texts import MEANINGS
from bot.config import CHECKOUT, load
from bot.configured import office
from bot.examine.examination import Installation
from bot.examine.own_files import texts as look_at_texts
from issues import texts_file
from issues.texts import Texts, shipped
from issues.texts_file import LISTED, LONGEST

GOOD = "accepted: 您好，{number} {who}接了\n"
BAD = "accepted: 您好，{who}接了\n"


@pytest.fixture
def config(tmp_path):
    """A configuration that names a file of texts beside it."""
    example = (CHECKOUT / "config.example.toml").read_text("utf-8")
    path = tmp_path / "config.toml"
    path.write_text(example.replace("# texts =", "texts ="), "utf-8")
    return path


@pytest.fixture
def texts(config):
    def _texts(text):
        path = config.parent / "texts.yaml"
        path.write_text(text, "utf-8")
        return path

    return _texts


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == status, result.output
    return result.output


def test_a_good_file_is_what_the_office_says(texts, config):
    path = texts(GOOD)
    assert office(load(config, {})).texts == texts_file.load(path)
    assert "没有问题，改了 1 句" in run("texts", "check", "--config", str(config))


def test_a_broken_file_is_told_and_the_service_starts_with_the_shipped_words(texts, config):
    path = texts(BAD)
    told = f"{path}:1: accepted 的 text 少了编号"
    assert told in run("config", "check", "--config", str(config), status=1)
    assert told in run("texts", "check", str(path), status=1)
    assert office(load(config, {})).texts == Texts()


def test_a_file_that_is_not_there_is_told(config):
    assert "texts.yaml: 没有这个文件" in run("config", "check", "--config", str(config), status=1)


@pytest.mark.parametrize(
    ("text", "told"), [(GOOD, "✓ 机器人说的话：改了 1 句"), (BAD, "✗ 改过的话没有用上")]
)
def test_doctor_says_whether_it_is_used(texts, config, lite, text, told):
    texts(text)
    [finding] = look_at_texts(Installation.of(load(config, {}), lite, datetime.now(UTC)))
    assert f"{finding.sign} {finding.text}".startswith(told)


def test_without_a_file_there_is_nothing_to_check(tmp_path, config):
    config.write_text((CHECKOUT / "config.example.toml").read_text("utf-8"), "utf-8")
    assert "没有写 [service] texts" in run("texts", "check", "--config", str(config), status=1)


@pytest.mark.parametrize("key", sorted(shipped()))
def test_what_is_shown_can_be_pasted_into_a_file(texts, key):
    told = run("texts", "show", key)
    path = texts(told)
    assert texts_file.load(path) == Texts()
    assert [entry.key for entry in texts_file.read(path)] == [key]


def test_all_names_are_listed_and_a_wrong_one_gets_the_nearest():
    assert [line.partition("：")[0] for line in run("texts", "show").splitlines()] == list(
        shipped()
    )
    assert "是不是 accepted？" in run("texts", "show", "acepted", status=1)


def test_every_variable_has_a_meaning_and_no_meaning_is_left_over():
    assert {name for one in shipped().values() for name in one.allowed} == set(MEANINGS)


def test_the_example_of_the_handbook_is_right_and_names_every_part(texts):
    handbook = (CHECKOUT / "docs/handbook-admin.md").read_text("utf-8")
    section = handbook.partition("## 改机器人说的话")[2].partition("\n## ")[0]
    example = section.partition("```yaml\n")[2].partition("```")[0]
    assert texts_file.load(texts(example)).templates.keys() == shipped().keys()
    assert len(yaml.safe_load(example)) == 2
    assert [part for part in (*LONGEST, *LISTED) if f"`{part}`" not in section] == []
