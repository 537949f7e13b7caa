"""The outbox knows no issue: plain subject and guard; indexes over the parts that are looked at"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

OPEN = "state IN ('pending', 'accepted', 'working', 'suspended')"
UNSETTLED = "state IN ('waiting', 'sending')"
READY = f"{UNSETTLED} AND batch <> ''"
NOT_DONE = "state IN ('failed', 'dead')"
FETCH_AT = "ix_attachment_fetch_at"


def upgrade() -> None:
    _outbox()
    _replace("inbox", "ix_inbox_state", "ix_inbox_not_done", "state", "id", where=NOT_DONE)
    untold = "told_at IS NULL"
    _replace("in_person", "ix_in_person_told_at", "ix_in_person_since", "since", where=untold)
    waiting = "fetch_at IS NOT NULL"
    _replace("attachment", FETCH_AT, FETCH_AT, "fetch_at", where=waiting)
    _index("endorsement", "ix_endorsement_household_id", "household_id")
    _issue()


def _outbox() -> None:
    for name in ("issue_id", "batch", "next_at", "target_sent_at"):
        op.drop_index(f"ix_outbox_{name}", table_name="outbox")
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("subject", sa.String(length=60)))
        batch.add_column(sa.Column("guard", sa.String(length=40)))
    _fill()
    with op.batch_alter_table("outbox") as batch:
        batch.alter_column("subject", existing_type=sa.String(length=60), nullable=False)
        batch.alter_column("guard", existing_type=sa.String(length=40), nullable=False)
        batch.drop_column("issue_id")
        batch.drop_column("while_open")
    _index("outbox", "ix_outbox_ready", "next_at", "id", where=READY)
    _index("outbox", "ix_outbox_loose", "next_at", "id", where="state = 'waiting' AND batch = ''")
    _index("outbox", "ix_outbox_target_state", "target", "state", where=UNSETTLED)
    _index("outbox", "ix_outbox_batch", "batch", where=READY)
    _index("outbox", "ix_outbox_dead", "batch", where="state = 'dead'")
    sent = "sent_at IS NOT NULL"
    _index("outbox", "ix_outbox_target_sent_at", "target", "sent_at", where=sent)
    _index("outbox", "ix_outbox_target_created_at", "target", "created_at")


def _fill() -> None:
    """What was said by a reference and a flag; a flag without an issue never dropped anything."""
    outbox = sa.table(
        "outbox",
        sa.column("issue_id", sa.Integer()),
        sa.column("while_open", sa.Boolean()),
        sa.column("subject", sa.String()),
        sa.column("guard", sa.String()),
    )
    about = sa.literal("issue:") + sa.cast(outbox.c.issue_id, sa.String())
    named = outbox.c.issue_id.is_not(None)
    subject = sa.case((named, about), else_="")
    guard = sa.case((sa.and_(named, outbox.c.while_open.is_(sa.true())), "open"), else_="")
    op.execute(sa.update(outbox).values(subject=subject, guard=guard))


def _issue() -> None:
    op.drop_index("ix_issue_reporter", table_name="issue")
    _index("issue", "ix_issue_reporter_reported_at", "reporter", "reported_at")
    _index("issue", "ix_issue_household_id_reported_at", "household_id", "reported_at")
    _index("issue", "ix_issue_open_unit_id_reported_at", "unit_id", "reported_at", where=OPEN)
    _index("issue", "ix_issue_open_holder_id", "holder_id", where=OPEN)
    for column in ("behalf_id", "lead_unit_id"):
        name = f"ix_issue_{column}"
        _replace("issue", name, name, column, where=f"{column} IS NOT NULL")
    _index("assist", "ix_assist_unit_id", "unit_id")


def _replace(table: str, old: str, new: str, *columns: str, where: str) -> None:
    op.drop_index(old, table_name=table)
    _index(table, new, *columns, where=where)


def _index(table: str, name: str, *columns: str, where: str = "") -> None:
    part = sa.text(where) if where else None
    op.create_index(name, table, list(columns), sqlite_where=part, postgresql_where=part)
