"""The story of the demo: three issues of the founding document and one that many hands close.

Everything happens through real callbacks, signed and encrypted, over HTTP; each step is checked,
and one that did not happen ends the story. The people are those of samples/demo-roster.csv.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console

from bot.cli_issue_list import rows
from bot.config import CHECKOUT
from bot.service import Service
from emulator.callbacks import Delivery
from emulator.phones import Shown
from emulator.server import Emulator

PHOTO = CHECKOUT / "samples" / "lamp.jpg"
SHAOSHAN, PINGLI = "wrShaoshan1", "wrPingli1"
MAO, HU, LIU = "mao_mou", "hu_mou", "liu_mou"
ZHANG, PENG, NING = "linzhang_zhang", "zuzhang_peng", "gongdian_ning"
ZONE = ZoneInfo("Asia/Shanghai")
WEEKDAYS = "一二三四五六日"


class StoryBroken(Exception):
    """A step of the story did not happen."""


@dataclass
class Stage:
    """The two sides of the demo, and the transcript."""

    emulator: Emulator
    service: Service
    console: Console
    #: real seconds that the service gets to do by itself what it should do
    patience: float = 20.0

    def __post_init__(self) -> None:
        self.day = self.emulator.clock.now().astimezone(ZONE).date()
        self._read: set[str] = set()

    # --- time ---

    def at(self, days: int, clock: str, told: str = "") -> None:
        """Move to a day after the beginning, and to a local time."""
        moment = datetime.combine(self.day + timedelta(days=days), time.fromisoformat(clock), ZONE)
        self.emulator.clock.set(moment)
        stamp = f"第 {days + 1} 天 {moment:%m月%d日} 周{WEEKDAYS[moment.weekday()]} {clock}"
        self.console.print(f"\n[bold cyan]── {stamp} {told}[/]")

    # --- what people do ---

    def say(self, who: str, text: str, chat: str | None = None, **more: Any) -> Delivery:
        where = f"在“{self._group(chat)}”里" if chat else "私聊"
        if text:
            self.line(f"{self._name(who)} {where}说", ("@三长助手 " if chat else "") + text)
        if more.get("images"):
            self.line(f"{self._name(who)} {where}发", "〔照片〕")
        delivery = self.emulator.say(who, text, chat, **more)
        self.check(delivery.status == "delivered", f"消息没有送达：{delivery.error}")
        for shown in delivery.shown:
            self._read.add(shown.id)
            name = "三长助手" if chat else "韶山三长"
            self.line(f"  {name} 马上答", shown.text, "green")
        return delivery

    def tap(self, who: str, card: Shown, text: str) -> None:
        """Tap the button with that text on a card."""
        key = next((b["key"] for b in card.seen_by(who).buttons if b["text"] == text), None)
        self.check(key is not None, f"{self._name(who)}的卡片上没有“{text}”")
        self.line(f"{self._name(who)} 点卡片", f"［{text}］")
        delivery = self.emulator.click(who, card, str(key))
        self.check(delivery.status == "delivered", f"点击没有送达：{delivery.error}")
        seen = card.seen_by(who)
        told = seen.label or "］［".join(button["text"] for button in seen.buttons)
        self.line("  卡片变成", f"［{told}］", "green")

    # --- what people see ---

    def hears(self, who: str, *words: str) -> Shown:
        """Wait until somebody has got a message with all these words, and show it."""
        found = self._wait(lambda: self._unread(self.emulator.phone(who), words))
        self.check(found is not None, f"{self._name(who)}没有收到：{'、'.join(words)}")
        assert found is not None
        self._read.add(found.id)
        buttons = "".join(f"［{b['text']}］" for b in found.seen_by(who).buttons)
        self.line(f"  → {self._name(who)} 收到", f"{_readable(found)} {buttons}".strip(), "yellow")
        return found

    def board_says(self, chat: str, *words: str) -> None:
        """Wait until the group has been told."""
        found = self._wait(lambda: self._unread(self.emulator.group(chat), words))
        self.check(found is not None, f"群里没有看到：{'、'.join(words)}")
        assert found is not None
        self._read.add(found.id)
        self.line(f"  → 群“{self._group(chat)}”", found.text, "magenta")

    def check(self, happened: object, otherwise: str) -> None:
        """A step is a fact or the end of the story."""
        if not happened:
            raise StoryBroken(otherwise)

    def line(self, who: str, text: str, style: str = "white") -> None:
        stamp = self.emulator.clock.now().astimezone(ZONE).strftime("%H:%M")
        first, *rest = text.strip().splitlines() or [""]
        self.console.print(f"[dim]{stamp}[/] [bold]{who}[/]：", end="")
        self.console.print(first, style=style, markup=False)
        for more in rest:
            self.console.print(f"        {more}", style=style, markup=False)

    def _unread(self, messages: list[Shown], words: tuple[str, ...]) -> Shown | None:
        for shown in messages:
            text = _readable(shown)
            if shown.id not in self._read and all(word in text for word in words):
                return shown
        return None

    def _wait(self, look: Callable[[], Shown | None]) -> Shown | None:
        self.emulator.wait_until(look, self.patience)
        return look()

    def _name(self, who: str) -> str:
        member = self.emulator.world.member(who)
        assert member is not None
        return f"{member.role}{member.name}"

    def _group(self, chat: str | None) -> str:
        group = self.emulator.world.group(chat or "")
        return group.name if group else "群"


@dataclass(frozen=True)
class Scene:
    """A part of the story, for the progress line."""

    title: str
    play: Callable[[Stage], None]


def question(stage: Stage) -> None:
    """毛某 asks when 医保 is paid: answered in the same response."""
    stage.at(0, "09:00", "常见问题，0 秒回复")
    answer = stage.say(MAO, "医保什么时候交？", SHAOSHAN)
    text = answer.reply["text"] if answer.reply else ""
    stage.check("医保" in text and "没解决" in text, "没有马上答出医保的问题")


def lamp(stage: Stage) -> None:
    """The lamp in 长冲组: reported with a photo, accepted by card, resolved the same day."""
    stage.at(0, "09:05", "群众点单：路灯（一般问题，2 天反馈结果）")
    receipt = stage.say(MAO, "长冲组的路灯一闪一闪的，晚上看不清路，麻烦来看一下")
    text = receipt.reply["text"] if receipt.reply else ""
    stage.check("SZ-" in text and "张某" in text, "回执里没有编号和邻长")
    stage.say(MAO, "", images=[PHOTO.read_bytes()])
    card = stage.hears(ZHANG, "新诉求", "路灯")
    stage.at(0, "10:30", "三长接单")
    stage.tap(ZHANG, card, "接单")
    stage.at(0, "12:15", "定时接：不急的消息攒到这时一起发")
    stage.hears(MAO, "已接单")
    stage.at(0, "15:20")
    done = stage.say(ZHANG, "办结 1 灯头松了，已经换了新灯泡")
    stage.check("已办结" in str(done.reply), "办结没有成功")
    asked = stage.hears(MAO, "问题解决了吗")  # at once, not at the next slot
    stage.at(0, "19:00", "群众评单")
    stage.tap(MAO, asked, "已解决")
    stage.tap(MAO, asked, "非常满意")
    stage.check(_issue(stage, 1)["rating"] == "very_good", "评价没有记下")


def quarrel(stage: Stage) -> None:
    """胡某 of 平里村: private matters stay private, the group sees a number."""
    stage.at(0, "19:30", "不便公开的事：群里只见编号")
    secret = "隔壁把菜地围到我家这边来了，吵了好几回，请来调解"
    answer = stage.say(HU, secret, PINGLI)
    shown = answer.reply["text"] if answer.reply else ""
    stage.check("SZ-" in shown and "菜地" not in shown, "群里不该出现内容")
    stage.hears(HU, "SZ-", "李某")
    stage.hears("linzhang_li", "新诉求", "菜地")


def channel(stage: Stage) -> None:
    """刘某's third issue is 复杂: asked for by the 邻长, granted one level up."""
    stage.at(0, "19:40", "复杂问题：1 个月反馈进展")
    stage.say(LIU, "组里的水渠年年垮，今年又垮了一段，田里没水，要大修")
    card = stage.hears("linzhang_chen", "新诉求", "水渠")
    stage.tap("linzhang_chen", card, "接单")
    stage.say("linzhang_chen", "难度 3 复杂 要测量、立项、筹资金")
    stage.at(1, "07:45")
    asked = stage.hears(PENG, "改为“复杂”")
    stage.tap(PENG, asked, "同意")
    stage.at(1, "12:15")
    stage.hears(LIU, "复杂", "原因：要测量")
    stage.check(_issue(stage, 3)["tier"] == "complex", "难度没有改成复杂")


