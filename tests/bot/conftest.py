"""The command line over the small town: a configuration file, and what a command prints."""

import random
import re
import string

import pytest
from click.testing import CliRunner

from bot.cli import main

CONFIG = """
[service]
database_url = "{url}"
[wecom]
corp_id = "wwtest"
[wecom.app]
agent_id = 1
secret = "s"
token = "testToken"
encoding_aes_key = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
"""


@pytest.fixture
def type_(tmp_path):
    """One command as an admin types it, on that database: type_(db, "rates", …)."""

    def _type(db, *words, status=0):
        path = tmp_path / "config.toml"
        path.write_text(CONFIG.format(url=db.engine.url.render_as_string(False)), "utf-8")
        done = CliRunner().invoke(main, [*map(str, words), "--config", str(path)])
        assert done.exit_code == status, done.output + repr(done.exception)
        return done.output if status else done.stdout

    return _type


def own(example: str) -> str:
    """The example configuration as an office has filled it in: keys of its own."""
    chance = random.Random(11)

    def key(length: int) -> str:
        return "".join(chance.choices(string.ascii_letters + string.digits, k=length))

    lengths = {"secret": 43, "token": 24, "encoding_aes_key": 43, "key": 36}

    def filled(row: re.Match[str]) -> str:
        return f'{row[1]} = "{key(lengths[row[1]])}"'

    example = re.sub(rf'^({"|".join(lengths)}) = "[^"]*"', filled, example, flags=re.MULTILINE)
    return example.replace('"ww0000000000000000"', '"ww3f9a01c75be2d846"')
