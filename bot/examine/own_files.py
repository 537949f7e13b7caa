"""The office's own files: common questions, table of departments, texts, calendar.

A broken one is not used while the service goes on, so somebody has to be told.
"""

from collections.abc import Iterator

from sqlalchemy import select

from bot import departments, workdays
from bot.examine.examination import Finding, Installation, bad, good, note
from faq.book import Book
from files.problem import FileError
from issues import texts_file
from people.reading import read
from storage.tables import UnitRow


def questions(place: Installation) -> Iterator[Finding]:
    """The FAQ, and that every place it speaks of is on the roster."""
    try:
        book = Book.load(place.config.faq_path())
    except FileError as error:
        yield bad("faq.broken", f"常见问题：{error.problems[0]}")
        return
    kinds = len(book.emergencies.classes)
    yield good("faq", f"常见问题：{len(book.entries)} 条，紧急情况 {kinds} 类")
    with place.database.read() as session:
        everywhere = [f"/{path}/" for path in session.scalars(select(UnitRow.path))]
    for located in book.located:
        for scope in located.entry.scope:
            if not any(f"/{scope}/" in path for path in everywhere):
                where = f"{located.place} 的「适用: {scope}」"
                told = f"常见问题：{where}在花名册里找不到，没有人看得到这一条"
                yield bad("faq.scope", told)


def routing(place: Installation) -> Iterator[Finding]:
    """分工表: a unit without anybody is proposed to nobody."""
    path = place.config.routing_path()
    if path is None:
        return
    try:
        lines = departments.read(path)
    except FileError as error:
        yield bad("routing.broken", f"分工表没有用上：{error.problems[0]}")
        return
    with place.database.read() as session:
        unknown = departments.unknown_units(read(session), lines)
    yield good("routing", f"分工表：{len(lines)} 行")
    for problem in unknown[:5]:
        yield note("routing.unit", f"分工表 {problem}")


def texts(place: Installation) -> Iterator[Finding]:
    """An office's own words."""
    path = place.config.texts_path()
    if path is None:
        return
    try:
        texts_file.load(path)
    except FileError as error:
        yield bad("texts.broken", f"改过的话没有用上，还是原来的：{error.problems[0]}")
        return
    yield good("texts", f"机器人说的话：改了 {len(texts_file.read(path))} 句")


def calendar(place: Installation) -> Iterator[Finding]:
    """A year of which nobody has told the program when it rests: bad once it has begun."""
    today = place.office.today(place.now)
    known = workdays.read(place.config.calendar_path())
    unknown = known.missing(today)
    for line in unknown:
        begun = known.guesses(today.year) and line is unknown[0]
        yield (bad if begun else note)("calendar.year", line)
    if not unknown:
        yield good("calendar", "工作日历：放假和调休都知道")
