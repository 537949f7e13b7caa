"""Who of the 三长 and cadres is spoken of: by role, by a description of it, by name or family name.

Whether that is a complaint is accusing.py's business; who holds the post, somebody else's.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rules.ladder import HOLDER, LEVELS, rank
from rules.words import ROLE_CHINESE, UnitKind

#: Chinese role of the ladder, as the roster writes it, and its level, from below. The 督办 of the
#: city is nobody whom a complaint could pass by: nobody would be left.
LEVEL_OF_ROLE: dict[str, UnitKind] = {
    ROLE_CHINESE[HOLDER[level]]: level for level in LEVELS if level is not UnitKind.CITY
}
_PUBLIC = "县市省区州国院校局"
#: What people call them. 队长 is what a 组长 was called; 驻村 and 联片 live with the village, 包村
#: comes from the town.
_CALLED: dict[UnitKind, str] = {
    UnitKind.TOWNSHIP: (
        r"乡镇(?:政府|干部|领导)|[镇乡](?:里|上)?的?(?:那个|那些|几个)?(?:办事的?)?(?:干部|领导)"
        r"|[镇乡](?:里|上)?的?(?:党委)?书记|[镇乡]长|[镇乡]党委|[镇乡](?:人民)?政府"
        r"|街道(?:办(?:事处)?|干部|主任|书记|领导)|党委书记"
        r"|(?:包村|联村|包点|联点|挂村|蹲点)的?(?:[镇乡]?干部|领导|同志|人)"
        rf"|(?:当地|地方|基层)政府|(?<![{_PUBLIC}民])政府"
    ),
    UnitKind.VILLAGE: (
        r"村?(?:支村|村支)?两委(?:班子|成员|干部|会)?|村?党?支部(?:书记|委员)?|村?支书|支委会?"
        r"|(?:村委会?|居委会?|社区|妇女|妇联|治保|调解|大队|村)的?(?:主任|主席|书记|会计|文书|秘书|出纳)"
        r"|村委(?:会|员|干部)?|居委会?|村长|村官|妇联主席|民兵[连营]长|治安主任|监委会?|村监会"
        r"|(?:村组|村里|村上|村|社区|大队|队上|组上|村委会?)的?(?:那个|那些|几个)?(?:干部|领导|工作人员|当家的|管事的人?)"
        r"|驻村(?:工作队员?|干部|第一书记|工作组|队员?|的)?|第一书记|工作队员?|(?:联片|包片)干部"
        rf"|(?<![{_PUBLIC}])(?:委)?书记|(?<![班室间系科导任厂院处])主任(?!医|护|委|药|技|教)"
        r"|会计(?!师|证|班|考|专业|学)|(?<![退离老市县省国行])干部|当官的|大队长|村霸"
    ),
    UnitKind.PIAN: r"片区?长|片区?(?:里|上)?的?(?:负责人|干部)|网格[长员]",
    UnitKind.ZU: (
        r"(?:村民|生产)?(?:小)?组长|(?:生产)?(?<!保安)(?<!消防)(?<!施工)(?<!巡逻)(?<![警车球船分中大舰])小?队长"
        r"|组(?:里|上)?的?(?:干部|管事的人?)"
    ),
    UnitKind.LIN: r"邻长",
}
#: 管我们这一片的那个人; the unit says which.
_OF_UNIT = {"邻": UnitKind.LIN, "组": UnitKind.ZU, "队": UnitKind.ZU, "片": UnitKind.PIAN}
_OF_UNIT |= {"村": UnitKind.VILLAGE, "镇": UnitKind.TOWNSHIP, "乡": UnitKind.TOWNSHIP}
_DESCRIBED = (
    r"(?:管|负责|包|分管)(?:着)?(?:我们?|咱们?|俺们?)(?:这|咯|那)?(?:一|个)?(?P<unit>[邻组队片村镇乡])(?:里|上)?"
    r"的(?:(?:那|这|咯)个)?(?:人|干部|领导|同志|男的|女的)?"
)
#: The village or town as somebody who acts: only before what nobody says of a place.
_ACTING = (
    r"(?P<seat>[村镇乡组](?:里|上))(?=都?不管|不给|克扣|卖了|私自|偷偷|瞒|骗|强行|强拆|乱收|贪"
    r"|把[^,。!?\n]{1,12}?[卖占扣吞拆分])"
)
_FOUND = re.compile(
    "|".join(
        [_DESCRIBED]
        + [f"(?P<{level.value}>{words})" for level, words in _CALLED.items()]
        + [_ACTING]
    )
)
#: 老张, 张叔: with the family name of somebody on the ladder only.
_AFTER_FAMILY_NAME = "哥叔伯爹嫂姐总"
_FAMILY_NAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁"
    "任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "欧阳易文伍成尤康柳辛阮管庞樊兰殷施洪翁祝左涂齐游凌章古童舒耿柯聂鲁申屈喻"
)
LONGEST_NAME = 12


@dataclass(frozen=True)
class Mention:
    """One mention: where it stands, of which level, whether by a name."""

    start: int
    end: int
    level: UnitKind
    named: bool = False


def spoken_of(plain: str, ladder: Iterable[tuple[str, str]]) -> list[Mention]:
    """All mentions in the order of the words; 片长谭大山 is one. ``ladder``: (邻长, 张守田) …"""
    known = [(LEVEL_OF_ROLE.get(role), name) for role, name in ladder]
    named = [(level, name) for level, name in known if level and name]
    found = sorted([*_roles(plain), *_names(plain, named)], key=lambda one: (one.start, -one.end))
    return _joined(plain, found)


def _roles(plain: str) -> Iterator[Mention]:
    for match in _FOUND.finditer(plain):
        level = _level(match)
        start = match.start()
        if start and plain[start - 1] in _FAMILY_NAMES and not match["unit"] and not match["seat"]:
            start -= 1  # 张组长
        yield Mention(start, match.end(), level)


def _level(match: re.Match[str]) -> UnitKind:
    if match["unit"]:
        return _OF_UNIT[match["unit"]]
    if match["seat"]:
        return _OF_UNIT[match["seat"][0]]
    return next(level for level in _CALLED if match[level.value])


def _names(plain: str, ladder: Sequence[tuple[UnitKind, str]]) -> Iterator[Mention]:
    for level, name in ladder:
        if 1 < len(name) <= LONGEST_NAME:
            for start in _places(name, plain):
                yield Mention(start, start + len(name), level, named=True)
        for start in _places(name[0], plain):
            if _familiar(plain, start):
                first = start - 1 if start and plain[start - 1] in "老小" else start
                last = start + 2 if plain[start + 1 : start + 2] in (*_AFTER_FAMILY_NAME,) else 0
                yield Mention(first, last or start + 1, level, named=True)


def _familiar(plain: str, start: int) -> bool:
    """老张, 张叔, but not 老张家 nor 张叔叔."""
    before, after = plain[start - 1 : start], plain[start + 1 : start + 3]
    if before in ("老", "小") and before:
        return plain[start - 2 : start - 1] not in ("大", "从", "最") or start < 2
    return after[:1] in (*_AFTER_FAMILY_NAME,) and after[:1] != after[1:] and before not in ("老",)


def _places(part: str, whole: str) -> Iterator[int]:
    start = whole.find(part)
    while start >= 0:
        yield start
        start = whole.find(part, start + len(part))


def _joined(plain: str, found: Sequence[Mention]) -> list[Mention]:
    """Mentions that touch or overlap are of one person; the highest level counts."""
    joined: list[Mention] = []
    for one in found:
        last = joined[-1] if joined else None
        if last and one.start <= last.end and (one.start < last.end or one.named != last.named):
            level = max(last.level, one.level, key=rank)
            both = Mention(last.start, max(last.end, one.end), level, last.named or one.named)
            joined[-1] = both
        else:
            joined.append(one)
    return joined
