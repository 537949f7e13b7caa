"""The hostile corpus: families of requests that may neither be answered nor change anything.

Every one of them is told with the status that is right for it; 0 stands for a connection that is
closed without an answer. What a good signature brings and has to be heard is test_broken_words.py.
"""

import base64
import gzip
import os
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Any

from tests.acceptance.wire import Seal
from tests.hostile.crafted import (
    APP,
    BOT,
    PATHS,
    SEALS,
    Crafted,
    app_text,
    bot_text,
    enveloped,
    http,
    plain_of,
    posted,
    query_of,
    said,
    sealed,
)

REFUSED = frozenset({400, 403})
FORGED = frozenset({403})
BROKEN = frozenset({400, 403})
#: What is no request at all, or one that a server may also leave without an answer.
NONE = frozenset({0, 400, 403, 404, 405, 408, 411, 413, 414, 417, 421, 431})
HOUR = 3600


def corpus() -> list[Crafted]:
    """All of them; some are made by chance, but always the same number."""
    families = (
        forged_signatures, foreign_keys, wrong_corps, wrong_times, broken_base64, broken_padding,
        wrong_lengths, hostile_xml, hostile_json, wrong_shapes, bodies, methods, paths, headers,
        echoes,
    )  # fmt: skip
    return [one for family in families for one in family()]


def forged_signatures() -> Iterator[Crafted]:
    for channel, seal in SEALS.items():
        encrypted = seal.encrypt(plain_of(channel))
        good = query_of(seal, encrypted)["msg_signature"]
        bad = {
            "zeros": "0" * 40, "short": good[:39], "long": good + "0", "upper": good.upper(),
            "space": f" {good}", "newline": f"{good}\n", "wide": "号" * 40, "reversed": good[::-1],
            "sha256": "a" * 64, "quote": "' or 1=1 --", "percent": "%s%n%x", "nul": f"{good}\0",
            "huge": "f" * 20_000, "number": "1", "json": '{"$ne":""}', "none": "None",
        }  # fmt: skip
        bad |= {f"digit {n}": _flipped(good, n) for n in range(0, 40, 3)}
        for name, signature in bad.items():
            wire = sealed(channel, encrypted, msg_signature=signature)
            yield Crafted(
                "forged", f"{channel} {name}", wire, FORGED | NONE if name == "huge" else FORGED
            )
        for part in ("msg_signature", "timestamp", "nonce"):
            without = {k: v for k, v in query_of(seal, encrypted).items() if k != part}
            body = enveloped(channel, encrypted)
            yield Crafted(
                "forged", f"{channel} without {part}", posted(channel, body, without), FORGED
            )
            empty = posted(channel, body, {**without, part: ""})
            yield Crafted("forged", f"{channel} empty {part}", empty, FORGED)
            twice = f"{PATHS[channel]}?{part}=0&" + "&".join(f"{k}={v}" for k, v in without.items())
            yield Crafted("forged", f"{channel} {part} twice", http(twice, body), FORGED)
        other = query_of(seal, seal.encrypt("another"))
        yield Crafted(
            "forged",
            f"{channel} signature of another",
            posted(channel, enveloped(channel, encrypted), other),
            FORGED,
        )


def foreign_keys() -> Iterator[Crafted]:
    for channel, seal in SEALS.items():
        for name, key in (
            ("other key", "A" * 42 + "E"),
            ("last sign", seal.encoding_aes_key[:-2] + "AA"),
        ):
            foreign = Seal(seal.token, key, seal.receive_id)
            for number in range(4):
                wire = sealed(channel, foreign.encrypt(plain_of(channel)))
                yield Crafted("foreign key", f"{channel} {name} {number}", wire, BROKEN)
        for token in (
            "",
            "x",
            seal.token.lower(),
            seal.token[::-1],
            BOT.token if seal is APP else APP.token,
        ):
            encrypted = seal.encrypt(plain_of(channel))
            query = query_of(Seal(token, seal.encoding_aes_key, seal.receive_id), encrypted)
            yield Crafted(
                "foreign key",
                f"{channel} token {token!r}",
                posted(channel, enveloped(channel, encrypted), query),
                FORGED,
            )
    for channel, other in (("app", BOT), ("bot", APP)):
        encrypted = other.encrypt(plain_of(channel))
        query = query_of(other, encrypted)
        yield Crafted(
            "foreign key",
            f"{channel} gets the other's",
            posted(channel, enveloped(channel, encrypted), query),
            FORGED,
        )


