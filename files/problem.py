"""What is wrong with an admin's file, said so that the person who wrote it can mend it.

Every reader of such a file finds Problems and raises FileError; showing them is left to the edges.
"""

from collections.abc import Iterable
from dataclasses import KW_ONLY, asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
#: What stands before a problem in a list of them.
SIGNS: dict[Severity, str] = {"error": "✗", "warning": "!", "info": "·"}


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it is, what is wrong, and the way out (``remedy``).

    ``line`` counts from 1, in a spreadsheet as its row; 0 is the file as a whole. ``field`` is the
    name or column as the admin writes it, ``entry`` the id of the element, where it has one.
    """

    file: str
    line: int
    field: str
    what: str
    remedy: str = ""
    _: KW_ONLY
    severity: Severity = "error"
    entry: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        field = f"「{self.field}」" if self.field else ""
        remedy = f"（{self.remedy}）" if self.remedy else ""
        return f"{place}: {field}{self.what}{remedy}"

    @property
    def marked(self) -> str:
        """The problem in a list in which some are worse than others."""
        return f"{SIGNS[self.severity]} {self}"

    def as_dict(self) -> dict[str, object]:
        """For `--json`, with the keys of its contract: `message` and `advice`."""
        names = {"what": "message", "remedy": "advice"}
        return {names.get(name, name): value for name, value in asdict(self).items()}


class FileError(Exception):
    """A file that an admin wrote cannot be used; ``problems`` has all that is wrong, by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        # Problems of one line stay in the order in which they were found: that of the fields.
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))
        super().__init__("\n".join(str(problem) for problem in self.problems))
