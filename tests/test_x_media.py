"""Files sent to X ahead of their post: what goes over the line, in what order, and what a fault of
each step means."""

from __future__ import annotations

import base64
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from bot.attached import Attached, LinkCard, Media, Poll, Sort
from bot.clock import SPREAD, RehearsalClock
from bot.errors import (
    AccountBlocked,
    MediaError,
    NotReady,
    NotSent,
    PavoisError,
    Refused,
    Throttled,
)
from bot.model import Post, RemotePost
from bot.networks import network_kind
from bot.networks.again import TRIES
from bot.networks.base import Connection, Uploader
from bot.networks.http import make_session
from bot.networks.uploads import FilesGone
from bot.networks.x.client import X
from tests.fakes import Answer, Asked, Generated, serving
from tests.post_sample import NOW, TOURS_ON_X, sending

MIB = 1 << 20
ACCOUNT = TOURS_ON_X
KEYS = dict.fromkeys(("api_key", "api_secret", "access_secret"), "k")
PICTURE = Media("aa11", Sort.PICTURE, "image/jpeg", 700, 40, 30, alt="Le pont Wilson à Tours")
SECOND = Media("bb22", Sort.PICTURE, "image/png", 300, 40, 30, alt="L’affiche du forum")
VIDEO = Media("cc33", Sort.VIDEO, "video/mp4", 2 * MIB + 5, 640, 480)
POST = sending(ACCOUNT, "Forum à Tours 🇫🇷🇰🇷 #KoreaFranceLocalCooperation")
CREATED = Answer(201, {"data": {"id": "77", "text": "hi", "edit_history_tweet_ids": [""]}})
INVALID_IDS = Answer(
    400,
    {
        "errors": [
            {
                "parameters": {"media.media_ids": ["1"]},
                "message": "Your media IDs are invalid.",
            }
        ],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    },
)
NO_REPLY = Answer(
    403,
    {
        "detail": "Reply to this conversation is not allowed because you have not been mentioned "
        "or otherwise engaged by the author of the post you are replying to.",
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
    },
)


def showing(*media: Media) -> Post:
    return replace(POST, attached=Attached(media=media))


def opened(media: Media) -> BinaryIO:
    return cast(BinaryIO, Generated(media.size))


def alive() -> None:
    """The post is still ours."""


class FakeX:
    """X's endpoints for files, as far as a client can tell; what it answers may be put in its way.

    `instead` gives, by step, what is answered instead, each once (None: as ever); `processing` the
    states that a file goes through after it is whole.
    """

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.instead: dict[str, list[Answer | None]] = {}
        self.processing: list[dict[str, Any]] = []
        self.files: dict[str, dict[int, bytes]] = {}
        self.keeps = True
        self.expires_after = 86_400
        self.clock = RehearsalClock(NOW)

    def __call__(self, asked: Asked) -> Answer:
        step = self._step(asked)
        self.steps.append(step)
        waiting = self.instead.get(step, [])
        answer: Answer = (waiting.pop(0) if waiting else None) or getattr(self, f"_{step}")(asked)
        return answer

    def _step(self, asked: Asked) -> str:
        if (asked.method, asked.path) == ("GET", "/2/media/upload"):
            return "status"
        return asked.path.rpartition("/")[2]

    def _initialize(self, _asked: Asked) -> Answer:
        media_id = str(1000 + len(self.files))
        self.files[media_id] = {}
        data = {
            "id": media_id,
            "expires_after_secs": self.expires_after,
            "media_key": f"3_{media_id}",
        }
        return Answer(202, {"data": data})

    def _append(self, asked: Asked) -> Answer:
        media_id = asked.path.split("/")[4]
        data = base64.b64decode(asked.json["media"], validate=True)
        if self.keeps:
            self.files[media_id][asked.json["segment_index"]] = data
        return Answer(204)

    def _finalize(self, asked: Asked) -> Answer:
        return Answer(200, {"data": self._data(asked.path.split("/")[4])})

    def _status(self, asked: Asked) -> Answer:
        assert asked.query["command"] == "STATUS"
        return Answer(200, {"data": self._data(asked.query["media_id"])})

    def _data(self, media_id: str) -> dict[str, Any]:
        data: dict[str, Any] = {"id": media_id, "expires_after_secs": self.expires_after}
        if self.processing:
            data["processing_info"] = self.processing.pop(0)
        return data

    def _metadata(self, asked: Asked) -> Answer:
        return Answer(200, {"data": {"id": asked.json["id"]}})

    def _tweets(self, _asked: Asked) -> Answer:
        return CREATED


