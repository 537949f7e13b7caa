"""人员变动: nothing is left with somebody who has gone, and nothing is lost by a new account."""

from datetime import date

from sqlalchemy import select

from issues import events, history
from issues.departure import depart, leaves_something, rename
from people.reading import read
from rules.words import Rating
from storage.tables import Dialogue, Endorsement, Issue, Resident
from tests.town import LIN, OFFICE, TOWN, Day, settle, without

OTHER = "清溪镇/韶山村/二片"
TODAY = date(2026, 6, 1)


def leave(day: Day, userid: str, key: str = "k1"):
    def act(work):
        person = work.town.person(userid)
        assert person is not None
        depart(work, person, key)

    day.work(act)


def called(day: Day, old: str, new: str):
    day.work(lambda work: rename(work, old, new))


def look(day: Day, work):
    with day.db.read() as session:
        return work(session)


def posts(day: Day, userid: str):
    def work(session):
        person = read(session).person(userid)
        held = read(session).posts_on(person.id, TODAY) if person else None
        return [post.unit.path for post in held] if held is not None else None

    return look(day, work)


def waiting(day: Day, userid: str):
    return [row.notice["text"] for row in day.notices(userid) if row.state == "waiting"]


def test_what_he_held_is_with_the_next_seat_at_once(town):
    day = town(*TOWN)
    number = day.report()
    leave(day, "zhang")
    assert (day.holder(number), day.issue(number).level) == ("peng", "zu")
    assert posts(day, "zhang") == []


def test_a_new_report_goes_past_the_empty_seat(town):
    day = town(*TOWN)
    leave(day, "zhang")
    assert day.holder(day.report()) == "peng"


def test_one_who_sits_beside_him_takes_over_on_the_same_level(town):
    day = town(*TOWN, "副某,fu,村干部,清溪镇/韶山村,,")
    number = day.report()
    for userid in ("zhang", "peng", "tan"):
        day.do(number, userid, "raise_up")
    leave(day, "xie")
    assert (day.holder(number), day.issue(number).level) == ("fu", "village")
    assert "没有空缺" in day.told("guan")[0]


def test_the_admins_read_once_who_left_and_what_is_vacant(town):
    day = town(*TOWN, f"张某,zhang,片长,{OTHER},,")
    day.report()
    leave(day, "zhang")
    [told] = day.told("guan")
    assert told.startswith("张某（zhang）的企业微信账号已删除或停用")
    assert f"· 邻长 {LIN}\n· 片长 {OTHER}\n" in told
    assert "手上没办完的 1 件诉求" in told


def test_the_clock_goes_on_and_the_resident_knows_the_new_face(town):
    day = town(*TOWN)
    number = day.report()
    before = day.issue(number)
    leave(day, "zhang")
    after = day.issue(number)
    assert (after.due_at, after.next_mark_at) == (before.due_at, before.next_mark_at)
    assert "现在由组长彭某负责" in day.told("mao_mou")[-1]


def test_nothing_more_is_sent_to_him_but_news_of_what_he_has_reported_himself(town):
    day = town(*TOWN)
    day.report()
    own = day.report("zhang", "我家门口路灯不亮")
    day.do(own, "peng", "accept")
    leave(day, "zhang")
    [left] = waiting(day, "zhang")
    assert own in left


def test_an_issue_that_belongs_nowhere_finds_somebody_who_claims_it(town):
    day = town(*TOWN, f"龙某,long,片长,{OTHER},,")
    number = day.report("wai_di", "桥上护栏断了")
    assert day.holder(number) == "tan"
    leave(day, "tan")
    assert day.holder(number) not in ("tan", "")


def test_even_an_issue_without_a_unit_is_not_left_with_him(town):
    day = town("管某,guan,管理员,,,", "孙某,sun,督办,韶山市,,")
    number = day.report("wai_di", "桥上护栏断了")
    first = day.holder(number)
    leave(day, first)
    assert {first, day.holder(number)} == {"guan", "sun"}


def test_a_complaint_does_not_fall_back_on_those_it_bypasses(town):
    day = town(*TOWN)
    number = day.report(text="邻长张某收了我五百块钱不办事，我要投诉邻长张某")
    assert day.issue(number).bypassed == "lin"
    for userid in ("peng", "tan", "xie", "guo", "sun"):
        leave(day, userid, f"k:{userid}")
    assert day.holder(number) == "guan"


def test_a_second_time_there_is_nothing_left(town):
    day = town(*TOWN)
    day.report()
    assert day.work(lambda work: leaves_something(work, "ZHANG"))
    leave(day, "zhang")
    assert not day.work(lambda work: leaves_something(work, "zhang"))


def test_residents_and_strangers_leave_nothing(town):
    day = town(*TOWN)
    day.report()
    found = [day.work(lambda work, u=u: leaves_something(work, u)) for u in ("mao_mou", "x")]
    assert found == [False, False]


