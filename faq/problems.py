"""What is wrong with a file, said so that the person who wrote it can mend it.

Finding them is left to `reading`, `entries` and `lint`; showing them to the CLI and console.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake, with the place where it is and the way out."""

    file: str
    line: int
    field: str
    message: str
    severity: Severity = "error"
    entry: str = ""
    advice: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        field = f"「{self.field}」" if self.field else ""
        advice = f"（{self.advice}）" if self.advice else ""
        return f"{place}: {field}{self.message}{advice}"

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return asdict(self)


class FaqError(Exception):
    """The FAQ files cannot be used; `problems` lists everything that is wrong with them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
