"""What a restored database takes over from the one whose place it takes.

A copy knows neither that a person has stopped everything since, nor what was used of the limits
since: without that, to restore would be to go on, and to spend the same money once more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, create_engine, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from bot.db.brake import stop, stop_of
from bot.db.tables import notices
from bot.model import STOP, Stopped


@dataclass(frozen=True, slots=True)
class Handed:
    """Whether all was stopped, and by whom."""

    stopped: Stopped | None = None
    who: str = ""


#: What a database hands over that knows of nothing.
NOTHING_HANDED = Handed()


def handed_by(database: Path) -> Handed:
    """What the SQLite file *database*, which nobody has open, hands over.

    It may be of any revision, damaged, gone, or no database: what cannot be read is not handed
    over.
    """
    address = f"{database.absolute().as_uri()}?mode=ro&immutable=1"
    engine = create_engine(
        "sqlite://", creator=lambda: sqlite3.connect(address, uri=True), poolclass=StaticPool
    )
    try:
        with closing(engine.connect()) as connection:
            stopped = _read(connection, stop_of())
            told = _read(connection, _TOLD)
    except DBAPIError:
        return NOTHING_HANDED
    finally:
        engine.dispose()
    return Handed(
        Stopped(stopped[0]["value"], stopped[0]["at"]) if stopped else None,
        str(told[0]["message"]["values"].get("who", "")) if told else "",
    )


def take_over(connection: Connection, handed: Handed, now: datetime) -> None:
    """Have the restored database at *connection* know what was *handed* over."""
    if handed.stopped:
        stop(connection, handed.stopped, handed.who, now)


_TOLD = select(notices.c.message).where(notices.c.subject == STOP, notices.c.settled_at.is_(None))


def _read(connection: Connection, query: Select[Any]) -> Sequence[Any]:
    """The rows of *query*, if they can be read."""
    try:
        return connection.execute(query).mappings().all()
    except (DBAPIError, TypeError, ValueError):
        return ()