@contextmanager
def connected(
    answer: Callable[[Asked], Answer], patience: float = 2
) -> Iterator[tuple[X, list[Asked]]]:
    """An account on *answer* that waits *patience* seconds, and what it was asked."""
    clock = getattr(answer, "clock", RehearsalClock(NOW))
    with (
        serving(answer) as fake,
        make_session(timeout=(1, patience), loopback_only=True) as session,
    ):
        connection = Connection(
            account=ACCOUNT,
            settings={**network_kind("x").settings, "base_url": fake.url},
            credentials={**KEYS, "access_token": "4242-access"},
            session=session,
            clock=clock,
        )
        yield cast(X, network_kind("x").connect(connection)), fake.asked


def test_a_picture_goes_ahead_in_four_calls_and_the_post_shows_it() -> None:
    x = FakeX()
    with connected(x) as (account, asked):
        assert isinstance(account, Uploader)
        account.upload(showing(PICTURE), opened, alive)
        account.publish(showing(PICTURE))
    assert [(one.method, one.target) for one in asked] == [
        ("POST", "/2/media/upload/initialize"),
        ("POST", "/2/media/upload/1000/append"),
        ("POST", "/2/media/upload/1000/finalize"),
        ("POST", "/2/media/metadata"),
        ("POST", "/2/tweets"),
    ]
    initialize, append, finalize, metadata, tweet = asked
    assert initialize.json == {
        "media_type": "image/jpeg",
        "total_bytes": 700,
        "media_category": "tweet_image",
    }
    assert append.json == {
        "media": base64.b64encode(Generated(700).read()).decode(),
        "segment_index": 0,
    }
    assert finalize.body == b""
    assert metadata.json == {
        "id": "1000",
        "metadata": {"alt_text": {"text": "Le pont Wilson à Tours"}},
    }
    assert tweet.json == {"text": POST.text, "media": {"media_ids": ["1000"]}}
    assert all(one.headers["authorization"].startswith("OAuth ") for one in asked)


def test_a_video_goes_in_pieces_and_is_waited_for_as_long_as_x_says() -> None:
    x = FakeX()
    x.processing = [
        {"state": "pending", "check_after_secs": 1},
        {"state": "in_progress", "check_after_secs": 7, "progress_percent": 40},
        {"state": "in_progress"},
        {"state": "in_progress", "check_after_secs": 20},
        {"state": "succeeded", "progress_percent": 100},
    ]
    with connected(x) as (account, asked):
        account.upload(showing(VIDEO), opened, alive)
    assert x.steps == ["initialize", *["append"] * 3, "finalize", *["status"] * 4]
    assert [len(piece) for piece in x.files["1000"].values()] == [MIB, MIB, 5]
    assert b"".join(x.files["1000"].values()) == Generated(VIDEO.size).read()
    assert asked[0].json["media_category"] == "tweet_video"
    assert asked[-1].query == {"command": "STATUS", "media_id": "1000"}
    assert x.clock.now() == NOW + timedelta(seconds=1 + 7 + 1 + 20)


def test_an_animation_is_described_and_a_video_is_not() -> None:
    animation = replace(PICTURE, sort=Sort.ANIMATION, mime="image/gif")
    x = FakeX()
    with connected(x) as (account, asked):
        account.upload(showing(animation), opened, alive)
        account.upload(showing(replace(VIDEO, size=9, alt="Le teaser")), opened, alive)
    assert asked[0].json["media_category"] == "tweet_gif"
    assert x.steps.count("metadata") == 1


def test_a_picture_that_stands_for_nothing_in_words_is_not_described() -> None:
    x = FakeX()
    with connected(x) as (account, _asked):
        account.upload(showing(replace(PICTURE, alt="")), opened, alive)
    assert x.steps == ["initialize", "append", "finalize"]


