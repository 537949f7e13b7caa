"""Learn what each act of speech weighs, and judge it on phrasings and styles that it has not seen.

`make learn-acts` writes speech/acts.json and speech/sounds.json; `ARGS=--only-judge` only prints
the tables.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from pypinyin import lazy_pinyin
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.sentences import SEED, ActExample, Sentences
from faq.entries import load_entries
from speech.acts import FOLLOW_UPS, Act, Understanding
from speech.read import read
from speech.situation import Situation
from speech.understanding import hear, take_apart
from speech.verbs import SHORT, SOFT, WORDS
from speech.weighing import ACTS, LEARNT, ActModel, features

Floats = NDArray[np.float32]
HOME = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 30)
FOLDS = 5
#: A feature that so few templates have teaches a template and no act.
FEWEST = 3
_STEPS = 250
_RATE = 0.1
_DECAY = 3e-4
#: Weights below are left out of the file.
_LEAST = 0.02
#: Sounds that are one here: zh z, ch c, sh s, n l, f h before u, in ing, en eng, an ang.
_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("hu", "f"), ("fu", "f"))


def sentences() -> list[ActExample]:
    """All examples: the tables', and the questions of the shipped FAQ."""
    return [*Sentences.load().examples, *_questions()]


def _questions() -> Iterable[ActExample]:
    """Two phrasings of every entry, asked by somebody with and without a matter of his own."""
    dice = Random(SEED)
    known = [e.situation for e in Sentences.load().examples if e.place != "fire"]
    for located in load_entries(HOME / "faq"):
        entry = located.entry
        for at, text in enumerate(entry.phrasings[:2]):
            situation = Situation() if at else dice.choice(known)
            yield ActExample(text, Act.QUESTION, situation, f"faq.{entry.id}", "书", "faq", 0.5)


def names_of(example: ActExample) -> list[str]:
    """The features of an example."""
    return features(take_apart(read(example.text, today=TODAY), example.situation))


# --- learning ---


def learn(examples: Sequence[ActExample], named: Sequence[Sequence[str]]) -> ActModel:
    """The weights: a multinomial logistic regression, all examples in every step."""
    known = _known(examples, named)
    rows = np.zeros((len(examples), len(known)), dtype=np.float32)
    for at, names in enumerate(named):
        rows[at, [known[name] for name in names if name in known]] = 1
    wanted = np.zeros((len(examples), len(ACTS)), dtype=np.float32)
    wanted[range(len(examples)), [ACTS.index(e.act) for e in examples]] = 1
    counts = np.array([e.weight for e in examples], dtype=np.float32)
    weights = _fitted(rows, wanted, counts / counts.sum())
    kept = {
        name: [round(float(w), 3) if abs(w) >= _LEAST else 0.0 for w in weights[at]]
        for name, at in sorted(known.items())
    }
    return ActModel({name: told for name, told in kept.items() if any(told)})


def _known(examples: Sequence[ActExample], named: Sequence[Sequence[str]]) -> dict[str, int]:
    seen: dict[str, set[str]] = defaultdict(set)
    for example, names in zip(examples, named, strict=True):
        for name in names:
            seen[name].add(example.template)
    often = sorted(name for name, templates in seen.items() if len(templates) >= FEWEST)
    return {name: at for at, name in enumerate(often)}