def wrong_corps() -> Iterator[Crafted]:
    ids = ("", "ww", "wwsomebody", APP.receive_id.upper(), APP.receive_id + "1", APP.receive_id[:-1],
           APP.receive_id + "\0", "\0", " " + APP.receive_id, "号", "x" * 5000)  # fmt: skip
    for receive_id in ids:
        for channel, seal in SEALS.items():
            if receive_id != seal.receive_id:
                wire = sealed(channel, seal.encrypt(plain_of(channel), receive_id))
                yield Crafted("wrong corp", f"{channel} {receive_id[:20]!r}", wire, BROKEN)


def wrong_times() -> Iterator[Crafted]:
    now = time.time()
    texts = [
        str(int(now + n * HOUR)) for n in (-1.1, -2, -24, -24 * 7, -24 * 365, 1.1, 2, 24, 24 * 365)
    ]
    texts += [
        "0",
        "-1",
        "now",
        "1e9",
        "NaN",
        "inf",
        "9" * 30,
        "9" * 4000,
        "0x5f000000",
        "1.5",
        "٣",
        " ",
        "1;2",
    ]
    for channel in SEALS:
        for text in texts:
            yield Crafted(
                "replay",
                f"{channel} {text[:20]!r} of {len(text)}",
                said(channel, plain_of(channel), timestamp=text),
                FORGED,
            )


def broken_base64() -> Iterator[Crafted]:
    for channel, seal in SEALS.items():
        good = seal.encrypt(plain_of(channel))
        bad = {f"less {n}": good[:-n] for n in (1, 2, 3, 4, 5, 8, 16, 17)}
        bad |= {
            "empty": "", "pad": "====", "one": "A", "junk": "junk", "wide": "号号", "url": "-_" * 40,
            "blocks": "A" * 64, "big": "A" * 90_000, "inside": good[:20] + "=" + good[20:],
            "first gone": good[1:], "zero": "AAAA", "reversed": good[::-1],
        }  # fmt: skip
        for name, encrypted in bad.items():
            yield Crafted("base64", f"{channel} {name}", sealed(channel, encrypted), BROKEN)


def broken_padding() -> Iterator[Crafted]:
    for channel, seal in SEALS.items():
        plain = os.urandom(16) + struct.pack(">I", 6) + b"<xml/>"
        for padding in (0, 1, 2, 31, 32, 33, 64, 128, 200, 255):
            whole = plain + bytes([padding]) * (-len(plain) % 32)
            yield Crafted(
                "padding", f"{channel} {padding}", sealed(channel, _raw(seal, whole)), BROKEN
            )
        for name, raw in (
            ("none", b""),
            ("one block", b"\x10" * 16),
            ("zeros", b"\0" * 64),
            ("ones", b"\x01" * 32),
        ):
            yield Crafted("padding", f"{channel} {name}", sealed(channel, _raw(seal, raw)), BROKEN)


def wrong_lengths() -> Iterator[Crafted]:
    for channel, seal in SEALS.items():
        data = plain_of(channel).encode()
        for length in (
            0,
            1,
            4,
            len(data) - 1,
            len(data) + 1,
            2**16,
            2**24,
            2**31 - 1,
            2**31,
            2**32 - 1,
        ):
            plain = os.urandom(16) + struct.pack(">I", length) + data + seal.receive_id.encode()
            yield Crafted(
                "length", f"{channel} {length}", sealed(channel, seal.encrypt_raw(plain)), BROKEN
            )


