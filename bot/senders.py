"""Who makes the calls: one at a time for each account, so that no account waits for another."""

from __future__ import annotations

import queue
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, Protocol, TypeVar

from bot.clock import Clock, SystemClock

T = TypeVar("T")

#: More accounts than a campaign has: no send waits for another account's.
MOST = 128
#: How long to wait for a call before looking whether something else is due by now.
PATIENCE = 0.5


class Senders(Protocol[T]):
    """Does jobs, each for one account; what came of them is collected."""

    @property
    def busy(self) -> Collection[str]:
        """The accounts whose job is not collected yet."""
        ...

    @property
    def free(self) -> int:
        """How many jobs can be started now."""
        ...

    def start(self, account: str, job: Callable[[], T]) -> None:
        """Do *job*, which must not raise an Exception."""
        ...

    def finished(self) -> list[T]:
        """What came of the jobs that are done; waits a little for one."""
        ...


class InTurn(Generic[T]):
    """One job after the other, where it was asked for: for a rehearsal, whose clock stands."""

    def __init__(self) -> None:
        self._done: dict[str, T] = {}

    @property
    def busy(self) -> Collection[str]:
        return self._done.keys()

    @property
    def free(self) -> int:
        return 0 if self._done else 1

    def start(self, account: str, job: Callable[[], T]) -> None:
        self._done[account] = job()

    def finished(self) -> list[T]:
        done, self._done = list(self._done.values()), {}
        return done


class Threads(Generic[T]):
    """A thread for each account that has something to do."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="sender")
        self._results: queue.SimpleQueue[tuple[str, T]] = queue.SimpleQueue()
        self._busy: set[str] = set()

    @property
    def busy(self) -> Collection[str]:
        return self._busy

    @property
    def free(self) -> int:
        return self._most - len(self._busy)

    def start(self, account: str, job: Callable[[], T]) -> None:
        self._busy.add(account)
        self._pool.submit(lambda: self._results.put((account, job())))

    def finished(self) -> list[T]:
        done: list[T] = []
        try:
            account, result = self._results.get(timeout=PATIENCE)
            while True:
                self._busy.discard(account)
                done.append(result)
                account, result = self._results.get_nowait()
        except queue.Empty:
            return done


def senders_for(clock: Clock) -> Senders[Any]:
    """Threads; but a rehearsal's clock stands still while a call is made: one at a time."""
    return Threads() if isinstance(clock, SystemClock) else InTurn()