def _fitted(rows: Floats, wanted: Floats, counts: Floats) -> Floats:
    weights = np.zeros((rows.shape[1], wanted.shape[1]), dtype=np.float32)
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, _STEPS + 1):
        sums = rows @ weights
        powers = np.exp(sums - sums.max(1, keepdims=True))
        slope = rows.T @ ((powers / powers.sum(1, keepdims=True) - wanted) * counts[:, None])
        slope += _DECAY * weights
        first = 0.9 * first + 0.1 * slope
        second = 0.99 * second + 0.01 * slope * slope
        pace = _RATE * 0.5 * (1 + np.cos(np.pi * step / _STEPS))
        ahead = (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
        weights -= (pace * ahead).astype(np.float32)
    return weights


# --- judging ---

Judged = list[tuple[ActExample, Understanding]]


def judged(
    examples: Sequence[ActExample],
    named: Sequence[Sequence[str]],
    part: Callable[[ActExample], object],
) -> Judged:
    """Every example heard by a model that has seen nothing of its part."""
    found: Judged = []
    for one in track(sorted({str(part(e)) for e in examples}), "留一评测"):
        inside = [str(part(e)) == one for e in examples]
        seen = [at for at, out in enumerate(inside) if not out]
        model = learn([examples[at] for at in seen], [named[at] for at in seen])
        for example in (e for e, there in zip(examples, inside, strict=True) if there):
            said = read(example.text, today=TODAY)
            found.append((example, hear(said, example.situation, model=model)))
    return found


def by_template(example: ActExample) -> int:
    """The fold of a template: all that is made of it stands on one side."""
    return sum(example.template.encode()) % FOLDS


def tables(title: str, found: Judged) -> list[Table]:
    """How often each act is right or asked, and what the costly mistakes are."""
    return [_by_act(title, found), _costly(title, found)]


def _by_act(title: str, found: Judged) -> Table:
    table = Table(title=title)
    for column in ("act", "句", "召回", "对或问", "精确", "问回", "常错成"):
        table.add_column(column)
    for act in ACTS:
        mine = [(e, u) for e, u in found if e.act is act]
        right = sum(u.act is act for _, u in mine)
        well = sum(u.act is act or u.ask for _, u in mine)
        heard = sum(u.act is act for _, u in found)
        asked = sum(u.ask for _, u in mine)
        wrong = Counter(str(u.act) for _, u in mine if u.act is not act and not u.ask)
        often = "、".join(f"{name} {count}" for name, count in wrong.most_common(3))
        cells = (right / max(len(mine), 1), well / max(len(mine), 1), right / max(heard, 1))
        share = f"{asked / max(len(mine), 1):.3f}"
        table.add_row(act, str(len(mine)), *(f"{c:.3f}" for c in cells), share, often)
    return table


def _costly(title: str, found: Judged) -> Table:
    """What must not happen: each as a share of the sentences of which it could have happened."""
    table = Table(title=f"{title}：代价大的错（没有先问的）")
    for column in ("错", "次", "在", "比例"):
        table.add_column(column)
    harm: Mapping[str, Callable[[ActExample, Understanding], bool]] = {
        "诉求没登记": lambda e, u: e.act is Act.REPORT and u.act is not Act.REPORT,
        "多开一件": lambda e, u: e.act in FOLLOW_UPS | JUDGED and u.act is Act.REPORT,
        "误撤回": lambda e, u: e.act is not Act.WITHDRAW and u.act is Act.WITHDRAW,
        "误评价": lambda e, u: e.act not in JUDGED and u.act in JUDGED,
        "误办": lambda e, u: e.act is not Act.ORDER and u.act is Act.ORDER,
        "评反": lambda e, u: {e.act, u.act} == JUDGED,
    }
    could = {"诉求没登记": {Act.REPORT}, "多开一件": FOLLOW_UPS | JUDGED, "评反": JUDGED}
    for name, is_harm in harm.items():
        among = [(e, u) for e, u in found if e.act in could.get(name, set(ACTS))]
        times = sum(bool(is_harm(e, u)) and not u.ask for e, u in among)
        table.add_row(name, str(times), str(len(among)), f"{times / max(len(among), 1):.2%}")
    asked = sum(u.ask for e, u in found if e.act is not Act.UNCLEAR and not _is_typed(e))
    plain = sum(e.act is not Act.UNCLEAR and not _is_typed(e) for e, _ in found)
    table.add_row("问回（不算本来就不清楚的）", str(asked), str(plain), f"{asked / plain:.2%}")
    return table


JUDGED = {Act.RATE, Act.REDO}


def _is_typed(example: ActExample) -> bool:
    """An order in free words or with a slip: that is always asked."""
    return example.act is Act.ORDER


def shown(found: Judged, most: int) -> Iterable[str]:
    """The sentences that went wrong unasked, for whoever mends the tables."""
    wrong = [(e, u) for e, u in found if u.act is not e.act and not u.ask]
    for e, u in Random(SEED).sample(wrong, min(most, len(wrong))):
        yield f"{e.act} → {u.act} ({u.sure}, {u.second}) [{e.place}] {e.text}"


# --- what sounds alike ---


def alike() -> dict[str, str]:
    """For each character of an order's verb those among the common ones that sound like it."""
    common = [bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8)
              for cell in range(0xA1, 0xFF)]  # fmt: skip
    by_sound: dict[str, list[str]] = defaultdict(list)
    for character in filter(None, common):
        by_sound[_sound(character)].append(character)
    verbs = [verb for verb in WORDS if verb not in SHORT | SOFT]
    said = sorted({character for verb in verbs for character in verb})
    return {c: "".join(o for o in by_sound[_sound(c)] if o != c) for c in said}


def _sound(character: str) -> str:
    sound = lazy_pinyin(character)[0]
    for written, heard in _ALIKE:
        sound = sound.replace(written, heard)
    return sound


def save(model: ActModel, file: Path = LEARNT) -> None:
    """One feature a line, so that a change can be read."""
    head = (
        f'{{"made_by": "benchmarks/learn_acts.py",\n"acts": {json.dumps([*ACTS])},\n"weights": {{\n'
    )
    lines = [
        f"{json.dumps(name, ensure_ascii=False)}: [{','.join(f'{weight:g}' for weight in told)}]"
        for name, told in model.weights.items()
    ]
    file.write_text(head + ",\n".join(lines) + "\n}}\n", "utf-8")


def main() -> int:
    """Judge, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only-judge", action="store_true", help="只评测，不改 acts.json")
    parser.add_argument("--only-learn", action="store_true", help="不评测")
    parser.add_argument("--show", type=int, default=0, help="列出这么多句听错的")
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    (LEARNT.parent / "sounds.json").write_text(
        json.dumps(alike(), ensure_ascii=False, indent=0) + "\n", "utf-8"
    )
    examples = sentences()
    named = [names_of(example) for example in examples]
    console.print(f"{len(examples)} 句，{len({e.template for e in examples})} 种说法")
    parts = {"按说法留出": by_template, "按口气留出": lambda e: e.style}
    for title, part in {} if options.only_learn else parts.items():
        found = judged(examples, named, part)
        for table in tables(title, found):
            console.print(table)
        for line in shown(found, options.show):
            console.print(line, markup=False)
    if not options.only_judge:
        model = learn(examples, named)
        save(model)
        console.print(f"已写入 {LEARNT.relative_to(HOME)}：{len(model.weights)} 个迹象")
    return 0


if __name__ == "__main__":
    sys.exit(main())
