"""The text of a file in the encodings that Notepad, WPS and Excel on Chinese Windows write.

Never with replacement characters: half a name is worse than an error. What the text means is left
to the readers of YAML and of sheets.
"""

from pathlib import Path

from files.problem import FileError, Problem

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_UTF_8_MARK = b"\xef\xbb\xbf"


def read_bytes(path: Path, shown: str = "") -> bytes:
    """What is in the file. Raises FileError, naming it as ``shown`` or else as it was given."""
    try:
        return path.read_bytes()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        what = "没有这个文件" if missing else "打不开这个文件"
        remedy = "检查文件名和路径" if missing else "看看是不是文件夹，有没有读的权限"
        raise FileError([Problem(shown or str(path), 0, "", what, remedy)]) from error


def read_text(path: Path) -> str:
    """The text of a file that has to be UTF-8. Raises FileError."""
    return decode(read_bytes(path), str(path))


def decode(data: bytes, file: str) -> str:
    """UTF-8, with or without its mark; no other: what is read in an answer, a guess could turn
    into nonsense. Raises FileError with the line of the first character that is none."""
    try:
        if data.startswith(_UTF_16):
            raise UnicodeDecodeError("utf-8", data, 0, 2, "utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError([_not_utf_8(file, data, error)]) from error


def decode_table(data: bytes, file: str) -> str:
    """UTF-8, UTF-16 with its mark or GB18030: in a table of names and numbers a wrong guess would
    be seen, and 另存为 CSV in Excel knows nothing else. Raises FileError with the row."""
    text = guessed(data)
    if text is None:
        remedy = "在 WPS 或 Excel 里另存为「CSV UTF-8」或 .xlsx"
        raise FileError([Problem(file, _first_bad_line(data), "", "文字编码认不出来", remedy)])
    return text


def guessed(data: bytes) -> str | None:
    """The text in the encoding that its mark names, else in UTF-8, else in GB18030; None if it is
    in none of them."""
    for encoding in _encodings(data):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _encodings(data: bytes) -> tuple[str, ...]:
    if data.startswith(_UTF_16):
        return ("utf-16",)
    return ("utf-8-sig",) if data.startswith(_UTF_8_MARK) else ("utf-8", "gb18030")


def _first_bad_line(data: bytes) -> int:
    try:
        data.decode(_encodings(data)[0])
    except UnicodeDecodeError as error:
        return _line_of(error)
    return 0


def _line_of(error: UnicodeDecodeError) -> int:
    """Counted in what the codec read, which is the file without its mark."""
    return error.object.count(b"\n", 0, error.start) + 1


def _not_utf_8(file: str, data: bytes, error: UnicodeDecodeError) -> Problem:
    line = _line_of(error)
    if error.reason == "unexpected end of data":
        return Problem(file, line, "", "文件在一个字的中间断了", "像是没有存完，请再保存一次")
    what = f"文件编码不是 UTF-8（看起来是{_seems(data)}）"
    return Problem(file, line, "", what, "用记事本「另存为」，编码选 UTF-8")


def _seems(data: bytes) -> str:
    if data.startswith(_UTF_16):
        return " UTF-16"
    return "未知编码" if guessed(data) is None else " GB18030/ANSI"
