"""Which posts can be claimed: the questions that `bot.db.ledger` asks in its transactions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, select, update

from bot.db.brake import may_go
from bot.db.rows import IS_BEFORE, ITS_TURN, before, select_posts
from bot.db.tables import accounts, announcements, attempts, posts
from bot.model import AccountState, AttemptState, PostState
from bot.pace import DAY, Limits, Sent

#: X's and LinkedIn's limits end within a day.
LONGEST_WAIT = timedelta(hours=26)


class Begun(Enum):
    """Whether a call may be made now."""

    YES = auto()
    #: The post is somebody else's by now.
    LOST = auto()
    #: A person has stopped everything.
    STOPPED = auto()
    #: It would go beyond the month's budget of its network.
    TOO_DEAR = auto()


def heads(
    connection: Connection, campaign: str, now: datetime, busy: Collection[str]
) -> Sequence[Row[Any]]:
    """The first due post of each ready account that nobody sends for, oldest first.

    One seek of an index per account, however much is queued. Elsewhere than on SQLite, where
    writers queue up, accounts that another daemon is claiming for are skipped.
    """
    first = (
        select(posts.c.id)
        .join_from(posts, announcements)
        .outerjoin(before, IS_BEFORE)
        .where(
            posts.c.account == accounts.c.slug,
            posts.c.state == PostState.QUEUED,
            posts.c.next_try <= now,
            announcements.c.campaign == campaign,
            ITS_TURN,
            may_go(),
        )
        .order_by(posts.c.next_try, posts.c.due, posts.c.id)
        .limit(1)
        .correlate(accounts)
        .scalar_subquery()
    )
    found = connection.scalars(
        select(first)
        .where(
            accounts.c.state == AccountState.READY,
            accounts.c.slug.not_in(busy),
            ~waits(now),
            ~is_busy(),
        )
        .select_from(accounts)
        .with_for_update(of=accounts, skip_locked=True)
    )
    heads = [post_id for post_id in found if post_id is not None]
    if not heads:
        return []
    return connection.execute(
        select_posts()
        .add_columns(accounts.c.sent_at)
        .join(accounts, accounts.c.slug == posts.c.account)
        .where(posts.c.id.in_(heads))
        .order_by(posts.c.next_try, posts.c.due, posts.c.id)
    ).all()


def is_busy() -> ColumnElement[bool]:
    """Whether somebody has a post of the account in hand: it sends one at a time, in order."""
    in_hand = posts.alias("in_hand")
    return exists().where(
        in_hand.c.account == accounts.c.slug, in_hand.c.state == PostState.SENDING
    )


def sent(connection: Connection, row: Row[Any], limits: Limits, now: datetime) -> Sent:
    """What the account of *row* has sent; the posts of a day only where they are limited."""
    today: tuple[datetime, ...] = ()
    if limits.posts_a_day:
        today = tuple(
            connection.scalars(
                select(attempts.c.at)
                .where(
                    attempts.c.account == row.account,
                    attempts.c.state == AttemptState.SENDING,
                    attempts.c.at > now - DAY,
                    # One with a cause was written by a restore.
                    attempts.c.cause.is_(None),
                )
                .order_by(attempts.c.at)
            )
        )
    return Sent(row.sent_at, today)


def put_off(connection: Connection, post_id: int, at: datetime) -> None:
    connection.execute(update(posts).where(posts.c.id == post_id).values(next_try=at))


def take(connection: Connection, row: Row[Any], sender: str, lease_until: datetime) -> bool:
    taken = connection.execute(
        update(posts)
        .where(
            posts.c.id == row.id,
            posts.c.state == PostState.QUEUED,
            posts.c.attempts == row.attempts,
        )
        .values(
            state=PostState.SENDING,
            sender=sender,
            lease_until=lease_until,
            attempts=row.attempts + 1,
        )
    )
    return taken.rowcount == 1


def waits(now: datetime) -> ColumnElement[bool]:
    """Whether an account waits because its network asked it to; a wait too long to be true, noted
    while this machine's clock was wrong, is none."""
    wait_until = func.coalesce(accounts.c.wait_until, now)
    return and_(wait_until > now, wait_until <= now + LONGEST_WAIT)
