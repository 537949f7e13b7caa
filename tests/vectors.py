"""The vectors of the regulation (domain.md §3), for the pure rules and for the real calendar."""

from rules.deadlines import Span

#: reported, count, span, rolled over rest days, the day at whose 24:00 it is due
VECTORS = [
    ("2026-06-01 09:00", 2, Span.DAYS, False, "2026-06-03"),
    # the Friday before the Spring Festival: its Saturday is worked, then nine days of rest
    ("2026-02-13 21:40", 2, Span.DAYS, False, "2026-02-15"),
    ("2026-02-13 21:40", 2, Span.DAYS, True, "2026-02-24"),
    ("2026-02-13 21:40", 2, Span.WORKDAYS, False, "2026-02-24"),
    # a plain week-end
    ("2026-06-05 10:00", 2, Span.DAYS, False, "2026-06-07"),
    ("2026-06-05 10:00", 2, Span.DAYS, True, "2026-06-08"),
    ("2026-06-05 10:00", 2, Span.WORKDAYS, False, "2026-06-09"),
    # the National Day week, with a worked Saturday after it
    ("2026-09-30 10:00", 7, Span.DAYS, False, "2026-10-07"),
    ("2026-09-30 10:00", 7, Span.DAYS, True, "2026-10-08"),
    ("2026-09-30 10:00", 5, Span.WORKDAYS, False, "2026-10-13"),
    ("2026-09-30 10:00", 7, Span.WORKDAYS, False, "2026-10-15"),
    # the next working day is a Sunday
    ("2026-09-18 10:00", 1, Span.WORKDAYS, False, "2026-09-20"),
    # months keep the anchor day
    ("2026-01-31 10:00", 1, Span.MONTHS, False, "2026-02-28"),
    ("2026-01-31 10:00", 2, Span.MONTHS, False, "2026-03-31"),
    ("2026-01-31 10:00", 3, Span.MONTHS, False, "2026-04-30"),
    ("2028-01-30 10:00", 1, Span.MONTHS, False, "2028-02-29"),
    ("2028-01-30 10:00", 2, Span.MONTHS, False, "2028-03-30"),
    ("2026-12-31 10:00", 2, Span.MONTHS, False, "2027-02-28"),
]