def test_several_pictures_are_shown_in_their_order() -> None:
    x = FakeX()
    post = showing(SECOND, PICTURE)
    with connected(x) as (account, asked):
        account.upload(post, opened, alive)
        account.publish(post)
    assert asked[0].json["media_type"] == "image/png"
    assert asked[-1].json["media"] == {"media_ids": ["1000", "1001"]}


def test_the_same_picture_described_in_two_languages_is_two_files() -> None:
    korean = replace(PICTURE, alt="투르의 윌슨 다리")
    x = FakeX()
    with connected(x) as (account, asked):
        account.upload(showing(PICTURE), opened, alive)
        account.upload(showing(korean), opened, alive)
        account.publish(showing(korean))
    assert asked[-1].json["media"] == {"media_ids": ["1001"]}


def test_a_text_alone_sends_nothing_ahead() -> None:
    x = FakeX()
    card = Attached(card=LinkCard("https://ville.example.fr", "Ville", picture=PICTURE))
    with connected(x) as (account, asked):
        for post in (POST, replace(POST, attached=card)):
            account.upload(post, opened, alive)
            account.publish(post)
    assert x.steps == ["tweets", "tweets"]
    assert [one.json for one in asked] == [{"text": POST.text}] * 2


def test_a_poll_and_an_answer_go_out_as_x_names_them() -> None:
    poll = Attached(poll=Poll("Quel jour ?", ("Jeudi", "Vendredi"), 3))
    x = FakeX()
    with connected(x) as (account, asked):
        account.publish(replace(POST, attached=poll))
        account.publish(replace(POST, part=1, reply_to="76"))
    assert asked[0].json == {
        "text": POST.text,
        "poll": {"options": ["Jeudi", "Vendredi"], "duration_minutes": 4320},
    }
    assert asked[1].json == {"text": POST.text, "reply": {"in_reply_to_tweet_id": "76"}}


def test_the_post_is_asked_for_between_two_calls_and_nothing_follows_when_it_is_lost() -> None:
    class Lost(Exception):
        """What the publisher raises is its own affair."""

    x = FakeX()
    x.processing = [{"state": "pending", "check_after_secs": 1}, {"state": "succeeded"}]
    beats: list[int] = []
    with connected(x) as (account, _asked):
        account.upload(showing(VIDEO, PICTURE), opened, lambda: beats.append(len(x.steps)))
        assert beats == list(range(len(x.steps)))

        def lost() -> None:
            raise Lost

        x.steps.clear()
        with pytest.raises(Lost):
            account.upload(showing(SECOND), opened, lost)
        assert x.steps == []


STEPS = ("initialize", "append", "finalize", "status", "metadata")
BREAKS = {
    "the line drops": Answer(hang_up=True),
    "no answer": Answer(wait=5),
    "a fault of X": Answer(503),
    "a page of the edge": Answer(502, b"<html>"),
    "moved": Answer(301, headers={"Location": "/elsewhere"}),
    "too slow": Answer(408),
}
#: What may pass in a moment: a look is made again before it is given up.
MAY_PASS = ("the line drops", "no answer", "a fault of X", "a page of the edge")


@pytest.mark.parametrize("fault", BREAKS, ids=str)
def test_a_fault_on_the_way_is_no_post_and_what_is_up_is_not_sent_again(fault: str) -> None:
    animation = replace(PICTURE, sort=Sort.ANIMATION, mime="image/gif")
    x = FakeX()
    looks = TRIES if fault in MAY_PASS else 1
    x.instead = {step: [BREAKS[fault]] for step in STEPS}
    x.instead["status"] *= looks
    pending = {"state": "pending", "check_after_secs": 1}
    x.processing = [pending, pending, {"state": "succeeded"}]
    with connected(x, 0.25 if fault == "no answer" else 2) as (account, asked):
        for _step in STEPS:
            with pytest.raises(NotSent) as caught:
                account.upload(showing(animation), opened, alive)
            assert not isinstance(caught.value, Throttled)
        account.upload(showing(animation), opened, alive)
        account.publish(showing(animation))
    assert x.steps == [
        *["initialize"] * 2,
        *["append"] * 2,
        *["finalize"] * 2,
        *["status"] * (looks + 2),
        *["metadata"] * 2,
        "tweets",
    ]
    assert asked[-1].json["media"] == {"media_ids": ["1000"]}


