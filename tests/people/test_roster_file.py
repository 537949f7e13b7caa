"""The file around the rows: encodings, headers, spreadsheets, and files that are no use."""

import gzip
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from files.problem import FileError
from people.roster import read_roster

HEADER = "姓名,账号,角色,单位,户,手机号"
ROW = "张三,zhangsan,居民,清溪镇/韶山村/一片/三组/二邻,张家,13800001234"


@pytest.fixture
def write(tmp_path):
    """Writes text or bytes as a file and gives its path."""

    def _write(content, name="名单.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return _write


@pytest.fixture
def workbook(tmp_path):
    """Writes rows of cells as an XLSX file and gives its path."""

    def _write(*rows, others=()):
        book = Workbook()
        for title, cells in others:
            book.create_sheet(title, 0).append(cells)
        for row in rows:
            book.worksheets[-1].append(row)
        book.save(tmp_path / "名单.xlsx")
        return tmp_path / "名单.xlsx"

    return _write


def problems_of(path):
    with pytest.raises(FileError) as caught:
        read_roster(path)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_it_reads_csv_in_the_encodings_of_excel_and_wps(write, encoding):
    rows = read_roster(write(f"{HEADER}\r\n{ROW}\r\n", encoding=encoding))
    assert [(row.name, row.household) for row in rows] == [("张三", "张家")]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_it_finds_out_what_stands_between_the_cells(write, delimiter):
    (row,) = read_roster(write(f"{HEADER}\n{ROW}\n".replace(",", delimiter)))
    assert row.userid == "zhangsan"


def test_it_reads_a_compressed_file(write):
    (row,) = read_roster(write(gzip.compress(f"{HEADER}\n{ROW}\n".encode()), "名单.csv.gz"))
    assert row.name == "张三"


def test_columns_come_in_any_order_and_an_extra_one_is_only_mentioned(write):
    header = "单位,备注,账号,姓名,角色,手机号,户"
    rows = read_roster(write(f"{header}\n清溪镇,新来的,zhen,郭某,乡镇干部,,"))
    assert rows[0].unit == "清溪镇"
    assert [str(w) for w in rows.warnings] == ["名单.csv:1: 「备注」这一列不导入"]


def test_the_header_may_have_spaces_and_full_width_letters(write):
    (row,) = read_roster(write(f"姓　名, 账号 ,角色,单位,户,手机号\n{ROW}"))
    assert row.name == "张三"


def test_missing_columns_are_all_named(write):
    assert problems_of(write("姓名,账号,角色,单位\n张三,a,居民,b")) == [
        "名单.csv:1: 「户」表头缺少这一列（第一行要有 姓名,账号,角色,单位,户,手机号）",
        "名单.csv:1: 「手机号」表头缺少这一列（第一行要有 姓名,账号,角色,单位,户,手机号）",
    ]


def test_a_column_that_stands_there_twice_is_an_error(write):
    (problem,) = problems_of(write(f"{HEADER},单位\n{ROW},清溪镇"))
    assert problem.startswith("名单.csv:1: 「单位」这一列出现了两次")


def test_a_title_above_the_header_is_passed_over_and_rows_keep_their_numbers(write):
    rows = read_roster(write(f"清溪镇三长花名册,,,,,\n\n{HEADER}\n{ROW}\n"))
    assert rows[0].number == 4
    assert [w.line for w in rows.warnings] == [1]


def test_blank_rows_are_passed_over_and_rows_keep_their_numbers(write):
    rows = read_roster(write(f"{HEADER}\n,,,,,\n{ROW}\n\n , ,　,,,\n,,,,,\n"))
    assert [row.number for row in rows] == [3]


def test_short_rows_count_as_filled_up_with_nothing(write):
    (row,) = read_roster(write(f"{HEADER}\n郭某,zhen,乡镇干部,清溪镇\n"))
    assert (row.household, row.phone) == ("", "")


def test_a_line_break_inside_quotes_keeps_the_numbers_of_the_spreadsheet(write):
    rows = read_roster(write(f'{HEADER}\n"张\n三",a,乡镇干部,清溪镇,,\n李四,b,乡镇干部,清溪镇,,'))
    assert [(row.number, row.name) for row in rows] == [(2, "张三"), (3, "李四")]


def test_a_quote_that_is_never_closed_is_told_with_its_row(write):
    assert problems_of(write(f'{HEADER}\n{ROW}\n"李四,b,居民,,,\n')) == [
        "名单.csv:3: 引号没有成对（检查这一行里的英文引号，删掉或补齐）"
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "文件是空的"),
        (b"\n\n,,\n", "文件是空的"),
        (f"{HEADER}\n,,,,,\n".encode(), "表头下面一行也没有"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old", "是旧版 .xls/.et 格式，或者加了密码"),
        (b"PK\x03\x04 not a workbook", "这个 .xlsx 文件读不了"),
        (b"\x1f\x8b half", "打不开这个文件"),
    ],
)
def test_a_useless_file_is_refused_in_plain_words(write, content, said):
    (problem,) = problems_of(write(content, "坏的"))
    assert problem.startswith(f"坏的: {said}")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_broken_character_is_told_with_its_row_and_never_replaced(write, mark):
    assert problems_of(write(mark + f"{HEADER}\n{ROW}\n".encode() + b"\xff\xe5,b,")) == [
        "名单.csv:3: 文字编码认不出来（在 WPS 或 Excel 里另存为「CSV UTF-8」或 .xlsx）"
    ]


def test_a_file_that_is_not_there_is_told(tmp_path):
    assert problems_of(tmp_path / "没有.csv") == ["没有.csv: 没有这个文件（检查文件名和路径）"]


