"""三率 and what stands beside them (domain.md §6): how well the promise was kept, as counts.

Plain facts of issues in, counts out; a rate is always shown with the n it rests on. Reading the
facts from events is issues/history.py's business, units and periods are issues/rate_board.py's.

What is counted, where the regulation leaves it open:
- 响应率: contact is the first 接单, 进展, 办结 or asking for 不受理 by a person. In time means by
  the promise made at the report: neither 延期 nor a harder tier moves it. Due is every issue that
  was contacted or whose first promise has run out; one withdrawn before either owed nothing.
- 解决率, 满意率: one answer a person, the last one, of the last cycle: 重办 voids what was said
  before (the work goes on, everybody is asked again), and the 重办 are counted beside, so that
  nothing vanishes. 部分解决 is answered, not solved. An 附议 has an answer of its own.
- 评价率: who said anything ÷ who was asked. 未评 counts nowhere else, and never as satisfied.
- 不受理 and 撤回 are never asked about: they are in neither 解决率 nor 满意率, but counted apart.
- 2 天解决到位: the reporter himself has said 已解决 by the end of the second day; ÷ reporters who
  answered. 办结 in two days and confirmed later is counted beside it.
- The same household's repeated reports count like all others, against nobody.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime

from rules.ladder import LEVELS, rank
from rules.words import Rating, Solved, State, UnitKind

#: Under so many the sample is too small (样本不足).
FEW = 5
#: 响应率, 解决率, 满意率 in the composite (综合).
WEIGHTS = (0.30, 0.35, 0.35)
TOP_TWO = frozenset({Rating.VERY_GOOD, Rating.GOOD})
TOP_THREE = TOP_TWO | {Rating.FAIR}
#: 小事不出村: what was closed on one of these levels.
IN_VILLAGE = frozenset(LEVELS[: rank(UnitKind.VILLAGE) + 1]) | {UnitKind.RESIDENT_UNIT}
#: Somebody was asked for a rating.
ASKED = frozenset({State.RESOLVED, State.CLOSED})


@dataclass(frozen=True)
class Answer:
    """What one person has said in the last cycle, and when about 解决了吗."""

    solved: Solved | None
    rating: Rating | None
    at: datetime
    #: by the reporter, not by an 附议
    own: bool = True


@dataclass(frozen=True)
class Story:
    """One issue, as far as the rates are concerned, as it stands at some moment."""

    state: State
    #: the end of the promise made at the report
    promised_at: datetime
    #: the end of the second day, whatever the tier
    two_days_at: datetime
    #: the first real contact
    contacted_at: datetime | None = None
    #: 办结 of the last cycle
    resolved_at: datetime | None = None
    #: closed, withdrawn or declined
    ended_at: datetime | None = None
    #: the level of the last 办结
    level: UnitKind = UnitKind.LIN
    #: how many people were asked in the last cycle
    asked: int = 0
    answers: tuple[Answer, ...] = ()
    redone: int = 0


@dataclass(frozen=True)
class Share:
    """A part of n; without a value when n is too small to say anything."""

    part: int
    n: int

    @property
    def value(self) -> float | None:
        """Between 0 and 1; None under FEW, so that an n of 0 is never 100 %."""
        return self.part / self.n if self.n >= FEW else None


@dataclass(frozen=True)
class Rates:
    """The counts of a set of issues. Those of disjoint sets add up."""

    reported: int = 0
    due: int = 0
    in_time: int = 0
    #: people, not issues: asked, who said anything, who answered each of the two questions
    asked: int = 0
    answered: int = 0
    said_solved: int = 0
    solved: int = 0
    partly: int = 0
    rated: int = 0
    top_three: int = 0
    top_two: int = 0
    #: issues whose reporter answered; confirmed in two days; 办结 in two days, confirmed later
    confirmable: int = 0
    two_days: int = 0
    two_days_later: int = 0
    closed: int = 0
    #: 未评: closed without a word of the reporter
    unrated: int = 0
    redone: int = 0
    declined: int = 0
    withdrawn: int = 0
    closed_at: Mapping[UnitKind, int] = field(default_factory=Counter)

    def __add__(self, other: "Rates") -> "Rates":
        """The counts of both sets together."""
        numbers = {name: getattr(self, name) + getattr(other, name) for name in _NUMBERS}
        levels = Counter(self.closed_at) + Counter(other.closed_at)
        return Rates(**numbers, closed_at=levels)

    @property
    def response(self) -> Share:
        """响应率"""
        return Share(self.in_time, self.due)

    @property
    def resolution(self) -> Share:
        """解决率"""
        return Share(self.solved, self.said_solved)

    @property
    def satisfaction(self) -> Share:
        """满意率: the top three levels."""
        return Share(self.top_three, self.rated)

    @property
    def really_satisfied(self) -> Share:
        """The top two levels, shown beside it so that 基本满意 is not hidden."""
        return Share(self.top_two, self.rated)

    @property
    def rating(self) -> Share:
        """评价率, shown beside every rate."""
        return Share(self.answered, self.asked)

    @property
    def quick(self) -> Share:
        """2 天解决到位"""
        return Share(self.two_days, self.confirmable)

    @property
    def in_village(self) -> Share:
        """小事不出村"""
        inside = sum(n for level, n in self.closed_at.items() if level in IN_VILLAGE)
        return Share(inside, self.closed)

    def composite(self, weights: tuple[float, float, float] = WEIGHTS) -> float | None:
        """综合; None unless each of the three has a sample that is large enough."""
        parts = (self.response.value, self.resolution.value, self.satisfaction.value)
        known = [value for value in parts if value is not None]
        if len(known) < len(parts):
            return None
        whole = sum(w * v for w, v in zip(weights, known, strict=True)) / sum(weights)
        return min(whole, 1.0)  # weights are no exact fractions


_NUMBERS = tuple(f.name for f in fields(Rates) if f.name != "closed_at")


class Tally:
    """Counts stories one by one, for more issues than fit into memory."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()
        self._levels: Counter[UnitKind] = Counter()

    def add(self, story: Story, now: datetime) -> None:
        """Count one issue, as it stands at ``now``."""
        self._numbers.update(_facts(story, now))
        if story.state is State.CLOSED:
            self._levels[story.level] += 1

    @property
    def rates(self) -> Rates:
        """What has been counted so far."""
        return Rates(**self._numbers, closed_at=Counter(self._levels))


