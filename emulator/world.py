"""Who exists: the corp, its app, its aibot, members and groups. Plain values, no behaviour.

Whoever starts the emulator builds a World; what happens in it is kept by corp.py and phones.py.
"""

from dataclasses import dataclass, field
from functools import partial

from emulator.cipher import new_word

ROOT_DEPARTMENT = 1


@dataclass
class Member:
    """A person of the corp; `label` is what the page shows, such as 居民·韶山村一片长冲组."""

    userid: str
    name: str
    label: str = "居民"
    active: bool = True

    @property
    def role(self) -> str:
        return self.label.partition("·")[0]

    @property
    def place(self) -> str:
        return self.label.partition("·")[2]


@dataclass
class Group:
    """An internal group; `webhook_key` belongs to its 群机器人, `has_bot` to the aibot."""

    chat_id: str
    name: str
    members: list[str]
    webhook_key: str = ""
    has_bot: bool = True


@dataclass
class App:
    """A 自建应用. `visible` and `trusted_ips` left empty mean everybody and every address."""

    agent_id: int = 1000002
    name: str = "韶山三长"
    secret: str = field(default_factory=partial(new_word, 43))
    token: str = field(default_factory=partial(new_word, 24))
    aes_key: str = field(default_factory=partial(new_word, 43))
    visible: list[str] = field(default_factory=list)
    trusted_ips: list[str] = field(default_factory=list)


@dataclass
class Bot:
    """A 智能机器人 in URL callback mode."""

    bot_id: str = "aibSANZHANG01"
    name: str = "三长助手"
    token: str = field(default_factory=partial(new_word, 24))
    aes_key: str = field(default_factory=partial(new_word, 43))


@dataclass
class World:
    corp_id: str = "wwsanzhangdemo01"
    app: App = field(default_factory=App)
    bot: Bot = field(default_factory=Bot)
    members: list[Member] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)

    @classmethod
    def small(
        cls, members: list[Member] | None = None, groups: list[Group] | None = None
    ) -> "World":
        """A county that is ready to use; the demo gives its own members and groups."""
        return cls(
            members=small_members() if members is None else members,
            groups=small_groups() if groups is None else groups,
        )

    def member(self, userid: str) -> Member | None:
        """WeCom does not distinguish capitals in user ids."""
        wanted = userid.lower()
        return next((one for one in self.members if one.userid.lower() == wanted), None)

    def group(self, chat_id: str) -> Group | None:
        return next((one for one in self.groups if one.chat_id == chat_id), None)

    def group_of_key(self, key: str) -> Group | None:
        return next((one for one in self.groups if key and one.webhook_key == key), None)

    def name_of(self, userid: str) -> str:
        member = self.member(userid)
        return member.name if member else userid

    def in_range(self, member: Member) -> bool:
        """Whether the app can see this member, and the member the app."""
        visible = {userid.lower() for userid in self.app.visible}
        return member.active and (not visible or member.userid.lower() in visible)

    def departments(self) -> list[str]:
        """The root first, then one department for every place that a label names."""
        return ["全市", *dict.fromkeys(one.place for one in self.members if one.place)]

    def department_of(self, member: Member) -> int:
        places = self.departments()
        return places.index(member.place) + 1 if member.place else ROOT_DEPARTMENT


def small_members() -> list[Member]:
    """Invented people of an invented village."""
    return [
        Member("jumin_an", "安小满", "居民·清溪村一片三组"),
        Member("jumin_bai", "白大山", "居民·清溪村一片三组"),
        Member("linzhang_cen", "岑守田", "邻长·清溪村一片三组二邻"),
        Member("zuzhang_dai", "戴连生", "组长·清溪村一片三组"),
        Member("pianzhang_fu", "傅长青", "片长·清溪村一片"),
        Member("cungan_gu", "顾晓春", "村干部·清溪村"),
        Member("zhenban_he", "何定安", "乡镇干部·清溪镇"),
    ]


def small_groups() -> list[Group]:
    everyone = [one.userid for one in small_members()]
    return [
        Group("wrQingxi3", "清溪村三组邻里群", everyone[:5], "hook-qingxi-3"),
        Group("wrQingxiWork", "清溪村三长工作群", everyone[2:], "hook-qingxi-work"),
    ]
