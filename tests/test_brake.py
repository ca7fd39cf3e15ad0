"""Everything is stopped, and goes on post by post or as a whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.changes import Change, shifted, steps
from bot.clock import RehearsalClock
from bot.db.brake import is_stopped, may_go
from bot.db.store import Store
from bot.db.tables import posts
from bot.errors import NotSent, Refused, RefusedCommand
from bot.model import Campaign, Post, PostState, Published, Stopped
from bot.outcome import accepted, failed
from tests import fakes
from tests.announcements_sample import announcement, planned
from tests.conftest import START

LEASE = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)

Queue = Callable[..., int]


@pytest.fixture
def queue(store: Store, campaign: Campaign) -> Queue:
    """Queues one post, due now unless said otherwise; its number."""

    def add(slug: str, due: timedelta = timedelta(0), **changes: object) -> int:
        what = announcement(campaign, slug)
        ((number,),) = store.queue.add([(what, [planned("x-fr", START + due, **changes)])])
        return number

    return add


def free(store: Store) -> set[int]:
    """The posts that a sender would be let through with, asked as its transactions ask."""
    with store.brake._reading() as connection:
        return set(connection.scalars(select(posts.c.id).where(may_go())))


def state(store: Store, number: int) -> PostState:
    return store.queue.post(number).state


def claimed(store: Store) -> Post:
    [post] = fakes.claimed(store)
    return post


def numbers(found: tuple[Post, ...]) -> list[int]:
    return [post.id for post in found]


def test_nothing_is_stopped_at_first(store: Store, queue: Queue) -> None:
    number = queue("visite")
    assert store.brake.state() is None
    assert free(store) == {number}


def test_a_stop_holds_for_every_process_with_its_reason_and_its_notice(
    store: Store, open_store: Callable[[], Store], queue: Queue
) -> None:
    queue("visite")
    store.brake.stop("An accident.", "claire")
    other = open_store()
    assert other.brake.state() == Stopped("An accident.", START)
    assert free(other) == set()
    with other.brake._reading() as connection:
        assert connection.scalar(select(is_stopped()))
    (notice,) = other.journal.notices()
    assert (notice.subject, str(notice.message)) == (
        "stop",
        "All sending is stopped. To go on: pavois resume. Why: An accident. (claire)",
    )


def test_a_stop_without_a_reason_is_one_too(store: Store, queue: Queue) -> None:
    queue("visite")
    store.brake.stop("", "claire")
    assert store.brake.state() == Stopped("", START)
    assert free(store) == set()


def test_a_second_stop_adds_its_reason_and_takes_back_what_was_released(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    number = queue("visite")
    store.brake.stop("An accident.", "claire")
    clock.wait(MINUTE)
    store.brake.release([number])
    assert free(store) == {number}
    clock.wait(MINUTE)
    store.brake.stop("A wrong picture.", "minho")
    store.brake.stop("An accident.", "claire")
    assert store.brake.state() == Stopped("An accident. · A wrong picture.", START)
    assert free(store) == set()
    assert len(store.journal.notices()) == 1


def test_what_was_sent_again_before_a_stop_is_stopped_with_the_rest(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    number = queue("visite")
    post = claimed(store)
    store.ledger.record(post, failed(NotSent("No line."), post, clock.now()), "me")
    store.queue.retry([number])
    store.brake.stop("An accident.", "claire")
    assert free(store) == set()


def test_only_the_posts_that_a_person_names_go_on_and_what_follows_them(
    store: Store, queue: Queue, campaign: Campaign
) -> None:
    other = queue("forum")
    thread = [planned("x-fr", START, part=part) for part in (0, 1)]
    ((first, second),) = store.queue.add([(announcement(campaign, "visite"), thread)])
    store.brake.stop("An accident.", "claire")
    assert store.brake.release([first]) == (first, second)
    assert free(store) == {first, second}
    assert state(store, other) == PostState.QUEUED


def test_what_follows_a_post_that_did_not_go_out_goes_only_when_both_are_sent_again(
    store: Store, clock: RehearsalClock, campaign: Campaign
) -> None:
    """Queued alone it would wait for ever, and no notice would say so."""
    thread = [planned("x-fr", START, part=part) for part in (0, 1)]
    ((first, second),) = store.queue.add([(announcement(campaign, "visite"), thread)])
    post = claimed(store)
    store.ledger.record(post, failed(Refused("No."), post, clock.now()), "me")
    store.brake.stop("An accident.", "claire")
    assert store.brake.release([first, second]) == ()
    store.brake.release_all(campaign)
    assert store.queue.retry([second]) == ()
    assert state(store, second) == PostState.HELD
    assert {one.subject for one in store.journal.notices()} == {"post 1", "post 2"}
    assert store.queue.retry([first, second]) == (first, second)


def test_a_release_holds_though_the_clock_of_the_machine_that_stopped_was_ahead(
    store: Store, queue: Queue, database_url: str
) -> None:
    number = queue("visite")
    ahead = Store(database_url, RehearsalClock(START + MINUTE))
    ahead.brake.stop("An accident.", "claire")
    ahead.close()
    store.brake.release([number])
    assert free(store) == {number}


def test_a_held_post_is_released_too_and_its_notice_answered(
    store: Store, queue: Queue, campaign: Campaign, clock: RehearsalClock
) -> None:
    number = queue("visite")
    clock.wait(7 * HOUR)
    store.brake.stop("An accident.", "claire")
    assert numbers(store.brake.release_all(campaign).ask) == [number]
    store.brake.stop("Another one.", "claire")
    assert store.brake.release([number]) == (number,)
    assert state(store, number) == PostState.QUEUED
    assert [notice.subject for notice in store.journal.notices()] == ["stop"]


@pytest.mark.parametrize("what", ["stale", "failed", "cancelled"])
def test_what_is_stale_failed_or_cancelled_is_not_released(
    what: str, store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    number = queue("visite", valid_until=START + HOUR)
    if what == "stale":
        clock.wait(2 * HOUR)
    elif what == "cancelled":
        store.queue.cancel([number])
    else:
        post = claimed(store)
        store.ledger.record(post, failed(Refused("No."), post, clock.now()), "me")
    before = store.queue.post(number)
    store.brake.stop("An accident.", "claire")
    assert store.brake.release([number]) == ()
    assert store.queue.post(number) == before


def test_nothing_is_released_when_nothing_is_stopped(store: Store, campaign: Campaign) -> None:
    for what in (
        lambda: store.brake.release([1]),
        lambda: store.brake.waiting(campaign),
        lambda: store.brake.release_all(campaign),
    ):
        with pytest.raises(RefusedCommand, match="Nothing is stopped"):
            what()


def test_going_on_sends_what_is_due_asks_for_what_is_late_and_drops_what_is_stale(
    store: Store, queue: Queue, campaign: Campaign, clock: RehearsalClock
) -> None:
    kinds = {**campaign.kinds, "news": replace(campaign.kinds["news"], late="ask")}
    campaign = replace(campaign, kinds=kinds)
    late = queue("late")
    stale = queue("stale", valid_until=START + 3 * HOUR)
    due = [queue("due-second", 5 * HOUR), queue("due-first", 4 * HOUR)]
    later = queue("later", 24 * HOUR)
    store.brake.stop("An accident.", "claire")
    clock.wait(7 * HOUR)
    shown = store.brake.waiting(campaign)
    assert (numbers(shown.go), numbers(shown.ask), numbers(shown.drop), shown.later) == (
        [due[1], due[0]],
        [late],
        [stale],
        1,
    )
    assert store.brake.release_all(campaign) == shown
    assert store.brake.state() is None
    assert {number: state(store, number) for number in (late, stale, *due, later)} == {
        late: PostState.HELD,
        stale: PostState.EXPIRED,
        **dict.fromkeys((*due, later), PostState.QUEUED),
    }
    (notice,) = store.journal.notices()
    assert (notice.subject, f"pavois queue retry {late}" in str(notice.message)) == (
        f"post {late}",
        True,
    )


@pytest.mark.parametrize("late", ["ask", "drop"])
def test_going_on_breaks_off_no_thread_that_has_begun_and_begins_none_that_is_late(
    store: Store, campaign: Campaign, clock: RehearsalClock, late: str
) -> None:
    kinds = {**campaign.kinds, "news": replace(campaign.kinds["news"], late=late)}
    campaign = replace(campaign, kinds=kinds)
    thread = [planned("x-fr", START, text=f"part {part}", part=part) for part in range(3)]
    ((first, *rest),) = store.queue.add([(announcement(campaign, "begun"), thread)])
    post = claimed(store)
    fakes.begin(store, post)
    assert post.id == first
    assert store.ledger.record(post, accepted(Published("42", "", START, "r-1", 201)), "me")
    (whole,) = store.queue.add([(announcement(campaign, "not-begun"), thread)])
    store.brake.stop("An accident.", "claire")
    clock.wait(48 * HOUR)
    waiting = store.brake.release_all(campaign)
    assert numbers(waiting.go) == rest
    assert numbers(waiting.ask if late == "ask" else waiting.drop) == [*whole]


def test_looking_at_what_waits_releases_nothing(
    store: Store, queue: Queue, campaign: Campaign
) -> None:
    number = queue("visite")
    store.brake.stop("An accident.", "claire")
    assert numbers(store.brake.waiting(campaign).go) == [number]
    assert store.brake.state()
    assert free(store) == set()


def test_what_a_person_retries_or_changes_during_a_stop_waits_for_its_end(
    store: Store, queue: Queue, clock: RehearsalClock
) -> None:
    retried, moved = queue("visite"), queue("forum", HOUR)
    post = claimed(store)
    store.ledger.record(post, failed(Refused("No."), post, clock.now()), "me")
    store.brake.stop("An accident.", "claire")
    clock.wait(MINUTE)
    assert store.queue.retry([retried]) == (retried,)
    before = store.queue.post(moved)
    store.queue.change(
        Change(
            "forum",
            "campaign",
            None,
            frozenset({moved}),
            steps([before], shifted([before], START + 2 * HOUR)),
        )
    )
    assert free(store) == set()
    assert {store.queue.post(number).released_at for number in (retried, moved)} == {None}


def test_what_a_person_retries_is_released_and_what_follows_it(
    store: Store, campaign: Campaign, clock: RehearsalClock
) -> None:
    thread = [planned("x-fr", START, part=part) for part in (0, 1)]
    ((first, second),) = store.queue.add([(announcement(campaign, "visite"), thread)])
    post = claimed(store)
    store.ledger.record(post, failed(NotSent("No line."), post, clock.now()), "me")
    clock.wait(HOUR)
    assert store.queue.retry([first]) == (first,)
    assert {store.queue.post(number).released_at for number in (first, second)} == {START + HOUR}


def test_that_all_is_stopped_cannot_be_ticked_off(store: Store, campaign: Campaign) -> None:
    store.brake.stop("An accident.", "claire")
    (notice,) = store.journal.notices()
    assert store.journal.settle_numbers([notice.id]) == 0
    assert store.journal.notices() == [notice]
    store.brake.release_all(campaign)
    assert store.journal.notices() == []


def test_what_a_sender_has_in_hand_is_known_to_who_stops(store: Store, queue: Queue) -> None:
    first, _second = queue("visite"), queue("forum", HOUR)
    claimed(store)
    assert store.brake.on_their_way() == (first,)
