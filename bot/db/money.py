"""What was spent in a month: reserved when a call is made, given back when it was for nothing."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Connection, bindparam, delete, insert, select, text, update

from bot.db.journal import settle
from bot.db.part import Part
from bot.db.tables import attempts, posts, settings, spending
from bot.model import AttemptState, Post

Names = frozenset[str]


class Money(Part):
    """What was read, where reading costs: each post once in a day of UTC, whoever reads it."""

    def reserve_reads(
        self, network: str, names: Collection[str], price: int, budget: int | None
    ) -> Names | None:
        """Count the posts *names* of *network*, which are read next: those that nobody had read
        today. *price* is what one costs, of this month's *budget*, in millionths of a dollar.

        None, and nothing is counted, when that would go beyond it.
        """
        now = self._clock.now()
        with self._writing() as connection:
            known = _read_on(connection, network, now)
            new = frozenset(names) - known
            if not reserve(connection, network, now, price * len(new), budget):
                return None
            _remember(connection, network, now, known | new)
            if new:
                settle(connection, budget_of(network), now)
            return new

    def settle_reads(
        self, network: str, at: datetime, price: int, reserved: Names, read: Names
    ) -> None:
        """Of what was *reserved* at *at*, only *read* was given, and perhaps more than that: count
        what was not, give back what nobody read."""
        if reserved == read:
            return
        with self._writing() as connection:
            known = _read_on(connection, network, at)
            new, unread = read - known, reserved - read
            if new or unread:
                reserve(connection, network, at, price * (len(new) - len(unread)), None)
                _remember(connection, network, at, (known | new) - unread)


def budget_of(network: str) -> str:
    """The subject of what a person is told of a budget."""
    return f"budget {network}"


def month_of(instant: datetime) -> str:
    """The month of *instant* in UTC, as budgets count: `2026-11`."""
    return f"{instant.astimezone(UTC):%Y-%m}"


def reserve(
    connection: Connection, network: str, now: datetime, price: int, budget: int | None
) -> bool:
    """Add *price* to what is spent in the month, unless it would go beyond *budget*: one statement
    decides, whoever else reserves at the same time."""
    month = {"network": network, "month": month_of(now)}
    connection.execute(_OPEN_MONTH, month)
    most = budget if price else None
    return connection.execute(_SPEND, {**month, "price": price, "most": most}).rowcount == 1


_OPEN_MONTH = text(
    "INSERT INTO spending (network, month, amount) VALUES (:network, :month, 0)"
    " ON CONFLICT (network, month) DO NOTHING"
)
_SPEND = text(
    "UPDATE spending SET amount = amount + :price WHERE network = :network AND month = :month"
    " AND (:most IS NULL OR amount + :price <= :most)"
).bindparams(bindparam("price", type_=BigInteger), bindparam("most", type_=BigInteger))


def give_back(connection: Connection, post: Post) -> None:
    """What was reserved for the last attempt of *post*: networks take nothing for a refusal."""
    give_back_line(connection, post.id, post.attempts)


def give_back_line(connection: Connection, post_id: int, number: int) -> None:
    """What was reserved for attempt *number* of a post, whatever was tried."""
    row = connection.execute(
        select(attempts.c.price, attempts.c.at, posts.c.network)
        .join(posts)
        .where(
            attempts.c.post_id == post_id,
            attempts.c.number == number,
            attempts.c.state == AttemptState.SENDING,
        )
    ).first()
    if row is not None and row.price:
        connection.execute(
            update(spending)
            .where(spending.c.network == row.network, spending.c.month == month_of(row.at))
            .values(amount=spending.c.amount - row.price)
        )


def _key(network: str) -> str:
    """The setting that names what was read of *network* on a day."""
    return f"read {network}"


def _read_on(connection: Connection, network: str, at: datetime) -> Names:
    """The posts that were read on the day of *at* (UTC)."""
    kept = connection.scalar(select(settings.c.value).where(settings.c.key == _key(network)))
    said = json.loads(kept) if kept else {}
    return frozenset(said["posts"]) if said.get("day") == _day(at) else frozenset()


def _remember(connection: Connection, network: str, at: datetime, read: Names) -> None:
    """The posts *read* on the day of *at*; those of the days before cost anew."""
    value = json.dumps({"day": _day(at), "posts": sorted(read)})
    connection.execute(delete(settings).where(settings.c.key == _key(network)))
    connection.execute(insert(settings).values(key=_key(network), value=value, at=at))


def _day(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%d}"
