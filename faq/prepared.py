"""What takes long to make and depends on files only, kept on disk from one start to the next.

Safe to delete at any time. What is made, and of what, is left to `segment` and `current`; where it
may lie, to the caller.
"""

import hashlib
import json
import logging
import os
import stat
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

_FORM = "sanzhang-prepared-1"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_log = logging.getLogger(__name__)


class Prepared:
    """JSON files in a folder that nobody else may enter.

    Each says in its first line what it was made of and what its own contents add up to. A file
    that is missing, damaged, of another version or in a folder that others may write to is made
    anew, never believed: who could lay a file there could put words into the bot's mouth.
    JSON, since reading it runs nothing.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder if folder is not None and _is_private(folder) else None
        if folder is not None and self._folder is None:
            _log.warning("%s is not used: others may write to it, or it cannot be made", folder)

    def load(self, name: str, made_of: str) -> Any:
        """What was saved under that name if it was made of the same, else None."""
        if self._folder is None:
            return None
        try:
            head, _, body = (self._folder / f"{name}.json").read_bytes().partition(b"\n")
            return json.loads(body) if head == _head(made_of, body) else None
        except (OSError, ValueError, RecursionError):
            return None

    def save(self, name: str, made_of: str, value: Any) -> None:
        """Keep it for the next start, all of it or nothing; a full disk only costs time later."""
        if self._folder is None:
            return
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        with suppress(OSError):
            _replace(self._folder / f"{name}.json", _head(made_of, body) + b"\n" + body)


def digest_of(parts: Iterable[bytes]) -> str:
    """What these parts, in this order, add up to."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(b"%d\0" % len(part) + part)
    return whole.hexdigest()


def _head(made_of: str, body: bytes) -> bytes:
    return f"{_FORM} {made_of} {hashlib.sha256(body).hexdigest()}".encode()


def _is_private(folder: Path) -> bool:
    """Whether it is a folder of ours alone; made if there is none."""
    with suppress(OSError):
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        ours = os.name == "nt" or (
            found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & _OTHERS
        )
        return stat.S_ISDIR(found.st_mode) and ours
    return False


def _replace(file: Path, data: bytes) -> None:
    """Several workers may start at the same time: each writes a file of its own first."""
    handle, name = tempfile.mkstemp(prefix=".", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        os.replace(name, file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
