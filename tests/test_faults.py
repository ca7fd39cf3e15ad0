"""What can go wrong on the way to a network: nothing lost, nothing twice, and a person is told.

Every test goes the whole way: queue, daemon, the real clients, HTTP on loopback, the rehearsal
networks. What a network shows is asked of the network.
"""

from __future__ import annotations

import logging
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import event

from bot.config import load_config
from bot.db.store import Store
from bot.errors import ConfigError
from bot.model import AttemptState, PostState
from bot.outcome import Outcome
from tests.announcements_sample import MARK, announcement, planned
from tests.story import NETWORKS, TownHall, town_hall

NOT_SENT, UNCERTAIN = AttemptState.NOT_SENT, AttemptState.UNCERTAIN
ACCEPTED, REFUSED = AttemptState.ACCEPTED, AttemptState.REFUSED

SOON = timedelta(minutes=10)
LATER = timedelta(minutes=30)

AGAIN = ((1, NOT_SENT), (2, ACCEPTED))
FOUND = ((1, UNCERTAIN), (1, ACCEPTED))
NOT_FOUND_AND_AGAIN = ((1, UNCERTAIN), (1, NOT_SENT), (2, ACCEPTED))


@dataclass(frozen=True)
class Case:
    """A fault at the first call: what the ledger says in the end, and how late the post was.

    *said* is in the cause that the ledger keeps. *waits* is the least time until it is out.
    """

    sentence: str
    network: str
    fault: str
    trail: tuple[tuple[int, AttemptState], ...]
    said: str
    holds: bool = False
    waits: timedelta = timedelta(0)


MINUTE = timedelta(minutes=1)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)
MAY_BE = "the post may be out"
NO_ANSWER = "broke before it answered"

CASES = (
    Case("X: wrong keys hold the account", "x", "unauthorized_401", AGAIN, "keys", holds=True),
    Case("X: no credit holds the account", "x", "no_credit_402", AGAIN, "credit", holds=True),
    Case("X: a suspended account is held", "x", "suspended_403", AGAIN, "suspended", holds=True),
    Case(
        "X: an account at its own limit waits",
        "x",
        "forbidden_403",
        AGAIN,
        "its daily limit",
        waits=timedelta(hours=1),
    ),
    Case("X: 429 waits until the reset", "x", "rate_limit_429", AGAIN, "wait", waits=QUARTER),
    Case("X: a bare 429 waits", "x", "rate_limit_429_bare", AGAIN, "wait", waits=QUARTER),
    Case(
        "X: 429 of the day waits for the day",
        "x",
        "rate_limit_day_429",
        AGAIN,
        "wait",
        waits=timedelta(hours=23),
    ),
    Case("X: 500, and it is not out", "x", "error_500_before", NOT_FOUND_AND_AGAIN, MAY_BE),
    Case("X: 500, and it is out", "x", "error_500_after", FOUND, MAY_BE),
    Case("X: a time-out, and it is not out", "x", "hang_before", NOT_FOUND_AND_AGAIN, NO_ANSWER),
    Case("X: a time-out, and it is out", "x", "hang_after", FOUND, NO_ANSWER),
    Case("X: the line drops before", "x", "drop_before", NOT_FOUND_AND_AGAIN, NO_ANSWER),
    Case("X: the line drops after", "x", "drop_after", FOUND, NO_ANSWER),
    Case("X: a page of a proxy with 502", "x", "html_502", NOT_FOUND_AND_AGAIN, MAY_BE),
    Case("X: 503", "x", "unavailable_503", NOT_FOUND_AND_AGAIN, MAY_BE),
    Case("X: a redirect is not followed", "x", "redirect_301", NOT_FOUND_AND_AGAIN, MAY_BE),
    Case("X: an empty 404 is a wrong address", "x", "empty_404", AGAIN, "address", holds=True),
    Case("LinkedIn: 401 holds", "linkedin", "unauthorized_401", AGAIN, "expired", holds=True),
    Case("LinkedIn: a token withdrawn", "linkedin", "revoked_401", AGAIN, "withdrawn", holds=True),
    Case("LinkedIn: 403 holds", "linkedin", "forbidden_403", AGAIN, "permission", holds=True),
    Case("LinkedIn: 429 waits", "linkedin", "rate_limit_429", AGAIN, "wait", waits=QUARTER),
    Case(
        "LinkedIn: a bare 429 waits",
        "linkedin",
        "rate_limit_429_bare",
        AGAIN,
        "wait",
        waits=QUARTER,
    ),
    Case(
        "LinkedIn: 429 of the day waits for midnight UTC",
        "linkedin",
        "rate_limit_day_429",
        AGAIN,
        "wait",
        waits=timedelta(hours=16),
    ),
    Case(
        "LinkedIn: 500, and it is not out",
        "linkedin",
        "error_500_before",
        NOT_FOUND_AND_AGAIN,
        MAY_BE,
    ),
    Case("LinkedIn: 500, and it is out", "linkedin", "error_500_after", FOUND, MAY_BE),
    Case(
        "LinkedIn: a time-out, and it is not out",
        "linkedin",
        "hang_before",
        NOT_FOUND_AND_AGAIN,
        NO_ANSWER,
    ),
    Case("LinkedIn: a time-out, and it is out", "linkedin", "hang_after", FOUND, NO_ANSWER),
    Case(
        "LinkedIn: the line drops before", "linkedin", "drop_before", NOT_FOUND_AND_AGAIN, NO_ANSWER
    ),
    Case("LinkedIn: the line drops after", "linkedin", "drop_after", FOUND, NO_ANSWER),
    Case(
        "LinkedIn: a page of a proxy with 502", "linkedin", "html_502", NOT_FOUND_AND_AGAIN, MAY_BE
    ),
    Case("LinkedIn: 503", "linkedin", "unavailable_503", NOT_FOUND_AND_AGAIN, MAY_BE),
    Case(
        "LinkedIn: a redirect is not followed",
        "linkedin",
        "redirect_301",
        NOT_FOUND_AND_AGAIN,
        MAY_BE,
    ),
    Case("LinkedIn: an empty 404", "linkedin", "empty_404", AGAIN, "address", holds=True),
    Case(
        "LinkedIn: a retired version holds", "linkedin", "version_426", AGAIN, "version", holds=True
    ),
    Case("LinkedIn: 409 is tried again", "linkedin", "conflict_409", AGAIN, "again", waits=MINUTE),
)


