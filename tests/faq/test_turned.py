"""Question groups turned round, for learning: who is asked and what is on file change places."""

from benchmarks.faq_data import Query, QuestionSet, fold_of
from benchmarks.turned import turned

FILED = "路灯归谁管"
SET = QuestionSet(
    "village",
    ("lamp", "water"),
    ((FILED,), ("水费怎么交",)),
    (
        Query("路灯是哪个管", 0, "in", 1),
        Query("谁负责路灯", 0, "in", 1),
        Query("水费怎么退", -1, "hard", 2),
        Query("井盖丢了", -1, "complaint", 3),
    ),
)


def test_what_was_asked_is_filed_and_what_was_filed_is_asked():
    other = turned(SET, 1, lambda text: None)
    assert other.phrasings[0][0] in {"路灯是哪个管", "谁负责路灯"}
    assert FILED in {query.text for query in other.queries if query.entry == 0}
    assert len([query for query in other.queries if query.entry == 0]) == 2


def test_a_near_miss_changes_places_with_what_it_looks_like():
    other = turned(SET, 1, lambda text: 1)
    assert other.phrasings[1] == ("水费怎么退",)
    (miss,) = [query for query in other.queries if query.kind == "hard"]
    assert (miss.text, miss.entry) == ("水费怎么交", -1)


def test_a_turned_near_miss_belongs_to_both_parts_of_the_data():
    (miss,) = [query for query in turned(SET, 1, lambda text: 1).queries if query.kind == "hard"]
    assert (miss.fold, miss.other) == (2, fold_of("水费怎么交"))


def test_no_question_is_left_to_an_entry_that_a_near_miss_has_taken():
    other = turned(SET, 1, lambda text: 0)
    assert not [query for query in other.queries if query.entry == 0]
