"""The field's own words (三长制) as enums, each with the Chinese that people read.

What the words mean is the regulation's business; what may be done with them is in the sibling
modules. Values are stored and printed as they stand here, so they never change.
"""

from enum import StrEnum


class UnitKind(StrEnum):
    """One tree of units; ``department`` and ``resident_unit`` hang beside the ladder."""

    CITY = "city"  #: 市
    TOWNSHIP = "township"  #: 乡镇(街道)
    VILLAGE = "village"  #: 村(社区)
    PIAN = "pian"  #: 片
    ZU = "zu"  #: 组
    LIN = "lin"  #: 邻, 5-15 households
    DEPARTMENT = "department"  #: 市直部门
    RESIDENT_UNIT = "resident_unit"  #: 驻地单位


class Role(StrEnum):
    """What a post (职务) makes of its holder."""

    LINZHANG = "linzhang"
    ZUZHANG = "zuzhang"
    PIANZHANG = "pianzhang"
    VILLAGE_CADRE = "village_cadre"
    TOWNSHIP_CADRE = "township_cadre"
    LINKED_CADRE = "linked_cadre"  #: 联片干部, beside the ladder of a 片
    SUPERVISOR = "supervisor"
    DEPARTMENT = "department"
    RESIDENT_UNIT = "resident_unit"
    ADMIN = "admin"
    RESIDENT = "resident"


#: The words of the roster file (architecture.md §7), and of every text.
ROLE_CHINESE = {
    Role.RESIDENT: "居民",
    Role.LINZHANG: "邻长",
    Role.ZUZHANG: "组长",
    Role.PIANZHANG: "片长",
    Role.VILLAGE_CADRE: "村干部",
    Role.TOWNSHIP_CADRE: "乡镇干部",
    Role.LINKED_CADRE: "联片干部",
    Role.DEPARTMENT: "部门",
    Role.RESIDENT_UNIT: "驻地单位",
    Role.SUPERVISOR: "督办",
    Role.ADMIN: "管理员",
}


class Tier(StrEnum):
    """How hard an issue is, which decides the promise (0211)."""

    ORDINARY = "ordinary"  #: 一般, a result in 2 days
    HARD = "hard"  #: 较难, a result in 1 week
    COMPLEX = "complex"  #: 复杂, progress every month


TIER_CHINESE = {Tier.ORDINARY: "一般", Tier.HARD: "较难", Tier.COMPLEX: "复杂"}


class State(StrEnum):
    """Where an issue is in its life (domain.md §5); level and lateness are not states."""

    PENDING = "pending"  #: 待接单
    ACCEPTED = "accepted"  #: 已接单
    WORKING = "working"  #: 办理中
    SUSPENDED = "suspended"  #: 挂起
    RESOLVED = "resolved"  #: 待评单
    CLOSED = "closed"  #: 已办结
    DECLINED = "declined"  #: 不受理
    WITHDRAWN = "withdrawn"  #: 撤回
    MERGED = "merged"  #: 合并, goes on as another one


STATE_CHINESE = {
    State.PENDING: "待接单",
    State.ACCEPTED: "已接单",
    State.WORKING: "办理中",
    State.SUSPENDED: "挂起",
    State.RESOLVED: "待评单",
    State.CLOSED: "已办结",
    State.DECLINED: "不受理",
    State.WITHDRAWN: "已撤回",
    State.MERGED: "已合并",
}

#: Somebody still has to do something; the marks go on.
OPEN_STATES = frozenset({State.PENDING, State.ACCEPTED, State.WORKING, State.SUSPENDED})


class Action(StrEnum):
    """What can be done to an issue (domain.md §2, §5)."""

    ACCEPT = "accept"  #: 接单
    RAISE = "raise"  #: 上交
    ON_WAY = "on_way"  #: 已赶去, said instead of 接单 in an emergency
    RETURN = "return"  #: 退单, names the proper unit
    REASSIGN = "reassign"  #: 转办
    ASSIGN = "assign"  #: 强派, after which nobody gives it back (首接负责)
    ASSIST = "assist"  #: 协办, asks another unit to help
    ASSIST_DONE = "assist_done"  #: 协办 answered by the helper
    PROGRESS = "progress"  #: 进展
    EXTEND = "extend"  #: 延期, asked by the holder
    REGRADE = "regrade"  #: 难度, asked by the holder
    DECLINE = "decline"  #: 不受理, asked by the holder
    GRANT = "grant"  #: 同意 to what is asked, one level up
    REFUSE = "refuse"  #: 不同意
    SUSPEND = "suspend"  #: 挂起, waiting for the resident
    RESUME = "resume"  #: 恢复
    RESOLVE = "resolve"  #: 办结
    UNRESOLVE = "unresolve"  #: 撤销办结, said by mistake and not rated yet
    NAMED = "named"  #: 公开姓名, the lead lets the helpers see who reported it
    MERGE = "merge"  #: 合并, the same thing as another issue
    SPLIT = "split"  #: 拆开, goes on by itself again
    DISMISS = "dismiss"  #: 不是诉求, words that ask for nothing
    WITHDRAW = "withdraw"  #: 撤回
    RATE = "rate"  #: 评单
    REDO = "redo"  #: 重办
    SUPPLEMENT = "supplement"  #: 补充, words or photos of the resident
    ENDORSE = "endorse"  #: 附议, another household has the same problem
    ENDORSE_RATE = "endorse_rate"  #: 附议人评单
    URGE = "urge"  #: 催办
    SUPERVISE = "supervise"  #: 督办
    LIFT = "lift"  #: 提级
    HAND_OVER = "hand_over"  #: 交接


class Party(StrEnum):
    """Who somebody is towards one issue; the transition table speaks of these."""

    HOLDER = "holder"  #: the 长 who holds it now, or who stands in for the holder
    CO_OWNER = "co_owner"  #: a former holder, still the face the resident knows
    ABOVE = "above"  #: a 长 of the issue's ladder above the holder
    HELPER = "helper"  #: asked to help (协办) and not done yet
    LINKED = "linked"  #: 联片干部 of the issue's 片: sees what is overdue, owns nothing
    SUPERVISOR = "supervisor"  #: 督办 of a unit that the issue lies in
    REPORTER = "reporter"  #: the resident
    ENDORSER = "endorser"  #: another household that has joined (附议)
    NEIGHBOUR = "neighbour"  #: a resident of the same 组 who may join
    CLOCK = "clock"  #: nobody: time passed, or the office keeps its books (花名册)


class Solved(StrEnum):
    """The first question of the rating (解决了吗)."""

    YES = "yes"  #: 已解决
    PARTLY = "partly"  #: 部分解决
    NO = "no"  #: 未解决


SOLVED_CHINESE = {Solved.YES: "已解决", Solved.PARTLY: "部分解决", Solved.NO: "未解决"}


class Rating(StrEnum):
    """The five levels of 好差评 (国办发〔2019〕51号)."""

    VERY_GOOD = "very_good"
    GOOD = "good"
    FAIR = "fair"
    BAD = "bad"
    VERY_BAD = "very_bad"


RATING_CHINESE = {
    Rating.VERY_GOOD: "非常满意",
    Rating.GOOD: "满意",
    Rating.FAIR: "基本满意",
    Rating.BAD: "不满意",
    Rating.VERY_BAD: "非常不满意",
}

#: 不满意 and 非常不满意 reopen the issue (domain.md §5).
BAD_RATINGS = frozenset({Rating.BAD, Rating.VERY_BAD})
