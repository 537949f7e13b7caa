"""Somebody in danger is heard in any words, and an ordinary day rings nobody.

The sentences of danger_unseen.yaml were written before the model first judged any and are in none
of its patterns. What the phrases do by themselves is told in test_words.
"""

from pathlib import Path

import pytest
import yaml

from faq.danger import SHIPPED, Emergencies, load_emergencies
from faq.danger_signs import LONGEST, pieces
from files.problem import FileError
from tests.faq.test_words import lines_run

HERE = Path(__file__).parent
UNSEEN = yaml.safe_load((HERE / "danger_unseen.yaml").read_text("utf-8"))
KNOWN = yaml.safe_load((HERE / "danger_known.yaml").read_text("utf-8"))
EVERYDAY = yaml.safe_load((HERE / "danger_everyday.yaml").read_text("utf-8"))
EMERGENCIES = Emergencies.load(SHIPPED)
#: Speaker, how many of a hundred are to be heard at the least.
GOALS = [("mandarin", 95), ("flood", 95), ("dialect", 90)]


def heard(text: str) -> str:
    """The class that is heard, "" for an ordinary day."""
    found = EMERGENCIES.match(text)
    return found.id if found else ""


def test_an_ordinary_day_in_few_words_rings_nobody():
    rung = [text for text in EVERYDAY if heard(text)]
    assert len(rung) <= 0.035 * len(EVERYDAY), rung


@pytest.mark.parametrize(("speaker", "goal"), GOALS)
def test_those_in_danger_are_heard_in_words_that_nobody_has_learnt(speaker, goal):
    said = [text for several in UNSEEN["emergencies"][speaker].values() for text in several]
    missed = [text for text in said if not heard(text)]
    assert 100 * len(missed) <= (100 - goal) * len(said), missed


@pytest.mark.parametrize("speaker", ["mandarin", "flood", "dialect"])
def test_what_was_once_missed_stays_heard(speaker):
    said = [text for several in KNOWN["emergencies"][speaker].values() for text in several]
    missed = [text for text in said if not heard(text)]
    assert len(missed) <= 0.1 * len(said), missed


def test_what_once_rang_in_vain_stays_quiet():
    said = [text for several in KNOWN["ordinary"].values() for text in several]
    false = [text for text in said if heard(text)]
    assert len(false) <= 0.04 * len(said), false


def test_the_class_is_mostly_the_right_one():
    several = [group for who in UNSEEN["emergencies"].values() for group in who.items()]
    said = [(kind, text) for kind, texts in several for text in texts]
    wrong = [(kind, heard(text), text) for kind, text in said if heard(text) not in (kind, "")]
    assert len(wrong) <= 0.1 * len(said), wrong


def test_nearly_nothing_that_only_sounds_like_danger_rings():
    said = [text for several in UNSEEN["ordinary"].values() for text in several]
    false = [text for text in said if heard(text)]
    assert len(said) >= 90
    assert len(false) <= 0.04 * len(said), false


@pytest.mark.parametrize("family", UNSEEN["ordinary"])
def test_no_family_of_ordinary_sentences_rings_as_a_whole(family):
    said = UNSEEN["ordinary"][family]
    assert sum(bool(heard(text)) for text in said) <= max(1, len(said) // 5)


#: The same danger, there and not there.
PAIRS = [
    ("屋后的山塌方了", "我们这里从来没有发生过塌方"),
    ("伢子落水了", "希望在塘边装防落水护栏"),
    ("楼下着火了快来", "去年着火的房子有补助吗"),
    ("隔壁老人晕倒了", "万一老人晕倒了没人知道怎么办"),
    ("他拿着刀在村口追人", "昨晚梦见有人拿刀追我"),
    ("洪水冲到屋里来了", "洪水冲坏的田埂什么时候修"),
    ("我真的不想活了", "天太热了不想活动"),
    ("快来人救命啊", "救命这衣服也太好看了"),
    ("电线掉到路上了冒火花", "电线太低了怕触电请来看看"),
    ("水库大坝决口了", "水库承包到期怎么办手续"),
    ("孩子掉进窨井里了", "钥匙掉进窨井里了"),
    ("保安把老人打伤了还在打", "医院打人事件越来越多"),
    ("屋里一股煤气味头好晕", "煤气什么时候送到村里"),
    ("我爸从屋顶上摔下来动不得", "手机从桌上摔下来屏碎了"),
    ("房子要倒了里面有老人", "危房改造怎么申请"),
]


@pytest.mark.parametrize(("danger", "ordinary"), PAIRS)
def test_a_danger_rings_and_the_talk_of_it_does_not(danger, ordinary):
    assert heard(danger) != ""
    assert heard(ordinary) == ""


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("他讲不想在世上受罪哒", "self_harm"),
        ("活着冇得意思，不如死哒", "self_harm"),
        ("灯坏哒，想它亮它不亮，想开不开", ""),
        ("今日做事累死哒", ""),
        ("楼道灯晚上想开不开", ""),
    ],
)
def test_who_wants_to_die_is_heard_in_dialect_and_a_lamp_is_not(said, kind):
    assert heard(said) == kind


