"""What was spent in a month: reserved when a call is made, given back when it was for nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, true, update

from bot.db.tables import attempts, spending
from bot.model import AttemptState, Post


def month_of(instant: datetime) -> str:
    """The month of *instant* in UTC, as budgets count: `2026-11`."""
    return f"{instant.astimezone(UTC):%Y-%m}"


def reserve(
    connection: Connection, network: str, now: datetime, price: int, budget: int | None
) -> bool:
    """Add *price* to what is spent in the month, unless it would go beyond *budget*: one statement
    decides, whoever else reserves at the same time."""
    month = month_of(now)
    this_month = select(spending.c.amount).where(
        spending.c.network == network, spending.c.month == month
    )
    if connection.scalar(this_month) is None:
        connection.execute(insert(spending).values(network=network, month=month, amount=0))
    within = spending.c.amount + price <= budget if budget is not None else true()
    return (
        connection.execute(
            update(spending)
            .where(spending.c.network == network, spending.c.month == month, within)
            .values(amount=spending.c.amount + price)
        ).rowcount
        == 1
    )


def give_back(connection: Connection, post: Post) -> None:
    """What was reserved for the last attempt of *post*: networks take nothing for a refusal."""
    row = connection.execute(
        select(attempts.c.price, attempts.c.at).where(
            attempts.c.post_id == post.id,
            attempts.c.number == post.attempts,
            attempts.c.state == AttemptState.SENDING,
        )
    ).first()
    if row is not None and row.price:
        connection.execute(
            update(spending)
            .where(spending.c.network == post.network, spending.c.month == month_of(row.at))
            .values(amount=spending.c.amount - row.price)
        )
