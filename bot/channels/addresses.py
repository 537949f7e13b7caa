"""Which addresses out of a message are gone to: WeCom's own hosts, and those of the configuration.

A signed message names where its photo lies and where one more answer may go. Whoever could make
the service go anywhere would reach the office's own network with it, so hosts are listed by name
([wecom] link_hosts) and nothing follows a redirect. Names are trusted as they are listed: inside
of Tencent's cloud its own storage has private addresses.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

#: WeCom's API and pages (wecom-facts.md §10), and the storage where an aibot's photos lie
#: (developer centre 100719, sample of an image message; the region differs).
WECOM_HOSTS = ("*.qq.com", "ww-aibot-img-*.cos.*.myqcloud.com")
#: As requests and as urllib take it apart, these could mean two hosts.
_DOUBTFUL = re.compile(r"[\s\\\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Addresses:
    """The hosts that may be gone to. ``hosts`` are names; ``*.`` in front stands for every name
    below, another ``*`` for a part between two dots."""

    api_base: str
    hosts: tuple[str, ...] = WECOM_HOSTS

    def refuses(self, url: str) -> str:
        """Why this address is not gone to; "" for one that is."""
        if _DOUBTFUL.search(url):
            return "a sign that no address has"
        try:
            parts = urlsplit(url)
            host, _ = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            return "not an address"
        if parts.scheme != "https" and not (parts.scheme == "http" and self._plain):
            return f"scheme {parts.scheme[:20]!r}"
        if not host or "@" in parts.netloc:
            return "no plain host"
        if host != self._own and not any(pattern.fullmatch(host) for pattern in self._patterns):
            return f"host {host[:80]!r} is not in [wecom] link_hosts"
        return ""

    @cached_property
    def _own(self) -> str:
        return urlsplit(self.api_base).hostname or ""

    @cached_property
    def _plain(self) -> bool:
        return urlsplit(self.api_base).scheme == "http"

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(_expression(host.lower())) for host in self.hosts)


def _expression(host: str) -> str:
    below = host.startswith("*.")
    parts = (re.escape(part) for part in host.removeprefix("*.").split("*"))
    return (r"(?:[^.]+\.)+" if below else "") + r"[^.]*".join(parts)
