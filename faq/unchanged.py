"""What was made of each file, kept while the file stays the same: a save costs what has changed.

What is made of a file is left to `entries` and `book`, when to read to `current`.
"""

import hashlib
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from files.decode import read_bytes

P = ParamSpec("P")
T = TypeVar("T")
_Made = dict[tuple[str, tuple[Path, ...]], tuple[bytes, Any]]


class Unchanged:
    """Things by the files they were made of: of the last good reading and of those since."""

    def __init__(self) -> None:
        self._data: Mapping[Path, bytes] = {}
        self._good: _Made = {}
        self._tried: _Made = {}
        self._now: _Made = {}

    def begin(self, data: Mapping[Path, bytes]) -> None:
        """Start a reading, from these bytes that lay in the files at one moment."""
        self._data = data
        self._tried, self._now = self._now, {}

    def settle(self) -> None:
        """The reading was good: only what it used is still wanted."""
        self._data, self._good, self._tried, self._now = {}, self._now, {}, {}

    def make(
        self, what: str, files: Sequence[Path], build: Callable[[Mapping[Path, bytes]], T]
    ) -> T:
        """What `build` makes of the bytes in the files, or has made of the same bytes before."""
        data = {file: self._bytes(file) for file in files}
        digest = b"".join(hashlib.sha256(each).digest() for each in data.values())
        key = (what, tuple(files))
        for earlier in (self._tried, self._good):
            if earlier.get(key, (b"",))[0] == digest:
                self._now[key] = earlier[key]
                break
        else:
            self._now[key] = (digest, build(data))
        value: T = self._now[key][1]
        return value

    def _bytes(self, file: Path) -> bytes:
        found = self._data.get(file)
        return read_bytes(file) if found is None else found


def remembered(method: Callable[P, T], most: int) -> Callable[P, T]:
    """The method with its last results. Unlike a bare lru_cache it does not hold on to its own
    object, so that an old book is gone as soon as nobody uses it."""
    weak = weakref.WeakMethod(method)

    @lru_cache(maxsize=most)
    def again(*given: Any) -> T:
        alive: Callable[..., T] | None = weak()
        assert alive is not None
        return alive(*given)

    return cast(Callable[P, T], again)
