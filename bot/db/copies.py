"""Copies of a database in a file: made while others write to it, looked at, put in its place.

By `sqlite3` itself: its online backup, its locks. Copies of any database are such files; those of
one on a server are made by `bot.db.server_copies`.
"""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.db.engine import BUSY_SECONDS, sentence_of
from bot.errors import RefusedCommand, StoreError
from bot.words import N_, Message

#: What is wrong with rows whose parents are gone.
ORPHANS = N_("Rows of the database that belong to nothing: {count}.")

#: Told how many bytes more are done.
Step = Callable[[int], None]

#: So much at once is copied between two words about it.
_AT_ONCE = 16 << 20
#: As many faults of a database are told: the first say enough.
_MOST_FAULTS = 5
#: The bytes on which SQLite's readers hold their locks, for as long as they have the file open in
#: its write-ahead mode (https://www.sqlite.org/lockingv3.html: SHARED_FIRST, SHARED_SIZE).
_SHARED = 0x40000002, 510
#: What SQLite keeps beside a database.
_BESIDE = ("-wal", "-shm", "-journal")

#: Is there while a backup is put in the place of what this folder holds.
RESTORING = "restoring"
INTERRUPTED = N_(
    "A restore was interrupted here, and nothing runs on half of one. Do it again: pavois restore "
    "FILE"
)


@dataclass(frozen=True, slots=True)
class FileDatabase:
    """A `Database` in one SQLite file."""

    file: Path

    def __str__(self) -> str:
        return str(self.file)

    def exists(self) -> bool:
        return self.file.exists()

    def size(self) -> int:
        return self.file.stat().st_size

    def copied(self, target: Path, step: Step) -> None:
        copied(self.file, target, step)

    def faults(self) -> list[Message]:
        return faults(self.file)

    def alone(self) -> AbstractContextManager[Alone]:
        return alone(self.file)


def copied(source: Path, target: Path, step: Step) -> None:
    """A whole copy of the database in one file, as it stands now, whoever writes to it meanwhile.

    Raises StoreError.
    """
    with _told(), _read(source) as reading, closing(sqlite3.connect(target)) as copy:
        # One moment: without it, each write of somebody else would begin the copy anew.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        _copy(reading, copy, step)
        _with_nothing_beside(copy)


def in_one_file(database: Path) -> None:
    """Have all of a database that nobody has open in the one file. Raises StoreError."""
    with _told(), closing(sqlite3.connect(database)) as connection:
        _with_nothing_beside(connection)


def described(database: Path) -> tuple[str, str]:
    """The revision of a database's tables, and the mode it belongs to. Raises StoreError."""
    with _told(), _read(database) as reading:
        revision = reading.execute("SELECT version_num FROM alembic_version").fetchone()
        mode = reading.execute("SELECT value FROM settings WHERE key = 'mode'").fetchone()
    return revision[0] if revision else "", mode[0] if mode else ""


def setting(database: Path, key: str) -> str:
    """What Pavois remembers under *key* in a database, or "". Raises StoreError."""
    with _told(), _read(database) as reading:
        query = "SELECT value FROM settings WHERE key = ?"
        row = reading.execute(query, (key,)).fetchone()
    return row[0] if row else ""


def faults(database: Path) -> list[Message]:
    """What is wrong with the file itself: damaged pages, rows that belong to nothing."""
    try:
        with _read(database) as reading:
            said = reading.execute(f"PRAGMA integrity_check({_MOST_FAULTS})").fetchall()
            orphans = len(reading.execute("PRAGMA foreign_key_check").fetchall())
    except sqlite3.DatabaseError as error:
        return [Message(sentence_of(str(error).lower()))]
    found = [
        Message(N_("The database is damaged: {problem}"), {"problem": " ".join(row[0].split())})
        for row in said
        if row[0] != "ok"
    ]
    if orphans:
        found.append(Message(ORPHANS, {"count": orphans}))
    return found


@contextmanager
def alone(database: Path) -> Iterator[Alone]:
    """The database at *database*, while nobody else has it open, nor can open it; or that there is
    none.

    Each connection holds a lock in write-ahead mode as long as it lives, idle or not: only the last
    one can leave that mode. Raises RefusedCommand, StoreError.
    """
    if not database.exists():
        yield Alone(database)
        return
    with closing(sqlite3.connect(database, isolation_level=None, timeout=0.5)) as connection:
        is_sound = _held(connection, database)
        yield Alone(database, connection if is_sound else None)


class Alone:
    """A database that nobody else has open; without a *connection*, what is there is none."""

    #: SQLite knows of each transaction whether it was committed.
    in_doubt = False

    def __init__(self, path: Path, connection: sqlite3.Connection | None = None) -> None:
        self._path = path
        self._connection = connection
        self.is_there = path.exists()

    def keep_as(self, name: Path) -> None:
        """Copy what is there to *name*, a new file. Raises StoreError, OSError."""
        if self._connection is None:
            shutil.copyfile(self._path, name)
            return
        with _told(), closing(sqlite3.connect(name)) as kept:
            self._connection.backup(kept)

    def become(self, copy: Path) -> None:
        """Hold what the database at *copy* holds, all of it or, after a crash too, none of it."""
        if self._connection is None:
            # What was left of a database that is gone would be taken for this one's.
            for left in (Path(f"{self._path}{ending}") for ending in _BESIDE):
                if left.exists():
                    left.rename(f"{left}.before-restore")
            copy.replace(self._path)
            return
        with _told(), _read(copy) as source:
            source.backup(self._connection)


def _held(connection: sqlite3.Connection, database: Path) -> bool:
    """Lock everybody else out; False for a file that is no database, or is damaged."""
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = DELETE").fetchone()
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            connection.close()
            if not _is_open_elsewhere(database):
                return False
        elif error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise StoreError(sentence_of(str(error).lower())) from error
        raise RefusedCommand(
            N_("Another program has {path} open: pavois run, perhaps. Stop it, then try again."),
            path=str(database),
        ) from error
    return True


def _is_open_elsewhere(database: Path) -> bool:
    """Whether somebody holds a reader's lock on a file that SQLite itself does not open."""
    with database.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, _SHARED[1], _SHARED[0])
        except OSError:
            return True
    return False


def _with_nothing_beside(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = DELETE").fetchone()


@contextmanager
def _read(database: Path) -> Iterator[sqlite3.Connection]:
    address = f"{database.absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_SECONDS)
    with closing(connection):
        yield connection


@contextmanager
def _told() -> Iterator[None]:
    """What SQLite refuses, in words."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(sentence_of(str(error).lower())) from error


def _copy(source: sqlite3.Connection, target: sqlite3.Connection, step: Step) -> None:
    page: int = source.execute("PRAGMA page_size").fetchone()[0]
    done = 0

    def progress(_status: int, remaining: int, total: int) -> None:
        nonlocal done
        step((total - remaining) * page - done)
        done = (total - remaining) * page

    source.backup(target, pages=_AT_ONCE // page, progress=progress)
