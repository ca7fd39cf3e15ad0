"""Claims, and the word that a call is made: what `bot.db.ledger` does of it in its transactions.

Many posts at a time: each statement is made once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    and_,
    bindparam,
    exists,
    func,
    select,
    update,
)

from bot.db.brake import may_go
from bot.db.lines import append, line
from bot.db.money import reserve
from bot.db.rows import IS_BEFORE, ITS_TURN, before, post_of, select_posts
from bot.db.tables import UtcDateTime, accounts, announcements, attempts, posts
from bot.model import PUBLISH, AccountState, AttemptState, Post, PostState
from bot.pace import DAY, LONGEST_WAIT, Limits, Sent, is_late, may_go_at


class Begun(Enum):
    """Whether a call may be made now."""

    YES = auto()
    #: The post is somebody else's by now.
    LOST = auto()
    #: A person has stopped everything.
    STOPPED = auto()
    #: It would go beyond the month's budget of its network.
    TOO_DEAR = auto()


@dataclass(frozen=True, slots=True)
class Call:
    """A call that may publish *post*. *price* is what it costs, of the *budget* of its network in
    this month (both in millionths of a dollar): reserved, or the call is not to be made. *act* is
    what the ledger says of it."""

    post: Post
    price: int | None = None
    budget: int | None = None
    act: str = PUBLISH


@dataclass(frozen=True, slots=True)
class Claimed:
    """A post that is its sender's now. `begun` is whether its call may be made; None: nobody has
    asked that yet."""

    post: Post
    begun: Begun | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Who claims until when, and what: *most* posts of *campaign*, none of a *busy* account."""

    campaign: str
    sender: str
    lease_until: datetime
    limits_of: Callable[[str], Limits]
    busy: Collection[str]
    most: int


# ── claims


def take_heads(connection: Connection, claim: Claim, now: datetime) -> list[Post]:
    """Claim the first due post of each account that is free, oldest first; put off those that
    would go too soon."""
    taken: list[Post] = []
    look_behind = True
    while look_behind and len(taken) < claim.most:
        # Behind a post that is put off there may be one that can go.
        look_behind = False
        free: list[Post] = []
        for row in _heads(connection, claim, now):
            limits = claim.limits_of(row.account)
            at = may_go_at(post_of(row), sent(connection, row, limits, now), limits, now)
            if at > now:
                put_off(connection, row.id, at)
                look_behind = True
            elif len(taken) + len(free) < claim.most:
                free.append(post_of(row))
        taken += _take(connection, free, claim)
    append(connection, [line(post, AttemptState.PREPARED, now) for post in taken])
    return taken


def _heads(connection: Connection, claim: Claim, now: datetime) -> Sequence[Row[Any]]:
    """The first due post of each ready account that nobody sends for, oldest first."""
    found = connection.scalars(
        _FIRST_DUE,
        {
            "campaign": claim.campaign,
            "busy": list(claim.busy),
            "now": now,
            "longest_wait": now + LONGEST_WAIT,
        },
    )
    heads = [post_id for post_id in found if post_id is not None]
    return connection.execute(_STILL_FREE, {"ids": heads}).all() if heads else []


def sent(connection: Connection, row: Row[Any], limits: Limits, now: datetime) -> Sent:
    """What the account of *row* has sent; the posts of a day only where they are limited, the
    late ones only for one that is late itself."""
    today: tuple[datetime, ...] = ()
    if limits.posts_a_day:
        since = {"account": row.account, "since": now - DAY}
        today = tuple(connection.scalars(_SENT_SINCE, since))
    return Sent(row.sent_at, today, _late_at(connection, row, limits, now))


def _late_at(
    connection: Connection, row: Row[Any], limits: Limits, now: datetime
) -> datetime | None:
    """When a post of the account of *row* that was late last went to the wire, if that is near."""
    gap = limits.catch_up_gap
    if not gap or not is_late(row.due, now, limits):
        return None
    near = {"account": row.account, "since": now - gap, "until": now + gap}
    late = [at for at, due in connection.execute(_SENT_NEAR, near) if is_late(due, at, limits)]
    return max(late, default=None)


def put_off(connection: Connection, post_id: int, at: datetime) -> None:
    connection.execute(_PUT_OFF, {"post": post_id, "at": at})


def _take(connection: Connection, free: Sequence[Post], claim: Claim) -> list[Post]:
    if free:
        taken = {
            "ids": [post.id for post in free],
            "by": claim.sender,
            "until": claim.lease_until,
        }
        connection.execute(_TAKE, taken)
    return [replace(post, state=PostState.SENDING, attempts=post.attempts + 1) for post in free]


# ── calls


def begin(connection: Connection, calls: Sequence[Call], now: datetime) -> dict[int, Begun]:
    """Write down that each of *calls* is made now, as far as the budgets go; of each post whether
    it may be."""
    within = _within_budget(connection, calls, now)
    made = [call for call in calls if within[call.post.id]]
    append(
        connection,
        [
            {**line(call.post, AttemptState.SENDING, now, call.act), "price": call.price}
            for call in made
        ],
    )
    if made:
        slugs = [call.post.account for call in made]
        connection.execute(_SENT_NOW, {"slugs": slugs, "now": now})
    return {post: Begun.YES if may_be else Begun.TOO_DEAR for post, may_be in within.items()}


