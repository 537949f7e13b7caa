"""What people of a county say: reports in many wordings, orders, answers, ratings, and nonsense.

Every report carries a pair of rare characters that nobody else uses, so that whoever reads of it
can be found out.
"""

from collections.abc import Iterator
from itertools import product
from random import Random

_RARE = "犇鱻麤驫羴猋骉飝厵雥毳赑龘靐灥麣鸞巜亖叕歮灪爩"
REPORTS = (
    "村口{at}的路灯坏了三天没人修",
    "{at}那里的路灯一直不亮，晚上走路怕摔",
    "我们{at}停水了，两天没来水",
    "自来水浑得很，{at}这边都这样",
    "{at}的垃圾堆成山了没人清，臭死了",
    "通组路{at}那段烂得不成样子，摩托车都摔了",
    "反映个事：{at}水沟堵了，一下雨就淹",
    "隔壁{at}占了我家的菜地，吵了几次都没用",
    "{at}有人养猪，臭气熏天，请你们管一管",
    "我家低保申请交了两个月没消息，{at}的",
    "{at}变压器天天跳闸，空调都开不了",
    "麻烦帮忙看下{at}的危房，下雨漏得厉害",
    "{at}的护栏断了，小孩子玩危险",
    "厂里{at}拖欠我三个月工资，找谁都没用",
    "电线杆歪了，{at}路边，快倒了",
    "我是{name}，电话{phone}，{at}水管爆了没人管",
    "山上{at}的水渠垮了，田里放不进水，急",
    "{at}晚上唱歌吵得睡不着，说了也不听",
)
COMPLAINTS = (
    "投诉{role}{name}收钱不办事，{at}的事",
    "我要举报{role}{name}不作为，{at}修路的钱不知道去哪了",
    "{role}{name}态度恶劣，骂人，{at}那次大家都看到了",
    "投诉{role}，{at}分救济粮偏心",
)
EMERGENCIES = ("着火了！{at}家里着火了", "{at}有人落水了快来人", "{at}高压线断了掉在路上")
DELICATE = ("我不想活了，{at}",)
QUESTIONS = (
    "医保什么时候交",
    "新生儿上户口要什么材料",
    "城乡居民医保缴费时间是几月",
    "谢谢",
    "你好",
)
GARBAGE = (
    "？",
    "，，，",
    "😂😂😂",
    "1",
    "7",
    "啊",
    "<xml>&]]>",
    "0000",
    "SZ-",
    "接单 99999",
    "办结",
    "办结 SZ-20200101-0001 好了",
    "同意同意同意",
    "%s%n{0}{name}",
    "'; drop table issue;--",
    "延期 三百天",
    "转 给 给 给",
    "第三件",
    "我请假",
    "好" * 3000,
    "路" * 700 + "坏了没人修",
    "\u200b\u200b",
    "abc def",
    "请 假 到 二月三十日",
)
QUERIES = ("我的诉求", "进度", "我的邻长是谁", "待办", "逾期", "当面告知", "照片", "为什么派给我")
BEGINNINGS = ("", "", "", "你好，", "麻烦问下，", "书记好，")
MORE = ("补充一下，就在小学旁边", "还有，晚上也这样", "已经好几天了", "电话打不通")
DONE = (
    "换了灯泡",
    "已疏通水沟，水退了",
    "上门调解，双方签了字",
    "联系供电所换了保险",
    "修好了，请放心",
    "垃圾清走了",
)
WHY = ("要等配件", "不在我们这里", "办不了，要大修", "上面要立项", "他们更熟", "人手不够")
ANSWERS = (*DONE, *WHY, "1", "2", "3", "3天", "供电所", "组长", "算了", "县法院立案大厅", "嗯")
SOLVED = ("已解决", "部分解决", "未解决", "解决了", "没解决")
RATINGS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意", "1", "2", "3", "4", "5")
FREE_RATINGS = (
    "很满意，谢谢",
    "不满意，灯又灭了",
    "非常满意👍",
    "评价 {n} 满意",
    "修好了",
    "满意 {n}",
)
#: An order of staff: {n} is the number, {whom} somebody or some unit.
ORDERS: dict[str, tuple[str, ...]] = {
    "accept": ("接单 {n}", "{n} 接单", "我来接单 {n}", "接手 {n}", "接单"),
    "progress": ("进展 {n} 已约电工，{more}", "{n} 进展 明天动工，{more}", "进展 {n}"),
    "resolve": (
        "办结 {n} {done}",
        "{n} 办结 {done}",
        "{n} 修好了，{done}",
        "办结 {n}",
        "办结了 {n} {done}",
    ),
    "unresolve": ("撤销办结 {n}", "{n} 办结错了", "撤销办结 {n} 点错了"),
    "raise": ("上交 {n} {why}", "{n} 上交", "上交 {n}"),
    "return": ("退单 {n} 给 {whom} {why}", "退单 {n}", "退给{whom} {n}"),
    "reassign": ("转 {n} 给 {whom}", "{n} 转办 {whom} {why}", "转 {n}"),
    "assign": ("强派 {n} 给 {whom}", "指定 {n} 给 {whom} {why}"),
    "assist": ("协办 {n} {whom} 查线路 {days}天", "协办 {n} {whom} 去现场看看", "协办 {n}"),
    "assist_done": ("协办完成 {n} {done}", "协办完成 {n}", "协办好了 {n} {done}"),
    "extend": (
        "延期 {n} {days}天 {why}",
        "延期 {n} 到周五 {why}",
        "延期 {n}",
        "{n} 延期 一个月 {why}",
    ),
    "suspend": ("挂起 {n} {days}天 等老人回家", "挂起 {n} 2天 等居民回来", "挂起 {n}"),
    "resume": ("恢复 {n}", "恢复"),
    "regrade": ("难度 {n} 较难 {why}", "难度 {n} 复杂 {why}", "难度 {n} 一般", "难度 {n}"),
    "decline": (
        "不受理 {n} 是法院管的事，请找县法院立案大厅",
        "不受理 {n} 不归这里管",
        "不受理 {n}",
    ),
    "grant": ("同意 {n}", "同意", "{n} 同意"),
    "refuse": ("不同意 {n} 太久了", "不同意", "不同意 {n}"),
    "urge": ("催办 {n}", "催一下 {n}", "催办 {n} 抓紧"),
    "supervise": ("督办 {n} 今天回话", "督办 {n}"),
    "lift": ("提级 {n}", "提级 {n} 拖太久"),
    "named": ("公开姓名 {n}",),
    "told": ("已告知 {n}", "已告知 {n} 都"),
}
OF_REPORTER = (
    "进度 {n}",
    "催一下 {n}",
    "催一下",
    "催办 {n}",
    "撤回 {n}",
    "没修好 {n} 晚上又不亮了",
    "{n} 没修好",
    "没修好",
    "可以来了 {n}",
    "照片 {n}",
    "我报的灯修了没",
)
#: How somebody on the wrong side of a complaint could find out.
PRYING = (
    *("进度 {n}", "照片 {n}", "为什么派给我 {n}", "接单 {n}", "催办 {n}", "办结 {n} 好了"),
    *("转 {n} 给 组长", "已告知 {n}", "督办 {n}", "同意 {n}", "撤回 {n}", "没修好 {n}"),
    *("待办", "逾期", "我的诉求", "当面告知", "为什么派给我", "照片"),
)
_DIGITS = "零一二三四五六七八九"


