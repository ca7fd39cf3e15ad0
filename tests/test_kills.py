"""A daemon that is killed anywhere publishes nothing twice and loses nothing.

A few kills at each point; the many are `python -m benchmarks.kills`.
"""

from __future__ import annotations

from pathlib import Path

from bot.outcome import BETWEEN_LOOKS, VISIBLE_WITHIN
from bot.publisher import LEASE
from tests.kills.clock import LEASE_LASTS, QuickClock
from tests.kills.harness import EVERYWHERE, WIRE, town


def test_daemons_killed_at_every_point_publish_nothing_twice_and_lose_nothing(
    tmp_path: Path,
) -> None:
    with town(tmp_path, daemons=3, seed=7) as tours:
        tours.queue(2)
        tours.kill([*EVERYWHERE, *WIRE])
        tours.work()
        tally = tours.judge()
    assert (tally.doubles, tally.losses) == (0, 0)
    assert tally.kills.total() >= len(EVERYWHERE) + len(WIRE)
    assert tally.on_the_wire >= len(WIRE)


def test_the_quick_clock_keeps_the_proportions_of_every_day() -> None:
    clock = QuickClock(0)
    assert clock.wall_seconds(LEASE) == LEASE_LASTS
    assert clock.wall_seconds(VISIBLE_WITHIN) == 3 * clock.wall_seconds(BETWEEN_LOOKS)
