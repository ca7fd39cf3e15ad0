"""What goes out with a text, threads, and the pages that are linked to"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("posts", sa.Column("attached", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("posts", sa.Column("part", sa.Integer(), server_default="0", nullable=False))
    _live_again(["announcement_id", "account", "language", "part"])
    op.create_table(
        "pages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("picture", sa.String(length=64), server_default="", nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint("url", name=op.f("uq_pages_url")),
    )


def downgrade() -> None:
    op.drop_table("pages")
    _live_again(["announcement_id", "account", "language"])
    op.drop_column("posts", "part")
    op.drop_column("posts", "attached")


def _live_again(columns: list[str]) -> None:
    op.drop_index("uq_posts_live", "posts")
    op.create_index(
        "uq_posts_live",
        "posts",
        columns,
        unique=True,
        **_where_live(),
    )


def _where_live() -> dict[str, Any]:
    """For the database at hand alone: to name another would load what belongs to it."""
    return {f"{op.get_context().dialect.name}_where": sa.text("state != 'cancelled'")}
