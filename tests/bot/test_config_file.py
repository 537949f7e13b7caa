"""A configuration that cannot even be read: told like every other file of an admin."""

import pytest

from bot.config import ConfigError, load


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
