"""消息推送 (群机器人): what a unit's group is told, 20 messages a minute at most.

Send-only. The outbox knows a group by its unit's path; the key, which is the secret, stays here.
Source: developer centre 91770.
"""

from bot.channels.client import Client
from bot.channels.limits import fit
from bot.config import Config
from issues import words
from issues.texts import Texts
from storage.outbox import Parcel, SendError

KIND = "webhook"
A_MINUTE = 18
LARGEST_TEXT = 2048


class WebhookChannel:
    """All webhooks of this deployment."""

    def __init__(self, config: Config, client: Client, texts: Texts) -> None:
        self._keys = {webhook.unit: webhook.key for webhook in config.wecom.webhook if webhook.key}
        self._client = client
        self._texts = texts

    @property
    def units(self) -> frozenset[str]:
        """The units whose groups can be written to, as the configuration names them."""
        return frozenset(self._keys)

    def send(self, parcel: Parcel) -> dict[str, str]:
        """One post; raises SendError."""
        key = self._keys.get(parcel.target)
        if key is None:
            raise SendError(f"no webhook for {parcel.target}", permanent=True)
        text = words.board(parcel.notices, self._texts, LARGEST_TEXT)
        body = {"msgtype": "text", "text": {"content": fit(text, LARGEST_TEXT)}}
        self._client.call(f"webhook/send?key={key}", body, token=False)
        return {}
