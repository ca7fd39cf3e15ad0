"""Calls that are made again: which, how often, after how long, and when an answer says so."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from bot.clock import RehearsalClock
from bot.config import LONGEST_WAIT
from bot.errors import (
    AccountBlocked,
    NotReady,
    NotSent,
    Refused,
    Throttled,
    Uncertain,
)
from bot.networks import again
from bot.networks.again import (
    LATEST,
    PATIENCE,
    PAUSE,
    SOONEST,
    TRIES,
    repeated,
    retry_after,
)
from bot.publisher import LEASE

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


class Calls:
    """A call that ends in each of *ends* in turn, and then well."""

    def __init__(self, *ends: Exception) -> None:
        self.ends = list(ends)
        self.made = 0

    def __call__(self) -> str:
        self.made += 1
        if self.ends:
            raise self.ends.pop(0)
        return "read"


@pytest.fixture
def clock() -> RehearsalClock:
    return RehearsalClock(NOW)


def test_a_reading_that_fails_is_made_again_a_moment_later(clock: RehearsalClock) -> None:
    call = Calls(NotSent("No line."), NotSent("Out of order.", status=503))
    assert repeated(call, clock) == "read"
    assert call.made == TRIES
    waited = (clock.now() - NOW).total_seconds()
    assert 2 * PAUSE[0] <= waited <= 2 * PAUSE[1]


def test_after_three_times_it_is_given_up_with_the_last_words(clock: RehearsalClock) -> None:
    call = Calls(*(NotSent(f"{number}.") for number in range(1, 9)))
    with pytest.raises(NotSent, match=r"^3\.$"):
        repeated(call, clock)
    assert call.made == TRIES


@pytest.mark.parametrize(
    "error",
    [
        Throttled("Wait.", retry_at=LATER),
        Throttled("Wait.", retry_at=LATER, status=503),
        NotReady("At work.", retry_at=LATER),
        NotSent("A conflict.", status=409),
        NotSent("Moved.", status=302),
        Refused("No.", status=400),
        AccountBlocked("No key.", status=401),
        Uncertain("Perhaps.", status=500),
        ValueError("A fault of our own."),
    ],
    ids=lambda error: f"{type(error).__name__} {getattr(error, 'status', '')}",
)
def test_what_another_moment_does_not_mend_is_not_made_again(
    clock: RehearsalClock, error: Exception
) -> None:
    call = Calls(error)
    with pytest.raises(type(error)) as caught:
        repeated(call, clock)
    assert caught.value is error
    assert (call.made, clock.now()) == (1, NOW)


def test_a_call_that_took_long_is_not_made_again(
    clock: RehearsalClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(again, "PATIENCE", 0)
    call = Calls(NotSent("No answer."))
    with pytest.raises(NotSent):
        repeated(call, clock)
    assert call.made == 1


def said(after: str) -> datetime | None:
    response = requests.Response()
    response.headers["Retry-After"] = after
    return retry_after(response, NOW)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("120", timedelta(minutes=2)),
        (" 120 ", timedelta(minutes=2)),
        ("0", SOONEST),
        ("99999999999999999999", LATEST),
        ("Mon, 23 Nov 2026 09:30:00 GMT", timedelta(minutes=30)),
        ("Mon, 23 Nov 2026 10:30:00 +0100", timedelta(minutes=30)),
        ("Mon, 23 Nov 2026 09:30:00 -0000", timedelta(minutes=30)),
        ("Monday, 23-Nov-26 09:30:00 GMT", timedelta(minutes=30)),
        ("Mon, 23 Nov 2026 08:00:00 GMT", SOONEST),
        ("Wed, 23 Nov 2099 08:00:00 GMT", LATEST),
    ],
)
def test_a_gateway_says_when_to_come_back_in_seconds_or_as_a_date(
    after: str, expected: timedelta
) -> None:
    assert said(after) == NOW + expected


@pytest.mark.parametrize("after", ["", "soon", "-5", "1.5", "²", "Mon, 23 Nov", "Mon, 99 Nov 2026"])
def test_what_says_nothing_is_no_word(after: str) -> None:
    assert said(after) is None
    assert retry_after(requests.Response(), NOW) is None


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n")))
def test_whatever_is_said_is_believed_within_bounds(after: str) -> None:
    at = said(after)
    assert at is None or NOW + SOONEST <= at <= NOW + LATEST


@given(st.integers(60, 90_000), st.integers(-12, 14))
def test_a_date_means_the_same_in_every_zone(seconds: int, hours: int) -> None:
    at = NOW + timedelta(seconds=seconds)
    assert said(format_datetime(at.astimezone(timezone(timedelta(hours=hours))))) == at


def test_whoever_reads_nothing_does_not_wait_for_the_library() -> None:
    lines = (
        "import sys",
        "import bot.app, bot.networks.x.client, bot.networks.linkedin.client",
        "print('tenacity' in sys.modules)",
    )
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("False", "")


def test_a_reading_with_its_repetitions_ends_before_a_lease_does() -> None:
    longest = PATIENCE + PAUSE[1] + 2 * LONGEST_WAIT
    assert timedelta(seconds=longest) < LEASE
