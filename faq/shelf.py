"""The last good Book behind a path, renewed when the files change.

A broken file changes nothing but is reported once; who is told is up to the caller.
"""

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from faq.book import Book
from faq.problems import FaqError, Problem
from faq.reading import yaml_files

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
        self.book = Book.load(self.path, **options)

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

    def start(self, seconds: float = 1.0) -> None:
        """Refresh every second in a thread of its own."""
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
        while not self._stop.wait(seconds):
            try:
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
        shipped = Path(__file__).parent / "tables"
        found = {*yaml_files(self.path), *tables.glob("*.yaml"), *shipped.glob("*.yaml")}
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
