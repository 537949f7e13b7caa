"""How sure an answer has to be in this deployment."""

from bot.config import Config
from faq.book import Thresholds


def thresholds(config: Config) -> Thresholds:
    """The shipped thresholds, or those of the configuration."""
    shipped = Thresholds()
    answer, suggest = config.faq.answer_threshold, config.faq.suggest_threshold
    return Thresholds(
        answer=shipped.answer if answer is None else answer,
        suggest=shipped.suggest if suggest is None else suggest,
    )