class Speech:
    """The words, from one seed."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self._tokens: Iterator[str] = ("".join(pair) for pair in product(_RARE, repeat=2))

    def token(self) -> str:
        """A place that nobody else has."""
        return next(self._tokens)

    def number(self, whole: str) -> str:
        """One of the ways to say an issue's number."""
        bare = str(int(whole.rpartition("-")[2]))
        wide = "".join(chr(ord(d) + 0xFEE0) for d in bare)
        ways = [bare, whole[-4:], f"#{bare}", f"{bare}号", wide, whole, whole, whole]
        ways += [whole.removeprefix("SZ-"), whole.lower()]
        if len(bare) < 3:
            ways.append(f"{_chinese(int(bare))}号")
        return self.dice.choice(ways)

    def order(self, action: str, number: str, whom: str) -> str:
        pick = self.dice.choice
        return pick(ORDERS[action]).format(
            n=self.number(number),
            whom=whom,
            more=pick(MORE),
            done=pick(DONE),
            why=pick(WHY),
            days=pick((1, 2, 3, 5, "三", "两")),
        )


def _chinese(n: int) -> str:
    tens, ones = divmod(n, 10)
    head = {0: "", 1: "十"}.get(tens, f"{_DIGITS[tens]}十")
    return head + (_DIGITS[ones] if ones or not tens else "")
