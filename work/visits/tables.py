"""走访: one row for a household that was visited, or for several without names.

No place, photo, duration or form: nothing here is ever asked for.
"""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Table


class Visit(Table):
    """Who was where on which local day, in his own words."""

    __tablename__ = "visit"
    __table_args__ = (
        #: when somebody has last been with each household
        Index(
            "ix_visit_person_id_household_id_visited_on", "person_id", "household_id", "visited_on"
        ),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    visited_on: Mapped[date] = mapped_column(index=True)
    noted_at: Mapped[datetime]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    #: the household's 邻; without a household the unit of the visitor's post
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    #: as it was said: 张家
    said_of: Mapped[str] = mapped_column(String(100))
    #: how many households this row stands for
    households: Mapped[int]
    nobody_home: Mapped[bool]
    words: Mapped[str] = mapped_column(Text)
    #: the part of the words that may become an issue
    trouble: Mapped[str] = mapped_column(Text)
    #: the number of the issue that has come of it
    issue: Mapped[str] = mapped_column(String(40))
