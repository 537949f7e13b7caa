"""What no database takes is refused or taken out before anything looks at a message."""

import pytest

from bot.channels.crypto import Refused
from bot.channels.fitting import LONGEST_ID, LONGEST_KEY, fitting
from handlers.message import Click, Contact, Incoming
from issues.registering import Material
from tests.town import at

NOW = at("2026-06-01 09:00")


def message(**more):
    plain = {"channel": "app", "key": "1", "userid": "mao_mou", "kind": "message", "at": NOW}
    return Incoming(**{**plain, **more})


def test_a_message_like_any_other_stays_as_it_is():
    said = message(text="村口的路灯\n坏了😀", materials=(Material("image", media_id="P1"),))
    assert fitting(said) == said


def test_what_is_no_text_is_taken_out_wherever_it_stands():
    click = Click("accept\0", "t\ud800")
    said = fitting(message(text="路灯\0坏了", userid="mao\0_mou", quote="\ud800", click=click))
    assert (said.text, said.userid, said.quote) == ("路灯坏了", "mao_mou", "?")
    assert said.click == Click("accept", "t?")


@pytest.mark.parametrize(
    "more",
    [
        {"userid": "u" * (LONGEST_ID + 1)},
        {"chat_id": "c" * (LONGEST_ID + 1)},
        {"contact": Contact(new_userid="n" * (LONGEST_ID + 1))},
        {"materials": (Material("location", latitude=float("nan"), longitude=1.0),)},
        {"materials": (Material("location", latitude=1.0, longitude=float("inf")),)},
        {"materials": (Material("location", latitude=90.1, longitude=1.0),)},
    ],
)
def test_an_id_or_a_place_that_cannot_be_one_is_refused(more):
    with pytest.raises(Refused):
        fitting(message(**more))


def test_a_key_that_is_too_long_is_another_for_another_message_and_the_same_for_a_resend():
    keys = [fitting(message(key="9" * 400 + last)).key for last in "aab"]
    assert keys[0] == keys[1] != keys[2]
    assert {len(key) for key in keys} == {LONGEST_KEY}
