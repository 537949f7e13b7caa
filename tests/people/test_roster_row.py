"""One row: what is cleaned, what is refused, and in which words."""

import pytest

from people.roster_row import RosterRow, parse_row
from rules.words import Role

LIN = "清溪镇/韶山村/一片/三组/二邻"
GOOD = {
    "name": "张三",
    "userid": "zhangsan",
    "role": "居民",
    "unit": LIN,
    "household": "张家",
    "phone": "",
}


def parsed(**cells):
    row = parse_row("名单.csv", 7, GOOD | cells)
    assert isinstance(row, RosterRow), row
    return row


def said(**cells):
    problems = parse_row("名单.csv", 7, GOOD | cells)
    assert isinstance(problems, list), problems
    return [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("field", "cell", "clean"),
    [
        ("name", " 张　三 ", "张三"),
        ("name", "阿依•古丽", "阿依·古丽"),
        ("name", "\u200b张三\ufeff", "张三"),
        ("userid", "ZhangSan", "zhangsan"),
        ("userid", "ｚｈａｎｇ＿１", "zhang_1"),
        ("userid", "1001.0", "1001"),
        ("userid", "a.b@c-d_e", "a.b@c-d_e"),
        ("role", " 居 民 ", Role.RESIDENT),
        ("unit", " 清溪镇／韶山村 / 一片/三组/二邻/", LIN),
        ("unit", LIN.replace("/", "\\"), LIN),
        ("household", "张家（老屋）", "张家(老屋)"),
        ("phone", "13800001234.0", "13800001234"),
        ("phone", "138 0000 1234", "13800001234"),
        ("phone", "138-0000-1234", "13800001234"),
        ("phone", "'13800001234", "13800001234"),
        ("phone", "0731-55680000", "0731-55680000"),
        ("phone", "+8613800001234", "13800001234"),
        ("phone", "86 138 0000 1234", "13800001234"),
        ("phone", "1.3800001234E+10", "13800001234"),
        ("phone", "", ""),
    ],
)
def test_cells_are_cleaned(field, cell, clean):
    assert getattr(parsed(**{field: cell}), field) == clean


@pytest.mark.parametrize(
    ("role", "unit"),
    [
        ("居民", LIN),
        ("邻长", LIN),
        ("组长", "清溪镇/韶山村/一片/三组"),
        ("片长", "清溪镇/韶山村/一片"),
        ("村干部", "清溪镇/韶山村"),
        ("乡镇干部", "清溪镇"),
        ("部门", "市人社局"),
        ("驻地单位", "清溪镇/韶山村/一片/供电所"),
        ("督办", ""),
        ("督办", "韶山市"),
        ("管理员", LIN),
    ],
)
def test_each_role_has_its_depth_of_unit(role, unit):
    assert parsed(role=role, unit=unit).unit == unit


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"name": " "}, "「姓名」没有填姓名"),
        ({"name": "#N/A"}, "「姓名」单元格是公式错误 #N/A"),
        ({"name": "长" * 101}, "「姓名」太长了，有 101 个字"),
        ({"userid": "", "role": "邻长"}, "「账号」没有填账号"),
        ({"userid": "张三"}, "「账号」账号 张三 不对"),
        ({"userid": "a" * 65}, f"「账号」账号 {'a' * 65} 不对"),
        ({"userid": "{x}"}, "「账号」账号 {x} 不对"),
        ({"role": ""}, "「角色」没有填角色"),
        ({"role": "居明"}, "「角色」没有「居明」这个角色（是不是「居民」？"),
        ({"unit": ""}, "「单位」没有填单位（居民的单位要写到邻"),
        ({"unit": "清溪镇/韶山村"}, "「单位」级数少了：清溪镇/韶山村 是 2 级，居民应为 5 级"),
        ({"role": "片长"}, f"「单位」级数多了：{LIN} 是 5 级，片长应为 3 级"),
        ({"unit": f"韶山市/{LIN}"}, f"「单位」开头写了市县名：韶山市/{LIN}"),
        ({"unit": "清溪镇//一片/三组/二邻"}, "「单位」清溪镇//一片/三组/二邻 中间缺了一级"),
        ({"role": "督办", "unit": f"{LIN}/x"}, f"「单位」级数多了：{LIN}/x"),
        ({"unit": LIN + "长" * 100}, "「单位」太长了，有 102 个字"),
        ({"household": ""}, "「户」居民没有填户"),
        ({"phone": "1.38E+10"}, "「手机号」手机号 1.38E+10 不像电话号码"),
        ({"phone": "没有"}, "「手机号」手机号 没有 不像电话号码"),
    ],
)
def test_a_bad_cell_is_told_with_file_row_and_column(cells, message):
    (problem,) = said(**cells)
    assert problem.startswith(f"名单.csv:7: {message}")


def test_all_bad_cells_of_a_row_are_told_at_once():
    problems = said(name="", userid="!", role="皇帝", phone="x")
    assert [p.split("「")[1].split("」")[0] for p in problems] == ["角色", "姓名", "账号", "手机号"]


def test_a_linzhang_may_do_without_a_household():
    assert parsed(role="邻长", household="").household == ""


POST = {"role": "邻长", "household": ""}


@pytest.mark.parametrize(
    "cell",
    ["2026-01-03", "2026/1/3", "2026.1.3", "2026年1月3日", "2026-01-03 00:00:00", "2026/1/3 0:00"],
)
def test_a_day_is_read_as_spreadsheets_write_it(cell):
    assert str(parsed(**POST, starts=cell).starts) == "2026-01-03"


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"starts": "46000"}, "「起」「46000」不是日期（写成 2026-01-31 的样子，也可以空着）"),
        ({"ends": "2026-02-30"}, "「止」「2026-02-30」不是日期"),
        ({"starts": "2026-02-01", "ends": "2026-01-01"}, "「止」止（2026-01-01）早于起"),
    ],
)
def test_what_is_no_day_or_no_term_is_refused(cells, told):
    assert told in said(**POST, **cells)[0]


def test_a_resident_has_no_term():
    assert "居民这一行不写起止" in said(starts="2026-01-01")[0]


def test_a_linked_cadre_belongs_to_a_pian():
    assert parsed(role="联片干部", unit="甲镇/乙村/一片", household="").role is Role.LINKED_CADRE
    assert "写到所联的片" in said(role="联片干部", unit="甲镇/乙村", household="")[0]
