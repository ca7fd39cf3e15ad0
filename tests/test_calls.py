"""What was used of an account's limits: calls and posts of a day, money of a month."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from bot.db.store import Store
from bot.db.tables import attempts, spending
from bot.model import AttemptState, Campaign
from tests.announcements_sample import announcement, planned
from tests.conftest import START

DAY = date(2026, 11, 25)
NUMBERS = itertools.count()


def test_calls_are_counted_until_the_ceiling(store: Store) -> None:
    taken = [store.calls.take("linkedin-fr", DAY, 3) for _call in range(5)]
    assert taken == [True, True, True, False, False]
    assert store.calls.made("linkedin-fr", DAY) == 3


def test_each_account_and_each_day_has_its_own_count(store: Store) -> None:
    assert store.calls.take("linkedin-fr", DAY, 1)
    assert not store.calls.take("linkedin-fr", DAY, 1)
    assert store.calls.take("linkedin-ko", DAY, 1)
    assert store.calls.take("linkedin-fr", DAY + timedelta(days=1), 1)
    assert store.calls.made("linkedin-fr", DAY - timedelta(days=1)) == 0


def test_without_a_ceiling_nothing_is_written(store: Store) -> None:
    assert all(store.calls.take("x-fr", DAY, 0, kept) for kept in (0, 5))
    assert store.calls.made("x-fr", DAY) == 0


def test_a_ceiling_that_was_lowered_holds_at_once(store: Store) -> None:
    for _call in range(5):
        assert store.calls.take("linkedin-fr", DAY, 100)
    assert not store.calls.take("linkedin-fr", DAY, 5)
    assert store.calls.take("linkedin-fr", DAY, 6)


@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    ceiling=st.integers(1, 12),
    kept=st.integers(0, 14),
    order=st.lists(st.booleans(), max_size=30),
)
def test_what_is_kept_is_there_for_those_it_is_kept_for(
    store: Store, ceiling: int, kept: int, order: list[bool]
) -> None:
    account, made = f"account-{next(NUMBERS)}", 0
    for may_use_it in order:
        left = 0 if may_use_it else kept
        may = made < ceiling - left
        assert store.calls.take(account, DAY, ceiling, left) is may
        made += may
    assert store.calls.made(account, DAY) == made


def test_two_daemons_at_once_never_take_more_than_there_are(
    open_store: Callable[[], Store],
) -> None:
    stores = [open_store() for _daemon in range(3)]
    taken: list[bool] = []

    def call(store: Store) -> None:
        taken.extend(store.calls.take("linkedin-fr", DAY, 40) for _call in range(25))

    threads = [threading.Thread(target=call, args=(one,)) for one in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), sum(taken)) == (75, 40)
    assert stores[0].calls.made("linkedin-fr", DAY) == 40


@pytest.mark.parametrize(
    ("state", "act", "ago", "counts"),
    [
        (AttemptState.SENDING, "publish", timedelta(hours=23), True),
        (AttemptState.SENDING, "publish", timedelta(hours=24), False),
        (AttemptState.SENDING, "delete", timedelta(hours=1), False),
        (AttemptState.PREPARED, "publish", timedelta(hours=1), False),
    ],
)
def test_a_post_counts_for_a_day_from_when_it_went_to_the_wire(
    store: Store, campaign: Campaign, state: AttemptState, act: str, ago: timedelta, counts: bool
) -> None:
    (ids,) = store.queue.add([(announcement(campaign), [planned("x-fr", START)])])
    line = {"post_id": ids[0], "number": 1, "state": state, "at": START - ago, "account": "x-fr"}
    with store._engine.begin() as connection:
        connection.execute(insert(attempts).values(**line, act=act))
    assert store.calls.sent("x-fr", START - timedelta(days=1)) == counts
    assert store.calls.sent("x-ko", START - timedelta(days=1)) == 0


def test_what_a_restore_wrote_down_as_perhaps_sent_counts_for_no_limit(
    store: Store, campaign: Campaign
) -> None:
    """Nobody knows that it went out; what waits between two posts does not count it either."""
    store.queue.add([(announcement(campaign), [planned("x-fr", START)])])
    store.recovery.recover("a backup", START, ["x-fr"])
    assert AttemptState.SENDING in {line.state for line in store.ledger.attempts(1)}
    assert store.calls.sent("x-fr", START - timedelta(days=1)) == 0


def test_money_is_told_by_network_and_month(store: Store) -> None:
    with store._engine.begin() as connection:
        connection.execute(
            insert(spending),
            [
                {"network": "x", "month": "2026-11", "amount": 415_000},
                {"network": "x", "month": "2026-10", "amount": 3_000_000_000},
            ],
        )
    assert store.calls.spent("x", DAY) == 415_000
    assert store.calls.spent("x", date(2026, 10, 1)) == 3_000_000_000
    assert store.calls.spent("linkedin", DAY) == 0
    assert store.calls.spent("x", datetime(2026, 12, 1, tzinfo=UTC).date()) == 0