def test_who_is_to_begin_tomorrow_does_not_begin(town):
    day = town(*without("zhang"))
    settle(day.db, *TOWN, day=date(2026, 6, 2))
    leave(day, "zhang")
    with day.db.read() as session:
        unit = read(session).unit_at(LIN)
        assert unit is not None
        assert read(session).seats(unit, date(2026, 6, 3))[0].person is None


def test_the_next_roster_brings_him_back(town):
    day = town(*TOWN)
    leave(day, "zhang")
    settle(day.db, *TOWN, day=TODAY)
    assert posts(day, "zhang") == [LIN]
    assert day.holder(day.report()) == "zhang"


# --- another account ---


def test_a_new_account_keeps_posts_and_issues(town):
    day = town(*TOWN)
    number = day.report()
    called(day, "zhang", "Zhang_San")
    assert (day.holder(number), posts(day, "zhang_san"), posts(day, "zhang")) == (
        "zhang_san",
        [LIN],
        None,
    )
    day.do(number, "zhang_san", "accept")


def test_a_resident_with_a_new_account_keeps_what_was_reported(town):
    day = town(*TOWN)
    number = day.report()
    day.do(number, "zhang", "accept")
    called(day, "mao_mou", "mao2")
    assert day.issue(number).reporter == "mao2"
    assert [number in text for text in waiting(day, "mao2")] == [True]
    assert waiting(day, "mao_mou") == []
    day.do(number, "mao2", "withdraw")


def test_a_stranger_with_a_new_account_keeps_what_was_reported(town):
    day = town(*TOWN)
    number = day.report("wai_di")
    called(day, "wai_di", "wai2")
    assert day.issue(number).reporter == "wai2"


def test_an_account_that_the_roster_knows_already_becomes_one_with_the_old(town):
    day = town(*TOWN, f"张某,zhang,组长,{OTHER}/外组,,")
    number, risen = day.report(), day.report("liu_mou")
    day.do(risen, "zhang", "raise_up")
    # with another telephone: by the same one the roster would have known him
    lines = [line.replace(",zhang,", ",zhang2,").replace("0000001", "0000002") for line in TOWN]
    settle(day.db, *lines, day=TODAY)
    called(day, "zhang", "zhang2")
    assert (day.holder(number), day.holder(risen)) == ("zhang2", "peng")
    assert sorted(posts(day, "zhang2")) == sorted([LIN, f"{OTHER}/外组"])
    assert posts(day, "zhang") == []
    day.do(risen, "zhang2", "progress", "我去看过了")


def test_one_household_is_not_entered_twice(town):
    day = town(*TOWN, f"毛某,mao2,居民,{LIN},毛家,", f"毛某,mao_mou,居民,{LIN},毛店,")
    called(day, "mao_mou", "mao2")

    def homes(session):
        mine = select(Resident).join(Resident.person).where(Resident.person.has(userid="mao2"))
        return sorted(one.household.name for one in session.scalars(mine))

    assert look(day, homes) == ["毛家", "毛店"]


def test_open_questions_go_along(town):
    day = town(*TOWN)

    def ask(session):
        for userid, kind in (("mao_mou", "suggest"), ("mao_mou", "describe"), ("mao2", "suggest")):
            session.add(Dialogue(userid=userid, chat_id="", kind=kind, data={}, expires_at=day.now))

    day.db.write(ask)
    called(day, "mao_mou", "mao2")
    rows = look(day, lambda s: [(d.userid, d.kind) for d in s.scalars(select(Dialogue))])
    assert sorted(rows) == [("mao2", "describe"), ("mao2", "suggest")]


def test_one_person_has_one_answer_by_whatever_account(town):
    day = town(*TOWN)
    number = day.report()
    day.do(number, "hu_mou", "endorse", "我家门口也不亮")
    day.do(number, "zhang", "resolve", "换了灯泡")
    day.do(number, "mao_mou", "rate", None, Rating.GOOD)
    called(day, "mao_mou", "mao2")
    called(day, "hu_mou", "hu2")
    day.do(number, "hu2", "rate", None, Rating.FAIR)
    (told,) = look(day, lambda s: list(history.lives(s, OFFICE.clock)))
    assert (told.asked, sorted(told.answers), list(told.endorsers)) == (2, ["hu2", "mao2"], ["hu2"])


def test_the_chain_of_events_is_not_touched_by_a_new_account(town):
    day = town(*TOWN)
    day.report()
    called(day, "mao_mou", "mao2")
    broken = look(day, lambda s: [events.broken_link(s, i) for i in s.scalars(select(Issue))])
    assert broken == [None]


def test_two_accounts_that_had_joined_the_same_issue_become_one(town):
    day = town(*TOWN)
    number = day.report()
    for who in ("liu_mou", "hu_mou"):
        day.do(number, who, "endorse", "我家门口也不亮")
    called(day, "hu_mou", "liu_mou")
    joined = look(day, lambda session: session.scalars(select(Endorsement.userid)).all())
    assert joined == ["liu_mou"]
