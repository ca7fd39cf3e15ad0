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

from sqlalchemy import Column, Connection, Executable, RowMapping, Select, create_engine, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from bot.db.brake import stop, stop_of
from bot.db.tables import calls, notices, spending
from bot.model import STOP, Stopped

#: What counts what was used, and where: money of a month, calls of a day.
_COUNTS = (spending.c.amount, calls.c.count)


@dataclass(frozen=True, slots=True)
class Handed:
    """Whether all was stopped, and by whom; the rows of what was used, by `_COUNTS`."""

    stopped: Stopped | None = None
    who: str = ""
    used: tuple[Sequence[RowMapping], ...] = ((),) * len(_COUNTS)


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
            used = tuple(_read(connection, select(count.table)) for count in _COUNTS)
    except DBAPIError:
        return NOTHING_HANDED
    finally:
        engine.dispose()
    return Handed(
        Stopped(stopped[0]["value"], stopped[0]["at"]) if stopped else None,
        str(told[0]["message"]["values"].get("who", "")) if told else "",
        used,
    )


def take_over(connection: Connection, handed: Handed, now: datetime) -> None:
    """Have the restored database at *connection*, SQLite's until it is put in the other's place,
    know what was *handed* over."""
    if handed.stopped:
        stop(connection, handed.stopped, handed.who, now)
    for count, rows in zip(_COUNTS, handed.used, strict=True):
        if rows:
            connection.execute(_at_least(count), [dict(row) for row in rows])


_TOLD = select(notices.c.message).where(notices.c.subject == STOP, notices.c.settled_at.is_(None))


def _at_least(count: Column[int]) -> Executable:
    """Of what is there and what is given, the greater *count* is kept: none is lost, whichever of
    both databases went on counting."""
    table = count.table
    given = sqlite.insert(table)
    return given.on_conflict_do_update(
        index_elements=table.primary_key,
        set_={count.name: given.excluded[count.name]},
        where=given.excluded[count.name] > count,
    )


def _read(connection: Connection, query: Select[Any]) -> Sequence[RowMapping]:
    """The rows of *query*, if they can be read."""
    try:
        return connection.execute(query).mappings().all()
    except (DBAPIError, TypeError, ValueError):
        return ()