@pytest.fixture
def tours(tmp_path: Path, database_url: str) -> Iterator[TownHall]:
    with town_hall(tmp_path, read_timeout=1, database_url=database_url) as hall:
        yield hall


@pytest.mark.parametrize("case", [pytest.param(case, id=case.sentence) for case in CASES])
def test_after_a_fault_a_post_is_out_once_and_the_next_one_follows(
    case: Case, tours: TownHall
) -> None:
    tours.queue("visite", SOON)
    tours.queue("forum", LATER)
    tours.sandbox.fault(case.network, case.fault, seconds=2)
    tours.work()
    if case.holds:
        _release(tours, case)
    post = tours.post("visite", case.network)
    _told_and_out(tours, case)
    assert tuple(tours.trail(post)) == case.trail
    assert case.said in str(_cause(tours, post.id))
    for network in NETWORKS:
        assert tours.post("forum", network).state == PostState.PUBLISHED
        assert len(tours.shown(network, "forum")) == 1
    other = next(name for name in NETWORKS if name != case.network)
    assert tours.trail(tours.post("visite", other)) == [(1, ACCEPTED)]


def test_a_text_that_x_refuses_fails_that_post_only(tours: TownHall) -> None:
    campaign, due = tours.app.campaign, tours.clock.now() + SOON
    too_long = planned("x-fr", due, text=f"{'Tours ' * 60}\n\n{MARK}")
    tours.app.store.queue.add([(announcement(campaign, "visite"), [too_long])])
    tours.queue("forum", LATER)
    tours.work()
    post = tours.post("visite", "x")
    assert (post.state, tours.trail(post)) == (PostState.FAILED, [(1, REFUSED)])
    assert tours.notices() == {f"post {post.id}": "X finds this text too long."}
    assert len(tours.shown("x")) == len(tours.shown("x", "forum")) == 1


