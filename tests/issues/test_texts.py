"""An office's own words: what is taken, what is refused and how, what cannot get lost."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from files.problem import FileError
from issues import texts_file
from issues.texts import COMMON, HOME, SHIPPED, Texts, fill, names_in, shipped, together
from issues.texts_file import load
from rules.transitions import NotAllowed
from tests.town import OFFICE, TOWN

PARTS = ("text", "line", "title", "desc", "body")
RATING = "您评一评 {number}：{result}\n{keys}\n没好就回复：没修好 {short}"


@pytest.fixture
def write(tmp_path):
    def _write(text):
        path = tmp_path / "texts.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return _write


def mistakes(path: Path) -> list[str]:
    """Without the path, which every one of them begins with."""
    with pytest.raises(FileError) as caught:
        load(path)
    told = [str(problem) for problem in caught.value.problems]
    assert all(one.startswith(str(path)) for one in told)
    return [one.removeprefix(str(path)) for one in told]


def spoken() -> set[str]:
    """Every string in the rooms that tell somebody something."""
    rooms = ("rules", "issues", "handlers", "scheduler", "bot")
    files = [path for room in rooms for path in (HOME / room).rglob("*.py")]
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text("utf-8")))]
    return {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}


# --- the shipped file ---


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_a_shipped_file_is_right_by_its_own_rules(path):
    assert load(path) == Texts()


def test_a_name_that_is_in_two_files_is_an_error():
    with pytest.raises(ValueError, match="welcome stands in two files"):
        together({"welcome": "您好"}, {"welcome": "欢迎"})


def test_mere_words_may_name_what_they_name_and_have_to():
    gone = together({"gone": "{number} {name}已离开"})["gone"]
    assert (gone.allowed, gone.must) == (("name", "number"), ("name",))


def test_an_answer_keeps_what_it_tells(write):
    told = mistakes(write("seat: 您的{title}是 {name}。\n"))
    assert told == [":1: seat 的 text 少了 {phone}，读的人要知道这一点"]


def test_every_shipped_text_is_used():
    said = spoken()
    assert "promise_" in said  # of which there is one for each tier
    assert [key for key in shipped() if key not in said and not key.startswith("promise_")] == []


@pytest.mark.parametrize("key", sorted(shipped()))
def test_a_shipped_text_names_itself_whatever_it_offers(key):
    template = shipped()[key]
    named = {name for part in PARTS for name in names_in(getattr(template, part))}
    offered = {*template.also, *(template.only or ()), *template.must}
    assert offered - named <= {"number", "short"}


@pytest.mark.parametrize(
    "key", [k for k, one in shipped().items() if one.text and "who" in one.allowed]
)
def test_a_text_is_short_enough_for_a_phone(key):
    lines = shipped()[key].text.strip().split("\n")
    assert len(lines) <= (6 if key == "assigned" else 5)
    assert max(len(line) for line in lines) <= 75


# --- filling in ---


def test_a_line_of_which_nothing_is_left_is_left_out():
    assert fill("收到\n{hidden}\n\n请等", {"hidden": ""}) == "收到\n\n请等"


def test_a_number_after_the_colon_is_the_most_characters():
    assert fill("{a:4}，{a}", {"a": "一二三四五"}) == "一二三…，一二三四五"


def test_braces_in_what_somebody_has_said_stay_as_they_are():
    assert fill("{said}", {"said": "{number} {0} {{"}) == "{number} {0} {{"


# --- what an office may change ---


def test_only_what_is_written_is_changed(write):
    texts = load(
        write("accepted: 您好，{number} {who}接了\nask_rating:\n  buttons: [好了, 一半, 没]\n")
    )
    assert texts.templates["accepted"].text == "您好，{number} {who}接了"
    assert texts.templates["accepted"].line == shipped()["accepted"].line
    assert texts.buttons("ask_rating") == ("好了", "一半", "没")
    assert texts.templates["ask_rating"].text == shipped()["ask_rating"].text


def test_the_residents_read_the_words_of_the_office(town, write):
    own = load(write("accepted: 您好，{number} {who}接了\n"))
    day = town(*TOWN, office=replace(OFFICE, texts=own))
    number = day.report()
    day.do(number, "zhang", "accept")
    assert day.told("mao_mou")[-1] == f"您好，{number} 邻长张某接了"


def test_a_refusal_of_the_regulation_is_said_in_the_words_of_the_office(town, write):
    own = load(write("refused_to_others: 这一步请{party}来（{action}）。\n"))
    day = town(*TOWN, office=replace(OFFICE, texts=own))
    with pytest.raises(NotAllowed, match=r"^这一步请.*来（办结）。$"):
        day.do(day.report(), "mao_mou", "resolve", "换了灯泡")


def test_the_names_on_a_card_are_the_offices(write):
    texts = load(write("wants_time:\n  fields: [号, 什么事]\n"))
    assert texts.fields("wants_time") == ("号", "什么事")
    told = mistakes(write("wants_time:\n  fields: [号, 居民反映的事]\n"))
    assert "的“居民反映的事”不行，一个名称 1 到 5 个字" in told[0]


def test_a_shipped_entry_can_be_copied_as_it_is(write):
    both = [texts_file.source(key) for key in shipped()]
    assert load(write("\n".join(both))) == Texts()


@pytest.mark.parametrize("text", [RATING, RATING.replace("没修好 {short}", "没修好 {number}")])
def test_number_and_short_are_equal(write, text):
    indented = text.replace("\n", "\n    ")
    assert load(write(f"ask_rating:\n  text: |\n    {indented}\n"))


# --- what is refused ---


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("acepted: x", ":1: 没有叫 acepted 的话，是不是 accepted？"),
        (
            "\naccepted:\n  txt: x",
            ":3: accepted 的 txt 没有这一项，可以写：text、line，是不是 text？",
        ),
        ("accepted:\n  title: x", ":2: accepted 的 title 没有这一项，可以写：text、line"),
        ("accepted: '{number} {name}'", "的 {name} 不认识，可以用：{number}、{short}、{who}、"),
        ("accepted: '{number} {who'", ":1: accepted 的 text 的花括号没有成对"),
        ("accepted: '{number} {}'", "的 {} 不认识"),
        ("accepted: '{number} {who.phone}'", "的 {who.phone} 不认识"),
        ("accepted: '{number!r}'", "多写了东西"),
        ("accepted: '{number:>9}'", "多写了东西"),
        ("accepted: 接单了", ":1: accepted 的 text 少了编号，请写上 {number} 或 {short}"),
        ("accepted:\n  text:\n  line: ''", ":2: accepted 的 text 没有写，要写一段话"),
        ("accepted:\n  text: [一, 二]", "没有写，要写一段话"),
        ("accepted: [一]", ":1: accepted 要写成“accepted: 要说的话”"),
        (f"accepted: '{{number}}{'长' * 400}'", "太长（408 个字），手机上看不完，最多 400 个字"),
        ("receipt_again: '{number} 登记了'", "少了“回复”这一步"),
        ("receipt_again: '{number} 回复：查 {short}'", "少了“进度 {short}”"),
        ("digest_more: 还有 {count} 件，回复看", "少了“待办”"),
        ("wants_tier:\n  buttons: [好]", "要写成 [同意, 不同意] 这样的 2 个，顺序不变"),
        ("wants_tier:\n  buttons: [好, 这一个按钮上的字实在太多了]", "一个按钮 1 到 10 个字"),
        ("extended: '{number} 要晚几天，因为{reason}'", "少了 {due}，读的人要知道这一点"),
        ("progressed: '{said}，{number}'\n", ""),
    ],
)
def test_a_mistake_is_told_with_its_line_and_the_way_out(write, text, told):
    if told:
        assert told in "\n".join(mistakes(write(text)))
    else:
        assert load(write(text))


def test_refusing_is_not_agreeing(write):
    text = "wants_tier: '{number} {wanted} {reason}。回复：不同意 {short}'"
    assert "少了“同意 {short}”" in mistakes(write(text))[0]


def test_every_mistake_is_told_at_once(write):
    told = mistakes(write("acepted: x\naccepted: x\nrisen:\n  text: '{number}{'\n  lin: x\n"))
    assert [line.split(":")[1] for line in told] == ["1", "2", "4", "5"]


def test_the_same_name_twice_is_a_mistake(write):
    text = "taken_over: '{number} 一'\ntaken_over: '{number} 二'"
    assert mistakes(write(text)) == [":2: 「taken_over」写了两次，第 1 行已经写过（留下一个）"]


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("accepted: 接了".encode("gb18030"), ":1: 文件编码不是 UTF-8（看起来是 GB18030/ANSI）"),
        ("# 一\naccepted: 接".encode("gb18030"), "（看起来是 GB18030/ANSI）"),
        ("accepted: 接".encode("utf-16"), "（看起来是 UTF-16）"),
        ("accepted:\n  text: \"您的诉求", ":2: 引号没有成对，文件像是没有存完"),
        ("accepted:\n\ttext: x", ":2: 用了制表符（Tab）"),
        ("accepted: \x0bx", ":1: 有看不见的控制字符"),
        ("", ":1: 这里要写成「名称: 内容」的形式（一行一句"),
        ("# accepted: x\n", ":1: 这里要写成「名称: 内容」的形式（一行一句"),
        ("- accepted", ":1: 这里要写成「名称: 内容」的形式（一行一句"),
        ("accepted", ":1: 这里要写成「名称: 内容」的形式（一行一句"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_a_mistake_with_a_line(write, data, told):
    assert told in mistakes(write(data))[0]


def test_a_file_that_is_not_there_and_a_folder_are_told(tmp_path):
    assert mistakes(tmp_path / "no.yaml") == [": 没有这个文件（检查文件名和路径）"]
    assert "打不开这个文件" in mistakes(tmp_path)[0]


@given(st.integers(0, len(SHIPPED[0].read_bytes()) - 1))
def test_a_file_cut_off_anywhere_is_taken_or_told(tmp_path_factory, length):
    path = tmp_path_factory.getbasetemp() / "half.yaml"
    path.write_bytes(SHIPPED[0].read_bytes()[:length])
    try:
        texts = load(path)
    except FileError as told:
        texts = None
        problems = told.problems
    assert texts.templates.keys() == shipped().keys() if texts else problems[0].file == str(path)


# --- what long words would push away ---


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("helped: '{answer}（{unit}）{number}，谢谢您。\n\n\n{content}'", "的编号会被长话挤掉"),
        ("helped: '{answer:30}（{unit:24}）{number}'", ""),
        ("helped:\n  line: '{unit}{answer}，{short}'", "的编号会被长话挤掉"),
        ("wants_tier:\n  title: '由{tier}改为{wanted}，{short}'", "的编号会被长话挤掉"),
    ],
)
def test_the_number_cannot_be_pushed_away(write, text, told):
    if told:
        assert told in mistakes(write(text))[0]
    else:
        assert load(write(text))


def test_the_next_step_cannot_be_pushed_away(write):
    text = "{number} {reason}回复：同意 {short}，或 不同意 {short}，{reason}{wanted}"
    assert "的“不同意 {short}”会被长话挤掉" in mistakes(write(f"wants_tier: '{text}'"))[0]


# --- what readers must not learn ---


@pytest.mark.parametrize(
    "key", ["accepted", "progressed", "ask_rating", "new_face", "receipt_redo"]
)
def test_a_neighbour_who_has_joined_cannot_be_shown_the_words_of_another(write, key):
    told = mistakes(write(f"{key}: '{{number}}：{{content}}'"))
    assert "的 {content} 不认识" in told[0]


@pytest.mark.parametrize("key", ["receipt_group", "board_mark", "board_mark_late"])
@pytest.mark.parametrize("name", ["content", "brief", "place", "who"])
def test_a_group_cannot_be_told_more_than_the_number(write, key, name):
    assert "不认识" in mistakes(write(f"{key}: '{{number}} {{{name}}}'"))[0]


@pytest.mark.parametrize("key", ["asked_to_help", "help_overdue", "names_opened", "withdrawn"])
def test_a_helper_cannot_be_shown_what_is_not_covered(key):
    hidden = {name for name in COMMON if name not in shipped()[key].allowed}
    assert "brief" in hidden
    assert key == "asked_to_help" or "content" in hidden
