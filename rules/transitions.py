"""The transition table (domain.md §5): which action leads where, and who may do it.

TRANSITIONS is the regulation, made of the rows of actions.py; `advance` reads it and never looks at
anything else.
"""

from collections.abc import Collection
from dataclasses import dataclass

from rules.actions import ACTION_CHINESE, ROWS
from rules.words import STATE_CHINESE, Action, Party, State

#: What the table's own refusals say, as far as an office does not say it in other words.
REFUSALS = {
    "refused_now": "这件事现在是「{state}」，不能再「{action}」。",
    "refused_now_but": "这件事现在是「{state}」，不能再「{action}」。现在可以：{choices}。",
    "refused_to_others": "「{action}」要由{party}来办。",
}


class NotAllowed(Exception):
    """The action is not possible now; the text says so kindly and names what is."""


class NotByTable(NotAllowed):
    """The regulation does not have it; ``key`` names the text, ``values`` what it is filled with,
    for those who say it in other words."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(REFUSALS[key].format_map(values))
        self.key = key
        self.values = values


@dataclass(frozen=True)
class Rule:
    """The state an action leads to and the parties who may take it."""

    next_state: State
    parties: frozenset[Party]


TRANSITIONS: dict[tuple[State, Action], Rule] = {
    (state, row.action): Rule(line.then or state, line.parties)
    for row in ROWS
    for line in row.lines
    for state in line.states
}
#: What a request becomes when one level up agrees (同意); the others leave the state as it is.
GRANTED = {Action.DECLINE: State.DECLINED}


def advance(state: State, action: Action, parties: Collection[Party]) -> State:
    """The state after ``action`` by somebody who is all of ``parties`` to the issue.

    Raises NotByTable with a text fit to show.
    """
    rule = TRANSITIONS.get((state, action))
    if rule is None:
        raise _refusal(state, action, parties)
    if rule.parties.isdisjoint(parties):
        who = _who(rule.parties)
        raise NotByTable("refused_to_others", action=ACTION_CHINESE[action], party=who)
    return rule.next_state


def possible(state: State, parties: Collection[Party]) -> list[Action]:
    """What somebody may do to an issue in that state, in the order of the regulation."""
    return [
        action
        for action in Action
        if (rule := TRANSITIONS.get((state, action))) and not rule.parties.isdisjoint(parties)
    ]


#: Answers to a question that may not have been asked, and what nobody says in words.
_UNSAID = frozenset({Action.GRANT, Action.REFUSE, Action.SUPPLEMENT, Action.ENDORSE})


def _refusal(state: State, action: Action, parties: Collection[Party]) -> NotByTable:
    now = {"state": STATE_CHINESE[state], "action": ACTION_CHINESE[action]}
    choices = "、".join(ACTION_CHINESE[a] for a in possible(state, parties) if a not in _UNSAID)
    if not choices:
        return NotByTable("refused_now", **now)
    return NotByTable("refused_now_but", **now, choices=choices)


_PARTY_CHINESE = {
    Party.HOLDER: "现在负责的人",
    Party.CO_OWNER: "跟进的三长",
    Party.ABOVE: "上一级",
    Party.SUPERVISOR: "督办",
    Party.LINKED: "联片干部",
    Party.HELPER: "协办的单位",
    Party.REPORTER: "反映人本人",
    Party.ENDORSER: "附议的人",
    Party.NEIGHBOUR: "同组的居民",
    Party.CLOCK: "系统",
}


def _who(parties: Collection[Party]) -> str:
    return "或".join(text for party, text in _PARTY_CHINESE.items() if party in parties)
