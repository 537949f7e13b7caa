"""Starting, stopping, and the one address."""

import pytest
import requests

from emulator.clock import SHANGHAI
from emulator.server import Emulator
from emulator.world import Group, Member, World


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", "localhost", ""])
def test_it_refuses_any_address_but_loopback(host):
    with pytest.raises(ValueError, match="loopback only"):
        Emulator(World.small(), host=host)


def test_it_starts_on_a_free_port_and_stops():
    emulator = Emulator(World.small()).start()
    url = emulator.base_url
    assert requests.get(url, timeout=60).status_code == 200
    emulator.stop()
    emulator.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=60)


def test_the_api_base_has_no_path(emu):
    assert emu.api_base == emu.base_url
    assert emu.api_base.startswith("http://127.0.0.1:")


def test_a_world_takes_any_people_and_groups():
    people = [Member("mao", "毛某", "居民·韶山村一片长冲组"), Member("hu", "胡某")]
    world = World.small(people, [Group("wr1", "长冲组群", ["mao", "hu"], "key-1")])
    assert [one.role for one in world.members] == ["居民", "居民"]
    assert world.departments() == ["全市", "韶山村一片长冲组"]
    assert (world.app.name, world.app.agent_id, world.bot.name) == ("韶山三长", 1000002, "三长助手")
    assert world.group_of_key("key-1") is world.group("wr1")


def test_two_worlds_never_share_secrets():
    one, two = World.small(), World.small()
    assert one.app.secret != two.app.secret
    assert len(one.bot.aes_key) == 43


def test_what_people_see_is_asked_by_name(emu):
    with pytest.raises(ValueError, match="no group"):
        emu.group("wr-none")
    with pytest.raises(ValueError, match="no member"):
        emu.phone("ghost")


def test_moments_are_in_shanghai(emu, client):
    client.send("jumin_an")
    assert emu.phone("jumin_an")[0].at.tzinfo is SHANGHAI
    assert emu.sent[-1].at.tzinfo is SHANGHAI


def test_waiting_gives_up(emu):
    assert not emu.wait_until(lambda: False, seconds=0.05)
