"""The whole life of an issue: requests, leads, helpers, 附议, leave, what is told in person"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COUNTS = ("extended", "suspended", "returned", "reassigned")
FLAGS = ("forced", "troubled")


def upgrade() -> None:
    _leave()
    _issue()
    _assist()
    _endorsement()
    _in_person()


def _issue() -> None:
    moment = sa.DateTime(timezone=True)
    required: dict[str, sa.types.TypeEngine[Any]] = {
        "promised_at": moment,
        "held_since": moment,
        "wanted_data": sa.JSON(),
        **{name: sa.Integer() for name in COUNTS},
        **{name: sa.Boolean() for name in FLAGS},
    }
    with op.batch_alter_table("issue") as batch:
        for name, kind in required.items():
            batch.add_column(sa.Column(name, kind))
        for name in ("behalf_id", "lead_unit_id"):
            batch.add_column(sa.Column(name, sa.Integer()))
        for name in ("sub_due_at", "suspended_until"):
            batch.add_column(sa.Column(name, moment))
        batch.add_column(sa.Column("wanted", sa.String(length=20)))
    _fill()
    with op.batch_alter_table("issue") as batch:
        for name, kind in required.items():
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.drop_column("wanted_tier")
        batch.create_index(op.f("ix_issue_behalf_id"), ["behalf_id"])
        batch.create_index(op.f("ix_issue_lead_unit_id"), ["lead_unit_id"])
        batch.create_foreign_key(op.f("fk_issue_behalf_id_person"), "person", ["behalf_id"], ["id"])
        batch.create_foreign_key(
            op.f("fk_issue_lead_unit_id_unit"), "unit", ["lead_unit_id"], ["id"]
        )


def _fill() -> None:
    """What an older version knew: no promise was ever moved, a wanted tier is a wanted 难度."""
    columns: list[sa.ColumnClause[Any]] = [
        *(sa.column(name) for name in ("promised_at", "due_at", "held_since", "reported_at")),
        *(sa.column(name, sa.Integer()) for name in COUNTS),
        *(sa.column(name, sa.Boolean()) for name in FLAGS),
        *(sa.column(name, sa.String()) for name in ("wanted", "wanted_tier")),
        sa.column("wanted_data", sa.JSON()),
    ]
    issue = sa.table("issue", *columns)
    nothing = {**dict.fromkeys(COUNTS, 0), **dict.fromkeys(FLAGS, False), "wanted_data": {}}
    moments = {"promised_at": issue.c.due_at, "held_since": issue.c.reported_at}
    op.execute(sa.update(issue).values(nothing | moments))
    for tier in ("ordinary", "hard", "complex"):
        asked = sa.update(issue).where(issue.c.wanted_tier == tier)
        op.execute(asked.values(wanted="regrade", wanted_data={"tier": tier}))


def _leave() -> None:
    op.create_table(
        "leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("said_by", sa.String(length=128), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_leave_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["delegate_id"], ["person.id"], name=op.f("fk_leave_delegate_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leave")),
    )
    op.create_index(op.f("ix_leave_person_id"), "leave", ["person_id"])
    op.create_index(op.f("ix_leave_delegate_id"), "leave", ["delegate_id"])


def _assist() -> None:
    op.create_table(
        "assist",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=True),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("overdue", sa.Boolean(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_assist_issue_id_issue")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_assist_unit_id_unit")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_assist_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_assist_asked_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assist")),
    )
    op.create_index(op.f("ix_assist_issue_id"), "assist", ["issue_id"])
    op.create_index("ix_assist_person_id_answered_at", "assist", ["person_id", "answered_at"])


def _endorsement() -> None:
    op.create_table(
        "endorsement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("userid", sa.String(length=128), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("solved", sa.String(length=20), nullable=True),
        sa.Column("rating", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name=op.f("fk_endorsement_issue_id_issue")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_endorsement_household_id_household")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_endorsement")),
        sa.UniqueConstraint("issue_id", "userid", name=op.f("uq_endorsement_issue_id_userid")),
    )
    op.create_index(op.f("ix_endorsement_userid"), "endorsement", ["userid"])


def _in_person() -> None:
    op.create_table(
        "in_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("userid", sa.String(length=128), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_by", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["issue_id"], ["issue.id"], name=op.f("fk_in_person_issue_id_issue")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_in_person")),
        sa.UniqueConstraint("issue_id", "userid", name=op.f("uq_in_person_issue_id_userid")),
    )
    op.create_index(op.f("ix_in_person_told_at"), "in_person", ["told_at"])
