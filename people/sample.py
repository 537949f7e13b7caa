"""Sample rosters (样例花名册): one small for the demo, one of 韶山's size for tests of speed.

All people are invented and marked so in the column 备注; no phone number in here can be called.
The files are the same on every run; importing them is left to roster.
"""

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

from people.roster_row import COLUMNS
from rules.words import ROLE_CHINESE, Role

NOTE = "虚构样例"

#: 韶山 as the plan counts it (domain.md §1).
TOWNSHIPS = 4
VILLAGES = 40
PIANS = 230
ZUS = 1040
LINS = 2663
HOUSEHOLDS = 38_000

_SEED = 211
_CITY = "韶山市"
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘"
_DIGITS = "零一二三四五六七八九"

#: (姓名, 账号, 角色, 单位, 户); phones are made up from the place in this list.
_DEMO_POSTS = [
    ("管某", "admin_guan", Role.ADMIN, "", ""),
    ("孙某", "duban_sun", Role.SUPERVISOR, _CITY, ""),
    ("郭某", "zhen_guo", Role.TOWNSHIP_CADRE, "清溪镇", ""),
    ("罗某", "zhen_luo", Role.TOWNSHIP_CADRE, "银田镇", ""),
    ("谢某", "cun_xie", Role.VILLAGE_CADRE, "清溪镇/韶山村", ""),
    ("庞某", "cun_pang", Role.VILLAGE_CADRE, "银田镇/平里村", ""),
    ("谭某", "pianzhang_tan", Role.PIANZHANG, "清溪镇/韶山村/一片", ""),
    ("王某", "pianzhang_wang", Role.PIANZHANG, "银田镇/平里村/一片", ""),
    ("彭某", "zuzhang_peng", Role.ZUZHANG, "清溪镇/韶山村/一片/长冲组", ""),
    ("曾某", "zuzhang_zeng", Role.ZUZHANG, "清溪镇/韶山村/一片/老屋组", ""),
    ("周某", "zuzhang_zhou", Role.ZUZHANG, "银田镇/平里村/一片/平里组", ""),
    ("贺某", "zuzhang_he", Role.ZUZHANG, "银田镇/平里村/一片/新塘组", ""),
    ("张某", "linzhang_zhang", Role.LINZHANG, "清溪镇/韶山村/一片/长冲组/一邻", "张某家"),
    ("陈某", "linzhang_chen", Role.LINZHANG, "清溪镇/韶山村/一片/长冲组/二邻", "陈某家"),
    ("唐某", "linzhang_tang", Role.LINZHANG, "清溪镇/韶山村/一片/老屋组/一邻", "唐某家"),
    ("邓某", "linzhang_deng", Role.LINZHANG, "清溪镇/韶山村/一片/老屋组/二邻", "邓某家"),
    ("许某", "linzhang_xu", Role.LINZHANG, "银田镇/平里村/一片/平里组/一邻", "许某家"),
    ("李某", "linzhang_li", Role.LINZHANG, "银田镇/平里村/一片/平里组/二邻", "李某家"),
    ("袁某", "linzhang_yuan", Role.LINZHANG, "银田镇/平里村/一片/新塘组/一邻", "袁某家"),
    ("蔡某", "lianpian_cai", Role.LINKED_CADRE, "清溪镇/韶山村/一片", ""),
    ("易某", "chengguan_yi", Role.DEPARTMENT, "市城管局", ""),
    ("宁某", "gongdian_ning", Role.RESIDENT_UNIT, "清溪镇/韶山村/一片/供电所", ""),
]
#: The residents of the demo's story: in which lin each lives.
_DEMO_STORY = {
    "清溪镇/韶山村/一片/长冲组/一邻": ("毛某", "mao_mou"),
    "清溪镇/韶山村/一片/长冲组/二邻": ("刘某", "liu_mou"),
    "银田镇/平里村/一片/平里组/二邻": ("胡某", "hu_mou"),
}
_DEMO_NEIGHBOURS = [
    ("文某", "wen"),
    ("沈某", "shen"),
    ("杨某", "yang"),
    ("蒋某", "jiang"),
    ("欧某", "ou"),
    ("龙某", "long"),
    ("肖某", "xiao"),
    ("汤某", "tang"),
]
_DEMO_HOUSEHOLDS = 6

