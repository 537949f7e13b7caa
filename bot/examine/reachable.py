"""Whether WeCom takes our secret, and what it says the time is; no other check asks the network."""

from collections.abc import Iterator
from datetime import timedelta

import requests

from bot.channels.client import Client
from bot.channels.their_time import their_time
from bot.examine.examination import Finding, Installation, bad, good, note

SKEW = timedelta(minutes=2)


def wecom(place: Installation) -> Iterator[Finding]:
    """Fetches a token."""
    config = place.config
    client = Client(config.wecom.api_base, config.wecom.corp_id, config.wecom.app.secret)
    try:
        client.fetch_access_token()
    except requests.RequestException as error:
        told = f"连不上 {config.wecom.api_base}：{type(error).__name__}，请检查网络和防火墙"
        yield bad("wecom.unreachable", told)
        return
    except Exception as error:
        told = f"企业微信不认 corp_id 或 secret：{error}。到管理后台重新抄一遍"
        yield bad("wecom.secret", told)
        return
    yield good("wecom", f"企业微信接口可用：{config.wecom.api_base}")
    yield from _clock(place)
    if config.wecom.aibot is None:
        told = "没有配置智能机器人：群里的 @ 消息收不到，只能和应用单独聊"
        yield note("wecom.aibot", told)


def _clock(place: Installation) -> Iterator[Finding]:
    theirs = their_time(place.config.wecom.api_base)
    if theirs is None:
        yield note("clock.unknown", "没能核对时钟，请自己看一眼本机时间对不对")
        return
    skew = abs(place.now - theirs)
    if skew > SKEW:
        told = f"本机时钟差了 {skew}，请校时（chrony、ntp）；差一小时以上会拒收消息"
        yield bad("clock.wrong", told)
    else:
        yield good("clock", "时钟准确")
