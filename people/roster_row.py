"""One row of the roster file (花名册) as a checked model, and what is said when a row is wrong.

Finding rows in a file is left to roster_file, comparing them with the database to roster_plan.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from files.dates import read_day
from files.problem import Problem
from rules.words import ROLE_CHINESE, Role, UnitKind

#: The columns of the file, in the order of the contract, and the fields they fill.
COLUMNS = {
    "姓名": "name",
    "账号": "userid",
    "角色": "role",
    "单位": "unit",
    "户": "household",
    "手机号": "phone",
}
#: Columns that a file may leave out: the first and the last day of the post.
DATES = {"起": "starts", "止": "ends"}
CHINESE_COLUMN = {field: column for column, field in (COLUMNS | DATES).items()}
CHINESE_ROLE = {chinese: role for role, chinese in ROLE_CHINESE.items()}

#: The kind of a unit by the number of parts of its path; the city root is the empty path.
LADDER = (UnitKind.TOWNSHIP, UnitKind.VILLAGE, UnitKind.PIAN, UnitKind.ZU, UnitKind.LIN)
#: How many parts the 单位 of each role has; 督办 and 管理员 may be anywhere.
DEPTH = {
    Role.RESIDENT: 5,
    Role.LINZHANG: 5,
    Role.ZUZHANG: 4,
    Role.PIANZHANG: 3,
    Role.LINKED_CADRE: 3,
    Role.VILLAGE_CADRE: 2,
    Role.TOWNSHIP_CADRE: 1,
    Role.DEPARTMENT: 1,
    Role.RESIDENT_UNIT: 4,
}
#: Units that hang beside the ladder.
BESIDE = {Role.DEPARTMENT: UnitKind.DEPARTMENT, Role.RESIDENT_UNIT: UnitKind.RESIDENT_UNIT}
#: One person at a time in one unit.
SINGLE_SEATS = frozenset({Role.LINZHANG, Role.ZUZHANG, Role.PIANZHANG})

_SHAPE = {
    Role.RESIDENT: "写到邻，例如 清溪镇/韶山村/一片/三组/二邻",
    Role.LINZHANG: "写到邻，例如 清溪镇/韶山村/一片/三组/二邻",
    Role.ZUZHANG: "写到组，例如 清溪镇/韶山村/一片/三组",
    Role.PIANZHANG: "写到片，例如 清溪镇/韶山村/一片",
    Role.LINKED_CADRE: "写到所联的片，例如 清溪镇/韶山村/一片",
    Role.VILLAGE_CADRE: "写到村，例如 清溪镇/韶山村",
    Role.TOWNSHIP_CADRE: "只写乡镇，例如 清溪镇",
    Role.DEPARTMENT: "只写部门名称，例如 市人社局",
    Role.RESIDENT_UNIT: "写所在的片和单位名称，例如 清溪镇/韶山村/一片/供电所",
}
_LONGEST_NAME = 100
_USERID = re.compile(r"[a-z0-9_\-@.]{1,64}")
_PHONE = re.compile(r"\+?\d[\d\-]{2,18}\d([转x#]\d{1,6})?")
_POWER = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,2}")
_COUNTRY = re.compile(r"^(\+86|0086|86(?=1\d{10}$))")
_FLOAT_TAIL = re.compile(r"\.0+")
_MIDDLE_DOTS = str.maketrans("・•‧⋅∙", "·····")
_CELL_ERRORS = ("#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!")


class RosterRow(BaseModel):
    """One person and one post (or one household), cleaned; `unit` is the path in storage's form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: str
    number: int
    # The order matters: what 单位 and 户 must be depends on the role.
    role: Role
    name: str
    #: "" for a resident without WeCom
    userid: str
    unit: str
    household: str
    phone: str
    #: None: not said, which changes nothing
    starts: date | None = None
    ends: date | None = None

    @field_validator("role", mode="before")
    @classmethod
    def _role(cls, cell: str) -> Role:
        word = squeeze(cell)
        if word not in CHINESE_ROLE:
            raise _unknown_role(word)
        return CHINESE_ROLE[word]

    @field_validator("name", mode="before")
    @classmethod
    def _name(cls, cell: str) -> str:
        return _required(squeeze(cell), "没有填姓名", "写真实姓名；不知道就先不要写这一行")

    @field_validator("userid", mode="before")
    @classmethod
    def _userid(cls, cell: str, info: ValidationInfo) -> str:
        userid = _without_float_tail(squeeze(cell)).lower()
        if not userid and info.data.get("role") is Role.RESIDENT:
            return ""  # told in person
        _required(userid, "没有填账号", "填企业微信通讯录里的账号（userid）")
        if not _USERID.fullmatch(userid):
            raise _error(
                f"账号 {userid} 不对",
                "账号是 1 到 64 个字母、数字或 _ - @ .，不是姓名也不是微信昵称",
            )
        return userid

    @field_validator("unit", mode="before")
    @classmethod
    def _unit(cls, cell: str, info: ValidationInfo) -> str:
        path = clean_path(cell)
        role = info.data.get("role")
        if role in DEPTH:
            _check_depth(path, role)
        _check_parts(path)
        return path

    @field_validator("household", mode="before")
    @classmethod
    def _household(cls, cell: str, info: ValidationInfo) -> str:
        household = squeeze(cell)
        if info.data.get("role") is Role.RESIDENT:
            _required(household, "居民没有填户", "写户名，例如 毛某家；同一户的人写同样的户名")
        return _short_enough(household)

    @field_validator("phone", mode="before")
    @classmethod
    def _phone(cls, cell: str) -> str:
        phone = _plain_phone(squeeze(cell))
        if phone and not _PHONE.fullmatch(phone):
            raise _error(
                f"手机号 {phone} 不像电话号码",
                "写 11 位手机号或带区号的座机，也可以空着；显示成 1.38E+10 的，先把这一列设成文本",
            )
        return phone

    @field_validator("starts", "ends", mode="before")
    @classmethod
    def _day(cls, cell: str, info: ValidationInfo) -> date | None:
        if squeeze(cell) and info.data.get("role") is Role.RESIDENT:
            raise _error("居民这一行不写起止", "起止只写给职务；搬走了，导入时用 --full")
        day = _as_day(cell)
        starts = info.data.get("starts")
        if info.field_name == "ends" and day and starts and day < starts:
            raise _error(f"止（{day}）早于起（{starts}）", "两个日期是不是写反了")
        return day


