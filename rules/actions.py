"""What can be done to an issue: one row an action, all that is true of it as plain values.

Everything else about actions is derived from here: transitions, the verbs that are heard, the
choices behind 别的办法, the ledger, contacts, what an order runs. What an action does is the
business of issues/, what its words mean handlers/doing.py's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rules.words import Action, Party, State


class Audience(StrEnum):
    """Who is told of an action, besides the one who did it."""

    RESIDENTS = "residents"  #: who reported it and who has joined
    HOLDER = "holder"  #: who has it, and keeps it
    NEW_HOLDER = "new_holder"  #: who has it from now on
    FORMER = "former"  #: who had it before
    APPROVER = "approver"  #: one level up, who is asked
    HELPERS = "helpers"  #: who was asked to help


class Needs(StrEnum):
    """What has to be said with an action."""

    NOTHING = "nothing"
    WORDS = "words"  #: a sentence on what was done, or why
    WHOM = "whom"  #: a person or a unit
    HOW_LONG = "how_long"  #: days, or a day, and why
    TIER = "tier"  #: 一般, 较难, 复杂
    CHANNEL = "channel"  #: a reason, and where the resident has to turn to
    INTO = "into"  #: another issue


class LedgerColumn(StrEnum):
    """Which column of the ledger (三单式台账) tells of it."""

    MOVES = "上交转办经过"
    HELP = "协办"
    DELAYS = "延期、挂起、改难度"
    WORK = "办理情况"


@dataclass(frozen=True)
class Line:
    """From which states an action is possible, where it leads (None: the state stays), and who may
    (domain.md §5)."""

    states: tuple[State, ...]
    then: State | None
    parties: frozenset[Party]


@dataclass(frozen=True)
class Verb:
    """A word that orders the action. ``soft``: said by everybody about anything, a resident's
    修好了 is a rating. ``numbered``: only with a number, since other words begin with it (转告).
    ``name_next``: a name may follow at once (转给张三)."""

    word: str
    soft: bool = False
    numbered: bool = False
    name_next: bool = False


@dataclass(frozen=True)
class Row:
    """One action. No column has a default: whoever adds an action says all of it."""

    action: Action
    #: what people call it, and what its button says
    word: str
    lines: tuple[Line, ...]
    verbs: tuple[Verb, ...]
    needs: Needs
    #: with more words and no number it is somebody's sentence, not an order
    bare: bool
    #: said of other things too: without a number an order only if an issue fits it
    everyday: bool
    #: residents say it as well
    by_residents: bool
    #: the text of a few words behind 别的办法 on a card; "" for what is not offered there
    hint: str
    #: the text in the place of the buttons of a card once somebody else has it; "" says who has it
    done: str
    #: a first real contact with the resident (domain.md §6)
    contact: bool
    #: the ledger's column and word; None for what no town office asks for
    ledger: tuple[LedgerColumn, str] | None
    tells: frozenset[Audience]
    #: a move of somebody else that explains why something is not possible any more
    explains: bool
    #: one level up has to agree to it
    asked_for: bool
    #: asked back once before it is done
    sure: bool
    #: the function of handlers/doing.py that does it when it is ordered; "" for what nobody orders
    act: str
    #: the text that the one who did it reads; "" where the function says it itself
    did: str


def _who(*parties: Party) -> frozenset[Party]:
    return frozenset(parties)


def _told(*audience: Audience) -> frozenset[Audience]:
    return frozenset(audience)


_HOLDER = _who(Party.HOLDER)
_STAFF = _who(Party.HOLDER, Party.CO_OWNER, Party.ABOVE)
_LEADS = _who(Party.HOLDER, Party.ABOVE)
_ABOVE = _who(Party.ABOVE)
_OVERSEERS = _who(Party.ABOVE, Party.SUPERVISOR)
_HELPER = _who(Party.HELPER)
_REPORTER = _who(Party.REPORTER)
_RESIDENTS = _who(Party.REPORTER, Party.ENDORSER)
_CLOCK = _who(Party.CLOCK)

_P, _A, _W, _S = State.PENDING, State.ACCEPTED, State.WORKING, State.SUSPENDED
_OPEN = (_P, _A, _W, _S)
_BEFORE_DONE = (_P, _A, _W)
_DONE = (State.RESOLVED, State.CLOSED)
#: The state stays as it is.
_SAME = None

_R, _H, _N = Audience.RESIDENTS, Audience.HOLDER, Audience.NEW_HOLDER
_F, _U, _T = Audience.FORMER, Audience.APPROVER, Audience.HELPERS

#: In the order in which a card offers what has no button of its own.
ROWS: tuple[Row, ...] = (
    Row(
        action=Action.ACCEPT,
        word="接单",
        lines=(Line((_P,), _A, _STAFF),),
        verbs=(Verb("接单"), Verb("接手"), Verb("接了", numbered=True)),
        needs=Needs.NOTHING,
        bare=True,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=True,
        ledger=None,
        tells=_told(_R),
        explains=True,
        asked_for=False,
        sure=False,
        act="accept",
        did="did_accept",
    ),
    Row(
        action=Action.ON_WAY,
        word="已赶去",
        lines=(Line((_P,), _A, _STAFF), Line((_A, _W, _S), _SAME, _STAFF)),
        # without a number they are heard in an emergency only: handlers/on_the_way.py
        verbs=(Verb("我过去了", numbered=True), Verb("我到了", numbered=True)),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=True,
        ledger=(LedgerColumn.WORK, "已赶去"),
        tells=_told(_R),
        explains=False,
        asked_for=False,
        sure=False,
        act="on_way",
        did="did_on_way",
    ),
    Row(
        action=Action.RESOLVE,
        word="办结",
        lines=(Line(_OPEN, State.RESOLVED, _STAFF),),
        verbs=(
            Verb("办结"),
            Verb("办好了", soft=True),
            Verb("弄好了", soft=True),
            Verb("修好了", soft=True),
            Verb("处理好了", soft=True),
        ),
        needs=Needs.WORDS,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=True,
        ledger=(LedgerColumn.WORK, "办结"),
        tells=_told(_R),
        explains=True,
        asked_for=False,
        sure=False,
        act="resolve",
        did="",
    ),
    Row(
        action=Action.UNRESOLVE,
        word="撤销办结",
        lines=(Line(_DONE, _W, _STAFF),),
        verbs=(
            Verb("撤销办结"),
            Verb("取消办结"),
            Verb("撤回办结"),
            Verb("办结撤销"),
            Verb("办结错了"),
        ),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=(LedgerColumn.WORK, "撤销办结"),
        tells=_told(_H, _R),
        explains=True,
        asked_for=False,
        sure=False,
        act="unresolve",
        did="",
    ),
    Row(
        action=Action.RAISE,
        word="上交",
        lines=(Line(_BEFORE_DONE, _P, _HOLDER),),
        verbs=(Verb("上交"), Verb("上报", numbered=True)),
        needs=Needs.NOTHING,
        bare=False,
        everyday=True,
        by_residents=False,
        hint="",
        done="done_raised",
        contact=False,
        ledger=(LedgerColumn.MOVES, "上交"),
        tells=_told(_N, _R),
        explains=True,
        asked_for=False,
        sure=False,
        act="raise_up",
        did="did_raise",
    ),
    Row(
        action=Action.PROGRESS,
        word="进展",
        lines=(Line(_BEFORE_DONE, _W, _STAFF), Line((_S,), _S, _STAFF)),
        verbs=(Verb("进展"),),
        needs=Needs.WORDS,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="more_progress",
        done="",
        contact=True,
        ledger=(LedgerColumn.WORK, "进展"),
        tells=_told(_R),
        explains=False,
        asked_for=False,
        sure=False,
        act="progress",
        did="",
    ),
    Row(
        action=Action.RESUME,
        word="恢复",
        lines=(Line((_S,), _W, _LEADS | _REPORTER | _CLOCK),),
        verbs=(Verb("恢复"),),
        needs=Needs.NOTHING,
        bare=True,
        everyday=False,
        by_residents=True,
        hint="more_resume",
        done="",
        contact=False,
        ledger=(LedgerColumn.DELAYS, "恢复"),
        tells=_told(_H),
        explains=True,
        asked_for=False,
        sure=False,
        act="resume",
        did="",
    ),
    Row(
        action=Action.REASSIGN,
        word="转办",
        lines=(Line(_BEFORE_DONE, _P, _LEADS),),
        verbs=(
            Verb("转办"),
            Verb("转给", name_next=True),
            Verb("转交", name_next=True),
            Verb("移交", numbered=True, name_next=True),
            Verb("转", numbered=True),
        ),
        needs=Needs.WHOM,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="more_reassign",
        done="",
        contact=False,
        ledger=(LedgerColumn.MOVES, "转办"),
        tells=_told(_N, _F, _R),
        explains=True,
        asked_for=False,
        sure=False,
        act="reassign",
        did="",
    ),
    Row(
        action=Action.ASSIST,
        word="协办",
        lines=(Line(_OPEN, _SAME, _LEADS),),
        verbs=(Verb("协办"),),
        needs=Needs.WHOM,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="more_assist",
        done="",
        contact=False,
        ledger=(LedgerColumn.HELP, "请协办"),
        tells=_told(_T),
        explains=False,
        asked_for=False,
        sure=False,
        act="assist",
        did="",
    ),
    Row(
        action=Action.EXTEND,
        word="延期",
        lines=(Line(_BEFORE_DONE, _SAME, _HOLDER),),
        verbs=(Verb("延期"),),
        needs=Needs.HOW_LONG,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="more_extend",
        done="",
        contact=False,
        ledger=(LedgerColumn.DELAYS, "申请延期"),
        tells=_told(_U),
        explains=False,
        asked_for=True,
        sure=False,
        act="extend",
        did="",
    ),
    Row(
        action=Action.SUSPEND,
        word="挂起",
        lines=(Line((_A, _W), _S, _HOLDER),),
        verbs=(Verb("挂起"),),
        needs=Needs.HOW_LONG,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="more_suspend",
        done="",
        contact=False,
        ledger=(LedgerColumn.DELAYS, "挂起"),
        tells=_told(_R),
        explains=True,
        asked_for=False,
        sure=False,
        act="suspend",
        did="",
    ),
    Row(
        action=Action.REGRADE,
        word="难度",
        lines=(Line(_BEFORE_DONE, _SAME, _HOLDER),),
        verbs=(Verb("难度"),),
        needs=Needs.TIER,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="more_regrade",
        done="",
        contact=False,
        ledger=(LedgerColumn.DELAYS, "难度"),
        tells=_told(_U),
        explains=False,
        asked_for=True,
        sure=False,
        act="regrade",
        did="",
    ),
    Row(
        action=Action.RETURN,
        word="退单",
        lines=(Line((_P, _A), _P, _HOLDER),),
        verbs=(Verb("退单"), Verb("退回", numbered=True), Verb("退给", name_next=True)),
        needs=Needs.WHOM,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="more_return",
        done="",
        contact=False,
        ledger=(LedgerColumn.MOVES, "退单"),
        tells=_told(_N, _F, _R),
        explains=True,
        asked_for=True,
        sure=False,
        act="give_back",
        did="",
    ),
    Row(
        action=Action.DECLINE,
        word="不受理",
        lines=(Line(_BEFORE_DONE, _SAME, _HOLDER),),
        verbs=(Verb("不受理"),),
        needs=Needs.CHANNEL,
        bare=False,
        everyday=True,
        by_residents=False,
        hint="more_decline",
        done="",
        contact=True,
        ledger=(LedgerColumn.WORK, "申请不受理"),
        tells=_told(_U),
        explains=False,
        asked_for=True,
        sure=False,
        act="decline",
        did="",
    ),
    Row(
        action=Action.ASSIGN,
        word="强派",
        lines=(Line(_BEFORE_DONE, _P, _OVERSEERS),),
        verbs=(
            Verb("强派"),
            Verb("指定", numbered=True),
            Verb("派给", numbered=True, name_next=True),
            Verb("派", numbered=True),
        ),
        needs=Needs.WHOM,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=(LedgerColumn.MOVES, "强派"),
        tells=_told(_N, _F, _R),
        explains=True,
        asked_for=False,
        sure=False,
        act="assign",
        did="",
    ),
    Row(
        action=Action.ASSIST_DONE,
        word="协办完成",
        lines=(Line(_OPEN, _SAME, _HELPER),),
        verbs=(Verb("协办完成"), Verb("协办答复"), Verb("协办好了")),
        needs=Needs.WORDS,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=(LedgerColumn.HELP, "协办回复"),
        tells=_told(_H),
        explains=True,
        asked_for=False,
        sure=False,
        act="answer_assist",
        did="did_assist_done",
    ),
    Row(
        action=Action.GRANT,
        word="同意",
        lines=(Line(_BEFORE_DONE, _SAME, _ABOVE),),
        verbs=(Verb("同意"),),
        needs=Needs.NOTHING,
        bare=True,
        everyday=False,
        by_residents=False,
        hint="",
        done="done_granted",
        contact=False,
        ledger=(LedgerColumn.DELAYS, "同意"),
        tells=_told(_H, _R),
        explains=True,
        asked_for=False,
        sure=False,
        act="grant",
        did="",
    ),
    Row(
        action=Action.REFUSE,
        word="不同意",
        lines=(Line(_BEFORE_DONE, _SAME, _ABOVE),),
        verbs=(Verb("不同意"),),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="done_refused",
        contact=False,
        ledger=(LedgerColumn.DELAYS, "不同意"),
        tells=_told(_H),
        explains=True,
        asked_for=False,
        sure=False,
        act="refuse",
        did="",
    ),
    Row(
        action=Action.NAMED,
        word="公开姓名",
        lines=(Line(_OPEN, _SAME, _LEADS),),
        verbs=(Verb("公开姓名"),),
        needs=Needs.NOTHING,
        bare=True,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=None,
        tells=_told(_T),
        explains=False,
        asked_for=False,
        sure=False,
        act="show_names",
        did="did_named",
    ),
    Row(
        action=Action.MERGE,
        word="合并",
        lines=(Line(_OPEN, State.MERGED, _LEADS),),
        verbs=(
            Verb("合并", numbered=True),
            Verb("并到", numbered=True),
            Verb("合到", numbered=True),
        ),
        needs=Needs.INTO,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=(LedgerColumn.MOVES, "合并"),
        tells=_told(_R, _H),
        explains=True,
        asked_for=False,
        sure=False,
        act="merge",
        did="",
    ),
    Row(
        action=Action.SPLIT,
        word="拆开",
        # to the state that it had, which issues/splitting.py knows
        lines=(Line((State.MERGED,), _P, _LEADS),),
        verbs=(
            Verb("拆开", numbered=True),
            Verb("拆分", numbered=True),
            Verb("拆出来", numbered=True),
            Verb("分开办", numbered=True),
        ),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=(LedgerColumn.MOVES, "拆开"),
        tells=_told(_R, _H),
        explains=True,
        asked_for=False,
        sure=False,
        act="split",
        did="",
    ),
    Row(
        action=Action.DISMISS,
        word="不是诉求",
        lines=(Line((_P, _A), State.DECLINED, _LEADS),),
        verbs=(Verb("不是诉求"), Verb("这不是诉求"), Verb("不算诉求")),
        needs=Needs.NOTHING,
        bare=True,
        everyday=False,
        by_residents=False,
        hint="more_dismiss",
        done="",
        contact=True,
        ledger=(LedgerColumn.WORK, "不是诉求"),
        tells=_told(_R, _U),
        explains=True,
        asked_for=False,
        sure=True,
        act="dismiss",
        did="did_dismiss",
    ),
    Row(
        action=Action.WITHDRAW,
        word="撤回",
        lines=(Line(_OPEN, State.WITHDRAWN, _REPORTER),),
        verbs=(),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=None,
        tells=_told(_H, _T),
        explains=True,
        asked_for=False,
        sure=False,
        act="",
        did="",
    ),
    Row(
        action=Action.RATE,
        word="评价",
        lines=(
            Line((State.RESOLVED,), State.CLOSED, _REPORTER | _CLOCK),
            Line((State.CLOSED,), State.CLOSED, _REPORTER),
        ),
        verbs=(),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=None,
        tells=_told(_H),
        explains=False,
        asked_for=False,
        sure=False,
        act="",
        did="",
    ),
    Row(
        action=Action.REDO,
        word="没修好",
        lines=(Line(_DONE, _P, _RESIDENTS),),
        verbs=(),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=(LedgerColumn.MOVES, "重办"),
        tells=_told(_N, _F, _R),
        explains=True,
        asked_for=False,
        sure=False,
        act="",
        did="",
    ),
    Row(
        action=Action.SUPPLEMENT,
        word="补充",
        lines=(Line(_BEFORE_DONE, _SAME, _RESIDENTS), Line((_S,), _W, _RESIDENTS)),
        verbs=(),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=None,
        tells=_told(_H),
        explains=False,
        asked_for=False,
        sure=False,
        act="",
        did="",
    ),
    Row(
        action=Action.ENDORSE,
        word="附议",
        lines=(Line(_OPEN, _SAME, _who(Party.NEIGHBOUR)),),
        verbs=(),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=None,
        tells=_told(_H),
        explains=False,
        asked_for=False,
        sure=False,
        act="",
        did="",
    ),
    Row(
        action=Action.ENDORSE_RATE,
        word="附议评价",
        lines=(Line(_DONE, _SAME, _who(Party.ENDORSER)),),
        verbs=(),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=None,
        tells=_told(),
        explains=False,
        asked_for=False,
        sure=False,
        act="",
        did="",
    ),
    Row(
        action=Action.URGE,
        word="催办",
        lines=(Line(_OPEN, _SAME, _RESIDENTS | _OVERSEERS | {Party.LINKED}),),
        verbs=(
            Verb("催办"),
            Verb("催一下"),
            Verb("催一催"),
            Verb("催催"),
            Verb("催", numbered=True),
        ),
        needs=Needs.NOTHING,
        bare=False,
        everyday=True,
        by_residents=True,
        hint="",
        done="",
        contact=False,
        ledger=None,
        tells=_told(_H),
        explains=False,
        asked_for=False,
        sure=False,
        act="urge",
        did="",
    ),
    Row(
        action=Action.SUPERVISE,
        word="督办",
        lines=(Line(_OPEN, _SAME, _OVERSEERS),),
        verbs=(Verb("督办"),),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=(LedgerColumn.MOVES, "督办"),
        tells=_told(_H, _R),
        explains=False,
        asked_for=False,
        sure=False,
        act="supervise",
        did="",
    ),
    Row(
        action=Action.LIFT,
        word="提级",
        lines=(Line(_OPEN, _P, _OVERSEERS),),
        verbs=(Verb("提级"),),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=(LedgerColumn.MOVES, "提级"),
        tells=_told(_N, _F, _R),
        explains=True,
        asked_for=False,
        sure=False,
        act="lift",
        did="",
    ),
    Row(
        action=Action.HAND_OVER,
        word="交接",
        lines=(Line(_OPEN, _SAME, _CLOCK),),
        verbs=(),
        needs=Needs.NOTHING,
        bare=False,
        everyday=False,
        by_residents=False,
        hint="",
        done="",
        contact=False,
        ledger=(LedgerColumn.MOVES, "交接"),
        tells=_told(_N, _F, _R),
        explains=True,
        asked_for=False,
        sure=False,
        act="",
        did="",
    ),
)
ACTIONS: Mapping[Action, Row] = {row.action: row for row in ROWS}
ACTION_CHINESE: Mapping[Action, str] = {row.action: row.word for row in ROWS}
#: What an order may be said with -> its action.
VERBS: Mapping[str, Action] = {verb.word: row.action for row in ROWS for verb in row.verbs}
