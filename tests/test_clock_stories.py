"""Clocks change, are set, and laptops sleep: posts go out at the hour on the wall that the officer
chose, once.

The whole daemon, the real clients and the rehearsal networks, which go by the true time: what they
show, and since when, is asked of them.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot import daemon
from bot.announcements import read_announcement
from bot.app import make_app
from bot.clock import SystemClock
from bot.config import load_config
from bot.errors import ConfigError
from bot.model import Announcement, AttemptState, PostState
from tests.conftest import START
from tests.fakes import Hands
from tests.postgres import ON_SQLITE
from tests.story import NETWORKS, TownHall, found_town_hall, town_hall

#: Pavois asks the clock, never the database: which one it is makes no difference here.
pytestmark = ON_SQLITE

PARIS = ZoneInfo("Europe/Paris")
#: The evenings before the clocks change in Paris: forward at 2 h, back at 3 h.
BEFORE_SUMMER = datetime(2023, 3, 25, 20, tzinfo=PARIS)
BEFORE_WINTER = datetime(2023, 10, 28, 20, tzinfo=PARIS)
#: No clock changes on that day.
MONDAY = datetime(2023, 2, 20, 8, tzinfo=PARIS)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@contextmanager
def tours_at(folder: Path, url: str, start: datetime) -> Iterator[TownHall]:
    """A town hall at *start*, with `Hands` for a clock."""
    hands = Hands(start)
    with town_hall(folder, clock=hands, database_url=url) as hall:
        hall.app.clock = hands.truth
        assert hall.sandbox  # it keeps the clock that it is made with
        hall.app.clock = hands
        yield hall


@pytest.fixture
def tours(tmp_path: Path, database_url: str, request: pytest.FixtureRequest) -> Iterator[TownHall]:
    with tours_at(tmp_path, database_url, getattr(request, "param", MONDAY)) as hall:
        yield hall


def begins(start: datetime) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("tours", [start], indirect=True, ids=[f"{start:%B}"])


def write(hall: TownHall, slug: str, at: str) -> None:
    """The officer writes an announcement with that hour ("": the next free slot), and queues it."""
    path = hall.app.config.campaign / "announcements" / f"{slug}.toml"
    hour = f"at = {at}\n" if at else ""
    path.write_text(f'kind = "news"\n{hour}[texts]\nfr = "Tours : {slug}"\n', encoding="utf-8")
    hall.app.queue(read_announcement(path, hall.app.campaign))


def until(hall: TownHall, instant: datetime) -> None:
    """Let the daemon work from wake-up to wake-up until its clock says *instant*."""
    while (wake := hall.daemon.tick(hall.clock.now())) < instant:
        hall.clock.advance_to(max(wake, hall.clock.now() + timedelta(seconds=1)))
    hall.clock.advance_to(instant)


def shown(hall: TownHall, network: str) -> list[tuple[str, str]]:
    """Each post that *network* shows, oldest first: its last word, and the hour in Paris."""
    return [
        (post.shown.split("\n")[0].split()[-1], f"{post.created_at.astimezone(PARIS):%d %H:%M%z}")
        for post in reversed(hall.shown(network))
    ]


# ── Paris changes its clocks ────────────────────────────────────────────────────────────────────


@begins(BEFORE_SUMMER)
def test_in_the_night_when_summer_begins_each_post_goes_out_once_at_its_hour(
    tours: TownHall,
) -> None:
    for slug, at in (
        ("soir", "2023-03-25T23:30:00"),
        ("avant", "2023-03-26T01:59:00"),
        ("apres", "2023-03-26T03:00:00"),
        ("matin", "2023-03-26T09:00:00"),
    ):
        write(tours, slug, at)
    until(tours, BEFORE_SUMMER + 14 * HOUR)
    for network in NETWORKS:
        assert shown(tours, network) == [
            ("soir", "25 23:30+0100"),
            ("avant", "26 01:59+0100"),
            ("apres", "26 03:00+0200"),
            ("matin", "26 09:00+0200"),
        ]


@begins(BEFORE_SUMMER)
def test_an_hour_that_does_not_exist_is_refused_and_the_next_best_ones_are_offered(
    tours: TownHall,
) -> None:
    with pytest.raises(ConfigError) as told:
        write(tours, "nuit", "2023-03-26T02:30:00")
    offered = "2023-03-26T03:30:00+02:00", "2023-03-26T01:30:00+01:00"
    assert all(one in str(told.value) for one in offered)
    write(tours, "nuit", offered[0])
    until(tours, BEFORE_SUMMER + 12 * HOUR)
    assert shown(tours, "x") == [("nuit", "26 03:30+0200")]


@begins(BEFORE_WINTER)
def test_of_an_hour_that_comes_twice_the_officer_says_which_and_each_is_kept(
    tours: TownHall,
) -> None:
    with pytest.raises(ConfigError) as told:
        write(tours, "nuit", "2023-10-29T02:30:00")
    first, second = "2023-10-29T02:30:00+02:00", "2023-10-29T02:30:00+01:00"
    assert first in str(told.value)
    assert second in str(told.value)
    write(tours, "encore", second)
    write(tours, "nuit", first)
    until(tours, BEFORE_WINTER + 24 * HOUR)
    for network in NETWORKS:
        assert shown(tours, network) == [("nuit", "29 02:30+0200"), ("encore", "29 02:30+0100")]


@begins(BEFORE_SUMMER - 24 * HOUR)
def test_what_goes_out_at_the_accounts_own_hours_does_so_in_summer_as_in_winter(
    tours: TownHall,
) -> None:
    for number in range(3):
        write(tours, f"visite-{number}", "")
    until(tours, BEFORE_SUMMER + 14 * HOUR)
    for network in NETWORKS:
        hours = [hour for _slug, hour in shown(tours, network)]
        assert hours == ["25 09:00+0100", "25 17:00+0100", "26 09:00+0200"]


# ── the clock is set ────────────────────────────────────────────────────────────────────────────


def test_a_clock_that_jumps_ahead_and_is_put_right_publishes_once_and_the_rest_at_its_hour(
    tours: TownHall,
) -> None:
    hands = tours.clock
    assert isinstance(hands, Hands)
    for slug, hour in (("un", 9), ("deux", 10), ("trois", 13)):
        write(tours, slug, f"2023-02-20T{hour:02}:00:00")
    until(tours, MONDAY + 30 * MINUTE)
    hands.set_by(3 * HOUR)  # it says 11:30, and is half past eight
    until(tours, MONDAY + 4 * HOUR)
    early = [("un", "20 08:30+0100"), ("deux", "20 08:40+0100")]
    assert shown(tours, "x") == shown(tours, "linkedin") == early
    hands.set_by(-3 * HOUR)
    until(tours, MONDAY + 8 * HOUR)
    for network in NETWORKS:
        assert shown(tours, network) == [*early, ("trois", "20 13:00+0100")]


def test_when_a_clock_is_put_back_the_hours_that_come_again_send_nothing_again(
    tours: TownHall,
) -> None:
    hands = tours.clock
    assert isinstance(hands, Hands)
    hands.set_by(3 * HOUR)  # it is ahead from the beginning: 11:00 at eight
    for slug, hour in (("un", "11:30"), ("deux", "13:00")):
        write(tours, slug, f"2023-02-20T{hour}:00")
    until(tours, MONDAY + 4 * HOUR)
    assert shown(tours, "x") == [("un", "20 08:30+0100")]
    hands.set_by(-3 * HOUR)
    until(tours, MONDAY + 8 * HOUR)
    for network in NETWORKS:
        assert shown(tours, network) == [("un", "20 08:30+0100"), ("deux", "20 13:00+0100")]


@pytest.mark.parametrize("fault", ["", "rate_limit_429", "drop_after"])
def test_what_was_put_off_by_a_clock_that_was_weeks_ahead_goes_out_once_at_its_hour(
    tours: TownHall, fault: str
) -> None:
    hands = tours.clock
    assert isinstance(hands, Hands)
    write(tours, "un", "2023-02-20T09:00:00")
    write(tours, "deux", "2023-02-20T12:00:00")
    until(tours, MONDAY + 30 * MINUTE)
    hands.set_by(20 * DAY)
    if fault:
        for network in NETWORKS:
            tours.sandbox.fault(network, fault)
    tours.daemon.tick(hands.now())
    hands.set_by(-20 * DAY)
    until(tours, MONDAY + 14 * HOUR)
    is_early = fault in ("", "drop_after")
    for network in NETWORKS:
        (slug, un), deux = shown(tours, network)
        assert slug == "un"
        assert un == ("20 08:30+0100" if is_early else "20 09:00+0100")
        assert deux == ("deux", "20 12:00+0100")


def test_what_a_clock_weeks_ahead_sent_and_nobody_finds_is_told_and_never_sent_again(
    tours: TownHall,
) -> None:
    """When it was sent nobody knows, and so not when it must have been visible."""
    hands = tours.clock
    assert isinstance(hands, Hands)
    write(tours, "un", "2023-02-20T09:00:00")
    hands.set_by(20 * DAY)
    for network in NETWORKS:
        tours.sandbox.fault(network, "drop_before")
    tours.daemon.tick(hands.now())
    hands.set_by(-20 * DAY)
    until(tours, MONDAY + 3 * DAY)
    assert [len(tours.shown(network)) for network in NETWORKS] == [0, 0]
    for network in NETWORKS:
        assert tours.post("un", network).state == PostState.UNCERTAIN
    assert all("clock was ahead" in told for told in tours.notices().values())
    assert len(tours.notices()) == 2


def test_what_was_in_hand_by_a_clock_that_was_weeks_ahead_is_taken_over_when_it_is_right(
    tours: TownHall,
) -> None:
    hands = tours.clock
    assert isinstance(hands, Hands)
    write(tours, "un", "2023-02-20T09:00:00")
    until(tours, MONDAY + 30 * MINUTE)
    hands.set_by(20 * DAY)
    tours.app.store.ledger.claim("tours", "killed", timedelta(minutes=5))
    hands.set_by(-20 * DAY)
    until(tours, MONDAY + 2 * HOUR)
    assert [len(tours.shown(network)) for network in NETWORKS] == [1, 1]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("span", [3 * HOUR, -3 * HOUR], ids=["ahead", "back"])
@pytest.mark.parametrize("before", [True, False], ids=["before the call", "after the call"])
def test_an_answer_that_was_lost_while_the_clock_was_set_is_found_and_nothing_goes_out_twice(
    tours: TownHall, network: str, span: timedelta, before: bool
) -> None:
    hands = tours.clock
    assert isinstance(hands, Hands)
    if before:
        hands.set_by(span)
    tours.queue("visite", HOUR)
    tours.sandbox.fault(network, "drop_after")
    until(tours, tours.post("visite", network).due + timedelta(seconds=1))
    assert tours.post("visite", network).state == PostState.UNCERTAIN
    hands.set_by(-span if before else span)
    until(tours, hands.now() + 6 * HOUR)
    assert tours.post("visite", network).state == PostState.PUBLISHED
    assert tours.trail(tours.post("visite", network)) == [
        (1, AttemptState.UNCERTAIN),
        (1, AttemptState.ACCEPTED),
    ]
    assert [len(tours.shown(one)) for one in NETWORKS] == [1, 1]


# ── a laptop sleeps ─────────────────────────────────────────────────────────────────────────────


def test_what_fell_due_while_a_laptop_slept_goes_out_once_when_it_wakes(tours: TownHall) -> None:
    for slug, hour in (("un", 9), ("deux", 10), ("trois", 13)):
        write(tours, slug, f"2023-02-20T{hour:02}:00:00")
    until(tours, MONDAY + 50 * MINUTE)
    tours.clock.advance_to(MONDAY + 4 * HOUR)
    until(tours, MONDAY + 8 * HOUR)
    for network in NETWORKS:
        assert shown(tours, network) == [
            ("un", "20 12:00+0100"),
            ("deux", "20 12:10+0100"),  # what is late keeps its distance
            ("trois", "20 13:00+0100"),
        ]


@pytest.mark.parametrize("is_alone", [True, False], ids=["alone", "beside another machine"])
def test_a_laptop_that_sleeps_right_before_a_call_does_not_make_it_when_it_wakes(
    is_alone: bool, tours: TownHall, tmp_path: Path, database_url: str
) -> None:
    tours.queue("visite", HOUR)
    post = tours.post("visite", "x")
    tours.clock.advance_to(post.due)
    with town_hall(tmp_path, clock=tours.clock, database_url=database_url) as beside:

        def sleep() -> None:
            tours.clock.wait(2 * HOUR)
            if not is_alone:
                beside.work()

        _sleeps_before_a_call(tours, sleep)
        tours.daemon.tick(tours.clock.now())
        in_its_sleep = [] if is_alone else [1, 1]
        assert [len(tours.shown(one)) for one in NETWORKS if not is_alone] == in_its_sleep
    tours.work()
    assert [len(tours.shown(one)) for one in NETWORKS] == [1, 1]
    assert tours.post("visite", "x").state == PostState.PUBLISHED
    assert AttemptState.ACCEPTED not in [
        state for number, state in tours.trail(post) if number == 1
    ]


def _sleeps_before_a_call(hall: TownHall, sleep: Callable[[], None]) -> None:
    """The machine falls asleep, once, when the next call is written down and not made."""
    ledger = hall.app.store.ledger
    claim = ledger.claim

    def claim_and_sleep(*arguments: Any, **named: Any) -> Any:
        claimed = claim(*arguments, **named)
        if claimed:
            ledger.claim = claim  # type: ignore[method-assign]
            sleep()
        return claimed

    ledger.claim = claim_and_sleep  # type: ignore[method-assign]


class Set(SystemClock):
    """The machine's clock, ahead by what it was set."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


