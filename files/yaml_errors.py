"""What the YAML parser stumbled over, told so that the person who typed it can mend it.

The parser often stops below the slip, so the line before is looked at as well. Reading is left to
`yaml_lines`.
"""

import re

import yaml

from files.problem import Problem

#: What the parser says, what that means, what to do.
_SAYINGS = (
    ("found character '\\t'", "用了制表符（Tab）", "缩进只能用空格"),
    ("\\t", "用了制表符（Tab）", "缩进只能用空格"),
    ("mapping values are not allowed", "冒号的位置不对", "文字里有英文冒号时，请用引号括起来"),
    ("could not find expected ':'", "这里少了冒号，或引号没有成对", "写成「问题: 内容」"),
    ("found unexpected end of stream", "引号没有成对，文件像是没有存完", "补上引号，再保存一次"),
    ("expected <block end>", "缩进没有对齐", "同一条目的各项要从同一列开始"),
    ("did not find expected '-' indicator", "缩进没有对齐", "每条以「- 」开头，各条对齐"),
    ("did not find expected key", "缩进没有对齐，或引号没有成对", "同一条目的各项要从同一列开始"),
    ("did not find expected ',' or ']'", "方括号没有成对", "补上「]」"),
    ("did not find expected ',' or '}'", "花括号没有成对", "补上「}」"),
    ("node content", "括号没有成对", "文字以括号开头时，请用引号括起来"),
    ("undefined alias", "用了没有定义的引用（*）", "文字以 * 或 & 开头时，请用引号括起来"),
    ("scanning an a", "文字以 * 或 & 开头", "请用引号括起来"),
    ("scanning a tag", "文字以 ! 开头", "请用引号括起来"),
    ("scanning a block scalar", "| 或 > 后面不能再写字", "文字从下一行开始，多缩进两格"),
    ("cannot start any token", "这个符号不能放在开头", "请把这段文字用引号括起来"),
    ("mapping keys are not allowed", "这个符号不能放在开头", "请把这段文字用引号括起来"),
    ("sequence entries are not allowed", "「-」的位置不对", "列表从下一行开始，每行一个「- 」"),
    ("unknown escape character", "双引号里有反斜杠 \\", "改用单引号，或把 \\ 写成 \\\\"),
    ("control characters", "有看不见的控制字符", "删掉这一行重新输入"),
    ("special characters", "有看不见的控制字符", "删掉这一行重新输入"),
)
_NAME = r"[^\s:：'\"#\[{|>-][^\s:：'\"#]{0,7}"
#: What a Chinese keyboard makes of YAML's signs.
_SLIPS = (
    (re.compile(r"[ \t]*[\u00a0\u3000]"), "缩进用了中文空格", "缩进只能用英文空格"),
    (re.compile(r" *[－—–]"), "用了中文的横线", "改成英文的「-」，后面空一格"),
    (re.compile(rf" *-{_NAME}[:：]"), "「-」后面少了空格", "写成「- 编号: …」"),
    (re.compile(rf" *(?:- +)?{_NAME} *："), "用了中文冒号「：」", "改成英文冒号「:」，后面空一格"),
    (re.compile(rf" *(?:- +)?{_NAME}:(?=[^ \r\n])"), "冒号后面少了空格", "冒号后面空一格再写"),
)
_NAMED = re.compile(rf" *(?:- +)?{_NAME}:(?: [^:]*)?$")
_INDENT = re.compile(r"[ \t\u00a0\u3000]*(?:[-－—–][ \u3000]*)?")


def syntax_problem(file: str, error: yaml.YAMLError, text: str) -> Problem:
    """The parser's error with its line, what is wrong there and what to do."""
    lines, line = text.splitlines(), _line(error, text)
    if not _has_tab_indent(lines, line):
        for number in (line, line - 1):
            slip = _slip(lines, number, line)
            if slip:
                return Problem(file, number, "", *slip)
    return Problem(file, line, "", *_saying(error, lines, line))


def _line(error: yaml.YAMLError, text: str) -> int:
    """Where to look: of a quote that is never closed, where it was opened."""
    mark = getattr(error, "problem_mark", None)
    if "quoted scalar" in (getattr(error, "context", None) or ""):
        mark = getattr(error, "context_mark", None) or mark
    return mark.line + 1 if mark else 1 + text.count("\n", 0, getattr(error, "position", 0))


def without_names(text: str) -> str:
    """What to do about a text that was meant to be names and values; "" if no slip is seen."""
    return next((remedy for sign, _, remedy in _SLIPS if sign.match(text)), "")


def _slip(lines: list[str], number: int, stopped: int) -> tuple[str, str] | None:
    """A mistyped sign in that line, unless the line is the inside of a longer text."""
    if not 0 < number <= len(lines):
        return None
    line = lines[number - 1]
    if number != stopped and stopped <= len(lines) and _column(line) > _column(lines[stopped - 1]):
        return None
    found = (found for found in _SLIPS if found[0].match(line))
    return next(((what, remedy) for _, what, remedy in found), None)


def _column(line: str) -> int:
    found = _INDENT.match(line)
    return found.end() if found else 0


def _saying(error: yaml.YAMLError, lines: list[str], line: int) -> tuple[str, str]:
    detail = " ".join(filter(None, [getattr(error, "context", ""), getattr(error, "problem", "")]))
    detail = detail or str(error)
    if "mapping values" in detail and _NAMED.match(lines[line - 1] if line <= len(lines) else ""):
        return "缩进没有对齐，或上一行没有写完", "同一条目的各项要从同一列开始"
    at_tab = _has_tab_indent(lines, line)
    for sign, what, remedy in _SAYINGS:
        if sign in detail or (at_tab and sign == "\\t"):
            return what, remedy
    return f"格式看不懂（{detail}）", "对照上一条检查缩进、冒号和引号"


def _has_tab_indent(lines: list[str], line: int) -> bool:
    near = lines[line - 1] if 0 < line <= len(lines) else ""
    return "\t" in near[: len(near) - len(near.lstrip())]
