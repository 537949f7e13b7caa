"""A configuration that cannot even be read: told like every other file of an admin."""

import re

import pytest
from pydantic import Field

from bot.channels.kinds import CHANNELS, ChannelKind
from bot.channels.sections import Section
from bot.config import CHECKOUT, ConfigError, environment, load


def told(path):
    with pytest.raises(ConfigError) as refused:
        load(path, {})
    return refused.value.problems


def test_a_file_that_is_not_there_is_told_with_the_example_to_copy(tmp_path):
    path = tmp_path / "config.toml"
    assert told(path) == [f"{path}：没有这个文件。可以先复制 config.example.toml 再修改。"]


def test_a_file_in_the_encoding_of_notepad_is_told_with_its_line(tmp_path):
    path = tmp_path / "config.toml"
    path.write_bytes('[service]\nname = "韶山三长"\n'.encode("gb18030"))
    assert told(path)[0].startswith(f"{path}:2: 文件编码不是 UTF-8（看起来是 GB18030/ANSI）")


def test_a_folder_is_no_configuration(tmp_path):
    assert told(tmp_path)[0].startswith(f"{tmp_path}: 打不开这个文件")


class SmsSettings(Section):
    sender: str
    secret: str = Field(min_length=1)


SMS = ChannelKind((SmsSettings | None, None), CHANNELS["app"].limits, "sms:SmsChannel")


def test_the_secret_of_a_new_channel_can_be_given_by_the_environment_at_once():
    named = environment({**CHANNELS, "sms": SMS})
    assert named["SANZHANG_WECOM_SMS_SECRET"] == ("wecom", "sms", "secret")
    assert "SANZHANG_WECOM_SMS_SENDER" not in named


def test_the_handbook_names_every_environment_variable():
    handbook = (CHECKOUT / "docs/handbook-admin.md").read_text("utf-8")
    assert set(re.findall(r"`(SANZHANG_\w+)`", handbook)) == set(environment(CHANNELS))


def test_a_secret_in_the_environment_has_the_last_word(tmp_path):
    path = tmp_path / "config.toml"
    app = 'agent_id = 1\nsecret = "file"\ntoken = "t"\nencoding_aes_key = "' + "k" * 43 + '"'
    path.write_text(f'[wecom]\ncorp_id = "ww1"\n[wecom.app]\n{app}\n', "utf-8")
    config = load(path, {"SANZHANG_WECOM_APP_SECRET": "elsewhere"})
    assert config.wecom.app.secret == "elsewhere"
