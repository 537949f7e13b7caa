"""Words, objections, spelling by ear, small talk, intent, emergencies."""

import sys
from functools import partial

import pytest

from faq.book import load_lexicon
from faq.danger import Emergencies
from faq.features import AskedSide, Side, Surroundings
from faq.intent import IntentWords, report_or_question
from faq.objections import objection, objections
from faq.pinyin import Speller
from faq.text import normalise
from files.problem import FileError


@pytest.fixture(scope="module")
def lexicon():
    return load_lexicon()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("请问户口簿掉了如何补办", "户口本丢失怎么补办"),
        ("新农合什么时候缴费", "医保何时交"),
        ("麻烦问一下驾照过期了咋办，谢谢", "驾驶证到期怎么办"),
    ],
)
def test_synonyms_and_politeness_make_no_difference(lexicon, one, other):
    a, b = lexicon.shape(normalise(one)), lexicon.shape(normalise(other))
    assert set(a.weights) - {"了"} == set(b.weights) - {"了"}


@pytest.mark.parametrize(
    ("text", "negative"),
    [
        ("能不能报销", False),
        ("有没有补贴", False),
        ("不能报销吗", True),
        ("收费不收费", False),
        ("交了没有", False),
    ],
)
def test_a_question_with_not_in_it_is_no_denial(lexicon, text, negative):
    assert lexicon.shape(text).negative is negative


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("衣保怎么交", "医保怎么交"),
        ("养老宝险", "养老保险"),
        ("医保怎么交", "医保怎么交"),
        ("衣服上粘了泥", "衣服上粘了泥"),
        ("abc", "abc"),
    ],
)
def test_an_unknown_word_is_read_as_the_one_that_sounds_alike(typed, meant):
    assert Speller(["医保", "养老保险", "怎么", "擅长"]).respell(typed) == meant


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("路灯坏了", "report"),
        ("路灯坏了三天没人修，怎么回事？", "report"),
        ("建议在村口装个路灯", "report"),
        ("隔壁天天半夜放音响", "unknown"),
        ("我们组晚上电压太低，灯都是暗的", "report"),
        ("长冲组一到晚上电压就低，电饭煲都煮不熟饭", "report"),
        ("我们组一到晚上灯就暗", "report"),
        ("屋门口那盏灯冇亮哒", "report"),
        ("一到晚上灯就暗怎么办", "question"),
        ("垃圾桶满了好几天", "report"),
        ("停水几天了", "report"),
        ("停水要停几天", "question"),
        ("电压低怎么办", "question"),
        ("怎么投诉邻长", "question"),
        ("举报电话是多少", "question"),
        ("医保怎么交", "question"),
        ("新生儿上户口要什么材料？", "question"),
        ("户口迁移", "unknown"),
    ],
)
def test_it_tells_a_report_from_a_question(text, kind):
    assert report_or_question(text).kind == kind


@pytest.mark.parametrize("value", ["反映", "", "[反映, ]\n故障: 坏了", "[反映, [投诉]]"])
def test_signs_that_are_no_list_are_refused_with_their_line(tmp_path, value):
    (tmp_path / "intent.yaml").write_text(f"提问: [吗]\n请求: {value}\n", "utf-8")
    with pytest.raises(FileError, match=r"intent\.yaml:[23].*要写成 \[说法, 说法, …\]"):
        IntentWords.load(tmp_path / "intent.yaml")


def test_a_single_sign_is_one_phrase(tmp_path):
    (tmp_path / "intent.yaml").write_text("请求: [来修]\n", "utf-8")
    words = IntentWords.load(tmp_path / "intent.yaml")
    assert words.judge("来人修路灯").kind == "unknown"
    assert words.judge("来修路灯").kind == "report"


def test_who_writes_a_whole_page_is_not_just_asking():
    page = "".join(f"{year}年我去问过一次医保怎么交。" for year in range(1990, 2026))
    assert report_or_question("医保怎么交").kind == "question"
    assert report_or_question(page).kind == "report"


EMERGENCY = """\
- {id: fire, name: 火警, phrases: [着火, 火了], exclusions: [上火了, 火了一把], numbers: [119],
   reply: 打 119, private_only: 是}
"""


@pytest.fixture
def emergencies(tmp_path):
    (tmp_path / "e.yaml").write_text(EMERGENCY, "utf-8")
    return Emergencies.load(tmp_path / "e.yaml")


@pytest.mark.parametrize(
    ("text", "hit"),
    [
        ("我家着 火了！", True),
        ("吃火锅上火了", False),
        ("上火了，灶屋也着火了", True),
        ("歌火了一把", False),
        ("著火", False),
    ],
)
def test_an_exclusion_counts_only_where_it_covers_the_phrase(emergencies, text, hit):
    assert (emergencies.match(text) is not None) is hit


def lines_run(work):
    """How many lines of Python a piece of work takes, on any machine."""
    count = 0

    def tick(frame, event, arg):
        nonlocal count
        count += event == "line"
        return tick

    before = sys.gettrace()
    sys.settrace(tick)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


@pytest.mark.parametrize("part", ["吃火锅上火了呀", "今天开会讲了很多", "火了一把真好看"])
def test_twice_as_much_to_search_is_twice_as_much_work(emergencies, part):
    once, twice = ("".join(f"{part}{n}" for n in range(size)) for size in (200, 400))
    assert lines_run(partial(emergencies.find, twice)) < 2.2 * lines_run(
        partial(emergencies.find, once)
    )


def test_an_emergency_is_found_at_the_end_of_a_very_long_text(emergencies):
    told = "".join(f"第{n}天我们去村里开了会。" for n in range(8000))
    assert emergencies.match(told) is None
    assert emergencies.match(told + "灶屋着火了") is not None


def test_yes_in_chinese_is_yes(emergencies):
    assert emergencies.classes[0].private_only is True


def test_a_class_without_phrases_is_refused(tmp_path):
    (tmp_path / "e.yaml").write_text("- {id: a, name: b, phrases: [], reply: c}\n", "utf-8")
    with pytest.raises(FileError, match="是空的"):
        Emergencies.load(tmp_path / "e.yaml")


@pytest.mark.parametrize(
    ("asked", "on_file", "why"),
    [
        ("为什么老是停水", "老是停水怎么办", "问的不是一回事"),
        ("医保卡不能用了", "医保卡不管用了", ""),
        ("水泵无缘无故坏了", "水泵坏了", ""),
        ("长沙到韶山的车几点开", "韶山到长沙的车几点开", "方向反了"),
        ("八年级上册课本在哪里领", "八年级下册课本在哪里领", "意思相反或不同的词"),
        ("明天几点停水", "今天几点停水", "意思相反或不同的词"),
        ("种玉米有补贴吗", "种稻谷有补贴吗", "意思相反或不同的词"),
        ("去长沙的火车几点开", "去北京的火车几点开", "意思相反或不同的词"),
        ("湖南长沙的火车几点开", "湖南的火车几点开", ""),
        ("韶山村的医保在哪里交", "银田村的医保在哪里交", "地方不同"),
        ("我们村的医保在哪里交", "农村的医保在哪里交", ""),
        ("举报养猪污染", "养猪污染", "是反映、投诉或建议"),
        ("户口怎么迁移", "户口怎么迁移", ""),
    ],
)
def test_what_no_likeness_makes_up_for(lexicon, asked, on_file, why):
    around = Surroundings({}, lexicon.opposites)
    q, d = AskedSide(lexicon.shape(asked), around), Side(lexicon.shape(on_file), around)
    assert objection(objections(q, around), q, d, 0.0) == why
