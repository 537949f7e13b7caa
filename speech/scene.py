"""Whether words can be about the place of an emergency, or are plainly about something else.

For those who were rung and are in no danger themselves; what becomes of the words is the handlers'
business.
"""

import re
from dataclasses import dataclass

from speech.reference import things_of
from speech.signs import SignsFound
from speech.situation import NOTHING_BEFORE
from speech.understanding import take_apart
from speech.utterance import Utterance

#: What burns, who is hurt, what is in the way.
_OF_THE_SCENE = frozenset({"火", "病", "坏人", "贼", "山", "车", "树"})
#: Things that no emergency touches.
_ON_PAPER = frozenset({"钱", "证", "网", "喇叭", "粪", "死物"})
_AT_HOME = re.compile(r"我(?:们)?(?:自己)?(?:家|屋)(?:里|门口|后|前)?")


@dataclass(frozen=True)
class BesideTheScene:
    """What was read from the words of one who was rung."""

    said: Utterance
    found: SignsFound

    @property
    def asks_of_policy(self) -> bool:
        """高龄补贴要什么材料."""
        return "政策" in self.found and ("问" in self.found or self.said.asks)

    @property
    def tells_of_trouble(self) -> bool:
        return "出事" in self.found

    @property
    def is_on_paper(self) -> bool:
        """Money, certificates: nothing but what lies in an office."""
        return bool(self.found.things) and self.found.things <= _ON_PAPER

    @property
    def is_at_home(self) -> bool:
        """我屋里自来水停了: a thing in the speaker's own house."""
        return bool(self.found.things) and _AT_HOME.search(self.said.plain) is not None


def beside_the_scene(said: Utterance, emergency: str) -> BesideTheScene | None:
    """None for words that can be about the place: ``emergency`` is what was reported of it."""
    found = take_apart(said, NOTHING_BEFORE).found
    if found.things & (_OF_THE_SCENE | things_of(emergency)):
        return None
    return BesideTheScene(said, found)
