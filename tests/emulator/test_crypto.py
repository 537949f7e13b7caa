"""The emulator's crypto against published vectors and against another implementation."""

import json

import pytest
from wechatpy.work.crypto import WeChatCrypto

from emulator.cipher import Cipher, CryptoError, decode_key, new_word
from tests.emulator.echo import read_xml

TOKEN, KEY = "lczToken01", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
TIME, NONCE, PREFIX = "1767225600", "586730214", b"0123456789abcdef"
BODY = (
    '{"msgid":"m-1","aibotid":"bot-1","chattype":"single","from":{"userid":"u001"},'
    '"msgtype":"text","text":{"content":"停水了"}}'
)
VECTORS = [
    (
        "wwlinzhang0001",
        "8746523917",
        "Al31VOORMRWx6emIpmL5ql1PYocCMrRdprDZV6o+OrxBeKI1+FCHVpVAhB0QSKD9XIJrg/uAxYZcp1Vb2uDUjA==",
        "497df6bfe9b90b5e2e2778ea244bb9ea16a280be",
    ),
    (
        "",
        "8746523917",
        "Al31VOORMRWx6emIpmL5qlT1os+0Hi+LZOSZ9PYHzgY=",
        "cc83f40c441a737792763fa13ca606d476c229de",
    ),
    (
        "",
        BODY,
        "Al31VOORMRWx6emIpmL5qilSZylO3CO+g+cesqjcUiWUDEsRTzm/I0OeABV9DeNuQKq1wvNAb9woiruEt0m2Al"
        "hteMEd7jthObzPSlR9mfAL52nW7rZwu81eHHFNGDMHQY7Pok4EF8iPrsYg81ef/s3XkLtrlrHEBaO6gQ836gkgou"
        "9nR1ZFMxQv4oo8HwY+dTkBuD5MUgIKKJ4/YIGnng==",
        "9d113ad3a79e60f1805b8e88fc2ce91e48326e63",
    ),
]


@pytest.mark.parametrize(("receive_id", "message", "encrypted", "signature"), VECTORS)
def test_it_matches_the_published_vectors(receive_id, message, encrypted, signature):
    cipher = Cipher(TOKEN, KEY, receive_id)
    assert cipher.encrypt(message, PREFIX) == encrypted
    assert cipher.sign(TIME, NONCE, encrypted) == signature


@pytest.mark.parametrize(("receive_id", "message", "encrypted", "_signature"), VECTORS)
def test_it_decrypts_the_published_vectors(receive_id, message, encrypted, _signature):
    assert Cipher(TOKEN, KEY, receive_id).decrypt(encrypted) == message


@pytest.mark.parametrize("length", [0, 1, 11, 12, 31, 32, 33, 5000])
def test_another_implementation_reads_what_it_writes(length):
    encrypted = Cipher(TOKEN, KEY, "ww1").encrypt("水" * length)
    signature = Cipher(TOKEN, KEY, "ww1").sign(TIME, NONCE, encrypted)
    other = WeChatCrypto(TOKEN, KEY, "ww1")
    read = other.decrypt_message({"Encrypt": encrypted}, signature, TIME, NONCE)
    assert (read.decode() if isinstance(read, bytes) else read) == "水" * length


def test_it_reads_what_another_implementation_writes():
    sealed = WeChatCrypto(TOKEN, KEY, "ww1").encrypt_message("<xml>灯</xml>", NONCE, TIME)
    encrypted = read_xml(sealed)["Encrypt"]
    assert Cipher(TOKEN, KEY, "ww1").decrypt(encrypted) == "<xml>灯</xml>"


def test_it_refuses_a_message_for_somebody_else():
    encrypted = Cipher(TOKEN, KEY, "wwother").encrypt("hello")
    with pytest.raises(CryptoError, match="receiveid"):
        Cipher(TOKEN, KEY, "ww1").decrypt(encrypted)


@pytest.mark.parametrize(
    "garbage", ["", "AAAA", "not base64!", "水", VECTORS[1][2][:-8] + "AAAAAAA="]
)
def test_it_refuses_garbage_with_one_exception(garbage):
    with pytest.raises(CryptoError):
        Cipher(TOKEN, KEY, "").decrypt(garbage)


def test_a_key_may_have_unused_bits_set():
    assert len(decode_key("z" * 43)) == 32


def test_a_key_of_another_length_is_refused():
    with pytest.raises(ValueError, match="43"):
        decode_key("z" * 42)


def test_media_are_padded_to_32_and_carry_no_prefix():
    cipher = Cipher(TOKEN, KEY, "")
    assert len(cipher.encrypt_media(b"x" * 32)) == 64
    assert cipher.encrypt_media(b"x") == cipher.encrypt_media(b"x")


def test_words_are_letters_and_digits_only():
    assert new_word(43).isalnum()
    assert json.dumps(new_word(43)).isascii()
