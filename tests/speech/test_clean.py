"""A text made plain: width, control characters, mentions, stickers, quotes, length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.clean import LONGEST, clean, without_bot

#: Texts of what people and attackers type: signs that mean something here among any others.
PIECES = [
    "@",
    "@张三 ",
    "[微笑]",
    "[",
    "]",
    "「张三：灯坏了」\n- - -\n",
    "\u200b",
    "\u2005",
    "２",
    "2️⃣",
]
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=12).map("".join)


@pytest.mark.parametrize(
    ("text", "words", "plain"),
    [
        ("接单 42", "接单 42", "接单 42"),
        ("  ＃４２　接单\n", "#42 接单", "#42 接单"),
        ("已修，好了！", "已修，好了！", "已修,好了!"),
        ("接\u200b单\u202e 42\x00", "接单 42", "接单 42"),
        ("办结 42\n换了灯泡", "办结 42\n换了灯泡", "办结 42\n换了灯泡"),
        ("2️⃣", "2️⃣", "2"),
        ("接单 42[微笑]", "接单 42", "接单 42"),
        ("［强］满意", "满意", "满意"),
        ("办结 42 [已换灯泡]", "办结 42 [已换灯泡]", "办结 42 [已换灯泡]"),
        ("@李四 接单 42", "接单 42", "接单 42"),
        ("@李四，@王五 接单 42", "接单 42", "接单 42"),
        ("转 42 给 @张三 他家近", "转 42 给 @张三 他家近", "转 42 给   他家近"),
        ("满意 @张三", "满意 @张三", "满意"),
        ("由li4@清溪镇/韶山村代", "由li4@清溪镇/韶山村代", "由li4@清溪镇/韶山村代"),
        ("「张三：路灯坏了」\n- - - - - -\n接单", "接单", "接单"),
        ("「张三：路灯坏了」没修", "「张三：路灯坏了」没修", "「张三:路灯坏了」没修"),
        ("[微笑]", "", ""),
        ("@李四", "", ""),
        ("", "", ""),
    ],
)
def test_words_are_kept_as_they_were_typed_and_made_plain_for_comparing(text, words, plain):
    found = clean(text)
    assert (found.words, found.plain) == (words, plain)


def test_what_is_taken_out_is_told():
    found = clean("@李四 [强]转 42 给@王五，他说“不归我们”")
    assert found.mentions == ("李四", "王五")
    assert found.stickers == ("强",)
    assert found.quoted == ("不归我们",)


def test_what_is_answered_is_quoted():
    assert clean("「张三：“42”坏了」\n- - - - -\n接单").quoted == ("张三：“42”坏了",)


@pytest.mark.parametrize(
    ("text", "name", "own"),
    [
        ("@三长助手 路灯坏了", "三长助手", "路灯坏了"),
        ("路灯坏了@三长助手", "三长助手", "路灯坏了"),
        ("@三长助手 路灯坏了", "", "@三长助手 路灯坏了"),
    ],
)
def test_the_bot_s_own_name_is_no_word(text, name, own):
    assert without_bot(text, name) == own


def test_so_much_is_understood_and_the_rest_is_kept():
    found = clean("灯" * LONGEST + "坏了")
    assert (len(found.words), found.tail) == (LONGEST, "坏了")


def test_a_sign_that_unfolds_into_many_does_not_make_the_text_longer():
    assert len(clean("\ufdfa" * LONGEST).plain) <= LONGEST  # 18 letters each


@given(TEXTS)
def test_what_is_clean_stays_as_it_is(text):
    words, plain = clean(text).words, clean(text).plain
    assert clean(words).words == words
    assert clean(plain).plain == plain


@given(TEXTS)
def test_nothing_unprintable_is_left_but_spaces(text):
    assert all(c.isprintable() or c.isspace() for c in clean(text).words if c.isascii())