def neighbours(stage: Stage) -> None:
    """Two households, one issue (附议); the 邻长 asks the power company to help (协办)."""
    stage.at(1, "14:00", "两户报同一件：附议")
    stage.say(MAO, "长冲组一到晚上电压就低，电饭煲都煮不熟饭")
    card = stage.hears(ZHANG, "新诉求", "电压")
    asked = stage.say(LIU, "我们组晚上电压太低，灯都是暗的，好几天了，麻烦来看看")
    stage.check("是不是同一件" in str(asked.reply), "没有问是不是同一件")
    joined = stage.say(LIU, "1")
    stage.check("共 2 户" in str(joined.reply), "附议没有记下")
    stage.at(1, "14:30", "一家主办，请单位协办")
    stage.tap(ZHANG, card, "接单")
    stage.say(ZHANG, "协办 1 供电所 测电压、查变压器 2天")
    asked_to_help = stage.hears(NING, "请您协办", "查变压器")
    stage.at(1, "16:30")
    stage.tap(NING, asked_to_help, "协办完成")
    stage.hears(NING, "请回复一句话")
    stage.say(NING, "变压器小了，要换大的，三天后到货")
    stage.at(1, "19:00")
    stage.hears(ZHANG, "附议", "供电所协办完成")


def three_days_more(stage: Stage) -> None:
    """延期: asked for with a reason before the day comes, granted one level up, told to both."""
    stage.at(1, "19:05", "来不及，早点说：延期")
    stage.say(ZHANG, "延期 1 3天 等新变压器到货")
    stage.at(2, "07:45")
    stage.tap(PENG, stage.hears(PENG, "延期到", "变压器"), "同意")
    stage.at(2, "12:15")
    for resident in (MAO, LIU):
        stage.hears(resident, "改到", "等新变压器")


