"""What a post becomes: a table of every error and attempt, and the rules of looking."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.errors import (
    AccountBlocked,
    NetworkError,
    NotReady,
    NotSent,
    Refused,
    Throttled,
    Uncertain,
)
from bot.model import AttemptState, Post, PostState, Published
from bot.outcome import RETRY_AFTER, Outcome, accepted, failed, is_stale, not_found
from bot.words import Message

NOW = datetime(2023, 3, 1, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = NOW + 42 * MINUTE
WHY = Message("Why.")


def post(**changes: object) -> Post:
    values: dict[str, object] = {
        "id": 7,
        "campaign": "small",
        "announcement": "bonjour",
        "kind": "news",
        "partners": (),
        "account": "x-fr",
        "network": "x",
        "language": "fr",
        "text": "Bonjour",
        "due": NOW,
        "valid_until": None,
        "state": PostState.SENDING,
        "next_try": NOW,
        "attempts": 1,
    }
    return Post(**values | changes)  # type: ignore[arg-type]


NOT_SENT = NotSent("Why.", status=503, request_id="r-1")
THROTTLED = Throttled("Why.", retry_at=LATER, status=429)
NOT_READY = NotReady("Why.", retry_at=LATER)
REFUSED = Refused("Why.", status=400, request_id="r-2")
BLOCKED = AccountBlocked("Why.", status=401)
UNCERTAIN = Uncertain("Why.", status=500)
BARE = NetworkError("Why.")

QUEUED, FAILED, LOOK = PostState.QUEUED, PostState.FAILED, PostState.UNCERTAIN
TRIED, NO, MAYBE = AttemptState.NOT_SENT, AttemptState.REFUSED, AttemptState.UNCERTAIN


@pytest.mark.parametrize(
    ("error", "failures", "attempt", "state", "wait"),
    [
        # Certainly not sent: 1, 5, 15, 60, 180 and 360 minutes, then failed.
        (NOT_SENT, 0, TRIED, QUEUED, 1),
        (NOT_SENT, 1, TRIED, QUEUED, 5),
        (NOT_SENT, 2, TRIED, QUEUED, 15),
        (NOT_SENT, 3, TRIED, QUEUED, 60),
        (NOT_SENT, 4, TRIED, QUEUED, 180),
        (NOT_SENT, 5, TRIED, QUEUED, 360),
        (NOT_SENT, 6, TRIED, FAILED, 0),
        # Throttled: at the hour that the network told, however often.
        (THROTTLED, 0, TRIED, QUEUED, 42),
        (THROTTLED, 6, TRIED, QUEUED, 42),
        (THROTTLED, 98, TRIED, QUEUED, 42),
        # Its files are not ready: as long as the network takes for them.
        (NOT_READY, 0, TRIED, QUEUED, 42),
        (NOT_READY, 6, TRIED, QUEUED, 42),
        # Refused: once is enough.
        (REFUSED, 0, NO, FAILED, 0),
        (REFUSED, 6, NO, FAILED, 0),
        # The account is blocked: the post waits with it.
        (BLOCKED, 0, TRIED, QUEUED, 0),
        (BLOCKED, 98, TRIED, QUEUED, 0),
        # Perhaps out: never again before a look.
        (UNCERTAIN, 0, MAYBE, LOOK, 1),
        (UNCERTAIN, 6, MAYBE, LOOK, 1),
        # An error that answers nothing more is one that did not leave.
        (BARE, 0, TRIED, QUEUED, 1),
        (BARE, 6, TRIED, FAILED, 0),
    ],
)
def test_what_an_error_makes_of_a_post(
    error: NetworkError, failures: int, attempt: AttemptState, state: PostState, wait: int
) -> None:
    outcome = failed(error, post(failures=failures), NOW)
    assert (outcome.attempt, outcome.post) == (attempt, state)
    assert NOW + wait * MINUTE <= outcome.next_try <= NOW + 1.25 * wait * MINUTE
    assert (outcome.cause, outcome.status) == (WHY, error.status)
    assert outcome.request_id == error.request_id
    assert outcome.hold_account is (error is BLOCKED)


@pytest.mark.parametrize(
    ("error", "failures", "notice"),
    [
        (NOT_SENT, 5, ""),
        (NOT_SENT, 6, "It could not be sent in 7 attempts."),
        (THROTTLED, 0, ""),
        (REFUSED, 0, "Why."),
        (BLOCKED, 0, "Why."),
        (UNCERTAIN, 0, ""),
    ],
)
def test_a_person_is_told_of_what_needs_one(
    error: NetworkError, failures: int, notice: str
) -> None:
    assert str(failed(error, post(failures=failures), NOW).notice or "") == notice


def test_waiting_for_a_network_or_a_person_uses_up_no_attempt() -> None:
    for error in (THROTTLED, BLOCKED, UNCERTAIN):
        assert failed(error, post(failures=3), NOW).failures == 3
    assert failed(NOT_SENT, post(failures=3), NOW).failures == 4
    assert failed(THROTTLED, post(), NOW).wait_until == LATER


def test_the_table_above_goes_through_every_wait() -> None:
    assert [wait / MINUTE for wait in RETRY_AFTER] == [1, 5, 15, 60, 180, 360]


def test_an_hour_that_the_network_told_and_that_has_passed_is_now() -> None:
    past = Throttled("Why.", retry_at=NOW - MINUTE)
    assert failed(past, post(), NOW).next_try == NOW


def test_a_post_that_is_out_is_published_with_what_the_network_said() -> None:
    published = Published("42", "https://x.example/42", NOW, request_id="r-3", status=201)
    assert accepted(published) == Outcome(
        AttemptState.ACCEPTED,
        PostState.PUBLISHED,
        NOW,
        published=published,
        status=201,
        request_id="r-3",
    )


@pytest.mark.parametrize(
    ("minutes", "looks", "state", "next_look", "counted"),
    [
        (1, 0, LOOK, 15, 0),  # too early to mean anything: the next look is when it would
        (14, 1, LOOK, 15, 0),
        (15, 0, LOOK, 20, 1),  # the first that counts
        (20, 1, QUEUED, 21, 0),  # the second: it is not there, and goes out again in a minute
    ],
)
def test_absent_is_said_after_two_looks_when_it_must_have_been_visible(
    minutes: int, looks: int, state: PostState, next_look: int, counted: int
) -> None:
    now = NOW + minutes * MINUTE
    outcome = not_found(post(looks=looks, state=LOOK), NOW, now)
    assert (outcome.post, outcome.looks) == (state, counted)
    assert NOW + next_look * MINUTE <= outcome.next_try <= NOW + 1.25 * next_look * MINUTE
    assert outcome.attempt == (TRIED if state == QUEUED else None)


def test_of_what_a_clock_far_ahead_sent_absent_is_never_said() -> None:
    """Nobody knows when it must be visible: after a second look in vain a person is asked."""
    sent_at = NOW + timedelta(days=20)
    first = not_found(post(state=LOOK), sent_at, NOW)
    assert (first.post, first.next_try, first.notice) == (LOOK, NOW + 15 * MINUTE, None)
    second = not_found(post(state=LOOK, looks=first.looks), sent_at, first.next_try)
    assert (second.post, second.attempt) == (LOOK, None)
    assert "clock was ahead" in str(second.notice)
    again = not_found(post(state=LOOK, looks=second.looks), sent_at, second.next_try)
    assert (again.notice, again.next_try) == (second.notice, second.next_try + timedelta(days=1))


def test_a_post_that_is_never_there_is_failed_in_the_end() -> None:
    outcome = not_found(post(looks=1, failures=6, state=LOOK), NOW, NOW + 20 * MINUTE)
    assert (outcome.post, outcome.attempt) == (FAILED, TRIED)
    assert outcome.notice is not None


@pytest.mark.parametrize(
    ("valid_until", "stale"),
    [(None, False), (NOW, False), (NOW + MINUTE, False), (NOW - MINUTE, True)],
)
def test_a_post_is_stale_once_what_it_says_is_no_longer_true(
    valid_until: datetime | None, stale: bool
) -> None:
    assert is_stale(post(valid_until=valid_until), NOW) is stale
