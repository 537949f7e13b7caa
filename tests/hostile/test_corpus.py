"""The hostile corpus: no 5xx, no effect, no trace of the program in an answer, bounded memory."""

import tracemalloc
from collections import Counter

import pytest

from tests.hostile.corpus import corpus
from tests.hostile.crafted import Crafted

CORPUS = corpus()
FAMILIES = sorted({one.family for one in CORPUS})
#: What an error of Python or a page of a framework would show.
TRACES = (
    b"Traceback",
    b'File "',
    b"Error:",
    b"sqlalchemy",
    b"werkzeug",
    b"flask",
    b"SELECT",
    b".py",
)
#: One request may hold its body a few times over (received, read, parsed), never more.
MOST_MEMORY = 48 << 20


def of(family: str) -> list[Crafted]:
    return [one for one in CORPUS if one.family == family]


def test_the_corpus_is_large_and_each_name_is_there_once():
    assert len(CORPUS) >= 400
    assert [name for name, n in Counter((c.family, c.name) for c in CORPUS).items() if n > 1] == []


@pytest.mark.parametrize("family", FAMILIES)
def test_a_hostile_request_is_refused_and_leaves_nothing_behind(ask, rows, family, caplog):
    before = rows()
    wrong = []
    for one in of(family):
        answered = ask(one.wire)
        traces = [trace for trace in TRACES if trace in answered.body]
        if answered.status not in one.right or traces or answered.answers > 1:
            wrong.append((one.name, answered.status, answered.body[:80], answered.answers))
    assert wrong == []
    assert rows() == before
    assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("family", ["body", "xml", "json", "base64", "header"])
def test_memory_is_bounded_whatever_is_sent(ask, family):
    tracemalloc.start()
    try:
        heavy = []
        for one in of(family):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            ask(one.wire)
            grown = tracemalloc.get_traced_memory()[1] - before - len(one.wire)
            if grown > MOST_MEMORY:
                heavy.append((one.name, grown >> 20))
        assert heavy == []
    finally:
        tracemalloc.stop()
