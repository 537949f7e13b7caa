"""How a deployment works, made from its configuration; what commands need without a service."""

import logging

from bot import departments
from bot.config import Config
from bot.hours import clock_of, pace_of
from files.problem import FileError
from issues import texts_file
from issues.deployment import Deployment
from issues.texts import Texts

log = logging.getLogger(__name__)


def office(config: Config) -> Deployment:
    """How this deployment works, from its configuration."""
    hooks = config.wecom.webhook
    return Deployment(
        name=config.service.name,
        clock=clock_of(config),
        pace=pace_of(config),
        bot_name=config.wecom.aibot.name if config.wecom.aibot else "",
        chats={hook.chat_id: hook.unit for hook in hooks if hook.chat_id},
        boards=frozenset(hook.unit for hook in hooks if hook.key),
        open_chats=frozenset(h.chat_id for h in hooks if h.chat_id and h.open_replies),
        new_issue_at_once=config.deadlines.new_issue == "now",
        routes=departments.configured(config),
        texts=_texts(config),
    )


def _texts(config: Config) -> Texts:
    """The office's own words, as they stand at the start.

    A broken file changes nothing and stops nothing: the log says why, and so does doctor.
    """
    try:
        return texts_file.load(config.texts_path())
    except FileError as error:
        log.error("the file of texts is not used until it is mended:\n%s", error)
        return Texts()
