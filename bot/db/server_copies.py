"""Copies of a database on a PostgreSQL server: what `bot.db.copies` does with a file.

They are SQLite files all the same, table by table, so that a backup of one kind is put back into
the other, and the server's own tools are needed nowhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep

from sqlalchemy import Connection, Engine, RootTransaction, Table, func, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from bot.db.copies import ORPHANS, Step, in_one_file
from bot.db.engine import (
    bare_engine,
    in_words,
    open_engine,
    refuse_newer,
    revision_of,
    store_errors,
)
from bot.db.moving import copy_tables, empty, keep_others_out, place_of, rows_of, take_time
from bot.db.tables import REVISION, metadata, settings
from bot.errors import RefusedCommand, StoreError
from bot.words import N_, Message

#: About so many bytes are a row, in a copy.
_ROW = 300
#: Looks for others, a tenth of a second apart: the server forgets a connection a moment after it
#: was closed.
_LOOKS = 20
#: Programs of other users are let be, lest one that only watches the server forbids every restore;
#: of Pavois's user, none has business here.
_OTHERS = text(
    "SELECT DISTINCT coalesce(nullif(application_name, ''), usename)"
    " || coalesce(' (' || host(client_addr) || ')', '') FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid != pg_backend_pid()"
    " AND (usename = session_user OR application_name = 'pavois') ORDER BY 1"
)


@dataclass(frozen=True, slots=True)
class ServerDatabase:
    """A `Database` on a server, at an address that may tell a password."""

    url: str = field(repr=False)

    @property
    def file(self) -> None:
        return None

    def __str__(self) -> str:
        return place_of(make_url(self.url))

    def exists(self) -> bool:
        with self._engine() as engine:
            if revision_of(engine) is None:
                return False
            with _moment(engine) as connection:
                return _is_used(connection)

    def size(self) -> int:
        with self._engine() as engine, _moment(engine) as connection:
            counts = (select(func.count()).select_from(table) for table in metadata.sorted_tables)
            return _ROW * sum(connection.scalar(count) or 0 for count in counts)

    def copied(self, target: Path, step: Step) -> None:
        with self._engine() as engine:
            self._require_present(engine)
            with _moment(engine) as connection:
                _copy(connection, target, step)

    def faults(self) -> list[Message]:
        """Tables that cannot be read, rows that belong to nothing: as much as a server tells."""
        with self._engine() as engine:
            self._require_present(engine)
            if found := [
                fault for table in metadata.sorted_tables for fault in _read(engine, table)
            ]:
                return found
            with _moment(engine) as connection:
                orphans = sum(_orphans(connection, table) for table in metadata.sorted_tables)
            return [Message(ORPHANS, {"count": orphans})] if orphans else []

    @contextmanager
    def alone(self) -> Iterator[ServerAlone]:
        """Within one transaction, for which every other writer has to wait: whoever comes after it
        was looked who is there finds what this leaves. Raises RefusedCommand, StoreError."""
        with self._engine() as engine:
            if revision_of(engine) is None:
                open_engine(self.url).dispose()
            self._require_present(engine)
            with engine.connect() as connection, connection.begin() as transaction:
                keep_others_out(connection)
                _require_alone(connection)
                yield ServerAlone(connection, transaction)

    @contextmanager
    def _engine(self) -> Iterator[Engine]:
        engine = bare_engine(self.url)
        try:
            with store_errors():
                yield engine
        finally:
            engine.dispose()

    def _require_present(self, engine: Engine) -> None:
        """A copy is made of tables that are known, and changes none."""
        revision = revision_of(engine)
        refuse_newer(revision)
        if revision != REVISION:
            raise RefusedCommand(
                N_(
                    "The tables of {place} are those of an earlier Pavois (revision {revision}). "
                    "Bring them up to date first: pavois check"
                ),
                place=str(self),
                revision=revision or "",
            )


class ServerAlone:
    """A server's database, in a transaction that ends when it has become another."""

    def __init__(self, connection: Connection, transaction: RootTransaction) -> None:
        self._connection = connection
        self._transaction = transaction
        self.is_there = _is_used(connection)
        self.in_doubt = False

    def keep_as(self, name: Path) -> None:
        try:
            with store_errors():
                _copy(self._connection, name, lambda _more: None)
        except StoreError as error:
            raise StoreError(
                N_(
                    "What is in the database now cannot be kept, so nothing was restored: "
                    "{problem} If it stays so, have an empty database made, name that one in "
                    "config.toml, and restore into it."
                ),
                problem=error.message,
            ) from error

    def become(self, copy: Path) -> None:
        source = open_engine(f"sqlite:///{copy}")
        try:
            with store_errors(), source.execution_options(reads_only=True).begin() as reading:
                empty(self._connection)
                copy_tables(reading, self._connection)
        finally:
            source.dispose()
        self.in_doubt = True
        with store_errors():
            self._transaction.commit()
        self.in_doubt = False


@contextmanager
def _moment(engine: Engine) -> Iterator[Connection]:
    """One moment of it, however long that takes and whoever writes meanwhile."""
    with engine.execution_options(reads_only=True).begin() as connection:
        take_time(connection)
        yield connection


def _is_used(connection: Connection) -> bool:
    """Whether Pavois was at work there: it remembers its mode before anything else."""
    return connection.execute(select(settings).limit(1)).first() is not None


def _copy(source: Connection, target: Path, step: Step) -> None:
    copy = open_engine(f"sqlite:///{target}")
    try:
        with store_errors(), copy.connect() as connection:
            # Copied as it is, whatever is wrong with it.
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
            with connection.begin():
                copy_tables(source, connection, _by_size(step))
    finally:
        copy.dispose()
    in_one_file(target)


def _by_size(step: Step) -> Callable[[str, int], None]:
    """Tells *step* of rows."""
    done: Counter[str] = Counter()

    def told(table: str, rows: int) -> None:
        step(_ROW * (rows - done[table]))
        done[table] = rows

    return told


def _require_alone(connection: Connection) -> None:
    for _look in range(_LOOKS):
        # Within a transaction the server would show the first look again.
        connection.execute(text("SELECT pg_stat_clear_snapshot()"))
        others = connection.scalars(_OTHERS).all()
        if not others:
            return
        sleep(0.1)
    raise RefusedCommand(
        N_(
            "Others are connected to the database: {others}. Stop Pavois on every machine "
            "(pavois run), then try again."
        ),
        others=", ".join(others),
    )


def _read(engine: Engine, table: Table) -> Iterator[Message]:
    """Read *table* to its end: the fault that the server met there, if it is one of its disk."""
    try:
        with _moment(engine) as connection:
            for _rows in rows_of(connection, table):
                """Each page has been read, also those where long texts lie."""
    except DBAPIError as error:
        # Internal error, system error (PostgreSQL, appendix A).
        if not str(getattr(error.orig, "sqlstate", "")).startswith(("XX", "58")):
            raise
        yield Message(
            N_("The table {table} cannot be read: {problem}"),
            {"table": table.name, "problem": in_words(error).message},
        )


def _orphans(connection: Connection, table: Table) -> int:
    """Rows of *table* whose parent is not there, whatever the server believes of its keys."""
    count = 0
    for key in table.foreign_keys:
        joined = table.outerjoin(key.column.table, key.parent == key.column)
        query = select(func.count()).select_from(joined)
        lost = query.where(key.parent.is_not(None), key.column.is_(None))
        count += connection.scalar(lost) or 0
    return count
