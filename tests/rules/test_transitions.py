"""Every (state, action, party) triple against the regulation, written out here a second time."""

from itertools import product

import pytest

from rules.transitions import NotAllowed, advance, possible
from rules.words import Action, Party, State

# The regulation as a table: - not possible, = the state stays. The last column: who may.
REGULATION = """
              待接单  已接单  办理中  挂起    待评单  已办结  不受理  已撤回  已合并  who
accept        已接单  -       -       -       -       -       -       -       -       holder co_owner above
on_way        已接单  =       =       =       -       -       -       -       -       holder co_owner above
raise         待接单  待接单  待接单  -       -       -       -       -       -       holder
return        待接单  待接单  -       -       -       -       -       -       -       holder
reassign      待接单  待接单  待接单  -       -       -       -       -       -       holder above
assign        待接单  待接单  待接单  -       -       -       -       -       -       above supervisor
assist        =       =       =       =       -       -       -       -       -       holder above
assist_done   =       =       =       =       -       -       -       -       -       helper
progress      办理中  办理中  办理中  =       -       -       -       -       -       holder co_owner above
extend        =       =       =       -       -       -       -       -       -       holder
regrade       =       =       =       -       -       -       -       -       -       holder
decline       =       =       =       -       -       -       -       -       -       holder
grant         =       =       =       -       -       -       -       -       -       above
refuse        =       =       =       -       -       -       -       -       -       above
suspend       -       挂起    挂起    -       -       -       -       -       -       holder
resume        -       -       -       办理中  -       -       -       -       -       holder above reporter clock
resolve       待评单  待评单  待评单  待评单  -       -       -       -       -       holder co_owner above
unresolve     -       -       -       -       办理中  办理中  -       -       -       holder co_owner above
named         =       =       =       =       -       -       -       -       -       holder above
merge         已合并  已合并  已合并  已合并  -       -       -       -       -       holder above
split         -       -       -       -       -       -       -       -       待接单  holder above
dismiss       不受理  不受理  -       -       -       -       -       -       -       holder above
withdraw      已撤回  已撤回  已撤回  已撤回  -       -       -       -       -       reporter
rate          -       -       -       -       已办结  已办结  -       -       -       reporter
redo          -       -       -       -       待接单  待接单  -       -       -       reporter endorser
supplement    =       =       =       办理中  -       -       -       -       -       reporter endorser
endorse       =       =       =       =       -       -       -       -       -       neighbour
endorse_rate  -       -       -       -       =       =       -       -       -       endorser
urge          =       =       =       =       -       -       -       -       -       reporter endorser above supervisor linked
supervise     =       =       =       =       -       -       -       -       -       above supervisor
lift          待接单  待接单  待接单  待接单  -       -       -       -       -       above supervisor
hand_over     =       =       =       =       -       -       -       -       -       clock
"""  # noqa: E501
CHINESE = {
    "待接单": State.PENDING,
    "已接单": State.ACCEPTED,
    "办理中": State.WORKING,
    "挂起": State.SUSPENDED,
    "待评单": State.RESOLVED,
    "已办结": State.CLOSED,
    "不受理": State.DECLINED,
    "已撤回": State.WITHDRAWN,
    "已合并": State.MERGED,
}


def regulation():
    """(state, action) -> (next state, parties), read from the text above."""
    head, *rows = [line.split() for line in REGULATION.strip().splitlines()]
    table = {}
    for action, *cells in rows:
        for name, cell in zip(head[:-1], cells, strict=False):
            if cell != "-":
                state = CHINESE[name]
                then = state if cell == "=" else CHINESE[cell]
                table[state, Action(action)] = then, {Party(p) for p in cells[len(CHINESE) :]}
    # silence closes what was resolved (未评): the clock's only act in this table
    table[State.RESOLVED, Action.RATE][1].add(Party.CLOCK)
    return table


ALLOWED = regulation()


def said(state, action, party):
    """The next state, or how the refusal ends."""
    try:
        return advance(state, action, {party})
    except NotAllowed as refusal:
        return str(refusal)[-1]


def wanted(state, action, party):
    then, parties = ALLOWED.get((state, action), (None, set()))
    return then if party in parties else "。"


def test_every_triple():
    triples = list(product(State, Action, Party))
    assert len(triples) > 2000
    assert [t for t in triples if said(*t) != wanted(*t)] == []


def test_the_text_above_names_every_action():
    assert {action for _, action in ALLOWED} == set(Action)


def test_what_is_offered_is_what_is_allowed():
    pairs = list(product(State, Party))
    allowed = {
        (state, party): [a for a in Action if party in ALLOWED.get((state, a), (None, set()))[1]]
        for state, party in pairs
    }
    assert {pair: possible(pair[0], {pair[1]}) for pair in pairs} == allowed


def test_somebody_who_is_two_parties_may_do_what_either_may():
    both = {Party.REPORTER, Party.HOLDER}
    assert advance(State.PENDING, Action.ACCEPT, both) is State.ACCEPTED
    assert advance(State.PENDING, Action.WITHDRAW, both) is State.WITHDRAWN


def test_a_stranger_may_do_nothing():
    assert [possible(state, set()) for state in State] == [[]] * len(State)


def test_a_refusal_says_in_chinese_what_is_possible_instead():
    with pytest.raises(NotAllowed, match=r"已办结.*现在可以：评价、没修好"):
        advance(State.CLOSED, Action.WITHDRAW, {Party.REPORTER})


def test_a_refusal_says_whose_business_it_is():
    with pytest.raises(NotAllowed, match=r"「办结」要由.*三长.*来办"):
        advance(State.WORKING, Action.RESOLVE, {Party.REPORTER})