def test_the_same_is_heard_without_punctuation_shouted_and_in_a_story():
    danger = "细伢子跌到塘里去哒"
    around = ["{}", "{}！！！", "快来 {} 快来", "我是三组的老王，刚在屋里听到外头喊，{}，怎么搞"]
    assert [heard(one.format(danger)) for one in around] == ["drowning"] * len(around)


def test_danger_at_the_end_of_a_long_letter_is_heard():
    letter = "我们村的路灯去年就装好了，一直很亮，谢谢干部。" * 20
    assert heard(letter) == ""
    assert heard(f"{letter}刚才隔壁老人倒在地上叫不醒了") == "medical"


def test_only_the_beginning_is_judged_and_the_phrases_are_looked_for_in_all_of_it():
    letter = "".join(f"第{n}天我们去村里开了会。" for n in range(200))
    assert len(letter) > LONGEST
    assert heard(f"{letter}老倌子一哈子喊不应哒") == ""
    assert heard(f"{letter}隔壁屋里着火了") == "fire"


def test_twice_as_long_a_letter_takes_twice_the_work():
    once, twice = (
        "".join(f"第{n}天开会，桥边塘里有水。" for n in range(size)) for size in (50, 100)
    )
    assert len(twice) < LONGEST
    work = [lines_run(lambda text=text: EMERGENCIES.find(text)) for text in (once, twice)]
    assert work[1] < 2.3 * work[0]


def test_pieces_cover_the_text_and_overlap():
    text = "一二三四五六七八九十" * 3 + "，" + "甲乙丙丁戊己庚辛壬癸" * 3
    found = [*pieces(text)]
    assert found[0][0] == "一"
    assert found[-1][-1] == "癸"
    assert [*pieces("短短一句，就一段。")] == ["短短一句就一段"]


@pytest.mark.parametrize("said", ["还没来人啊", "还冇来人咧", "到现在都没来人啊", "师傅没来人呀"])
def test_that_nobody_has_come_is_an_urge_and_no_cry_for_help(said):
    assert load_emergencies(SHIPPED).match(said) is None


@pytest.mark.parametrize("said", ["来人啊", "快来人啊", "没来人啊，快来人救命", "着火了还没来人啊"])
def test_a_cry_is_heard_all_the_same(said):
    assert load_emergencies(SHIPPED).match(said) is not None


@pytest.mark.parametrize(
    "said", ["我不在了你们就省心了", "我就是个废人，多余的", "睡过去不醒来就好了", "想着从楼上下去"]
)
def test_despair_is_heard_in_indirect_words(said):
    found = load_emergencies(SHIPPED).match(said)
    assert found is not None
    assert found.id == "self_harm"


OWN = """\
- {id: %s, name: 红火蚁, phrases: [红火蚁, 着火], reply: 离远一点，打 120。}
"""


def test_a_phrase_that_an_admin_adds_rings_whatever_stands_around_it(tmp_path):
    (tmp_path / "e.yaml").write_text(OWN % "ants", "utf-8")
    own = Emergencies.load(tmp_path / "e.yaml")
    assert own.match("去年报过的红火蚁怎么预防") is not None


def test_a_class_that_the_file_has_not_is_not_heard(tmp_path):
    (tmp_path / "e.yaml").write_text(OWN % "fire", "utf-8")
    own = Emergencies.load(tmp_path / "e.yaml")
    assert own.match("细伢子跌到塘里去哒") is None
    assert own.match("后山上烧起来了风好大") is own.classes[0]


def test_an_own_table_adds_signs_and_dialect(tmp_path):
    (tmp_path / "s.yaml").write_text("险被困: [陷到马蹄凼]\n", "utf-8")
    (tmp_path / "d.yaml").write_text("- {word: 小孩, said: [嘎嘎崽]}\n", "utf-8")
    said = "嘎嘎崽陷到马蹄凼出不来"
    words = load_emergencies(SHIPPED, tmp_path / "s.yaml", tmp_path / "d.yaml").explain(said)
    assert words is not None
    assert "陷到马蹄凼" in words[1]


def test_a_group_of_signs_that_nobody_has_weighed_is_refused_with_its_line(tmp_path):
    (tmp_path / "s.yaml").write_text("险被困: [陷住]\n险外星人: [飞碟]\n", "utf-8")
    with pytest.raises(FileError) as caught:
        load_emergencies(SHIPPED, tmp_path / "s.yaml")
    assert [problem.line for problem in caught.value.problems] == [2]
