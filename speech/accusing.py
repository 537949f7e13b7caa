"""Whether a 长 or cadre who is spoken of is the one complained about, or merely mentioned.

A small learnt judgement of each mention: what stands before and behind it, in letters and in signs
(took money, favours kin, beats, does nothing …; 谢谢, 跟…讲过, …家门口). The weights are in
accusing.json, made by `make learn-accusing`. In doubt it is a complaint: one level too high costs a
phone call, one too low a secret.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from rules.ladder import rank
from rules.words import UnitKind
from speech.clean import clean
from speech.roles import LEVEL_OF_ROLE, Spoken, spoken_of

#: From this likelihood on it is a complaint; from the lower one on nobody may be sure that it is
#: none, and the words are not handed on to the one they speak of.
ACCUSED, DOUBTFUL = 0.5, 0.2
#: So many mentions of one message are judged.
MOST_MENTIONS = 40
#: Characters that are looked at: behind, before, in the clauses that follow, in those before.
_BEHIND, _BEFORE, _LATER, _EARLIER = 18, 10, 30, 24
_WEIGHTS = Path(__file__).parent / "accusing.json"

_CLAUSE_END = re.compile(r"[\s,，。.!！?？;；:：、…~]+")
#: What may stand between the words before and the role: 感谢我们组的[组长].
_QUALIFIED = re.compile(
    r"(?:的|里|上|个|些|我们?|咱们?|你们|他们|本|该|某|这|那|咯|前任?|现任?|原任?|副|老|新|当|[村组片邻镇乡队])+$"
)
#: What may stand between the role and what he does: 组长[某某他].
_APPOSED = re.compile(
    r"(?:(?!家)[\u4e00-\u9fff]?某某?|[xX×*]{1,3}|同志|们|本人|自己(?!家|屋)|这个人|那个人|咯个人|他们?|她们?|大人)+"
)
#: Somebody else, whose deeds are not those of the 长.
_OTHER = re.compile(
    r"隔壁|邻居|对门|对面那|楼[上下]|有人|有个|老板|包工头|施工队|工地|开发商|村民|别人|人家|骗子|小偷|外地人|物业|房东|厂"
    r"|司机|混混|流氓|前夫|前妻|弟媳|妯娌|堂[哥弟兄]|小青年|供电所|砂石?场|那户|那家|这家|他们家|自来水公司|移动|电信|厂里|大车|车子压|超市|快递|医院|学校|老师"
)
#: Signs of a deed, and of a mere mention.
_SIGNS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(words)
    for name, words in {
        # deeds
        "graft": r"赚|罚|倒卖|白条|次品|从哪里来|栋楼|入账|集资|先交|死人|旗号|借.{1,6}名义|以.{1,6}名义|做人情|捞|差价|保护[费伞]|高利贷|偷[电水]|贪|吞|克扣|截留|挪用|回扣|红包|好处|受贿|行贿|油水|腰包|荷包|口袋|中饱|私[分利吞]|冒领|虚[报开]|套取|套补|假[账帐发表]"
        r"|小金库|腐败|吃拿|公款|公车|敲诈|勒索|送礼|送了?两?[条瓶只]|请客|乱收|乱摊|揩油|空饷|赃|卡上|黑钱|贿|来路不明|去向|双份|两份|捐款"
        r"|少了[^,]{0,3}[万千百半]|那里就少|手里就没|谋|经济问题|吃了[^,]{0,4}[钱款补贴]|烟|茅台|陪酒|保证金|指标[卖换]|卖官",
        "take": r"先拿|只抽|狮子|赊账|叫人拆|掀|倒[在我]|挖断|堵了|私搭|乱建|[收要拿][了我他们家的]{0,4}[0-9一二两三四五六七八九十百千万几]*[钱元块]|收费|要钱|[扣领偷抢卖砍挖拆烧][了着走掉光]|扣[下住我]|问我要|多[收占拿分]|领走|拿回|拿走|收走"
        r"|推平|霸|占了?[用我他集公地田路着去]?|圈|划[给到]|牵走|填了|断了?我|剪|锁了|自己[^,]{0,4}[种吃用分住修]|租[出给]|包给|转[给让]|承包|分了|不认|拿去|贷款|装[到进]自己|吃[我集]",
        "owed": r"欠|赖|不还|不[给发赔补分][^,]{0,2}[我们家钱了]?|少[发给分算]|没[给发算]|一分钱|扣发|不[给让][我他]|不承认|没把我|漏报",
        "kin": r"亲戚|亲友|亲属|熟人|自己人|关系户|裙带|家族|自[己家]屋|自家|自己家|[他她]家|[他她]屋|[他她]?(?:老弟|弟弟|哥哥?|儿子|崽|女婿|女儿|舅子|妹夫"
        r"|姐夫|连襟|侄|婆娘|老婆|堂客|表[哥弟姐妹]|岳|朋友)|一家人|几个人都",
        "unfair": r"过不去|作对|[整盯]我|整[人老你]|偏一边|拱火|挑[起拨]|一套|给钱的?先|不怕告|去告|随便我|后门|特权|圈子|特殊|威胁|要挟|茬|找我麻烦|见了?老板|认钱|只听|吃里扒外|胳膊|不公|不平|不合理|不正|偏心|偏袒|偏向|徇私|包庇|袒护|护着|照顾|勾结|串通|伙同|[一合]伙|狼狈|针对|刁难|报复|小鞋|为难|卡[我着脖]|压着|欺|霸|横行|仗|势利|看人"
        r"|一手遮天|皇帝|强[占拆迫行征]|逼|不[准许让肯]|硬说|阻|取消|划掉|除名|去掉|换给|排挤|嫌|说了算|暗箱|垄断|操纵|把持|公平|公正|贪[心图]|讲?道理|眼里没|乱指挥|瞎指挥|穿一条",
        "abuse": r"像放屁|刺头|疯子|精神有|蠢|脏|吐口水|泼|笑话|闲话|谣|拍桌|骂|吼|凶|恶|态度|脸色|白眼|脏话|难听|侮辱|羞辱|嘲|看不[起惯]|瞧不起|威风|架子|官腔|赶[出我走]|造谣|造我|污蔑|诬|栽赃|冤枉|坏话|泄露|刁民|霸蛮|脾气|嘴|活该|闭嘴|没资格|多管闲事|阴阳怪气|粗暴|粗鲁|不尊重",
        "violence": r"踹|捶|搡|泼|敲我|打人|打[了我他她伤架死残]|殴|踢|推[了我倒]|掐|[砸砍杀烧]|刀|棍|锄头|威胁|恐吓|吓|弄死|闹事|调戏|摸|猥亵|骚扰|跟踪|放狗|绑|关起来|堵[在我]|混混|打手|收拾|扬言|放火|毒死|围攻|指使|教唆|动手|害[我得了]|气[哭得]|强奸|行凶",
        "idle": r"没有?下文|研究了|管不着|关了?门|没来过|没有?[^,]{0,3}召开|不履行|没?作为$|走过场|走形式|不见人|见不着|不上心|没做|没修|不落实|不兑现|不受理|不接待|不听|听不进|不在意|睁一只|聋作哑|迟到|早退|空岗|不坐班|睡觉|炒股|玩手机|一拖|迟迟|跑得快|没影|叫不应|喊不|不见了|没进过|没扫过|没有说过|爱[答理]|不[管理来办]|不接|不回|不干|不做|不作为|乱作为|失职|渎职|玩忽|推[诿脱来给说]|踢皮球|敷衍|糊弄|应付|拖[着了延到欠]|一拖|躲|不露面|懒|拒"
        r"|[看见找][不没](?:到|见)|人影|耳边风|不闻不问|不负责|责任心|摆设|挂名|不关心|不上报|不报|不解决|没用|不下来|不出[来面]|不问|没(?:来|管|做|下来|人管)过?|没尽"
        r"|装作?(?:没|不|聋|病|看)|关机|拉黑|爱理|白[跑等]|跑了.{1,3}[趟次]|不签|不盖|视而不见|见死|眼睁睁|任由|放任|总挂|挂我|关什么事|不归他|只[会晓知顾认拍]|光[说拿]|干什么去|是做什么的|没本事|不动|服务意识|不如没有|不行|没水平|不在岗",
        "vice": r"睡了|喝了酒|醉|情人|不正当|赌|打牌|打麻将|赌|嫖|吸毒|酒后|喝醉|喝酒|[乱胡]搞|作风|流氓|带女人|通奸|寡妇|恶习|品行|淫",
        "vote": r"选票|拉票|贿选|买票|买来|作弊|发烟|发钱|[偷改]票|换届前|当选有",
        "hide": r"没[有]?[通跟][知我]|没跟我|坐过牢|混乱|不透明|不明|不招标|手续|没给任何|家天下|没有?按|不按|知情不报|不公[开布示]|从不公|没公[开布]|未公|瞒|糊涂账|账[^,]{0,4}(?:不|少|没)|没开会|不开[^,]{0,4}会|没[跟和][^,]{1,4}商量|没经过|不?经[^,]{0,3}同意|未经|私[自下]|擅自|悄悄|偷偷|背着|违[规法反纪建章]|非法|犯[法罪]|不[顾管]群众|怎么花|不给人?看|不让[^,]{0,2}看|收据",
        "lie": r"画大饼|吹牛|作秀|作假|本子上|走访表|表上写|出尔|失信|翻脸|过河|当面|背后|念歪|肯定|骗|假[话材证名走的]|[撒扯]谎|谎|弄虚|[做造]假|伪造|冒[充我签]|反悔|不[算作]数|不算话|忽悠|两面|一套|说了不算|空头|形式主义|表面|样子|哄[我老]|没一句真|其实|名不副实|名单上动|动手脚|说得好听|两回事|豆腐渣|偷工减料",
        "bad": r"没能力|没素质|没担当|没作为|要脸|狂|嚣张|压榨|坑[我了害]|人情|地主|保长|自私|太[贪懒狠绝坏霸差]|狠|不得$|地道|小人|村霸|贪官|拐[得场]|目中无人|土匪|无法无天|上头|一塌|乌烟|搞垮|祸害|怨声|品|[坏黑毒]得|太坏|坏透|坏人|黑心|心[太]?黑|良心|不是东西|不是个?好|都不是好|没一个好|过分|不像话|没用|差劲|太差|缺德|无耻|败类|蛀虫|当傻子|当猴|当贼|不配|不该当|下台|王法|黑社会|涉黑|势力|可恶|没人性|鱼肉|作威|横|素质低|不是人|土匪|强盗|搞鬼|搞名堂|捣鬼|太不|气死",
        "accuse": r"问题|证据|录音|视频发|联名|反映|举报|投诉|检举|控告|告发|告状|要告|揭发|曝光|[查严]处|严[查惩肃]|查[一清处]|调查|核实|罢免|撤[职了换销]|换掉|换人?一个|处分|纪委|法办|怀疑|涉嫌|有意见|有问题|的问题|不[满服]|信不过|上访|合法吗|合不合|对吗|什么道理|管得了",
        "always": r"总是|总说|一直|从来|从不|经常|天天|年年|长期|次次|三番|又|故意|居然|竟然|明明|偏偏|就是不|凭什么|还有没有|硬[要是说]|非[要说]|分明|随便|到底|怎么能|想怎么|一[问找]就|十几[遍次]|好多[回次]|根本|全部?都",
        "public": r"集体|公家|公共|公益|村民|群众|百姓|低保|贫困|扶贫|指标|名额|补[贴助偿]|征地|危房|救灾|五保|困难户|款|分红|山林|鱼塘|承包",
        "me": r"我",
        "not": r"不|没|冇|无",
        # what is said of somebody who is merely mentioned
        "thank": r"谢|感谢|多亏|辛苦|表扬|点赞|幸亏|好评|锦旗|祝|拜年|恭喜|新年好",
        "good": r"没有?架子|私心|不嫌|不怕脏|从来?不[骂占收迟]|没有?拿过|没吃过|没有?收|没让我们|笑|守[水夜在]|熬夜|冒雨|骑|车来|从自己|提水|为了?我[们家]|关心|[当做]得好|热心|恭喜|争取|重视|先进|来抢修|送药|好人|认真|很?负责(?:任)?$|热心|帮[我忙大了]|替我|送我|垫|善良|[人真很]好|自己[掏出]|不收|不占|从不骂|劝|调解|背[我到]|陪我|救|耐心|客气|公道|尽心|实在$|办事快|争取|组织|带[着我人领]|教我",
        "speech": r"说|讲|叫|让我|喊|要我|通知|答应|告诉|宣传|回复|介绍",
        "asks": r"什么$|培训|招人|招不招|在哪|能不|怎么传|吗|呢|谁|哪|几[点时个月年]|多少|怎么[办查走投选补交领填写认改]|什么时候|什么条件|多久|在不在|[是有能要会]不[是能要会]|有没有|[了]没有$|号码|能改|可以",
        "place": r"门[口前]|屋[前后边]|旁边?|对面|附近|楼[上下]|[后前]面|后头|家[的里门后前旁对那]|院[子里墙]|边上|那条[路巷]|隔壁|大门|附近|那边|那段|后山|往前|岔路",
        "begs": r"请|麻烦|希望|建议|能不能|帮忙|求|想|催一下|安排",
        "harmed": r"被|受伤|晕倒|病|去世|着火|进小偷|丢了|被盗|掉水|摔",
        "trouble": r"广播|声音|看不清|打不开|登不上|取不出|看不懂|发烧|失火|湿滑|坏了|不亮|漏|堵|停[水电]|塌|垮|倒了|裂|臭|断了|没[水电网]|没人[修清]|积水|滑坡|蛇|狗|牛|鸡",
        "done": r"盖上|扶起|开了|念了|锯|树枝|送来|送到|过了秤|巡逻|撑着|量了|报上|制止|报警|作证|反映给|转给|来[看修过量拍]|修[好过]|处理|登记|安排|报[过上告]|装|解决了|联系|找人|拉[我进]|发[的了到]|填|开的|收医保|收水费|写的|算的|量",
        "person": r"刚走|刚上任|新来|一早|出差|忙|生日|结婚|喜事|考上|是我[^,]{0,3}[舅叔姐哥弟妹亲同战邻]|跟我是|手术|不认识|不晓得|不知道|不会|不懂|没来得及|不收现金|管三百|电话|名字|住|办公|上班|工资|职责|任期|换人|退|调走|年纪|微信|周末|有空",
        "papers": r"身份证|户口|照片|材料|表|证明|申请|复印|二维码|通知|公章|盖章|单子|投票|会议|开会",
    }.items()
}
#: The signs above that are deeds, and those of a mere mention; counted together.
_DEEDS = frozenset(
    "graft take owed kin unfair abuse violence idle vice vote hide lie bad accuse".split()
)
_PLAIN = frozenset(
    "thank good speech asks place begs harmed trouble done person papers".split()
)
#: How the words before a mention end: to whom, by whom, of whom something is said.
_LEADS: Mapping[str, re.Pattern[str]] = {
    name: re.compile(f"(?:{words})$")
    for name, words in {
        "secret": r"(?:不要|别|不能|不敢|不可以|千万|不想)[^,。]{0,3}(?:让|告诉|跟|给|问)",
        "told": r"[跟向给对同问找请叫让喊求约陪]|告诉|联系|通知|转告|反映给|报给|麻烦|碰到|问过?了?|[找打]过?了?|讲给|送给|交给|汇报|拜托|希望|建议|感谢|谢谢|多谢|表扬",
        "by": r"被|让|挨|遭",
        "accused": r"举报|投诉|检举|控告|告|揭发|曝光|反映|关于|查处?|调查|怀疑|处理|罢免|换掉|针对|管管?|追究|严惩|意见|管得了|信不过|不满|这样的?|那样的",
        "with": r"[和跟与、同]",
        "harms": r"打了?|骂了?|威胁|偷了?|冒充|假装|打着|自称是?|占了?|砸了?|当成|说是",
        "is": r"是|叫|当|做|成为|竞选",
        "at": r"在|到|去|从|往",
    }.items()
}


@dataclass(frozen=True)
class Judgement:
    """One mention and how likely it is that it is a complaint about that person."""

    level: UnitKind
    words: str
    likelihood: float


def accused(
    text: str, ladder: Iterable[tuple[str, str]] = (), least: float = ACCUSED
) -> list[str]:
    """The roles complained about, from the lowest up, in Chinese as the roster has them.

    ``ladder``: role and name of everybody on the sender's ladder, (邻长, 张守田) …; "" for a name
    that is not known. Roles are heard without it. Of a long text clean.LONGEST characters count.
    """
    levels = {one.level for one in judged(text, ladder) if one.likelihood >= least}
    by_level = {level: role for role, level in LEVEL_OF_ROLE.items()}
    return [by_level[level] for level in sorted(levels, key=rank)]


def highest(
    text: str, ladder: Iterable[tuple[str, str]] = (), least: float = ACCUSED
) -> UnitKind | None:
    """The highest level complained about; None for no complaint."""
    roles = accused(text, ladder, least)
    return LEVEL_OF_ROLE[roles[-1]] if roles else None


def judged(text: str, ladder: Iterable[tuple[str, str]] = ()) -> list[Judgement]:
    """Every mention with its likelihood."""
    plain = clean(text).plain
    mentions = spoken_of(plain, ladder)[:MOST_MENTIONS]
    weights = _weights()
    return [
        Judgement(one.level, plain[one.start : one.end], weights.likelihood(set(features)))
        for one, features in zip(mentions, looks(plain, mentions), strict=True)
    ]


# --- the learnt part ---


@dataclass(frozen=True)
class Weights:
    """What each feature counts."""

    bias: float
    of: Mapping[str, float]

    def likelihood(self, found: Iterable[str]) -> float:
        """Between 0 and 1."""
        sure = self.bias + math.fsum(self.of.get(name, 0.0) for name in found)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, sure))))


@cache
def _weights() -> Weights:
    data = json.loads(_WEIGHTS.read_text("utf-8"))
    return Weights(float(data["bias"]), data["weights"])


# --- what is seen of a mention ---


def looks(plain: str, mentions: Sequence[Spoken]) -> Iterator[list[str]]:
    """The features of each mention; a feature may come twice."""
    edges = [0, *(edge for one in mentions for edge in (one.start, one.end)), len(plain)]
    gaps = [plain[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    for number, one in enumerate(mentions):
        # others are 职, so that what is between two of them counts for both
        before = "职".join(gaps[: number + 1])[-60:]
        behind = "职".join(gaps[number + 1 :])[:80]
        yield list(_of(before, behind, one))


def _of(before: str, behind: str, one: Spoken) -> Iterator[str]:
    *earlier, last = _CLAUSE_END.split(before)
    lead = _QUALIFIED.sub("", last)[-_BEFORE:]
    apposed = _APPOSED.match(behind)
    rest = behind[apposed.end() :] if apposed else behind
    own, *later = _CLAUSE_END.split(rest)
    yield f"called={not own and bool(later) and not lead and not apposed}"
    if not own and later:  # 组长,他...: what follows the comma is his as well
        own, *later = later
        own = own[apposed.end() :] if (apposed := _APPOSED.match(own)) else own
    led = next((name for name, ends in _LEADS.items() if ends.search(lead)), "none")
    led = "none" if led == "none" and not lead else led if led != "none" else "words"
    yield f"lead={led}"
    yield "named" if one.named else "role"
    yield f"apposed={bool(apposed)}"
    yield from _zone("R", own[:_BEHIND], led)
    yield from _grams("L", lead, 3)
    yield from (f"L$:{lead[-size:]}" for size in (1, 2, 3) if len(lead) >= size)
    yield from _signs("L", lead)
    yield from _later("".join(f"{part}," for part in later)[:_LATER], led)
    past = ",".join(part for part in (*earlier, last) if part)
    yield from _signs("P", past[-_EARLIER:])
    if other := _OTHER.search(past):
        yield "P:other"
        yield f"P:other,deeds={_count(_DEEDS, past[other.start() :])}"
    yield from _balance(f"{own},{','.join(later)}", led)
    if "职" in past or "职" in lead:
        yield "P:role"


def _zone(name: str, words: str, led: str) -> Iterator[str]:
    """The words right behind: letters, how they begin, signs, and signs by what went before."""
    mine, theirs = _split(words)
    yield from _grams(name, mine, 3)
    yield from (f"{name}^:{mine[:size]}" for size in (1, 2, 3) if len(mine) >= size)
    yield f"{name}:empty={not words}"
    yield from _by_lead(name, mine, led)
    yield from _signs("O", theirs)


def _later(words: str, led: str) -> Iterator[str]:
    mine, theirs = _split(words)
    yield from _grams("N", mine, 2)
    yield from _by_lead("N", mine, led)
    yield from _signs("O", theirs)
    if theirs:
        yield "N:other"


def _split(words: str) -> tuple[str, str]:
    """What is said of him, and what of somebody else who comes in."""
    other = _OTHER.search(words)
    return (words[: other.start()], words[other.start() :]) if other else (words, "")


def _by_lead(name: str, words: str, led: str) -> Iterator[str]:
    found = list(_signs(name, words))
    yield from found
    yield from (f"{sign}&{led}" for sign in found)
    yield from (f"{one}&{other}" for one, other in pairwise(found))
    if not found:
        yield f"{name}:nothing&{led}"


def _balance(words: str, led: str) -> Iterator[str]:
    """How many kinds of deeds, and of plain things, are said of him: what helps where no letter is
    known."""
    mine, _ = _split(words)
    deeds, plain = _count(_DEEDS, mine), _count(_PLAIN, mine)
    yield from (f"deeds={deeds}", f"plain={plain}", f"deeds={deeds},plain={plain}")
    yield f"deeds={deeds}&{led}"


def _count(of: frozenset[str], words: str) -> int:
    found = {sign.partition(":")[2] for sign in _signs("", words)}
    return min(3, len(found & of))


def _signs(zone: str, words: str) -> Iterator[str]:
    return (f"{zone}:{name}" for name, sign in _SIGNS.items() if words and sign.search(words))


def _grams(zone: str, words: str, longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        yield from (
            f"{zone}{words[start : start + size]}" for start in range(len(words) - size + 1)
        )
