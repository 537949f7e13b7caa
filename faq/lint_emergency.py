"""What `faq check` finds in the emergency file: there a mistake costs more than an answer.

Whether the file can be read at all is said by the loading of the Book.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from faq.danger import Emergencies, EmergencyClass
from faq.selftest import Failure, emergency_failures
from faq.text import key, normalise
from files.file_model import build, problem_at
from files.problem import FileError, Problem, Severity
from files.yaml_lines import Item, Steps, read_items

SHIPPED = Path(__file__).parent / "tables" / "emergency.yaml"
_MOST_CHARACTERS = 300
_CLAIM = re.compile(
    r"(已经?|帮您|替您|为您|正在)[^，。！；\n]{0,6}(报警|报了警|报火警|拨打|打了|呼叫|叫了|联系了?(消防|公安|警|医院|急救))"
    r"|(民警|警察|消防车?|消防员|救护车|医生)[^，。！；\n]{0,4}(已经?|马上|正在|这就)[^，。！；\n]{0,4}(出发|赶|到|来)"
)
_DENIED = re.compile(r"(不能|不会|没有|没法|无法)[^，。！；\n]{0,4}$")
_SELF_HARM = re.compile("自杀|自伤|自残|轻生")


@dataclass(frozen=True)
class _Kind:
    """A class and where it was written."""

    kind: EmergencyClass
    item: Item

    def problem(
        self, path: Steps, what: str, remedy: str = "", *, severity: Severity = "error"
    ) -> Problem:
        """A problem at one field of this class."""
        return problem_at(EmergencyClass, self.item, path, what, remedy, severity=severity)


def check_emergencies(file: Path) -> Iterator[Problem]:
    """All problems of the file; none if there is no such file or it cannot be read."""
    kinds = _read(file) if file.is_file() else []
    for one in kinds:
        yield from _reply(one)
        yield from _numbers(one)
        yield from _exclusions(one)
        yield from _care(one)
    yield from _left_out(kinds, file)
    yield from _repeated(kinds)
    yield from _failed_tests(kinds)


def _read(file: Path) -> list[_Kind]:
    try:
        items = read_items(file)
    except FileError:
        return []
    built = [(build(EmergencyClass, item), item) for item in items]
    return [_Kind(kind, item) for kind, item in built if isinstance(kind, EmergencyClass)]


def _reply(one: _Kind) -> Iterator[Problem]:
    reply = one.kind.reply
    for claim in _CLAIM.finditer(reply):
        if _DENIED.search(reply[: claim.start()]):
            continue
        what = f"「{claim.group()}」会让人以为已经有人报警，就不自己打电话了"
        remedy = "机器人不会打电话：改成请对方马上打"
        yield one.problem(("reply",), what, remedy)
    if len(reply) > _MOST_CHARACTERS:
        what = f"有 {len(reply)} 个字，危急时没人看得完"
        remedy = f"不超过 {_MOST_CHARACTERS} 个字，先说怎么保命"
        yield one.problem(("reply",), what, remedy, severity="warning")


def _numbers(one: _Kind) -> Iterator[Problem]:
    if not one.kind.numbers:
        what = "没有写该打的电话"
        yield one.problem(("numbers",), what, "如 [110]", severity="warning")
    for position, number in enumerate(one.kind.numbers):
        if number not in one.kind.reply:
            what = f"{number} 没有出现在回复里，居民看不到"
            remedy = "在回复里写上打这个电话"
            yield one.problem(("numbers", position), what, remedy, severity="warning")


def _exclusions(one: _Kind) -> Iterator[Problem]:
    phrases = {_bare(phrase): phrase for phrase in one.kind.phrases}
    for position, exclusion in enumerate(one.kind.exclusions):
        bare = _bare(exclusion)
        inside = [phrase for phrase in phrases if phrase in bare]
        if not inside:
            what = f"「{exclusion}」里没有这一类的触发词，不起作用"
            remedy = "排除的话要把触发词包在里面，如用「火锅」排除「火」"
            yield one.problem(("exclusions", position), what, remedy, severity="warning")
        elif bare in phrases:
            what = f"「{exclusion}」又是触发词又是排除，永远不会触发"
            yield one.problem(("exclusions", position), what, "删掉一处")


def _care(one: _Kind) -> Iterator[Problem]:
    kind = one.kind
    if _SELF_HARM.search(f"{kind.name}{''.join(kind.phrases)}") and not kind.private_only:
        what = "轻生一类只能在私聊里回复"
        yield one.problem(("private_only",), what, "写上「只在私聊: 是」")
    if not (kind.tests.should and kind.tests.should_not):
        what = "测试没有写全"
        remedy = "应中、不应中各写几句居民会说的话"
        yield one.problem(("tests",), what, remedy, severity="warning")


def _repeated(kinds: Sequence[_Kind]) -> Iterator[Problem]:
    """The first class that matches counts, so the second one's phrase is never reached."""
    ids: set[str] = set()
    first: dict[str, _Kind] = {}
    for one in kinds:
        if one.kind.id in ids:
            yield one.problem(("id",), f"编号「{one.kind.id}」重复", "换一个编号")
        ids.add(one.kind.id)
        for position, phrase in enumerate(one.kind.phrases):
            before = first.setdefault(_bare(phrase), one)
            if before is not one or one.kind.phrases.index(phrase) != position:
                what = f"「{phrase}」在「{before.kind.name}」里已经有了，这里用不上"
                path = ("phrases", position)
                yield one.problem(path, what, "删掉一处", severity="warning")


def _left_out(kinds: Sequence[_Kind], file: Path) -> Iterator[Problem]:
    """A file of one's own takes the place of the shipped one, with all its classes."""
    if not kinds or file.resolve() == SHIPPED.resolve():
        return
    own = {one.kind.id for one in kinds}
    names = [one.kind.name for one in _read(SHIPPED) if one.kind.id not in own]
    if names:
        what = f"程序自带的 {len(names)} 类这里没有，不再起作用：{'、'.join(names)}"
        remedy = "要用就从程序的 faq/tables/emergency.yaml 抄过来"
        yield Problem(str(file), 1, "", what, remedy, severity="warning")


def _failed_tests(kinds: Sequence[_Kind]) -> Iterator[Problem]:
    places = {one.kind.id: one for one in kinds}
    for failure in emergency_failures(Emergencies(one.kind for one in kinds)):
        one = places[failure.entry]
        what = f"测试没过：「{failure.text}」应当{failure.expected}，结果{failure.got}"
        remedy = "调整触发词或排除；拿不准的，宁可触发"
        yield one.problem(_path(one.kind, failure), what, remedy)


def _path(kind: EmergencyClass, failure: Failure) -> Steps:
    side = "should" if failure.text in kind.tests.should else "should_not"
    return ("tests", side, getattr(kind.tests, side).index(failure.text))


def _bare(phrase: str) -> str:
    return key(normalise(phrase))
