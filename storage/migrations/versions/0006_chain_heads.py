"""The last link of an issue's chain on the issue itself; what an open question is about"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FILL = """
UPDATE issue SET
  last_seq = coalesce((SELECT max(seq) FROM event WHERE event.issue_id = issue.id), 0),
  last_hash = coalesce((SELECT hash FROM event WHERE event.issue_id = issue.id
                        ORDER BY seq DESC LIMIT 1), '')
"""


def upgrade() -> None:
    # With defaults that the database knows, so that no table has to be copied.
    op.add_column(
        "issue", sa.Column("last_seq", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.add_column(
        "issue",
        sa.Column("last_hash", sa.String(length=64), nullable=False, server_default=sa.text("''")),
    )
    op.execute(FILL)
    op.add_column(
        "dialogue",
        sa.Column("subject", sa.String(length=60), nullable=False, server_default=sa.text("''")),
    )
    op.create_index("ix_dialogue_subject", "dialogue", ["subject"])


def downgrade() -> None:
    op.drop_index("ix_dialogue_subject", "dialogue")
    op.drop_column("dialogue", "subject")
    op.drop_column("issue", "last_hash")
    op.drop_column("issue", "last_seq")
