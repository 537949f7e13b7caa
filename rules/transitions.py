"""The transition table (domain.md §5): which action leads where, and who may do it.

TRANSITIONS is the regulation; `advance` reads it and never looks at anything else. What an action
needs besides (a reason, a sentence), whom it tells and what it does to the clock is the Desk's.
"""

from collections.abc import Collection
from dataclasses import dataclass

from rules.words import (
    ACTION_CHINESE,
    OPEN_STATES,
    STATE_CHINESE,
    Action,
    Party,
    State,
)


class NotAllowed(Exception):
    """The action is not possible now; the text says so kindly and names what is."""


@dataclass(frozen=True)
class Rule:
    """The state an action leads to and the parties who may take it."""

    next_state: State
    parties: frozenset[Party]


STAFF = frozenset({Party.HOLDER, Party.CO_OWNER, Party.ABOVE})
HOLDER = frozenset({Party.HOLDER})
ABOVE = frozenset({Party.ABOVE})
REPORTER = frozenset({Party.REPORTER})

TRANSITIONS: dict[tuple[State, Action], Rule] = {
    (State.PENDING, Action.ACCEPT): Rule(State.ACCEPTED, STAFF),
    (State.PENDING, Action.RAISE): Rule(State.PENDING, HOLDER),
    (State.ACCEPTED, Action.RAISE): Rule(State.PENDING, HOLDER),
    (State.WORKING, Action.RAISE): Rule(State.PENDING, HOLDER),
    (State.PENDING, Action.PROGRESS): Rule(State.WORKING, STAFF),
    (State.ACCEPTED, Action.PROGRESS): Rule(State.WORKING, STAFF),
    (State.WORKING, Action.PROGRESS): Rule(State.WORKING, STAFF),
    (State.PENDING, Action.RESOLVE): Rule(State.RESOLVED, STAFF),
    (State.ACCEPTED, Action.RESOLVE): Rule(State.RESOLVED, STAFF),
    (State.WORKING, Action.RESOLVE): Rule(State.RESOLVED, STAFF),
    (State.RESOLVED, Action.RATE): Rule(State.CLOSED, REPORTER | {Party.CLOCK}),
    (State.RESOLVED, Action.REDO): Rule(State.PENDING, REPORTER),
    (State.CLOSED, Action.RATE): Rule(State.CLOSED, REPORTER),
    (State.CLOSED, Action.REDO): Rule(State.PENDING, REPORTER),
    **{
        (state, action): Rule(next_state, parties)
        for state in OPEN_STATES - {State.SUSPENDED}
        for action, next_state, parties in (
            (Action.REGRADE, state, HOLDER),
            (Action.GRANT, state, ABOVE),
            (Action.REFUSE, state, ABOVE),
            (Action.WITHDRAW, State.WITHDRAWN, REPORTER),
            (Action.SUPPLEMENT, state, REPORTER),
        )
    },
}


def advance(state: State, action: Action, parties: Collection[Party]) -> State:
    """The state after ``action`` by somebody who is all of ``parties`` to the issue.

    Raises NotAllowed with a text fit to show.
    """
    rule = TRANSITIONS.get((state, action))
    if rule is None:
        raise NotAllowed(_refusal(state, action, parties))
    if rule.parties.isdisjoint(parties):
        raise NotAllowed(f"「{ACTION_CHINESE[action]}」要由{_who(rule.parties)}来办。")
    return rule.next_state


def possible(state: State, parties: Collection[Party]) -> list[Action]:
    """What somebody may do to an issue in that state, in the order of the regulation."""
    return [
        action
        for action in Action
        if (rule := TRANSITIONS.get((state, action))) and not rule.parties.isdisjoint(parties)
    ]


#: Answers to a question that may not have been asked.
_ANSWERS = frozenset({Action.GRANT, Action.REFUSE})


def _refusal(state: State, action: Action, parties: Collection[Party]) -> str:
    now = f"这件事现在是「{STATE_CHINESE[state]}」，不能再「{ACTION_CHINESE[action]}」。"
    choices = "、".join(ACTION_CHINESE[a] for a in possible(state, parties) if a not in _ANSWERS)
    return f"{now}现在可以：{choices}。" if choices else now


_PARTY_CHINESE = {
    Party.HOLDER: "现在负责的三长",
    Party.CO_OWNER: "跟进的三长",
    Party.ABOVE: "上一级",
    Party.REPORTER: "反映人本人",
}


def _who(parties: Collection[Party]) -> str:
    return "或".join(text for party, text in _PARTY_CHINESE.items() if party in parties)
