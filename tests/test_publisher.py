"""The publishing loop on networks that are lists: never twice, never lost, never stale."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from bot.changes import Change, shifted, steps
from bot.clock import RehearsalClock
from bot.db.claims import Begun
from bot.db.store import Store
from bot.errors import (
    AccountBlocked,
    ConfigError,
    NetworkError,
    NotSent,
    Refused,
    RefusedCommand,
    StoreError,
    Throttled,
    Uncertain,
)
from bot.invariants import ledger_faults
from bot.model import AccountState, Campaign, Post, PostState, RemotePost
from bot.networks.base import Deleter, Finder, Network
from bot.outcome import accepted, look_again
from bot.publisher import LEASE, Lookups, Publisher
from bot.purse import Purse
from bot.senders import InTurn
from bot.settler import Settler
from tests.announcements_sample import MARK, announcement, planned
from tests.conftest import START
from tests.fakes import (
    BlindNetwork,
    FakeNetwork,
    PlainRules,
    begin,
    claimed,
    next_wake_up,
    opened,
    publisher_of,
    settler_of,
)

MINUTE = timedelta(minutes=1)
T = TypeVar("T")
#: After a minute a post is tried again, and a quarter more of it: each at another instant.
A_MINUTE_OR_SO = 1.25 * MINUTE
HOUR = timedelta(hours=1)


class OneAfterTheOther(InTurn[T]):
    """Takes jobs for several accounts, and comes back with one at a time."""

    @property
    def free(self) -> int:
        return 9

    def finished(self) -> list[T]:
        account = next(iter(self._done))
        return [self._done.pop(account)]


class Work:
    """A publisher, its store and its networks, and a clock that the test moves."""

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
        self.networks: dict[str, BlindNetwork] = {**networks}
        self.publisher = self.another()
        self.settler = settler_of(campaign, store, clock, self._network_of)

    def another(self) -> Publisher:
        """A publisher of another process, on the same store and networks."""
        return publisher_of(self.campaign, self.store, self.clock, self._network_of)

    def _network_of(self, account: str) -> Network:
        return self.networks[account]

    @property
    def x(self) -> FakeNetwork:
        network = self.networks["x-fr"]
        assert isinstance(network, FakeNetwork)
        return network

    def queue(self, slug: str = "visite", account: str = "x-fr", **changes: object) -> int:
        post = planned(account, self.clock.now(), **changes)
        return self.store.queue.add([(announcement(self.campaign, slug), [post])])[0][0]

    def wait(self, time: timedelta) -> None:
        self.clock.advance_to(self.clock.now() + time)

    def turn(self) -> dict[int, PostState]:
        """One turn of the daemon: settle, then publish; what it says became of which post."""
        done = [*self.settler.settle(), *self.publisher.publish_due()]
        return {post.id: state for post, state in done}

    def state(self, post_id: int = 1) -> PostState:
        return self.store.queue.post(post_id).state

    def post(self, post_id: int = 1) -> Post:
        return self.store.queue.post(post_id)

    def trail(self, post_id: int = 1) -> list[str]:
        return [line.state.value for line in self.store.ledger.attempts(post_id)]

    def notices(self) -> list[tuple[str, str]]:
        return [(one.subject, str(one.message)) for one in self.store.journal.notices()]


@pytest.fixture
def work(
    campaign: Campaign, store: Store, clock: RehearsalClock, networks: dict[str, FakeNetwork]
) -> Work:
    return Work(replace(campaign, late_after=timedelta(days=9)), store, clock, networks)


def test_the_stand_ins_do_what_the_contract_says(networks: dict[str, FakeNetwork]) -> None:
    network: Network = networks["x-fr"]
    assert isinstance(network, Finder)
    assert isinstance(network, Deleter)


# ── what the network answers ────────────────────────────────────────────────────────────────────


def test_a_post_that_is_due_is_published_once(work: Work) -> None:
    work.queue()
    assert work.turn() == {1: PostState.PUBLISHED}
    assert work.turn() == {}
    assert [remote.text for remote in work.x.out] == [work.post().text]
    assert (work.post().remote_id, work.post().published_at) == ("x-fr-1", START)
    assert work.trail() == ["prepared", "sending", "accepted"]


def test_a_post_that_is_not_due_waits(work: Work) -> None:
    post = planned("x-fr", START + HOUR)
    work.store.queue.add([(announcement(work.campaign), [post])])
    assert work.turn() == {}
    work.wait(HOUR)
    assert work.turn() == {1: PostState.PUBLISHED}


def test_the_attempt_is_written_down_before_the_call_is_made(work: Work) -> None:
    seen: list[list[str]] = []
    work.x.meanwhile = lambda post: seen.append(work.trail(post.id))
    work.queue()
    work.turn()
    assert seen == [["prepared", "sending"]]


def test_a_post_that_was_not_sent_is_tried_again_later(work: Work) -> None:
    work.queue()
    work.x.before = [NotSent("Down.", status=503)]
    assert work.turn() == {1: PostState.QUEUED}
    assert work.turn() == {}
    work.wait(A_MINUTE_OR_SO)
    assert work.turn() == {1: PostState.PUBLISHED}
    assert len(work.x.out) == 1


def test_a_post_that_never_gets_through_fails_with_a_notice(work: Work) -> None:
    work.queue()
    work.x.before = [NotSent("Down.") for _ in range(9)]
    for _ in range(9):
        work.turn()
        work.wait(6 * HOUR)
    assert work.state() == PostState.FAILED
    assert work.post().attempts == 7
    assert work.notices() == [("post 1", "It could not be sent in 7 attempts.")]


def test_a_post_that_is_refused_fails_with_the_networks_reason(work: Work) -> None:
    work.queue()
    work.x.before = [Refused("Too long.", status=400)]
    assert work.turn() == {1: PostState.FAILED}
    assert work.notices() == [("post 1", "Too long.")]
    work.wait(24 * HOUR)
    assert work.turn() == {}


def test_a_blocked_account_waits_and_the_others_go_on(work: Work) -> None:
    work.queue("un")
    work.queue("deux")
    work.queue("trois", "x-ko")
    work.x.before = [AccountBlocked("Sign in again.", status=401)]
    assert work.turn() == {1: PostState.QUEUED, 3: PostState.PUBLISHED}
    work.wait(HOUR)
    assert work.turn() == {}
    assert work.notices() == [("account x-fr", "Sign in again.")]
    work.store.ledger.release_account("x-fr")
    assert work.turn() == {1: PostState.PUBLISHED, 2: PostState.PUBLISHED}


def test_an_account_without_its_keys_is_held_and_the_others_go_on(work: Work) -> None:
    def network_of(account: str) -> Network:
        if account == "x-fr":
            raise ConfigError("No key.")
        return work.networks[account]

    publisher = publisher_of(work.campaign, work.store, work.clock, network_of)
    work.queue("un")
    work.queue("deux", "x-ko")
    assert [state for _post, state in publisher.publish_due()] == [
        PostState.QUEUED,
        PostState.PUBLISHED,
    ]
    assert work.notices() == [("account x-fr", "No key.")]
    held = {one.account for one in work.store.ledger.accounts() if one.state == AccountState.HELD}
    assert held == {"x-fr"}
    assert work.trail(1) == ["prepared", "not_sent"]


def test_a_throttled_post_goes_out_at_the_hour_that_was_told(work: Work) -> None:
    work.queue()
    work.x.before = [Throttled("Slowly.", retry_at=START + 42 * MINUTE, status=429)]
    assert work.turn() == {1: PostState.QUEUED}
    work.wait(41 * MINUTE)
    assert work.turn() == {}
    work.wait(A_MINUTE_OR_SO)
    assert work.turn() == {1: PostState.PUBLISHED}


# ── what is not known ───────────────────────────────────────────────────────────────────────────


def test_a_post_that_is_out_after_all_is_found_and_not_sent_again(work: Work) -> None:
    work.queue()
    work.x.after = [Uncertain("No answer.")]
    assert work.turn() == {1: PostState.UNCERTAIN}
    assert work.turn() == {}
    work.wait(A_MINUTE_OR_SO)
    assert work.turn() == {1: PostState.PUBLISHED}
    assert (work.post().remote_id, len(work.x.out)) == ("x-fr-1", 1)
    assert work.trail() == ["prepared", "sending", "uncertain", "accepted"]


def test_a_post_that_shows_late_is_found_and_not_sent_again(work: Work) -> None:
    work.queue()
    work.x.after = [Uncertain("No answer.")]
    work.x.hidden = True
    work.turn()
    work.wait(MINUTE)
    assert work.turn() == {}
    work.wait(14 * MINUTE)
    assert work.turn() == {}
    work.x.hidden = False
    work.wait(5 * MINUTE)
    assert work.turn() == {1: PostState.PUBLISHED}
    assert len(work.x.out) == 1


def test_a_post_is_absent_after_two_looks_when_it_must_have_shown_and_goes_out_again(
    work: Work,
) -> None:
    work.queue()
    work.x.before = [Uncertain("No answer.")]
    for _ in range(60):
        work.turn()
        work.wait(MINUTE)
    assert work.state() == PostState.PUBLISHED
    assert len(work.x.out) == 1
    assert [(look - START) / MINUTE for look in work.x.looks] == [1, 15, 20]
    assert work.post().published_at == START + 22 * MINUTE
    assert work.trail()[2:] == ["uncertain", "not_sent", "prepared", "sending", "accepted"]


def test_a_look_that_fails_is_no_look(work: Work) -> None:
    work.queue()
    work.x.before = [Uncertain("No answer.")]
    work.x.blurred = [NotSent("Down.") for _ in range(5)]
    for _ in range(25):
        work.turn()
        work.wait(MINUTE)
    assert work.state() == PostState.UNCERTAIN
    assert len(work.x.out) == 0


def test_a_network_that_may_not_be_asked_is_a_matter_for_a_person(work: Work) -> None:
    work.queue()
    work.x.before = [Uncertain("No answer.")]
    work.x.blurred = [AccountBlocked("Not allowed.", status=403)]
    work.turn()
    work.wait(MINUTE)
    assert work.turn() == {}
    assert work.state() == PostState.UNCERTAIN
    assert work.notices() == [("post 1", "Not allowed.")]
    for _ in range(20):
        work.wait(5 * MINUTE)
        work.turn()
    assert (work.state(), work.notices()) == (PostState.PUBLISHED, [])


def test_a_network_that_cannot_be_looked_at_is_never_tried_again_by_itself(work: Work) -> None:
    work.networks["x-fr"] = BlindNetwork(work.clock)
    work.queue()
    work.networks["x-fr"].after = [Uncertain("No answer.")]
    work.turn()
    for _ in range(10):
        work.wait(24 * HOUR)
        work.turn()
    assert work.state() == PostState.UNCERTAIN
    assert len(work.networks["x-fr"].out) == 1
    (notice,) = work.notices()
    assert notice[0] == "post 1"
    assert "pavois queue settle" in notice[1]


@pytest.mark.parametrize(
    ("remote_id", "state"), [("42", PostState.PUBLISHED), ("", PostState.QUEUED)]
)
def test_a_person_settles_what_cannot_be_known(
    work: Work, remote_id: str, state: PostState
) -> None:
    work.networks["x-fr"] = BlindNetwork(work.clock)
    work.queue()
    work.networks["x-fr"].before = [Uncertain("No answer.")]
    work.turn()
    work.wait(MINUTE)
    work.turn()
    with pytest.raises(
        RefusedCommand, match=r"may still show\. Look again at 2023-02-20 08:45 Paris"
    ):
        work.settler.settle_by_hand(work.post(), "", "")
    work.wait(14 * MINUTE)
    work.settler.settle_by_hand(work.post(), f"https://x/{remote_id}", remote_id)
    assert (work.state(), work.notices()) == (state, [])
    with pytest.raises(RefusedCommand, match="Post 1 is not uncertain"):
        work.settler.settle_by_hand(work.post(), "", "")


def test_what_a_restored_copy_looks_for_does_not_go_out_before_its_time(work: Work) -> None:
    number = work.queue()
    later = work.clock.now() + 3 * HOUR
    shown = work.store.queue.of(work.campaign.slug, "visite")
    moved = steps(shown, shifted(shown, later))
    change = Change("visite", work.campaign.slug, None, frozenset([number]), moved)
    work.store.queue.change(change)
    work.store.recovery.recover("a backup", work.clock.now(), ["x-fr"])
    work.wait(15 * MINUTE)
    work.settler.settle_by_hand(work.post(), "", "")
    assert work.post().next_try == later
    assert work.turn() == {}


@pytest.mark.parametrize("late", ["drop", "ask"])
def test_the_rest_of_a_thread_whose_beginning_is_dropped_does_not_wait_unseen(
    work: Work, late: str
) -> None:
    kinds = {name: replace(kind, late=late) for name, kind in work.campaign.kinds.items()}
    work = Work(
        replace(work.campaign, kinds=kinds, late_after=HOUR),
        work.store,
        work.clock,
        {"x-fr": work.x},
    )
    thread = [planned("x-fr", work.clock.now(), part=part) for part in (0, 1)]
    work.store.queue.add([(announcement(work.campaign, "visite"), thread)])
    work.wait(2 * HOUR)
    work.turn()
    work.turn()
    told = {subject for subject, _message in work.notices()}
    assert (work.state(1), work.state(2)) == (
        (PostState.EXPIRED, PostState.HELD)
        if late == "drop"
        else (PostState.HELD, PostState.QUEUED)
    )
    assert told == ({"post 1", "post 2"} if late == "drop" else {"post 1"})


def test_the_same_words_published_earlier_by_hand_are_not_another_posts(work: Work) -> None:
    work.queue("un")
    work.turn()
    work.queue("deux")
    work.x.before = [Uncertain("No answer.")]
    work.turn()
    work.wait(MINUTE)
    assert work.turn() == {}  # the one that is there is post 1, and known to be
    assert work.state(2) == PostState.UNCERTAIN


def test_a_repetition_of_a_post_that_is_known_is_failed(work: Work) -> None:
    work.queue("un")
    work.turn()
    work.queue("deux")
    work.x.before = [Uncertain("Duplicate.", duplicate_of="x-fr-1", status=422)]
    assert work.turn() == {2: PostState.FAILED}
    assert work.notices() == [("post 2", "The network refuses it as a repetition of post 1.")]
    assert work.trail(2) == ["prepared", "sending", "refused"]
    assert len(work.x.out) == 1


def test_a_repetition_of_nobodys_post_is_looked_for(work: Work) -> None:
    work.queue()
    text = work.post().text
    work.x.out = [RemotePost("77", "https://x/77", text, START)]
    work.x.before = [Uncertain("Duplicate.", duplicate_of="77", status=422)]
    assert work.turn() == {1: PostState.UNCERTAIN}
    work.wait(MINUTE)
    assert work.turn() == {1: PostState.PUBLISHED}
    assert work.post().remote_id == "77"


# ── crashes ─────────────────────────────────────────────────────────────────────────────────────


def test_a_crash_before_the_call_leaves_a_post_that_goes_out_later(work: Work) -> None:
    work.queue()
    claimed(work.store, "campaign", "a process that died", LEASE)
    assert work.turn() == {}
    work.wait(LEASE)
    assert work.turn() == {1: PostState.QUEUED}
    work.wait(A_MINUTE_OR_SO)
    assert work.turn() == {1: PostState.PUBLISHED}
    assert len(work.x.out) == 1


@pytest.mark.parametrize("was_stored", [True, False])
def test_a_crash_during_the_call_leaves_a_post_that_is_looked_for(
    work: Work, was_stored: bool
) -> None:
    work.queue()
    crash = [KeyboardInterrupt("the machine was switched off")]
    (work.x.after if was_stored else work.x.before).extend(crash)
    with pytest.raises(KeyboardInterrupt):
        work.turn()
    work.publisher = work.another()
    work.wait(LEASE)
    assert work.turn() == {1: PostState.UNCERTAIN}
    for _ in range(60):
        work.wait(MINUTE)
        work.turn()
    assert work.state() == PostState.PUBLISHED
    assert len(work.x.out) == 1


def test_a_database_that_fails_after_the_call_loses_nothing_and_sends_nothing_twice(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.queue()

    def fails(*_arguments: object) -> bool:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(work.store.ledger, "record_all", fails)
        with pytest.raises(StoreError):
            work.turn()
    assert len(work.x.out) == 1
    work.wait(LEASE)
    assert work.turn() == {1: PostState.UNCERTAIN}
    work.wait(MINUTE)
    assert work.turn() == {1: PostState.PUBLISHED}
    assert len(work.x.out) == 1


def test_a_store_that_fails_while_a_repetition_is_looked_up_leaves_the_post_to_be_looked_for(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault must not leave the sender: its account would be busy for ever."""
    work.queue()
    work.x.before = [Uncertain("It is out already.", duplicate_of="x-fr-9")]

    def fails(*_arguments: object) -> Post | None:
        raise StoreError("The database is busy.")

    monkeypatch.setattr(work.store.ledger, "owner_of", fails)
    assert work.turn() == {1: PostState.UNCERTAIN}


