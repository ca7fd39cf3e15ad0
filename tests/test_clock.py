"""The clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.clock import SPREAD, RehearsalClock, SystemClock, next_day, spread


def test_the_machines_clock_tells_aware_instants_in_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_the_rehearsals_clock_stands_still_until_told_and_never_goes_back() -> None:
    start = datetime(2023, 2, 20, 8, 30, tzinfo=ZoneInfo("Europe/Paris"))
    clock = RehearsalClock(start)
    assert (clock.now(), clock.now().tzinfo) == (start, UTC)
    clock.advance_to(start + timedelta(hours=1))
    clock.advance_to(start)
    assert clock.now() == start + timedelta(hours=1)


def test_the_rehearsals_clock_is_not_really_waited_for() -> None:
    clock = RehearsalClock(datetime(2023, 2, 20, tzinfo=UTC))
    clock.wait(timedelta(hours=1))
    assert clock.now() == datetime(2023, 2, 20, 1, tzinfo=UTC)


def test_the_machines_clock_is_really_waited_for() -> None:
    before = SystemClock().now()
    SystemClock().wait(timedelta(seconds=0.02))
    assert SystemClock().now() - before >= timedelta(seconds=0.02)


def test_a_day_of_the_networks_ends_at_midnight_in_greenwich() -> None:
    midnight = datetime(2026, 11, 26, tzinfo=UTC)
    for now in (
        datetime(2026, 11, 25, tzinfo=UTC),
        datetime(2026, 11, 25, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2026, 11, 26, 0, 30, tzinfo=ZoneInfo("Europe/Paris")),
        datetime(2026, 11, 26, 8, 30, tzinfo=ZoneInfo("Asia/Seoul")),
    ):
        assert next_day(now) == midnight
    assert next_day(midnight) == midnight + timedelta(days=1)


def test_those_who_were_told_the_same_instant_do_not_come_at_once() -> None:
    told = datetime(2026, 11, 26, tzinfo=UTC)
    come = {spread(told) for _account in range(50)}
    assert all(told <= at < told + SPREAD for at in come)
    assert len(come) > 10