def test_a_post_that_x_does_not_show_at_first_is_not_taken_for_absent(tours: TownHall) -> None:
    tours.queue("visite", SOON)
    tours.sandbox.fault("x", "drop_after")
    # Long after it must have shown, X still answers a look with errors alone.
    tours.sandbox.fault("x", "errors_200", route="recent", times=30)
    due = tours.post("visite", "x").due
    looks: list[PostState] = []
    while (state := tours.post("visite", "x").state) != PostState.PUBLISHED:
        assert len(looks) < 200
        looks.append(state)
        tours.clock.advance_to(tours.daemon.tick(tours.clock.now()))
    assert looks.count(PostState.UNCERTAIN) >= 30
    assert tours.clock.now() > due + HOUR
    assert tuple(tours.trail(tours.post("visite", "x"))) == FOUND
    assert len(tours.shown("x", "visite")) == 1
    assert tours.notices() == {}


def _told_and_out(tours: TownHall, case: Case) -> None:
    post = tours.post("visite", case.network)
    (shown,) = tours.shown(case.network, "visite")
    assert post.state == PostState.PUBLISHED
    assert post.remote_id in (str(shown.id), shown.urn)
    assert post.published_at is not None
    assert post.published_at >= post.due + case.waits
    assert tours.notices() == {}


def _release(tours: TownHall, case: Case) -> None:
    """The account is held, the other network's posts are out, a person is told; then she mends."""
    account = f"{case.network}-fr"
    assert tours.is_held(account)
    assert tours.shown(case.network) == []
    other = next(name for name in NETWORKS if name != case.network)
    tours.clock.advance_to(tours.clock.now() + timedelta(hours=1))
    tours.work()
    assert len(tours.shown(other)) == 2
    for slug in ("visite", "forum"):
        assert tours.post(slug, case.network).state == PostState.QUEUED
    sentence = tours.notices()[f"account {account}"]
    assert case.said in sentence
    assert "{" not in sentence
    tours.app.store.ledger.release_account(account)
    tours.work()
    assert not tours.is_held(account)


@pytest.mark.parametrize(
    ("network", "fault"),
    [
        ("x", "unauthorized_401"),
        ("x", "suspended_403"),
        ("x", "no_credit_402"),
        ("linkedin", "revoked_401"),
        ("linkedin", "forbidden_403"),
        ("linkedin", "version_426"),
    ],
)
def test_ten_posts_and_two_daemons_that_meet_a_blocked_account_are_told_once(
    network: str, fault: str, tours: TownHall, tmp_path: Path
) -> None:
    for number in range(10):
        tours.queue(f"visite-{number}", SOON)
    tours.sandbox.fault(network, fault, times=10)
    tours.clock.advance_to(tours.clock.now() + SOON)
    other = next(name for name in NETWORKS if name != network)
    with town_hall(tmp_path, clock=tours.clock) as beside:
        halls = (tours, beside)
        _at_once(*(lambda hall=hall: hall.daemon.tick(hall.clock.now()) for hall in halls))
        for _hour in range(4):
            tours.work()
            beside.work()
            tours.clock.advance_to(tours.clock.now() + timedelta(hours=1))
    assert list(tours.notices()) == [f"account {network}-fr"]
    assert (len(tours.shown(network)), len(tours.shown(other))) == (0, 10)
    waiting = [tours.post(f"visite-{number}", network) for number in range(10)]
    assert {post.state for post in waiting} == {PostState.QUEUED}
    # Each daemon met it once at most: whoever is held is not called again.
    assert 1 <= sum(len(tours.trail(post)) for post in waiting) <= 2


def test_of_a_held_account_no_second_notice_says_that_it_cannot_be_read(tours: TownHall) -> None:
    tours.queue("visite", SOON)
    tours.work()
    tours.queue("forum", SOON)
    tours.sandbox.fault("x", "unauthorized_401", route="any", times=50)
    tours.clock.advance_to(tours.post("forum", "x").due)
    for _hour in range(4):
        tours.daemon.tick(tours.clock.now())
        tours.clock.advance_to(tours.clock.now() + timedelta(hours=3))
    assert list(tours.notices()) == ["account x-fr"]


