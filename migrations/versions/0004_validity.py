"""When the validity of what waits ends is found without reading all that waits"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_posts_state_valid_until"), "posts", ["state", "valid_until"])


def downgrade() -> None:
    op.drop_index(op.f("ix_posts_state_valid_until"), "posts")
