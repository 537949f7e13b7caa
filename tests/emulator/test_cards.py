"""The rules of template cards, one row each, in both sets of rules."""

from typing import Any

import pytest

from emulator import card_rules
from tests.emulator.echo import card, notice

OPTIONS = [{"id": "1", "text": "是"}, {"id": "2", "text": "否"}]


def vote(**more: Any) -> dict[str, Any]:
    box = {"question_key": "rate", "option_list": OPTIONS}
    submit = {"text": "提交", "key": "ok"}
    return {
        "card_type": "vote_interaction",
        "main_title": {"title": "评一评"},
        "task_id": "V-1",
        "checkbox": box,
        "submit_button": submit,
        **more,
    }


def form(**more: Any) -> dict[str, Any]:
    select = {"question_key": "eta", "title": "何时", "option_list": OPTIONS}
    return {
        "card_type": "multiple_interaction",
        "main_title": {"title": "排期"},
        "task_id": "F-1",
        "select_list": [select],
        "submit_button": {"text": "提交", "key": "ok"},
        **more,
    }


def news(**more: Any) -> dict[str, Any]:
    return {
        "card_type": "news_notice",
        "main_title": {"title": "通报"},
        "card_image": {"url": "https://sanzhang.example/1.png"},
        "card_action": {"type": 1, "url": "https://sanzhang.example"},
        **more,
    }


def button(**more: Any) -> dict[str, Any]:
    return {"text": "接单", "key": "k", **more}


def row(**more: Any) -> dict[str, Any]:
    return {"keyname": "位置", "value": "三组", **more}


def select(**more: Any) -> dict[str, Any]:
    return {"question_key": "q", "option_list": OPTIONS, **more}


@pytest.mark.parametrize("rules", [card_rules.APP, card_rules.BOT])
@pytest.mark.parametrize("good", [card(), vote(), form(), news(), notice(), notice(task_id="N@1")])
def test_a_good_card_has_no_errors(rules, good):
    report = card_rules.check(good, rules)
    assert (report.errors, report.warnings) == ([], [])


BAD = [
    "not a card",
    {"card_type": "poem"},
    card(task_id=None),
    card(task_id="编号"),
    card(task_id="x" * 129),
    card(button_list=[]),
    card(button_list="x"),
    card(button_list=["x"]),
    card(button_list=[button(key=str(one)) for one in range(7)]),
    card(button_list=[button(), button()]),
    card(button_list=[button(text="")]),
    card(button_list=[button(style=9)]),
    card(button_list=[button(key="x" * 1025)]),
    card(button_list=[button(type=1)]),
    card(button_list=[button(type=7)]),
    card(source={"desc": "x", "desc_color": 4}),
    card(horizontal_content_list=[row()] * 7),
    card(horizontal_content_list=[{"value": "x"}]),
    card(horizontal_content_list=[row(type=1)]),
    card(horizontal_content_list=[row(type=2)]),
    card(horizontal_content_list=[row(type=3)]),
    card(horizontal_content_list=[row(type=4)]),
    card(horizontal_content_list=[row(type=[])]),
    card(jump_list=[{"title": "x", "type": 1, "url": "javascript:x"}]),
    card(jump_list=[{"type": 0}]),
    card(jump_list=[{"title": "x", "type": 3, "question": ""}]),
    card(button_selection=select(option_list=[])),
    card(button_selection=select(option_list=OPTIONS * 2)),
    card(button_selection=select(question_key="")),
    card(action_menu={"action_list": [{"text": "x", "key": "k"}]}),
    card(action_menu={"desc": "x", "action_list": [{"text": "x", "key": "k"}] * 4}),
    card(action_menu={"desc": "x", "action_list": [{"key": "k"}]}),
    notice(main_title={}),
    notice(card_action=None),
    notice(card_action={"type": 1}),
    notice(card_action={"type": 2}),
    notice(card_action={"type": 0}),
    notice(action_menu={"desc": "x", "action_list": [{"text": "x", "key": "k"}]}),
    news(card_image=None),
    news(vertical_content_list=[{"title": "x"}] * 5),
    news(vertical_content_list=[{"desc": "x"}]),
    vote(checkbox=None),
    vote(checkbox=select(mode=2)),
    vote(checkbox=select(option_list=[{"id": str(one), "text": "x"} for one in range(21)])),
    vote(submit_button=None),
    vote(submit_button={"text": "", "key": "k"}),
    form(select_list=[select()] * 4),
    form(select_list=[select(option_list=[{"id": "", "text": "x"}])]),
    form(select_list=[select(option_list=[{"id": "1"}])]),
]


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_card_is_refused(bad):
    assert card_rules.check(bad, card_rules.APP).errors


@pytest.mark.parametrize(
    ("only_app", "part"),
    [
        (True, {"horizontal_content_list": [row(type=2, media_id="m")]}),
        (True, {"button_list": [button(type=1, url="https://sanzhang.example")]}),
        (False, {"jump_list": [{"title": "x", "type": 3, "question": "怎么报修"}]}),
    ],
)
def test_some_parts_exist_in_one_set_only(only_app, part):
    fits_app = not card_rules.check(card(**part), card_rules.APP).errors
    fits_bot = not card_rules.check(card(**part), card_rules.BOT).errors
    assert (fits_app, fits_bot) == (only_app, not only_app)


@pytest.mark.parametrize(
    ("part", "app", "bot"),
    [
        ({"main_title": {"title": "长" * 30}}, 0, 1),
        ({"main_title": {"title": "长" * 37, "desc": "长" * 45}}, 2, 2),
        ({"sub_title_text": "长" * 113}, 0, 1),
        ({"source": {"desc": "长" * 21}}, 1, 1),
        ({"horizontal_content_list": [row(keyname="长" * 6, value="长" * 31)]}, 2, 2),
        ({"button_selection": select(title="长" * 14)}, 1, 1),
        ({"emphasis_content": {"title": "3"}, "quote_area": {"quote_text": "x"}}, 1, 1),
    ],
)
def test_long_words_only_warn(part, app, bot):
    reports = [card_rules.check(card(**part), rules) for rules in (card_rules.APP, card_rules.BOT)]
    assert [one.errors for one in reports] == [[], []]
    assert [len(one.warnings) for one in reports] == [app, bot]


def test_an_update_needs_no_task_id():
    without = {name: value for name, value in card().items() if name != "task_id"}
    assert card_rules.check(without, card_rules.APP, update=True).errors == []


def test_a_disabled_button_cannot_be_tapped():
    buttons = [button(disable=True), button(key="other")]
    assert [one["key"] for one in card_rules.card_buttons(card(button_list=buttons))] == ["other"]


def test_the_text_of_a_card_holds_all_that_is_to_read():
    full = card(
        sub_title_text="路灯坏了",
        quote_area={"title": "原话", "quote_text": "三天了"},
        horizontal_content_list=[row()],
        vertical_content_list=[{"title": "甲", "desc": "乙"}],
        source={"desc": "三长"},
    )
    words = card_rules.card_text(full)
    for part in ("三长", "新诉求", "原话", "三天了", "路灯坏了", "位置：三组", "甲 乙", "接单"):
        assert part in words


def test_what_can_be_asked_on_a_card():
    assert [one["question_key"] for one in card_rules.questions(form())] == ["eta"]
    assert [one["question_key"] for one in card_rules.questions(vote())] == ["rate"]
