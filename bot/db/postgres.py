"""What PostgreSQL needs to be to Pavois what SQLite is; loaded for the address of a server only."""

from __future__ import annotations

import re

import psycopg
from psycopg import pq
from sqlalchemy import URL, Connection, Engine, create_engine, event

from bot.db.engine import BUSY, DAMAGED, DISK_FAILED, MOVED, REFUSED
from bot.db.tables import LIVE
from bot.errors import ConfigError, StoreError
from bot.words import N_

#: The oldest server whose behaviour was looked at; older ones get no mends any more.
OLDEST = 13
#: The channel on which a change of the queue is told to other daemons (NOTIFY, LISTEN).
CHANNEL = "pavois"
#: The one number of Pavois among the advisory locks of its database.
TURN = 0x7061766F6973
#: A statement that takes so many times the wait for another writer hangs.
_HANGS_AFTER = 6

_FULL = N_(
    "The database server has no connection free. Its administrator can allow more "
    "(max_connections)."
)
_BROKEN = N_(
    "The connection to the database broke. What was being written is there whole or not at all: "
    "look before you repeat a command. Pavois connects again by itself."
)
_NO_RIGHT = N_(
    "The database server does not let this user do that. Make the user the owner of the database "
    "and of its tables: ALTER DATABASE … OWNER TO …, ALTER TABLE … OWNER TO …"
)

#: Only what waits or is out counts, as on SQLite. It is told here, because a table that names
#: this dialect loads it, and most databases of Pavois are files.
LIVE.dialect_options["postgresql"]["where"] = LIVE.dialect_options["sqlite"]["where"]


def server_engine(url: URL, busy_seconds: float) -> Engine:
    """An engine on the PostgreSQL server at *url*. Raises ConfigError when it is asked of another
    driver than psycopg; that the server answers is not known yet."""
    if url.drivername not in ("postgresql", "postgresql+psycopg"):
        raise ConfigError(
            N_("database.url names a driver that Pavois does not use. Write postgresql://…")
        )
    engine = create_engine(
        _address(url, busy_seconds),
        # A server that was started again is noticed before a transaction begins, never within one.
        pool_pre_ping=True,
        pool_timeout=busy_seconds,
        use_native_hstore=False,
    )
    event.listen(engine, "connect", _refuse_unfit)
    event.listen(engine, "begin", _begin)
    return engine


def in_words(error: BaseException | None) -> StoreError:
    """What the driver or the server said, as a sentence without address or password.

    The server may speak any language: its codes are what counts (PostgreSQL, appendix A). It gives
    none while it lets nobody in; then its own words are kept.
    """
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return _no_connection(error)
    code = getattr(error, "sqlstate", None) or ""
    for sign, sentence in (
        ("53100", N_("The disk of the database server is full. Nothing was half-written.")),
        ("53300", _FULL),
        ("25006", N_("The database server takes no changes now: it is read-only.")),
        ("40", BUSY),  # serialization, deadlock
        ("55P03", BUSY),  # lock_timeout
        ("57014", BUSY),  # statement_timeout
        ("57", _BROKEN),  # shut down, crashed, idle for too long
        ("08", _BROKEN),
        ("25P03", _BROKEN),  # held a transaction open for too long
        ("42501", _NO_RIGHT),
        ("58", DISK_FAILED),
        ("XX", DAMAGED),
        ("22001", N_("A name or an address is too long for the database.")),
        ("P0001", MOVED),  # RAISE EXCEPTION
    ):
        if code.startswith(sign):
            return StoreError(sentence)
    return StoreError(REFUSED)


