"""The command line over the small town: a configuration file, and what a command prints."""

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
