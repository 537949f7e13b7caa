"""Why the bot would answer as it would: one decision of the FAQ in an admin's words.

The decision itself is the Book's; asking it is left to cli_faq_file.
"""

from collections.abc import Iterator

from faq.book import Candidate, Match, Thresholds

BANDS = {
    "emergency": "紧急，先告诉打什么电话",
    "report": "诉求，登记并交给邻长",
    "answer": "直接答",
    "suggest": "拿不准，列出来让居民选",
    "smalltalk": "寒暄",
    "issue": "没对上，登记并交给邻长",
}
#: Which of the numbers an admin can do something about, and what they say.
FOR = {
    "words_q": "问话的词对上了",
    "words_d": "条目的词对上了",
    "core_ratio": "字面像",
    "ask_same": "问的是一样东西",
}
AGAINST = {
    "lost_q": "问话里多出的",
    "lost_d": "条目里多出的",
    "replaced": "换了词",
    "ask_other": "问的是别的",
    "number": "数字不一样",
    "negative": "一边说「不」",
    "opposite": "意思相反的词",
}
#: Below this a number says nothing worth reading.
_WORTH = 0.05
_SHOWN = 3


def explain(text: str, match: Match, limits: Thresholds, ms: float) -> Iterator[str]:
    """The lines that `faq ask` prints."""
    yield f"问：{text}"
    yield f"判断：{match.band}（{BANDS[match.band]}），把握 {match.confidence:.3f}，{ms:.1f} 毫秒"
    yield f"  门槛：{limits.answer:.2f} 起直接答，{limits.suggest:.2f} 起列出来"
    for reason in match.why:
        yield f"  因为：{reason}"
    for rank, candidate in enumerate(match.candidates):
        yield from _candidate(candidate, detailed=rank < _SHOWN)
    said = match.entry.answer if match.entry and match.band == "answer" else match.reply
    if said:
        yield f"答：{said.strip()}"


def all_numbers(match: Match) -> Iterator[str]:
    """Every number behind every candidate, under the names of docs/faq-quality.md."""
    for candidate in match.candidates:
        numbers = "  ".join(f"{name}={value:.3f}" for name, value in candidate.features if value)
        yield f"  {candidate.entry.id}: {numbers}"


def _candidate(candidate: Candidate, *, detailed: bool) -> Iterator[str]:
    yield f"  {candidate.score:.3f} {candidate.entry.id} {candidate.entry.question}"
    if not detailed:
        return
    if candidate.objection:
        yield f"        不用：{candidate.objection}"
    numbers = dict(candidate.features)
    for title, names in (("像", FOR), ("不像", AGAINST)):
        parts = [f"{names[n]} {numbers[n]:.2f}" for n in names if abs(numbers.get(n, 0)) >= _WORTH]
        if parts:
            yield f"        {title}：{'，'.join(parts)}"
