"""Whether an action is possible: the table of rules/transitions.py, and words where it needs some.

All actions ask here first; a refusal is a text fit to show, in the words of the office.
"""

from collections.abc import Collection

from issues import standing
from issues.events import Actor
from issues.work import Work
from rules import transitions
from rules.transitions import NotAllowed, NotByTable
from rules.words import Action, Party, State
from storage.tables import Issue

#: An action that needs a sentence needs more than one character.
SHORTEST_SENTENCE = 2


class NeedsWords(NotAllowed):
    """The action is possible but has to say what was done, or why."""

    def __init__(self, action: Action, text: str) -> None:
        super().__init__(text)
        self.action = action


def advance(work: Work, issue: Issue, action: Action, by: Actor) -> State:
    """Move the state by the table; the state before. Raises NotAllowed."""
    before = issue.state
    issue.state = after(work, before, action, standing.parties(work, issue, by))
    return before


def after(work: Work, state: State, action: Action, parties: Collection[Party]) -> State:
    """The state after an action, by the table. Raises NotAllowed in the words of the office."""
    try:
        return transitions.advance(state, action, parties)
    except NotByTable as refusal:
        raise NotAllowed(work.say(refusal.key, **refusal.values)) from None


def needs(action: Action, text: str, ask: str) -> None:
    """Raises NeedsWords with ``ask`` when ``text`` says nothing."""
    if len(text.strip()) < SHORTEST_SENTENCE:
        raise NeedsWords(action, ask)