Cells = tuple[str, ...]


def write_demo(path: Path | str) -> None:
    """The roster of `sanzhang demo`: two villages, 7 lin, 42 households, two units that help."""
    _write(Path(path), _demo_rows())


def write_shaoshan(path: Path | str) -> None:
    """A roster of 韶山's size, some 42,000 rows; compressed if the name ends in .gz."""
    _write(Path(path), _shaoshan_rows(Random(_SEED)))


def _write(path: Path, rows: Iterable[Cells]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*COLUMNS, "备注"])
    writer.writerows((*row, NOTE) for row in rows)
    # With the mark that makes Excel read it as UTF-8.
    content = text.getvalue().encode("utf-8-sig")
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def _demo_rows() -> Iterator[Cells]:
    for number, (name, userid, role, unit, household) in enumerate(_DEMO_POSTS, 1):
        # No area code begins with 0000.
        yield name, userid, ROLE_CHINESE[role], unit, household, f"0000-{number:07}"
    lins = [unit for _, _, role, unit, _ in _DEMO_POSTS if role is Role.LINZHANG]
    for number, lin in enumerate(lins, 1):
        yield from _demo_neighbours(number, lin)


def _demo_neighbours(number: int, lin: str) -> Iterator[Cells]:
    """The 邻长's own household is the sixth."""
    neighbours = [(name, f"{pinyin}_{number}") for name, pinyin in _DEMO_NEIGHBOURS]
    turned = neighbours[number:] + neighbours[:number]
    story = [_DEMO_STORY[lin]] if lin in _DEMO_STORY else []
    for name, userid in (story + turned)[: _DEMO_HOUSEHOLDS - 1]:
        yield name, userid, ROLE_CHINESE[Role.RESIDENT], lin, f"{name}家", ""


def _shaoshan_rows(random: Random) -> Iterator[Cells]:
    townships = [f"样例{chinese_number(n)}镇" for n in range(1, TOWNSHIPS + 1)]
    villages = _spread(townships, VILLAGES, "村")
    pians = _spread(villages, PIANS, "片")
    zus = _spread(pians, ZUS, "组")
    lins = _spread(zus, LINS, "邻")
    households = _spread(lins, HOUSEHOLDS, "户")
    yield _name(random), "admin0001", ROLE_CHINESE[Role.ADMIN], "", "", ""
    yield from _holders(random, Role.SUPERVISOR, "duban", [""])
    yield from _holders(random, Role.TOWNSHIP_CADRE, "zhen", townships)
    yield from _holders(random, Role.VILLAGE_CADRE, "cun", villages)
    yield from _holders(random, Role.PIANZHANG, "pian", pians)
    yield from _holders(random, Role.ZUZHANG, "zu", zus)
    yield from _holders(random, Role.LINZHANG, "lin", lins)
    for number, path in enumerate(households, 1):
        lin, _, household = path.rpartition("/")
        yield _name(random), f"jm{number:05}", ROLE_CHINESE[Role.RESIDENT], lin, household, ""


def _holders(random: Random, role: Role, prefix: str, units: list[str]) -> Iterator[Cells]:
    for number, unit in enumerate(units, 1):
        yield _name(random), f"{prefix}{number:04}", ROLE_CHINESE[role], unit, "", ""


def _spread(parents: list[str], count: int, word: str) -> list[str]:
    """`count` paths under the parents, as evenly as it goes, numbered from one in each."""
    paths = []
    for i, parent in enumerate(parents):
        share = (i + 1) * count // len(parents) - i * count // len(parents)
        paths += [f"{parent}/{chinese_number(n)}{word}" for n in range(1, share + 1)]
    return paths


def _name(random: Random) -> str:
    return f"{random.choice(_SURNAMES)}某某"


def chinese_number(number: int) -> str:
    """1 to 99 as they are written in names of units: 一, 十, 十二, 三十."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else ("" if tens == 1 else _DIGITS[tens]) + "十"
    return head + (_DIGITS[ones] if ones else "")
