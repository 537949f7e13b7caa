"""The last good Book behind a path, renewed when the files change.

A broken file changes nothing but is reported once; who is told is up to the caller.
"""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faq.book import Book, Tables
from faq.problems import FaqError, Problem
from faq.reading import yaml_files

_SHIPPED = Path(__file__).parent / "tables"
Stamp = tuple[tuple[str, int, int, int], ...]


class Shelf:
    """`book` is always usable; `refresh()` swaps it for a newer one, at once or not at all."""

    def __init__(
        self,
        path: str | Path,
        on_error: Callable[[FaqError], None] | None = None,
        **options: Any,
    ) -> None:
        self.path = Path(path)
        self._on_error = on_error
        self._options = options
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._told = ""
        self._stamp = self._look()
        self._digest = self._read()
        self.book = self._first()

    def _first(self) -> Book:
        """The book to begin with. With a broken file nobody is answered, but the service lives:
        everything goes to a person, and emergencies are known by the shipped phrases."""
        try:
            return Book.load(self.path, **self._options)
        except FaqError as error:
            if not self.path.exists():  # a wrong path is for whoever is starting the service
                raise
            idle = "启动时没有能用的一版：改好之前，问什么都转给邻长"
            self._tell(FaqError([*error.problems, Problem(str(self.path), 0, "", idle)]))
            self._told = str(error)  # the same mistakes are no news when another file is saved
        kept = {name: value for name, value in self._options.items() if name != "tables"}
        return Book([], Tables.load(_SHIPPED), **kept)

    def refresh(self) -> bool:
        """Load what has changed, in the caller's thread; True if there is a new book."""
        with self._lock:
            stamp = self._look()
            if stamp == self._stamp:
                return False
            digest = self._read()
            self._stamp = stamp
            if digest == self._digest:
                return False
            self._digest = digest
            return self._reload()

    def start(self, seconds: float = 0.3) -> None:
        """Look three times a second in a thread of its own; what has changed is read once it lies
        still, so that a file that is only half saved is neither used nor complained about."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(
                target=self._watch, args=(seconds,), name="faq-shelf", daemon=True
            )
            self._thread.start()

    def stop(self) -> None:
        """End the thread of `start`."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._thread = None

    def _watch(self, seconds: float) -> None:
        before = self._stamp
        while not self._stop.wait(seconds):
            try:
                seen, before = before, self._look()
                if seen == before:
                    self.refresh()
            except Exception as error:  # a bug of ours must not end the watch for good
                self._tell(FaqError([Problem(str(self.path), 0, "", f"读取时出错：{error}")]))

    def _reload(self) -> bool:
        try:
            book = Book.load(self.path, **self._options)
        except FaqError as error:
            self._tell(error)
            return False
        self.book = book
        self._told = ""
        return True

    def _tell(self, error: FaqError) -> None:
        if str(error) != self._told:
            self._told = str(error)
            if self._on_error is not None:
                self._on_error(error)

    def _files(self) -> list[Path]:
        tables = Path(self._options.get("tables") or self.path / "tables")
        found = {*yaml_files(self.path), *tables.glob("*.yaml"), *_SHIPPED.glob("*.yaml")}
        return sorted(found)

    def _look(self) -> Stamp:
        seen = []
        for file in self._files():
            try:
                stat = file.stat()
            except OSError:
                continue
            seen.append((str(file), stat.st_mtime_ns, stat.st_size, stat.st_ino))
        return tuple(seen)

    def _read(self) -> str:
        digest = hashlib.sha256()
        for file in self._files():
            try:
                digest.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
            except OSError:
                continue
        return digest.hexdigest()
