"""A post that was taken for another: what is put right when the other one's own answer comes."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select, update

from bot.db.rows import kept_message
from bot.db.tables import attempts, posts
from bot.model import AttemptState, Post, PostState
from bot.words import N_, Message

#: Why a post that was found is looked for again.
MISTAKEN = N_("What it was found to be is post {id}: it is looked for again.")


#: A name on a network: which network, and what it calls the post.
Name = tuple[str, str]


def owners(connection: Connection, names: Collection[Name]) -> dict[Name, Row[Any]]:
    """Whose each of *names* is known to be: the post's id, account, attempts and state."""
    if not names:
        return {}
    networks, remote_ids = zip(*names, strict=True)
    rows = connection.execute(
        _OWNERS, {"networks": list(dict.fromkeys(networks)), "remote_ids": list(remote_ids)}
    )
    return {(row.network, row.remote_id): row for row in rows}


_OWNERS: Select[Any] = select(
    posts.c.id,
    posts.c.account,
    posts.c.attempts,
    posts.c.state,
    posts.c.network,
    posts.c.remote_id,
).where(
    posts.c.network.in_(bindparam("networks", expanding=True)),
    posts.c.remote_id.in_(bindparam("remote_ids", expanding=True)),
)


def doubt(connection: Connection, mistaken: Row[Any], owner: Post, now: datetime) -> None:
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
