"""A person on LinkedIn who opted in, the whole way: queue, daemon, client, rehearsal's LinkedIn.

What LinkedIn shows is asked of LinkedIn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.model import Post, PostState
from tests.fakes import next_wake_up
from tests.postgres import ON_SQLITE
from tests.story import TownHall, found_town_hall, pavois_said, town_hall

MINUTE = timedelta(minutes=1)
PERSON = '[accounts.linkedin-fr]\nauthor = "urn:li:person:maire"\n'
OPTED_IN = f"{PERSON}resend_once = true\n"


@pytest.fixture
def tours(tmp_path: Path, database_url: str) -> Iterator[TownHall]:
    found_town_hall(tmp_path, OPTED_IN)
    with town_hall(tmp_path, read_timeout=0.5, database_url=database_url) as hall:
        yield hall


def lose(tours: TownHall, fault: str) -> Post:
    """Queue a post whose answer is lost by *fault*, and let the daemon send it."""
    tours.queue("visite", MINUTE)
    tours.sandbox.fault("linkedin", fault, seconds=1)
    tours.clock.advance_to(tours.post("visite", "linkedin").due)
    tours.daemon.send(tours.clock.now())
    tours.daemon.settle(tours.clock.now())
    post = tours.post("visite", "linkedin")
    assert post.state == PostState.UNCERTAIN
    return post


def tick(tours: TownHall) -> Post:
    """The daemon's next wake-up."""
    next_one = next_wake_up(tours.app.store, "tours")
    assert next_one
    tours.clock.advance_to(next_one)
    tours.daemon.send(tours.clock.now())
    tours.daemon.settle(tours.clock.now())
    return tours.post("visite", "linkedin")


def test_a_post_that_is_out_is_told_by_its_repetition(tours: TownHall) -> None:
    lost = lose(tours, "drop_after")
    post = tick(tours)
    (shown,) = tours.shown("linkedin")
    assert (post.state, post.remote_id) == (PostState.PUBLISHED, shown.urn)
    assert post.url.endswith(f"linkedin.html#post-{shown.urn}")
    assert (post.published_at, tours.clock.now()) == (lost.due, lost.due + MINUTE)
    last = tours.app.store.ledger.attempts(post.id)[-1]
    assert (last.act, last.state.value, last.status) == ("resend", "accepted", 422)
    assert tours.notices() == {}


def test_a_post_that_is_not_out_goes_out(tours: TownHall) -> None:
    lost = lose(tours, "drop_before")
    assert tours.shown("linkedin") == []
    post = tick(tours)
    (shown,) = tours.shown("linkedin")
    assert (post.state, post.remote_id) == (PostState.PUBLISHED, shown.urn)
    assert post.published_at == lost.due + MINUTE
    assert tours.notices() == {}


@ON_SQLITE
@pytest.mark.parametrize(
    "fault", ["error_500_after", "hang_after", "error_500_before", "unavailable_503", "html_502"]
)
def test_however_the_answer_is_lost_the_post_is_out_once(tours: TownHall, fault: str) -> None:
    lose(tours, fault)
    assert tick(tours).state == PostState.PUBLISHED
    assert len(tours.shown("linkedin")) == 1


@ON_SQLITE
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("drop_before", "broke before it answered"),
        ("unauthorized_401", "expired"),
        ("rate_limit_429", "wait"),
        ("conflict_409", "again"),
    ],
)
def test_what_it_does_not_make_certain_a_person_is_asked(
    tours: TownHall, fault: str, said: str
) -> None:
    post = lose(tours, "drop_after")
    tours.sandbox.fault("linkedin", fault)
    assert tick(tours).state == PostState.UNCERTAIN
    notice = tours.notices()[f"post {post.id}"]
    assert notice.startswith("Pavois tried by itself to send it once more")
    assert said in notice
    for _wake_up in range(3):
        tick(tours)
    assert len(tours.shown("linkedin")) == 1
    assert len(tours.app.store.ledger.attempts(post.id)) == 6


@ON_SQLITE
def test_long_after_nothing_is_sent_once_more(tours: TownHall) -> None:
    lose(tours, "drop_after")
    tours.clock.advance_to(tours.clock.now() + 11 * MINUTE)
    assert tick(tours).state == PostState.UNCERTAIN
    assert len(tours.shown("linkedin")) == 1
    assert "does not let Pavois look" in tours.notices()["post 2"]


def test_commands_count_it_apart(tmp_path: Path) -> None:
    found_town_hall(tmp_path, OPTED_IN)
    with town_hall(tmp_path) as tours:
        post = lose(tours, "drop_after")
        tick(tours)
        used = tours.app.store.calls
        day_before = tours.clock.now() - timedelta(days=1)
        assert (used.sent(post.account, day_before), used.resent(post.account, day_before)) == (
            1,
            1,
        )
    code, said, _faults = pavois_said(tmp_path, "queue", "show", str(post.id))
    assert code == 0
    assert [line.split("  ")[1] for line in said.splitlines() if "attempt" in line] == [
        *["attempt 1"] * 3,
        *["attempt 2 (once more)"] * 3,
    ]
    code, said, _faults = pavois_said(tmp_path, "queue", "show", str(post.id), "--json")
    acts = [line["act"] for line in json.loads(said)[0]["attempts"]]
    assert acts == ["publish"] * 3 + ["resend"] * 3
    assert pavois_said(tmp_path, "verify")[0] == 0


def test_a_page_cannot_opt_in(tmp_path: Path) -> None:
    found_town_hall(tmp_path, "[accounts.linkedin-fr]\nresend_once = true\n")
    refused = "is for persons on LinkedIn alone"
    with town_hall(tmp_path) as hall, pytest.raises(ConfigError, match=refused):
        _ = hall.app.resender
    code, said, _faults = pavois_said(tmp_path, "check")
    assert (code, refused in said) == (1, True)
