"""Whether there is anybody: without a 长 an issue belongs to nobody, without an admin nobody is
told what goes wrong."""

from collections.abc import Iterator

from sqlalchemy import func, select

from bot.examine.examination import Finding, Installation, bad, good, note
from people import vacancies
from people.reading import read
from rules.words import Role
from storage.tables import HouseholdRow, PostRow


def anybody(place: Installation) -> Iterator[Finding]:
    """Whether anybody at all has a post today."""
    today = place.office.today(place.now)
    now_in_office = PostRow.ends_on.is_(None) | (PostRow.ends_on >= today)
    with place.database.read() as session:
        found = session.scalar(select(PostRow.id).where(now_in_office).limit(1))
    if found is None:
        yield bad("roster.empty", "花名册是空的：先运行 sanzhang roster import 文件")


def complete(place: Installation) -> Iterator[Finding]:
    """Who and what is missing in a roster that is there."""
    today = place.office.today(place.now)
    with place.database.read() as session:
        households = session.scalar(select(func.count()).select_from(HouseholdRow)) or 0
        posts = session.scalar(select(func.count()).select_from(PostRow)) or 0
        town = read(session)
    if not posts:
        return
    yield good("roster", f"花名册：{households} 户，{posts} 个职务")
    if not town.with_role(Role.ADMIN, today):
        told = "花名册里没有管理员：文件写错、消息失败时没有人会收到通知，请加一行“管理员”"
        yield note("roster.admin", told)
    empty = vacancies.counted(vacancies.find(town, today))
    if empty:
        yield note("roster.vacant", f"{empty}：sanzhang roster vacancies 逐个列出")
    for unit in (u for u in place.office.chats.values() if town.unit_ending(u) is None):
        told = f"[[wecom.webhook]] 的单位“{unit}”在花名册里找不到（或不止一个），请写全路径"
        yield bad("roster.unit", told)
