"""The engine, and bringing a database to the present tables (SQLite: with a copy of it beforehand).

What only PostgreSQL needs stands in `bot.db.postgres`, which is loaded for an address of one.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bot.db.tables import REVISION
from bot.errors import ConfigError, StoreError, reason_of
from bot.files import shipped
from bot.wal import write_ahead
from bot.words import N_

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)

#: How long a writer waits for another one before it gives up.
BUSY_SECONDS = 10

# What SQLite and PostgreSQL say alike.
BUSY = N_("The database is busy with another program. Nothing is lost; try again.")
DAMAGED = N_("The database is damaged. Restore a copy of it, then run: pavois check")
DISK_FAILED = N_("The disk failed to read or write the database. Check the disk.")
REFUSED = N_("The database refused what was asked of it. Run: pavois check")
#: SQLite makes the files beside it with the rights that the file has then: they stay read-only
#: when it is not any more.
READ_ONLY = N_(
    "The database cannot be written: its file, a file beside it (-wal, -shm) or its folder is "
    "read-only."
)
#: What the triggers of bot/db/moving.py raise.
MOVED = N_(
    "This database was moved to another one and takes no changes any more. Stop what runs on it, "
    "and change [database] url in config.toml."
)


def open_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine on *url*, whose tables are the present ones. Raises ConfigError, StoreError."""
    engine = bare_engine(url, busy_seconds=busy_seconds)
    try:
        with store_errors():
            if revision_of(engine) != REVISION:
                _upgrade(engine, engine.url.database)
    except BaseException:
        engine.dispose()
        raise
    return engine


def bare_engine(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine on *url*, whatever tables are there, which nobody changes. Raises ConfigError."""
    try:
        return _engine(make_url(url), busy_seconds)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, ValueError) as error:
        raise ConfigError(
            N_(
                'database.url is not right ({problem}). Write "sqlite:///pavois.db", or '
                '"postgresql://user@host/database".'
            ),
            problem=type(error).__name__,
        ) from error


def revision_of(engine: Engine) -> str | None:
    """The revision that the database says it has; None for one without tables of Pavois."""
    with engine.execution_options(reads_only=True).begin() as connection:
        try:
            found = connection.scalar(text("SELECT version_num FROM alembic_version"))
            return str(found) if found else None
        except DBAPIError as error:
            undefined_table = getattr(error.orig, "sqlstate", None) == "42P01"
            if undefined_table or "no such table" in str(error.orig):
                return None
            raise


def refuse_newer(revision: str | None) -> None:
    """Raises StoreError for the revision of a database that this Pavois does not know."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_migrations()).walk_revisions()
    if revision is not None and revision not in {script.revision for script in scripts}:
        raise StoreError(
            N_("This database was made by a newer Pavois (revision {revision}). Update Pavois."),
            revision=revision,
        )


#: What SQLite says of a damaged page.
DAMAGED_SIGN = "malformed"


@contextmanager
def store_errors() -> Iterator[None]:
    """Turns the driver's errors into StoreError with a sentence for people."""
    try:
        yield
    except DBAPIError as error:
        raise in_words(error) from error
    except PoolTimeoutError as error:
        raise StoreError(BUSY) from error


def _engine(url: URL, busy_seconds: float) -> Engine:
    if url.get_backend_name() == "postgresql":
        try:
            from bot.db.postgres import server_engine
        except ImportError as error:
            raise ConfigError(
                N_(
                    "PostgreSQL needs a driver that is not installed here. In a checkout: make "
                    "postgres; from a wheel: pip install '….whl[postgres]'"
                )
            ) from error

        return server_engine(url, busy_seconds)
    _make_folder(url.database if url.get_backend_name() == "sqlite" else None)
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        _as_sqlite_should_be(engine, busy_seconds)
        _only_while_the_file_is_right(engine, url.database)
    return engine


def in_words(error: DBAPIError) -> StoreError:
    if isinstance(error.orig, sqlite3.Error):
        return StoreError(sentence_of(str(error.orig).lower()))
    from bot.db import postgres

    return postgres.in_words(error.orig)


def sentence_of(problem: str) -> str:
    """What to tell people of the driver's *problem*, in lower case."""
    for sign, sentence in (
        ("locked", BUSY),
        ("full", N_("The disk is full. Make room; nothing was half-written.")),
        ("readonly", READ_ONLY),
        ("unable to open", N_("The database cannot be opened. Check database.url and the rights.")),
        ("not a database", N_("database.url names a file that is no database of Pavois.")),
        (DAMAGED_SIGN, DAMAGED),
        ("disk i/o", DISK_FAILED),
        ("moved", MOVED),
    ):
        if sign in problem:
            return sentence
    return REFUSED


def _make_folder(database: str | None) -> None:
    if not database or database == ":memory:":
        return
    folder = Path(database).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            N_("The folder {path} cannot be made: {problem}."),
            path=str(folder),
            problem=reason_of(error),
        ) from error


