"""A whole database, wherever it is: to be copied into a file, looked at, and replaced."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from bot.db.copies import FileDatabase, Step
from bot.db.server_copies import ServerDatabase
from bot.errors import RefusedCommand
from bot.words import N_, Message


class Database(Protocol):
    """What `config.toml` names; its `str` is its place, for people. All raise StoreError."""

    @property
    def file(self) -> Path | None:
        """Where it lies; None: on a server."""

    def exists(self) -> bool:
        """Whether Pavois has kept anything there."""

    def size(self) -> int:
        """About how many bytes it has."""

    def copied(self, target: Path, step: Step) -> None:
        """Make of it as it stands at one moment, whoever writes to it, the SQLite file *target*."""

    def faults(self) -> list[Message]:
        """What is wrong with it, before anything in it is believed."""

    def alone(self) -> AbstractContextManager[Alone]:
        """To have it to oneself. Raises RefusedCommand when others have it open."""


class Alone(Protocol):
    """A database that nobody else changes meanwhile."""

    @property
    def is_there(self) -> bool:
        """Whether there is anything to be kept."""

    @property
    def in_doubt(self) -> bool:
        """Whether nobody knows if it has become the copy."""

    def keep_as(self, name: Path) -> None:
        """Copy it to *name*, a new file. Raises StoreError, OSError."""

    def become(self, copy: Path) -> None:
        """Hold what the SQLite file *copy* holds, all of it or none of it."""


def database_of(url: str) -> Database:
    """The database at *url*. Raises RefusedCommand: it is none of which copies are made."""
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError, ValueError):
        kind = ""
    if kind == "sqlite" and parsed.database:
        return FileDatabase(Path(parsed.database))
    if kind == "postgresql":
        return ServerDatabase(url)
    raise RefusedCommand(
        N_(
            "Backups are made of a database in one SQLite file or on a PostgreSQL server, and "
            "database.url names another."
        )
    )