def test_a_store_that_fails_amid_the_looks_leaves_none_of_them_for_the_next_time(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.queue()
    work.queue("forum", "linkedin-fr")
    work.x.after = [Uncertain("No answer.")]
    work.networks["linkedin-fr"].after = [Uncertain("No answer.")]
    work.turn()
    work.wait(MINUTE)
    looks = OneAfterTheOther[Any]()
    settler = Settler(
        work.campaign,
        work.store,
        work.clock,
        lambda account: work.networks[account],
        looks,
        Purse(work.store, work.clock),
    )

    def fails(*_arguments: object) -> bool:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(work.store.ledger, "record", fails)
        with pytest.raises(StoreError):
            settler.settle()
    assert not looks.busy
    assert {state for _post, state in settler.settle()} == {PostState.PUBLISHED}


def test_what_a_slow_sender_learns_late_is_still_written_down(work: Work) -> None:
    work.queue()

    def slow(_post: Post) -> None:
        work.x.meanwhile = lambda _post: None
        work.wait(LEASE)
        assert [state for _one, state in work.settler.settle()] == [PostState.UNCERTAIN]

    work.x.meanwhile = slow
    assert work.turn() == {1: PostState.PUBLISHED}
    assert len(work.x.out) == 1
    work.wait(HOUR)
    assert work.turn() == {}
    assert len(work.x.out) == 1


# ── the last check ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Bonjour 🇫🇷🇰🇷", "the hashtag #KoreaFranceLocalCooperation is missing"),
        ("Bonjour #KoreaFranceLocalCooperation 🇫🇷", "the flag 🇰🇷 must stand there once"),
        (f"Bonjour {MARK} {MARK}", "must stand there once, in this spelling"),
    ],
)
def test_a_post_without_its_mark_is_held_and_never_altered(
    work: Work, text: str, fault: str
) -> None:
    work.queue(text=text)
    assert work.turn() == {1: PostState.HELD}
    assert (work.post().text, work.x.out) == (text, [])
    ((subject, sentence),) = work.notices()
    assert subject == "post 1"
    assert fault in sentence
    work.wait(24 * HOUR)
    assert work.turn() == {}


