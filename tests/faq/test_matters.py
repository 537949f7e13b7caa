"""附议: which two reports may be the same thing. No "same" between different things, ever."""

from pathlib import Path

import pytest

from faq import segment, text
from faq.book import Book
from faq.matters import Matters
from files.problem import FileError

SHIPPED = Path("faq/tables/matters.yaml")

#: Two neighbours who mean one thing.
SAME = [
    ("村口的路灯不亮了", "村口路灯坏了三天没人修"),
    ("路灯坏了", "长冲组水塘边的路灯一闪一闪的"),
    ("三组的路灯坏了", "3组路灯不亮，晚上看不见"),
    ("我家门口的路灯灭了", "路灯坏了好几天了"),
    ("今天又停水了", "家里没水，做不了饭"),
    ("停电了，什么时候来电", "我们这边没电了"),
    ("自来水发黄，不敢喝", "水龙头放出来的水浑得很，自来水公司管管"),
    ("村口的垃圾桶满了没人收", "村口垃圾堆成山，臭死了"),
    ("垃圾三天没人拖了", "垃圾桶都溢出来了没人清"),
    ("进村的路全是坑", "这条路烂得不成样子，车都过不了"),
    ("下水道堵了，水漫出来了", "门口水沟堵了，污水溢出来"),
    ("井盖不见了，小孩容易掉下去", "路上井盖丢了，危险"),
    ("我们这里手机信号太差", "打电话信号不好，没有信号"),
    ("养猪场臭得受不了", "猪场的味道太大，窗户都不敢开"),
    ("广场舞音响太吵了", "每天晚上跳舞的喇叭声音好大"),
    ("工地半夜还在打桩，吵得睡不着", "施工噪音太大了，孩子睡不着"),
    ("水库大坝渗水", "水库的坝在漏水"),
    ("门前的大树倒了", "那棵大樟树断了，压在围墙上"),
    ("桥头的路灯坏了没人修", "橋頭路燈壞了"),
    ("公交车老是不来", "班车等了一个小时没来"),
]
#: Different things, different places, or nobody else's business.
DIFFERENT = [
    ("三组路灯坏了", "五组路灯坏了"),
    ("村口路灯坏了", "学校门口路灯坏了"),
    ("晒谷坪的路灯坏了没人修", "渡口的路灯坏了没人修"),
    ("学校门口的路灯坏了", "学校后面的路灯坏了"),
    ("李家门口的路灯坏了", "张家门口的路灯坏了"),
    ("水塘边的路灯坏了", "村部门口的路灯坏了"),
    ("0 号村口路灯坏了", "1 号村口路灯坏了"),
    ("幼儿园旁边的井盖没了", "超市门口的井盖没了"),
    ("长冲组的水渠垮了", "老屋组的水渠垮了"),
    ("1号桥裂了", "2号桥裂了"),
    ("路灯坏了", "建议在路口装一盏路灯"),
    ("路灯不亮", "灯杆倒了，压到围墙"),
    ("路灯坏了", "停电了"),
    ("大树挡住路灯了", "路灯坏了"),
    ("自来水发黄", "停水两天了"),
    ("垃圾没人收", "有人在路边烧垃圾，冒烟"),
    ("马路边的垃圾没人收", "马路全是坑"),
    ("桥头的垃圾满了", "桥裂了"),
    ("水沟堵了", "井盖不见了"),
    ("工地太吵了", "广场舞太吵了"),
    ("工地太吵了", "工地灰尘太大"),
    ("养猪场太臭了", "垃圾堆太臭了"),
    ("水库漏水", "水库里全是死鱼"),
    ("电压太低空调开不了", "停电了"),
    ("隔壁把垃圾堆到我家门口", "垃圾堆了好多没人收"),
    ("隔壁占了我家菜地", "隔壁占了我家菜地，吵了几次"),
    ("我老公打我", "我老公打我"),
    ("低保没批下来", "低保没发"),
    ("村干部拿了路灯的钱，路灯坏了", "路灯坏了"),
    ("我儿子生病了没钱看", "医院看病报不了"),
    ("欠我工钱不给", "工地欠工资"),
    ("村口路灯坏了", "村口路灯坏了，老人摔伤住院了"),
]


@pytest.fixture(scope="module")
def matters():
    segment.warm_up()
    text.warm_up()
    return Matters.load(SHIPPED)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_words_for_one_thing_are_the_same(matters, one, other):
    assert matters.same(one, other)
    assert matters.same(other, one)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_things_are_never_the_same(matters, one, other):
    assert matters.same(one, other) == ""
    assert matters.same(other, one) == ""


def test_no_two_pairs_of_the_list_are_mixed_up(matters):
    """Every sentence about one thing against every sentence about another: never "the same"."""
    said = {sentence: pair for pair in SAME for sentence in pair}
    asked = [
        (one, other)
        for one in said
        for other in said
        if said[one] is not said[other]
        and matters.about(one).isdisjoint(matters.about(other))
        and matters.same(one, other)
    ]
    assert asked == []


def test_only_the_name_of_the_thing_is_told(matters):
    assert matters.same("村口路灯坏了三天没人修", "村口的路灯不亮了") == "路灯"


def test_an_office_writes_its_own_table(tmp_path):
    for name, written in {
        "tables/matters.yaml": "事:\n  舞台:\n    说法: [戏台]\n    毛病: [[塌]]\n",
        "entries/a.yaml": "- id: a\n  question: 一问\n  answer: 一答\n",
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(written, "utf-8")
    book = Book.load(tmp_path)
    assert book.matters.same("戏台塌了", "戏台要塌了") == "舞台"
    assert book.matters.same("路灯坏了", "路灯坏了") == ""


@pytest.mark.parametrize(
    ("written", "line", "told"),
    [
        ("事:\n  路灯:\n    说法: 路灯\n", 3, "说法: [词, 词, …]"),
        ("事:\n  路灯:\n    说法: [路灯]\n    毛病: [坏]\n", 4, "每一行要写成"),
        ("事:\n  路灯:\n    说法: [路灯]\n    叫法: [灯]\n", 4, "可写的有：说法、毛病"),
        ("事:\n  路灯:\n    说法: [路灯]\n不管: [钱]\n", 4, "没有这一项"),
        ("事:\n  路灯:\n    说法: [路灯]\n不问: 钱\n", 4, "要写成 [词, 词, …]"),
        ("不问: [钱]\n", 1, "要写出有哪些事"),
        ("事:\n  路灯:\n    说法: [路灯]\n    毛病: [[…]]\n", 4, "每一行要写成"),
    ],
)
def test_a_mistake_is_told_with_its_line(tmp_path, written, line, told):
    file = tmp_path / "matters.yaml"
    file.write_text(written, "utf-8")
    with pytest.raises(FileError) as error:
        Matters.load(file)
    assert f"matters.yaml:{line}" in str(error.value)
    assert told in str(error.value)
