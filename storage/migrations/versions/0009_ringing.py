"""Emergencies: which danger it is, when it is rung again and up to whom it has been rung"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default that the database knows, so that no table has to be copied.
    op.add_column(
        "issue",
        sa.Column("danger", sa.String(length=100), nullable=False, server_default=sa.text("''")),
    )
    op.add_column("issue", sa.Column("ring_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("issue", sa.Column("rung_to", sa.String(length=20), nullable=True))
    where = sa.text("ring_at IS NOT NULL")
    op.create_index(
        "ix_issue_ring_at", "issue", ["ring_at"], sqlite_where=where, postgresql_where=where
    )
    where = sa.text("danger <> ''")
    op.create_index(
        "ix_issue_danger_reported_at",
        "issue",
        ["reported_at"],
        sqlite_where=where,
        postgresql_where=where,
    )


def downgrade() -> None:
    op.drop_index("ix_issue_danger_reported_at", "issue")
    op.drop_index("ix_issue_ring_at", "issue")
    for column in ("rung_to", "ring_at", "danger"):
        op.drop_column("issue", column)
