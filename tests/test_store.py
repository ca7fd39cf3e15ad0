"""What Pavois remembers: instants, the queue, claims and leases, the ledger, notices, figures."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import StatementError

from bot.clock import RehearsalClock
from bot.db.claims import Begun
from bot.db.ledger import AN_INSTANT
from bot.db.store import Store
from bot.errors import (
    AccountBlocked,
    ConfigError,
    NotSent,
    Refused,
    RefusedCommand,
    StoreError,
    Uncertain,
)
from bot.metrics import Metrics, Snapshot
from bot.model import AccountState, AttemptState, Campaign, Post, PostState, Published
from bot.outcome import accepted, failed, not_sent, uncertain
from bot.pace import LONGEST_WAIT
from bot.words import Message
from tests import fakes
from tests.announcements_sample import announcement, planned
from tests.conftest import START
from tests.fakes import Hands, begin, next_wake_up
from tests.postgres import ON_SQLITE

LEASE = timedelta(minutes=3)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WHY = Message("Why.")

#: Queues an announcement and gives the numbers of its posts.
Queue = Callable[..., tuple[int, ...]]


@pytest.fixture
def clock() -> Hands:
    return Hands(START)


@pytest.fixture
def queue(store: Store, campaign: Campaign) -> Queue:
    """Queues an announcement with posts for these accounts, all due now; their numbers."""

    def add(slug: str, *accounts: str, due: datetime = START, **changes: object) -> tuple[int, ...]:
        posts = [planned(account, due, **changes) for account in accounts or ("x-fr",)]
        return store.queue.add([(announcement(campaign, slug), posts)])[0]

    return add


def claim(store: Store, sender: str = "me", lease: timedelta = LEASE) -> Post | None:
    return next(iter(fakes.claimed(store, "campaign", sender, lease)), None)


def claimed(store: Store, sender: str = "me") -> Post:
    post = claim(store, sender)
    assert post is not None
    return post


def sent(store: Store, sender: str = "me") -> Post:
    """A post that is on its way."""
    post = claimed(store, sender)
    assert begin(store, post, sender) is Begun.YES
    return post


def published(store: Store, at: datetime = START, remote_id: str = "42") -> Post:
    """A post that is out."""
    post = sent(store)
    outcome = accepted(Published(remote_id, f"https://x.example/{remote_id}", at, "r-1", 201))
    assert store.ledger.record(post, outcome, "me")
    return store.queue.post(post.id)


def until(is_so: Callable[[], bool], seconds: float = 5) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.005)


def trail(store: Store, post_id: int) -> list[tuple[int, str]]:
    return [(line.number, line.state.value) for line in store.ledger.attempts(post_id)]


# ── instants ────────────────────────────────────────────────────────────────────────────────────


def test_an_instant_comes_back_aware_in_utc_whatever_its_zone_was(
    store: Store, queue: Queue
) -> None:
    in_seoul = datetime(2023, 3, 1, 18, 0, 0, 123456, timezone(timedelta(hours=9)))
    (post_id,) = queue("visite", due=in_seoul)
    due = store.queue.post(post_id).due
    assert due == datetime(2023, 3, 1, 9, 0, 0, 123456, UTC)
    assert due.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(store: Store, queue: Queue) -> None:
    naive = datetime(2023, 3, 1, 18)  # noqa: DTZ001  what must not get in
    with pytest.raises(StatementError, match="an instant without a zone"):
        queue("visite", due=naive)
    assert store.queue.posts("campaign") == []


# ── the queue ───────────────────────────────────────────────────────────────────────────────────


def test_a_post_is_queued_as_it_was_planned(store: Store, queue: Queue) -> None:
    end = START + 9 * HOUR
    (post_id,) = queue("visite", valid_until=end)
    post = store.queue.post(post_id)
    assert post == Post(
        id=post_id,
        campaign="campaign",
        announcement="visite",
        kind="news",
        partners=(),
        account="x-fr",
        network="x",
        language="fr",
        text=planned("x-fr", START).text,
        due=START,
        valid_until=end,
        state=PostState.QUEUED,
        next_try=START,
    )


def test_a_batch_is_queued_whole_or_not_at_all(store: Store, campaign: Campaign) -> None:
    naive = datetime(2023, 3, 1)  # noqa: DTZ001  what must not get in
    good = (announcement(campaign, "one"), [planned("x-fr", START)])
    bad = (announcement(campaign, "two"), [planned("x-fr", START), planned("x-ko", naive)])
    with pytest.raises(StatementError):
        store.queue.add([good, bad])
    assert store.queue.posts("campaign") == []
    assert not store.queue.is_known(good[0])


def test_a_name_that_is_taken_leaves_the_whole_batch_out(
    store: Store, queue: Queue, campaign: Campaign
) -> None:
    queue("bonjour")
    new = (announcement(campaign, "new"), [planned("x-fr", START)])
    other = (announcement(campaign, facts={"headline": "Au revoir"}), [planned("x-fr", START)])
    with pytest.raises(RefusedCommand):
        store.queue.add([new, other])
    assert [post.announcement for post in store.queue.posts("campaign")] == ["bonjour"]


def test_the_same_announcement_again_changes_nothing(store: Store, queue: Queue) -> None:
    first = queue("visite", "x-fr", "x-ko")
    before = store.queue.posts("campaign")
    assert len(first) == 2
    assert queue("visite", "x-fr", "x-ko", due=START + HOUR) == ()
    assert store.queue.posts("campaign") == before


def test_another_announcement_of_the_same_name_is_refused(
    store: Store, queue: Queue, campaign: Campaign
) -> None:
    queue("bonjour")
    other = announcement(campaign, facts={"headline": "Au revoir"})
    with pytest.raises(RefusedCommand, match="bonjour is queued already, with other words"):
        store.queue.is_known(other)
    with pytest.raises(RefusedCommand, match="pavois queue change bonjour FILE"):
        store.queue.add([(other, [planned("x-fr", START)])])


def test_what_was_cancelled_can_be_queued_again_with_other_words(
    store: Store, queue: Queue, campaign: Campaign
) -> None:
    first = queue("bonjour", "x-fr", "x-ko")
    assert store.queue.cancel(first) == first
    other = announcement(campaign, facts={"headline": "Au revoir"})
    (again,) = store.queue.add([(other, [planned("x-fr", START)])])
    assert len(again) == 1
    states = {post.id: post.state for post in store.queue.posts("campaign")}
    assert states == dict.fromkeys(first, PostState.CANCELLED) | {again[0]: PostState.QUEUED}


def test_a_cancelled_post_does_not_leave(store: Store, queue: Queue) -> None:
    store.queue.cancel(queue("visite"))
    assert claim(store) is None


def test_a_post_on_its_way_cannot_be_cancelled(store: Store, queue: Queue) -> None:
    (post_id,) = queue("visite")
    sent(store)
    assert store.queue.cancel([post_id]) == ()
    assert store.queue.post(post_id).state == PostState.SENDING


def test_posts_are_found_by_state_in_the_order_in_which_they_are_due(
    store: Store, queue: Queue
) -> None:
    for hours in (2, 0, 1):
        queue(f"visite-{hours}", due=START + hours * HOUR)
    published(store)
    names = [post.announcement for post in store.queue.posts("campaign")]
    assert names == ["visite-0", "visite-1", "visite-2"]
    out = store.queue.posts("campaign", states=[PostState.PUBLISHED])
    assert [post.announcement for post in out] == ["visite-0"]
    assert store.queue.posts("another") == []


def test_posts_that_wait_for_another_campaign_are_counted(
    store: Store, queue: Queue, campaign: Campaign
) -> None:
    queue("visite", "x-fr", "x-ko")
    store.queue.cancel(queue("annulee"))
    assert store.queue.waiting_elsewhere("campaign") == {}
    assert store.queue.waiting_elsewhere("renamed") == {"campaign": 2}


def test_a_slot_is_taken_while_a_post_waits_for_it(store: Store, queue: Queue) -> None:
    queue("visite", "x-fr", "x-ko")
    store.queue.cancel(queue("annulee", due=START + HOUR))
    assert store.queue.taken("campaign") == {"x-fr": {START}, "x-ko": {START}}


def test_a_number_that_is_no_post_is_refused(store: Store) -> None:
    with pytest.raises(RefusedCommand, match="There is no post 7"):
        store.queue.post(7)


# ── claims ──────────────────────────────────────────────────────────────────────────────────────


def test_a_claim_takes_the_post_that_has_waited_longest(store: Store, queue: Queue) -> None:
    queue("later", due=START - MINUTE)
    queue("first", due=START - HOUR)
    queue("not-yet", due=START + MINUTE)
    assert published(store).announcement == "first"
    assert published(store, remote_id="43").announcement == "later"
    assert claim(store) is None


def test_a_claim_is_written_down_before_anything_is_sent(store: Store, queue: Queue) -> None:
    queue("visite")
    post = claimed(store)
    assert (post.state, post.attempts) == (PostState.SENDING, 1)
    (line,) = store.ledger.attempts(post.id)
    assert (line.number, line.state, line.at) == (1, AttemptState.PREPARED, START)
    assert line.account == "x-fr"


def test_a_claim_takes_only_its_own_campaigns_posts(store: Store, queue: Queue) -> None:
    queue("visite")
    assert fakes.claimed(store, "another") == []


def test_two_daemons_at_once_are_given_each_post_once(
    open_store: Callable[[], Store], campaign: Campaign
) -> None:
    here, there = open_store(), open_store()
    posts = [
        (announcement(campaign, f"n-{number}"), [planned(f"x-{number}", START)])
        for number in range(40)
    ]
    here.queue.add(posts)
    together = threading.Barrier(4)
    taken: list[list[int]] = [[] for _ in range(4)]

    def take_all(number: int) -> None:
        together.wait()
        while post := claim((here, there)[number % 2], f"sender-{number}"):
            taken[number].append(post.id)

    threads = [threading.Thread(target=take_all, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [post_id for each in taken for post_id in each]
    assert sorted(ids) == list(range(1, 41))


def test_two_daemons_that_settle_at_once_write_one_outcome(store: Store, queue: Queue) -> None:
    queue("visite")
    post = sent(store)
    store.ledger.record(post, uncertain(WHY, post, START), "me")
    seen = store.queue.post(post.id)
    found = accepted(Published("42", "", START))
    assert store.ledger.record(seen, found) is True
    assert store.ledger.record(seen, found) is False
    assert trail(store, post.id)[2:] == [(1, "uncertain"), (1, "accepted")]


# ── waits that cannot be true ───────────────────────────────────────────────────────────────────


def test_what_a_clock_ahead_put_off_waits_no_longer_than_until_it_is_due(
    store: Store, queue: Queue, clock: Hands
) -> None:
    for slug, due in (("past", START), ("future", START + HOUR), ("far", START + 30 * DAY)):
        queue(slug, due=due)
    clock.set_by(20 * DAY)
    for _ in range(2):
        post = claimed(store)
        store.ledger.record(post, not_sent(WHY, post, clock.now()), "me")
    assert store.waits.put_right() == 0, "by that clock all is well"
    clock.set_by(-20 * DAY)
    assert store.waits.put_right() == 2
    assert [post.next_try for post in store.queue.posts("campaign")] == [
        START,
        START + HOUR,
        START + 30 * DAY,
    ]
    assert store.waits.put_right() == 0


def test_what_a_clock_ahead_left_to_be_looked_for_is_looked_for_now(
    store: Store, queue: Queue, clock: Hands
) -> None:
    queue("visite")
    clock.set_by(20 * DAY)
    post = sent(store)
    store.ledger.record(post, uncertain(WHY, post, clock.now()), "me")
    clock.set_by(-20 * DAY)
    assert store.ledger.uncertain("campaign") == []
    assert store.waits.put_right() == 1
    assert [one.id for one in store.ledger.uncertain("campaign")] == [post.id]


# ── leases ──────────────────────────────────────────────────────────────────────────────────────


def test_a_post_is_its_senders_until_the_lease_ends(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    queue("visite")
    post = claimed(store)
    assert store.ledger.abandoned("campaign") == []
    assert begin(store, post, "somebody else") is Begun.LOST
    clock.advance_to(START + LEASE)
    assert [one.id for one in store.ledger.abandoned("campaign")] == [post.id]
    assert store.ledger.abandoned("another") == []
    assert begin(store, post, "me") is Begun.LOST


def test_a_lease_too_long_to_be_true_is_over(store: Store, queue: Queue, clock: Hands) -> None:
    queue("visite")
    post = claim(store, lease=LONGEST_WAIT)
    assert post
    assert store.ledger.abandoned("campaign") == []
    clock.set_by(-MINUTE)  # as if it had been ahead when the post was claimed
    assert [one.id for one in store.ledger.abandoned("campaign")] == [post.id]
    assert store.ledger.take_over(post, not_sent(WHY, post, clock.now()))


def test_a_sender_that_lost_its_lease_cannot_write_its_outcome(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    queue("visite")
    post = sent(store, "slow")
    clock.advance_to(START + LEASE)
    assert store.ledger.take_over(post, uncertain(WHY, post, clock.now()))
    assert not store.ledger.record(post, accepted(Published("42", "", START)), "slow")
    assert store.queue.post(post.id).state == PostState.UNCERTAIN
    assert trail(store, post.id) == [(1, "prepared"), (1, "sending"), (1, "uncertain")]


def test_a_sender_that_came_back_in_time_is_not_taken_over(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    queue("visite")
    post = sent(store)
    clock.advance_to(START + LEASE)
    assert store.ledger.record(post, accepted(Published("42", "", START)), "me")
    assert not store.ledger.take_over(post, uncertain(WHY, post, clock.now()))
    assert store.queue.post(post.id).state == PostState.PUBLISHED


def test_a_post_taken_over_by_another_and_sent_again_is_not_the_first_senders(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    queue("visite")
    post = claimed(store, "slow")
    clock.advance_to(START + LEASE)
    store.ledger.take_over(post, not_sent(WHY, post, clock.now()))
    clock.advance_to(clock.now() + 2 * MINUTE)
    again = sent(store, "quick")
    assert again.attempts == 2
    assert begin(store, post, "slow") is Begun.LOST
    assert not store.ledger.record(post, accepted(Published("1", "", START)), "slow")
    assert store.ledger.record(again, accepted(Published("2", "", START)), "quick")
    assert store.queue.post(post.id).remote_id == "2"


def test_a_post_that_fails_while_it_is_taken_over_is_told(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    queue("visite")
    post = claimed(store)
    clock.advance_to(START + LEASE)
    store.ledger.take_over(post, failed(Refused("No."), post, clock.now()))
    assert [str(notice.message) for notice in store.journal.notices()] == ["No."]


# ── the ledger ──────────────────────────────────────────────────────────────────────────────────


def test_the_ledger_keeps_every_state_of_every_attempt_in_order(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    (post_id,) = queue("visite")
    post = sent(store)
    store.ledger.record(post, failed(NotSent("Down.", status=503), post, START), "me")
    clock.advance_to(START + 2 * MINUTE)
    published(store, clock.now())
    lines = store.ledger.attempts(post_id)
    assert [(line.number, line.state.value) for line in lines] == [
        (1, "prepared"),
        (1, "sending"),
        (1, "not_sent"),
        (2, "prepared"),
        (2, "sending"),
        (2, "accepted"),
    ]
    assert (lines[2].cause, lines[2].status) == (Message("Down."), 503)
    assert (lines[5].remote_id, lines[5].request_id, lines[5].status) == ("42", "r-1", 201)
    assert [line.at for line in lines] == [START] * 3 + [START + 2 * MINUTE] * 3


def test_a_line_of_the_ledger_cannot_be_written_twice(store: Store, queue: Queue) -> None:
    queue("visite")
    post = sent(store)
    with pytest.raises(StoreError):
        begin(store, post, "me")
    assert trail(store, post.id) == [(1, "prepared"), (1, "sending")]


def test_what_was_published_is_known_with_its_address_and_its_owner(
    store: Store, queue: Queue
) -> None:
    queue("visite")
    post = published(store)
    assert (post.state, post.remote_id, post.published_at) == (PostState.PUBLISHED, "42", START)
    assert post.url == "https://x.example/42"
    owner = store.ledger.owner_of("x", "42")
    assert owner is not None
    assert owner.id == post.id
    assert store.ledger.owner_of("linkedin", "42") is None
    assert store.ledger.owner_of("x", "43") is None


def test_uncertain_posts_are_looked_for_when_their_look_is_due(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    queue("visite")
    post = sent(store)
    store.ledger.record(post, failed(Uncertain("Perhaps."), post, START), "me")
    assert store.ledger.uncertain("campaign") == []
    clock.advance_to(START + MINUTE)
    assert [one.id for one in store.ledger.uncertain("campaign")] == [post.id]
    assert store.ledger.uncertain("another") == []


def test_waiting_posts_are_stale_after_the_last_instant_of_their_validity(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    queue("visite", valid_until=START + HOUR)
    queue("toujours")
    clock.advance_to(START + HOUR)
    assert store.ledger.stale("campaign") == []
    clock.advance_to(START + HOUR + MINUTE)
    assert [post.announcement for post in store.ledger.stale("campaign")] == ["visite"]
    assert store.ledger.stale("another") == []


# ── waking up ───────────────────────────────────────────────────────────────────────────────────


def test_an_empty_queue_wakes_nobody(store: Store) -> None:
    assert next_wake_up(store, "campaign") is None


def test_the_next_wake_up_is_the_next_due_post(store: Store, queue: Queue) -> None:
    queue("later", due=START + 2 * HOUR)
    queue("next", due=START + HOUR)
    assert next_wake_up(store, "campaign") == START + HOUR
    assert next_wake_up(store, "another") is None


def test_the_next_wake_up_is_the_end_of_a_lease(store: Store, queue: Queue) -> None:
    queue("visite")
    claimed(store)
    assert next_wake_up(store, "campaign") == START + LEASE


def test_the_next_wake_up_is_the_next_look(store: Store, queue: Queue) -> None:
    queue("visite")
    post = sent(store)
    store.ledger.record(post, uncertain(WHY, post, START), "me")
    assert next_wake_up(store, "campaign") == START + MINUTE


def test_the_next_wake_up_is_the_end_of_what_is_true(store: Store, queue: Queue) -> None:
    queue("visite", due=START + 2 * HOUR, valid_until=START + HOUR)
    assert next_wake_up(store, "campaign") == START + HOUR + AN_INSTANT


def test_what_is_settled_wakes_nobody(store: Store, queue: Queue) -> None:
    queue("visite", valid_until=START + HOUR)
    published(store)
    assert next_wake_up(store, "campaign") is None


# ── accounts ────────────────────────────────────────────────────────────────────────────────────


def held(store: Store, account: str = "x-fr") -> Post:
    """A post whose account is held since the network refused it."""
    post = sent(store)
    assert post.account == account
    store.ledger.record(post, failed(AccountBlocked("Sign in."), post, START), "me")
    return post


def test_a_held_account_keeps_its_posts_and_others_go_on(store: Store, queue: Queue) -> None:
    queue("visite", "x-fr")
    post = held(store)
    queue("encore", "x-fr", "x-ko")
    assert claimed(store).account == "x-ko"
    assert claim(store) is None
    assert store.queue.post(post.id).state == PostState.QUEUED
    status = {one.account: one for one in store.ledger.accounts()}
    assert (status["x-fr"].state, status["x-fr"].cause) == (
        AccountState.HELD,
        Message("Sign in."),
    )
    assert status["x-ko"].state == AccountState.READY


def test_the_posts_of_a_held_account_wake_nobody(store: Store, queue: Queue) -> None:
    queue("visite")
    held(store)
    assert next_wake_up(store, "campaign") is None


def test_a_released_account_publishes_again_and_its_notice_is_settled(
    store: Store, queue: Queue
) -> None:
    queue("visite")
    post = held(store)
    assert [notice.subject for notice in store.journal.notices()] == ["account x-fr"]
    store.ledger.release_account("x-fr")
    assert store.journal.notices() == []
    assert claimed(store).id == post.id


@pytest.mark.parametrize("account", ["x-fr", "nobody"])
def test_an_account_that_is_not_held_cannot_be_released(
    store: Store, queue: Queue, account: str
) -> None:
    queue("visite")
    with pytest.raises(RefusedCommand, match=f"The account {account} is not held"):
        store.ledger.release_account(account)


# ── notices and settings ────────────────────────────────────────────────────────────────────────


def test_a_notice_stands_once_until_it_is_settled(store: Store) -> None:
    for sentence in ("Look.", "Look.", "Look again."):
        store.journal.notify("post 1", Message(sentence))
    store.journal.notify("post 2", Message("Look."))
    told = [(notice.subject, str(notice.message)) for notice in store.journal.notices()]
    assert told == [("post 1", "Look."), ("post 1", "Look again."), ("post 2", "Look.")]
    store.journal.settle("post 1")
    assert [notice.subject for notice in store.journal.notices()] == ["post 2"]
    store.journal.notify("post 1", Message("Look."))
    assert len(store.journal.notices()) == 2


def test_notices_are_ticked_off_by_number(store: Store) -> None:
    for number in range(3):
        store.journal.notify(f"post {number}", WHY)
    ids = [notice.id for notice in store.journal.notices()]
    assert store.journal.settle_numbers([*ids[:2], 99]) == 2
    assert store.journal.settle_numbers(ids[:2]) == 0
    assert [notice.id for notice in store.journal.notices()] == ids[2:]


def test_what_was_told_of_a_post_is_answered_when_it_changes(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    queue("visite")
    post = sent(store)
    store.ledger.record(post, uncertain(WHY, post, START), "me")
    store.journal.notify(f"post {post.id}", Message("Look yourself."))
    seen = store.queue.post(post.id)
    store.ledger.record(seen, failed(NotSent("Not there."), seen, clock.now()))
    assert store.journal.notices() == []


def test_what_was_told_of_a_post_is_answered_when_it_is_cancelled(
    store: Store, queue: Queue
) -> None:
    (post_id,) = queue("visite")
    store.journal.notify(f"post {post_id}", Message("It may not leave."))
    store.queue.cancel([post_id])
    assert store.journal.notices() == []


def test_a_setting_is_remembered_and_replaced(store: Store) -> None:
    assert store.journal.setting("mode") == ""
    store.journal.remember("mode", "rehearsal")
    store.journal.remember("mode", "live")
    assert store.journal.setting("mode") == "live"


# ── figures ─────────────────────────────────────────────────────────────────────────────────────


def test_absent_figures_stay_absent_and_zero_stays_zero(store: Store, queue: Queue) -> None:
    queue("visite")
    post = published(store)
    metrics = Metrics(impressions=0, reactions=None, clicks=3, extra={"bookmark_count": 2})
    taken = Snapshot(post.id, START, "GET /2/tweets", "2", metrics)
    bare = Snapshot(post.id, START + HOUR, "GET /2/tweets", "2", Metrics())
    store.figures.keep("x-fr", [bare, taken], START)
    assert store.figures.snapshots([post.id]) == {post.id: [taken, bare]}


def test_a_reading_without_figures_is_remembered_as_a_reading(store: Store, queue: Queue) -> None:
    queue("visite")
    store.figures.keep("x-fr", [], START)
    assert [status.read_at for status in store.ledger.accounts()] == [START]
    assert store.figures.snapshots([1]) == {1: []}


def test_only_published_posts_of_the_account_are_read(store: Store, queue: Queue) -> None:
    queue("visite")
    queue("encore", "x-ko")
    post = published(store)
    assert [one.id for one in store.figures.to_read("campaign", "x-fr", START)] == [post.id]
    assert store.figures.to_read("campaign", "x-fr", START + MINUTE) == []
    assert store.figures.to_read("campaign", "x-ko", START) == []
    assert store.figures.to_read("another", "x-fr", START) == []


def test_a_report_is_issued_once(store: Store) -> None:
    assert not store.figures.is_issued("campaign", "2023-W08")
    store.figures.issued("campaign", "2023-W08")
    store.figures.issued("campaign", "2023-W08")
    assert store.figures.is_issued("campaign", "2023-W08")
    assert not store.figures.is_issued("another", "2023-W08")
    assert not store.figures.is_issued("campaign", "2023-W09")


def test_the_first_announcement_is_known_by_when_it_was_queued(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    assert store.figures.first_queued_at("campaign") is None
    queue("visite")
    clock.advance_to(START + HOUR)
    queue("encore")
    assert store.figures.first_queued_at("campaign") == START


# ── the file ────────────────────────────────────────────────────────────────────────────────────


def test_what_another_process_writes_changes_the_counter(
    open_store: Callable[[], Store],
) -> None:
    here, there = open_store(), open_store()
    before = here.change_counter()
    assert here.change_counter() == before
    there.journal.remember("a", "b")
    until(lambda: here.change_counter() != before)


def test_whoever_has_just_begun_to_watch_hears_every_later_change(
    open_store: Callable[[], Store], queue: Queue
) -> None:
    here = open_store()
    heard = {here.change_counter()}
    for number in range(5):
        queue(f"visite-{number}")
        until(lambda: here.change_counter() not in heard)
        heard.add(here.change_counter())


def test_writers_wait_for_each_other_and_lose_nothing(open_store: Callable[[], Store]) -> None:
    stores = open_store(), open_store()

    def count(store: Store) -> None:
        for _ in range(20):
            with store.journal._writing() as connection:
                value = connection.exec_driver_sql("SELECT value FROM settings").scalar() or 0
                connection.exec_driver_sql(f"UPDATE settings SET value = {int(value) + 1}")

    stores[0].journal.remember("count", "0")
    threads = [threading.Thread(target=count, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores[0].journal.setting("count") == "40"


@ON_SQLITE
def test_a_database_that_is_locked_is_told_in_a_sentence(
    database_url: str, clock: RehearsalClock, tmp_path: Path
) -> None:
    store = Store(database_url, clock, busy_seconds=0.05)
    with sqlite3.connect(tmp_path / "pavois.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="The database is busy with another program"):
            store.journal.remember("a", "b")
        assert store.journal.setting("a") == ""  # reading goes on
        other.execute("ROLLBACK")
    other.close()
    store.journal.remember("a", "b")
    store.close()


@ON_SQLITE
def test_a_file_that_is_no_database_is_told_in_a_sentence(
    database_url: str, clock: RehearsalClock, tmp_path: Path
) -> None:
    (tmp_path / "pavois.db").write_text("Bonjour\n" * 1000)
    with pytest.raises(StoreError, match="a file that is no database of Pavois"):
        Store(database_url, clock)


def test_a_folder_for_the_database_that_cannot_be_made_is_told(
    tmp_path: Path, clock: RehearsalClock
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"The folder .*file.* cannot be made"):
        Store(f"sqlite:///{tmp_path}/file/below/p.db", clock)


@pytest.mark.parametrize(
    "url", ["nonsense", "oracle+nothing://x", "sqlite3:///p.db", "sqlite://:x/"]
)
def test_an_address_that_names_no_database_is_told(url: str, clock: RehearsalClock) -> None:
    with pytest.raises(ConfigError, match=r"database\.url is not right"):
        Store(url, clock)


def test_a_whole_database_has_no_fault(store: Store, queue: Queue) -> None:
    queue("visite")
    assert store.faults() == []


@ON_SQLITE
def test_an_orphan_in_the_database_is_a_fault(store: Store, queue: Queue, tmp_path: Path) -> None:
    queue("visite")
    with sqlite3.connect(tmp_path / "pavois.db") as other:
        other.execute("DELETE FROM announcements")
    other.close()
    assert [str(fault) for fault in store.faults()] == [
        "The database is damaged. Restore a copy of it."
    ]


@ON_SQLITE
def test_every_commit_reaches_the_disk_and_readers_wait_for_nobody(store: Store) -> None:
    with store.journal._reading() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_sentence_within_a_sentence_is_kept_for_every_reader(store: Store) -> None:
    cause = Message("{name}, line {line}", {"name": "config.toml", "line": 3})
    message = Message("{place}: {problem}", {"place": cause, "problem": "?"})
    store.journal.notify("report", message)
    (notice,) = store.journal.notices()
    assert notice.message == message
    assert notice.message.in_language("fr").startswith("config.toml, ligne 3")


def test_figures_of_many_posts_are_read_though_a_statement_holds_few(store: Store) -> None:
    numbers = range(1, 40_001)  # SQLite takes 32,766 values in a statement
    assert len(store.figures.snapshots(numbers)) == len(numbers)


@pytest.mark.parametrize(("minutes", "found"), [(-181, 0), (-180, 1), (0, 1), (180, 1), (181, 0)])
def test_only_the_snapshots_of_the_windows_are_read(
    store: Store, queue: Queue, minutes: int, found: int
) -> None:
    queue("visite")
    post = published(store)
    at = START + 48 * HOUR
    taken = [
        Snapshot(post.id, at, "GET", "2", Metrics(1)),
        Snapshot(post.id, START, "GET", "2", Metrics(0)),
    ]
    store.figures.keep("x-fr", taken, START)
    middle = at - minutes * MINUTE
    windows = [(middle - 3 * HOUR, middle + 3 * HOUR), (middle + 9 * HOUR, middle + 10 * HOUR)]
    assert store.figures.snapshots([post.id], windows)[post.id] == taken[:found]


def test_an_account_sends_one_post_at_a_time_whichever_daemon_asks(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    queue("visite")
    queue("forum")
    post = claimed(store)
    assert claim(store, "another daemon") is None
    clock.advance_to(START + LEASE)
    assert claim(store, "another daemon") is None, "its call may still be on the wire"
    assert store.ledger.take_over(post, uncertain(WHY, post, clock.now()))
    assert claimed(store, "another daemon").announcement == "forum"