@pytest.mark.parametrize("step", STEPS)
def test_no_answer_to_a_file_makes_anybody_look_for_the_post(step: str) -> None:
    said = "You are not allowed to create a Tweet with duplicate content."
    animation = replace(PICTURE, sort=Sort.ANIMATION, mime="image/gif")
    x = FakeX()
    x.instead = {step: [Answer(403, {"detail": said, "type": "about:blank"})]}
    x.processing = [{"state": "pending"}]
    with connected(x) as (account, _asked), pytest.raises(Refused, match="duplicate content"):
        account.upload(showing(animation), opened, alive)


def test_a_video_that_breaks_off_goes_on_with_the_piece_that_failed() -> None:
    x = FakeX()
    x.instead = {"append": [None, Answer(hang_up=True)]}
    with connected(x) as (account, asked):
        with pytest.raises(NotSent):
            account.upload(showing(VIDEO), opened, alive)
        account.upload(showing(VIDEO), opened, alive)
    pieces = [one.json["segment_index"] for one in asked if one.path.endswith("append")]
    assert pieces == [0, 1, 1, 2]
    assert b"".join(x.files["1000"].values()) == Generated(VIDEO.size).read()


@pytest.mark.parametrize("step", STEPS)
def test_x_makes_wait_in_the_middle_and_says_until_when(step: str) -> None:
    reset = NOW + timedelta(minutes=7)
    headers = {
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": str(int(reset.timestamp())),
    }
    animation = replace(PICTURE, sort=Sort.ANIMATION, mime="image/gif")
    x = FakeX()
    x.instead = {step: [Answer(429, {"title": "Too Many Requests"}, headers)]}
    x.processing = [{"state": "pending", "check_after_secs": 1}, {"state": "succeeded"}]
    with connected(x) as (account, _asked):
        with pytest.raises(Throttled) as caught:
            account.upload(showing(animation), opened, alive)
        assert reset <= caught.value.retry_at < reset + SPREAD
        account.upload(showing(animation), opened, alive)
    assert [x.steps.count(one) for one in STEPS] == [2 if one == step else 1 for one in STEPS]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, {"title": "Unauthorized", "detail": "Unauthorized"}, "keys"),
        (402, {"title": "CreditsDepleted", "type": "https://api.x.com/2/problems/credits"}, "cred"),
        (403, {"detail": "No.", "type": "https://api.x.com/2/problems/oauth1-permissions"}, "No."),
    ],
)
def test_an_account_that_may_not_is_held_whichever_step_says_so(
    step: str, status: int, body: dict[str, Any], says: str
) -> None:
    animation = replace(PICTURE, sort=Sort.ANIMATION, mime="image/gif")
    x = FakeX()
    x.instead = {step: [Answer(status, body)]}
    x.processing = [{"state": "pending"}, {"state": "succeeded"}]
    with connected(x) as (account, _asked), pytest.raises(AccountBlocked, match=says):
        account.upload(showing(animation), opened, alive)


REFUSED = Answer(400, {"title": "Invalid Request", "detail": "Media type unrecognized."})


@pytest.mark.parametrize("step", ["initialize", "append", "finalize", "metadata"])
def test_a_file_that_x_does_not_take_is_refused_and_named(step: str) -> None:
    x = FakeX()
    with connected(x) as (account, _asked):
        account.upload(showing(PICTURE), opened, alive)
        x.instead = {step: [REFUSED]}
        with pytest.raises(Refused, match=r"^File 2 of this post: .*Media type") as caught:
            account.upload(showing(PICTURE, SECOND), opened, alive)
        assert caught.value.status == 400
        account.upload(showing(SECOND), opened, alive)
    assert x.steps.count("initialize") == 3


