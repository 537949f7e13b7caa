"""What each tick did last, what is wrong, who has looked"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_LOST = "fetch_at IS NULL AND tries > 0 AND path = ''"


def _partly(name: str, table: str, columns: list[str], where: str) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    _partly("ix_attachment_lost", "attachment", ["added_at"], _LOST)
    op.add_column(
        "heartbeat", sa.Column("error", sa.Text(), nullable=False, server_default=sa.text("''"))
    )
    op.add_column("heartbeat", sa.Column("failed_at", sa.DateTime(timezone=True)))
    op.add_column(
        "export",
        sa.Column("command", sa.String(length=200), nullable=False, server_default=sa.text("''")),
    )
    op.create_table(
        "trouble",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_trouble")),
    )


def downgrade() -> None:
    op.drop_table("trouble")
    op.drop_column("export", "command")
    op.drop_column("heartbeat", "failed_at")
    op.drop_column("heartbeat", "error")
    op.drop_index("ix_attachment_lost", "attachment")
