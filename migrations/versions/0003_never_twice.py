"""Distances between posts, budgets, what was tried besides publishing, reading back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NEW = {
    "accounts": (sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),),
    "posts": (
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_back_at", sa.DateTime(timezone=True), nullable=True),
    ),
    "attempts": (
        sa.Column("act", sa.String(length=20), server_default="publish", nullable=False),
        sa.Column("price", sa.Integer(), nullable=True),
        sa.Column("repeats", sa.Boolean(), server_default=sa.false(), nullable=False),
    ),
}
_INDEXES = (
    ("posts", ("account", "state", "next_try")),
    ("posts", ("read_back_at",)),
    ("attempts", ("account", "state", "at")),
)


def upgrade() -> None:
    for table, columns in _NEW.items():
        for column in columns:
            op.add_column(table, column)
    for table, names in _INDEXES:
        op.create_index(op.f(f"ix_{table}_{'_'.join(names)}"), table, list(names))
    op.create_table(
        "spending",
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("network", "month", name=op.f("pk_spending")),
    )
    op.create_table(
        "calls",
        sa.Column("account", sa.String(length=80), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "day", name=op.f("pk_calls")),
    )


def downgrade() -> None:
    op.drop_table("calls")
    op.drop_table("spending")
    for table, names in _INDEXES:
        op.drop_index(op.f(f"ix_{table}_{'_'.join(names)}"), table)
    for table, columns in _NEW.items():
        for column in columns:
            op.drop_column(table, column.name)
