"""What the parts of the store share: an engine, a clock, and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from bot.clock import Clock
from bot.db.engine import store_errors


class Part:
    """A part of the store."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        # Made once: to make one for each transaction costs as much as a small query.
        self._reader = engine.execution_options(reads_only=True)
        self._writers = {turn: engine.execution_options(in_turn=turn) for turn in (True, False)}

    @contextmanager
    def _writing(self, *, in_turn: bool = True) -> Iterator[Connection]:
        """A transaction after those of all other writers; other daemons are told of it.

        With `in_turn=False` PostgreSQL (SQLite has one writer always) lets it go on beside others
        that are not in turn either, and tells nobody: for what locks the rows that it reads
        before it writes.
        """
        with store_errors(), self._writers[in_turn].begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with store_errors(), self._reader.begin() as connection:
            yield connection
