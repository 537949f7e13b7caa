"""The same question groups turned round, to learn more from them.

What was asked goes on file and what was on file is asked; of a near-miss and the entry that it
only looks like, likewise. Only for learning: figures are always those of the sets as they are.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from benchmarks.faq_data import Query, QuestionSet, fold_of

#: Of messages that belong to no entry, so many are tried again on the turned entries.
_AGAIN = 0.35


def turned(one: QuestionSet, seed: int, nearest: Callable[[str], int | None]) -> QuestionSet:
    """The set with other phrasings on file; `nearest` finds the entry a near-miss looks like."""
    chance = random.Random(seed)
    groups = _groups(one)
    phrasings = list(one.phrasings)
    queries: list[Query] = []
    for entry, asked in groups.items():
        phrasings[entry], rest = _exchanged(one.phrasings[entry], asked, chance)
        queries += [replace(asked[0], text=text) for text in rest]
    taken: set[int] = set()
    for miss in (query for query in one.queries if query.kind == "hard"):
        near = nearest(miss.text)
        if near is not None and near not in taken:
            taken.add(near)
            filed = one.phrasings[near][0]
            phrasings[near] = (miss.text,)
            texts = [filed, *(query.text for query in groups.get(near, ()))]
            queries.append(replace(miss, text=chance.choice(texts), other=fold_of(filed)))
    queries = [query for query in queries if query.kind == "hard" or query.entry not in taken]
    queries += [q for q in one.queries if _nobodys(q) and chance.random() < _AGAIN]
    return QuestionSet(one.name, one.ids, tuple(phrasings), tuple(queries))


def _groups(one: QuestionSet) -> dict[int, list[Query]]:
    found: dict[int, list[Query]] = {}
    for query in one.queries:
        if query.kind == "in":
            found.setdefault(query.entry, []).append(query)
    return found


def _exchanged(
    filed: Sequence[str], asked: Sequence[Query], chance: random.Random
) -> tuple[tuple[str, ...], list[str]]:
    """As many phrasings as before, those that were asked first; and what is left to ask."""
    texts = list(dict.fromkeys([*filed, *(query.text for query in asked)]))
    chance.shuffle(texts)
    texts.sort(key=lambda text: text in filed)
    return tuple(texts[: len(filed)]), texts[len(filed) :]


def _nobodys(query: Query) -> bool:
    return query.kind in ("complaint", "chat")
