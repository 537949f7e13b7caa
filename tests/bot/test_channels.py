"""Which channels there are, what a new one needs, and that none does another one's work."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from bot.channels.contract import Channel
from bot.channels.crypto import Refused
from bot.channels.kinds import CHANNELS, ChannelKind
from bot.channels.limits import Limits
from bot.channels.request import RawRequest
from bot.channels.sections import Section
from bot.config import CHECKOUT, load, wecom_section
from bot.service import Service, channels
from issues.texts import Texts
from scheduler import outgoing
from storage import outbox
from storage.notice import Notice
from storage.outbox import Parcel, Posting, SendError
from storage.tables import Attachment, Outbox
from tests.bot_room import Room
from tests.town import at

EXAMPLE = CHECKOUT / "config.example.toml"
NOW = datetime(2026, 6, 1, 1, tzinfo=UTC)


WECOM = {
    "corp_id": "ww1",
    "app": {"agent_id": 1, "secret": "s", "token": "t", "encoding_aes_key": "A" * 43},
}


class PigeonSettings(Section):
    loft: str


class Pigeon(Channel):
    """A channel with the least a channel needs: it remembers what it was given to send."""

    KIND = "pigeon"

    def __init__(self, settings, shared):
        self.loft = settings.loft
        self.sent: list[Parcel] = []

    def send(self, parcel):
        self.sent.append(parcel)
        return {}


PIGEON = ChannelKind(
    (PigeonSettings | None, None), Limits(text=20, a_minute=1), f"{__name__}:Pigeon"
)


def parcel(channel: str, target: str = "zhang") -> Parcel:
    return Parcel("b", channel, target, (Notice(text="水来了", line="水来了"),), 1)


class Example(Service):
    """The example's channels without anything else; what the app sends is noted."""

    def __init__(self):
        self.config = load(EXAMPLE, {})
        self.channels = channels(self.config, Texts())
        self.said: list[Parcel] = []
        self.channels["app"].send = lambda parcel: self.said.append(parcel) or {}  # type: ignore


@pytest.fixture
def made():
    return Example()


def test_every_channel_is_in_the_table_by_its_own_kind():
    assert {kind: channel.load().KIND for kind, channel in CHANNELS.items()} == {
        kind: kind for kind in CHANNELS
    }


def test_every_folder_of_a_channel_is_a_line_of_the_table():
    home = CHECKOUT / "bot/channels"
    folders = {path.parent.name for path in home.glob("*/channel.py")}
    assert folders == set(CHANNELS)


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_channel_says_what_it_takes(kind):
    limits = CHANNELS[kind].limits
    assert (limits.text > 0, limits.a_minute > 0) == (True, True)


def test_what_is_written_for_a_channel_leaves_by_that_channel(made):
    made.post(parcel("app"))
    assert [p.target for p in made.said] == ["zhang"]


@pytest.mark.parametrize("kind", ["kf", "", "App", "webhook ", "none"])
def test_a_parcel_of_an_unknown_channel_never_leaves_by_another(made, kind):
    with pytest.raises(SendError, match="unknown") as caught:
        made.post(parcel(kind))
    assert (caught.value.permanent, made.said) == (True, [])


@pytest.mark.parametrize("kind", ["aibot", "webhook"])
def test_a_parcel_of_a_channel_that_was_taken_out_never_leaves_by_another(made, kind):
    del made.channels[kind]
    with pytest.raises(SendError, match="not configured") as caught:
        made.post(parcel(kind))
    assert (caught.value.permanent, made.said) == (True, [])


def test_a_photo_of_an_unknown_channel_is_not_asked_of_another(made):
    with pytest.raises(SendError, match="unknown") as caught:
        made.fetch(Attachment(channel="kf", media_id="m1", url=""))
    assert caught.value.permanent


def test_a_row_of_an_unknown_channel_is_dead_and_says_why(lite, made):
    posting = Posting("k1", "kf", "zhang", Notice(text="水来了", line="水来了"), at("2026-06-01"))
    lite.write(lambda session: outbox.put(session, posting, at("2026-06-01")))
    room = Room(lite, at("2026-06-01 09:00"))
    outgoing.send_outbox(replace(room.machine, post=made.post), room.now)
    row = room.query(lambda session: session.query(Outbox).one())
    assert (row.state, "kf" in row.error, made.said) == ("dead", True, [])


def test_only_configured_channels_are_made(tmp_path):
    text = EXAMPLE.read_text("utf-8")
    bare = text[: text.index("[wecom.aibot]")]
    (tmp_path / "config.toml").write_text(bare, "utf-8")
    assert set(channels(load(tmp_path / "config.toml", {}), Texts())) == {"app"}


def test_a_channel_that_only_sends_takes_no_callback(made):
    with pytest.raises(Refused) as caught:
        made.channels["webhook"].open(RawRequest({}, b""), NOW)
    assert caught.value.status == 404


# --- a new channel: a folder, a line, its tests ---


def test_a_new_channel_is_made_from_its_own_settings(monkeypatch):
    monkeypatch.setitem(CHANNELS, "pigeon", PIGEON)
    config = load(EXAMPLE, {})
    wecom = wecom_section(CHANNELS).model_validate(WECOM | {"pigeon": {"loft": "塔顶"}})
    found = channels(config.model_copy(update={"wecom": wecom}), Texts())
    assert (set(found), vars(found["pigeon"])["loft"]) == ({"app", "pigeon"}, "塔顶")


def test_a_new_channel_refuses_keys_that_it_does_not_know():
    section = wecom_section({**CHANNELS, "pigeon": PIGEON})
    with pytest.raises(ValidationError, match=r"pigeon\.lofty"):
        section.model_validate(WECOM | {"pigeon": {"loft": "塔顶", "lofty": 1}})
