"""How far an account's posts keep from each other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.model import Post
from bot.pace import Limits, Sent, may_go_at
from tests.conftest import START
from tests.post_sample import TOURS_ON_X, sending

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
LIMITS = Limits(gap=MINUTE, catch_up_gap=10 * MINUTE, posts_a_day=3)


def due(minutes: float, part: int = 0) -> Post:
    """A post that was due so many minutes ago."""
    return sending(TOURS_ON_X, "…", due=START - minutes * MINUTE, part=part)


def test_the_first_post_of_an_account_goes_at_once() -> None:
    assert may_go_at(due(0), Sent(), LIMITS, START) == START


def test_a_post_keeps_its_distance_from_the_one_before() -> None:
    before = Sent(START - MINUTE / 2)
    assert may_go_at(due(0), before, LIMITS, START) == START + MINUTE / 2


def test_after_an_outage_late_posts_come_spaced_and_not_in_a_burst() -> None:
    before = Sent(START - 2 * MINUTE, late_at=START - 2 * MINUTE)
    assert may_go_at(due(600), before, LIMITS, START) == START + 8 * MINUTE
    assert may_go_at(due(1), before, LIMITS, START) == START, "one that is on time does not wait"


def test_a_late_post_keeps_the_plain_distance_from_one_that_was_on_time() -> None:
    before = Sent(START - MINUTE / 2, late_at=START - 10 * MINUTE)
    assert may_go_at(due(600), before, LIMITS, START) == START + MINUTE / 2


def test_a_thread_goes_out_in_one_go() -> None:
    assert may_go_at(due(600, part=1), Sent(START), LIMITS, START) == START


@pytest.mark.parametrize("ago", [1, 23])
def test_beyond_the_ceiling_of_a_day_a_post_waits_until_one_is_a_day_old(ago: int) -> None:
    today = tuple(START - hours * HOUR for hours in (23.5, ago, 0.5, 0.2))
    sent = Sent(today[-1], today)
    assert may_go_at(due(0), sent, LIMITS, START) == START + (24 - ago) * HOUR


def test_a_clock_that_is_a_little_ahead_makes_a_post_wait_for_no_more_than_its_distance() -> None:
    assert may_go_at(due(0), Sent(START + MINUTE / 2), LIMITS, START) == START + MINUTE
    full = Sent(None, (START + HOUR,) * 3)
    assert may_go_at(due(0), full, LIMITS, START) == START + 24 * HOUR


@pytest.mark.parametrize("ahead", [MINUTE / 2, MINUTE, 2 * MINUTE, 12 * HOUR, 300 * HOUR])
def test_no_account_waits_until_a_clock_that_was_set_wrong_is_right(ahead: timedelta) -> None:
    """Whoever is put off asks again when that time has come."""
    sent, now = Sent(START + ahead), START
    while (later := may_go_at(due(0), sent, LIMITS, now)) > now:
        now = later
    assert now <= START + 2 * MINUTE


def test_nor_for_the_posts_of_a_day() -> None:
    full = Sent(None, (START + 300 * HOUR,) * 3)
    assert may_go_at(due(0), full, LIMITS, START) == START


def test_without_limits_nothing_waits() -> None:
    sent = Sent(START, (START,) * 1000)
    assert may_go_at(due(600), sent, Limits(), START) == START
