"""What comes back on a connection."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Answered:
    """Status and body of the first answer; 0 and nothing where the line was only closed."""

    status: int
    body: bytes
    #: how many answers came: more than one would be a request smuggled into another
    answers: int

    @classmethod
    def of(cls, received: bytes) -> Self:
        received = received.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
        if not received.startswith(b"HTTP/1."):
            return cls(0, received, 0)
        head, _, body = received.partition(b"\r\n\r\n")
        return cls(
            int(head.split()[1]), body, received.count(b"HTTP/1.1 ") + received.count(b"HTTP/1.0 ")
        )
