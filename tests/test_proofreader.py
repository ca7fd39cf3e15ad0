"""Reading back what went out: when, how often, and what a person is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import RehearsalClock
from bot.db.store import Store
from bot.errors import AccountBlocked, ConfigError, NotSent, StoreError, Throttled
from bot.model import AttemptState, Campaign, Post, PostState
from bot.networks.base import Network
from bot.proofreader import Proofreader
from bot.purse import Purse
from bot.read_back import READ_BACK_AFTER
from tests.announcements_sample import MARK, announcement, planned
from tests.fakes import BlindNetwork, FakeNetwork, publisher_of

MINUTE = timedelta(minutes=1)
TAG = "KoreaFranceLocalCooperation"


class Reading:
    """A proofreader, its store and its networks; and posts that are out."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: RehearsalClock,
        networks: dict[str, FakeNetwork],
    ) -> None:
        self.campaign = campaign
        self.store = store
        self.clock = clock
        self.networks: dict[str, BlindNetwork] = dict(networks)
        network_of: Callable[[str], Network] = self.networks.__getitem__
        self.proofreader = Proofreader(campaign, store, clock, network_of, Purse(store, clock))

    def publish(self, slug: str, account: str = "x-fr") -> Post:
        """A post that is out, and is to be read back when it is time."""
        post = planned(account, self.clock.now(), text=f"{slug}\n\n{MARK}")
        ids = self.store.queue.add([(announcement(self.campaign, slug), [post])])[0]
        publisher_of(self.campaign, self.store, self.clock, self.networks.__getitem__).publish_due()
        self.store.proofs.plan(ids[0], self.clock.now() + READ_BACK_AFTER)
        return self.store.queue.post(ids[0])

    def network(self, account: str = "x-fr") -> FakeNetwork:
        network = self.networks[account]
        assert isinstance(network, FakeNetwork)
        return network

    def after(self, span: timedelta) -> list[int]:
        """What is read back when so much time has passed: the numbers of the posts."""
        self.clock.wait(span)
        return [post.id for post, _said in self.proofreader.read_due()]

    def notices(self) -> dict[str, str]:
        return {one.subject: str(one.message) for one in self.store.journal.notices()}


@pytest.fixture
def reading(
    campaign: Campaign, store: Store, clock: RehearsalClock, networks: dict[str, FakeNetwork]
) -> Reading:
    return Reading(campaign, store, clock, networks)


def test_a_post_is_read_back_once_two_minutes_after_it_went_out(reading: Reading) -> None:
    post = reading.publish("visite")
    assert reading.proofreader.next_at() == reading.clock.now() + READ_BACK_AFTER
    assert reading.after(MINUTE) == []
    assert reading.network().looks == []
    assert reading.after(MINUTE) == [post.id]
    assert reading.proofreader.next_at() is None
    assert reading.after(60 * MINUTE) == []
    assert len(reading.network().looks) == 1
    assert reading.notices() == {}


def test_the_posts_of_an_account_are_read_back_in_one_look(reading: Reading) -> None:
    posts = [reading.publish(slug).id for slug in ("un", "deux", "trois")]
    other = reading.publish("quatre", "linkedin-fr").id
    assert sorted(reading.after(2 * MINUTE)) == [*posts, other]
    assert len(reading.network().looks) == 1
    assert len(reading.network("linkedin-fr").looks) == 1


def test_a_text_that_was_cut_is_told_and_not_looked_at_again(reading: Reading) -> None:
    post = reading.publish("visite")
    out = reading.network().out
    out[0] = replace(out[0], text="visite\n\n#Korea")
    assert reading.after(2 * MINUTE) == [post.id]
    assert "ends after “…visite #Korea”" in reading.notices()[f"post {post.id}"]
    assert reading.proofreader.next_at() is None


def test_a_hashtag_that_is_not_live_is_told(reading: Reading) -> None:
    post = reading.publish("visite")
    out = reading.network().out
    out[0] = replace(out[0], tags=("Tours",))
    ((read, (said,)),) = _due(reading)
    assert read.id == post.id
    assert f"#{TAG} is no hashtag" in str(said)
    assert reading.notices() == {f"post {post.id}": str(said)}


def _due(reading: Reading) -> list[tuple[Post, tuple[object, ...]]]:
    reading.clock.wait(READ_BACK_AFTER)
    return list(reading.proofreader.read_due())


