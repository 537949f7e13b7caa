"""Everything that `faq check` finds, all at once, from syntax to tests that fail.

Each finding says what to do. The emergency file has a module of its own, `lint_emergency`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

from faq.book import Book, Candidate, Match, Thresholds
from faq.entries import PLACEHOLDER, Entry, Located, yaml_files
from faq.lint_emergency import check_emergencies
from faq.lint_pairs import Family, check_pairs
from faq.places import comment, line_within
from faq.selftest import Progress, answers, ask_as_meant, entry_failures, outcome
from faq.text import key, normalise
from files.decode import read_text
from files.file_model import build
from files.problem import FileError, Problem, Severity
from files.yaml_lines import Steps, read_items

#: WeCom cuts a text there (bytes of UTF-8).
MOST_BYTES = 2048
#: The blank line and "没解决？回复 1 转您的邻长。" that follow each answer.
WAY_OUT_BYTES = 41
#: "想看详细的，回复：详细" and its line end, where there is a long answer.
MORE_BYTES = 34
#: About 300 characters: what a phone shows without scrolling.
PHONE_BYTES = 900
#: Beyond this, only the main questions are asked of the matcher, so that the check ends in minutes.
MOST_PHRASINGS = 20_000
_MONEY = re.compile(
    "补贴|补助|津贴|奖扶|低保|特困|救助|抚恤|医保|社保|养老|退休金|失业金|报销|待遇|缴费|收费"
    "|费用|金额|钱|(?<![单公])元(?![旦宵])"
)
#: Several words in one, as with a Chinese comma: [交通灯、红灯]
_SEVERAL = re.compile(r"[、，,；;\s]")
#: From this share of an entry's own score on, another one is a rival.
_RIVAL = 0.08
#: An entry's own words always lead to it; the same words said politely show what a resident gets.
_POLITE = "请问"
_MORE = "再加几句意思一样的相似问；词条件太严就放宽"
_DIVIDE = "换个问法，或用「必含」「排除」把两条分开；说的是一回事就并成一条"


def check(
    path: str | Path,
    today: date | None = None,
    tables: str | Path | None = None,
    *,
    thresholds: Thresholds | None = None,
    progress: Progress | None = None,
) -> list[Problem]:
    """All problems by file and line; without `today` nothing is said about dates.

    `thresholds` are those of the deployment: what is asked of the matcher is decided as there.
    """
    path = Path(path)
    problems: list[Problem] = []
    book: Book | None = None
    try:
        book = Book.load(path, tables, thresholds=thresholds)
    except FileError as error:
        problems.extend(error.problems)
    found = book.located if book else tuple(_salvaged(path))
    problems.extend(chain.from_iterable(_one(located, today) for located in found))
    problems.extend(_cut_off(found))
    problems.extend(check_pairs(found, alone=_has_siblings(path)))
    problems.extend(check_emergencies(_emergency_file(path, tables)))
    if book:
        problems.extend(_asked(book, today, progress))
    return sorted(set(problems))


def _has_siblings(path: Path) -> bool:
    """Whether this is one file of several, which may well replace entries of the others."""
    return path.is_file() and len(yaml_files(path.parent)) > 1


def _salvaged(path: Path) -> Iterator[Located]:
    """The entries that are sound although others are not."""
    for file in yaml_files(path) if path.exists() else ():
        try:
            items = read_items(file)
        except FileError:
            continue
        for item in items:
            built = build(Entry, item)
            if isinstance(built, Entry):
                yield Located(built, item)


def _emergency_file(path: Path, tables: str | Path | None) -> Path:
    """Only one that belongs to this FAQ: nobody can mend the shipped one from here."""
    return (Path(tables) if tables else path / "tables") / "emergency.yaml"


def _one(located: Located, today: date | None) -> Iterator[Problem]:
    """What can be seen from one entry alone."""
    for look in _LOOKS:
        yield from look(located)
    if today is not None:
        yield from _dates(located, today)


def _lengths(located: Located) -> Iterator[Problem]:
    entry = located.entry
    for field, text, extra in (
        ("answer", entry.answer, WAY_OUT_BYTES + (MORE_BYTES if entry.long_answer else 0)),
        ("long_answer", entry.long_answer, 0),
    ):
        size = len(text.encode()) + extra
        if size > MOST_BYTES:
            what = f"有 {size} 字节，超过企业微信的 {MOST_BYTES} 字节，后面的会被截掉"
            yield located.problem((field,), what, _shorten(size - MOST_BYTES))
        elif field == "answer" and size - extra > PHONE_BYTES:
            what = f"有 {len(text)} 个字，手机上要翻屏"
            remedy = "留下最要紧的三四句，其余写进「详细答复」"
            yield located.problem((field,), what, remedy, severity="warning")


def _shorten(bytes_over: int) -> str:
    return f"至少删去 {bytes_over // 3 + 1} 个字"


def _source(located: Located) -> Iterator[Problem]:
    entry = located.entry
    about = f"{entry.question}{entry.answer}{entry.long_answer}{entry.category}"
    found = _MONEY.search(about)
    if found and not entry.source:
        what = f"讲到「{found.group()}」却没有写依据"
        remedy = "写上文件名和文号，居民问起来有据可查"
        yield located.problem(("source",), what, remedy, severity="warning")


def _placeholders(located: Located) -> Iterator[Problem]:
    for path, text in _texts(located):
        for hit in PLACEHOLDER.finditer(text):
            line = line_within(located.item, path, hit.start())
            what, remedy = f"还没有填：{hit.group()}", "问清楚再填，不要估计"
            yield replace(located.problem(path, what, remedy, severity="info"), line=line)


def _unwritten(located: Located) -> Iterator[Problem]:
    if not key(normalise(PLACEHOLDER.sub("", located.entry.answer))):
        what = "答复还没有写，这一条先不回答，转给邻长"
        yield located.problem(("answer",), what, "写好答复再用", severity="warning")


def _words(located: Located) -> Iterator[Problem]:
    for field in ("must", "any", "not_words"):
        for number, word in enumerate(getattr(located.entry, field)):
            if _SEVERAL.search(word):
                what = f"「{word}」当成了一个词，问话里很难有"
                remedy = "分开写，如 [甲, 乙]，逗号用英文的"
                yield located.problem((field, number), what, remedy, severity="warning")


def _texts(located: Located) -> Iterator[tuple[Steps, str]]:
    """Every text of an entry as it was written, with the way to it."""
    written = located.item.value
    names = Entry.aliases()
    for name, value in written.items():
        if isinstance(value, str):
            yield (names.get(name, name),), value
        elif isinstance(value, list):
            yield from (((names.get(name, name), n), text) for n, text in enumerate(value))


def _tests(located: Located) -> Iterator[Problem]:
    tests = located.entry.tests
    for number, sentence in enumerate(tests.should_not):
        if sentence in tests.should:
            what = f"「{sentence}」同时写在应中和不应中里"
            yield located.problem(("tests", "should_not", number), what, "留下一处")


def _conditions(located: Located) -> Iterator[Problem]:
    entry = located.entry
    for number, word in enumerate(entry.not_words):
        if word in (*entry.must, *entry.any):
            what = f"「{word}」又要有又不许有"
            remedy = "从「必含」「任一」或「排除」里删掉一处"
            yield located.problem(("not_words", number), what, remedy)


def _empty(located: Located) -> Iterator[Problem]:
    for path, phrase in phrasings(located):
        if not key(normalise(phrase)):
            what = f"「{phrase}」里没有字，对不上任何问题"
            yield located.problem(path, what, "删掉或写完整", severity="warning")


_LOOKS: tuple[Callable[[Located], Iterable[Problem]], ...] = (
    _lengths,
    _source,
    _placeholders,
    _unwritten,
    _words,
    _tests,
    _conditions,
    _empty,
)


def _cut_off(found: Sequence[Located]) -> Iterator[Problem]:
    """Words behind " #" in a line are a comment to YAML, and lost to the resident."""
    lines = {file: read_text(Path(file)).splitlines() for file in {one.item.file for one in found}}
    for located in found:
        for path, _ in _texts(located):
            lost = comment(located.item, lines[located.item.file], path)
            if lost and path[0] in _PROSE:
                what = f"「{lost}」成了备注，居民看不到"
                remedy = "要用就把整段用引号括起来，是备注就另起一行"
                yield located.problem(path, what, remedy, severity="warning")


_PROSE = {"question", "answer", "long_answer", "alternatives"}


def _dates(located: Located, today: date) -> Iterator[Problem]:
    entry = located.entry
    if entry.valid_from and entry.valid_to and entry.valid_from > entry.valid_to:
        yield located.problem(("valid_to",), "失效在生效之前，这一条永远用不上", "改日期")
    elif entry.valid_to and entry.valid_to < today:
        what = f"{entry.valid_to} 已经失效，不再回答"
        yield located.problem(("valid_to",), what, "更新内容和日期，或删掉", severity="warning")
    elif entry.valid_from and today < entry.valid_from:
        what = f"{entry.valid_from} 才生效，现在还不回答"
        yield located.problem(("valid_from",), what, severity="info")
    yield from _review(located, today)


def _review(located: Located, today: date) -> Iterator[Problem]:
    due = located.entry.review_on
    if due is None:
        what, remedy = "没有写复核日期", "写上哪天再核对一次，如 2027-03-01"
    elif due < today:
        what, remedy = f"{due} 就该复核了", "核对内容后改成下次复核的日期"
    else:
        return
    yield located.problem(("review_on",), what, remedy, severity="warning")


def phrasings(located: Located) -> Iterator[tuple[Steps, str]]:
    """All ways of asking with their place."""
    yield ("question",), located.entry.question
    for number, phrase in enumerate(located.entry.alternatives):
        yield ("alternatives", number), phrase


def _asked(book: Book, today: date | None, progress: Progress | None) -> Iterator[Problem]:
    """What only the matcher can tell: tests that fail, questions that another entry answers."""
    total = sum(len(entry.phrasings) for entry in book.entries)
    all_of_them = total <= MOST_PHRASINGS
    family = Family(book.entries)
    steps = len(book.located)
    for done, located in enumerate(book.located, 1):
        asked = list(phrasings(located))
        for path, phrase in asked if all_of_them else asked[:1]:
            match = ask_as_meant(book, located.entry, _POLITE + phrase, today)
            yield from _confusion(located, path, phrase, match, family)
        if progress:
            progress(done, steps)
    for failure in entry_failures(book, today):
        what = f"测试没过：「{failure.text}」应当{failure.expected}，结果{failure.got}"
        remedy = "加一句相似问，或调整「必含」「排除」"
        yield Problem(failure.file, failure.line, "测试", what, remedy, entry=failure.entry)
    if not all_of_them:
        what = f"问法超过 {MOST_PHRASINGS} 句，相似问没有逐句试，只试了「问题」"
        yield Problem(book.located[0].item.file, 0, "", what, severity="info")


def _confusion(
    located: Located, path: Steps, phrase: str, match: Match, family: Family
) -> Iterator[Problem]:
    """An entry's own phrasing that does not lead to the entry, or hardly."""
    entry = located.entry
    if not key(normalise(phrase)) or family.stands_in(match.entry, entry):
        return
    if match.band in {"report", "emergency"}:
        what = f"「{phrase}」会{outcome(match)}，不用这一条回答"
        severity: Severity = "warning" if path == ("question",) else "info"
        remedy = "本来就是诉求的不用改；是问办法的，换成「怎么」「找谁」的问法"
        yield located.problem(path, what, remedy, severity=severity)
        return
    what = _why_not(phrase, match, entry, family)
    if what:
        remedy = _DIVIDE if "分不清" in what else _MORE
        yield located.problem(path, what, remedy, severity="warning")


def _why_not(phrase: str, match: Match, entry: Entry, family: Family) -> str:
    """What keeps the phrasing from its entry; empty if nothing does."""
    own = next((c for c in match.candidates if c.entry.id == entry.id), None)
    if own is None:
        return f"「{phrase}」对不上自己这一条，结果{outcome(match)}：看看「必含」「任一」「排除」"
    rival = _rival(own, match, family)
    if rival:
        name = f"{rival.id} {rival.question}"
        return f"「{phrase}」和「{name}」分不清，会{outcome(match)}"
    return "" if answers(match, entry) else f"「{phrase}」把握不够，会{outcome(match)}"


def _rival(own: Candidate, match: Match, family: Family) -> Entry | None:
    near = [c.entry for c in match.candidates if c.score >= own.score * _RIVAL]
    strangers = (e for e in near if e.id != own.entry.id and not family.related(e, own.entry))
    return next(strangers, None)
