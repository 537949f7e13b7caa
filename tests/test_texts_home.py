"""What a person reads stands in the texts files, where an office can change it, and not in code.

Chinese in code is for the program: words that it hears, commands, patterns. What else is left has
a reason here.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from issues.texts import HOME

ROOMS = ("issues", "handlers", "scheduler", "people")
CHINESE = re.compile("[\u4e00-\u9fff]")
#: No sentence has these.
PATTERN = re.compile(r"\(\?|\||\[")

#: Files in which Chinese is no sentence of the bot's, and what it is there.
FILES = {
    "issues/audit.py": "printed by a command of the administrator",
    "issues/rate_board.py": "printed by a command of the administrator",
    "issues/history.py": "printed by a command of the administrator",
    "issues/ledger.py": "the columns and cells of the 三单式台账, an official form",
    "issues/ledger_file.py": "the columns and cells of the 三单式台账, an official form",
    "issues/masks.py": "digits that are covered",
    "issues/routes.py": "the words of the 分工表, quoted as they stand there",
    "issues/texts_file.py": "what is wrong in a file of texts",
    "people/finding.py": "words that are heard",
    "people/roster.py": "what is wrong with a roster",
    "people/roster_check.py": "what is wrong in a roster",
    "people/roster_file.py": "what is wrong in a roster",
    "people/roster_plan.py": "what an import is going to do, for the administrator",
    "people/roster_row.py": "what is wrong in a roster",
    "people/roster_same.py": "what is to be asked about a roster",
    "people/roster_undo.py": "what was not taken back, for the administrator",
    "people/roster_units.py": "what cannot be done to a unit, for the administrator",
    "people/sample.py": "an invented roster",
    "people/vacancies.py": "printed by a command of the administrator",
    "scheduler/clockwork.py": "the names of the ticks, printed by a command",
}
#: Single words elsewhere.
WORDS = {
    "issues/referral.py": {"转 ", " 给 "},  # an order that can be replied as it is
    "issues/wording.py": {
        *("一二三四五六日", "月", "日", "（周", " 前", "）24 点前"),  # how a day is written
        "1 非常满意 2 满意 3 基本满意 4 不满意 5 非常不满意",  # numbers that are heard
        *("照片", "语音", "视频", "位置", "文件"),  # heard as well: 照片 0042
        "分工表：",  # taken away from a quoted line of it
    },
    "handlers/area.py": {
        *("邻", "组", "片", "村", "社区", "镇", "乡", "街道", "市", "县"),
        *("我", "我们", "咱们", "自己", "我自己", "你", "您", "他", "她", "谁", "他们"),
    },
    "handlers/context.py": {"群", "私"},  # the FAQ's own names of the channels
    "handlers/dialogue.py": {"吗"},
    "handlers/doing.py": {"{kept}，请找{said}"},  # an order kept until the rest is said
    "handlers/in_person.py": {
        *("告知", "都", "全部", "都说了", "都告知了", "两位", "各位", "所有人"),
    },
    "handlers/absence.py": {
        *("我们", "{kept} 由{said}代", " 由", "代", "请假 ", " 到 "),  # heard, and kept as orders
    },
    "handlers/look.py": {" 。.!?吧呢号", "把", "第"},
    "handlers/reporting.py": {"\n（引用："},  # part of what somebody has said, heard as such
    "handlers/on_the_way.py": {"哒冇克", "了没去"},  # dialect that is heard
    "handlers/running.py": {"进度", "我的诉求"},  # what progress.py hears
    "handlers/hearing.py": {"进度", "催办", "撤回", "我的诉求"},  # wishes of progress.py
    "handlers/progress.py": {
        *("催", "催办", "催一下", "进度", "恢复", "撤回", "撤销", "可以来了"),
    },
    "handlers/staff.py": {
        *("待办", "我的待办", "我手上的", "清单", "待办清单"),
        *("逾期", "超期", "逾期清单", "超期清单", "看逾期", "看超期"),
        "私",  # the FAQ's own name of a channel
    },
    "handlers/my_zhang.py": {"三长", "长", "干部"},
    "handlers/welcome.py": {"闲聊：问候"},  # the FAQ's own name of it
    "handlers/several.py": {"号件"},
    "handlers/merge.py": {" ,，、。号件"},
    "handlers/rating.py": {"解决了", "修好了", "没解决", "没有解决"},
    "handlers/reach.py": {"第"},
}


def _literals(tree: ast.Module) -> Iterator[str]:
    """Every string with Chinese, and the pieces of those that are filled in; no docstrings."""
    documents = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) not in documents and CHINESE.search(node.value):
            yield node.value


@cache
def _said() -> dict[str, set[str]]:
    """By file, what may be a sentence."""
    found = {}
    for room in ROOMS:
        for path in sorted((HOME / room).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            said = {text for text in _literals(tree) if not PATTERN.search(text)}
            found[str(path.relative_to(HOME))] = said
    return {name: said for name, said in found.items() if said}


def test_no_sentence_stands_in_code():
    known = {name: said - WORDS.get(name, set()) for name, said in _said().items()}
    assert {name: said for name, said in known.items() if said and name not in FILES} == {}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_let_be_has_chinese_in_it(name):
    assert name in _said()


@pytest.mark.parametrize("name", WORDS)
def test_a_word_that_is_let_be_is_still_there(name):
    assert WORDS[name] - _said()[name] == set()
