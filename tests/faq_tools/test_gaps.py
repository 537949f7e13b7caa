"""Questions without an answer, gathered so that an admin knows what to write next."""

import random

import pytest

from faq.book import Book
from faq.gaps import EntryStats, Unmet, draft, group, stats
from faq.lint import check
from tests.faq_tools.conftest import SOUND, TODAY, Write

TRASH = ["大件家具扔到哪里", "大件家具往哪里扔", "请问大件家具扔哪里", "旧的大件家具扔到哪里啊"]
BUS = ["去县城的班车几点开", "到县城的班车几点发车", "去县城的班车几点有"]


def test_the_same_question_in_other_words_is_one_gap():
    gaps = group(Unmet(text) for text in [*TRASH, *BUS])

    assert [set(gap.texts) for gap in gaps] == [set(TRASH), set(BUS)]


def test_gaps_are_ordered_by_how_often_they_were_asked():
    gaps = group([Unmet(TRASH[0], 2), Unmet(TRASH[1], 1), Unmet(BUS[0], 9)])

    assert [(gap.sample, gap.count) for gap in gaps] == [(BUS[0], 9), (TRASH[0], 3)]


def test_the_issues_that_followed_belong_to_the_gap():
    gaps = group([Unmet(TRASH[0], 1, ("SZ-2", "SZ-1")), Unmet(TRASH[1], 1, ("SZ-2", "SZ-3"))])

    assert gaps[0].issues == ("SZ-1", "SZ-2", "SZ-3")


@pytest.mark.parametrize("other", ["家具厂几点上班", "小狗要打预防针吗", "班车"])
def test_questions_that_want_different_answers_stay_apart(other: str):
    assert len(group([Unmet(TRASH[0], 2), Unmet(other)])) == 2


def test_width_punctuation_and_emoji_make_no_new_text():
    (gap,) = group([Unmet("办身份证？", 2), Unmet("办身份证！！"), Unmet("＠三长 办身份证😀")])

    assert (gap.texts, gap.count) == (("办身份证？",), 4)


def test_messages_without_a_word_are_no_gap():
    assert group([Unmet("？？？"), Unmet("😀")]) == []


def test_the_order_of_the_questions_does_not_matter():
    asked = [Unmet(text, len(text) % 3 + 1) for text in [*TRASH, *BUS, "几点下班", "周末上班吗"]]
    mixed = random.Random(7).sample(asked, len(asked))

    assert group(asked) == group(mixed)


def test_the_nearest_entry_is_named(write: Write):
    book = Book.load(write(SOUND))

    near, far = group([Unmet("路灯归谁管理维护", 2), Unmet("几点出太阳")], book)

    assert (near.nearest, far.nearest) == ("lamp", "")


def test_phone_and_identity_numbers_are_not_shown():
    (gap,) = group([Unmet("我的电话138 0000 1234登记了吗"), Unmet("我的电话13900005678登记了吗")])

    assert gap.texts == ("我的电话〔号码〕登记了吗",)


def test_a_draft_is_an_entry_that_the_check_reads(write: Write):
    gaps = group([*(Unmet(t, 2, ("SZ-1",)) for t in TRASH), *(Unmet(text) for text in BUS)])

    problems = check(write("\n".join(map(draft, gaps))), TODAY)

    assert [p for p in problems if p.severity == "error"] == []
    assert [p.field for p in problems if "还没有填" in p.what] == ["答复", "来源"] * 2


def test_a_draft_says_where_it_comes_from():
    (gap,) = group([Unmet(t, 2, ("SZ-1",)) for t in TRASH])

    assert draft(gap).startswith("# 问过 8 次，4 种说法\n# 转成诉求 1 件：SZ-1\n- 编号: new-djjj")


def test_ten_thousand_questions_take_seconds_and_tell_how_far_they_are():
    words = ["医保", "社保", "班车", "路灯", "低保", "学校", "宅基地", "水费", "电费", "身份证"]
    asks = ["怎么办", "几点开门", "找谁", "要多少钱", "在哪里", "带什么材料", "可以代办吗"]
    asked = [Unmet(f"{a}{n % 97}号{b}{n % 13}", 1) for n in range(150) for a in words for b in asks]
    steps: list[int] = []

    gaps = group(asked, progress=lambda done, total: steps.append(done * 100 // total))

    assert sum(gap.count for gap in gaps) == len(asked)
    assert steps[-1] == 100


def test_stats_add_up_and_put_the_most_asked_first():
    rows = [("a", 4, 1, 0), ("b", 20, 5, 2), ("a", 2, 1, 1)]

    first, second = stats(rows)

    assert (first.entry, first.unsolved_rate, first.issue_rate) == ("b", 0.25, 0.1)
    assert second == EntryStats("a", 6, 2, 1, small=False)


@pytest.mark.parametrize(
    ("hits", "small", "rate"), [(0, True, None), (4, True, 0.25), (5, False, 0.2)]
)
def test_few_answers_say_nothing_about_an_entry(hits: int, small: bool, rate: float | None):
    (one,) = stats([("a", hits, 1, 0)])

    assert (one.small, one.unsolved_rate) == (small, rate)