def test_what_is_not_visible_yet_is_looked_for_three_times_before_it_is_told(
    reading: Reading,
) -> None:
    post = reading.publish("visite")
    reading.network().hidden = True
    assert reading.after(2 * MINUTE) == []
    assert reading.after(4 * MINUTE) == []
    assert len(reading.network().looks) == 1
    assert reading.after(MINUTE) == []
    assert len(reading.network().looks) == 2
    assert reading.notices() == {}
    assert reading.after(15 * MINUTE) == [post.id]
    assert "does not show it" in reading.notices()[f"post {post.id}"]
    assert reading.proofreader.next_at() is None


def test_a_read_back_that_lags_is_no_difference(reading: Reading) -> None:
    post = reading.publish("visite")
    reading.network().hidden = True
    assert reading.after(2 * MINUTE) == []
    reading.network().hidden = False
    assert reading.after(5 * MINUTE) == [post.id]
    assert reading.notices() == {}


@pytest.mark.parametrize(
    "fault",
    [
        NotSent("It did not answer."),
        AccountBlocked("The keys are wrong."),
        ConfigError("No key."),
        RuntimeError("a fault"),
    ],
)
def test_a_network_that_fails_is_asked_three_times_and_then_told(
    fault: Exception, reading: Reading
) -> None:
    post = reading.publish("visite")
    healthy = reading.publish("forum", "linkedin-fr")
    reading.network().blurred = [fault] * 3
    assert reading.after(2 * MINUTE) == [healthy.id], "one account delays no other"
    assert reading.after(5 * MINUTE) == []
    assert reading.notices() == {}
    assert reading.after(15 * MINUTE) == []
    assert "could not be read back" in reading.notices()[f"post {post.id}"]
    assert reading.proofreader.next_at() is None


def test_a_network_that_asks_to_wait_is_not_asked_before(reading: Reading) -> None:
    post = reading.publish("visite")
    wait_until = reading.clock.now() + 60 * MINUTE
    reading.network().blurred = [Throttled("Wait.", retry_at=wait_until)]
    assert reading.after(2 * MINUTE) == []
    assert reading.proofreader.next_at() == wait_until
    assert reading.after(58 * MINUTE) == [post.id]


def test_a_network_that_shows_an_account_nothing_has_nothing_to_read(reading: Reading) -> None:
    reading.networks["x-fr"] = BlindNetwork(reading.clock)
    reading.publish("visite")
    assert reading.after(2 * MINUTE) == []
    assert reading.proofreader.next_at() is None
    assert reading.notices() == {}


def test_what_was_deleted_meanwhile_is_not_read_back(reading: Reading) -> None:
    post = reading.publish("visite")
    line = reading.store.deeds.begin(post, "delete")
    assert line
    reading.store.deeds.deleted(replace(line, state=AttemptState.ACCEPTED))
    assert reading.store.queue.post(post.id).state == PostState.DELETED
    assert reading.proofreader.next_at() is None
    assert reading.after(2 * MINUTE) == []


def test_a_correction_that_comes_while_it_is_read_has_the_last_word(reading: Reading) -> None:
    stale = reading.publish("visite")
    assert reading.store.deeds.begin(stale, "correct")
    reading.store.proofs.done(stale)
    assert reading.proofreader.next_at() == reading.clock.now() + READ_BACK_AFTER


def test_whoever_stops_waits_for_one_account_at_most(reading: Reading) -> None:
    reading.publish("visite")
    reading.clock.wait(READ_BACK_AFTER)
    assert reading.proofreader.read_due(lambda: True) == []
    assert reading.network().looks == []
    assert reading.proofreader.read_due()


def test_a_database_that_fails_is_not_taken_for_a_network_that_does(reading: Reading) -> None:
    reading.publish("visite")
    reading.network().blurred = [StoreError("The disk is full.")]
    reading.clock.wait(READ_BACK_AFTER)
    with pytest.raises(StoreError):
        reading.proofreader.read_due()


def test_a_deletion_that_was_interrupted_is_told_after_five_minutes(reading: Reading) -> None:
    post = reading.publish("visite")
    reading.after(2 * MINUTE)
    assert reading.store.deeds.begin(post, "delete")
    assert reading.proofreader.next_at() == reading.clock.now() + 5 * MINUTE
    assert reading.after(4 * MINUTE) == []
    assert reading.notices() == {}
    assert reading.after(MINUTE) == []
    assert f"pavois delete {post.id}" in reading.notices()[f"post {post.id}"]
    assert reading.proofreader.next_at() is None
    lines = reading.store.ledger.attempts(post.id)
    assert [(line.act, line.state) for line in lines[-2:]] == [
        ("delete", AttemptState.SENDING),
        ("delete", AttemptState.UNCERTAIN),
    ]
