"""sanzhang texts check | show: is an office's own wording right, and what the shipped one says.

What a file may say is issues/texts_file.py's business.
"""

import difflib
from collections.abc import Iterable
from pathlib import Path

import click

from bot.options import config_option, fail, out, read_config
from files.problem import FileError
from issues import texts_file
from issues.texts import Template, cut, shipped

#: What stands in the place of each variable.
MEANINGS = {
    "about": "是什么事，几个字",
    "absent": "请假的人",
    "action": "要办的事，如“延期”",
    "answer": "答复",
    "answers": "谁负责这一句",
    "at": "几点",
    "shorts": "几件的短编号",
    "brief": "内容，20 个字以内",
    "by": "谁做的",
    "channel": "该找哪里",
    "choices": "可以选的",
    "content": "内容，60 个字以内",
    "could": "可以转给谁",
    "count": "多少",
    "counts": "各有几件",
    "day": "日子",
    "dead": "送不到的通知几条",
    "days": "哪几天",
    "delegate": "代班的人",
    "due": "期限",
    "first": "头一天",
    "handed": "交出去的件数这一句",
    "heading": "卡片开头",
    "hidden": "投诉三长时多说的一句",
    "hints": "能回复的，分号隔开",
    "households": "几户反映",
    "household": "哪一户",
    "call": "该打的电话",
    "rung": "已通知的人",
    "unsure": "不知道到了没有的通知几条",
    "where": "住在哪里、发来的位置",
    "spot": "发来的位置",
    "minutes": "几分钟",
    "names": "几个人的姓名",
    "how": "怎么到手上的",
    "kind": "片、组、村……",
    "keys": "五档评价和数字",
    "kinds": "各有几件这一段",
    "last": "最后一天",
    "latitude": "纬度",
    "level": "现在到哪一级",
    "longitude": "经度",
    "line": "前面那一行",
    "look": "怎么看照片这一段",
    "mark": "2 天、1 周、1 个月……",
    "missed": "没做到什么",
    "moved": "原定的时间这一段",
    "name": "姓名",
    "next": "下一次什么时候",
    "now": "谁负责、什么时候这两行",
    "number": "编号",
    "numbers": "编号，顿号隔开",
    "office": "配置里的服务名",
    "other": "另一件的短号",
    "party": "该由谁来办",
    "phone": "电话这一段",
    "place": "位置",
    "posts": "职务，一行一个",
    "problems": "哪一行错了什么",
    "promise": "0211 的承诺",
    "promised": "原来的期限",
    "question": "刚才问的那一句",
    "rating": "评价",
    "reason": "原因",
    "reported": "谁报过",
    "reporter": "反映人",
    "request": "请做什么",
    "result": "办理结果",
    "row": "收件箱里第几条",
    "said": "说的话",
    "say": "回复什么就能转",
    "short": "短号",
    "some": "编号和姓名，顿号隔开",
    "stage": "已报、已接、办理中、办结",
    "stages": "四步，各是几点",
    "state": "到哪一步了",
    "tel": "电话号码",
    "thanks": "谢谢评价这一句",
    "tier": "难度",
    "title": "邻长、组长、片长……",
    "to": "交给谁",
    "told": "什么时候告诉谁，或说了什么",
    "unit": "单位",
    "units": "单位，顿号隔开",
    "until": "到什么时候",
    "userid": "账号",
    "vacant": "空缺这几行",
    "verb": "该回复的词",
    "wanted": "想改成的难度",
    "was": "原来的编号",
    "what": "什么东西，什么话",
    "when": "时间",
    "who": "现在负责的人",
    "whole": "全部内容",
    "whom": "给谁",
    "word": "要办的事，如“延期”",
    "why": "为什么",
}
FILE = click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))


@click.group()
def texts() -> None:
    """机器人说的话：看原来怎么说，检查改过的。"""


@texts.command("check")
@FILE
@config_option
def check(file: Path | None, config_path: Path | None) -> None:
    """检查改过的话，一次列出所有问题；不写文件就检查配置里的那一份。"""
    path = file or read_config(config_path).texts_path()
    if path is None:
        fail("配置里没有写 [service] texts，也没有说哪个文件：sanzhang texts check 文件")
    try:
        texts_file.load(path)
    except FileError as error:
        fail(*error.problems)
    out.print(f"{path}：没有问题，改了 {len(texts_file.read(path))} 句。", markup=False)


@texts.command("show")
@click.argument("key", required=False)
def show(key: str | None) -> None:
    """看原来怎么说：不写名称就列出全部；写了就给出可以照抄去改的样子。"""
    if key is None:
        for name, template in shipped().items():
            out.print(f"{name}：{cut(template.text or template.title, 50)}", markup=False)
    elif key not in shipped():
        close = difflib.get_close_matches(key, shipped(), n=1, cutoff=0.5)
        fail(f"没有叫 {key} 的话{f'，是不是 {close[0]}？' if close else ''}")
    else:
        _print(key, shipped()[key])


def _print(key: str, template: Template) -> None:
    """Ready to be pasted into a file: all but the template itself is a comment."""
    out.print(f"# 可以用：{_described(template.allowed) or '（没有花括号）'}", markup=False)
    kept = texts_file.kept(template)
    if kept:
        out.print(f"# 必须留着：{'  '.join(kept)}", markup=False)
    out.print(texts_file.source(key), markup=False)


def _described(names: Iterable[str]) -> str:
    """{reason} 原因  {due} 期限."""
    return "  ".join(f"{{{name}}} {MEANINGS[name]}" for name in names)
