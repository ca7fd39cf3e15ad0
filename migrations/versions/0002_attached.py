"""What goes out with a text, and threads"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_LIVE = sa.text("state != 'cancelled'")


def upgrade() -> None:
    op.add_column("posts", sa.Column("attached", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("posts", sa.Column("part", sa.Integer(), server_default="0", nullable=False))
    _live_again(["announcement_id", "account", "language", "part"])


def downgrade() -> None:
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
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