def test_a_running_daemon_notices_within_seconds_that_hours_have_passed(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scheduler's own timer would sleep on: it does not count the time that a laptop slept."""
    monkeypatch.setattr(daemon, "WATCH_SECONDS", 0.1)
    found_town_hall(tmp_path)
    config = replace(load_config(tmp_path / "config.toml", tmp_path), database_url=database_url)
    clock = Set()
    with make_app(config, clock=clock, environment={}) as app:
        at = clock.now() + 2 * HOUR
        app.queue(Announcement("visite", "tours", "news", {}, {"fr": ("Ici",)}, (), "", at, None))
        took: list[float] = []

        def wake() -> None:
            time.sleep(1)  # until all is quiet: the next wake-up is in an hour
            clock.ahead = 2 * HOUR + MINUTE
            began = time.monotonic()
            while len(app.sandbox.posts("linkedin")) < 1 and time.monotonic() < began + 20:
                time.sleep(0.02)
            took.append(time.monotonic() - began)
            signal.raise_signal(signal.SIGTERM)

        waking = threading.Thread(target=wake)
        with _signals_kept():
            daemon.run(app, started=waking.start)
        waking.join()
    assert took[0] < 5


class Jobs:
    """A scheduler that only notes what is planned."""

    def __init__(self) -> None:
        self.planned: list[str] = []

    def add_job(self, _work: object, **plan: object) -> None:
        self.planned.append(str(plan["id"]))


@pytest.mark.parametrize(
    ("set_back", "planned"), [(timedelta(0), ["send"]), (30 * 24 * HOUR, ["send", "send again"])]
)
def test_a_running_daemon_does_not_sleep_until_an_hour_that_a_wrong_clock_named(
    tmp_path: Path, database_url: str, set_back: timedelta, planned: list[str]
) -> None:
    clock, jobs = Hands(START), Jobs()
    clock.set_by(set_back)
    with town_hall(tmp_path, clock=clock, database_url=database_url) as tours:
        working = daemon.Daemon(tours.app)
        ticks = daemon._Ticks(tours.app, jobs, working, "send", working.send)
        ticks._tick()
        clock.set_by(-set_back)
        ticks.catch_up()
    assert jobs.planned == planned


@contextmanager
def _signals_kept() -> Iterator[None]:
    """`run` takes the signals; they are given back."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
