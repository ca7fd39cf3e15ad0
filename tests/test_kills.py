"""A daemon that is killed anywhere publishes nothing twice and loses nothing.

A few kills at each point; the many are `python -m benchmarks.kills`.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from bot.outcome import BETWEEN_LOOKS, VISIBLE_WITHIN
from bot.publisher import LEASE
from tests.kills.clock import LEASE_LASTS, QuickClock
from tests.kills.doors import STORED, WIRE
from tests.kills.harness import EVERYWHERE, Town, town
from tests.postgres import Server


def test_daemons_killed_at_every_point_publish_nothing_twice_and_lose_nothing(
    tmp_path: Path,
) -> None:
    with town(tmp_path, daemons=3, seed=7) as tours:
        tours.queue(2)
        tours.kill([*EVERYWHERE, *WIRE])
        tours.work()
        tally = tours.judge()
    assert not tally.is_broken
    assert set(EVERYWHERE) <= tally.kills.keys()
    assert tally.on_the_wire.total() >= tally.kills.total() / 2
    assert tally.uncertain.total()


def test_a_database_server_restarted_under_three_daemons_only_delays(
    tmp_path: Path, postgres: Server
) -> None:
    with postgres.new_database() as url, town(tmp_path, url, daemons=3) as tours:
        tours.queue(2)

        def restart() -> None:
            for _again in range(3):
                tours.keep_busy()
                time.sleep(0.7)
                postgres.restart()

        tours.work(restart)
        tally = tours.judge()
    assert not tally.is_broken
    assert tally.for_a_person == 0
    assert tally.posts >= 24


@pytest.mark.parametrize(
    "bug", ["sends before the attempt is committed", "an abandoned post is taken for not sent"]
)
def test_a_deliberate_bug_is_found_within_seconds(tmp_path: Path, bug: str) -> None:
    with town(tmp_path, daemons=1, bug=bug) as tours:
        tours.queue(1)
        tours.kill([STORED])
        tours.work(lambda: _until_shown_twice(tours))
        assert tours.judge().doubles[STORED]


def _until_shown_twice(tours: Town) -> None:
    until = time.monotonic() + 10
    while max(tours.shown().values()) < 2 and time.monotonic() < until:
        time.sleep(0.05)


def test_the_quick_clock_keeps_the_proportions_of_every_day() -> None:
    clock = QuickClock(0)
    assert clock.wall_seconds(LEASE) == LEASE_LASTS
    assert clock.wall_seconds(VISIBLE_WITHIN) == 3 * clock.wall_seconds(BETWEEN_LOOKS)