def rates(stories: Iterable[Story], now: datetime) -> Rates:
    """The counts of these issues as they stand at ``now``, in whatever order."""
    tally = Tally()
    for story in stories:
        tally.add(story, now)
    return tally.rates


@dataclass(frozen=True)
class Year:
    """同比: the same window of this year and of the last."""

    now: Rates
    before: Rates

    @property
    def count_growth(self) -> float | None:
        """How many more issues were solved in two days: 1.07 for +107 %."""
        enough = self.before.two_days >= FEW
        return _growth(self.now.two_days, self.before.two_days) if enough else None

    @property
    def share_growth(self) -> float | None:
        """How much larger their share is, relative to last year's share."""
        return _growth(self.now.quick.value, self.before.quick.value)


def _growth(now: float | None, before: float | None) -> float | None:
    return now / before - 1 if now is not None and before else None


def _facts(story: Story, now: datetime) -> Iterator[str]:
    """The names of the counts that this issue adds one to, once for each one."""
    yield "reported"
    yield from _response(story, now)
    if story.state in ASKED:
        yield from ["asked"] * story.asked
        for answer in story.answers:
            yield from _said(answer)
        yield from _two_days(story)
    yield from _outcome(story)
    yield from ["redone"] * story.redone


def _response(story: Story, now: datetime) -> Iterator[str]:
    if story.contacted_at and story.contacted_at <= story.promised_at:
        yield from ("due", "in_time")
    elif story.promised_at <= now and not _owed_nothing(story):
        yield "due"


def _owed_nothing(story: Story) -> bool:
    """Taken back, or gone on as another issue, before anybody had to answer."""
    if story.state not in (State.WITHDRAWN, State.MERGED) or story.ended_at is None:
        return False
    return story.ended_at <= story.promised_at


def _said(answer: Answer) -> Iterator[str]:
    yield "answered"
    if answer.solved:
        yield "said_solved"
    if answer.solved is Solved.YES:
        yield "solved"
    if answer.solved is Solved.PARTLY:
        yield "partly"
    if answer.rating:
        yield "rated"
    yield from (name for name, top in _TOPS if answer.rating in top)


_TOPS = (("top_three", TOP_THREE), ("top_two", TOP_TWO))


def _two_days(story: Story) -> Iterator[str]:
    own = next((a for a in story.answers if a.own and a.solved), None)
    if own is None:
        return
    yield "confirmable"
    if own.solved is not Solved.YES:
        return
    if own.at <= story.two_days_at:
        yield "two_days"
    elif story.resolved_at and story.resolved_at <= story.two_days_at:
        yield "two_days_later"


def _outcome(story: Story) -> Iterator[str]:
    if story.state is State.CLOSED:
        yield "closed"
        if story.asked and not any(answer.own for answer in story.answers):
            yield "unrated"
    if story.state is State.DECLINED:
        yield "declined"
    if story.state is State.WITHDRAWN:
        yield "withdrawn"
