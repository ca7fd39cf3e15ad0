"""What is out and still to be read back: when, and what was seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from bot.db.journal import notify
from bot.db.part import Part
from bot.db.rows import post_of, select_posts
from bot.db.tables import accounts, announcements, posts
from bot.model import AccountState, Post, PostState
from bot.words import Message

_READABLE = posts.c.account.in_(
    select(accounts.c.slug).where(accounts.c.state == AccountState.READY)
)


class Proofs(Part):
    """Posts to be read back. While one is, its `looks` count the vain ones."""

    def plan(self, post_id: int, at: datetime) -> None:
        """The post is to be read back *at*; the looks are counted anew."""
        with self._writing() as connection:
            connection.execute(
                update(posts).where(posts.c.id == post_id).values(read_back_at=at, looks=0)
            )

    def due(self, campaign: str) -> list[Post]:
        """The posts whose time to be read back has come, by account; of one that is held nothing
        can be read until it is released."""
        query = select_posts().where(
            announcements.c.campaign == campaign,
            _READABLE,
            posts.c.state == PostState.PUBLISHED,
            posts.c.read_back_at <= self._clock.now(),
        )
        with self._reading() as connection:
            rows = connection.execute(query.order_by(posts.c.account, posts.c.id))
            return [post_of(row) for row in rows]

    def next_at(self, campaign: str) -> datetime | None:
        """When the next post is to be read back; None: there is none."""
        with self._reading() as connection:
            at: datetime | None = connection.scalar(
                select(func.min(posts.c.read_back_at))
                .join(announcements)
                .where(
                    announcements.c.campaign == campaign,
                    posts.c.state == PostState.PUBLISHED,
                    _READABLE,
                )
            )
        return at

    def later(self, post: Post, at: datetime) -> None:
        """A look told nothing: the next is *at*."""
        with self._writing() as connection:
            change_out(connection, post, read_back_at=at, looks=post.looks + 1)

    def put_off(self, post: Post, at: datetime) -> None:
        """There was no look: it is made *at*."""
        with self._writing() as connection:
            change_out(connection, post, read_back_at=at)

    def done(self, post: Post, said: Iterable[Message] = ()) -> None:
        """It was read back, or will not be: *said* is what a person must know of.

        Nothing is written of a post that was corrected or deleted meanwhile.
        """
        with self._writing() as connection:
            if change_out(connection, post, read_back_at=None, looks=0):
                for message in said:
                    notify(connection, f"post {post.id}", message, self._clock.now())


def change_out(connection: Connection, post: Post, **values: Any) -> bool:
    """Change *post*, which is out, unless something was tried on it since it was read."""
    changed = connection.execute(
        update(posts)
        .where(
            posts.c.id == post.id,
            posts.c.attempts == post.attempts,
            posts.c.state == PostState.PUBLISHED,
        )
        .values(**values)
    )
    return changed.rowcount > 0
