"""What leaves first, since when it should have, what may have arrived; channels that are shut"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_UNSETTLED = "state IN ('waiting', 'sending')"
_READY = f"{_UNSETTLED} AND batch <> ''"
_LOOSE = "state = 'waiting' AND batch = ''"
#: Of what has still to leave. Rings were put by night or day with these parts in their keys, cards
#: of new issues with the first of them.
FILL = (
    f"UPDATE outbox SET due_at = next_at WHERE {_UNSETTLED}",
    f"UPDATE outbox SET precedence = 2 WHERE {_READY} AND key LIKE '%\\:new\\:%'",
    f"UPDATE outbox SET precedence = 1 WHERE {_READY} AND key LIKE 'reply:%'",
    f"UPDATE outbox SET precedence = 0 WHERE {_READY} AND by_night"
    " AND (key LIKE '%\\:new\\:%' OR key LIKE '%\\:ring\\:%')",
    # An attempt was under way when the program was stopped.
    "UPDATE outbox SET half_sent_at = next_at WHERE state = 'sending'",
)


def _index(name: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, "outbox", columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    # With a default that the database knows, so that no table has to be copied.
    op.add_column(
        "outbox",
        sa.Column("precedence", sa.Integer(), nullable=False, server_default=sa.text("3")),
    )
    op.add_column("outbox", sa.Column("due_at", sa.DateTime(timezone=True)))
    op.add_column("outbox", sa.Column("half_sent_at", sa.DateTime(timezone=True)))
    for statement in FILL:
        op.execute(statement)
    op.drop_index("ix_outbox_ready", "outbox")
    op.drop_index("ix_outbox_loose", "outbox")
    _index("ix_outbox_ready", ["precedence", "next_at", "id", "channel"], _READY)
    _index("ix_outbox_loose", ["next_at", "id", "channel"], _LOOSE)
    _index("ix_outbox_loose_target", ["target", "next_at", "id"], _LOOSE)
    _index("ix_outbox_due", ["precedence", "due_at"], _UNSETTLED)
    _index("ix_outbox_unsure", ["id"], "state = 'unsure'")
    op.create_table(
        "circuit",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_circuit")),
    )
    op.create_table(
        "outbox_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account", sa.String(length=100), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("before", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_outbox_decision_outbox_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_decision")),
    )
    op.create_index(op.f("ix_outbox_decision_outbox_id"), "outbox_decision", ["outbox_id"])


def downgrade() -> None:
    op.drop_table("outbox_decision")
    op.drop_table("circuit")
    for name in ("unsure", "due", "loose_target", "loose", "ready"):
        op.drop_index(f"ix_outbox_{name}", "outbox")
    # An older program knows no unsure rows: for it they are what can never be delivered.
    op.execute("UPDATE outbox SET state = 'dead' WHERE state = 'unsure'")
    _index("ix_outbox_loose", ["next_at", "id"], _LOOSE)
    _index("ix_outbox_ready", ["next_at", "id"], _READY)
    for column in ("half_sent_at", "due_at", "precedence"):
        op.drop_column("outbox", column)