@pytest.mark.parametrize("step", ["append", "finalize", "status"])
def test_a_file_whose_beginning_x_has_lost_is_sent_anew(step: str) -> None:
    lost = Answer(404, {"title": "Not Found Error", "detail": "Could not find media."})
    x = FakeX()
    x.instead = {step: [*[Answer(503)] * (TRIES if step == "status" else 1), lost]}
    x.processing = [{"state": "pending"}] if step == "status" else []
    with connected(x) as (account, asked):
        with pytest.raises(NotSent):
            account.upload(showing(VIDEO), opened, alive)
        with pytest.raises(NotSent, match="sent anew"):
            account.upload(showing(VIDEO), opened, alive)
        account.upload(showing(VIDEO), opened, alive)
        account.publish(showing(VIDEO))
    assert x.steps.count("initialize") == 2
    assert asked[-1].json["media"] == {"media_ids": ["1001"]}


@pytest.mark.parametrize(
    ("info", "more", "says"),
    [
        ({"error": {"name": "InvalidMedia", "message": "Unsupported frame rate"}}, {}, "frame rat"),
        ({"error": {"name": "InvalidMedia"}}, {}, "InvalidMedia"),
        ({}, {"errors": [{"detail": "x", "message": "Too many frames"}]}, "Too many frames"),
        ({}, {}, "does not say why"),
        ({"error": ["odd"]}, {}, "does not say why"),
    ],
)
def test_a_file_that_x_cannot_process_is_refused_with_its_reason(
    info: dict[str, Any], more: dict[str, Any], says: str
) -> None:
    x = FakeX()
    failed = {"data": {"id": "1000", "processing_info": {"state": "failed", **info}}, **more}
    x.instead = {"finalize": [Answer(200, failed)]}
    with connected(x) as (account, _asked), pytest.raises(Refused, match=says):
        account.upload(showing(VIDEO), opened, alive)


def test_a_file_that_x_is_not_done_with_is_looked_at_later_and_not_sent_again() -> None:
    x = FakeX()
    x.processing = [{"state": "in_progress", "check_after_secs": 3600}] * 4
    with connected(x) as (account, _asked):
        for waited in (30, 30, 30):
            with pytest.raises(NotReady, match="X is still at work") as caught:
                account.upload(showing(VIDEO), opened, alive)
            assert x.clock.now() == NOW + timedelta(seconds=waited)
            assert caught.value.retry_at == x.clock.now() + timedelta(minutes=1)
        account.upload(showing(VIDEO), opened, alive)
        account.publish(showing(VIDEO))
    assert x.steps.count("append") == 3


def test_a_file_that_x_is_never_done_with_is_sent_anew_after_ten_minutes() -> None:
    x = FakeX()
    x.processing = [{"state": "in_progress", "check_after_secs": 20}] * 100
    with connected(x) as (account, _asked):
        for _minute in range(10):
            with pytest.raises(NotReady):
                account.upload(showing(VIDEO), opened, alive)
        with pytest.raises(FilesGone, match=r"still at work .* after 10 minutes: it is sent anew"):
            account.upload(showing(VIDEO), opened, alive)
        x.processing.clear()
        account.upload(showing(VIDEO), opened, alive)
        account.publish(showing(VIDEO))
    assert x.steps.count("initialize") == 2


def test_a_file_is_sent_anew_when_x_will_not_keep_it_until_the_post() -> None:
    x = FakeX()
    with connected(x) as (account, asked):
        account.upload(showing(PICTURE), opened, alive)
        x.clock.wait(timedelta(hours=23, minutes=44))
        account.upload(showing(PICTURE), opened, alive)
        assert x.steps.count("initialize") == 1
        x.clock.wait(timedelta(minutes=1))
        with pytest.raises(NotSent, match="not up"):
            account.publish(showing(PICTURE))
        account.upload(showing(PICTURE), opened, alive)
        account.publish(showing(PICTURE))
    assert x.steps.count("initialize") == 2
    assert asked[-1].json["media"] == {"media_ids": ["1001"]}


@pytest.mark.parametrize("expires", [3600, 10**12])
def test_x_keeps_a_file_as_long_as_it_says_but_no_longer_than_a_day(expires: int) -> None:
    x = FakeX()
    x.expires_after = expires
    with connected(x) as (account, _asked):
        account.upload(showing(PICTURE), opened, alive)
        x.clock.wait(timedelta(seconds=min(expires, 86_400)) - timedelta(minutes=15))
        with pytest.raises(NotSent):
            account.publish(showing(PICTURE))


