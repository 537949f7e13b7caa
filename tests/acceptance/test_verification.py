"""Saving the callback URL in WeCom's console: GET with an echostr, bare plaintext back."""

import time

import pytest
import requests

from tests.acceptance.deployment import PATIENCE

HOUR = 3600


@pytest.mark.parametrize("kind", ["app", "bot"])
def test_the_verification_is_answered_with_the_bare_plaintext(town, kind):
    answer = getattr(town, kind).verify("8746523917")
    assert (answer.status_code, answer.content) == (200, b"8746523917")


@pytest.mark.parametrize("kind", ["app", "bot"])
def test_plus_and_slash_in_the_echostr_survive_the_query(town, kind):
    caller = getattr(town, kind)
    for _ in range(40):
        echo = caller.seal.encrypt("+/=")
        if "+" in echo and "/" in echo:
            break
    query = {**caller.query(echo), "echostr": echo}
    assert requests.get(caller.url, params=query, timeout=PATIENCE).content == b"+/="


@pytest.mark.parametrize("kind", ["app", "bot"])
@pytest.mark.parametrize(
    "wrong",
    [
        {"msg_signature": "0" * 40},
        {"msg_signature": ""},
        {"timestamp": str(int(time.time()) - 2 * HOUR)},
        {"timestamp": "soon"},
    ],
)
def test_a_forged_or_stale_verification_is_refused(town, kind, wrong):
    answer = getattr(town, kind).verify(**wrong)
    assert (answer.status_code, answer.content) == (403, b"")


@pytest.mark.parametrize("kind", ["app", "bot"])
@pytest.mark.parametrize("missing", ["msg_signature", "timestamp", "nonce", "echostr"])
def test_a_verification_with_a_missing_part_is_refused(town, kind, missing):
    caller = getattr(town, kind)
    echo = caller.seal.encrypt("1")
    query = {**caller.query(echo), "echostr": echo}
    del query[missing]
    answer = requests.get(caller.url, params=query, timeout=PATIENCE)
    assert (answer.status_code, answer.content) == (403, b"")


def test_the_other_channels_signature_does_not_open_this_one(town):
    echo = town.bot.seal.encrypt("1")
    query = {**town.bot.query(echo), "echostr": echo}
    assert requests.get(town.app.url, params=query, timeout=PATIENCE).status_code == 403
