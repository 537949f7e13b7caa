"""In which line of a TOML file a value stands; tomllib reads the values and forgets their places.

Good for the files that people write by hand: headings and names at the beginning of a line. A value
inside of a value has the line of what it is in.
"""

import re

#: The way to a value: ("wecom", "webhook", 0, "key"), as pydantic names it.
Place = tuple[int | str, ...]

_HEADING = re.compile(r"\s*(\[\[?)([^\[\]]+)\]")
_NAME = re.compile(r"\s*([\w\".' -]+?)\s*=")


def lines(text: str) -> dict[Place, int]:
    """The line, counted from 1, of every heading and name."""
    found: dict[Place, int] = {}
    section: Place = ()
    for number, line in enumerate(text.splitlines(), 1):
        if heading := _HEADING.match(line):
            section = _parts(heading[2])
            section += (_how_many(found, section),) if heading[1] == "[[" else ()
            found.setdefault(section, number)
        elif name := _NAME.match(line):
            found.setdefault(section + _parts(name[1]), number)
    return found


def line_of(found: dict[Place, int], place: Place) -> int:
    """The line of a value, of its KEY_file, else of the nearest thing that it is in; 0 if none."""
    *above, last = place or ("",)
    by_file = (*above, f"{last}_file")
    for way in (place, by_file, *(place[:end] for end in range(len(place) - 1, 0, -1))):
        if way in found:
            return found[way]
    return 0


def _parts(written: str) -> Place:
    return tuple(part.strip(" \"'") for part in written.split("."))


def _how_many(found: dict[Place, int], section: Place) -> int:
    """How many tables of that array there are already."""
    return sum(1 for place in found if place[:-1] == section and isinstance(place[-1], int))
