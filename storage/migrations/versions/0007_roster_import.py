"""Which roster file was imported last"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_import",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("people", sa.String(length=64), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_roster_import")),
    )


def downgrade() -> None:
    op.drop_table("roster_import")
