"""Every benchmark runs once, small: none can rot unseen. How fast is not looked at here."""

from benchmarks import (
    action_speed,
    emergency_speed,
    ledger_speed,
    roster_speed,
    service_speed,
    storm,
)


def test_the_commands_over_a_county_are_measured():
    figures = ledger_speed.run(40, small=True, chosen="issues list --json --state")
    assert [figure.what for figure in figures] == ["issues list --json --state all, 40 issues"]


def test_callbacks_are_measured_beside_what_is_bare(capsys):
    figures = service_speed.run(requests=4, rounds=1, small=True)
    assert [figure.what for figure in figures] == list(service_speed.KINDS.values())
    assert capsys.readouterr().out == ""  # every report has become an issue


def test_a_storm_is_answered_by_the_real_server():
    answered, *_ = storm.run(1, 4, small=True)
    assert answered.value == "100.0%"


def test_an_action_is_measured_in_time_and_in_statements():
    figures = action_speed.run([20], repeat=2, small=True)
    assert [figure.what for figure in figures] == [
        "new issue",
        "tap on 接单",
        "mark that rises",
        "new issue at 20 issues ÷ at 0",
    ]


def test_an_emergency_is_sent_before_a_crowd():
    figures = emergency_speed.run(200, 50, 0.0, 2)
    assert len(figures) == 3
    assert "each once" in figures[-1].beside
    assert "NOT" not in figures[-1].beside


def test_a_roster_is_imported_twice():
    assert roster_speed.run(small=True)[0].what == "unchanged second import ÷ first"
