"""The town hall's IT person: makes a backup, and has to put it back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.simulation.history import History
from tests.simulation.network import Sort
from tests.simulation.plan import Plan
from tests.simulation.world import World

RESTORED = "restored from an earlier backup"


class Keeper:
    """Nothing runs while a backup is put back: the command refuses it."""

    def __init__(self, plan: Plan, store: Any, world: World, history: History) -> None:
        self._plan = plan
        self._store = store
        self._world = world
        self._history = history
        self._backup: tuple[datetime, Any] | None = None

    @property
    def is_done(self) -> bool:
        return self._plan.backup_at is None or self._history.restored_at is not None

    @property
    def restored_at(self) -> float | None:
        return self._history.restored_at

    def come_by(self) -> None:
        """Do what is time for."""
        if self.is_done:
            return
        if self._backup is None:
            if self._world.seconds >= (self._plan.backup_at or 0.0):
                self._backup = self._world.now(), self._store.copied()
                self._history.backed_up()
        elif self._world.seconds >= self._plan.restore_at:
            self._restore(*self._backup)

    def _restore(self, made_at: datetime, copy: Any) -> None:
        self._world.kill_all()
        self._store.become(copy)
        truths = self._plan.truths.values()
        readable = [truth.account for truth in truths if truth.sort is not Sort.BLIND]
        self._store.recovery.recover("a backup", made_at, readable)
        self._world.faults[RESTORED] += 1
        self._history.restored(self._store)
