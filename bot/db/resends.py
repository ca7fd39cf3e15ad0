"""A post that is sent once more: from uncertain to sending in one step, never by way of the queue,
where a crash would make an ordinary try of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, update

from bot.db.brake import may_go
from bot.db.claims import is_busy, put_off, sent, waits
from bot.db.lines import append, line
from bot.db.part import Part
from bot.db.rows import post_of, select_posts
from bot.db.tables import accounts, posts
from bot.model import RESEND, AccountState, AttemptState, Post, PostState
from bot.pace import LONGEST_WAIT, Limits, may_go_at

#: When to try again while somebody else has a post of the account in hand.
IN_TURN_AFTER = timedelta(seconds=30)


class Resends(Part):
    """Claims for sending once more."""

    def claim_again(
        self, post: Post, sender: str, lease: timedelta, limits: Limits, until: datetime
    ) -> Post | None:
        """*post*, which is uncertain, *sender*'s alone until the lease ends: to be sent once more.

        All that holds for other posts holds for it: its account's state, order and limits, a stop.
        None if it cannot go now; if it can before *until*, it is put off, and nobody asked before.
        """
        now = self._clock.now()
        with self._writing() as connection:
            row = _uncertain(connection, post, now)
            if row is None:
                return None
            at = _may_go_at(connection, row, limits, now)
            if now < at < until:
                put_off(connection, post.id, at)
            if at > now:
                return None
            _take(connection, post, sender, now, now + lease)
            taken = connection.execute(select_posts().where(posts.c.id == post.id))
            return post_of(taken.one())


def _uncertain(connection: Connection, post: Post, now: datetime) -> Row[Any] | None:
    """The row of *post*, if it stands as it was read and may go."""
    query = (
        select_posts()
        .add_columns(
            accounts.c.sent_at,
            accounts.c.wait_until,
            waits().label("waits"),
            is_busy().label("is_busy"),
        )
        .join(accounts, accounts.c.slug == posts.c.account)
        .where(
            posts.c.id == post.id,
            posts.c.state == PostState.UNCERTAIN,
            posts.c.attempts == post.attempts,
            accounts.c.state == AccountState.READY,
            may_go(),
        )
    )
    return connection.execute(query, {"now": now, "longest_wait": now + LONGEST_WAIT}).first()


def _may_go_at(connection: Connection, row: Row[Any], limits: Limits, now: datetime) -> datetime:
    at = may_go_at(post_of(row), sent(connection, row, limits, now), limits, now)
    if row.waits:
        at = max(at, row.wait_until)
    return max(at, now + IN_TURN_AFTER) if row.is_busy else at


def _take(
    connection: Connection, post: Post, sender: str, now: datetime, lease_until: datetime
) -> None:
    taken = replace(post, attempts=post.attempts + 1)
    connection.execute(
        update(posts)
        .where(posts.c.id == post.id)
        .values(
            state=PostState.SENDING,
            sender=sender,
            lease_until=lease_until,
            attempts=taken.attempts,
        )
    )
    append(connection, [line(taken, AttemptState.PREPARED, now, RESEND)])