def _bomb(depth: int, width: int) -> str:
    lines = ['<!ENTITY e0 "哈哈哈哈哈哈哈哈">']
    lines += [f'<!ENTITY e{n} "{f"&e{n - 1};" * width}">' for n in range(1, depth)]
    return f"<!DOCTYPE x [{''.join(lines)}]>"


#: What stands in front of a document, and what in it.
DOCUMENTS = {
    "bomb": (_bomb(9, 10), "&e8;"), "flat bomb": ('<!DOCTYPE x [<!ENTITY a "' + "a" * 50_000 + '">]>', "&a;" * 500),
    "file": ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;"),
    "http": ('<!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:1/">]>', "&a;"),
    "parameter": ('<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;]>', ""),
    "doctype": ("<!DOCTYPE xml>", ""), "public": ('<!DOCTYPE x PUBLIC "-//x" "http://127.0.0.1:1/">', ""),
    "notation": ('<!DOCTYPE x [<!NOTATION n SYSTEM "calc">]>', ""), "attlist": ("<!DOCTYPE x [<!ATTLIST x a CDATA 'b'>]>", ""),
    "recursion": ('<!DOCTYPE x [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;"), "unknown entity": ("", "&nothing;"),
}  # fmt: skip


def hostile_xml() -> Iterator[Crafted]:
    good = APP.encrypt(app_text())
    for name, (head, inside) in DOCUMENTS.items():
        outer = f"{head}<xml><Encrypt>{good}{inside}</Encrypt></xml>".encode()
        yield Crafted("xml", f"outer {name}", posted("app", outer, query_of(APP, good)), BROKEN)
        inner = head + app_text(inside or "词")
        inner = inner.replace("<![CDATA[", "").replace("]]>", "", 1) if inside else inner
        yield Crafted("xml", f"inner {name}", said("app", inner), BROKEN)
    many = {
        "nested 100000": "<a>" * 25_000 + "</a>" * 25_000, "flat 80000": "<xml>" + "<a/>" * 50_000 + "</xml>",
        "attributes": "<xml " + " ".join(f'a{n}="1"' for n in range(15_000)) + "/>",
        "same attribute": '<xml a="1" a="2"/>', "comments": "<xml>" + "<!--x-->" * 20_000 + "</xml>",
        "instructions": "<xml>" + "<?a b?>" * 20_000 + "</xml>", "open cdata": "<xml><![CDATA[" * 10_000,
        "namespaces": "<xml " + " ".join(f'xmlns:a{n}="u{n}"' for n in range(5000)) + "/>",
        "long name": f"<{'a' * 200_000}/>", "half": "<xml><Encrypt>", "two roots": "<xml/><xml/>", "text": "电表箱坏了",
        "nothing": "", "blank": " " * 1000, "bom": "\ufeff", "klingon": '<?xml version="1.0" encoding="klingon"?><xml/>',
        "utf-7": '<?xml version="1.0" encoding="utf-7"?><xml>+ADw-</xml>', "xml 9": '<?xml version="9.9"?><xml/>',
        "references": "<xml>" + "&#1;" * 20_000 + "</xml>",
    }  # fmt: skip
    for name, document in many.items():
        raw = document.encode()
        yield Crafted("xml", f"outer {name}", posted("app", raw, query_of(APP, "")), BROKEN | NONE)
        yield Crafted("xml", f"inner {name}", said("app", document[:180_000]), BROKEN)
    for encoding in ("utf-16", "utf-32", "utf-16-le", "cp037"):
        raw = f"<!DOCTYPE x><xml><Encrypt>{good}</Encrypt></xml>".encode(encoding)
        yield Crafted("xml", f"outer {encoding}", posted("app", raw, query_of(APP, good)), BROKEN)


JSON_BODIES = (
    "", " ", "null", "true", "1", '"x"', "[]", "[1]", "[[[]]]", "{", "}", "{}", '{"a":1}', "{'encrypt':'x'}", "NaN", "-",
    '{"encrypt":null}', '{"encrypt":1}', '{"encrypt":[]}', '{"encrypt":{}}', '{"encrypt":""}', '{"Encrypt":"x"}', "\ufeff{}",
    '{"encrypt":true}', '{"encrypt":"\\ud800"}', '{"encrypt":"' + "A" * 100 + '"', "[" * 100_000, '{"a":' * 30_000,
    "[" + "1," * 60_000 + "1]", '{"encrypt":' + "9" * 200_000 + "}", "<xml/>", "encrypt=x", "\0", "\x1b[2J",
)  # fmt: skip


def hostile_json() -> Iterator[Crafted]:
    for number, text in enumerate(JSON_BODIES):
        raw = text.encode()
        yield Crafted(
            "json", f"outer {number} {text[:20]!r}", posted("bot", raw, query_of(BOT, "")), BROKEN
        )
        if not text.startswith(('{"encrypt', '{"Encrypt', '{"a":1')):
            yield Crafted(
                "json", f"inner {number} {text[:20]!r}", said("bot", text[:180_000]), BROKEN
            )


def wrong_shapes() -> Iterator[Crafted]:
    """Signed, but without what tells who speaks, or which message it is."""
    changed: dict[str, Any]
    for name in ("FromUserName", "MsgType"):
        for value in (None, "", " ", "<a>1</a>", "<![CDATA[]]>"):
            changed = {name: value}
            yield Crafted(
                "shape", f"app {name} {value!r}", said("app", app_text(**changed)), BROKEN
            )
    yield Crafted(
        "shape", "app long sender", said("app", app_text(FromUserName="x" * 5000)), BROKEN
    )
    for value in ("", "x", "1.5", "9" * 30, "-" + "9" * 30):
        yield Crafted(
            "shape", f"app time {value[:9]!r}", said("app", app_text(CreateTime=value)), BROKEN
        )
    for name in ("from", "msgtype", "msgid"):
        for odd in (None, "", [], {}, 0, False, [1], {"a": 1}):
            if name != "msgid" or not odd:
                plain = bot_text(**{name: odd})
                yield Crafted("shape", f"bot {name} {odd!r}", said("bot", plain), BROKEN)
    yield Crafted(
        "shape",
        "bot long sender",
        said("bot", bot_text(**{"from": {"userid": "x" * 5000}})),
        BROKEN,
    )
    yield Crafted("shape", "bot long chat", said("bot", bot_text(chatid="x" * 5000)), BROKEN)


def bodies() -> Iterator[Crafted]:
    for channel, seal in SEALS.items():
        encrypted = seal.encrypt(plain_of(channel))
        query, body = query_of(seal, encrypted), enveloped(channel, encrypted)
        for coding, packed in (
            ("gzip", gzip.compress(body)),
            ("deflate", zlib.compress(body)),
            ("br", body),
            ("gzip", gzip.compress(b"0" * 10_000_000)),
            ("x", body),
        ):
            wire = posted(channel, packed, query, headers={"Content-Encoding": coding})
            yield Crafted("body", f"{channel} {coding} {len(packed)}", wire, frozenset({400}))
        for size in (256 * 1024 + 1, 300_000, 1_000_000, 6_000_000):
            yield Crafted(
                "body",
                f"{channel} of {size}",
                posted(channel, b"<" * size, query),
                frozenset({413}),
            )
        for length in ("-1", "x", "1e3", "+5", "0x10", "1,2", " ", "9" * 30):
            wire = posted(channel, body, query, length=length)
            yield Crafted("body", f"{channel} length {length!r}", wire, NONE)
        chunked = {"Transfer-Encoding": "chunked"}
        for name, chunks in {
            "large": b"".join(b"10000\r\n" + b"<" * 65536 + b"\r\n" for _ in range(8)) + b"0\r\n\r\n",
            "bad size": b"zz\r\nx\r\n0\r\n\r\n", "negative": b"-1\r\nx\r\n0\r\n\r\n", "huge size": b"f" * 17 + b"\r\nx",
            "no end": b"5\r\nab", "empty": b"0\r\n\r\n", "extension": b"1;" + b"a" * 3000 + b"\r\nx\r\n0\r\n\r\n",
        }.items():  # fmt: skip
            wire = posted(channel, chunks, query, headers=chunked, length=None)
            yield Crafted("body", f"{channel} chunked {name}", wire, NONE)
        both = posted(channel, b"0\r\n\r\nPOST /wecom/app HTTP/1.1\r\n\r\n", query, headers=chunked)
        yield Crafted("body", f"{channel} both lengths", both, NONE)
        for coding in ("identity", "gzip, chunked", "xchunked", "chunked, chunked", "cow"):
            wire = posted(
                channel, b"0\r\n\r\n", query, headers={"Transfer-Encoding": coding}, length=None
            )
            yield Crafted("body", f"{channel} transfer {coding}", wire, NONE)
        for kind in (
            "multipart/form-data",
            "multipart/form-data; boundary=" + "x" * 3000,
            "application/x-www-form-urlencoded",
        ):
            wire = posted(
                channel, b"--x\r\n" * 100, query_of(seal, ""), headers={"Content-Type": kind}
            )
            yield Crafted("body", f"{channel} {kind[:30]}", wire, BROKEN)


def methods() -> Iterator[Crafted]:
    for channel, seal in SEALS.items():
        encrypted = seal.encrypt(plain_of(channel))
        query, body = query_of(seal, encrypted), enveloped(channel, encrypted)
        for method in (
            "PUT",
            "DELETE",
            "PATCH",
            "TRACE",
            "CONNECT",
            "PROPFIND",
            "FOO",
            "post",
            "POST\0",
            "P" * 3000,
        ):
            yield Crafted(
                "method",
                f"{channel} {method[:9]!r}",
                posted(channel, body, query, method=method),
                NONE,
            )
        yield Crafted(
            "method",
            f"{channel} GET with a body",
            posted(channel, body, query, method="GET"),
            BROKEN,
        )
        override = {"X-HTTP-Method-Override": "POST"}
        yield Crafted(
            "method",
            f"{channel} override",
            posted(channel, body, query, method="GET", headers=override),
            BROKEN,
        )


def paths() -> Iterator[Crafted]:
    """Ways around the address: some lead to it all the same, where a forger is refused."""
    encrypted = APP.encrypt(app_text())
    query = query_of(APP, encrypted, msg_signature="0" * 40)
    body = enveloped("app", encrypted)
    tail = "?" + "&".join(f"{k}={v}" for k, v in query.items())
    for path in (
        "/", "//", "/wecom", "/wecom/", "/wecom/app/", "//wecom/app", "/wecom//app", "/wecom/./app", "/wecom/../wecom/app",
        "/wecom/aibot/../app", "/wecom/%2e%2e/app", "/wecom/app%00", "/wecom/app%0d%0aX:1", "/wecom/APP", "/WECOM/app",
        "/wecom/webhook", "/wecom/kf", "/wecom/app;x=1", "/wecom/app%2f", "/wecom%2fapp", "/wecom/app.json", "/wecom/\u202eppa",
        "/.env", "/.git/config", "/config.toml", "/static/../config.toml", "/console", "/h5", "/admin", "/wp-login.php", "*",
        "/wecom/" + "a" * 8000, "/wecom/%ff%fe", "/wecom/%", "/wecom/%zz", "/wecom/__class__", "/wecom/{{7*7}}", "wecom/app",
        "/wecom/app\\", "/healthz/x", "/metrics/../wecom/kf", "/wecom/' or 1=1", "/wecom/../../../../etc/passwd",
    ):  # fmt: skip
        yield Crafted("path", path[:30], http(path + tail, body), NONE)
    for number, query_text in enumerate(
        (
            "?" + "a=1&" * 3000,
            "?%ff=%fe",
            "?msg_signature[]=1",
            "?&&&===",
            "?\u202e=1",
            "?" + "%" * 500,
        )
    ):
        yield Crafted("path", f"query {number}", http("/wecom/app" + query_text, body), NONE)


def headers() -> Iterator[Crafted]:
    target = "/wecom/app"
    for number, wire in enumerate((
        http(target, version="HTTP/1.0", headers={"Host": "-"}), http(target, version="HTTP/1.1", headers={"Host": "-"}),
        http(target, version="HTTP/9.9"), http(target, version="HTTP/0.9"), http(target, version=""), http(target, version="FTP/1"),
        b"\r\n\r\n", b"\n\n", b"\0" * 200 + b"\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b" \r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100 + b"\r\n\r\n", b"SSH-2.0-x\r\n\r\n",
        b"POST /wecom/app HTTP/1.1\r\nno colon\r\n\r\n", b"POST /wecom/app HTTP/1.1\r\n: empty\r\n\r\n",
        b"POST /wecom/app HTTP/1.1\r\nA : b\r\n\r\n", b"POST /wecom/app HTTP/1.1\r\n folded\r\n\r\n",
        b"POST /wecom/app HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
        b"POST /wecom/app HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /wecom/app HTTP/1.1\rHost: x\r\r", b"POST\t/wecom/app\tHTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: \0\r\n\r\n",
        b"GET http://evil.example/wecom/app HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )):  # fmt: skip
        yield Crafted("header", f"line {number}", wire, NONE)
    for name, value in {
        "Host": "evil.example", "X-Forwarded-For": "127.0.0.1", "X-Original-URL": "/metrics", "X-Forwarded-Host": "a\tb",
        "Expect": "100-continue", "Range": "bytes=0-1", "Upgrade": "websocket", "Cookie": "a=" + "b" * 5000, "Accept": "\x01",
        "Content-Type": "\u202e", "Authorization": "Basic " + "A" * 3000, "Forwarded": "for=::1", "X": "é" * 100, "Via": "1.1 x",
        "Long": "x" * 40_000, "If-None-Match": "*", "TE": "trailers", "Trailer": "Host", "Proxy": "http://evil", "Date": "x",
    }.items():  # fmt: skip
        yield Crafted("header", name, http(target, b"x", headers={name: value}), NONE)
    many = {f"X-{n}": "1" for n in range(2000)}
    yield Crafted("header", "2000 of them", http(target, b"x", headers=many), NONE)


def echoes() -> Iterator[Crafted]:
    """The verification of an address: nobody but WeCom gets its plaintext."""
    for channel, seal in SEALS.items():
        good = seal.encrypt("5081")
        stranger = Seal("x" * 20, seal.encoding_aes_key, seal.receive_id)
        foreign = Seal(seal.token, "B" * 42 + "E", seal.receive_id)
        for name, query in {
            "nothing": {}, "no echo": query_of(seal, good), "empty echo": {**query_of(seal, ""), "echostr": ""},
            "forged": {**query_of(stranger, good), "echostr": good}, "junk": {**query_of(seal, "junk"), "echostr": "junk"},
            "foreign": {**query_of(seal, f := foreign.encrypt("1")), "echostr": f}, "old": {**query_of(seal, good, timestamp="1000000000"), "echostr": good},
            "corp": {**query_of(seal, c := seal.encrypt("1", "wwother")), "echostr": c}, "wide": {**query_of(seal, "号"), "echostr": "号"},
        }.items():  # fmt: skip
            yield Crafted(
                "echo",
                f"{channel} {name}",
                posted(channel, b"", query, method="GET", length=None),
                BROKEN,
            )


def _flipped(digits: str, place: int) -> str:
    return digits[:place] + format(int(digits[place], 16) ^ 1, "x") + digits[place + 1 :]


def _raw(seal: Seal, plain: bytes) -> str:
    """Encrypted as it is, without a padding of its own."""
    return base64.b64encode(bytes(seal._cipher().encrypt(plain))).decode()
