"""Rosters by chance, as offices keep them: nobody is lost unnamed, nobody lives twice unasked.

Each kind of mess is a function over the rows of a sheet or over the file that is written of them;
what harms is told with file and line, what does not harm changes nothing.
"""

import csv
import io
from collections import defaultdict
from datetime import date
from random import Random

import pytest
from openpyxl import Workbook
from sqlalchemy import select

from files.problem import FileError
from people.roster import apply, plan, read_roster
from storage.tables import HouseholdRow, PersonRow, PostRow, Resident, UnitRow

HEAD = ["姓名", "账号", "角色", "单位", "户", "手机号"]
NAME, ACCOUNT, ROLE, UNIT, HOUSEHOLD, PHONE = range(6)
DAY = date(2026, 12, 1)
SURNAMES = "王李张刘陈杨黄赵吴周"


def wide(text):
    """Full-width letters and digits."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def on_cells(column, change):
    """A mess of some cells of one column."""

    def mess(random, rows):
        rows = [list(row) for row in rows]
        for row in rows[1:]:
            if row[column] and random.random() < 0.5:
                row[column] = change(row[column])
        return rows

    return mess


def inserted(*lines):
    """A mess of lines that are nobody's, below the header."""

    def mess(random, rows):
        rows = list(rows)
        for line in lines:
            rows.insert(random.randrange(2, len(rows) + 1), list(line))
        return rows

    return mess


def with_column(title, cells):
    """Another column, which lines that are nobody's have nothing in."""

    def mess(random, rows):
        at = random.randrange(7)
        rows = [[*row, *[""] * (6 - len(row))] for row in rows]
        said = [cells.format(n=n) if any(row[1:4]) else "" for n, row in enumerate(rows)]
        return [[*r[:at], said[n] if n else title, *r[at:]] for n, r in enumerate(rows)]

    return mess


def shuffled(random, rows):
    order = random.sample(range(len(rows[0])), len(rows[0]))
    return [[row[n] if n < len(row) else "" for n in order] for row in rows]


def mixed(random, rows):
    return [rows[0], *random.sample(rows[1:], len(rows) - 1)]


def doubled(random, rows):
    return [*rows, *random.sample(rows[1:], 3)]


def above(*lines):
    return lambda random, rows: [*map(list, lines), *rows]


def ragged(random, rows):
    return [row + [""] * random.randrange(4) for row in rows]


#: What changes nothing: cells, then rows, then columns, then what stands above.
CELLS = {
    "spaces in names": on_cells(NAME, lambda c: f" {c[0]}　{c[1:]} "),
    "no-break spaces": on_cells(NAME, lambda c: f"\u00a0{c}"),
    "zero-width characters": on_cells(NAME, lambda c: f"\u200b{c}\ufeff"),
    "accounts in capitals": on_cells(ACCOUNT, str.upper),
    "full-width accounts": on_cells(ACCOUNT, wide),
    "spaces around accounts": on_cells(ACCOUNT, lambda c: f" {c}\t"),
    "line breaks in accounts": on_cells(ACCOUNT, lambda c: f"{c}\n"),
    "spaces in roles": on_cells(ROLE, lambda c: " ".join(c)),
    "full-width slashes": on_cells(UNIT, lambda c: c.replace("/", "／")),
    "backslashes": on_cells(UNIT, lambda c: c.replace("/", "\\")),
    "slashes at the ends": on_cells(UNIT, lambda c: f"/{c}/"),
    "spaces around slashes": on_cells(UNIT, lambda c: c.replace("/", " / ")),
    "spaces in households": on_cells(HOUSEHOLD, lambda c: f"{c[0]} {c[1:]}"),
    "apostrophes before phones": on_cells(PHONE, lambda c: f"'{c}"),
    "phones as floats": on_cells(PHONE, lambda c: f"{c}.0"),
    "phones with all digits of a power": on_cells(PHONE, lambda c: f"{c[0]}.{c[1:]}E+10"),
    "small powers": on_cells(PHONE, lambda c: f"{c[0]}.{c[1:]}e10"),
    "phones in groups": on_cells(PHONE, lambda c: f"{c[:3]} {c[3:7]} {c[7:]}"),
    "phones with dashes": on_cells(PHONE, lambda c: f"{c[:3]}-{c[3:7]}-{c[7:]}"),
    "phones with the country": on_cells(PHONE, lambda c: f"+86{c}"),
    "phones with 0086": on_cells(PHONE, lambda c: f"0086{c}"),
    "full-width phones": on_cells(PHONE, wide),
}
ROWS = {
    "empty rows": inserted([], [""] * 6, ["　", " "]),
    "the header again": inserted(HEAD),
    "a note": inserted(["注：以上名单截至十一月"]),
    "a sum": inserted(["合计", "", "", "", "", ""]),
    "a sum with a number": inserted(["共计", "", "", "", "42户", ""]),
    "who made it": inserted(["", "", "", "", "制表人：彭某"]),
    "a date": inserted(["日期：2026年11月"]),
    "rows in another order": mixed,
    "rows twice": doubled,
    "spaces in the header": lambda random, rows: [
        [f" {c[0]}　{c[1:]}" for c in rows[0]],
        *rows[1:],
    ],
}
COLUMNS = {
    "a running number": with_column("序号", "{n}"),
    "remarks": with_column("备注", "迁入"),
    "an empty column": with_column("", ""),
    "columns in another order": shuffled,
    "empty cells at the ends": ragged,
}
TOPS = {
    "a title": above(["韶山村花名册"]),
    "a title and a note": above(["韶山村花名册"], [], ["填报单位：村委会", "", "日期：2026-11-30"]),
}
HARMLESS = CELLS | ROWS | COLUMNS | TOPS


