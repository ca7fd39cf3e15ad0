"""What a person must know of (notices), and what Pavois must remember of itself (settings)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bot.db.part import Part
from bot.db.rows import kept_message, notice_of
from bot.db.tables import UtcDateTime, notices, settings
from bot.model import STOP, Notice
from bot.words import Message

#: The setting of a database that was moved: where to.
MOVED = "moved"
#: The setting of a copy that is not to be used yet: where from.
ARRIVING = "arriving"


class Journal(Part):
    """Notices and settings."""

    def notices(self) -> list[Notice]:
        """Those that nobody has settled, oldest first."""
        with self._reading() as connection:
            rows = connection.execute(
                select(notices).where(notices.c.settled_at.is_(None)).order_by(notices.c.id)
            )
            return [notice_of(row) for row in rows]

    def notify(self, subject: str, message: Message) -> None:
        """A notice about *subject*, unless the same stands there unsettled."""
        with self._writing() as connection:
            notify(connection, subject, message, self._clock.now())

    def settle(self, subject: str) -> None:
        """The notices about *subject* have been dealt with."""
        with self._writing() as connection:
            settle(connection, subject, self._clock.now())

    def settle_numbers(self, numbers: Collection[int]) -> int:
        """A person has dealt with the notices of these numbers; how many stood there.

        That everything is stopped cannot be ticked off: it ends when sending goes on.
        """
        with self._writing() as connection:
            return connection.execute(
                update(notices)
                .where(
                    notices.c.id.in_(numbers),
                    notices.c.subject != STOP,
                    notices.c.settled_at.is_(None),
                )
                .values(settled_at=self._clock.now())
            ).rowcount

    def setting(self, key: str) -> str:
        """What was remembered under *key*, or ""."""
        with self._reading() as connection:
            return connection.scalar(select(settings.c.value).where(settings.c.key == key)) or ""

    def remember(self, key: str, value: str) -> None:
        with self._writing() as connection:
            connection.execute(delete(settings).where(settings.c.key == key))
            connection.execute(insert(settings).values(key=key, value=value, at=self._clock.now()))


def notify(connection: Connection, subject: str, message: Message, now: datetime) -> None:
    """Write a notice about *subject*, unless the same stands there unsettled."""
    kept = kept_message(message)
    standing = connection.scalars(
        select(notices.c.message).where(
            notices.c.subject == subject, notices.c.settled_at.is_(None)
        )
    )
    if kept not in standing.all():
        connection.execute(insert(notices).values(subject=subject, message=kept, at=now))


def settle(connection: Connection, subject: str, now: datetime) -> None:
    """The notices about *subject* have been dealt with."""
    settle_all(connection, [subject], now)


def settle_all(connection: Connection, subjects: Sequence[str], now: datetime) -> None:
    """The notices about each of *subjects* have been dealt with."""
    if subjects:
        connection.execute(_SETTLE, {"subjects": subjects, "now": now})


_SETTLE = (
    update(notices)
    .where(
        notices.c.subject.in_(bindparam("subjects", expanding=True)),
        notices.c.settled_at.is_(None),
    )
    .values(settled_at=bindparam("now", type_=UtcDateTime))
)
