"""One daemon's way to the rehearsal networks, and where a request is held on it."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from multiprocessing.connection import Connection
from typing import Any

from bot.outcome import VISIBLE_WITHIN
from bot.sandbox import Sandbox, SandboxPost
from tests.kills.clock import QuickClock

#: The request is on the wire, and the network has not stored the post: it will when it pleases.
ON_THE_WIRE = "on the wire, not stored yet"
#: The network has stored the post, and its answer never arrives.
STORED = "on the wire, stored"
WIRE = (ON_THE_WIRE, STORED)
#: Seconds that the networks take to store a post, and again to answer.
NETWORK_TAKES = 0.15
#: Seconds in which a daemon should have come to the point where it is to be killed.
PATIENCE = 15.0

_VISIBLE = QuickClock(0).wall_seconds(VISIBLE_WITHIN)


@dataclass
class Watch:
    """Over one daemon: where its *times*-th request is held ("": nowhere) until it is killed, and
    how many are on the wire now."""

    point: str = ""
    times: int = 0
    on_the_wire: int = 0
    killed: threading.Event = field(default_factory=threading.Event)


class Door:
    """Counts what its daemon has on the wire, and holds it when told to."""

    def __init__(self, number: int, sandbox: Sandbox, held: Connection, lock: Any) -> None:
        self.number = number
        self.sandbox = sandbox
        self.watch = Watch()
        self._held = held
        self._lock = lock
        self._publish = sandbox._stage.world.publish
        sandbox._stage.world.publish = self.publish  # type: ignore[method-assign]

    def publish(self, draft: SandboxPost, **_: object) -> tuple[SandboxPost, bool]:
        """Store *draft*, whatever was stored before."""
        watch = self.watch
        with self._lock:
            watch.on_the_wire += 1
        try:
            self._pass(ON_THE_WIRE, watch)
            stored = self._publish(draft, no_twin_for=timedelta(days=-1))
            self._pass(STORED, watch)
        finally:
            with self._lock:
                watch.on_the_wire -= 1
        return stored

    def _pass(self, point: str, watch: Watch) -> None:
        time.sleep(NETWORK_TAKES)
        with self._lock:
            watch.times -= point == watch.point
            holds = point == watch.point and watch.times == 0 and not watch.killed.is_set()
            if holds:
                self._held.send(self.number)
        if holds:
            watch.killed.wait(PATIENCE)
            if point == ON_THE_WIRE:
                # It may arrive when others look for it already, but within the time promised.
                time.sleep(random.choice((0, 0.3, 0.6)) * _VISIBLE)
