"""A whole database into another, empty one: SQLite into PostgreSQL, or back.

Two databases must never both send. So the copy is marked as not to be used before it is there, the
old one is closed for ever while nobody else can write to it, and only then the copy is opened: a
crash between two of these steps leaves at most one that sends. The same call again goes on, but for
a crash after the copy is there and before the old one is closed: the old one is in use as before,
and the same call is refused, since the copy is not empty. Have a new database made, and name that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterable
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, delete, func, insert, select
from sqlalchemy.engine import make_url

from bot.db.engine import store_errors
from bot.db.journal import ARRIVING, MOVED
from bot.db.tables import metadata, posts, settings
from bot.errors import RefusedCommand, StoreError
from bot.model import PostState
from bot.words import N_

#: Rows that are held in memory at once.
_AT_ONCE = 1000

#: Told how many rows of a table are there by now.
Progress = Callable[[str, int], None]


def move_all(
    source: Engine, target: Engine, now: datetime, progress: Progress = lambda _table, _rows: None
) -> dict[str, int]:
    """Copy all of *source* into *target*, compare them, and close *source* for ever.

    Returns how many rows each table has. Raises RefusedCommand when *target* is not empty or a
    post is on its way in *source*, StoreError when a copy is not equal: nothing is changed then.
    """
    names = place_of(source.url), place_of(target.url)
    if names[0] == names[1]:
        raise RefusedCommand(
            N_("That is the database that is used already: {place}"), place=names[0]
        )
    with store_errors(), source.begin() as old:
        keep_others_out(old)
        counted = _arrived(old, target, names)
        if counted is None:
            _refuse_at_work(old, now)
            with target.begin() as new:
                keep_others_out(new)
                _refuse_filled(new)
                counted = copy_tables(old, new, progress)
                _set(new, ARRIVING, names[0], now)
            _set(old, MOVED, names[1], now)
            _close(old)
    with store_errors(), target.begin() as new:
        new.execute(delete(settings).where(settings.c.key == ARRIVING))
    return counted


def copy_tables(
    source: Connection, target: Connection, progress: Progress = lambda _table, _rows: None
) -> dict[str, int]:
    """Copy every row of *source* into the empty tables of *target*; how many each table has.

    Nobody else may write meanwhile. Raises StoreError when what was written does not read back as
    it was.
    """
    counted = {}
    for table in metadata.sorted_tables:
        digest, count = hashlib.sha256(), 0
        with closing(rows_of(source, table)) as batches:
            for rows in batches:
                target.execute(insert(table), rows)
                _digested(digest, rows)
                count += len(rows)
                progress(table.name, count)
        if _fingerprint(target, table) != (digest.digest(), count):
            raise StoreError(
                N_("The copy of {table} is not what it was copied from. Nothing was changed."),
                table=table.name,
            )
        _go_on_counting(target, table)
        counted[table.name] = count
    return counted


def rows_of(connection: Connection, table: Table) -> Generator[list[dict[str, Any]]]:
    """All rows of *table*, some at a time; to be closed by whoever may stop before the end."""
    query = select(table).order_by(*table.primary_key.columns)
    with connection.execute(query, execution_options={"yield_per": _AT_ONCE}) as result:
        for rows in result.mappings().partitions():
            yield [dict(row) for row in rows]


def keep_others_out(connection: Connection) -> None:
    """SQLite's one writer is this transaction; of PostgreSQL's every other one has to wait."""
    if connection.dialect.name == "postgresql":
        take_time(connection)
        connection.exec_driver_sql(f"LOCK TABLE {_names()} IN EXCLUSIVE MODE")


def take_time(connection: Connection) -> None:
    """This transaction of PostgreSQL may last as long as it needs."""
    connection.exec_driver_sql(
        "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"
    )


def empty(connection: Connection) -> None:
    """Make room for all of another database in this one of PostgreSQL, also when it was closed.

    A setval() stays when its transaction does not (PostgreSQL, "Sequence Manipulation Functions"),
    and rows that are there again would meet their own numbers; after RESTART IDENTITY it goes too.
    """
    connection.exec_driver_sql("DROP FUNCTION IF EXISTS pavois_moved() CASCADE")
    connection.exec_driver_sql(f"TRUNCATE {_names()} RESTART IDENTITY")


def place_of(url: URL) -> str:
    """*url* for people and for comparing: without a password."""
    # URL.set() takes None for "as it is".
    bare = url._replace(password=None)
    return str(bare.set(query={}, drivername=url.get_backend_name()))


def for_config(url: str) -> str:
    """*url* as it is written into config.toml: without a password."""
    made = make_url(url)._replace(password=None).difference_update_query(["password"])
    return made.render_as_string()


def _arrived(old: Connection, target: Engine, names: tuple[str, str]) -> dict[str, int] | None:
    """What is there of a move that was interrupted after the old database was closed."""
    if _setting(old, MOVED) != names[1]:
        return None
    with target.execution_options(reads_only=True).begin() as new:
        if _setting(new, ARRIVING) != names[0]:
            raise RefusedCommand(N_("This database was moved to {place} already."), place=names[1])
        return {
            table.name: new.scalar(select(func.count()).select_from(table)) or 0
            for table in metadata.sorted_tables
        }


def _refuse_at_work(old: Connection, now: datetime) -> None:
    on_its_way = old.scalar(
        select(posts.c.id).where(posts.c.state == PostState.SENDING, posts.c.lease_until > now)
    )
    if on_its_way is not None:
        raise RefusedCommand(
            N_(
                "Post {id} is being sent. Stop what publishes from this database, then call this "
                "again; if nothing runs any more, in some minutes."
            ),
            id=on_its_way,
        )


def _refuse_filled(new: Connection) -> None:
    for table in metadata.sorted_tables:
        if new.execute(select(table).limit(1)).first() is not None:
            raise RefusedCommand(
                N_(
                    "The database that all is to be moved to is not empty ({table}). Nothing was "
                    "changed. Have a new one made, and name that."
                ),
                table=table.name,
            )


def _names() -> str:
    return ", ".join(table.name for table in metadata.sorted_tables)


def _fingerprint(connection: Connection, table: Table) -> tuple[bytes, int]:
    digest, count = hashlib.sha256(), 0
    for rows in rows_of(connection, table):
        _digested(digest, rows)
        count += len(rows)
    return digest.digest(), count


def _digested(digest: hashlib._Hash, rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        line = json.dumps(row, default=datetime.isoformat, sort_keys=True)
        digest.update(f"{line}\n".encode())


def _go_on_counting(target: Connection, table: Table) -> None:
    """The next row gets the next number; SQLite knows it by itself."""
    if target.dialect.name == "postgresql" and "id" in table.columns:
        last = target.scalar(select(func.max(table.c.id)))
        if last is not None:
            sequence = func.pg_get_serial_sequence(table.name, "id")
            target.execute(select(func.setval(sequence, last)))


def _setting(connection: Connection, key: str) -> str:
    return connection.scalar(select(settings.c.value).where(settings.c.key == key)) or ""


def _set(connection: Connection, key: str, value: str, now: datetime) -> None:
    connection.execute(insert(settings).values(key=key, value=value, at=now))


def _close(old: Connection) -> None:
    """Refuse every later change, also of a daemon that has this database open since before."""
    tables = [table.name for table in metadata.sorted_tables if table is not settings]
    if old.dialect.name == "postgresql":
        old.exec_driver_sql(
            "CREATE FUNCTION pavois_moved() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'moved'; END $$"
        )
        for name in tables:
            old.exec_driver_sql(
                f"CREATE TRIGGER moved BEFORE INSERT OR UPDATE OR DELETE ON {name} "
                "EXECUTE FUNCTION pavois_moved()"
            )
        return
    for name in tables:
        for change in ("INSERT", "UPDATE", "DELETE"):
            old.exec_driver_sql(
                f"CREATE TRIGGER moved_{name}_{change} BEFORE {change} ON {name} "
                "BEGIN SELECT RAISE(ABORT, 'moved'); END"
            )
