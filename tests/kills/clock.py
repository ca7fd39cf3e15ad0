"""A clock that runs quicker than the wall, the same for every process of a machine.

Nothing of Pavois is set shorter for these runs: at this speed the lease of five minutes lasts two
seconds, a request counts as visible after six, and the first look comes after 0.4. Their
proportions, on which the promise rests, are those of every day.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from bot.clock import SystemClock
from bot.publisher import LEASE

#: Seconds of the wall that a lease lasts.
LEASE_LASTS = 2
SPEED = LEASE.total_seconds() / LEASE_LASTS
#: When every run begins.
START = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


class QuickClock(SystemClock):
    """`origin` is the machine's monotonic clock at START: processes that share it agree."""

    def __init__(self, origin: float) -> None:
        self.origin = origin

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self.origin) * SPEED

    def wait(self, span: timedelta) -> None:
        time.sleep(self.wall_seconds(span))

    def wall_seconds(self, span: timedelta) -> float:
        """How long *span* of this clock takes."""
        return span.total_seconds() / SPEED
