"""What a daemon is given from outside: its store and its senders, each act an await."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import Any, Generic, TypeVar

from bot.errors import StoreError
from tests.simulation.world import Process, Task, World

T = TypeVar("T")

#: When the line to the store is cut.
CUTS = ("store fails before", "store fails after")
#: Accounts of a run are fewer.
MOST = 8
#: How long a publisher waits for its senders before it looks whether something else is due.
PATIENCE = 60.0


class Reached:
    """A store as one process reaches it: others go on before and after each of its methods, and
    the line to it may be cut there."""

    def __init__(self, store: Any, world: World) -> None:
        self.brake = _Part(store.brake, world)
        self.queue = _Part(store.queue, world)
        self.ledger = _Part(store.ledger, world)
        self.resends = _Part(store.resends, world)
        self.waits = _Part(store.waits, world)
        self.journal = _Part(store.journal, world)


class _Part:
    def __init__(self, part: Any, world: World) -> None:
        self._part = part
        self._world = world

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = partial(self._call, name, getattr(self._part, name))
        setattr(self, name, method)
        return method

    def _call(self, name: str, method: Callable[..., Any], *values: Any, **named: Any) -> Any:
        world = self._world
        if world.pause():
            world.faults[CUTS[0]] += 1
            raise StoreError("The line to the store is cut.")
        result = method(*values, **named)
        world.tell(name, values, result)
        if world.pause():
            world.faults[CUTS[1]] += 1
            raise StoreError("The line to the store is cut.")
        return result


class Tasks(Generic[T]):
    """Senders that are tasks of the simulation, one for each account that has something to do."""

    def __init__(self, world: World, process: Process) -> None:
        self._world = world
        self._process = process
        self._busy: dict[str, None] = {}
        self._done: list[tuple[str, T]] = []
        self._waiting: Task | None = None

    @property
    def busy(self) -> Collection[str]:
        return self._busy.keys()

    @property
    def free(self) -> int:
        return MOST - len(self._busy)

    def start(self, account: str, job: Callable[[], T]) -> None:
        assert account not in self._busy, "an account is called by one sender at a time"
        self._busy[account] = None
        self._world.spawn(self._process, partial(self._do, account, job))

    def _do(self, account: str, job: Callable[[], T]) -> None:
        result = job()
        self._done.append((account, result))
        if self._waiting:
            self._world.wake(self._waiting)
            self._waiting = None

    def finished(self) -> list[T]:
        if not self._done:
            self._waiting = self._world.current
            self._world.pause(PATIENCE)
            self._waiting = None
        done, self._done = self._done, []
        for account, _result in done:
            del self._busy[account]
        return [result for _account, result in done]
