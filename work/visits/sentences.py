"""says.yaml: every sentence that somebody reads about visits, and what each may name."""

from pathlib import Path

from files.says import Says

SAYS = Says.load(
    Path(__file__).parent / "says.yaml",
    {
        "in_group": (),
        "noted": ("what",),
        "noted_plain": (),
        "again": ("what",),
        "nobody": ("who",),
        "others": ("count",),
        "count": ("count",),
        "unknown": ("who",),
        "which": ("count", "who"),
        "which_line": ("n", "who", "where"),
        "which_end": (),
        "offer": ("who", "words"),
        "offer_several": ("lines",),
        "offer_line": ("who", "words"),
        "offer_nobody": ("who", "words"),
        "somebody": (),
        "declined": (),
        "opened": ("number", "who", "holder"),
        "opened_in_person": ("number", "who", "holder"),
        "opened_own": ("number", "holder"),
        "opened_before": ("number",),
        "for_you": ("who", "words"),
        "unseen": ("lines",),
        "unseen_line": ("who", "where", "when"),
        "never": (),
        "last": ("when",),
        "day": ("month", "day"),
        "day_of_year": ("year", "month", "day"),
        "all_seen": (),
        "no_households": (),
        "records": ("who", "lines"),
        "record": ("when", "by", "words"),
        "record_nobody": ("when", "by", "words"),
        "no_records": ("who",),
    },
)
