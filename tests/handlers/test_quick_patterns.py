"""Whatever somebody writes, looking whether it asks for something costs no more than reading it."""

from time import process_time

import pytest

from handlers import area, look, merge, my_zhang

READERS = (look.asked, area.is_asked, my_zhang.asked, merge.read)
WORDS = ("看看", "我想", "告诉我", "查查看", "合并", "全都", "我们", "4 ", "4 并", "到", "请问你好")


@pytest.mark.parametrize("word", WORDS)
def test_the_same_word_a_thousand_times_is_read_at_once(word):
    before = process_time()
    for read in READERS:
        for ending in ("", "的路灯坏了", " 手上x", "组长y"):
            read(word * 1000 + ending)
            read(word * 12 + ending)
    assert process_time() - before < 2
