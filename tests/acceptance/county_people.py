"""A county of three villages on paper: units, people, and who serves under whom.

Names are unique and made up, so that a text can be searched for them.
"""

from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

CITY, TOWN = "测试市", "东山镇"
HEAD = "姓名,账号,角色,单位,户,手机号,起"
#: Since when they hold their posts: before any play begins.
SINCE = "2026-01-01"
VILLAGES = ("河口村", "上坪村", "下坪村")
HOUSEHOLDS = 4
#: Nobody sits there.
VACANT = (f"{TOWN}/上坪村/二片/甲组/2邻", f"{TOWN}/下坪村/一片/乙组")
DEPARTMENTS = {"市城管局": 2, "市水利局": 1, "市民政局": 1}
RESIDENT_UNITS = (f"{TOWN}/河口村/一片/供电所", f"{TOWN}/上坪村/一片/信用社")
LADDER = ("邻长", "组长", "片长", "村干部", "乡镇干部")
_FAMILY = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
_GIVEN = "岚峤嵩岱岳峰崧嶂岑峻"


@dataclass
class Person:
    """One member of the corp; ``home``: the 邻 and the household that he lives in."""

    userid: str
    name: str
    posts: list[tuple[str, str]] = field(default_factory=list)
    home: tuple[str, str] | None = None
    phone: str = ""
    since: str = SINCE
    gone: bool = False

    @property
    def is_staff(self) -> bool:
        return bool(self.posts)

    def serves_in(self, unit: str) -> bool:
        """Whether one of the posts is in that unit or below it."""
        return any(f"{where}/".startswith(f"{unit}/") for _, where in self.posts)


class People:
    """Everybody, by account."""

    def __init__(self) -> None:
        self.all: dict[str, Person] = {}
        self._names = ("".join(parts) for parts in product(_FAMILY, _GIVEN, _GIVEN))
        self.lins: list[str] = []
        self._settle()

    def staff(self) -> list[Person]:
        return [p for p in self.all.values() if p.is_staff and not p.gone]

    def residents(self) -> list[Person]:
        return [p for p in self.all.values() if p.home and not p.gone]

    def holding(self, role: str, unit: str) -> list[Person]:
        return [p for p in self.all.values() if (role, unit) in p.posts and not p.gone]

    def household(self, person: Person) -> set[str]:
        """The accounts of those who live under one roof."""
        return {p.userid for p in self.all.values() if p.home and p.home == person.home}

    def add(
        self, userid: str, *posts: tuple[str, str], home: tuple[str, str] | None = None
    ) -> None:
        phone = f"139{len(self.all):08d}"
        self.all[userid] = Person(userid, next(self._names), list(posts), home, phone)

    def write(self, path: Path, only: list[Person] | None = None) -> Path:
        """The roster as the county's office would keep it."""
        rows = [row for p in only or self.all.values() if not p.gone for row in _rows(p)]
        path.write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
        return path

    def _settle(self) -> None:
        self.add("du_1", ("督办", CITY))
        self.add("adm_1", ("管理员", CITY))
        for n in (1, 2):
            self.add(f"zhen_{n}", ("乡镇干部", TOWN))
        for name, count in DEPARTMENTS.items():
            for n in range(count):
                self.add(f"bu_{list(DEPARTMENTS).index(name)}_{n}", ("部门", name))
        for v, village in enumerate(VILLAGES, start=1):
            self._village(v, f"{TOWN}/{village}")
        for n, unit in enumerate(RESIDENT_UNITS, start=1):
            self.add(f"zhu_{n}", ("驻地单位", unit))

    def _village(self, v: int, village: str) -> None:
        self.add(f"cun_{v}", ("村干部", village))
        for p, pian in enumerate(("一片", "二片"), start=1):
            self.add(f"pian_{v}{p}", ("片长", f"{village}/{pian}"))
            if p == 1:
                self.add(f"lian_{v}", ("联片干部", f"{village}/{pian}"))
            for z, zu in enumerate(("甲组", "乙组"), start=1):
                self._zu(f"{v}{p}{z}", f"{village}/{pian}/{zu}", 2 + z % 2)

    def _zu(self, code: str, zu: str, lins: int) -> None:
        if zu not in VACANT:
            self.add(f"zu_{code}", ("组长", zu))
        for n in range(1, lins + 1):
            self._lin(f"{code}{n}", f"{zu}/{n}邻", zu)

    def _lin(self, code: str, lin: str, zu: str) -> None:
        self.lins.append(lin)
        double = code.endswith("111")  # one 组长 is 邻长 as well
        if double:
            self.all[f"zu_{code[:-1]}"].posts.append(("邻长", lin))
        elif lin not in VACANT:
            self.add(f"lin_{code}", ("邻长", lin), home=(lin, f"{code}-1户"))
        for h in range(2, HOUSEHOLDS + 1):
            self.add(f"ju_{code}{h}", home=(lin, f"{code}-{h}户"))
        self.add(f"ju_{code}2b", home=(lin, f"{code}-2户"))


def _rows(person: Person) -> list[str]:
    house = {person.home[0]: person.home[1]} if person.home else {}
    rows = [
        f"{person.name},{person.userid},{role},{unit},{house.get(unit, '')},{person.phone},"
        f"{person.since}"
        for role, unit in person.posts
    ]
    if person.home and ("邻长", person.home[0]) not in person.posts:
        lin, house_name = person.home
        rows.append(f"{person.name},{person.userid},居民,{lin},{house_name},{person.phone},")
    return rows
