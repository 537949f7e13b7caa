"""Every benchmark runs once, small: none can rot unseen. How fast is not looked at here."""

from benchmarks import ledger


def test_the_commands_over_a_county_are_measured():
    figures = ledger.run(40, small=True, chosen="issues")
    assert [figure.what.partition(",")[0] for figure in figures] == [
        title for title in ledger.COMMANDS if title.startswith("issues")
    ]
