"""Lines of the ledger: added, never rewritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert

from bot.db.tables import attempts
from bot.model import PUBLISH, AttemptState, Post

_APPEND = insert(attempts)


def line(post: Post, state: AttemptState, at: datetime, act: str = PUBLISH) -> dict[str, Any]:
    """A line for the last attempt of *post*, which is to do *act*."""
    return {
        "post_id": post.id,
        "number": post.attempts,
        "state": state,
        "at": at,
        "account": post.account,
        "act": act,
    }


def append(connection: Connection, lines: Sequence[Mapping[str, Any]]) -> None:
    """Add *lines*, which all say the same things of theirs."""
    if lines:
        connection.execute(_APPEND, lines)
