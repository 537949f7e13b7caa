"""The last good Book behind a path, renewed when the files change.

A broken file changes nothing but is reported once; who is told is up to the caller.
"""

import hashlib
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from faq import lexicon, segment, shrunk
from faq.book import Book, Tables, Thresholds, gathered, lexicon_files
from faq.entries import yaml_files
from faq.lexicon import Shape
from faq.prepared import Prepared
from faq.unchanged import Unchanged
from files.decode import read_bytes
from files.problem import FileError, Problem

_SHIPPED = Path(__file__).parent / "tables"
#: For so many looks after a change (some three seconds) contents count as well: a second save may
#: leave size and time as they were, where the file system knows whole seconds only.
_WARY = 10
#: And now and then in any case: some tools copy a file together with its time.
_SELDOM = 100
#: While nothing changes, so many phrasings are decided at each look: some 2 % of a processor.
_AHEAD = 8
_PHRASINGS = "phrasings"
Stamp = tuple[tuple[str, int, int, int], ...]
#: Called with what is wrong and a word for this occasion: every process that sees the same files
#: has the same word for it, and the same mistake made again after it was mended has another one.
Tell = Callable[[FileError, str], None]


class CurrentBook:
    """`book` is always usable; `refresh()` swaps it for a newer one, at once or not at all."""

    def __init__(
        self,
        path: str | Path,
        on_error: Tell | None = None,
        *,
        tables: str | Path | None = None,
        thresholds: Thresholds | None = None,
        names: Iterable[str] = (),
        cache: Path | None = None,
    ) -> None:
        """`cache` is a folder of the service's own, in which the dictionary and the phrasings
        wait made ready for the next start; without one each start makes them anew."""
        self.path = Path(path)
        self._tables = tables
        self._thresholds = thresholds
        self._names = tuple(names)
        self._on_error = on_error
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._unchanged = Unchanged()
        self._prepared = Prepared(cache)
        self._told = ""
        self._news: tuple[FileError, str] | None = None
        self._digest = ""
        #: the entries of a version that has lost too many, and waits for a word
        self._waiting: list[str] | None = None
        self._good: Stamp = ()
        self.book = self._first()

    def _first(self) -> Book:
        """The book to begin with. With a broken file nobody is answered, but the service lives:
        everything goes to a person, and emergencies are known by the shipped phrases."""
        try:
            book = self._load(self._look(), self._contents(), None)
            self._compare_with_last(book)
            return book
        except FileError as error:
            if not self.path.exists():  # a wrong path is for whoever is starting the service
                raise
            idle = "启动时没有能用的一版：改好之前，问什么都转给邻长"
            self._tell(error, Problem(str(self.path), 0, "", idle))
        tables = Tables.load(_SHIPPED)
        return Book([], tables, thresholds=self._thresholds, names=self._names)

    def refresh(self) -> bool:
        """Load what has changed, in the caller's thread; True if there is a new book."""
        with self._lock:
            stamp, contents = self._look(), self._contents()
            if _digest(contents) == self._digest and not self._is_accepted_now():
                self._good = self._good if self._told else stamp
                return False
            if self._look() != stamp:
                return False  # written meanwhile: half of it may be what was there before
            try:
                self.book = self._load(stamp, contents, self.book)
            except FileError as error:
                self._tell(error)
                return False
            self._told = ""
            return True

    def start(self, seconds: float = 0.3) -> None:
        """Look three times a second in a thread of its own; what has changed is read once it lies
        still, so that a file that is only half saved is neither used nor complained about."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(
                target=self._watch, args=(seconds,), name="faq-watch", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End the thread of `start`."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None

    def _watch(self, seconds: float) -> None:
        """A change is looked at again after half the time: is it all?"""
        seen, wary, looks, pause = self._look(), _WARY, 0, seconds
        while not self._stop.wait(pause):
            looks, pause = looks + 1, seconds
            try:
                before, seen = seen, self._look()
                if seen != before:
                    wary, pause = _WARY, seconds / 2
                elif wary or looks % _SELDOM == 0:
                    wary = max(wary - 1, 0)
                    self.refresh()
                else:
                    self.book.decide_ahead(_AHEAD)
                self._pass_on()
            except Exception as error:  # neither a bug nor a broken database ends the watch
                pause = seconds * _WARY
                self._keep_for_later(error)

    def _load(self, stamp: Stamp, contents: dict[Path, bytes], before: Book | None) -> Book:
        """Read what is not known yet; segmented words serve as long as the word tables do."""
        self._digest = _digest(contents)
        self._unchanged.begin(contents)
        segment.warm_up(self._prepared)
        located, tables = gathered(self.path, self._tables, self._unchanged)
        entries = [one.entry.id for one in located]
        if before is not None:
            self._not_half(entries, [entry.id for entry in before.entries])
        same = before is not None and before.lexicon is tables.lexicon
        made_of = self._words_made_of(contents)
        shapes = before.shapes if before and same else self._prepared_shapes(made_of, tables)
        limits, names = self._thresholds, self._names
        book = Book(located, tables, thresholds=limits, names=names, shapes=shapes)
        if not shapes.keys() >= book.shapes.keys():
            plain = {text: tables.lexicon.saved(shape) for text, shape in book.shapes.items()}
            self._prepared.save(_PHRASINGS, made_of, plain)
        self._unchanged.settle()
        self._good = stamp
        if before is not None:
            shrunk.remember(self._prepared, entries)
        return book

    def _not_half(self, entries: list[str], before: list[str]) -> None:
        """Raises FileError where too many entries are gone and nobody has said that it is so."""
        self._waiting = None
        if shrunk.is_shrunk(before, entries) and not shrunk.is_accepted(self._prepared, entries):
            self._waiting = entries
            then = "先用着原来的"
            raise FileError([shrunk.problem(str(self.path), before, entries, then)])

    def _is_accepted_now(self) -> bool:
        waiting = self._waiting
        return waiting is not None and shrunk.is_accepted(self._prepared, waiting)

    def _compare_with_last(self, book: Book) -> None:
        """At a start there is no other version to use: it is used, and asked about."""
        entries, last = [entry.id for entry in book.entries], shrunk.last(self._prepared)
        if not shrunk.is_shrunk(last, entries) or shrunk.is_accepted(self._prepared, entries):
            shrunk.remember(self._prepared, entries)
            return
        then = "重启以后只有这些能答"
        self._tell(FileError([shrunk.problem(str(self.path), last, entries, then)]))

    def _words_made_of(self, contents: dict[Path, bytes]) -> str:
        files = lexicon_files(self.path, self._tables).values()
        return lexicon.version(contents.get(file) or read_bytes(file) for file in files)

    def _prepared_shapes(self, made_of: str, tables: Tables) -> dict[str, Shape]:
        """The phrasings as an earlier start has cut them into words, by the same tables."""
        found = self._prepared.load(_PHRASINGS, made_of) or {}
        return {text: tables.lexicon.restored(saved) for text, saved in found.items()}

    def _tell(self, error: FileError, *more: Problem) -> None:
        """The same mistakes are told once, even when another file is saved meanwhile."""
        if str(error) != self._told:
            self._told = str(error)
            self._news = (FileError([*error.problems, *more]), self._occasion())
        self._pass_on()

    def _pass_on(self) -> None:
        """Call whoever tells the admins; if that fails, it is tried again at a later look."""
        if self._news is not None and self._on_error is not None:
            self._on_error(*self._news)
        self._news = None

    def _keep_for_later(self, error: Exception) -> None:
        problem = Problem(str(self.path), 0, "", f"读取时出错：{error}")
        if self._news is None and str(problem) != self._told:
            self._told = str(problem)
            self._news = (FileError([problem]), self._occasion())

    def _occasion(self) -> str:
        """When the files were saved that stay in use meanwhile; without any, the broken ones."""
        return hashlib.sha256(repr(self._good or self._look()).encode()).hexdigest()[:16]

    def _files(self) -> list[Path]:
        tables = Path(self._tables or self.path / "tables")
        found = {*yaml_files(self.path), *tables.glob("*.yaml"), *_SHIPPED.glob("*.yaml")}
        return sorted(found)

    def _look(self) -> Stamp:
        """When each file was saved, renamed or replaced, and its size."""
        seen = []
        for file in self._files():
            try:
                at = file.stat()
            except OSError:
                continue
            seen.append((str(file), at.st_mtime_ns, at.st_ctime_ns, at.st_size))
        return tuple(seen)

    def _contents(self) -> dict[Path, bytes]:
        found = {}
        for file in self._files():
            try:
                found[file] = file.read_bytes()
            except OSError:
                continue
        return found


def _digest(contents: dict[Path, bytes]) -> str:
    digest = hashlib.sha256()
    for file, data in contents.items():
        digest.update(b"%s\0%d\0" % (str(file).encode(), len(data)) + data)
    return digest.hexdigest()