def _as_sqlite_should_be(engine: Engine, busy_seconds: float) -> None:
    """WAL, full durability, foreign keys, and writers that queue up instead of losing updates.

    SQLite's default transactions begin as readers and lose updates without an error; ours begin
    with BEGIN IMMEDIATE unless they say that they only read.
    """

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(busy_seconds * 1000)}")
        write_ahead(connection, busy_seconds)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("isolation_level") == "AUTOCOMMIT":
            # It keeps its connection: a transaction would lock everybody else out for ever.
            return
        reads = options.get("reads_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _only_while_the_file_is_right(engine: Engine, database: str | None) -> None:
    """Refuses every transaction when the file was removed or replaced, and writing once it was
    found damaged.

    SQLite goes on with a file that has lost its name, without an error (seen with 3.40): whoever
    opens the database next would send from another file what is out already.
    """
    is_file = database and database != ":memory:" and not database.startswith("file:")
    path = Path(database).absolute() if database and is_file else None
    damaged = False

    @event.listens_for(engine, "connect")
    def on_connect(_connection: sqlite3.Connection, record: Any) -> None:
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "handle_error")
    def on_error(context: Any) -> None:
        nonlocal damaged
        damaged |= DAMAGED_SIGN in str(context.original_exception)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if connection.info["file"] != _identity(path):
            raise StoreError(
                N_(
                    "The database's file was removed or replaced while Pavois was running, and "
                    "nothing is sent any more. Put it back, or start Pavois again."
                )
            )
        if damaged and not connection.get_execution_options().get("reads_only", False):
            raise StoreError(DAMAGED)


def _identity(path: Path | None) -> tuple[int, int] | None:
    """Which file it is that has the name *path* now; None: none."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if found else None


def _upgrade(engine: Engine, database: str | None) -> None:
    """Copies a database that has something in it, then runs the migrations that it lacks."""
    from alembic import command

    config = _migrations()
    revision = revision_of(engine)
    refuse_newer(revision)
    _refuse_foreign(engine)
    is_file = engine.dialect.name == "sqlite"
    if revision is not None and is_file and database:
        _copy(Path(database), Path(f"{database}.before-{REVISION}"))
    elif revision is not None:
        log.info("the tables of the server are changed now; copies of it are its administrator's")
    with engine.connect() as connection:
        if is_file:
            # A batch migration of a parent table would delete the children (seen with SQLite).
            connection.connection.dbapi_connection.execute("PRAGMA foreign_keys = OFF")  # type: ignore[union-attr]
        # Of two that come at once the second waits here, and finds nothing left to do.
        with connection.begin():
            if not is_file:
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    engine.dispose()


def _migrations() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
    return config


def _refuse_foreign(engine: Engine) -> None:
    tables = inspect(engine.execution_options(reads_only=True)).get_table_names()
    if tables and "alembic_version" not in tables:
        raise StoreError(N_("database.url names a database that is not one of Pavois."))


def _copy(database: Path, copy: Path) -> None:
    """A whole copy of *database*, also while others write to it (SQLite's online backup)."""
    try:
        with (
            closing(sqlite3.connect(database)) as source,
            closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)
    except sqlite3.Error as error:
        raise StoreError(sentence_of(str(error).lower())) from error
