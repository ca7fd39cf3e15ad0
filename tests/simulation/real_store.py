"""The real store for the simulation: a file in memory, emptied between two runs."""

from __future__ import annotations

import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from sqlalchemy import delete, event

from bot.clock import Clock
from bot.db.copies import alone, copied
from bot.db.store import Store
from bot.db.tables import metadata
from tests.simulation.world import World


class RealStores:
    """Gives the real store for one run after the other; `close` it.

    It is on a file, so that what is killed in a transaction is rolled back as SQLite does it, in
    memory where the machine has a place for that, and never waits for a disk.
    """

    def __init__(self) -> None:
        memory = Path("/dev/shm")
        self._folder = tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None)
        self._clock = _Borrowed()
        self._store = RealStore(Path(self._folder.name, "pavois.db"), self._clock)
        engine = self._store._engine
        event.listen(engine, "connect", _quick)
        engine.dispose()
        event.listen(engine, "before_cursor_execute", self._before_statement)

    def __call__(self, clock: Clock) -> Any:
        self._clock.clock = None
        with self._store._engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
        self._clock.clock = clock
        return self._store

    def close(self) -> None:
        self._store.close()
        self._folder.cleanup()

    def _before_statement(self, *_of_the_statement: object) -> None:
        if isinstance(self._clock.clock, World):
            self._clock.clock.statement()


class RealStore(Store):
    """A store that can be backed up, and put back, as `bot.backup` does it."""

    def __init__(self, file: Path, clock: Clock) -> None:
        super().__init__(f"sqlite:///{file}", clock)
        self._file = file
        self._copies = 0

    def copied(self) -> Path:
        """A backup."""
        self._copies += 1
        copy = self._file.with_name(f"copy-{self._copies}.db")
        copied(self._file, copy, lambda _bytes: None)
        return copy

    def become(self, copy: Path) -> None:
        """Put a backup in the place of what is there. Nobody else has it open."""
        self._engine.dispose()
        with alone(self._file) as there:
            there.become(copy)
        copy.unlink()


class _Borrowed:
    """The clock of the run at hand."""

    clock: Clock | None = None

    def now(self) -> datetime:
        return cast(Clock, self.clock).now()

    def wait(self, span: timedelta) -> None:
        cast(Clock, self.clock).wait(span)

    def monotonic(self) -> float:
        return cast(Clock, self.clock).monotonic()


def _quick(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")
