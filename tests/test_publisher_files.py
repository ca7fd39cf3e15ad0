"""What goes out with a text goes ahead of it; a thread goes out in its order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import requests

from bot.attached import Attached, LinkCard, Media, Poll, Sort
from bot.clock import RehearsalClock
from bot.config import LONGEST_WAIT
from bot.db.claims import Begun
from bot.db.store import Store
from bot.errors import (
    AccountBlocked,
    ConfigError,
    MediaError,
    NotReady,
    NotSent,
    PavoisError,
    Refused,
    Uncertain,
)
from bot.model import AccountState, Campaign, Post, PostState
from bot.networks.http import PIECE, PIECE_SECONDS, Session, make_session
from bot.publisher import LEASE, Publisher
from tests.announcements_sample import MARK, announcement, planned
from tests.fakes import FakeNetwork, UploadingNetwork, next_wake_up, publisher_of, settler_of

PHOTO = Media("photo", Sort.PICTURE, "image/jpeg", 5, alt="La gare de Tours")
VISIT = Attached(media=(PHOTO, replace(PHOTO, sha256="plan", alt="Le plan")))


@pytest.fixture
def network(clock: RehearsalClock) -> UploadingNetwork:
    return UploadingNetwork(clock)


@pytest.fixture
def publisher(
    campaign: Campaign, store: Store, clock: RehearsalClock, network: UploadingNetwork
) -> Publisher:
    return publisher_of(campaign, store, clock, lambda _account: network)


Queue = Callable[..., tuple[int, ...]]


@pytest.fixture
def queue(campaign: Campaign, store: Store, clock: RehearsalClock) -> Queue:
    def add(*posts: dict[str, object], slug: str = "visite") -> tuple[int, ...]:
        made = [planned("x-fr", clock.now(), **post) for post in posts]
        return store.queue.add([(announcement(campaign, slug), made)])[0]

    return add


def trail(store: Store, post_id: int = 1) -> list[str]:
    return [line.state.value for line in store.ledger.attempts(post_id)]


def states(done: list[tuple[Post, PostState]]) -> list[PostState]:
    return [state for _post, state in done]


def test_what_is_attached_comes_back_as_it_was_queued(store: Store, queue: Queue) -> None:
    everything = Attached(
        media=(replace(PHOTO, expires=date(2027, 1, 1)),),
        poll=Poll("Quand ?", ("Mardi", "Jeudi"), 3),
        card=LinkCard("https://tours.fr/coree", "La Corée à Tours", "Une page", PHOTO),
    )
    queue({"attached": everything})
    assert store.queue.post(1).attached == everything


def test_photos_go_up_before_the_post_that_shows_them(
    publisher: Publisher, network: UploadingNetwork, store: Store, queue: Queue
) -> None:
    queue({"attached": VISIT})
    assert states(publisher.publish_due()) == [PostState.PUBLISHED]
    assert network.up == ["photo", "plan"]
    assert trail(store) == ["prepared", "sending", "accepted"]


@pytest.mark.parametrize(
    ("fault", "state", "line"),
    [
        (NotSent("The line broke."), PostState.QUEUED, "not_sent"),
        (AccountBlocked("No more."), PostState.QUEUED, "not_sent"),
        (MediaError("The file is broken."), PostState.HELD, "not_sent"),
        (RuntimeError("ours"), PostState.QUEUED, "not_sent"),
    ],
)
def test_an_upload_that_fails_is_never_taken_for_a_post_that_may_be_out(
    fault: BaseException,
    state: PostState,
    line: str,
    publisher: Publisher,
    network: UploadingNetwork,
    store: Store,
    queue: Queue,
) -> None:
    queue({"attached": VISIT})
    network.stuck.append(fault)
    assert states(publisher.publish_due()) == [state]
    assert (network.out, trail(store)) == ([], ["prepared", line])


def test_a_photo_that_is_not_in_its_place_holds_its_post_and_is_told(
    publisher: Publisher, store: Store, queue: Queue
) -> None:
    queue({"attached": Attached(media=(replace(PHOTO, sha256="gone"),))})
    assert states(publisher.publish_due()) == [PostState.HELD]
    assert [str(one.message) for one in store.journal.notices()] == ["The file is gone."]


def test_a_long_upload_keeps_its_post(
    publisher: Publisher, network: UploadingNetwork, clock: RehearsalClock, queue: Queue
) -> None:
    queue({"attached": VISIT})
    network.between = lambda: clock.advance_to(clock.now() + LEASE - timedelta(seconds=1))
    assert states(publisher.publish_due()) == [PostState.PUBLISHED]


def test_the_lease_outlasts_the_longest_call() -> None:
    put = requests.Request("PUT", "http://127.0.0.1/", data=bytes(PIECE), headers={}).prepare()
    put.headers["Content-Length"] = str(1 << 40)
    with make_session(timeout=(LONGEST_WAIT, LONGEST_WAIT), loopback_only=True) as session:
        assert isinstance(session, Session)
        longest = sum(session._time_for(put)) + PIECE_SECONDS
    assert timedelta(seconds=longest) < LEASE


def test_a_file_that_is_not_ready_delays_its_own_post_only_and_is_no_failure(
    publisher: Publisher,
    network: UploadingNetwork,
    clock: RehearsalClock,
    store: Store,
    queue: Queue,
) -> None:
    queue({"attached": VISIT})
    queue({"text": f"Un forum\n\n{MARK}"}, slug="forum")
    for others in [PostState.PUBLISHED], *[[]] * 9:
        later = clock.now() + timedelta(minutes=1)
        network.stuck.append(NotReady("Still at work.", retry_at=later))
        assert states(publisher.publish_due()) == [PostState.QUEUED, *others]
        assert publisher.look_again_at == store.queue.post(1).next_try == later
        clock.advance_to(later)
    assert store.queue.post(1).failures == 0
    assert states(publisher.publish_due()) == [PostState.PUBLISHED]
    assert publisher.look_again_at is None


def test_who_is_to_stop_ends_an_upload_between_two_files_and_its_post_waits(
    publisher: Publisher, network: UploadingNetwork, store: Store, queue: Queue
) -> None:
    queue({"attached": VISIT})
    assert states(publisher.publish_due(lambda: bool(network.up))) == [PostState.QUEUED]
    assert (network.up, network.out, trail(store)) == (["photo"], [], ["prepared", "not_sent"])
    assert store.queue.post(1).failures == 0
    assert states(publisher.publish_due()) == [PostState.PUBLISHED]


def test_whoever_lost_its_post_during_an_upload_does_not_send_it(
    publisher: Publisher,
    network: UploadingNetwork,
    clock: RehearsalClock,
    store: Store,
    queue: Queue,
) -> None:
    queue({"attached": VISIT})
    network.between = lambda: clock.advance_to(clock.now() + LEASE + timedelta(seconds=1))
    assert publisher.publish_due() == []
    assert (network.out, trail(store)) == ([], ["prepared"])


def test_a_stop_between_the_last_photo_and_the_call_is_in_time(
    publisher: Publisher,
    network: UploadingNetwork,
    store: Store,
    queue: Queue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin = store.ledger.about_to_send

    def too_late(*given: Any) -> list[Begun]:
        store.brake.stop("Deuil national", "claire")
        return begin(*given)

    monkeypatch.setattr(store.ledger, "about_to_send", too_late)
    queue({"attached": VISIT})
    assert states(publisher.publish_due()) == [PostState.QUEUED]
    assert (network.out, trail(store)) == ([], ["prepared", "not_sent"])


def test_an_account_without_keys_is_held_before_anything_goes_up(
    campaign: Campaign, store: Store, clock: RehearsalClock, queue: Queue
) -> None:
    def unconnected(_account: str) -> FakeNetwork:
        raise ConfigError("No key.")

    queue({"attached": VISIT})
    publisher = publisher_of(campaign, store, clock, unconnected)
    assert states(publisher.publish_due()) == [PostState.QUEUED]
    assert store.ledger.accounts()[0].state == AccountState.HELD


def test_an_error_that_is_no_posts_is_not_swallowed(
    publisher: Publisher, network: UploadingNetwork, queue: Queue
) -> None:
    queue({"attached": VISIT})
    network.stuck.append(PavoisError("Something else."))
    with pytest.raises(PavoisError):
        publisher.publish_due()


def test_a_picture_whose_consent_has_ended_is_not_shown_any_more(
    publisher: Publisher,
    network: UploadingNetwork,
    clock: RehearsalClock,
    store: Store,
    queue: Queue,
) -> None:
    today = clock.now().date()
    for slug, expires in (("hier", today - timedelta(days=1)), ("encore", today)):
        queue({"attached": Attached(media=(replace(PHOTO, expires=expires),))}, slug=slug)
    assert states(publisher.publish_due()) == [PostState.HELD, PostState.PUBLISHED]
    assert len(network.out) == 1
    assert "consent" in str(store.journal.notices()[0].message)


def test_what_stopped_being_true_while_its_photos_went_up_does_not_go_out(
    publisher: Publisher,
    network: UploadingNetwork,
    clock: RehearsalClock,
    store: Store,
    queue: Queue,
) -> None:
    queue({"attached": VISIT, "valid_until": clock.now() + timedelta(minutes=2)})
    network.between = lambda: clock.advance_to(clock.now() + timedelta(minutes=2))
    assert states(publisher.publish_due()) == [PostState.EXPIRED]
    assert (network.up, network.out) == (["photo", "plan"], [])
    assert trail(store) == ["prepared", "not_sent"]


# ── threads ─────────────────────────────────────────────────────────────────────────────────────

THREAD = [{"text": f"{word}\n\n{MARK}", "part": part} for part, word in enumerate(("Un", "Deux"))]


def test_a_thread_goes_out_in_its_order_each_the_answer_to_the_one_before(
    publisher: Publisher, network: UploadingNetwork, queue: Queue
) -> None:
    queue(*THREAD)
    assert states(publisher.publish_due()) == [PostState.PUBLISHED] * 2
    assert network.answered == ["", network.out[1].remote_id]
    assert [remote.text[:4] for remote in reversed(network.out)] == ["Un\n\n", "Deux"]


def test_what_follows_waits_until_it_is_known_that_the_first_is_out(
    publisher: Publisher,
    network: UploadingNetwork,
    clock: RehearsalClock,
    store: Store,
    campaign: Campaign,
    queue: Queue,
) -> None:
    queue(*THREAD)
    network.after.append(Uncertain("Time-out."))
    assert states(publisher.publish_due()) == [PostState.UNCERTAIN]
    assert publisher.publish_due() == []
    wake_up = next_wake_up(store, campaign.slug)
    assert wake_up is not None
    assert wake_up > clock.now()
    clock.advance_to(wake_up)
    assert states(settler_of(campaign, store, clock, lambda _account: network).settle()) == [
        PostState.PUBLISHED
    ]
    assert states(publisher.publish_due()) == [PostState.PUBLISHED]
    assert network.answered[-1] == "x-fr-1"


def test_taking_back_the_first_takes_back_what_follows(store: Store, queue: Queue) -> None:
    first, second = queue(*THREAD)
    assert store.queue.cancel([first]) == (first, second)


def test_taking_back_the_second_leaves_the_first(store: Store, queue: Queue) -> None:
    first, second = queue(*THREAD)
    assert store.queue.cancel([second]) == (second,)
    assert store.queue.post(first).state == PostState.QUEUED


def test_what_follows_a_post_that_failed_waits_for_a_person_who_is_told(
    publisher: Publisher, network: UploadingNetwork, store: Store, queue: Queue
) -> None:
    first, second = queue(*THREAD)
    network.before.append(Refused("The text is refused."))
    assert states(publisher.publish_due()) == [PostState.FAILED]
    assert store.queue.post(second).state == PostState.HELD
    told = {one.subject: str(one.message) for one in store.journal.notices()}
    assert told[f"post {second}"] == (
        f"It follows post {first}, which did not go out. Send both again: pavois queue retry "
        "visite; or cancel it."
    )
    store.queue.retry([first, second])
    assert states(publisher.publish_due()) == [PostState.PUBLISHED] * 2
    assert network.answered[1:] == ["", network.out[1].remote_id]
    assert store.journal.notices() == []
