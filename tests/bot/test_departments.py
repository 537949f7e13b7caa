"""The 分工表 as a file: what is refused, with line and advice, and what only deserves a look."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import departments
from bot.cli import main
from bot.config import CHECKOUT, load
from bot.configured import office
from bot.departments import TableLine
from files.problem import FileError
from people.reading import read as read_town
from tests.town import TOWN, settle

CONFIG = (CHECKOUT / "config.example.toml").read_text("utf-8")
GOOD = "- 类别: 路灯\n  词: [路灯, 灯杆]\n  单位: 市城管局\n"


@pytest.fixture
def write(tmp_path):
    def _write(text):
        path = tmp_path / "departments.yaml"
        path.write_text(text, "utf-8")
        return path

    return _write


@pytest.fixture
def config(tmp_path):
    """A configuration that names the table beside it."""
    path = tmp_path / "config.toml"
    named = CONFIG.replace("# routing =", "routing =")
    path.write_text(named, "utf-8")
    return path


def mistakes(path: Path) -> list[str]:
    with pytest.raises(FileError) as caught:
        departments.read(path)
    return [str(problem).removeprefix(str(path)) for problem in caught.value.problems]


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == status, result.output
    return result.output


def test_the_sample_is_right_and_is_shown_without_a_configuration(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert "0 处请留意" in run("routing", "check")
    assert "市城管局 主办" in run("routing", "ask", "村口路灯不亮")


def test_chinese_and_english_names_are_equal(write):
    english = write("- {category: 路灯, words: 灯杆, places: 清溪镇, function: 协办, unit: 供电所}")
    (route,) = departments.routes(departments.read(english)).lines
    assert (route.words, route.place, route.lead) == (("灯杆",), "清溪镇", False)


def test_every_mistake_is_named_with_its_line_and_the_way_out(write):
    told = mistakes(write("- 类别: 灯\n  部门: 城管\n  职责: 主\n  期限: 很快\n  时段: 25:00-3\n"))
    assert [line.split(":")[1] for line in told] == ["1", "2", "3", "4", "5"]
    assert "只能写「主办」或「协办」" in told[2]


@pytest.mark.parametrize(
    ("text", "line"),
    [("", 1), ("类别: 路灯", 1), ("- 类别: 路灯\n  词: [路灯", 3), ("- 路灯", 1)],
)
def test_half_a_file_is_a_mistake_with_a_line(write, text, line):
    assert mistakes(write(text))[0].startswith(f":{line}:")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("22:00-06:00", "22:00-06:00"),
        ("8：30 至 17：30", "08:30-17:30"),
        ("4月1日至9月30日", "04-01至09-30"),
        ("11-1~3-31", "11-01至03-31"),
    ],
)
def test_a_period_is_read_as_people_write_it(write, written, meant):
    (route,) = departments.routes(departments.read(write(f"{GOOD}  时段: {written}"))).lines
    assert str(route.period) == meant


@pytest.mark.parametrize("written", ["夜里", "25:00-06:00", "2月30日至3月1日", "08:30"])
def test_what_is_no_period_is_refused(write, written):
    assert "不是时段" in mistakes(write(f"{GOOD}  时段: {written}"))[0]


def test_two_who_lead_for_the_same_word_and_one_character_deserve_a_look(write):
    path = write(f"{GOOD}{GOOD.replace('市城管局', '市住建局').replace('灯杆', '灯')}")
    told = [str(problem) for problem in departments.oddities(departments.read(path))]
    assert [line.split(":")[1] for line in told] == ["5", "6"]
    assert "只有一个字" in told[0]
    assert "第 1 行已由市城管局主办" in told[1]


def test_units_and_places_that_the_roster_does_not_have_are_named(write, lite):
    settle(lite, *TOWN, "城某,cheng,部门,市城管局,,")
    more = "- 类别: 水管\n  单位: 市水务局\n  地方: [韶山村, 平里村]\n"
    lines = departments.read(write(f"{GOOD}{more}"))
    with lite.read() as session:
        told = [str(problem) for problem in departments.unknown_units(read_town(session), lines)]
    assert ["「市水务局」" in told[0], "「平里村」" in told[1], len(told)] == [True, True, 2]


def test_a_broken_table_is_reported_and_the_service_starts_without_it(write, config):
    write("- 类别: 路")
    assert "「单位」没有写" in run("config", "check", "--config", str(config), status=1)
    assert office(load(config, {})).routes.lines == ()


def test_a_good_table_is_what_the_office_works_by(write, config):
    write(GOOD)
    assert [line.unit for line in office(load(config, {})).routes.lines] == ["市城管局"]


def test_ask_says_the_place_the_order_and_when_nothing_fits(write):
    path = str(write(f"{GOOD}  期限: 3\n  地方: 清溪镇\n"))
    told = run("routing", "ask", "灯杆倒了", "--unit", "清溪镇/韶山村", "--file", path)
    assert told == "1. 分工表：路灯 × 清溪镇 → 市城管局 主办，期限 3 个工作日\n"
    assert "没有对得上的" in run("routing", "ask", "灯杆倒了", "--file", path)


def test_the_example_of_the_handbook_is_right_and_names_every_field(write):
    handbook = (CHECKOUT / "docs/handbook-admin.md").read_text("utf-8")
    section = handbook.partition("## 分工表")[2].partition("\n## ")[0]
    assert len(departments.read(write(section.partition("```yaml\n")[2].partition("```")[0]))) == 1
    fields = [f"{TableLine.chinese(name)} {name}" for name in TableLine.model_fields]
    assert [field for field in fields if field not in section] == []