def test_a_post_that_is_no_longer_true_expires(work: Work) -> None:
    work.queue(valid_until=START + HOUR)
    work.x.before = [NotSent("Down.") for _ in range(9)]
    for _ in range(9):
        work.turn()
        work.wait(20 * MINUTE)
    work.x.before = []
    assert (work.state(), work.x.out) == (PostState.EXPIRED, [])
    sentence = "What it says had stopped being true before it could go out."
    assert work.notices() == [("post 1", sentence)]
    assert work.turn() == {}


def test_a_post_at_the_last_instant_of_its_validity_still_goes_out(work: Work) -> None:
    work.queue(valid_until=START)
    assert work.turn() == {1: PostState.PUBLISHED}


def test_a_post_that_went_stale_between_the_check_and_the_claim_does_not_leave(
    work: Work,
) -> None:
    work.queue(valid_until=START)
    work.wait(MINUTE)
    assert [state for _post, state in work.publisher.publish_due()] == [PostState.EXPIRED]
    assert work.x.out == []
    assert work.trail() == ["prepared", "not_sent"]


def test_the_posts_of_another_campaign_are_left_to_it(work: Work) -> None:
    work.queue(valid_until=START)
    [post] = claimed(work.store, "campaign", "gone", LEASE)
    assert post is not None
    other = publisher_of(
        replace(work.campaign, slug="another"),
        work.store,
        work.clock,
        lambda _account: pytest.fail("it asked for a network"),
    )
    work.wait(LEASE)
    assert (other.publish_due()) == []
    assert work.turn()[1] == PostState.EXPIRED


