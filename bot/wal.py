"""Switching an SQLite file to write-ahead logging, for the store and for the rehearsal's world."""

from __future__ import annotations

import sqlite3
from time import sleep

#: Seconds between two tries.
SWITCH_EVERY = 0.02


def write_ahead(connection: sqlite3.Connection, busy_seconds: float) -> None:
    """Switch to WAL. SQLite does not wait for others here, whatever the busy time-out says: of two
    processes that open a new file at once, one was told "database is locked" (seen with 3.40)."""
    for _again in range(int(busy_seconds / SWITCH_EVERY)):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            sleep(SWITCH_EVERY)
        else:
            return
    connection.execute("PRAGMA journal_mode = WAL")