def test_a_post_whose_files_are_not_up_does_not_leave() -> None:
    x = FakeX()
    with connected(x) as (account, _asked):
        account.upload(showing(PICTURE), opened, alive)
        with pytest.raises(NotSent, match="not up"):
            account.publish(showing(PICTURE, SECOND))
        x.instead = {"finalize": [Answer(503)]}
        with pytest.raises(NotSent):
            account.upload(showing(SECOND), opened, alive)
        with pytest.raises(NotSent, match="not up"):
            account.publish(showing(PICTURE, SECOND))
    assert "tweets" not in x.steps


def test_a_post_whose_files_x_does_not_know_is_tried_once_more_with_new_ones() -> None:
    x = FakeX()
    x.instead = {"tweets": [INVALID_IDS, INVALID_IDS, INVALID_IDS]}
    post = showing(PICTURE)
    with connected(x) as (account, _asked):
        account.upload(post, opened, alive)
        with pytest.raises(NotSent, match="not know a file"):
            account.publish(post)
        account.upload(post, opened, alive)
        with pytest.raises(Refused, match="though they were sent anew") as caught:
            account.publish(post)
        assert caught.value.status == 400
        # A person who tries it again begins from the start.
        account.upload(post, opened, alive)
        with pytest.raises(NotSent):
            account.publish(post)
        account.upload(post, opened, alive)
        account.publish(post)
    assert x.steps.count("initialize") == 4


def test_a_thread_that_x_does_not_let_go_on_says_that_its_beginning_stands_alone() -> None:
    x = FakeX()
    x.instead = {"tweets": [NO_REPLY]}
    with connected(x) as (account, _asked), pytest.raises(Refused) as caught:
        account.publish(replace(POST, part=1, reply_to="76"))
    assert "stands alone" in str(caught.value)
    assert "threads = false" in str(caught.value)


@pytest.mark.parametrize("answer", [Answer(200, {"data": {}}), Answer(200, {"data": {"id": "a"}})])
def test_a_file_that_x_gives_no_number_is_sent_again_later(answer: Answer) -> None:
    x = FakeX()
    x.instead = {"initialize": [answer]}
    with connected(x) as (account, _asked), pytest.raises(NotSent, match="under which number"):
        account.upload(showing(PICTURE), opened, alive)


def test_a_document_is_nothing_for_x() -> None:
    document = Media("dd", Sort.DOCUMENT, "application/pdf", 9, title="Programme")
    with connected(FakeX()) as (account, asked), pytest.raises(Refused, match="no documents"):
        account.upload(showing(document), opened, alive)
    assert not asked


class Unreadable(Generated):
    def read(self, size: int = -1) -> bytes:
        raise OSError("disk")


def _raises(error: Exception) -> BinaryIO:
    raise error


@pytest.mark.parametrize(
    ("opening", "raised", "says"),
    [
        (lambda _media: _raises(FileNotFoundError()), NotSent, "could not be read"),
        (lambda _media: _raises(MediaError("It is gone.")), MediaError, "It is gone"),
        (lambda media: Unreadable(media.size), NotSent, "could not be read"),
        (lambda media: io.BytesIO(b"short"), MediaError, "not whole"),
    ],
)
def test_a_file_that_pavois_cannot_read_is_said_to_be_so(
    opening: Callable[[Media], BinaryIO], raised: type[PavoisError], says: str
) -> None:
    x = FakeX()
    with connected(x) as (account, _asked), pytest.raises(raised, match=says):
        account.upload(showing(PICTURE), opening, alive)
    assert x.steps == ["initialize"]


def test_a_great_file_needs_little_memory() -> None:
    great = replace(VIDEO, size=50 * MIB)
    x = FakeX()
    x.keeps = False
    with connected(x) as (account, asked):
        tracemalloc.start()
        account.upload(showing(great), opened, lambda: asked.clear() if len(asked) > 1 else None)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert x.steps.count("append") == 50
    assert peak < 20 * MIB


SHOWN = {
    "id": "77",
    "created_at": "2026-11-23T08:59:30.000Z",
    "text": f"{POST.text} https://t.co/pic1234567",
}


