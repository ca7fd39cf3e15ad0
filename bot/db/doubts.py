"""A post that was taken for another: what is put right when the other one's own answer comes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from bot.db.rows import kept_message
from bot.db.tables import attempts, posts
from bot.model import AttemptState, Post, PostState
from bot.words import N_, Message

#: Why a post that was found is looked for again.
MISTAKEN = N_("What it was found to be is post {id}: it is looked for again.")


def other_owner(
    connection: Connection, post: Post, remote_id: str
) -> Row[Any, Any, Any, Any] | None:
    """Another post than *post* that is known to be *remote_id* on its network."""
    return connection.execute(
        select(posts.c.id, posts.c.account, posts.c.attempts, posts.c.state).where(
            posts.c.network == post.network,
            posts.c.remote_id == remote_id,
            posts.c.id != post.id,
        )
    ).first()


def doubt(
    connection: Connection, mistaken: Row[Any, Any, Any, Any], owner: Post, now: datetime
) -> None:
    """*mistaken* is not what it was found to be, for that is *owner*: it is uncertain again.

    The window in which it is looked for stays that of its first call.
    """
    if mistaken.state != PostState.PUBLISHED:
        return
    sent_at = connection.scalar(
        select(func.min(attempts.c.at)).where(
            attempts.c.post_id == mistaken.id, attempts.c.state == AttemptState.SENDING
        )
    )
    connection.execute(
        update(posts)
        .where(posts.c.id == mistaken.id)
        .values(
            state=PostState.UNCERTAIN,
            remote_id="",
            url="",
            published_at=None,
            read_back_at=None,
            next_try=now,
            looks=0,
            attempts=mistaken.attempts + 1,
        )
    )
    cause = kept_message(Message(MISTAKEN, {"id": owner.id}))
    for state, at in ((AttemptState.SENDING, sent_at or now), (AttemptState.UNCERTAIN, now)):
        connection.execute(
            insert(attempts).values(
                post_id=mistaken.id,
                number=mistaken.attempts + 1,
                state=state,
                at=at,
                account=mistaken.account,
                cause=cause,
            )
        )