def two_days(stage: Stage) -> None:
    """Nobody acts: the 2-day mark."""
    stage.at(2, "19:00", "今天到期，先提醒")
    stage.hears("linzhang_li", "今天到期")
    stage.at(3, "07:45", "2 天到了，没人办：提醒、升级")
    stage.hears("linzhang_li", "已升给组长周某")
    stage.hears("zuzhang_zhou", "满 2 天升级", "菜地")
    stage.hears("pianzhang_wang", "到期升级", "组长周某")
    stage.hears(HU, "组长周某")
    stage.board_says(PINGLI, "已满 2 天", "组长")
    stage.hears("linzhang_chen", "已满 2 天", "水渠")
    stage.check(_issue(stage, 2)["holder"] == "zuzhang_zhou", "2 天到了没有升级")


def transformer(stage: Stage) -> None:
    """Resolved within the new time; each household rates for itself."""
    stage.at(5, "16:00")
    stage.say(ZHANG, "办结 1 供电所换了大变压器，晚上量过，电压正常")
    card = stage.hears(MAO, "问题解决了吗", "变压器")
    stage.hears(LIU, "问题解决了吗", "变压器")
    stage.at(5, "19:00", "群众评单：两户各评各的")
    stage.tap(MAO, card, "已解决")
    stage.tap(MAO, card, "满意")
    said = stage.say(LIU, "非常满意")
    stage.check("谢谢" in str(said.reply), "附议人的评价没有记下")
    stage.check(_issue(stage, 4)["state"] == "closed", "电压的事没有办结")