def _entity(**more: Any) -> dict[str, Any]:
    return {
        "url": "https://t.co/pic1234567",
        "expanded_url": "https://x.com/tours/status/77/photo/1",
        **more,
    }


@pytest.mark.parametrize(
    "entities",
    [
        [_entity(media_key="3_1", display_url="pic.x.com/pic1234567")],
        [_entity(media_key="3_1"), _entity(media_key="3_2")],
        [_entity(display_url="pic.x.com/pic1234567")],
        [_entity(display_url="pic.twitter.com/pic1234567")],
        [],
    ],
    ids=["named twice", "two pictures", "X's own link", "its old spelling", "not named at all"],
)
def test_a_post_with_pictures_is_found_again_without_the_link_that_x_adds(
    entities: list[dict[str, Any]],
) -> None:
    stored = {**SHOWN, "entities": {"urls": entities}} if entities else SHOWN
    with connected(lambda _asked: Answer(body={"data": [stored]})) as (account, _asked):
        (remote,) = account.recent(NOW - timedelta(hours=1))
        assert account.same_text(showing(PICTURE), remote)
        assert not account.same_text(replace(showing(PICTURE), text="Autre texte"), remote)
        if entities:
            assert remote.text == POST.text


def test_a_link_that_was_written_stays_where_x_adds_another() -> None:
    post = replace(showing(PICTURE), text=f"{POST.text}\nhttps://ville.example.fr/forum")
    own = {"url": "https://t.co/own", "expanded_url": "https://ville.example.fr/forum"}
    stored = {
        **SHOWN,
        "text": f"{POST.text}\nhttps://t.co/own https://t.co/pic1234567",
        "entities": {"urls": [own, _entity(media_key="3_1")]},
    }
    with connected(lambda _asked: Answer(body={"data": [stored]})) as (account, _asked):
        (remote,) = account.recent(NOW - timedelta(hours=1))
        assert remote.text == post.text
        assert account.same_text(post, remote)


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (POST.text, True),
        (f"@tours {POST.text}", True),
        (f"@tours @suwon_city {POST.text}", True),
        (f"@tours {POST.text} et plus", False),
        (f"Bonjour @tours {POST.text}", False),
    ],
)
def test_an_answer_is_known_again_whether_or_not_x_puts_a_name_before_it(
    theirs: str, expected: bool
) -> None:
    with connected(FakeX()) as (account, _asked):
        remote = RemotePost("1", "", theirs, NOW)
        assert account.same_text(replace(POST, part=1, reply_to="76"), remote) is expected
        assert account.same_text(POST, remote) is (theirs == POST.text)


def _official() -> Mapping[str, Any]:
    path = Path(__file__).parent.parent.parent / "shared" / "data" / "x" / "openapi-2.167.json"
    if not path.exists():
        pytest.skip("X's specification is not here")
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def test_what_is_sent_is_what_xs_specification_names() -> None:
    schemas = _official()["components"]["schemas"]
    x = FakeX()
    with connected(x) as (account, asked):
        account.upload(showing(PICTURE), opened, alive)
        account.publish(
            replace(showing(PICTURE), reply_to="76", attached=Attached(media=(PICTURE,)))
        )
        account.publish(replace(POST, attached=Attached(poll=Poll("?", ("a", "b"), 7))))
    initialize, append, _finalize, metadata, tweet, poll = asked
    for one, name in (
        (initialize, "InitializeMediaUploadRequest"),
        (append, "AppendMediaUploadRequest"),
        (metadata, "CreateMediaMetadataRequest"),
        (tweet, "CreatePostsRequest"),
        (poll, "CreatePostsRequest"),
    ):
        assert one.json.keys() <= schemas[name]["properties"].keys()
        assert set(schemas[name].get("required", ())) <= one.json.keys()
    assert (
        initialize.json["media_type"]
        in (schemas["InitializeMediaUploadRequest"]["properties"]["media_type"]["enum"])
    )
    assert tweet.json["media"].keys() == {"media_ids"}
    assert poll.json["poll"].keys() == set(schemas["CreatePostsPoll"]["required"])
    assert tweet.json["reply"].keys() == set(schemas["CreatePostsReply"]["required"])
