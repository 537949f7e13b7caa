"""消息推送 (群机器人): what a unit's group is told, 20 messages a minute at most.

Send-only. The outbox knows a group by its unit's path; the key, which is the secret, stays here.
Source: developer centre 91770.
"""

from bot.channels.contract import Channel, Shared
from bot.channels.limits import fit
from bot.channels.webhook.settings import KIND, LIMITS, WebhookSettings
from issues import wording
from storage.outbox import Parcel, SendError


class WebhookChannel(Channel):
    """All webhooks of this deployment."""

    KIND = KIND

    def __init__(self, settings: list[WebhookSettings], shared: Shared) -> None:
        self._keys = {webhook.unit: webhook.key for webhook in settings if webhook.key}
        self._client = shared.client
        self._texts = shared.texts

    def send(self, parcel: Parcel) -> dict[str, str]:
        """One post; raises SendError."""
        key = self._keys.get(parcel.target)
        if key is None:
            raise SendError(f"no webhook for {parcel.target}", permanent=True)
        text = wording.board(parcel.notices, self._texts, LIMITS.text)
        body = {"msgtype": "text", "text": {"content": fit(text, LIMITS.text)}}
        self._client.call(f"webhook/send?key={key}", body, token=False)
        return {}