def lost_column(n):
    return lambda random, rows: [[c for at, c in enumerate(row) if at != n] for row in rows]


def one_cell(column, said):
    """One row is wrong in that column."""

    def mess(random, rows):
        rows = [list(row) for row in rows]
        rows[random.randrange(1, len(rows))][column] = said
        return rows

    return mess


#: What harms, and is told with its line.
HARMFUL = {
    **{f"no column {HEAD[n]}": lost_column(n) for n in range(6)},
    "a column twice": lambda random, rows: [[*row, row[NAME]] for row in rows],
    "no name": one_cell(NAME, ""),
    "no role": one_cell(ROLE, ""),
    "another role": one_cell(ROLE, "村民"),
    "no unit": one_cell(UNIT, ""),
    "a unit that ends early": one_cell(UNIT, "甲镇/乙村"),
    "a unit with the county": one_cell(UNIT, "某县/甲镇/乙村/一片/一组/一邻"),
    "a hole in a unit": one_cell(UNIT, "甲镇//一片/一组/一邻"),
    "a name for an account": one_cell(ACCOUNT, "张三"),
    "a formula": one_cell(NAME, "#REF!"),
    "a phone that has lost digits": one_cell(PHONE, "1.38E+10"),
    "two phones": one_cell(PHONE, "13800000000、13900000000"),
    "somebody else's account": lambda random, rows: [*rows, ["别人", "p0", *rows[-1][2:]]],
    "two on a seat": lambda random, rows: [*rows, ["别人", "bieren", "邻长", lin(0), "", ""]],
    "a name alone": inserted(["张三"]),
}


def lin(n):
    return f"甲镇/乙村/一片/{'一二'[n % 2]}组/{'一二三'[n // 2]}邻"


def by_chance(random):
    """People with their homes: the truth of a village."""
    people = []
    for n in range(14):
        account = "" if n % 5 == 4 else f"p{n}"
        people.append((f"{SURNAMES[n % 10]}某{n}", account, f"1380000{n:04}"))
    homes = {person: [(lin(random.randrange(6)), f"{person[0]}家")] for person in people}
    return homes


def changed(random, homes):
    """Some move, some have a second home, some give it up; somebody has another account."""
    after = dict(homes)
    for person in random.sample(list(homes), 4):
        lived = {place for place, _ in homes[person]}
        free = [lin(n) for n in range(6) if lin(n) not in lived]
        after[person] = [(random.choice(free), f"{person[0]}家")]
    person = random.choice(list(after))
    after[person] = [*after[person][:1], (lin(random.randrange(6)), f"{person[0]}铺子")]
    name, account, phone = old = random.choice([p for p in after if p[1]])
    after[name, f"{account}x", phone] = after.pop(old)
    return after


def rows_of(homes, renamed=False):
    people = [
        [name, account, "居民", unit, household, phone]
        for (name, account, phone), places in homes.items()
        for unit, household in places
    ]
    heads = [[f"长{n}", f"z{n}", "邻长", lin(n), "", ""] for n in range(6)]
    rows = [list(HEAD), *heads, *people]
    return [[c.replace("一组", "长冲组") for c in row] for row in rows] if renamed else rows


def as_csv(random, rows, path):
    out = io.StringIO()
    csv.writer(out, delimiter=random.choice(",,\t;")).writerows(rows)
    text = out.getvalue().replace("\r\n", random.choice(["\r\n", "\n"]))
    encoding = random.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    # GB18030 has every character of Unicode, but for the mark that begins a file
    file = path / "名单.csv"
    file.write_bytes(text.encode(encoding))
    return file


