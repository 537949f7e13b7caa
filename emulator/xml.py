"""Writing the XML of callbacks: numbers bare, words in CDATA that nothing can break out of.

Reading the service's XML is the business of replies.py.
"""

import re
from typing import Any

#: Characters that XML 1.0 cannot carry at all.
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def to_xml(fields: dict[str, Any]) -> str:
    return "".join(element(name, value) for name, value in fields.items())


def element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(element(name, one) for one in value)
    if isinstance(value, dict):
        return f"<{name}>{to_xml(value)}</{name}>"
    if isinstance(value, int | float):
        return f"<{name}>{value}</{name}>"
    return f"<{name}><![CDATA[{words(str(value))}]]></{name}>"


def words(text: str) -> str:
    return ILLEGAL.sub("", text).replace("]]>", "]]]]><![CDATA[>")
