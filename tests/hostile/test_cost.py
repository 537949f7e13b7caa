"""What a forger costs: his request is not decrypted, not read and never reaches the database."""

from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import event

from bot import web
from bot.channels.aibot import parse as aibot_parse
from bot.channels.app import parse as app_parse
from handlers.dispatch import Dispatcher
from tests.hostile.crafted import PATHS, SEALS, app_text, bot_text, enveloped, query_of


@contextmanager
def work_done(service):
    """How often what costs something is done in the block."""
    done = {"decrypt": 0, "read": 0, "dispatch": 0, "statement": 0}

    def counted(name, act):
        def _counted(*args, **kwargs):
            done[name] += 1
            return act(*args, **kwargs)

        return _counted

    def statement(*_):
        done["statement"] += 1

    event.listen(service.database.engine, "before_cursor_execute", statement)
    ciphers = [service.channels[kind]._envelope._cipher.cipher for kind in ("app", "aibot")]
    with (
        patch.object(ciphers[0], "decrypt", counted("decrypt", ciphers[0].decrypt)),
        patch.object(ciphers[1], "decrypt", counted("decrypt", ciphers[1].decrypt)),
        patch.object(app_parse, "incoming", counted("read", app_parse.incoming)),
        patch.object(aibot_parse, "incoming", counted("read", aibot_parse.incoming)),
        patch.object(Dispatcher, "receive", counted("dispatch", Dispatcher.receive)),
    ):
        yield done
    event.remove(service.database.engine, "before_cursor_execute", statement)


@pytest.fixture(scope="module")
def post(service):
    client = web.create(service).test_client()

    def _post(channel, plain, **changed):
        encrypted = SEALS[channel].encrypt(plain)
        query = query_of(SEALS[channel], encrypted, **changed)
        body = enveloped(channel, encrypted)
        return client.post(PATHS[channel], query_string=query, data=body).status_code

    return _post


PLAINS = {"app": lambda words: app_text(words, MsgId=None), "bot": bot_text}
FORGED: dict[str, Any] = {
    "another signature": {"msg_signature": "0" * 40},
    "none": {"msg_signature": None},
    "another time": {"timestamp": "1", "msg_signature": "1" * 40},
}


@pytest.mark.parametrize("channel", SEALS)
@pytest.mark.parametrize("how", FORGED)
def test_a_forger_reaches_nothing_that_costs(service, post, channel, how):
    with work_done(service) as done:
        assert post(channel, PLAINS[channel]("电表箱坏了"), **FORGED[how]) == 403
    assert set(done.values()) == {0}


@pytest.mark.parametrize("channel", SEALS)
def test_an_old_one_of_ours_reaches_neither_handlers_nor_the_database(service, post, channel):
    with work_done(service) as done:
        assert post(channel, PLAINS[channel]("电表箱坏了"), timestamp="1000000000") == 403
    assert (done["read"], done["dispatch"], done["statement"]) == (0, 0, 0)


@pytest.mark.parametrize("channel", SEALS)
def test_the_same_from_wecom_reaches_all_of_it(service, post, channel):
    """Else the counts above would count nothing."""
    with work_done(service) as done:
        assert post(channel, PLAINS[channel]("电表箱坏了没人修")) == 200
    assert min(done.values()) > 0