# ── stopping, and telling ───────────────────────────────────────────────────────────────────────


def test_stopping_finishes_the_call_in_hand_and_begins_no_other(work: Work) -> None:
    work.queue("un")
    work.queue("deux")
    stopping: list[bool] = []
    work.x.meanwhile = lambda _post: stopping.append(True)
    done = work.publisher.publish_due(lambda: bool(stopping))
    assert [(post.id, state) for post, state in done] == [(1, PostState.PUBLISHED)]
    assert (work.state(1), work.state(2)) == (PostState.PUBLISHED, PostState.QUEUED)


ENDS: list[Callable[[], NetworkError]] = [
    lambda: NotSent("Down."),
    lambda: Refused("Too long."),
    lambda: AccountBlocked("Sign in."),
    lambda: Uncertain("No answer."),
]


@pytest.mark.parametrize("end", ENDS)
def test_every_change_of_state_is_one_line_of_the_log_without_the_text(
    work: Work, caplog: pytest.LogCaptureFixture, end: Callable[[], NetworkError]
) -> None:
    work.queue(text=f"Confidentiel {MARK}")
    work.x.before = [end()]
    with caplog.at_level(logging.INFO):
        work.turn()
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("post 1 (visite, x-fr, fr): sending → ")
    assert line.endswith(str(end()))
    assert "Confidentiel" not in line