def _at_once(*works: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _cause(tours: TownHall, post_id: int) -> object:
    return next(line.cause for line in tours.app.store.ledger.attempts(post_id) if line.cause)


@contextmanager
def down(tours: TownHall) -> Iterator[None]:
    """The networks do not answer, and nobody else does at their addresses meanwhile."""
    ports = [urlsplit(getattr(tours.sandbox, f"{name}_url")).port for name in NETWORKS]
    tours.sandbox.stop()
    with ExitStack() as stack:
        for port in ports:
            held = stack.enter_context(socket.socket())
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(("127.0.0.1", port))
        yield


@pytest.mark.parametrize("network", NETWORKS)
def test_a_network_that_is_down_is_tried_again_until_it_is_up(
    network: str, tours: TownHall
) -> None:
    tours.queue("visite", SOON)
    assert tours.sandbox.posts(network) == []
    with down(tours):
        for _wake_up in range(4):
            tours.clock.advance_to(tours.daemon.tick(tours.clock.now()))
    waiting = tours.post("visite", network)
    assert waiting.state == PostState.QUEUED
    assert {state for _number, state in tours.trail(waiting)} == {NOT_SENT}
    assert "could not be reached; nothing was sent" in str(_cause(tours, waiting.id))
    tours.sandbox.start()
    tours.work()
    assert tours.post("visite", network).state == PostState.PUBLISHED
    assert len(tours.shown(network)) == 1


@pytest.mark.parametrize("network", NETWORKS)
def test_a_post_that_never_gets_through_fails_and_a_person_is_told(
    network: str, tours: TownHall
) -> None:
    tours.queue("visite", SOON)
    assert tours.sandbox.posts(network) == []
    with down(tours):
        tours.work()
    post = tours.post("visite", network)
    assert post.state == PostState.FAILED
    assert tours.notices()[f"post {post.id}"] == "It could not be sent in 7 attempts."
    assert {state for _number, state in tours.trail(post)} == {NOT_SENT}


@pytest.mark.parametrize("network", NETWORKS)
def test_a_post_that_somebody_published_by_hand_is_recognised(
    network: str, tours: TownHall
) -> None:
    tours.queue("visite", timedelta(minutes=5))  # LinkedIn forgets what was said after ten
    post = tours.post("visite", network)
    by_hand = tours.app.network(post.account).publish(post)
    tours.clock.advance_to(post.due)
    tours.work()
    post = tours.post("visite", network)
    assert (post.state, post.remote_id) == (PostState.PUBLISHED, by_hand.remote_id)
    assert len(tours.shown(network)) == 1


@pytest.mark.parametrize("network", NETWORKS)
def test_the_same_words_of_another_announcement_are_refused_and_said_so(
    network: str, tours: TownHall
) -> None:
    tours.queue("visite", SOON, "Les mêmes mots.")
    tours.queue_unchecked("encore", "visite", SOON + MINUTE)
    tours.work()
    first, second = tours.post("visite", network), tours.post("encore", network)
    assert (first.state, second.state) == (PostState.PUBLISHED, PostState.FAILED)
    assert tours.notices()[f"post {second.id}"] == (
        f"The network refuses it as a repetition of post {first.id}."
    )
    assert len(tours.shown(network)) == 1


def test_a_post_seen_only_after_its_second_attempt_is_known_by_its_first(tours: TownHall) -> None:
    """Out and not to be seen for a while: two looks find nothing, and the second is refused."""
    tours.queue("visite", SOON)
    post = tours.post("visite", "x")
    tours.clock.advance_to(post.due)
    tours.sandbox.fault("x", "drop_after")
    tours.daemon.tick(tours.clock.now())
    (stored,) = tours.shown("x")
    tours.app.store.ledger.record(
        tours.post("visite", "x"),
        Outcome(NOT_SENT, PostState.QUEUED, tours.clock.now() + timedelta(hours=2)),
    )
    tours.work()
    assert tours.post("visite", "x").remote_id == str(stored.id)
    assert tours.trail(post) == [(1, UNCERTAIN), (1, NOT_SENT), (2, UNCERTAIN), (2, ACCEPTED)]
    assert len(tours.shown("x")) == 1


def test_what_was_told_of_a_post_is_settled_when_it_is_found(tours: TownHall) -> None:
    tours.queue("visite", SOON)
    post = tours.post("visite", "x")
    tours.clock.advance_to(post.due)
    tours.sandbox.fault("x", "drop_after")
    tours.daemon.tick(tours.clock.now())
    tours.sandbox.fault("x", "unauthorized_401", route="recent")
    tours.clock.advance_to(tours.clock.now() + MINUTE)
    tours.daemon.tick(tours.clock.now())
    assert "keys" in tours.notices()[f"post {post.id}"]
    tours.work()
    assert tours.post("visite", "x").state == PostState.PUBLISHED
    assert tours.notices() == {}


def test_an_uncertain_post_waits_while_its_network_cannot_be_asked(tours: TownHall) -> None:
    tours.queue("visite", SOON)
    tours.clock.advance_to(tours.post("visite", "linkedin").due)
    tours.sandbox.fault("linkedin", "drop_after")
    tours.daemon.tick(tours.clock.now())
    with down(tours):
        for _wake_up in range(10):
            tours.clock.advance_to(tours.daemon.tick(tours.clock.now()))
    assert tours.post("visite", "linkedin").state == PostState.UNCERTAIN
    tours.sandbox.start()
    tours.work()
    assert tours.post("visite", "linkedin").state == PostState.PUBLISHED
    assert len(tours.shown("linkedin")) == 1


@pytest.mark.parametrize("network", NETWORKS)
def test_figures_that_cannot_be_read_delay_no_post_and_are_read_at_the_next_hour(
    network: str, tours: TownHall
) -> None:
    tours.queue("visite", SOON)
    tours.work()
    tours.sandbox.fault(network, "error_500_before", route="metrics", times=3)
    post = tours.post("visite", network)
    for _hour in range(3):
        tours.clock.advance_to(tours.clock.now() + timedelta(hours=3))
        tours.daemon.tick(tours.clock.now())
    taken = tours.app.store.figures.snapshots([post.id])[post.id]
    assert len(taken) == 2
    assert not tours.is_held(post.account)


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[TownHall]:
    """A town hall whose database gives up on another program after a moment."""
    with town_hall(tmp_path) as hall:
        url = hall.app.config.database_url
        hall.app.store.close()
        hall.app.store = Store(url, hall.clock, busy_seconds=0.1)
        yield hall


def test_a_database_locked_when_the_answer_came_loses_nothing_and_sends_nothing_twice(
    impatient: TownHall, caplog: pytest.LogCaptureFixture
) -> None:
    impatient.queue("visite", SOON)
    post = impatient.post("visite", "x")
    impatient.clock.advance_to(post.due)
    impatient.sandbox.fault("x", "hang_after", seconds=0.5)
    ticking = threading.Thread(target=impatient.daemon.tick, args=(impatient.clock.now(),))
    ticking.start()
    _until(lambda: len(impatient.shown("x")) == 1)
    with _locked(impatient):
        ticking.join(timeout=20)
    assert not ticking.is_alive()
    assert "busy with another program" in caplog.text
    assert impatient.post("visite", "x").state == PostState.SENDING
    impatient.work()
    assert len(impatient.shown("x")) == 1
    assert impatient.trail(post) == list(FOUND)
    assert impatient.post("visite", "linkedin").state == PostState.PUBLISHED


def test_a_database_that_stays_locked_only_delays(
    impatient: TownHall, caplog: pytest.LogCaptureFixture
) -> None:
    impatient.queue("visite", SOON)
    impatient.clock.advance_to(impatient.post("visite", "x").due)
    with _locked(impatient):
        for _wake_up in range(3):
            impatient.clock.advance_to(impatient.daemon.tick(impatient.clock.now()))
    said = [record for record in caplog.records if "busy" in record.message]
    assert len(said) <= 2, "a fault is told once, not at every try"
    impatient.work()
    assert [len(impatient.shown(network)) for network in NETWORKS] == [1, 1]
    assert impatient.trail(impatient.post("visite", "x")) == [(1, ACCEPTED)]


def test_a_full_disk_delays_and_loses_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pages = {"most": 1 << 30}
    with town_hall(tmp_path) as tours:
        _limit_pages(tours.app.store, pages)
        for number in range(20):
            tours.queue(f"visite-{number}", SOON + number * MINUTE, f"Visite {number:02}. " * 9)
        pages["most"] = 1  # SQLite takes that as: not one page more than there are
        for _wake_up in range(40):
            tours.clock.advance_to(tours.daemon.tick(tours.clock.now()))
        assert "The disk is full" in caplog.text
        pages["most"] = 1 << 30
        tours.work()
        for network in NETWORKS:
            texts = [post.shown for post in tours.shown(network)]
            assert len(texts) == len(set(texts)) == 20
        states = {post.state for post in tours.app.store.queue.posts("tours")}
        assert states == {PostState.PUBLISHED}


def test_a_reports_folder_that_cannot_be_written_delays_no_post_and_is_told(
    tours: TownHall, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    folder = tours.app.config.reports
    tours.queue("visite", SOON)
    tours.work()
    folder.write_text("not a folder")
    tours.clock.advance_to(tours.clock.now() + timedelta(days=7, hours=1))
    tours.queue("forum", SOON)
    tours.work()
    assert len(tours.shown("x", "forum")) == 1
    assert tours.post("forum", "x").published_at == tours.post("forum", "x").due
    assert "cannot be written" in tours.notices()["report"]
    told = [record for record in caplog.records if "cannot be written" in record.message]
    assert len(told) == 1
    folder.unlink()
    tours.clock.advance_to(tours.clock.now() + timedelta(minutes=10))
    tours.daemon.tick(tours.clock.now())
    assert sorted(path.name for path in folder.iterdir()) == ["2023-W08.fr.html", "2023-W08.fr.md"]
    assert tours.notices() == {}


def test_an_account_that_left_the_campaign_keeps_its_posts_and_a_person_is_told(
    tmp_path: Path,
) -> None:
    with town_hall(tmp_path) as tours:
        tours.queue("visite", SOON)
        clock = tours.clock
    campaign = tmp_path / "campaigns" / "tours" / "campaign.toml"
    text = campaign.read_text(encoding="utf-8")
    head, _, rest = text.partition("[accounts.x-fr]")
    campaign.write_text(head + rest[rest.index("[accounts.linkedin-fr]") :], encoding="utf-8")
    with town_hall(tmp_path, clock=clock) as tours:
        tours.work()
        assert tours.is_held("x-fr")
        assert "no account of the campaign any more" in tours.notices()["account x-fr"]
        assert len(tours.shown("linkedin")) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"mode = live", "is not valid TOML", id="no quotation marks"),
        pytest.param('language = "fr" # été'.encode("latin-1"), "UTF-8", id="not UTF-8"),
        pytest.param(b'mode = "real"', "line 1", id="a mode that does not exist"),
        pytest.param(b"[networks.x]\nbase_url = 7", "line 2", id="a number for an address"),
        pytest.param(b"[http]\nread_timeout = 0", "read_timeout", id="no time to wait"),
        pytest.param(b"[http]\nread_timeout = nan", "read_timeout", id="no number of seconds"),
    ],
)
def test_a_configuration_that_is_wrong_is_told_in_a_sentence(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=said):
        load_config(path, tmp_path)


def test_a_configuration_that_is_a_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path, tmp_path)


@contextmanager
def _locked(hall: TownHall) -> Iterator[None]:
    """Another program that keeps the database to itself."""
    file = hall.app.config.database_url.removeprefix("sqlite:///")
    other = sqlite3.connect(file, isolation_level=None, timeout=10)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def _limit_pages(store: Store, pages: dict[str, int]) -> None:
    """Let the database grow to so many pages, whichever connection writes."""

    @event.listens_for(store._engine, "checkout")
    def on_checkout(connection: sqlite3.Connection, *_others: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages['most']}")


def _until(done: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
