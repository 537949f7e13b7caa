"""A town of its own: eighty 邻 in two 片, each with one 邻长 and two residents.

Tests take a fresh 邻 each, so that one test's notices never reach another test's people.
"""

from dataclasses import dataclass
from pathlib import Path

VILLAGE = "东山镇/河口村"
CHAT_ONE, CHAT_TWO, CHAT_OPEN = "wrChatOne", "wrChatTwo", "wrChatOpen"
HEAD = "姓名,账号,角色,单位,户,手机号"
CITY = "测试市"

FAQ = """\
- id: yibao-when
  question: 医保什么时候交
  answer: 医保每年九月到十二月集中交，村里也可以代办。
  alternatives: [医保哪个月交, 城乡居民医保缴费时间]
- id: hukou-child
  question: 新生儿上户口要什么材料
  answer: 带出生证明、父母身份证和户口本到派出所。
"""


@dataclass(frozen=True)
class Lin:
    """One 邻 with its people; names are unique so that texts can be searched for them."""

    path: str
    linzhang: str
    linzhang_name: str
    resident: str
    neighbour: str
    chat: str


def lins(pian: int) -> list[Lin]:
    """The forty 邻 of a 片."""
    digits = "零一二三四五六七八九"
    chat = {1: CHAT_ONE, 2: CHAT_TWO}[pian]
    return [
        Lin(
            path=f"{VILLAGE}/{'一二'[pian - 1]}片/{'甲乙'[pian - 1]}组/{n}邻",
            linzhang=f"lin_{pian}_{n}",
            linzhang_name=f"邻{'甲乙'[pian - 1]}{digits[n // 10]}{digits[n % 10]}",
            resident=f"res_{pian}_{n}",
            neighbour=f"nei_{pian}_{n}",
            chat=chat,
        )
        for n in range(1, 41)
    ]


def write_roster(path: Path) -> None:
    """The roster file of the town."""
    rows = [
        f"督督,du_1,督办,{CITY},,",
        f"管管,adm_1,管理员,{CITY},,",
        "镇镇,zhen_1,乡镇干部,东山镇,,",
        f"村村,cun_1,村干部,{VILLAGE},,",
        f"片一,pian_1,片长,{VILLAGE}/一片,,",
        f"片二,pian_2,片长,{VILLAGE}/二片,,",
        f"组甲,zu_1,组长,{VILLAGE}/一片/甲组,,",
        f"组乙,zu_2,组长,{VILLAGE}/二片/乙组,,",
        f"空空,res_vacant,居民,{VILLAGE}/一片/甲组/空邻,空家,",
    ]
    for lin in lins(1) + lins(2):
        rows += [
            f"{lin.linzhang_name},{lin.linzhang},邻长,{lin.path},{lin.linzhang}家,",
            f"居{lin.resident[4:]},{lin.resident},居民,{lin.path},{lin.resident}家,",
            f"旁{lin.resident[4:]},{lin.neighbour},居民,{lin.path},{lin.neighbour}家,",
        ]
    path.write_text("\n".join([HEAD, *rows]) + "\n", "utf-8")