def parse_row(file: str, number: int, cells: Mapping[str, str]) -> RosterRow | list[Problem]:
    """The checked row, or everything that is wrong with it; `cells` by field name."""
    try:
        return RosterRow.model_validate({"file": file, "number": number, **cells})
    except ValidationError as error:
        return [
            Problem(
                file,
                number,
                CHINESE_COLUMN[str(detail["loc"][0])],
                detail["msg"],
                str(detail.get("ctx", {}).get("remedy", "")),
            )
            for detail in error.errors(include_url=False)
        ]


@lru_cache(maxsize=65536)
def squeeze(cell: str) -> str:
    """Full-width forms made plain, and everything invisible taken out (张　三 → 张三)."""
    plain = cell if cell.isascii() else unicodedata.normalize("NFKC", cell).translate(_MIDDLE_DOTS)
    if plain.isalnum():
        return plain
    return "".join(c for c in plain.removeprefix("'") if not _invisible(c))


@lru_cache(maxsize=65536)
def clean_path(cell: str) -> str:
    """A path with plain slashes, without slashes at its ends."""
    return squeeze(cell).replace("\\", "/").strip("/")


def depth_of(path: str) -> int:
    """0 for the city root, 1 for a township, … 5 for a lin."""
    return path.count("/") + 1 if path else 0


def kind_of(role: Role, depth: int) -> UnitKind:
    """What the unit at this depth is when a row of this role names it."""
    return BESIDE[role] if role in BESIDE and depth == DEPTH[role] else LADDER[depth - 1]


def _as_day(cell: str) -> date | None:
    """The day in a cell, None if it is blank."""
    if not squeeze(cell):
        return None
    day = read_day(cell)
    if day is None:
        raise _error(f"「{squeeze(cell)}」不是日期", "写成 2026-01-31 的样子，也可以空着")
    return day


def _invisible(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in {"Cf", "Cc"}


def _unknown_role(word: str) -> PydanticCustomError:
    known = "、".join(CHINESE_ROLE)
    if not word:
        return _error("没有填角色", f"写 {known} 其中之一")
    near = get_close_matches(word, CHINESE_ROLE, n=1, cutoff=0.4)
    guess = f"是不是「{near[0]}」？" if near else ""
    return _error(f"没有「{word}」这个角色", f"{guess}只能写 {known}")


def _check_depth(path: str, role: Role) -> None:
    depth = depth_of(path)
    if role not in BESIDE and path.split("/")[0].endswith(("市", "县")):
        raise _error(f"开头写了市县名：{path}", "从乡镇写起，例如 清溪镇/韶山村")
    if depth == DEPTH[role]:
        return
    chinese = ROLE_CHINESE[role]
    if not depth:
        raise _error("没有填单位", f"{chinese}的单位要{_SHAPE[role]}")
    too = "多" if depth > DEPTH[role] else "少"
    raise _error(f"级数{too}了：{path} 是 {depth} 级，{chinese}应为 {DEPTH[role]} 级", _SHAPE[role])


def _check_parts(path: str) -> None:
    if "//" in path:
        raise _error(f"{path} 中间缺了一级", "两个斜杠之间要有名称")
    if path.count("/") >= len(LADDER):
        raise _error(f"级数多了：{path}", "最多到邻，共 5 级；开头不用写市名")
    for part in path.split("/"):
        _short_enough(part)


def _required(value: str, what: str, remedy: str) -> str:
    if not value:
        raise _error(what, remedy)
    if value in _CELL_ERRORS:
        raise _error(f"单元格是公式错误 {value}", "改成文字后再保存")
    return _short_enough(value)


def _short_enough(value: str) -> str:
    if len(value) > _LONGEST_NAME:
        raise _error(f"太长了，有 {len(value)} 个字", f"最多 {_LONGEST_NAME} 个字")
    return value


def _without_float_tail(value: str) -> str:
    """Excel turns 1001 into 1001.0."""
    head, dot, tail = value.partition(".")
    return head if head.isdigit() and _FLOAT_TAIL.fullmatch(dot + tail) else value


def _plain_phone(value: str) -> str:
    """1.3800001234E+10 has all its digits, 1.38E+10 has lost them; +86 is the country's own."""
    if _POWER.fullmatch(value):
        whole = f"{Decimal(value):f}"
        lost = len(value.upper().partition("E")[0]) < len(whole)
        value = value if lost else whole
    phone = _without_float_tail(value)
    digits = _COUNTRY.sub("", phone.replace("-", ""))
    return digits if len(digits) == 11 and digits.startswith("1") else phone


def _error(what: str, remedy: str) -> PydanticCustomError:
    # The text is passed as context: user input may hold braces, which would be read as a template.
    return PydanticCustomError("roster", "{text}", {"text": what, "remedy": remedy})
