"""Corrections on X: what goes over the line, what its answers mean, what certainly cannot be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.attached import Attached, Media, Poll, Sort
from bot.clock import RehearsalClock
from bot.errors import AccountBlocked, NetworkError, NotSent, Refused, Throttled, Uncertain
from bot.model import Post, PostState
from bot.networks import network_kind
from bot.networks.base import Connection, Corrector
from bot.networks.http import make_session
from tests.fakes import Answer, Asked, FakeServer, serving
from tests.post_sample import NOW, TOURS_ON_X, sending

KEYS = {
    "api_key": "consumer-key",
    "api_secret": "consumer-secret",
    "access_token": "4242-access",
    "access_secret": "access-secret",
}
OUT = sending(
    TOURS_ON_X,
    "Forum à Tours #KoreaFranceLocalCooperation",
    state=PostState.PUBLISHED,
    remote_id="2101712260468977783",
    published_at=NOW - timedelta(minutes=20),
)
AFTER = "Forum à Tours, le 12 #KoreaFranceLocalCooperation"
CORRECTED = Answer(
    201,
    {"data": {"id": "2101712260468977999", "text": "hi", "edit_history_tweet_ids": [""]}},
    {"x-transaction-id": "abc124"},
)


def problem(status: int, detail: str, title: str = "Forbidden") -> Answer:
    body = {"detail": detail, "type": "about:blank", "title": title, "status": status}
    return Answer(status, body)


@contextmanager
def _x(answer: Callable[[Asked], Answer] | Answer) -> Iterator[tuple[Any, FakeServer]]:
    with serving(answer) as fake, make_session(timeout=(1, 0.5), loopback_only=True) as session:
        settings = {**network_kind("x").settings, "base_url": fake.url}
        connection = Connection(TOURS_ON_X, settings, KEYS, session, RehearsalClock(NOW))
        yield network_kind("x").connect(connection), fake


def test_x_is_a_network_that_corrects_and_gives_a_new_name() -> None:
    with _x(CORRECTED) as (x, _fake):
        assert isinstance(x, Corrector)
        assert x.renames
        assert "within an hour" in str(x.corrections)


def test_a_correction_is_a_new_version_of_the_post() -> None:
    with _x(CORRECTED) as (x, fake):
        published = x.correct(OUT, AFTER)
    assert published.remote_id == "2101712260468977999"
    assert published.url == "https://x.com/tours/status/2101712260468977999"
    assert (published.at, published.request_id, published.status) == (NOW, "abc124", 201)
    (asked,) = fake.asked
    assert (asked.method, asked.target) == ("POST", "/2/tweets")
    assert asked.json == {
        "text": AFTER,
        "edit_options": {"previous_post_id": "2101712260468977783"},
    }


def test_a_corrected_part_of_a_thread_stays_in_it() -> None:
    with _x(CORRECTED) as (x, fake):
        x.correct(replace(OUT, part=1, reply_to="2101712260468977000"), AFTER)
    assert fake.asked[0].json["reply"] == {"in_reply_to_tweet_id": "2101712260468977000"}


PHOTO = Attached(media=(Media("a" * 64, Sort.PICTURE, "image/jpeg", 1000),))


@pytest.mark.parametrize(
    ("post", "why"),
    [
        (replace(OUT, published_at=NOW - timedelta(minutes=61)), "within an hour"),
        (replace(OUT, attached=Attached(poll=Poll("", ("Oui", "Non"), 1))), "poll"),
        (replace(OUT, attached=PHOTO), "files"),
    ],
    ids=["after its hour", "with a poll", "with a photo"],
)
def test_what_x_certainly_does_not_change_is_not_asked(post: Post, why: str) -> None:
    with _x(CORRECTED) as (x, fake):
        assert why in str(x.hindrance(post))
        with pytest.raises(Refused, match=why):
            x.correct(post, AFTER)
        assert fake.asked == []


def test_a_post_of_sixty_minutes_may_still_be_changed() -> None:
    with _x(CORRECTED) as (x, _fake):
        assert x.hindrance(replace(OUT, published_at=NOW - timedelta(hours=1))) is None


@pytest.mark.parametrize(
    ("answer", "means", "says"),
    [
        (problem(403, "You are not permitted to perform this action."), Refused, "Premium"),
        (problem(403, "Your account is suspended."), AccountBlocked, "suspended"),
        (problem(401, "Unauthorized"), AccountBlocked, "keys"),
        (problem(402, "no credits", "CreditsDepleted"), AccountBlocked, "credit"),
        (problem(429, "Too Many Requests"), Throttled, "wait"),
        (problem(403, "Your Tweet text is too long."), Refused, "too long"),
        (
            problem(403, "You are not allowed to create a Tweet with duplicate content."),
            Uncertain,
            "it may have",
        ),
        (Answer(503, b"<html>"), Uncertain, "it may have"),
        (Answer(301, headers={"Location": "/"}), Uncertain, "it may have"),
        (Answer(201, {"data": {}}), Uncertain, "it may have"),
        (Answer(hang_up=True), Uncertain, "it may have"),
    ],
)
def test_what_an_answer_means_for_a_correction(
    answer: Answer, means: type[NetworkError], says: str
) -> None:
    with _x(answer) as (x, fake):
        with pytest.raises(NetworkError, match=says) as caught:
            x.correct(OUT, AFTER)
        assert type(caught.value) is means
        assert len(fake.asked) == 1, "it is asked once"


def test_a_network_that_is_down_was_not_asked() -> None:
    with _x(CORRECTED) as (x, fake):
        x._client._base_url = "http://127.0.0.1:9"
        with pytest.raises(NotSent, match="nothing was sent"):
            x.correct(OUT, AFTER)
        assert fake.asked == []


@pytest.mark.parametrize(
    ("entities", "tags"),
    [
        (
            {"hashtags": [{"start": 0, "end": 3, "tag": "Tours"}, {"tag": "Séoul"}]},
            ("Tours", "Séoul"),
        ),
        ({"urls": []}, ()),
        (None, ()),
        ({"hashtags": "none"}, ()),
    ],
)
def test_the_hashtags_that_x_shows_as_such_are_read_back(
    entities: object, tags: tuple[str, ...]
) -> None:
    tweet = {"id": "7", "text": "#Tours #Séoul", "created_at": "2026-11-23T08:59:00.000Z"}
    if entities is not None:
        tweet["entities"] = entities  # type: ignore[assignment]
    with _x(Answer(body={"data": [tweet], "meta": {}})) as (x, _fake):
        (remote,) = x.recent(NOW - timedelta(hours=1))
    assert remote.tags == tags
