"""The ledger of corrections and deletions: one at a time, and nothing between two people."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.clock import RehearsalClock
from bot.db.deeds import CORRECT, DELETE, GIVEN_UP_AFTER
from bot.db.store import Store
from bot.errors import RefusedCommand
from bot.model import Attempt, AttemptState, Campaign, Post, PostState, Published
from bot.outcome import accepted
from bot.words import Message
from tests.announcements_sample import announcement, planned
from tests.conftest import START
from tests.fakes import begin, claimed

LEASE = timedelta(minutes=5)


def out(store: Store, campaign: Campaign, slug: str = "visite", parts: int = 1) -> list[Post]:
    """An announcement on X, in *parts*, of which the first is out."""
    posts = [planned("x-fr", START, part=part) for part in range(parts)]
    ids = store.queue.add([(announcement(campaign, slug), posts)])[0]
    [post] = claimed(store, campaign.slug, "me", LEASE)
    assert post.id == ids[0]
    begin(store, post, "me")
    published = Published(f"r-{post.id}", f"https://x.com/{post.id}", START)
    assert store.ledger.record(post, accepted(published), "me")
    return [store.queue.post(number) for number in ids]


def begun(store: Store, post: Post, act: str = DELETE) -> Attempt:
    line = store.deeds.begin(post, act)
    assert line
    return line


def acts(store: Store, post: Post) -> list[tuple[int, str, str]]:
    lines = store.ledger.attempts(post.id)
    return [(line.number, line.act, line.state.value) for line in lines if line.number > 1]


def test_an_act_stands_in_the_ledger_before_it_is_tried(store: Store, campaign: Campaign) -> None:
    (post,) = out(store, campaign)
    assert store.deeds.begin(post, CORRECT, Message("New text: {text}", {"text": "Bonjour"}))
    assert acts(store, post) == [(2, "correct", "sending")]
    last = store.ledger.attempts(post.id)[-1]
    assert (str(last.cause), last.account, last.at) == ("New text: Bonjour", "x-fr", START)
    assert store.queue.post(post.id).attempts == 2
    assert [line.act for line in store.ledger.attempts(post.id)][:3] == ["publish"] * 3


def test_while_somebody_is_at_it_nobody_else_is(
    store: Store, campaign: Campaign, clock: RehearsalClock
) -> None:
    (post,) = out(store, campaign)
    begun(store, post)
    assert store.deeds.begin(post, DELETE) is None, "read before the other began"
    assert store.deeds.begin(store.queue.post(post.id), CORRECT) is None
    clock.wait(GIVEN_UP_AFTER - timedelta(seconds=1))
    assert store.deeds.begin(store.queue.post(post.id), DELETE) is None


def test_two_who_delete_at_once_are_one(
    open_store: Callable[[], Store], campaign: Campaign
) -> None:
    stores = [open_store() for _one in range(4)]
    (post,) = out(stores[0], campaign)
    found: list[Attempt | None] = []
    start = threading.Barrier(len(stores))

    def delete(store: Store) -> None:
        start.wait()
        found.append(store.deeds.begin(post, DELETE))

    threads = [threading.Thread(target=delete, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([line for line in found if line]) == 1
    assert acts(stores[0], post) == [(2, "delete", "sending")]


def test_an_act_whose_command_was_killed_is_closed_as_uncertain_by_the_next(
    store: Store, campaign: Campaign, clock: RehearsalClock
) -> None:
    (post,) = out(store, campaign)
    begun(store, post)
    clock.wait(GIVEN_UP_AFTER)
    assert store.deeds.begin(store.queue.post(post.id), DELETE)
    assert acts(store, post) == [
        (2, "delete", "sending"),
        (2, "delete", "uncertain"),
        (3, "delete", "sending"),
    ]


def test_what_was_closed_while_its_command_was_slow_keeps_its_answer_in_the_ledger(
    store: Store, campaign: Campaign, clock: RehearsalClock
) -> None:
    (post,) = out(store, campaign)
    slow = begun(store, post, CORRECT)
    clock.wait(GIVEN_UP_AFTER)
    begun(store, store.queue.post(post.id), CORRECT)
    answered = replace(slow, state=AttemptState.ACCEPTED, remote_id="r-new")
    read = replace(post, attempts=slow.number)
    assert not store.deeds.corrected(read, answered, "Autre", "https://x.com/new", START)
    assert (2, "correct", "accepted") in acts(store, post)
    assert store.queue.post(post.id).text == post.text


def test_a_post_that_is_not_out_has_nothing_to_be_done_to(store: Store, campaign: Campaign) -> None:
    ids = store.queue.add([(announcement(campaign, "visite"), [planned("x-fr", START)])])[0]
    post = store.queue.post(ids[0])
    assert store.deeds.begin(post, DELETE) is None
    assert store.ledger.attempts(post.id) == []


def test_a_correction_gives_the_post_its_text_and_name_and_has_it_read_back(
    store: Store, campaign: Campaign
) -> None:
    (post,) = out(store, campaign)
    store.journal.notify(f"post {post.id}", Message("It is cut."))
    line = begun(store, post, CORRECT)
    done = replace(line, state=AttemptState.ACCEPTED, remote_id="r-2")
    read = replace(post, attempts=line.number)
    assert store.deeds.corrected(read, done, "Bonjour", "https://x.com/2", START)
    now = store.queue.post(post.id)
    assert (now.text, now.remote_id, now.url) == ("Bonjour", "r-2", "https://x.com/2")
    assert (now.state, now.published_at) == (PostState.PUBLISHED, post.published_at)
    assert store.proofs.next_at(campaign.slug) == START
    assert store.journal.notices() == []
    names = [line.remote_id for line in store.ledger.attempts(post.id) if line.remote_id]
    assert names == [post.remote_id, "r-2"]
    assert store.deeds.earlier_names("x-fr") == {post.id: [post.remote_id]}


def test_a_correction_that_changes_no_name_leaves_no_earlier_one(
    store: Store, campaign: Campaign
) -> None:
    (post,) = out(store, campaign)
    line = begun(store, post, CORRECT)
    done = replace(line, state=AttemptState.ACCEPTED, remote_id=post.remote_id)
    store.deeds.corrected(replace(post, attempts=2), done, "Bonjour", post.url, START)
    assert store.deeds.earlier_names("x-fr") == {}


def test_what_waits_behind_a_deleted_post_is_cancelled(store: Store, campaign: Campaign) -> None:
    head, second, third = out(store, campaign, parts=3)
    line = begun(store, head)
    cancelled = store.deeds.deleted(replace(line, state=AttemptState.ACCEPTED))
    assert cancelled == (second.id, third.id)
    states = [store.queue.post(post.id).state for post in (head, second, third)]
    assert states == [PostState.DELETED, PostState.CANCELLED, PostState.CANCELLED]


def test_an_act_that_changed_nothing_leaves_the_post_as_it_was(
    store: Store, campaign: Campaign
) -> None:
    (post,) = out(store, campaign)
    line = begun(store, post, CORRECT)
    why = Message("No.")
    store.deeds.end(replace(line, state=AttemptState.REFUSED, status=403, cause=why), why)
    assert store.queue.post(post.id) == replace(post, attempts=2)
    assert [one.message for one in store.journal.notices()] == [why]
    assert [line.state for line in store.deeds.of(post, CORRECT)] == ["sending", "refused"]
    assert store.deeds.of(post, DELETE) == []


@pytest.mark.parametrize("changed", [False, True])
def test_the_name_of_a_deleted_announcement_stays_taken(
    changed: bool, store: Store, campaign: Campaign
) -> None:
    (post,) = out(store, campaign)
    store.deeds.deleted(replace(begun(store, post), state=AttemptState.ACCEPTED))
    facts = {"facts": {"headline": "Autre"}} if changed else {}
    with pytest.raises(RefusedCommand, match="Give this one another name"):
        store.queue.is_known(announcement(campaign, "visite", **facts))


def test_an_act_that_is_beyond_the_budget_is_not_begun_and_leaves_no_line(
    store: Store, campaign: Campaign
) -> None:
    (post,) = out(store, campaign)
    assert store.deeds.begin(post, CORRECT, price=15_000, budget=14_999) is None
    assert acts(store, post) == []
    assert store.queue.post(post.id).attempts == 1
    line = store.deeds.begin(post, CORRECT, price=15_000, budget=15_000)
    assert line
    assert store.calls.spent("x", START.date()) == 15_000
    store.deeds.end(replace(line, state=AttemptState.NOT_SENT))
    assert store.calls.spent("x", START.date()) == 0


def test_a_stop_that_comes_before_the_call_keeps_a_correction_and_lets_a_deletion_through(
    store: Store, campaign: Campaign
) -> None:
    (post,) = out(store, campaign)
    store.brake.stop("deuil", "Marie")
    assert store.deeds.begin(post, CORRECT) is None
    assert acts(store, post) == []
    assert store.deeds.begin(post, DELETE)
