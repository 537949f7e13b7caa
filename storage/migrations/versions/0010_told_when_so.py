"""When the first card was delivered, who presses a department that leads; what leaves by night"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

#: What has been accepted once, or waits for long, is not counted from now on.
COUNTED = """
UPDATE issue SET unaccepted = 2 WHERE state <> 'pending' OR EXISTS (
  SELECT 1 FROM event WHERE event.issue_id = issue.id AND event.kind IN ('accept', 'mark'))
"""
#: The answers to what somebody has just done.
ANSWERS = "UPDATE outbox SET by_night = true WHERE key LIKE 'reply:%' AND state = 'waiting'"


def upgrade() -> None:
    # With defaults that the database knows, so that no table has to be copied.
    op.add_column("issue", sa.Column("carded_at", sa.DateTime(timezone=True)))
    op.add_column(
        "issue",
        sa.Column("unaccepted", sa.Integer(), nullable=False, server_default=sa.text("0")),
    )
    op.add_column("issue", sa.Column("pressed_from", sa.String(length=20)))
    op.execute(COUNTED)
    op.add_column(
        "outbox",
        sa.Column("by_night", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.execute(ANSWERS)


def downgrade() -> None:
    op.drop_column("outbox", "by_night")
    op.drop_column("issue", "pressed_from")
    op.drop_column("issue", "unaccepted")
    op.drop_column("issue", "carded_at")
