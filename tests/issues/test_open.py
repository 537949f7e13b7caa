"""群众点单: whose issue it becomes, what it is called, what is promised."""

from dataclasses import replace

from issues.registering import Material
from rules.deadlines import Counting
from rules.words import State, Tier, UnitKind
from storage.tables import Attachment, HouseholdRow
from tests.town import CHAT, OFFICE, Day, at, without


def test_a_residents_report_goes_to_the_linzhang_of_the_household(day):
    issue = day.issue(day.report())
    assert (issue.holder.userid, issue.level) == ("zhang", UnitKind.LIN)
    assert (issue.state, issue.tier, issue.unclaimed) == (State.PENDING, Tier.ORDINARY, False)


def test_the_number_is_the_day_of_the_report_and_a_daily_sequence(day):
    first, second = day.report(), day.report("hu_mou")
    day.go("2026-06-02 00:00")
    assert [first, second, day.report()] == [
        "SZ-20260601-0001",
        "SZ-20260601-0002",
        "SZ-20260602-0001",
    ]


def test_the_promise_counts_from_the_message_itself_and_not_from_its_arrival(day):
    number = day.report()
    issue = day.issue(number)
    assert (issue.reported_at, issue.due_at) == (at("2026-06-01 09:00"), at("2026-06-04 00:00"))
    assert issue.next_mark_at == issue.due_at


def test_the_account_is_the_same_in_upper_and_lower_case(day):
    assert day.issue(day.report("Mao_Mou")).reporter == "mao_mou"


def test_the_household_of_the_reporter_is_remembered(day):
    issue = day.issue(day.report("liu_mou"))
    with day.db.read() as session:
        assert session.get(HouseholdRow, issue.household_id).name == "刘家"


def test_a_linzhang_never_gets_what_he_has_reported_himself(day):
    issue = day.issue(day.report("zhang"))
    assert (issue.holder.userid, issue.level, issue.unclaimed) == ("peng", UnitKind.ZU, False)


def test_a_village_cadre_without_household_reports_for_the_own_unit(day):
    assert day.holder(day.report("xie")) == "guo"


def test_without_a_linzhang_it_goes_straight_to_the_zuzhang(town):
    day = town(*without("zhang"))
    issue = day.issue(day.report())
    assert (issue.holder.userid, issue.level, issue.unclaimed) == ("peng", UnitKind.ZU, False)


def test_without_anybody_up_to_the_village_the_township_has_it(town):
    day = town(*without("zhang", "peng", "tan", "xie"))
    assert day.holder(day.report()) == "guo"


def test_a_stranger_in_a_units_chat_is_for_that_units_chief_to_claim(day):
    issue = day.issue(day.report("wai_di", chat_id=CHAT))
    assert (issue.holder.userid, issue.unit.name, issue.unclaimed) == ("tan", "一片", True)


def test_a_resident_in_another_units_chat_keeps_the_own_linzhang(day):
    issue = day.issue(day.report("hu_mou", chat_id=CHAT))
    assert (issue.holder.userid, issue.unclaimed) == ("chen", False)


def test_a_stranger_in_private_is_on_a_pianzhangs_list_to_claim(day):
    issue = day.issue(day.report("wai_di"))
    assert (issue.holder.userid, issue.level, issue.unclaimed) == ("tan", UnitKind.PIAN, True)


def test_a_report_before_the_first_roster_is_kept_all_the_same(db):
    empty = Day(db, "2026-06-01 09:00")
    issue = empty.issue(empty.report())
    assert (issue.holder, issue.unclaimed, issue.state) == (None, True, State.PENDING)


def test_accepting_claims_it(day):
    number = day.report("wai_di")
    day.do(number, "tan", "accept")
    assert day.issue(number).unclaimed is False


def test_photos_come_with_the_report_and_are_to_be_fetched(day):
    photo = Material("image", media_id="M1")
    number = day.report(materials=(photo,))
    with day.db.read() as session:
        kept = session.query(Attachment).one()
    assert (kept.issue_id, kept.media_id, kept.fetch_at) == (
        day.issue(number).id,
        "M1",
        day.now,
    )


def test_a_place_needs_no_fetching(day):
    day.report(materials=(Material("location", text="长冲组路口", latitude=27.9, longitude=112.5),))
    with day.db.read() as session:
        assert session.query(Attachment).one().fetch_at is None


def test_rolling_counting_promises_whole_days_from_the_hour(town):
    rolling = replace(OFFICE, clock=replace(OFFICE.clock, counting=Counting.ROLLING))
    day = town(office=rolling)
    assert day.issue(day.report()).due_at == at("2026-06-03 09:00")
