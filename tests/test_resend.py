"""Whether a post is sent once more although it may be out, and what becomes of it then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.attached import Attached, Media, Sort
from bot.errors import AccountBlocked, NetworkError, NotSent, Refused, Throttled, Uncertain
from bot.model import RESEND, Attempt, AttemptState, Post, PostState, Published
from bot.outcome import accepted, failed
from bot.resend import NOT_BEFORE, ON_ITS_WAY, Chance, chance_of, in_doubt, named
from bot.words import Message
from tests.post_sample import NOW, SUWON_ON_LINKEDIN, sending

PREPARED, SENDING, ACCEPTED, REFUSED, NOT_SENT, UNCERTAIN = AttemptState
MINUTE = timedelta(minutes=1)
WITHIN = 10 * MINUTE
LOST = replace(sending(SUWON_ON_LINKEDIN, "안녕"), state=PostState.UNCERTAIN, attempts=1)


def tried(*states: AttemptState, number: int = 1, **changes: object) -> list[Attempt]:
    """The lines of one attempt, which all came at NOW."""
    line = Attempt(LOST.id, number, PREPARED, NOW, LOST.account)
    return [replace(line, state=state, **changes) for state in states]  # type: ignore[arg-type]


UNKNOWN = tried(PREPARED, SENDING, UNCERTAIN)


def chance(
    lines: Sequence[Attempt], post: Post = LOST, at: datetime = NOW + MINUTE
) -> Chance | None:
    return chance_of(post, lines, WITHIN, at)


@given(seconds=st.integers(-900, 900))
def test_it_is_sent_once_more_while_the_network_surely_knows_a_repetition(seconds: int) -> None:
    at = NOW + timedelta(seconds=seconds)
    expected = Chance(NOW, NOW + WITHIN - ON_ITS_WAY)
    allowed = NOT_BEFORE.total_seconds() <= seconds < (WITHIN - ON_ITS_WAY).total_seconds()
    assert chance(UNKNOWN, at=at) == (expected if allowed else None)


def test_a_network_that_knows_a_repetition_for_no_time_has_nothing_sent_to_it() -> None:
    assert chance_of(LOST, UNKNOWN, timedelta(), NOW + MINUTE) is None


PICTURE = Media("0" * 64, Sort.PICTURE, "image/jpeg", 1)


@pytest.mark.parametrize(
    ("lines", "post"),
    [
        pytest.param([], LOST, id="no try at all"),
        pytest.param(tried(PREPARED, UNCERTAIN), LOST, id="never at the wire"),
        pytest.param(tried(PREPARED, SENDING), LOST, id="on its way"),
        pytest.param(
            tried(PREPARED, SENDING, UNCERTAIN, repeats=True), LOST, id="refused as a repetition"
        ),
        pytest.param(
            tried(SENDING, UNCERTAIN, cause=Message("Restored.")), LOST, id="from a restored copy"
        ),
        pytest.param(
            [*UNKNOWN, *tried(PREPARED, SENDING, UNCERTAIN, number=2, act=RESEND)],
            replace(LOST, attempts=2),
            id="sent once more already",
        ),
        pytest.param(
            [*UNKNOWN, *tried(PREPARED, UNCERTAIN, number=2, act=RESEND)],
            replace(LOST, attempts=2),
            id="to be sent once more, and stopped",
        ),
        pytest.param(
            UNKNOWN, replace(LOST, attached=Attached(media=(PICTURE,))), id="with a picture"
        ),
    ],
)
def test_what_is_left_to_a_person(lines: list[Attempt], post: Post) -> None:
    assert chance(lines, post) is None


def test_what_a_person_sent_again_may_be_sent_once_more_again() -> None:
    said = [*UNKNOWN, *tried(NOT_SENT)]
    again = [*said, *tried(PREPARED, SENDING, UNCERTAIN, number=2)]
    assert chance(again, replace(LOST, attempts=2)) is not None


def test_what_the_network_names_is_found_not_answered() -> None:
    """So that the answer of whoever it is can still take it back."""
    outcome = named(Published("urn:li:share:7", "https://…/7", NOW, "call", 422))
    assert (outcome.attempt, outcome.post) == (ACCEPTED, PostState.PUBLISHED)
    assert (outcome.is_found, outcome.act, outcome.status) == (True, RESEND, 422)


ENDS = (
    NotSent("Down."),
    Refused("Too long.", status=400),
    Uncertain("No answer."),
    Throttled("Wait.", retry_at=NOW + MINUTE, status=429),
    AccountBlocked("Sign in.", status=401),
)


@pytest.mark.parametrize("error", ENDS, ids=lambda error: type(error).__name__)
def test_whatever_else_it_ends_in_it_is_uncertain_as_before(error: NetworkError) -> None:
    post = replace(LOST, failures=2)
    ended = failed(error, post, NOW)
    outcome = in_doubt(ended, post, NOW)
    assert (outcome.attempt, outcome.post, outcome.act) == (UNCERTAIN, PostState.UNCERTAIN, RESEND)
    assert (outcome.cause, outcome.status, outcome.failures) == (error.message, error.status, 2)
    assert (outcome.next_try, outcome.published) == (NOW, None)
    assert (outcome.hold_account, outcome.wait_until) == (ended.hold_account, ended.wait_until)
    assert bool(outcome.notice) == outcome.hold_account


def test_what_is_another_posts_leaves_it_in_doubt() -> None:
    outcome = in_doubt(named(Published("urn:li:share:7", "", NOW)), LOST, NOW)
    assert (outcome.post, outcome.published, outcome.is_found) == (PostState.UNCERTAIN, None, False)
    assert "another" in str(outcome.cause)
    assert accepted(Published("7", "", NOW)).act != outcome.act