def test_a_post_that_is_settled_is_one_line_of_the_log(
    work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    work.queue()
    work.x.after = [Uncertain("No answer.")]
    work.turn()
    work.wait(MINUTE)
    with caplog.at_level(logging.INFO):
        work.turn()
    assert [record.getMessage() for record in caplog.records] == [
        "post 1 (visite, x-fr, fr): uncertain → published · Found among the account's own posts."
    ]


# ── what a review found ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("fast", [2 * MINUTE, 20 * MINUTE, -20 * MINUTE])
def test_a_clock_that_is_wrong_does_not_publish_twice(work: Work, fast: timedelta) -> None:
    work.queue()
    work.x.after = [Uncertain("No answer.")]
    work.turn()
    shown = work.x.out[0]
    work.x.out = [replace(shown, at=shown.at - fast)]
    for _look in range(5):
        work.wait(20 * MINUTE)
        work.turn()
    assert work.state() == PostState.PUBLISHED
    assert len(work.x.out) == 1


def test_the_posts_after_the_attempt_come_before_those_of_the_day_before(work: Work) -> None:
    post_id = work.queue()
    text = work.post(post_id).text
    work.x.out = [RemotePost("by-hand", "", text, START - HOUR)]
    work.x.after = [Uncertain("No answer.")]
    work.turn()
    work.wait(MINUTE)
    assert work.turn() == {1: PostState.PUBLISHED}
    assert work.post().remote_id == "x-fr-2"
    assert work.notices() == []


def test_a_post_of_the_day_before_is_taken_for_it_and_a_person_is_told(work: Work) -> None:
    work.queue()
    work.x.out = [RemotePost("by-hand", "", work.post().text, START - HOUR)]
    work.x.before = [Uncertain("X says that this text is out already.", status=403)]
    for _look in range(20):
        work.turn()
        work.wait(MINUTE)
        assert work.state() == PostState.UNCERTAIN, "its own copy may still show"
    work.turn()
    assert work.post().remote_id == "by-hand"
    assert "by hand" in work.notices()[0][1]


def test_a_fault_of_our_own_in_a_call_is_never_taken_for_not_sent(work: Work) -> None:
    work.queue()
    work.queue("forum", "linkedin-fr")
    work.x.after = [KeyError("account")]
    assert work.turn() == {1: PostState.UNCERTAIN, 2: PostState.PUBLISHED}
    work.wait(MINUTE)
    assert work.turn() == {1: PostState.PUBLISHED}
    assert len(work.x.out) == 1


def test_a_fault_of_our_own_in_a_look_delays_that_post_only_and_is_told(work: Work) -> None:
    work.queue()
    work.x.after = [Uncertain("No answer.")]
    work.turn()
    work.x.blurred = [KeyError("account")]
    work.wait(MINUTE)
    work.queue("forum", "linkedin-fr")
    assert work.turn() == {2: PostState.PUBLISHED}
    assert [subject for subject, _sentence in work.notices()] == ["post 1"]
    work.wait(HOUR)
    assert work.turn() == {1: PostState.PUBLISHED}
    assert work.notices() == []


def test_an_account_that_cannot_be_looked_at_for_an_hour_is_told(work: Work) -> None:
    work.queue()
    work.x.after = [Uncertain("No answer.")]
    work.turn()
    work.x.blurred = [NotSent("The proxy is down.")] * 20
    for _look in range(12):
        work.wait(6 * MINUTE)
        work.turn()
    assert work.notices() == [("post 1", "The proxy is down.")]
    assert work.state() == PostState.UNCERTAIN


def test_a_network_that_asks_to_wait_is_not_asked_by_the_other_posts_of_the_account(
    work: Work,
) -> None:
    for slug in ("visite", "forum", "label"):
        work.queue(slug)
    work.x.before = [Throttled("Wait.", retry_at=START + HOUR)]
    assert work.turn() == {1: PostState.QUEUED}
    assert next_wake_up(work.store, "campaign") == START + HOUR
    work.wait(HOUR)
    assert set(work.turn().values()) == {PostState.PUBLISHED}
    assert [work.post(number).attempts for number in (1, 2, 3)] == [2, 1, 1]


def test_being_asked_to_wait_often_fails_no_post(work: Work) -> None:
    work.queue()
    for _time in range(9):
        work.x.before = [Throttled("Wait.", retry_at=work.clock.now() + HOUR)]
        work.turn()
        work.wait(HOUR)
    work.x.before = [NotSent("Down.")]
    assert work.turn() == {1: PostState.QUEUED}
    work.wait(A_MINUTE_OR_SO)
    assert work.turn() == {1: PostState.PUBLISHED}


def test_a_failed_post_goes_out_when_a_person_sends_it_again(work: Work) -> None:
    work.queue()
    work.x.before = [Refused("No.")]
    work.turn()
    assert work.store.queue.retry([1]) == (1,)
    assert work.notices() == []
    assert work.turn() == {1: PostState.PUBLISHED}
    assert work.store.queue.retry([1]) == ()


def test_what_has_stopped_being_true_cannot_be_sent_again(work: Work) -> None:
    work.queue(valid_until=START + HOUR)
    work.x.before = [Refused("No.")]
    work.turn()
    work.wait(2 * HOUR)
    assert work.store.queue.retry([1]) == ()


def test_what_a_person_found_is_dated_when_it_was_sent_and_found_once(work: Work) -> None:
    for slug in ("visite", "forum"):
        work.queue(slug)
    work.networks["x-fr"] = blind = BlindNetwork(work.clock)
    blind.after = [Uncertain("No answer."), Uncertain("No answer.")]
    work.turn()
    work.wait(30 * HOUR)
    work.settler.settle_by_hand(work.post(1), "https://x.com/i/status/7", "7")
    assert work.post(1).published_at == START
    with pytest.raises(RefusedCommand, match="post 1 already"):
        work.settler.settle_by_hand(work.post(2), "https://x.com/i/status/7", "7")


def test_stopping_ends_the_looks_between_two_of_them(work: Work) -> None:
    for slug, account in (("visite", "x-fr"), ("forum", "x-ko")):
        work.queue(slug, account)
        work.networks[account].after = [Uncertain("No answer.")]
    work.turn()
    work.wait(MINUTE)
    asked = iter([False, True])
    assert len(work.settler.settle(lambda: next(asked))) == 1


def test_a_network_that_makes_a_post_wait_for_days_is_told_once(work: Work) -> None:
    work.queue()
    for _hour in range(30):
        work.x.before = [Throttled("Not now.", retry_at=work.clock.now() + HOUR)]
        work.turn()
        work.wait(HOUR)
    assert work.notices() == [("post 1", "Not now.")]
    assert work.turn() == {1: PostState.PUBLISHED}
    assert work.notices() == []


def test_a_wait_that_was_noted_by_a_wrong_clock_holds_nobody_up(
    work: Work, store: Store, networks: dict[str, FakeNetwork]
) -> None:
    work.queue()
    work.x.before = [Throttled("Wait.", retry_at=START + 400 * 24 * HOUR)]
    work.turn()
    work.queue("forum")
    assert work.turn() == {2: PostState.PUBLISHED}
    assert next_wake_up(work.store, "campaign") == START + 400 * 24 * HOUR
    assert work.store.queue.retry([1, 2]) == (1,)
    assert work.turn() == {1: PostState.PUBLISHED}


def test_a_fault_of_our_own_before_a_call_delays_that_post_only(
    work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    work.queue()
    work.queue("forum", "linkedin-fr")
    broken = work.networks.pop("x-fr")
    assert work.turn() == {1: PostState.QUEUED, 2: PostState.PUBLISHED}
    work.networks["x-fr"] = broken
    work.wait(A_MINUTE_OR_SO)
    assert work.turn() == {1: PostState.PUBLISHED}


def test_this_mornings_visit_is_not_announced_after_two_days_outage(work: Work) -> None:
    work.campaign = replace(work.campaign, late_after=6 * HOUR)
    work.publisher = work.another()
    work.queue()
    work.wait(48 * HOUR)
    assert work.turn() == {1: PostState.HELD}
    assert (work.x.out, work.trail()) == ([], ["prepared", "not_sent"])
    assert work.notices()[0][1].startswith("It is late: it was due more than 6 h ago.")
    work.store.queue.retry([1])
    assert work.turn() == {1: PostState.PUBLISHED}, "a person said that it is to go all the same"


def test_what_is_stopped_goes_out_when_a_person_says_so(work: Work) -> None:
    work.queue()
    work.queue("forum", "x-ko")
    work.store.brake.stop("Deuil national", "claire")
    assert work.turn() == {}
    assert next_wake_up(work.store, "campaign") is None
    work.store.brake.release([2])
    assert work.turn() == {2: PostState.PUBLISHED}
    work.store.brake.release_all(work.campaign)
    assert work.turn() == {1: PostState.PUBLISHED}


@pytest.mark.parametrize("by_hand", [False, True])
def test_an_answer_that_comes_when_its_post_waits_again_is_still_written_down(
    work: Work, by_hand: bool
) -> None:
    """It is no more lost than one that comes while the post is looked for."""
    work.queue()
    work.x.hidden = True

    def meanwhile(_post: Post) -> None:
        work.x.meanwhile = lambda _post: None
        work.wait(LEASE)
        work.settler.settle()
        if by_hand:
            work.wait(3 * LEASE)
            work.settler.settle_by_hand(work.post(), "", "")
        for _look in range(5):
            work.wait(6 * MINUTE)
            work.settler.settle()
        assert work.state() == PostState.QUEUED

    work.x.meanwhile = meanwhile
    assert [state for _post, state in work.publisher.publish_due()] == [PostState.PUBLISHED]
    work.wait(HOUR)
    assert work.turn() == {}
    assert len(work.x.out) == 1
    assert ledger_faults([work.post()], {1: work.store.ledger.attempts(1)}) == []


def test_a_post_whose_network_is_not_there_any_more_keeps_no_other_waiting(
    campaign: Campaign, store: Store, clock: RehearsalClock, networks: dict[str, FakeNetwork]
) -> None:
    def rules_of(network: str) -> PlainRules:
        if network == "x":
            raise ConfigError("This Pavois knows no network x.")
        return PlainRules()

    lookups = Lookups(networks.__getitem__, rules_of, opened)
    publisher = Publisher(campaign, store, clock, lookups, InTurn())
    posts = [planned("x-fr", START), planned("linkedin-fr", START)]
    store.queue.add([(announcement(campaign, "visite"), posts)])
    done = {post.account: state for post, state in publisher.publish_due()}
    assert done == {"x-fr": PostState.QUEUED, "linkedin-fr": PostState.PUBLISHED}
    assert [notice.subject for notice in store.journal.notices()] == ["account x-fr"]


def test_a_post_that_was_taken_for_its_twin_is_looked_for_again_when_the_twin_answers(
    work: Work,
) -> None:
    twins = [work.queue("visite"), work.queue("encore")]
    [first] = claimed(work.store, "campaign", "slow", LEASE)
    assert begin(work.store, first, "slow") is Begun.YES
    answer = work.x.publish(first)
    work.wait(LEASE)
    work.x.before = [Uncertain("It is out already.", repeats=True)]
    work.turn()
    work.store.ledger.record(work.post(first.id), look_again(first, START + 9 * HOUR))
    for _look in range(30):
        work.wait(MINUTE)
        work.turn()
    other = next(number for number in twins if number != first.id)
    assert work.post(other).remote_id == answer.remote_id
    assert work.store.ledger.record(work.post(first.id), accepted(answer))
    assert work.post(first.id).remote_id == answer.remote_id
    assert (work.state(other), work.post(other).remote_id) == (PostState.UNCERTAIN, "")
