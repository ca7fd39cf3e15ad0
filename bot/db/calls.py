"""What was used of an account's limits: calls of a day, posts of a day, money of a month."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select, text

from bot.db.part import Part
from bot.db.tables import attempts, calls, spending
from bot.model import PUBLISH, RESEND, AttemptState

#: SQLite and PostgreSQL understand it alike, and do it as one: two daemons never take the same one.
_TAKE = text(
    "INSERT INTO calls (account, day, count) VALUES (:account, :day, 1)"
    " ON CONFLICT (account, day) DO UPDATE SET count = calls.count + 1 WHERE calls.count < :most"
)


class Calls(Part):
    """Counts calls before they are made, and tells what else was used."""

    def take(self, account: str, day: date, ceiling: int, kept: int = 0) -> bool:
        """Count one more call of *account* on *day* (UTC), *kept* of its *ceiling* being left.

        False, and nothing is counted, when it may make no more. Without a ceiling (0) it always
        may, and nothing is counted either.
        """
        if not ceiling:
            return True
        most = ceiling - kept
        if most < 1:
            return False
        values = {"account": account, "day": day.isoformat(), "most": most}
        with self._writing() as connection:
            return connection.execute(_TAKE, values).rowcount == 1

    def made(self, account: str, day: date) -> int:
        """How many calls of *account* were counted on *day* (UTC)."""
        with self._reading() as connection:
            query = select(calls.c.count).where(
                calls.c.account == account, calls.c.day == day.isoformat()
            )
            return connection.scalar(query) or 0

    def sent(self, account: str, since: datetime) -> int:
        """How many posts of *account* went to the wire after *since*."""
        return self._tried(account, since, PUBLISH)

    def resent(self, account: str, since: datetime) -> int:
        """How many posts of *account* were sent once more by themselves after *since*."""
        return self._tried(account, since, RESEND)

    def spent(self, network: str, month: date) -> int:
        """What was spent on *network* in the month of *month* (UTC), in millionths of a dollar."""
        with self._reading() as connection:
            query = select(spending.c.amount).where(
                spending.c.network == network, spending.c.month == f"{month:%Y-%m}"
            )
            return connection.scalar(query) or 0

    def _tried(self, account: str, since: datetime, act: str) -> int:
        with self._reading() as connection:
            query = select(func.count()).where(
                attempts.c.account == account,
                attempts.c.state == AttemptState.SENDING,
                attempts.c.at > since,
                attempts.c.act == act,
                # One with a cause was written by a restore.
                attempts.c.cause.is_(None),
            )
            return connection.scalar(query) or 0
