"""What an errcode of WeCom means for a message, for all others, and for the person who reads it.

Developer centre 90313; how long a call is blocked: 90312. What is not here is tried again with
growing waits.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class CodeMeaning:
    """What becomes of one message: never again, or again after so many seconds."""

    #: what it is and what to do, for an administrator
    words: str
    permanent: bool = False
    retry_after: float | None = None
    #: the message itself is at fault, not the one it is for
    payload: bool = False
    #: nobody's message passes: seconds after which one of them tries again, the last one repeated
    blocks: tuple[float, ...] = ()
    #: not one API, but the app as a whole
    app: bool = False


#: An overrun blocks the call for a minute, an hour or till midnight, by the rule that was broken,
#: which is not told: it is found out with growing waits.
TOO_OFTEN = (60.0, 600.0, 3600.0)
#: A person has to change something, and is not waited for any longer than this.
ADMIN = (60.0, 300.0, 600.0)
#: No answer, or one of no use: nobody knows for how long.
NO_WAY = (5.0, 15.0, 30.0, 60.0)

_NOBODY = (
    "企业微信里没有这个账号，或不在应用的可见范围：核对花名册里的账号，"
    "把人加进可见范围，再 retry；人已离开就 drop"
)
_PAYLOAD = "企业微信不收这条消息的写法：请把编号和日志交给维护程序的人；急事请先打电话告诉本人"
_BOARD = (
    "这个群的 webhook 或会话不在了：在群里重新添加，把新的 key 写进配置，"
    "重启后 retry；不用了就 drop"
)
_SECRET = "企业微信不认 corp_id、secret 或令牌：核对配置里的这几项，重启服务"
_ALLOWED = "应用没有这个接口的权限，或被停用：在管理后台给应用开通、启用，放宽可见范围"

ERRCODES: dict[int, CodeMeaning] = {
    **dict.fromkeys((40003, 40031, 46004, 60111, 81013), CodeMeaning(_NOBODY, permanent=True)),
    **dict.fromkeys(
        (40008, 40033, 40035, 40058, 40063, 44004, 45002, 45008),
        CodeMeaning(_PAYLOAD, permanent=True, payload=True),
    ),
    40007: CodeMeaning("照片或语音在企业微信那边已过期：retry 会重新上传", permanent=True),
    82001: CodeMeaning(_NOBODY, permanent=True),
    **dict.fromkeys(
        (93000, 93006, 40050, 86001, 86003, 86008), CodeMeaning(_BOARD, permanent=True)
    ),
    **dict.fromkeys(
        (40001, 40013, 40014, 40056, 40091, 42001), CodeMeaning(_SECRET, blocks=ADMIN, app=True)
    ),
    **dict.fromkeys((48002, 301002, 60011), CodeMeaning(_ALLOWED, blocks=ADMIN)),
    **dict.fromkeys((50002, 50003), CodeMeaning(_ALLOWED, blocks=ADMIN, app=True)),
    60020: CodeMeaning(
        "本机的出口 IP 不在应用的可信 IP 里："
        "在管理后台的“企业可信 IP”里加上报错中的那个地址，约一分钟生效",
        blocks=ADMIN,
        app=True,
    ),
    45009: CodeMeaning("调用太频繁，企业微信暂停了这个接口：不用管，会自己再试", blocks=TOO_OFTEN),
    45033: CodeMeaning("同时调用太多：不用管，会自己再试", blocks=(5.0, 15.0, 30.0, 60.0)),
    -1: CodeMeaning("企业微信忙：不用管，会自己再试"),
}

_CODE = re.compile(r"errcode (-?\d+)")
_UNKNOWN = "企业微信返回了没见过的错误 {code}：查开发者中心的“全局错误码”，处理好以后 retry"
#: What is in an error that came without a code.
_OTHERWISE = (
    (
        re.compile(r"^restored "),
        "数据库是从备份恢复的，备份以后可能已经发过：问问本人，没收到就 retry，收到了就 drop",
    ),
    (re.compile(r"invaliduser|unlicenseduser"), _NOBODY),
    (re.compile(r"^channel .* is "), "这个通道没有配置：补上配置再 retry，不用了就 drop"),
    (re.compile(r"^no webhook for "), _BOARD),
    (re.compile(r"^unknown guard "), "写这条通知的功能已经拿掉：没用了就 drop"),
    (re.compile(r"cannot read "), "照片文件找不到了：从备份放回照片文件夹再 retry，找不回就 drop"),
    (
        re.compile(r"Timeout|Connection|HTTP \d"),
        "连不上企业微信：检查网络、防火墙和代理，会自己再试",
    ),
)


def reason(error: str, state: str = "") -> str:
    """Why a notice has not arrived and what to do, from the error that is noted with it."""
    for pattern, words in _OTHERWISE:
        if pattern.search(error):
            return _held(words, state)
    code = _CODE.search(error)
    if code is None:
        return _held(error, state)
    meaning = ERRCODES.get(int(code[1]))
    return _held(meaning.words if meaning else _UNKNOWN.format(code=code[1]), state)


def _held(words: str, state: str) -> str:
    if state != "unsure" or "drop" in words:
        return words
    after = f"（当时：{words}）" if words else ""
    return f"发出去以后没等到回音，不知道到了没有：问问本人，没收到就 retry，收到了就 drop{after}"
