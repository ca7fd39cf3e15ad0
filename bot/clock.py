"""The only place that asks the time. Instants are aware and in UTC everywhere in Pavois."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

#: Those who are told the same instant come back within so much of it, not all at once.
SPREAD = timedelta(seconds=30)


class Clock(Protocol):
    """What tells the time: the machine's, or the rehearsal's."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        ...

    def wait(self, span: timedelta) -> None:
        """Come back when *span* has passed on this clock."""
        ...

    def monotonic(self) -> float:
        """Seconds that only go forward, while the machine sleeps too; nobody can set them."""
        ...


def next_day(now: datetime) -> datetime:
    """The next 00:00 UTC, when the counts of a day begin anew."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)


def spread(instant: datetime) -> datetime:
    """*instant*, or up to SPREAD later: another time for each who asks."""
    return instant + SPREAD * (secrets.randbelow(1000) / 1000)


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, span: timedelta) -> None:
        time.sleep(span.total_seconds())

    def monotonic(self) -> float:
        # CLOCK_MONOTONIC stands still while a laptop sleeps: a lease would seem to last for ever.
        boot_time = getattr(time, "CLOCK_BOOTTIME", None)
        return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class RehearsalClock:
    """A clock that stands still until it is told to go on, or waited for, and never goes back."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def advance_to(self, instant: datetime) -> None:
        self._now = max(self._now, instant.astimezone(UTC))

    def wait(self, span: timedelta) -> None:
        self.advance_to(self._now + span)

    def monotonic(self) -> float:
        return self._now.timestamp()
