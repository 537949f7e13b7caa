"""How often people have changed: the town in memory is made anew when somebody has"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("homes", sa.Integer(), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_version")),
    )
    op.execute("INSERT INTO roster_version (id, homes, seats) VALUES (1, 1, 1)")


def downgrade() -> None:
    op.drop_table("roster_version")
