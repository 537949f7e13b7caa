"""sanzhang faq check | ask | gaps on the command line, as an admin runs them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.config import load
from handlers import hits
from handlers.hits import Hit
from storage import schema
from storage.db import Database

SOUND = "- 编号: yibao\n  问题: 医保什么时候交\n  答复: 九月起。\n  复核: 2099-01-01\n  来源: x\n"
CONFIG = """
[service]
name = "三长"
public_url = "http://127.0.0.1:8211"
[wecom]
corp_id = "ww1"
[wecom.app]
agent_id = 1
secret = "s"
token = "t"
encoding_aes_key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run `sanzhang faq …` in a folder with the file x.yaml."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.yaml").write_text(SOUND, "utf-8")
    return lambda *words, **more: CliRunner().invoke(main, ["faq", *words], **more)


def test_ask_tells_band_reasons_and_what_speaks_for_a_candidate(run):
    told = run("ask", "医保几月份交", "--faq", "x.yaml").output
    assert "判断：" in told
    assert "像：问话的词对上了" in told


def test_ask_prints_every_number_on_request(run):
    told = run("ask", "医保几月份交", "--faq", "x.yaml", "--features").output
    assert "words_q=" in told
    assert "core_ratio=" in told


@pytest.mark.parametrize(
    "said",
    [
        "医保什么时候交\n".encode(),
        b"\xef\xbb\xbf" + "医保什么时候交\r\n".encode(),
        "医保什么时候交\n".encode("gb18030"),
    ],
    ids=["utf-8", "bom", "gb18030"],
)
def test_ask_reads_lines_in_the_encoding_of_the_console(run, said):
    (line,) = run("ask", "--json", "--faq", "x.yaml", "-", input=said).output.splitlines()
    decided = json.loads(line)
    assert (decided["question"], decided["entry"]) == ("医保什么时候交", "yibao")


def test_ask_gives_a_line_for_every_line_also_for_nonsense(run):
    said = b"\n\xff\xfe\x00\x81\n" + "医保什么时候交".encode()
    lines = run("ask", "--json", "--faq", "x.yaml", "-", input=said).output.splitlines()
    assert [json.loads(line)["band"] for line in lines] == ["issue", "issue", "answer"]


def test_check_ends_with_status_1_and_the_line_of_an_error(run, tmp_path):
    (tmp_path / "x.yaml").write_text(SOUND + "- 编号：b\n  问题: c\n", "utf-8")
    result = run("check", "x.yaml", "--json")
    (problem,) = json.loads(result.stdout)
    assert (result.exit_code, problem["line"]) == (1, 6)


def test_check_decides_with_the_thresholds_of_the_configuration(run, tmp_path):
    (tmp_path / "x.yaml").write_text(SOUND + "  测试: {应中: [医保几时交]}\n", "utf-8")
    strict = CONFIG + '[faq]\npath = "x.yaml"\nanswer_threshold = 1.0\nsuggest_threshold = 0.9\n'
    (tmp_path / "config.toml").write_text(strict, "utf-8")
    assert "测试没过" in run("check").output


def test_gaps_say_what_is_wrong_with_a_broken_file(run, tmp_path):
    (tmp_path / "config.toml").write_text(CONFIG + '[faq]\npath = "x.yaml"\n', "utf-8")
    (tmp_path / "x.yaml").write_text("- 编号: a\n", "utf-8")
    asked(tmp_path)
    result = run("gaps")
    assert result.exit_code == 1
    assert "x.yaml:1: 「答复」没有写" in result.stderr


def test_the_draft_of_a_gap_is_a_file_that_the_check_accepts(run, tmp_path):
    (tmp_path / "config.toml").write_text(CONFIG + '[faq]\npath = "x.yaml"\n', "utf-8")
    asked(tmp_path, "宽带怎么装", "宽带怎么装", "想装宽带怎么弄")
    told = run("gaps", "--draft").stdout
    assert told.startswith("3 次  宽带怎么装")
    draft = told[told.index("- 编号") : told.index("共 1 类，3 次。")]
    (tmp_path / "new.yaml").write_text(draft, "utf-8")
    assert run("check", "new.yaml").exit_code == 0


def asked(folder: Path, *questions: str) -> None:
    """What residents asked today and was not answered."""
    database = Database(load(folder / "config.toml").database_url())
    schema.upgrade(database)
    at = datetime.now(UTC)
    rows = [Hit(at, "mao_mou", "", question, "suggest", "", 0.0) for question in questions]
    database.write(lambda session: hits.store(session, rows))
    database.dispose()
