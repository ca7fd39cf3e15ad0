"""The store: everything that Pavois remembers. Each method of its parts is one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from bot.clock import Clock
from bot.db.audit import Audit
from bot.db.brake import Brake
from bot.db.calls import Calls
from bot.db.deeds import Deeds
from bot.db.engine import BUSY_SECONDS, open_engine, store_errors
from bot.db.figures import Figures
from bot.db.journal import Journal
from bot.db.ledger import Ledger
from bot.db.money import Money
from bot.db.pages import Pages
from bot.db.proofs import Proofs
from bot.db.queue import Queue
from bot.db.recovery import Recovery
from bot.db.resends import Resends
from bot.db.waits import Waits
from bot.words import N_, Message

if TYPE_CHECKING:
    from bot.db.postgres import Listener


class Store:
    """Its parts, each named after what it keeps or does: `store.queue`, `store.ledger`, …"""

    def __init__(self, url: str, clock: Clock, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self._engine = open_engine(url, busy_seconds=busy_seconds)
        self._watcher: Connection | Listener | None = None
        self.queue = Queue(self._engine, clock)
        self.brake = Brake(self._engine, clock)
        self.ledger = Ledger(self._engine, clock)
        self.resends = Resends(self._engine, clock)
        self.waits = Waits(self._engine, clock)
        self.proofs = Proofs(self._engine, clock)
        self.deeds = Deeds(self._engine, clock)
        self.figures = Figures(self._engine, clock)
        self.journal = Journal(self._engine, clock)
        self.pages = Pages(self._engine, clock)
        self.calls = Calls(self._engine, clock)
        self.money = Money(self._engine, clock)
        self.audit = Audit(self._engine, clock)
        self.recovery = Recovery(self._engine, clock)

    def change_counter(self) -> int:
        """A number that changes when somebody has written to the database since the last call.

        It costs no query that waits for anybody. SQLite counts what other connections commit
        (`PRAGMA data_version`), PostgreSQL tells a connection that listens: one is kept for it.
        """
        with store_errors():
            if self._watcher is None:
                self._watcher = self._new_watcher()
            if isinstance(self._watcher, Connection):
                return int(self._watcher.scalar(text("PRAGMA data_version")) or 0)
            return self._watcher.count()

    def faults(self) -> list[Message]:
        """What is wrong with the database as a whole; it is written to, to know that it can be."""
        self.journal.remember("checked", "")
        with store_errors(), self._engine.execution_options(reads_only=True).begin() as connection:
            if self._engine.dialect.name != "sqlite":
                return []
            said = connection.scalar(text("PRAGMA quick_check(1)"))
            orphans = connection.execute(text("PRAGMA foreign_key_check")).first()
        if said == "ok" and orphans is None:
            return []
        return [Message(N_("The database is damaged. Restore a copy of it."))]

    def _new_watcher(self) -> Connection | Listener:
        if self._engine.dialect.name == "sqlite":
            return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        from bot.db.postgres import Listener

        return Listener(self._engine)

    def close(self) -> None:
        if self._watcher is not None:
            self._watcher.close()
        self._engine.dispose()
