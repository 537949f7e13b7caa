"""Learns faq/model.json from question sets and shows which thresholds buy what.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.calibrate FOLDER

A quarter of the question groups is held out in turn for the printed figures; the model that is
written has seen all of them, as they are and turned round. Only numbers leave the data: no text of
theirs gets into the model.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from benchmarks.faq_data import (
    ADVERSE,
    FOLDS,
    PLAIN,
    Query,
    QueryOutcome,
    QuestionSet,
    answered_share,
    at_threshold,
    coverage,
    mean_reciprocal_rank,
    read_sets,
    shipped_set,
    top1,
)
from benchmarks.learning import Examples, Floats, train
from benchmarks.letters import PartRow, learn, letters, part_rows
from benchmarks.turned import turned
from faq import segment, text
from faq.book import load_lexicon
from faq.features import INPUTS
from faq.ranking import LIMIT, PartFound, Ranked, Ranking, certainty
from faq.score import AROUND, Model, Net

#: The turned sets, by the seed of chance, and what a message of theirs counts.
_TURNED = (1, 2)
_TURNED_COUNT = 0.5
#: What the default thresholds may cost: wrong answers and chatter answered in each set, near-misses
#: answered on average over the sets that have many; complaints asked back instead of taken.
_WRONG = 0.01
_CHATTER = 0.0015
_NEAR_MISSES = 0.09
_MANY = 100
_ASKED_BACK = 0.02
#: The answer threshold while parts of letters are tried: those of all models have been near it.
_USUAL = 0.82
_STEPS = [step / 100 for step in range(2, 96)]


@dataclass(frozen=True)
class _Row:
    found: Floats
    right: list[bool]
    query: Query
    name: str
    share: float


def collect(sets: Sequence[QuestionSet]) -> Examples:
    """Features of every query with its candidates, in the sets as they are and turned round."""
    lexicon = load_lexicon()
    rows: list[_Row] = []
    with Progress(transient=True) as progress:
        for one in sets:
            ranking = Ranking(one.phrasings, lexicon, Model.blank())
            rows += _rows(one, ranking, 1.0, progress)
            for seed in _TURNED:
                other = turned(one, seed, partial(_nearest, ranking))
                again = Ranking(other.phrasings, lexicon, Model.blank())
                rows += _rows(other, again, _TURNED_COUNT, progress)
    return _stack(rows)


def _nearest(ranking: Ranking, message: str) -> int | None:
    shape = ranking.read(text.normalise(message))
    numbers = ranking.index.candidates(shape, None, 1)
    return ranking.owners[numbers[0]] if numbers else None


def _rows(one: QuestionSet, ranking: Ranking, share: float, progress: Progress) -> list[_Row]:
    rows = []
    for query in progress.track(one.queries, description=one.name):
        shape = ranking.read(text.normalise(query.text))
        numbers = ranking.index.candidates(shape, None, LIMIT)
        right = [ranking.owners[number] == query.entry for number in numbers]
        found = ranking.rows(shape, numbers).astype(np.float32)
        rows.append(_Row(found, right, query, one.name, share))
    return rows


def _stack(rows: Sequence[_Row]) -> Examples:
    shape = (len(rows), LIMIT)
    stacked = np.zeros((*shape, len(INPUTS)), dtype=np.float32)
    real, right = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    for number, row in enumerate(rows):
        if row.right:
            stacked[number, : len(row.right)] = row.found
            real[number, : len(row.right)] = 1
            right[number, : len(row.right)] = row.right
    folds = np.array([(row.query.fold, row.query.other) for row in rows])
    kinds = [(row.name, row.query.kind, row.share) for row in rows]
    return Examples(stacked, real, right, folds, kinds)


@dataclass(frozen=True)
class Judged:
    """What the matcher made of a query: the entries in question with both judgements, for the whole
    and for parts of it."""

    query: Query
    hits: Sequence[Ranked]
    parts: Sequence[PartFound] = ()

    def outcome(self, model: Model) -> QueryOutcome:
        """What comes of it by the thresholds of that model, and what a part stands for."""
        found = dict(zip(_entries(self.hits), certainty(self.hits, model.answer), strict=True))
        for part in self.parts:
            for hit, sure in zip(part.hits, certainty(part.hits, model.answer), strict=True):
                kept = round(sure * model.stands(part.around[hit.entry]), 6)
                found[hit.entry] = max(kept, found.get(hit.entry, 0.0))
        order = sorted(found.items(), key=lambda pair: -pair[1])
        places = (place for place, (one, _) in enumerate(order, 1) if one == self.query.entry)
        return QueryOutcome(self.query.kind, next(places, 0), order[0][1] if order else 0.0)


def _entries(hits: Sequence[Ranked]) -> list[int]:
    return [hit.entry for hit in hits]


def judge(
    model: Model, sets: Sequence[QuestionSet], fold: int
) -> tuple[dict[str, list[Judged]], list[PartRow]]:
    """What the whole matcher makes of the queries of one fold, and of parts of letters."""
    lexicon = load_lexicon()
    results: dict[str, list[Judged]] = {}
    rows: list[PartRow] = []
    for one in track(sets, f"评测（留出的第 {fold + 1} 份）"):
        ranking = Ranking(one.phrasings, lexicon, model)
        mine = [query for query in one.queries if query.fold == fold]
        results[one.name] = [_judged(ranking, query) for query in mine]
        rows += part_rows(ranking, letters(one, fold))
    return results, rows


def _judged(ranking: Ranking, query: Query) -> Judged:
    clean = text.normalise(query.text)
    hits = ranking.ask(ranking.read(clean))
    if any(hit.exact for hit in hits):
        return Judged(query, _bare(hits))
    parts = [part._replace(hits=_bare(part.hits)) for part in ranking.parts(clean)]
    return Judged(query, _bare(hits), parts)


def _bare(hits: Sequence[Ranked]) -> list[Ranked]:
    """Without the features, which nobody needs any more."""
    return [hit._replace(features=()) for hit in hits]


def thresholds(judged: Mapping[str, Sequence[Judged]], model: Model) -> Model:
    """The model with the lowest defaults that cost no more than is said above: for answers, for
    asking back."""
    steps = (replace(model, answer=step) for step in _STEPS)
    chosen = next((one for one in steps if _affordable(judged, one)), None)
    chosen = chosen or replace(model, answer=_STEPS[-1])
    found = [[one.outcome(chosen) for one in several] for several in judged.values()]
    suggest = next(
        step
        for step in _STEPS
        if all(answered_share(one, "complaint", step) <= _ASKED_BACK for one in found)
    )
    return replace(chosen, suggest=suggest)


def _affordable(judged: Mapping[str, Sequence[Judged]], model: Model) -> bool:
    sure = model.answer
    found = [[one.outcome(model) for one in several] for several in judged.values()]
    many = [one for one in found if sum(each.kind == "hard" for each in one) >= _MANY]
    near = sum(answered_share(one, "hard", sure) for one in many) / max(len(many), 1)
    wrong = max(at_threshold(one, PLAIN, sure)[1] for one in found)
    chatter = max(answered_share(one, "chat", sure) for one in found)
    return near <= _NEAR_MISSES and wrong <= _WRONG and chatter <= _CHATTER


def save(model: Model, file: Path) -> None:
    """Write the coefficients so that a change shows line by line."""
    data = {
        "made_by": "benchmarks/calibrate.py",
        "features": list(INPUTS),
        "answer": model.answer,
        "suggest": model.suggest,
        "part": list(model.part),
        "likely": _as_json(model.likely),
        "same": _as_json(model.same),
    }
    lines = json.dumps(data, ensure_ascii=False).replace("], [", "],\n[").replace(', "', ',\n"')
    file.write_text(lines + "\n", "utf-8")


def _as_json(net: Net) -> dict[str, Any]:
    return {
        "hidden": net.hidden.tolist(),
        "hidden_bias": net.hidden_bias.tolist(),
        "output": net.output.tolist(),
        "bias": net.bias,
    }


def tables(results: dict[str, list[QueryOutcome]], threshold: float) -> list[Table]:
    """What the matcher reaches, and what other thresholds would buy."""
    best = Table(title="留出数据：按集合自定阈值")
    for column in ("集合", "top-1", "MRR@10", "覆盖@1%", "阈值", "覆盖@2%", "adverse 覆盖@1%"):
        best.add_column(column)
    fixed = Table(title="留出数据：固定阈值")
    for column in ("集合", "阈值", "覆盖", "答错", "答了难例", "答了诉求", "答了闲聊"):
        fixed.add_column(column)
    for name, outcomes in results.items():
        one, two = coverage(outcomes, PLAIN, 0.01), coverage(outcomes, PLAIN, 0.02)
        best.add_row(
            name, f"{top1(outcomes):.3f}", f"{mean_reciprocal_rank(outcomes):.3f}",
            f"{one[0]:.3f}", f"{one[1]:.2f}", f"{two[0]:.3f}",
            f"{coverage(outcomes, ADVERSE, 0.01)[0]:.3f}",
        )  # fmt: skip
        for value in sorted({0.6, 0.7, 0.75, 0.8, 0.82, 0.84, 0.86, 0.88, threshold}):
            covered, wrong = at_threshold(outcomes, PLAIN, value)
            others = ("hard", "complaint", "chat")
            kinds = [answered_share(outcomes, kind, value) for kind in others]
            mark = " ←" if value == threshold else ""
            cells = [f"{value:.2f}{mark}", f"{covered:.3f}", f"{wrong:.2%}"]
            fixed.add_row(name, *cells, *(f"{share:.2%}" for share in kinds))
    return [best, fixed]


def main() -> int:
    """Read, learn, judge, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="文件夹：每个子文件夹一个问题集")
    parser.add_argument("--out", type=Path, default=Path("faq/model.json"))
    parser.add_argument("--only-judge", action="store_true", help="只评测，不改 model.json")
    options = parser.parse_args()
    segment.warm_up()
    text.warm_up()
    sets = [*read_sets(options.folder), shipped_set()]
    examples = collect(sets)
    judged: dict[str, list[Judged]] = {one.name: [] for one in sets}
    rows: list[PartRow] = []
    for fold in range(FOLDS):
        nets = train(examples.without(fold))
        found, told = judge(Model(*nets, answer=_USUAL, suggest=0.0), sets, fold)
        rows += told
        for name, each in found.items():
            judged[name] += each
    model = thresholds(judged, replace(Model.blank(), part=learn(rows)))
    results = {name: [each.outcome(model) for each in found] for name, found in judged.items()}
    console = Console()
    for table in tables(results, model.answer):
        console.print(table)
    console.print(f"默认阈值：把握 {model.answer} 起直接答，{model.suggest} 起列出来让居民选")
    console.print("信的一部分：" + "，".join(map("{} {}".format, (*AROUND, "起点"), model.part)))
    if not options.only_judge:
        likely, same = train(examples)
        save(replace(model, likely=likely, same=same), options.out)
        console.print(f"已写入 {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
