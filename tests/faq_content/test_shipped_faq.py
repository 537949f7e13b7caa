"""What the shipped questions, answers and emergency phrases must look like, whatever the matcher.

Which entry answers which sentence is left to the tests inside the YAML files and to `faq test`.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from faq.danger import Emergencies

FAQ = Path(__file__).parents[2] / "faq"
EMERGENCY_FILE = FAQ / "tables" / "emergency.yaml"
ENTRIES: list[dict[str, Any]] = [
    entry
    for path in sorted((FAQ / "entries").glob("*.yaml"))
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
]
CLASSES: list[dict[str, Any]] = yaml.safe_load(EMERGENCY_FILE.read_text(encoding="utf-8"))
EMERGENCIES = Emergencies.load(EMERGENCY_FILE)

#: Numbers that are the same in the whole country; everything else is local, so a placeholder.
NATIONAL = re.compile(
    r"110|119|12[02]|100(00|10|86|99)|11183|12110|12119|1212[123]|1230[56]|12315|12328|12333"
    r"|12338|12345|12348|12355|12356|12368|12388|12393|95598|96110"
)
PLACEHOLDER = re.compile(r"〔待填：[^〕]+〕")
YEAR_OR_PROMISE = re.compile(r"(19|20)\d\d(?= ?年)|0211")
MONEY = re.compile(r"[\d一二三四五六七八九十百千万]+ ?(元|块钱|万元)")
CLAIMED_CALL = re.compile(r"(已|帮您|替您)[^。，]{0,3}(报警|拨打|打了)")


def _phrasings(entry: dict[str, Any]) -> list[str]:
    return [entry["question"], *entry["alternatives"]]


def _words(text: str) -> str:
    """The text without what an admin still fills in."""
    return PLACEHOLDER.sub("", text)


def _local_numbers(text: str) -> list[str]:
    runs = re.findall(r"\d{3,}", YEAR_OR_PROMISE.sub("", _words(text)))
    return [run for run in runs if not NATIONAL.fullmatch(run)]


def _kept_away(entry: dict[str, Any]) -> Iterator[str]:
    """Phrasings that the entry's own word conditions would refuse."""
    for said in [*_phrasings(entry), *entry["tests"]["should"]]:
        refused = any(word in said for word in entry.get("not", []))
        some = entry.get("any", [])
        lacking = bool(some) and not any(word in said for word in some)
        if refused or lacking or any(word not in said for word in entry.get("must", [])):
            yield said


def test_there_are_at_least_eighty_entries() -> None:
    assert len(ENTRIES) >= 80


def test_there_are_at_least_twelve_emergency_classes_with_150_phrases() -> None:
    assert len(CLASSES) >= 12
    assert sum(len(kind["phrases"]) for kind in CLASSES) >= 150


