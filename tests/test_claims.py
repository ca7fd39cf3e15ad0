"""Many posts at a time: claimed, said to be on their way, and recorded together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from bot.clock import RehearsalClock
from bot.db.claims import Begun, Call, Claimed
from bot.db.outcomes import Ended
from bot.db.store import Store
from bot.errors import NotSent, StoreError
from bot.model import Campaign, Post, PostState, Published
from bot.outcome import Outcome, accepted, failed
from bot.publisher import LEASE, Lookups, Publisher, Sent
from bot.senders import InTurn
from tests.announcements_sample import announcement, planned
from tests.conftest import START
from tests.fakes import FakeNetwork, PlainRules, opened

SPEAKERS = ("linkedin-fr", "x-fr", "x-ko")


@pytest.fixture
def due(store: Store, campaign: Campaign) -> None:
    """A post of each account, due a minute after each other; LinkedIn's is number 1."""
    posts = [planned(slug, START - timedelta(minutes=3 - at)) for at, slug in enumerate(SPEAKERS)]
    store.queue.add([(announcement(campaign, "visite"), posts)])


def call_all(store: Store, price: int | None = None, budget: int | None = None) -> list[Claimed]:
    """Claim all that is due, and say that it is called now."""
    return store.ledger.claim(
        "campaign", "me", LEASE, most=3, call_of=lambda post: Call(post, price, budget)
    )


def out(post: Post, name: str = "") -> Outcome:
    return accepted(Published(name or f"name-{post.id}", "", START))


def trail(store: Store, post_id: int) -> list[str]:
    return [line.state.value for line in store.ledger.attempts(post_id)]


@pytest.mark.usefixtures("due")
def test_what_is_called_at_once_is_written_down_with_the_claim(store: Store) -> None:
    called = call_all(store)
    assert [(one.post.id, one.begun) for one in called] == [(n, Begun.YES) for n in (1, 2, 3)]
    assert [trail(store, number) for number in (1, 2, 3)] == [["prepared", "sending"]] * 3
    assert [store.queue.post(one.post.id) for one in called] == [one.post for one in called]


@pytest.mark.usefixtures("due")
def test_of_what_a_budget_has_no_room_for_the_oldest_goes(store: Store) -> None:
    called = call_all(store, price=400, budget=500)
    assert [one.begun for one in called] == [Begun.YES, Begun.YES, Begun.TOO_DEAR]
    spent = [store.calls.spent(network, date(2023, 2, 1)) for network in ("linkedin", "x")]
    assert spent == [400, 400]
    assert trail(store, 3) == ["prepared"]


@pytest.mark.usefixtures("due")
def test_of_posts_recorded_together_one_that_is_lost_keeps_no_other(
    store: Store, clock: RehearsalClock
) -> None:
    posts = [one.post for one in call_all(store)]
    clock.wait(LEASE)
    assert store.ledger.take_over(posts[1], failed(NotSent("Gone."), posts[1], clock.now()))
    ended = [(posts[0], out(posts[0])), (posts[1], out(posts[1]))]
    ended.append((posts[2], failed(NotSent("Down."), posts[2], clock.now())))
    assert store.ledger.record_all(ended, "me") == [True, False, True]
    states = [store.queue.post(number).state for number in (1, 2, 3)]
    assert states == [PostState.PUBLISHED, PostState.QUEUED, PostState.QUEUED]
    assert store.queue.post(1).remote_id == "name-1"
    assert trail(store, 3) == ["prepared", "sending", "not_sent"]


@pytest.mark.usefixtures("due")
def test_of_two_answers_with_one_name_the_second_puts_the_first_in_doubt(store: Store) -> None:
    posts = [one.post for one in call_all(store)]
    ended: list[Ended] = [(post, out(post, "42")) for post in posts]
    assert store.ledger.record_all(ended, "me") == [True, True, True]
    states = [store.queue.post(number).state for number in (1, 2, 3)]
    assert states == [PostState.PUBLISHED, PostState.UNCERTAIN, PostState.PUBLISHED]
    assert store.ledger.owner_of("x", "42") == store.queue.post(3)


class Together(InTurn[Sent]):
    """Has senders for everybody, and comes back with all of them at a time."""

    @property
    def free(self) -> int:
        return 9 - len(self.busy)


@pytest.fixture
def publisher(
    campaign: Campaign, store: Store, clock: RehearsalClock, networks: dict[str, FakeNetwork]
) -> Publisher:
    lookups = Lookups(networks.__getitem__, lambda _name: PlainRules(), opened)
    return Publisher(campaign, store, clock, lookups, Together())


def failing(
    store: Store, monkeypatch: pytest.MonkeyPatch, fails: Callable[[list[Ended]], bool]
) -> list[list[int]]:
    """Lets some groups not be written down; the posts of each group that was tried."""
    record_all = store.ledger.record_all
    tried: list[list[int]] = []

    def perhaps(ended: list[Ended], sender: str = "") -> list[bool]:
        tried.append([post.id for post, _outcome in ended])
        if fails(ended):
            raise StoreError("The database refused what was asked of it.")
        return record_all(ended, sender)

    monkeypatch.setattr(store.ledger, "record_all", perhaps)
    return tried


@pytest.mark.usefixtures("due")
def test_an_answer_that_cannot_be_written_down_takes_no_other_along(
    publisher: Publisher, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = failing(store, monkeypatch, lambda ended: any(post.id == 2 for post, _ in ended))
    with pytest.raises(StoreError):
        publisher.publish_due()
    assert tried == [[1, 2, 3], [1], [2], [3]]
    states = [store.queue.post(number).state for number in (1, 2, 3)]
    assert states == [PostState.PUBLISHED, PostState.SENDING, PostState.PUBLISHED]


@pytest.mark.usefixtures("due")
def test_a_database_that_refuses_everything_is_not_asked_for_each_answer(
    publisher: Publisher, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = failing(store, monkeypatch, lambda _ended: True)
    with pytest.raises(StoreError):
        publisher.publish_due()
    assert tried == [[1, 2, 3], [1], [2]]
