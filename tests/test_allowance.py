"""What may still be called in an account's name: how much is kept for publishing, until when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import requests
from sqlalchemy import create_engine

from bot.allowance import Allowance
from bot.clock import SPREAD, RehearsalClock
from bot.db.store import Store
from bot.errors import NotSent, Throttled
from bot.networks.http import make_session, translate
from tests.fakes import Answer, serving
from tests.postgres import ON_SQLITE

EVENING = datetime(2026, 11, 25, 22, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> RehearsalClock:
    return RehearsalClock(EVENING)


def of(
    store: Store, clock: RehearsalClock, ceiling: int, *, for_figures: bool = False
) -> Allowance:
    return Allowance("linkedin-fr", ceiling, lambda: store.calls, clock, for_figures=for_figures)


def taken(allowance: Allowance) -> int:
    """How many calls could be made until it refused one."""
    for number in range(1000):
        try:
            allowance.take()
        except Throttled:
            return number
    return 1000


@pytest.mark.parametrize(
    ("ceiling", "figures"), [(100, 80), (10, 8), (9, 7), (5, 4), (4, 3), (2, 1), (1, 0)]
)
def test_reading_figures_stops_at_four_fifths_and_publishing_goes_on(
    store: Store, clock: RehearsalClock, ceiling: int, figures: int
) -> None:
    assert taken(of(store, clock, ceiling, for_figures=True)) == figures
    assert taken(of(store, clock, ceiling)) == ceiling - figures
    assert taken(of(store, clock, ceiling, for_figures=True)) == 0


def test_without_a_ceiling_there_is_no_end(store: Store, clock: RehearsalClock) -> None:
    assert taken(of(store, clock, 0)) == taken(of(store, clock, 0, for_figures=True)) == 1000


def test_who_made_all_calls_waits_until_midnight_utc_and_then_goes_on(
    store: Store, clock: RehearsalClock
) -> None:
    allowance = of(store, clock, 1)
    allowance.take()
    with pytest.raises(Throttled, match="all the calls that it may make") as caught:
        allowance.take()
    midnight = datetime(2026, 11, 26, tzinfo=UTC)
    assert midnight <= caught.value.retry_at < midnight + SPREAD
    clock.advance_to(caught.value.retry_at)
    allowance.take()


def test_of_a_reading_it_is_said_for_what_the_rest_is_kept(
    store: Store, clock: RehearsalClock
) -> None:
    with pytest.raises(Throttled, match="kept for publishing"):
        of(store, clock, 1, for_figures=True).take()


def test_a_call_that_may_not_be_made_is_not_made(store: Store, clock: RehearsalClock) -> None:
    with (
        serving(Answer()) as fake,
        make_session(loopback_only=True, allowance=of(store, clock, 2)) as session,
    ):
        for _call in range(2):
            assert session.post(fake.url, json={}).status_code == 200
        for ask in (session.get, session.post):
            with pytest.raises(Throttled), translate("LinkedIn", publishing=True):
                ask(fake.url)
        prepared = requests.Request("PUT", fake.url).prepare()
        with pytest.raises(Throttled):
            session.send(prepared)
    assert len(fake.asked) == 2


def test_what_must_not_leave_this_machine_is_not_counted(
    store: Store, clock: RehearsalClock
) -> None:
    allowance = of(store, clock, 1)
    with (
        make_session(loopback_only=True, allowance=allowance) as session,
        pytest.raises(NotSent, match="rehearsal"),
    ):
        session.get("http://192.0.2.1/")
    assert store.calls.made("linkedin-fr", EVENING.date()) == 0


@ON_SQLITE
def test_a_call_that_cannot_be_counted_is_certainly_not_made(
    database_url: str, clock: RehearsalClock
) -> None:
    store = Store(database_url, clock, busy_seconds=0.05)
    other = create_engine(database_url).connect()
    other.exec_driver_sql("BEGIN IMMEDIATE")
    with (
        serving(Answer()) as fake,
        make_session(loopback_only=True, allowance=of(store, clock, 9)) as session,
    ):
        with pytest.raises(NotSent, match="not made: The database is busy") as caught:
            session.post(fake.url)
        assert not isinstance(caught.value, Throttled)
        other.close()
        assert session.post(fake.url).ok
    assert len(fake.asked) == 1
    store.close()
