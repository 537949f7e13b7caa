"""The error codes that the fake WeCom answers with, and the one exception that carries them.

Texts are ours; a client must judge by the number. OWN_CHOICE marks what no document says.
"""

OWN_CHOICE = "(no official code is known: the emulator's own choice)"

TEXTS = {
    -1: "system busy",
    0: "ok",
    40001: "invalid credential",
    40004: "invalid media type",
    40005: "invalid file type",
    40006: "invalid file size",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid corpid",
    40014: "invalid access_token",
    40035: "invalid parameter",
    40056: "invalid agentid",
    40058: "invalid request parameter",
    40063: "some parameters are empty",
    40066: "invalid url",
    41001: "access_token missing",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    44001: "empty media data",
    44004: "text content is empty",
    45002: "message content too long",
    45008: "article count out of limit",
    45009: "api freq out of limit",
    45033: "api concurrent out of limit",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip",
    60111: "userid not found",
    81013: "user & party & tag all invalid",
    82001: "all touser & toparty & totag are empty or too many",
    82002: "too many parties",
    82003: "too many tags",
    93000: "invalid webhook url",
}


class Refusal(Exception):
    """A business error: HTTP 200 with a non-zero errcode."""

    def __init__(self, errcode: int, detail: str = "") -> None:
        self.errcode = errcode
        text = TEXTS.get(errcode, "error")
        self.errmsg = f"{text}: {detail}" if detail else text
        super().__init__(f"{errcode} {self.errmsg}")

    def answer(self) -> dict[str, object]:
        return {"errcode": self.errcode, "errmsg": self.errmsg}
