"""Waiting for a network that is at work on a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import NotReady
from bot.networks.uploads import FilesGone, Upload, await_processing

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
FIVE = timedelta(seconds=5)


class SetBack:
    """A clock that is set back by six hours at each wait."""

    def __init__(self) -> None:
        self.waits: list[timedelta] = []

    def now(self) -> datetime:
        return NOW - len(self.waits) * timedelta(hours=6)

    def wait(self, span: timedelta) -> None:
        self.waits.append(span)

    def monotonic(self) -> float:
        return sum(self.waits, timedelta()).total_seconds()


def upload() -> Upload:
    return Upload("1", NOW + timedelta(days=1))


def test_a_clock_that_is_set_back_lengthens_no_wait() -> None:
    clock, stuck = SetBack(), upload()
    for _minute in range(10):
        with pytest.raises(NotReady) as caught:
            await_processing(stuck, lambda: FIVE, FIVE, clock, lambda: None, "X")
        assert caught.value.retry_at == clock.now() + timedelta(minutes=1)
    with pytest.raises(FilesGone):
        await_processing(stuck, lambda: FIVE, FIVE, clock, lambda: None, "X")
    assert sum(clock.waits, timedelta()) == timedelta(seconds=30)


def test_a_wait_ends_within_a_second_when_it_is_no_use_any_more() -> None:
    clock = SetBack()

    def alive() -> None:
        if len(clock.waits) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await_processing(upload(), lambda: None, FIVE, clock, alive, "X")
    assert clock.waits == [timedelta(seconds=1)] * 3
