"""The chat page and the control API of the emulator.

A skeleton for now: only a notice.
"""

from typing import Any

from flask import Blueprint


def page_blueprint(_emulator: Any) -> Blueprint:
    page = Blueprint("page", __name__)

    @page.get("/")
    def home() -> str:
        return "这是模拟环境,不是真正的企业微信"

    return page