def test_it_reads_a_spreadsheet_with_numbers_for_phones_and_accounts(workbook):
    cells = ["张三", 1001.0, "居民", "甲镇/乙村/一片/一组/一邻", "张家", 13800001234.0]
    (row,) = read_roster(workbook(HEADER.split(","), cells))
    assert (row.number, row.userid, row.phone) == (2, "1001", "13800001234")


def test_gaps_and_trailing_blank_rows_of_a_spreadsheet_keep_the_row_numbers(workbook):
    path = workbook(HEADER.split(","), [], [None] * 6, ROW.split(","), [None, " "], [""] * 6)
    assert [row.number for row in read_roster(path)] == [4]


def test_it_takes_the_worksheet_that_has_the_header(workbook):
    path = workbook(HEADER.split(","), ROW.split(","), others=[("说明", ["填表说明"])])
    assert read_roster(path)[0].name == "张三"


@pytest.fixture
def rewritten(workbook, tmp_path):
    """A good spreadsheet with one piece of its XML written as another program would."""

    def _rewritten(cells, old, new):
        whole = workbook(HEADER.split(","), cells)
        with ZipFile(whole) as book, ZipFile(tmp_path / "wps.xlsx", "w") as other:
            for name in book.namelist():
                other.writestr(name, book.read(name).replace(old, new))
        return tmp_path / "wps.xlsx"

    return _rewritten


def test_a_spreadsheet_that_understates_its_range_is_read_whole(rewritten):
    path = rewritten(ROW.split(","), b'ref="A1:F2"', b'ref="A1"')
    assert read_roster(path)[0].name == "张三"


def test_a_phone_that_is_kept_as_a_power_of_ten_is_whole_again(rewritten):
    cells = [*ROW.split(",")[:5], 13800001234]
    path = rewritten(cells, b"<v>13800001234</v>", b"<v>1.3800001234E10</v>")
    assert read_roster(path)[0].phone == "13800001234"


@pytest.fixture
def sheets(tmp_path):
    """Writes a workbook: title -> rows of cells, with the titles that are hidden and the ranges
    that are merged in each sheet."""

    def _write(rows_of, hidden=(), merged=()):
        book = Workbook()
        book.remove(book.worksheets[0])
        for title, rows in rows_of.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
            for cells in merged:
                sheet.merge_cells(cells)
            sheet.sheet_state = "hidden" if title in hidden else "visible"
        book.save(tmp_path / "名单.xlsx")
        return tmp_path / "名单.xlsx"

    return _write


HEAD = HEADER.split(",")
ZHANG = ROW.split(",")
LI = ROW.replace("张三", "李四").replace("zhangsan", "lisi").split(",")


def test_every_sheet_with_the_header_is_read_and_the_others_are_named(sheets):
    rows = read_roster(
        sheets(
            {
                "一组": [HEAD, ZHANG],
                "二组": [["二组名单"], HEAD, LI],
                "旧": [HEAD, LI],
                "说明": [["x"]],
            },
            hidden={"旧"},
        )
    )
    assert [(row.file, row.number, row.name) for row in rows] == [
        ("名单.xlsx〔一组〕", 2, "张三"),
        ("名单.xlsx〔二组〕", 3, "李四"),
    ]
    told = [str(warning) for warning in rows.warnings]
    assert "名单.xlsx: 「工作表 旧」是隐藏的，没有读（要导入就取消隐藏；不要了就删掉）" in told
    assert any("「工作表 说明」没有表头，没有读" in line for line in told)


def test_mistakes_of_all_sheets_are_told_together_each_with_its_sheet(sheets):
    wrong = [["张三", "z", "居民", "", "张家", ""]]
    told = problems_of(sheets({"一组": [HEAD, *wrong], "二组": [[*HEAD[:5]], LI[:5]]}))
    assert told == [
        "名单.xlsx〔二组〕:1: 「手机号」表头缺少这一列（第一行要有 姓名,账号,角色,单位,户,手机号）"
    ]
    (told,) = problems_of(sheets({"一组": [HEAD, *wrong], "二组": [HEAD, LI]}))
    assert told.startswith("名单.xlsx〔一组〕:2: 「单位」没有填单位")


def test_two_rows_of_different_sheets_that_clash_name_both_sheets(sheets):
    other = [ZHANG[0] + "丰", *ZHANG[1:]]
    (told,) = problems_of(sheets({"一组": [HEAD, ZHANG], "二组": [HEAD, other]}))
    assert "在名单.xlsx〔一组〕第 2 行是 张三，这一行是 张三丰" in told


def test_a_merged_cell_says_the_same_in_every_row_that_it_covers(sheets):
    second = ["李四", "lisi", "居民", None, None, "13900001234"]
    path = sheets({"名单": [["花名册"], HEAD, ZHANG, second]}, merged=["A1:F1", "D3:D4", "E3:E4"])
    homes = [(row.unit, row.household) for row in read_roster(path)]
    assert homes == [(ZHANG[3], "张家")] * 2


@pytest.mark.parametrize(
    "note",
    [
        ["注：以上名单截至十一月"],
        ["合计", "", "", "", "42", ""],
        ["", "", "", "", "", "制表人：彭某"],
        HEAD,
    ],
)
def test_lines_below_the_table_are_named_and_not_taken_for_people(sheets, note):
    rows = read_roster(sheets({"名单": [HEAD, ZHANG, [], note, LI]}))
    assert [row.name for row in rows] == ["张三", "李四"]
    assert any(str(w).startswith("名单.xlsx:4: ") and "没有导入" in str(w) for w in rows.warnings)


def test_somebody_with_nothing_but_a_name_is_no_note(sheets):
    told = problems_of(sheets({"名单": [HEAD, ZHANG, ["李四"]]}))
    assert all(line.startswith("名单.xlsx:3: ") for line in told)
    assert told