def as_workbook(random, rows, path):
    book = Workbook()
    book.remove(book.worksheets[0])
    at = next(n for n, row in enumerate(rows) if sum(bool(c) for c in row) > 4)
    cut = random.choice([len(rows), (at + len(rows)) // 2])
    parts = [rows[:cut]] + ([[*rows[at : at + 1], *rows[cut:]]] if len(rows) > cut > at + 1 else [])
    for number, part in enumerate(parts):
        sheet = book.create_sheet(f"表{number}")
        for row in part:
            sheet.append([int(c) if c.isdigit() and len(c) == 11 else c or None for c in row])
    hidden = book.create_sheet("去年")
    hidden.append(HEAD)
    hidden.append(["旧人", "jiuren", "居民", lin(0), "旧家", ""])
    hidden.sheet_state = "hidden"
    file = path / "名单.xlsx"
    book.save(file)
    return file


def written(random, rows, path):
    return random.choice([as_csv, as_workbook])(random, rows, path)


@pytest.fixture
def bring(lite, tmp_path):
    """Imports a file, and asks at once what a second import would change."""

    def _bring(random, rows):
        file = written(random, rows, tmp_path)
        with lite.read() as session:
            made = plan(session, read_roster(file), DAY)
        lite.write(lambda session: apply(session, made))
        with lite.read() as session:
            assert plan(session, read_roster(file), DAY).writes == 0
        return made

    return _bring


def lives(db):
    """Name -> (lin, household) of everybody in the database."""
    query = select(PersonRow.name, UnitRow.path, HouseholdRow.name).select_from(Resident)
    joined = query.join(Resident.person).join(Resident.household)
    found = defaultdict(set)
    with db.read() as session:
        for name, path, household in session.execute(
            joined.join(UnitRow, UnitRow.id == HouseholdRow.lin_id)
        ):
            found[name].add((path, household))
    return dict(found)


def wanted(homes):
    return {person[0]: set(places) for person, places in homes.items()}


@pytest.mark.parametrize("seed", range(30))
def test_whatever_a_clean_up_can_read_ends_as_the_village_is(lite, bring, seed):
    random = Random(seed)
    homes = by_chance(random)
    for _ in range(3):
        rows = rows_of(homes)
        for kinds in (CELLS, ROWS, COLUMNS, TOPS):
            rows = random.choice(list(kinds.values()))(random, rows)
        bring(random, rows)
        assert lives(lite) == wanted(homes)
        homes = changed(random, homes)


@pytest.mark.parametrize("name", HARMLESS)
def test_each_harmless_mess_by_itself_changes_nothing(lite, bring, name):
    random = Random(name)
    homes = by_chance(random)
    bring(random, rows_of(homes))
    made = bring(random, HARMLESS[name](random, rows_of(homes)))
    assert made.writes == 0


@pytest.mark.parametrize("name", HARMFUL)
@pytest.mark.parametrize("seed", range(2))
def test_each_harmful_mess_is_told_with_its_file_and_line_and_writes_nothing(tmp_path, name, seed):
    random = Random(f"{name}{seed}")
    rows = HARMFUL[name](random, rows_of(by_chance(random)))
    with pytest.raises(FileError) as caught:
        read_roster(written(random, rows, tmp_path))
    assert caught.value.problems
    for problem in caught.value.problems:
        assert problem.line, problem
        assert problem.file.startswith("名单.")
        assert problem.remedy, problem


@pytest.mark.parametrize("seed", range(6))
def test_a_unit_that_has_only_another_name_is_asked_about_and_nobody_lives_twice(lite, bring, seed):
    random = Random(seed)
    homes = by_chance(random)
    bring(random, rows_of(homes))
    made = bring(random, rows_of(homes, renamed=True))
    assert any("roster rename 甲镇/乙村/一片/一组" in p.remedy for p in made.questions)
    assert {name: len(places) for name, places in lives(lite).items()} == {p[0]: 1 for p in homes}


@pytest.mark.parametrize("seed", range(10))
def test_of_a_part_of_the_roster_the_others_stay_where_they_are(lite, bring, seed):
    random = Random(seed)
    homes = by_chance(random)
    bring(random, rows_of(homes))
    moved = {person: homes[person] for person in random.sample(list(homes), 5)}
    some = {person: [(lin(random.randrange(6)), "新家")] for person in moved}
    made = bring(random, rows_of(some))
    assert lives(lite) == wanted({**homes, **some})
    assert {move.userid for move in made.moves} >= {p[1] for p in some if p[1]}
    with lite.read() as session:
        assert session.scalar(select(PostRow.id).where(PostRow.ends_on.is_not(None))) is None