def _within_budget(connection: Connection, calls: Sequence[Call], now: datetime) -> dict[int, bool]:
    """Reserve what *calls* cost; those (by their posts) that their budgets have room for."""
    within = {call.post.id: True for call in calls}
    networks: dict[tuple[str, int | None], list[Call]] = {}
    # By network, so that two who claim at once never wait for each other.
    for call in sorted(calls, key=lambda call: call.post.network):
        if call.price:
            networks.setdefault((call.post.network, call.budget), []).append(call)
    for (network, budget), of_it in networks.items():
        total = sum(call.price or 0 for call in of_it)
        if reserve(connection, network, now, total, budget):
            continue
        for call in of_it:
            within[call.post.id] = reserve(connection, network, now, call.price or 0, budget)
    return within


def mine(
    connection: Connection, held: Sequence[Post], sender: str, now: datetime
) -> dict[int, bool]:
    """Those of the posts *held* that are *sender*'s still, and whether they may go: whether nobody
    has stopped everything."""
    rows = connection.execute(_MINE, {"ids": [post.id for post in held], "by": sender, "now": now})
    return {row.id: bool(row.may_go) for row in rows}


# ── when there is something to do


def next_due(connection: Connection, campaign: str, now: datetime) -> datetime | None:
    """When the next post that nothing stands in the way of can be claimed: a seek of an index for
    each account, as a claim is."""
    values = {"campaign": campaign}
    return min(
        (
            max(next_try, wait_until) if _counts(wait_until, now) else next_try
            for next_try, wait_until in connection.execute(_NEXT_TRIES, values)
            if next_try is not None
        ),
        default=None,
    )


def _counts(wait_until: datetime | None, now: datetime) -> bool:
    return wait_until is not None and now < wait_until <= now + LONGEST_WAIT


# ── what is asked, put together once


@cache
def is_busy() -> ColumnElement[bool]:
    """Whether somebody has a post of the account in hand: it sends one at a time, in order."""
    in_hand = posts.alias("in_hand")
    return exists().where(
        in_hand.c.account == accounts.c.slug, in_hand.c.state == PostState.SENDING
    )


def waits() -> ColumnElement[bool]:
    """Whether the account waits because its network asked it to; a wait too long to be true, noted
    while this machine's clock was wrong, is none."""
    wait_until = func.coalesce(accounts.c.wait_until, _NOW)
    return and_(wait_until > _NOW, wait_until <= bindparam("longest_wait", type_=UtcDateTime))


def _first_queued(
    column: ColumnElement[Any], *conditions: ColumnElement[bool]
) -> ScalarSelect[Any]:
    """*column* of the first post of an account that waits for nothing but its hour."""
    return (
        select(column)
        .join_from(posts, announcements)
        .outerjoin(before, IS_BEFORE)
        .where(
            posts.c.account == accounts.c.slug,
            posts.c.state == PostState.QUEUED,
            announcements.c.campaign == bindparam("campaign"),
            ITS_TURN,
            may_go(),
            *conditions,
        )
        .order_by(posts.c.next_try, posts.c.due, posts.c.id)
        .limit(1)
        .correlate(accounts)
        .scalar_subquery()
    )


_NOW = bindparam("now", type_=UtcDateTime)
_IDS = posts.c.id.in_(bindparam("ids", expanding=True))
_IS_READY = accounts.c.state == AccountState.READY

#: The heads. On PostgreSQL claims go on beside each other: accounts that another one is claiming
#: for are skipped, and what it has claimed a moment ago is seen by the second look only.
_FIRST_DUE = (
    select(_first_queued(posts.c.id, posts.c.next_try <= _NOW))
    .where(
        _IS_READY,
        accounts.c.slug.not_in(bindparam("busy", expanding=True)),
        ~waits(),
        ~is_busy(),
    )
    .select_from(accounts)
    .with_for_update(of=accounts, skip_locked=True)
)
_STILL_FREE = (
    select_posts()
    .add_columns(accounts.c.sent_at)
    .join(accounts, accounts.c.slug == posts.c.account)
    .where(_IDS, posts.c.state == PostState.QUEUED, ~is_busy())
    .order_by(posts.c.next_try, posts.c.due, posts.c.id)
)
_SENT_SINCE = (
    select(attempts.c.at)
    .where(
        attempts.c.account == bindparam("account"),
        attempts.c.state == AttemptState.SENDING,
        attempts.c.at > bindparam("since", type_=UtcDateTime),
        # One with a cause was written by a restore.
        attempts.c.cause.is_(None),
    )
    .order_by(attempts.c.at)
)
_SENT_NEAR = (
    select(attempts.c.at, posts.c.due)
    .join_from(attempts, posts)
    .where(
        attempts.c.account == bindparam("account"),
        attempts.c.state == AttemptState.SENDING,
        attempts.c.at > bindparam("since", type_=UtcDateTime),
        attempts.c.at <= bindparam("until", type_=UtcDateTime),
        attempts.c.cause.is_(None),
    )
)
_PUT_OFF = (
    update(posts)
    .where(posts.c.id == bindparam("post"))
    .values(next_try=bindparam("at", type_=UtcDateTime))
)
_TAKE = (
    update(posts)
    .where(_IDS)
    .values(
        state=PostState.SENDING,
        sender=bindparam("by"),
        lease_until=bindparam("until", type_=UtcDateTime),
        attempts=posts.c.attempts + 1,
    )
)
_MINE = select(posts.c.id, may_go().label("may_go")).where(
    _IDS,
    posts.c.state == PostState.SENDING,
    posts.c.sender == bindparam("by"),
    posts.c.lease_until > _NOW,
)
_SENT_NOW = (
    update(accounts)
    .where(accounts.c.slug.in_(bindparam("slugs", expanding=True)))
    .values(sent_at=_NOW)
)
_NEXT_TRIES = (
    select(_first_queued(posts.c.next_try), accounts.c.wait_until)
    .where(_IS_READY, ~is_busy())
    .select_from(accounts)
)
