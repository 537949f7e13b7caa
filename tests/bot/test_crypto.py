"""The published vectors of the callback crypto, and what the envelope refuses."""

import pytest

from bot.channels import crypto
from bot.channels.crypto import Envelope, Refused, Signed
from tests.acceptance.wire import Seal

TOKEN, KEY = "lczToken01", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
TIMESTAMP, NONCE = "1767225600", "586730214"
SAID = (
    '{"msgid":"m-1","aibotid":"bot-1","chattype":"single","from":{"userid":"u001"},'
    '"msgtype":"text","text":{"content":"停水了"}}'
)
VECTORS = [
    pytest.param(
        "wwlinzhang0001",
        "8746523917",
        "Al31VOORMRWx6emIpmL5ql1PYocCMrRdprDZV6o+OrxBeKI1+FCHVpVAhB0QSKD9XIJrg/uAxYZcp1Vb2uDUjA==",
        "497df6bfe9b90b5e2e2778ea244bb9ea16a280be",
        id="app",
    ),
    pytest.param(
        "",
        "8746523917",
        "Al31VOORMRWx6emIpmL5qlT1os+0Hi+LZOSZ9PYHzgY=",
        "cc83f40c441a737792763fa13ca606d476c229de",
        id="aibot",
    ),
    pytest.param(
        "",
        SAID,
        "Al31VOORMRWx6emIpmL5qilSZylO3CO+g+cesqjcUiWUDEsRTzm/I0OeABV9DeNuQKq1wvNAb9woiruEt0m2Alht"
        "eMEd7jthObzPSlR9mfAL52nW7rZwu81eHHFNGDMHQY7Pok4EF8iPrsYg81ef/s3XkLtrlrHEBaO6gQ836gkgou9n"
        "R1ZFMxQv4oo8HwY+dTkBuD5MUgIKKJ4/YIGnng==",
        "9d113ad3a79e60f1805b8e88fc2ce91e48326e63",
        id="aibot-json",
    ),
]


@pytest.mark.parametrize(("receive_id", "plain", "encrypted", "signature"), VECTORS)
def test_it_opens_the_published_vectors(receive_id, plain, encrypted, signature):
    envelope = Envelope(TOKEN, KEY, receive_id)
    assert envelope.open(Signed(signature, TIMESTAMP, NONCE), encrypted) == plain


@pytest.mark.parametrize(("receive_id", "plain", "encrypted", "signature"), VECTORS)
def test_it_seals_to_the_published_vectors(monkeypatch, receive_id, plain, encrypted, signature):
    envelope = Envelope(TOKEN, KEY, receive_id)
    monkeypatch.setattr(envelope._cipher, "get_random_string", lambda: b"0123456789abcdef")
    assert envelope.seal(plain, TIMESTAMP, NONCE) == (encrypted, signature)


@pytest.mark.parametrize(("receive_id", "plain", "encrypted", "signature"), VECTORS)
def test_the_acceptance_client_agrees_with_the_published_vectors(
    receive_id, plain, encrypted, signature
):
    seal = Seal(TOKEN, KEY, receive_id)
    assert seal.decrypt(encrypted) == plain
    assert seal.sign(TIMESTAMP, NONCE, encrypted) == signature


@pytest.mark.parametrize("length", range(70))
def test_any_length_survives_the_way_there_and_back(length):
    ours, theirs = Envelope(TOKEN, KEY, "wwcorp"), Seal(TOKEN, KEY, "wwcorp")
    encrypted, _ = ours.seal("x" * length, TIMESTAMP, NONCE)
    assert theirs.decrypt(encrypted) == "x" * length
    back = theirs.encrypt("y" * length)
    query = Signed(theirs.sign(TIMESTAMP, NONCE, back), TIMESTAMP, NONCE)
    assert ours.open(query, back) == "y" * length


def test_a_key_with_unused_bits_set_is_taken():
    loose = KEY[:-1] + "B"
    assert Envelope(TOKEN, loose, "").seal("x", TIMESTAMP, NONCE)


@pytest.mark.parametrize("signature", ["", "0" * 40, "é" * 40, "497DF6BFE9B90B5E2E2778EA244BB9EA"])
def test_a_wrong_signature_is_a_forger(signature):
    encrypted = Seal(TOKEN, KEY, "").encrypt("x")
    with pytest.raises(Refused) as refused:
        Envelope(TOKEN, KEY, "").open(Signed(signature, TIMESTAMP, NONCE), encrypted)
    assert refused.value.status == 403


def test_the_wrong_receiveid_is_a_forger():
    encrypted = Seal(TOKEN, KEY, "wwother").encrypt("x")
    assert _refusal(encrypted, "wwcorp") == 403


@pytest.mark.parametrize("junk", ["", "*", "AAAA", "A" * 64, "é", "Q" * 43 + "="])
def test_signed_junk_is_refused_and_never_raises(junk):
    assert _refusal(junk, "wwcorp") in (400, 403)


def _refusal(encrypted: str, receive_id: str) -> int:
    signature = crypto.Envelope(TOKEN, KEY, receive_id).sign(TIMESTAMP, NONCE, encrypted)
    with pytest.raises(Refused) as refused:
        Envelope(TOKEN, KEY, receive_id).open(Signed(signature, TIMESTAMP, NONCE), encrypted)
    return refused.value.status
