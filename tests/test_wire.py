"""Right before the wire and at it: what may leave, what it costs, what came of the one call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.attached import Attached, Media, Sort
from bot.clock import RehearsalClock
from bot.errors import NetworkError, NotSent, Uncertain
from bot.model import AttemptState, Post, PostState
from bot.outcome import Outcome, failed
from bot.pace import Limits
from bot.wire import call, priced, sender_name
from tests.announcements_sample import MARK
from tests.conftest import START
from tests.fakes import BlindNetwork, FakeNetwork, PlainRules
from tests.post_sample import TOURS_ON_X, sending

SECOND = timedelta(seconds=1)
POST = replace(sending(TOURS_ON_X, f"Bonjour {MARK}"), kind="news", due=START)


class DearRules(PlainRules):
    """Every post costs a cent, each described picture another."""

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal:
        return Decimal("0.01") * (1 + alt_texts)


def made(network: BlindNetwork, *, ahead: float = 1.0) -> Outcome:
    """What came of a call whose deadline is *ahead* so many seconds."""
    clock = network.clock

    def after(error: NetworkError, post: Post) -> Outcome:
        return failed(error, post, clock.now())

    return call(network, POST, clock.monotonic() + ahead, clock, after)


@pytest.mark.parametrize("ahead", [0.0, -1.0])
def test_at_its_deadline_the_call_is_not_made(clock: RehearsalClock, ahead: float) -> None:
    network = BlindNetwork(clock)
    outcome = made(network, ahead=ahead)
    assert (outcome.attempt, outcome.post) == (AttemptState.NOT_SENT, PostState.QUEUED)
    assert network.out == []


@pytest.mark.parametrize("kind", [BlindNetwork, FakeNetwork])
def test_what_is_out_is_read_back_where_that_can_be(
    clock: RehearsalClock, kind: type[BlindNetwork]
) -> None:
    outcome = made(kind(clock))
    assert outcome.post == PostState.PUBLISHED
    assert (outcome.read_back_at is not None) == (kind is FakeNetwork)


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (NotSent("Down."), AttemptState.NOT_SENT),
        (Uncertain("No answer."), AttemptState.UNCERTAIN),
        (KeyError("a fault of our own"), AttemptState.UNCERTAIN),
    ],
)
def test_a_fault_of_our_own_is_never_taken_for_not_sent(
    clock: RehearsalClock, error: Exception, state: AttemptState
) -> None:
    network = BlindNetwork(clock)
    network.before = [error]
    assert made(network).attempt == state


def test_a_price_is_in_millionths_of_a_dollar() -> None:
    picture = Media("0" * 64, Sort.PICTURE, "image/jpeg", 1, alt="Un pont")
    assert priced(POST, PlainRules(), Limits()).price is None
    shown = replace(POST, attached=Attached(media=(picture,)))
    assert priced(shown, DearRules(), Limits()).price == 20_000


def test_no_two_senders_have_one_name() -> None:
    assert sender_name() != sender_name()