class Listener:
    """Counts what is told on the channel, from a connection of its own that asks nothing.

    A lost connection is opened again and counts as a change, for nobody knows what was told
    meanwhile.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: psycopg.Connection | None = None
        self._count = 0

    def count(self) -> int:
        """A number that grows when a change was told. Raises StoreError while nobody answers."""
        try:
            if self._connection is None:
                self._connection = self._listening()
                self._count += 1
            # With no time to wait: what the socket holds already, without a word to the server.
            self._count += sum(1 for _told in self._connection.notifies(timeout=0))
        except psycopg.Error as error:
            self.close()
            raise in_words(error) from error
        return self._count

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _listening(self) -> psycopg.Connection:
        borrowed = self._engine.raw_connection()
        connection: psycopg.Connection = borrowed.driver_connection  # type: ignore[assignment]
        borrowed.detach()
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        return connection


def _address(url: URL, busy_seconds: float) -> URL:
    """*url* with what Pavois wants of a connection, unless *url* itself says otherwise."""
    wait = int(busy_seconds * 1000)
    options = {
        "lock_timeout": wait,
        "statement_timeout": _HANGS_AFTER * wait,
        # A machine that sleeps with a lock in its hand must not stop the others.
        "idle_in_transaction_session_timeout": _HANGS_AFTER * wait,
        # What was confirmed is on the disk, whatever the server's administrator prefers.
        "synchronous_commit": "on",
        "timezone": "UTC",
    }
    wanted = {
        "application_name": "pavois",
        "client_encoding": "utf8",
        "connect_timeout": str(max(2, int(busy_seconds))),
        # A line that was cut without a word is noticed within a minute.
        "keepalives_idle": "20",
        "keepalives_interval": "10",
        "keepalives_count": "3",
        "tcp_user_timeout": "60000",
    }
    ours = " ".join(f"-c {name}={value}" for name, value in options.items())
    return url.set(
        drivername="postgresql+psycopg",
        query={**wanted, **url.query, "options": f"{ours} {_one(url.query.get('options'))}"},
    )


def _one(value: str | tuple[str, ...] | None) -> str:
    return value if isinstance(value, str) else " ".join(value or ())


def _refuse_unfit(connection: psycopg.Connection, _record: object) -> None:
    """Refuses a server that is too old, or a database that cannot hold every letter."""
    found = connection.info.server_version // 10000
    if found < OLDEST:
        raise StoreError(
            N_("The database server is PostgreSQL {found}; Pavois needs {oldest} or later."),
            found=found,
            oldest=OLDEST,
        )
    encoding = connection.info.parameter_status("server_encoding") or ""
    if encoding != "UTF8":
        raise StoreError(
            N_(
                "The database keeps its texts in {encoding}, which lacks Hangul and flags. Make "
                "another one: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
            ),
            encoding=encoding,
        )


def _begin(connection: Connection) -> None:
    """Readers see one moment, as on SQLite; writers queue up for their turn, as on SQLite.

    Under READ COMMITTED, two that read and then write would lose an update or meet a row that the
    other has just made; one lock for all writers is the least that keeps every method as simple
    as it is on SQLite. It ends with the transaction, and so does what is told: NOTIFY reaches
    the others at the commit, once. `in_turn=False` shares the lock and tells nobody: transactions
    that lock the rows they read (claims) go on beside each other, and beside no other writer.
    """
    options = connection.get_execution_options()
    if options.get("isolation_level") == "AUTOCOMMIT":
        return
    if options.get("reads_only", False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    elif options.get("in_turn", True):
        connection.exec_driver_sql(
            f"SELECT pg_advisory_xact_lock({TURN}), pg_notify('{CHANNEL}', '')"
        )
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({TURN})")


def _no_connection(error: psycopg.OperationalError) -> StoreError:
    """Why nobody was let in, or the sentence for a connection that broke."""
    said = str(error)
    if error.pgconn is not None and error.pgconn.status == pq.ConnStatus.OK:
        return StoreError(_BROKEN)
    for sign, sentence in _REFUSALS:
        if re.search(sign, said):
            return StoreError(sentence)
    if not re.search(r"connection failed|resolve host", said):
        return StoreError(_BROKEN)
    return StoreError(
        N_("The database server does not let Pavois in: {problem}"),
        problem=said.strip().splitlines()[0].rpartition(" failed: ")[2],
    )


#: What libpq and a server that speaks English say.
_REFUSALS = (
    (
        "resolve host",
        N_("No machine has the name in database.url. Check its spelling, and the network."),
    ),
    (
        r"Connection refused|timeout|timed out|No route|unreachable|No such file",
        N_("No database server answers at the address in database.url. Is it running?"),
    ),
    (
        r"password authentication failed|no password supplied|role .* does not exist",
        N_(
            "The database server does not know this user or password. Check database.url, or the "
            "password in ~/.pgpass."
        ),
    ),
    (
        "pg_hba.conf",
        N_(
            "The database server lets nobody in from this machine with this user. Its "
            "administrator can allow it in pg_hba.conf."
        ),
    ),
    (
        'database ".*" does not exist',
        N_(
            "The database in database.url does not exist. Have it made: "
            "CREATE DATABASE … ENCODING 'UTF8'"
        ),
    ),
    (r"too many (clients|connections)|remaining connection slots", _FULL),
    (
        "starting up|shutting down|recovery mode",
        N_("The database server is just starting or stopping. Try again in a moment."),
    ),
)