def one_week(stage: Stage) -> None:
    """The 1-week mark: the 片长 holds it now, steps in and resolves."""
    stage.at(6, "07:45", "超期 3 天：督办")
    stage.hears("pianzhang_wang", "督办", "组长周某")
    stage.at(8, "07:45", "1 周到了：升到片长")
    stage.hears("zuzhang_zhou", "已升给片长王某")
    card = stage.hears("pianzhang_wang", "满 1 周升级", "菜地")
    stage.hears("cun_pang", "到期升级", "片长王某")
    stage.board_says(PINGLI, "已满 1 周", "片长")
    stage.at(8, "09:10", "片长上门")
    stage.tap("pianzhang_wang", card, "接单")
    stage.at(8, "16:30")
    stage.tap("pianzhang_wang", card, "办结")
    stage.hears("pianzhang_wang", "请回复一句话")
    stage.say("pianzhang_wang", "三长一起上门量了地界，两家签了协议，菜地退回来了")
    stage.hears(HU, "问题解决了吗")
    stage.at(8, "19:00", "群众评单，用一句话")
    said = stage.say(HU, "满意")
    stage.check("谢谢" in str(said.reply), "评价没有记下")
    stage.say(HU, "已解决")
    stage.check(_issue(stage, 2)["state"] == "closed", "菜地的事没有办结")


def one_month(stage: Stage) -> None:
    """The 1-month mark of the 复杂 issue: no word of progress, so it rises; then there is one."""
    due = datetime.fromisoformat(_issue(stage, 3)["next_mark_at"])
    days = (due.astimezone(ZONE).date() - stage.day).days
    stage.at(days, "07:45", "1 个月到了：复杂问题要有进展")
    stage.hears("linzhang_chen", "1 个月", "已升给组长彭某")
    stage.hears(PENG, "1 个月", "水渠")
    stage.hears("pianzhang_tan", "组长彭某")
    stage.hears(LIU, "没有新的进展", "组长彭某")
    stage.board_says(SHAOSHAN, "已满 1 个月")
    stage.at(days, "10:00")
    stage.say(PENG, "进展 3 设计图出来了，村里一事一议通过，下月开工")
    stage.at(days, "12:15")
    stage.hears(LIU, "有进展", "下月开工")
    stage.check(_issue(stage, 3)["state"] == "working", "进展没有记下")


SCENES: tuple[Scene, ...] = (
    Scene("常见问题 0 秒回复", question),
    Scene("路灯：当天办结，非常满意", lamp),
    Scene("菜地：私密登记", quarrel),
    Scene("水渠：定为复杂", channel),
    Scene("电压：附议、协办", neighbours),
    Scene("电压：延期", three_days_more),
    Scene("2 天到期", two_days),
    Scene("电压：两户评单", transformer),
    Scene("1 周到期，片长办结", one_week),
    Scene("1 个月到期", one_month),
)


def play(stage: Stage) -> Iterator[Scene]:
    """Play all scenes; yields each one when it has happened. Raises StoryBroken."""
    for scene in SCENES:
        scene.play(stage)
        yield scene


def _issue(stage: Stage, sequence: int) -> dict[str, Any]:
    """The state of the nth issue, as `issues list --json` would print it."""
    return list(rows(stage.service.database, ZONE))[sequence - 1]


def _readable(shown: Shown) -> str:
    if shown.card is None:
        return shown.text
    title = shown.card.get("main_title", {})
    parts = [title.get("title", ""), title.get("desc", ""), shown.card.get("sub_title_text", "")]
    return " ".join(part for part in parts if part)
