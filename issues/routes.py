"""分工表: which department or 驻地单位 is for what and where, and why.

Category × place × function as plain values; the file they come from is read in bot/departments.py,
what an issue makes of them is referral.py's business.
"""

import unicodedata
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Period:
    """时段: hours of the day (22:00-06:00) or days of the year (05-01 to 09-30), also across the
    end; both written so that their texts sort like the times they mean."""

    start: str
    end: str

    def covers(self, at: datetime) -> bool:
        """Whether that local moment lies in it; hours end before ``end``, days with it."""
        by_hour = ":" in self.start
        now = at.strftime("%H:%M" if by_hour else "%m-%d")
        begun, over = now >= self.start, now >= self.end if by_hour else now > self.end
        return begun and not over if self.start <= self.end else begun or not over

    def __str__(self) -> str:
        return f"{self.start}-{self.end}" if ":" in self.start else f"{self.start}至{self.end}"


@dataclass(frozen=True)
class Route:
    """One line: what is said, where, and whose it is. ``place`` "" is everywhere."""

    category: str
    words: tuple[str, ...]
    unit: str
    lead: bool = True
    place: str = ""
    #: the unit's own deadline in working days, if the table says one
    days: int | None = None
    basis: str = ""
    period: Period | None = None

    @property
    def function(self) -> str:
        """主办 or 协办."""
        return "主办" if self.lead else "协办"

    def explain(self) -> str:
        """分工表：路灯 × 清溪镇 → 市城管局 主办（市级事项清单第3条）"""
        place = self.place or "全市"
        when = f" × {self.period}" if self.period else ""
        basis = f"（{self.basis}）" if self.basis else ""
        return f"分工表：{self.category} × {place}{when} → {self.unit} {self.function}{basis}"

    def names(self, path: str) -> bool:
        """Whether the unit with that path is meant; the table may leave its upper levels out."""
        return f"/{path}".endswith(f"/{self.unit}")

    def word_in(self, plain: str) -> str:
        """The longest word of the line (or its category) that the text has; "" for none."""
        said = [word for word in (self.category, *self.words) if _plain(word) in plain]
        return max(said, key=len, default="")

    def depth_at(self, path: str) -> int | None:
        """How many levels of the path the place takes in: the more, the nearer. None: elsewhere."""
        if not self.place:
            return 0
        head, found, _ = f"/{path}/".partition(f"/{self.place}/")
        return f"{head}{found}".count("/") - 1 if found else None


@dataclass(frozen=True)
class Routes:
    """The table of one deployment, in the order of the file; empty without one."""

    lines: tuple[Route, ...] = ()

    def find(self, text: str, path: str = "", at: datetime | None = None) -> list[Route]:
        """Whose it can be: the nearest place first, then the longest word, then the file's order;
        each unit once in each function. ``at``: the local time of the report."""
        plain, fits = _plain(text), []
        for line in self.lines:
            word, depth = line.word_in(plain), line.depth_at(path)
            if word and depth is not None and _in_force(line, at):
                fits.append((-depth, -len(word), line))
        ranked = [line for *_, line in sorted(fits, key=lambda fit: fit[:2])]
        return list({(line.unit, line.lead): line for line in reversed(ranked)}.values())[::-1]


def _in_force(line: Route, at: datetime | None) -> bool:
    return line.period is None or at is None or line.period.covers(at)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
