"""Everything that `faq check` finds in the files, from syntax to answers that are too long.

Syntax and fields are checked while reading (`reading`, `entries`); here is what only shows when all
entries stand together.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from faq.book import Book
from faq.entries import Entry, Located
from faq.problems import FaqError, Problem
from faq.selftest import run_tests
from faq.text import key, normalise

#: What a passive reply or a text message of WeCom holds, in bytes of UTF-8.
ANSWER_BYTES = 2048
_ANSWER_CHARS = 300
_ROOM_FOR_EXIT = 120
_MONEY = re.compile(
    "\\d元|补贴|补助|津贴|低保|特困|养老金|抚恤|救助金|报销|缴费标准|保费|奖励|罚款|公积金|丧葬费"
)
_PLACEHOLDER = re.compile("〔待填[:：]([^〕]*)〕")
_TWIN = 0.3
_ORDER = {"error": 0, "warning": 1, "info": 2}


def check(
    path: str | Path, today: date | None = None, tables: str | Path | None = None
) -> list[Problem]:
    """All problems, the worst first, then by place."""
    try:
        book = Book.load(path, tables)
    except FaqError as error:
        return list(error.problems)
    problems = [p for rule in _RULES for one in book.located for p in rule(one, book, today)]
    problems += _same_phrasings(book)
    problems += _twins(book)
    problems += _failed_tests(book, today)
    return sorted(problems, key=lambda p: (_ORDER[p.severity], p.file, p.line, p.message))


Rule = Callable[[Located, Book, date | None], Iterable[Problem]]


def _lengths(located: Located, book: Book, today: date | None) -> Iterable[Problem]:
    answer = located.entry.answer
    size = len(answer.encode())
    if size > ANSWER_BYTES - _ROOM_FOR_EXIT:
        advice = "缩短，或把细节移到「详细答复」"
        yield located.problem("answer", f"有 {size} 字节，企业微信发不出去", advice=advice)
    elif len(answer) > _ANSWER_CHARS:
        message = f"有 {len(answer)} 字，手机上一屏看不完"
        advice = f"先说结论，{_ANSWER_CHARS} 字以内，细节放「详细答复」"
        yield _warning(located, "answer", message, advice)


def _dates(located: Located, book: Book, today: date | None) -> Iterable[Problem]:
    entry = located.entry
    if entry.review_on is None:
        yield _warning(located, "review_on", "没有复核日期", "写上「复核」，到期好提醒核对")
    if today is None:
        return
    if entry.valid_to is not None and entry.valid_to < today:
        yield _warning(located, "valid_to", f"{entry.valid_to} 已经失效", "改日期，或删掉这一条")
    if entry.review_on is not None and entry.review_on < today:
        message = f"{entry.review_on} 就该复核了"
        yield _warning(located, "review_on", message, "核对答复，再写下一次日期")
    if entry.valid_from and entry.valid_to and entry.valid_from > entry.valid_to:
        yield located.problem("valid_to", "失效日期早于生效日期")


def _sources(located: Located, book: Book, today: date | None) -> Iterable[Problem]:
    entry = located.entry
    if not entry.source and _MONEY.search(entry.question + entry.answer + entry.category):
        advice = "写上「来源」：文件名、文号或发布单位"
        yield _warning(located, "source", "讲到钱或待遇，却没有来源", advice)


def _placeholders(located: Located, book: Book, today: date | None) -> Iterable[Problem]:
    entry = located.entry
    for field, value in (("answer", entry.answer), ("long_answer", entry.long_answer)):
        for what in dict.fromkeys(_PLACEHOLDER.findall(value)):
            message = f"还有没填的：{what}"
            yield located.problem(field, message, severity="warning", advice="换成本地的真实内容")


def _overrides(located: Located, book: Book, today: date | None) -> Iterable[Problem]:
    entry = located.entry
    if not entry.overrides:
        return
    target = book.entry(entry.overrides)
    if target is None or target.id == entry.id:
        message = f"要替代的「{entry.overrides}」不存在"
        yield located.problem("overrides", message, advice="写被替代条目的编号")
    elif not entry.scope:
        advice = "写上「适用」，如 清溪镇/韶山村"
        yield _warning(located, "overrides", "替代了别的条目，却没有写适用范围", advice)


_RULES: tuple[Rule, ...] = (_lengths, _dates, _sources, _placeholders, _overrides)


def _warning(located: Located, field: str, message: str, advice: str) -> Problem:
    return located.problem(field, message, severity="warning", advice=advice)


def _same_phrasings(book: Book) -> Iterable[Problem]:
    first: dict[str, Located] = {}
    for located in book.located:
        for phrasing in dict.fromkeys(key(normalise(p)) for p in located.entry.phrasings):
            before = first.setdefault(phrasing, located)
            if before is not located and _meet(before.entry, located.entry):
                message = f"「{phrasing}」在「{before.entry.id}」里也有（{before.place}）"
                advice = "只留一处；要按村镇区别回答，写「适用」和「替代」"
                yield located.problem("alternatives", message, advice=advice)


def _meet(a: Entry, b: Entry) -> bool:
    """Whether one sender could be meant by both, with nothing to say which comes first."""
    if a.overrides == b.id or b.overrides == a.id or not set(a.channels) & set(b.channels):
        return False
    return set(a.scope) == set(b.scope)


def _twins(book: Book) -> Iterable[Problem]:
    told: set[frozenset[str]] = set()
    for located in book.located:
        for phrasing in located.entry.phrasings:
            other = _twin(book, located.entry, phrasing)
            pair = frozenset((located.entry.id, other.id)) if other else frozenset()
            if other is not None and pair not in told:
                told.add(pair)
                message = f"「{phrasing}」与「{other.id}」（{other.question}）分不清"
                advice = "合成一条，或把两边的问法写得更不一样"
                yield _warning(located, "question", message, advice)


def _twin(book: Book, entry: Entry, phrasing: str) -> Entry | None:
    """Another entry that the matcher holds for nearly as likely."""
    match = book.match(phrasing, entry.scope, channel=entry.channels[0], intent="question")
    others = [c for c in match.candidates if c.entry.id != entry.id and c.score >= _TWIN]
    if not others or not _meet(others[0].entry, entry):
        return None
    return others[0].entry


def _failed_tests(book: Book, today: date | None) -> Iterable[Problem]:
    places: dict[str, Any] = {located.entry.id: located for located in book.located}
    for failure in run_tests(book, today):
        located = places.get(failure.entry)
        message = f"「{failure.text}」应当{failure.expected}，结果{failure.got}"
        if located is None:
            yield Problem("emergency.yaml", 0, "测试", message, entry=failure.entry)
        else:
            advice = "补一条相近的「相似问」，或改测试"
            yield located.problem("tests", message, severity=failure.severity, advice=advice)