def test_every_id_is_a_plain_slug_and_stands_once() -> None:
    ids = [entry["id"] for entry in ENTRIES]
    assert [one for one in ids if ids.count(one) > 1] == []
    assert [one for one in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", one)] == []


def test_no_phrasing_stands_twice() -> None:
    said = [re.sub(r"\s", "", p).lower() for entry in ENTRIES for p in _phrasings(entry)]
    assert [one for one in said if said.count(one) > 1] == []


def test_every_entry_names_its_source_and_who_answers_for_it() -> None:
    needed = ("source", "owner", "category")
    assert [e["id"] for e in ENTRIES if not all(e.get(field) for field in needed)] == []


def test_every_entry_is_reviewed_in_the_coming_year() -> None:
    first, last = date(2027, 1, 1), date(2027, 12, 31)
    assert [e["id"] for e in ENTRIES if not first <= e["review_on"] <= last] == []


def test_every_entry_has_four_to_sixteen_other_phrasings() -> None:
    assert [e["id"] for e in ENTRIES if not 4 <= len(e["alternatives"]) <= 16] == []


def test_every_entry_says_what_it_should_and_should_not_answer() -> None:
    thin = [e["id"] for e in ENTRIES if len(e["tests"]["should"]) < 2]
    assert thin + [e["id"] for e in ENTRIES if not e["tests"]["should_not"]] == []


def test_a_test_sentence_is_never_just_a_phrasing_again() -> None:
    for entry in ENTRIES:
        sentences = {*entry["tests"]["should"], *entry["tests"]["should_not"]}
        assert sentences & set(_phrasings(entry)) == set(), entry["id"]


def test_no_entry_shuts_out_its_own_phrasings_by_its_word_conditions() -> None:
    assert [said for entry in ENTRIES for said in _kept_away(entry)] == []


def test_every_answer_fits_a_phone_and_one_message() -> None:
    assert [e["id"] for e in ENTRIES if len(e["answer"].encode()) > 900] == []
    assert [e["id"] for e in ENTRIES if len(e.get("long_answer", "").encode()) > 2048] == []


def test_no_answer_invents_a_local_number() -> None:
    texts = [(e["id"], e["answer"] + e.get("long_answer", "")) for e in ENTRIES]
    texts += [(kind["id"], kind["reply"]) for kind in CLASSES]
    assert [(one, _local_numbers(text)) for one, text in texts if _local_numbers(text)] == []


def test_every_placeholder_says_what_is_to_be_filled_in() -> None:
    texts = [(e["id"], _words(e["answer"])) for e in ENTRIES]
    assert [one for one, text in texts if "待填" in text] == []


def test_no_answer_names_an_amount_of_money() -> None:
    assert [e["id"] for e in ENTRIES if MONEY.search(_words(e["answer"]))] == []


def test_the_way_out_under_an_answer_is_left_to_the_program() -> None:
    assert [e["id"] for e in ENTRIES if "没解决？" in e["answer"] or "回复 1" in e["answer"]] == []


def test_no_question_of_an_entry_sounds_like_an_emergency() -> None:
    said = [s for e in ENTRIES for s in [*_phrasings(e), *e["tests"]["should"]]]
    assert [one for one in said if EMERGENCIES.match(one)] == []


def test_no_emergency_phrase_stands_in_two_classes() -> None:
    phrases = [phrase for kind in CLASSES for phrase in kind["phrases"]]
    assert [one for one in phrases if phrases.count(one) > 1] == []


def test_every_exclusion_contains_a_phrase_of_its_class() -> None:
    for kind in CLASSES:
        idle = [x for x in kind["exclusions"] if not any(p in x for p in kind["phrases"])]
        assert idle == [], kind["id"]


def test_every_emergency_reply_is_short_and_says_whom_to_call() -> None:
    assert [kind["id"] for kind in CLASSES if len(kind["reply"]) > 300] == []
    for kind in CLASSES:
        assert [number for number in kind["numbers"] if number not in kind["reply"]] == []


def test_no_emergency_reply_claims_to_have_called_for_help() -> None:
    assert [kind["id"] for kind in CLASSES if CLAIMED_CALL.search(kind["reply"])] == []


def test_every_emergency_class_is_tested_from_both_sides() -> None:
    sides = [(kind["id"], kind["tests"]["should"], kind["tests"]["should_not"]) for kind in CLASSES]
    assert [one for one, yes, no in sides if len(yes) < 3 or len(no) < 3] == []


def test_what_should_set_off_an_emergency_does() -> None:
    for kind in CLASSES:
        for said in kind["tests"]["should"]:
            found = EMERGENCIES.match(said)
            assert (found.id if found else None) == kind["id"], said


def test_what_should_not_set_off_an_emergency_sets_off_none() -> None:
    said = [sentence for kind in CLASSES for sentence in kind["tests"]["should_not"]]
    assert [one for one in said if EMERGENCIES.match(one)] == []


def test_only_self_harm_is_kept_to_the_private_chat() -> None:
    assert [kind["id"] for kind in CLASSES if kind["private_only"]] == ["self_harm"]
