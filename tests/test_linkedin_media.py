"""Files sent to LinkedIn ahead of their post, and the posts that show them: what goes over the
line, in what order, and what a fault of each step means."""

from __future__ import annotations

import json
import logging
import re
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from bot.attached import Attached, LinkCard, Media, Mention, Poll, Sort
from bot.clock import SPREAD, RehearsalClock
from bot.errors import (
    AccountBlocked,
    NetworkError,
    NotReady,
    NotSent,
    Refused,
    Throttled,
    Uncertain,
)
from bot.model import Post
from bot.networks import network_kind
from bot.networks.again import TRIES
from bot.networks.base import Connection, Uploader
from bot.networks.http import make_session
from bot.networks.linkedin.body import body_of
from bot.networks.linkedin.client import LinkedInMember
from bot.networks.uploads import FilesGone, Stretch
from tests.fakes import Answer, Asked, Generated, serving, swallowing
from tests.post_sample import NOW, SUWON_ON_LINKEDIN, sending

MIB = 1 << 20
PAGE = "urn:li:organization:2414183"
PERSON = "urn:li:person:Ww-h__kIES"
TOKEN = "AQX-secret-token"
ACCOUNT = SUWON_ON_LINKEDIN
PICTURE = Media("aa11", Sort.PICTURE, "image/jpeg", 700, 40, 30, alt="수원 화성 (야경)")
SECOND = Media("bb22", Sort.PICTURE, "image/png", 300, 40, 30, alt="L’affiche")
DOCUMENT = Media("cc33", Sort.DOCUMENT, "application/pdf", 3 * MIB, title="Programme (v2).pdf")
VIDEO = Media("dd44", Sort.VIDEO, "video/mp4", 5 * MIB, 640, 480, title="Teaser")
POST = sending(ACCOUNT, "[공지] 🇰🇷 #창업")
DATA = Path(__file__).parent / "data" / "linkedin_bodies.json"
SHARED = Path(__file__).parents[2] / "shared" / "data" / "linkedin" / "requests"
BODIES: dict[str, Any] = json.loads(DATA.read_text("utf-8"))
KINDS = ("single_image", "multi_image", "document", "video", "poll", "article")


def showing(*media: Media) -> Post:
    return replace(POST, attached=Attached(media=media))


def opened(media: Media) -> BinaryIO:
    return cast(BinaryIO, Generated(media.size))


def alive() -> None:
    """The post is still ours."""


class FakeLinkedIn:
    """LinkedIn's endpoints for files, as far as a client can tell.

    `instead` gives, by step, what is answered instead, each once (None: as ever); `statuses` what a
    file is said to be, at each look, before it is AVAILABLE.
    """

    part = 4 * MIB

    def __init__(self) -> None:
        self.steps: list[str] = []
        self.instead: dict[str, list[Answer | None]] = {}
        self.statuses: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.keeps = True
        self.count = 0
        self.url = ""
        self.clock = RehearsalClock(NOW)

    def __call__(self, asked: Asked) -> Answer:
        step = self._step(asked)
        self.steps.append(step)
        waiting = self.instead.get(step, [])
        answer: Answer = (waiting.pop(0) if waiting else None) or getattr(self, f"_{step}")(asked)
        return answer

    def _step(self, asked: Asked) -> str:
        if asked.method == "PUT":
            return "put"
        if asked.method == "GET":
            return "look"
        return {"": "post", "initializeUpload": "begin", "finalizeUpload": "end"}[
            asked.query.get("action", "")
        ]

    def _begin(self, asked: Asked) -> Answer:
        kind = asked.path.removeprefix("/rest/").removesuffix("s")
        self.count += 1
        urn = f"urn:li:{kind}:C{self.count}"
        expires = int((self.clock.now() + timedelta(days=1)).timestamp() * 1000)
        value: dict[str, Any] = {kind: urn}
        if kind == "video":
            size = asked.json["initializeUploadRequest"]["fileSizeBytes"]
            value |= {
                "uploadUrlsExpireAt": expires,
                "uploadToken": "",
                "uploadInstructions": [
                    {
                        "uploadUrl": f"{self.url}/dms-uploads/{urn}/{first}?ut=a%2Db",
                        "firstByte": first,
                        "lastByte": min(first + self.part, size) - 1,
                    }
                    for first in range(0, size, self.part)
                ],
            }
        else:
            address = f"{self.url}/dms-uploads/{urn}/0?ca=v&ut=1i%2DV%7E(m)"
            value |= {"uploadUrlExpiresAt": expires, "uploadUrl": address}
        return Answer(200, {"value": value})

    def _put(self, asked: Asked) -> Answer:
        if self.keeps:
            self.files[asked.path] = asked.body
        if ":video:" in asked.path:
            return Answer(200, headers={"ETag": f'"/ambry/{asked.path.rpartition("/")[2]}"'})
        return Answer(201)

    def _end(self, _asked: Asked) -> Answer:
        return Answer(200)

    def _look(self, _asked: Asked) -> Answer:
        return Answer(200, self.statuses.pop(0) if self.statuses else {"status": "AVAILABLE"})

    def _post(self, _asked: Asked) -> Answer:
        return Answer(201, headers={"x-restli-id": "urn:li:share:1"})


@contextmanager
def connected(
    answer: FakeLinkedIn, author: str = PAGE, patience: float = 2
) -> Iterator[tuple[LinkedInMember, list[Asked]]]:
    """An account on *answer* that waits *patience* seconds, and what it was asked."""
    with (
        serving(answer) as fake,
        make_session(timeout=(1, patience), loopback_only=True) as session,
    ):
        answer.url = answer.url or fake.url
        connection = Connection(
            account=ACCOUNT,
            settings={**network_kind("linkedin").settings, "base_url": fake.url},
            credentials={"access_token": TOKEN, "author": author},
            session=session,
            clock=answer.clock,
        )
        yield cast(LinkedInMember, network_kind("linkedin").connect(connection)), fake.asked


def _assert_no_rest_headers(asked: Asked) -> None:
    names = asked.headers.keys()
    assert not {"linkedin-version", "x-restli-protocol-version", "x-restli-method"} & names


def test_a_picture_goes_ahead_in_three_calls_and_the_post_shows_it() -> None:
    linkedin = FakeLinkedIn()
    with connected(linkedin) as (account, asked):
        assert isinstance(account, Uploader)
        account.upload(showing(PICTURE), opened, alive)
        account.publish(showing(PICTURE))
    assert [(one.method, one.target) for one in asked] == [
        ("POST", "/rest/images?action=initializeUpload"),
        ("PUT", "/dms-uploads/urn:li:image:C1/0?ca=v&ut=1i%2DV%7E(m)"),
        ("GET", "/rest/images/urn%3Ali%3Aimage%3AC1"),
        ("POST", "/rest/posts"),
    ]
    begin, put, look, post = asked
    assert begin.json == {"initializeUploadRequest": {"owner": PAGE}}
    assert begin.headers["linkedin-version"] == "202609"
    assert put.body == Generated(700).read()
    assert put.headers["authorization"] == f"Bearer {TOKEN}"
    assert put.headers["content-type"] == "image/jpeg"
    assert put.headers["content-length"] == "700"
    assert "transfer-encoding" not in put.headers
    _assert_no_rest_headers(put)
    assert look.headers["linkedin-version"] == "202609"
    assert post.json["content"] == {
        "media": {"id": "urn:li:image:C1", "altText": "수원 화성 (야경)"}
    }
    assert post.json["commentary"] == "\\[공지\\] 🇰🇷 {hashtag|\\#|창업}"


def test_a_document_goes_in_one_piece_and_is_waited_for() -> None:
    linkedin = FakeLinkedIn()
    linkedin.statuses = [{"status": "WAITING_UPLOAD"}, {"status": "PROCESSING"}]
    with connected(linkedin) as (account, asked):
        account.upload(showing(DOCUMENT), opened, alive)
        account.publish(showing(DOCUMENT))
    assert linkedin.steps == ["begin", "put", "look", "look", "look", "post"]
    assert asked[0].target == "/rest/documents?action=initializeUpload"
    assert asked[1].body == Generated(DOCUMENT.size).read()
    assert asked[1].headers["authorization"] == f"Bearer {TOKEN}"
    assert asked[-1].json["content"] == {
        "media": {"title": "Programme (v2).pdf", "id": "urn:li:document:C1"}
    }
    assert linkedin.clock.now() == NOW + timedelta(seconds=4)


def test_a_video_goes_in_the_ranges_that_linkedin_wants() -> None:
    linkedin = FakeLinkedIn()
    linkedin.statuses = [{"status": "PROCESSING"}]
    with connected(linkedin) as (account, asked):
        account.upload(showing(VIDEO), opened, alive)
        account.publish(showing(VIDEO))
    assert linkedin.steps == ["begin", "put", "put", "end", "look", "look", "post"]
    begin, first, second, end = asked[:4]
    assert begin.target == "/rest/videos?action=initializeUpload"
    assert begin.json == {
        "initializeUploadRequest": {
            "owner": PAGE,
            "fileSizeBytes": 5 * MIB,
            "uploadCaptions": False,
            "uploadThumbnail": False,
        }
    }
    for part in (first, second):
        assert "authorization" not in part.headers
        assert part.headers["content-type"] == "application/octet-stream"
        _assert_no_rest_headers(part)
    assert first.body + second.body == Generated(5 * MIB).read()
    assert len(first.body) == 4 * MIB
    assert end.json == {
        "finalizeUploadRequest": {
            "video": "urn:li:video:C1",
            "uploadToken": "",
            "uploadedPartIds": ["/ambry/0", "/ambry/4194304"],
        }
    }
    assert asked[-1].json["content"] == {"media": {"title": "Teaser", "id": "urn:li:video:C1"}}


def test_a_member_may_not_look_and_goes_on_shortly_after() -> None:
    linkedin = FakeLinkedIn()
    forbidden = {
        "status": 403,
        "code": "ACCESS_DENIED",
        "message": "Accessing this image resource is forbidden. Please check your permissions",
    }
    linkedin.instead = {"look": [Answer(403, forbidden)]}
    with connected(linkedin, PERSON) as (account, asked):
        account.upload(showing(PICTURE), opened, alive)
        account.publish(showing(PICTURE))
    assert linkedin.steps == ["begin", "put", "look", "post"]
    assert asked[0].json == {"initializeUploadRequest": {"owner": PERSON}}
    assert linkedin.clock.now() == NOW + timedelta(seconds=2)


def test_the_picture_of_a_card_goes_ahead_too_and_a_file_is_sent_once() -> None:
    card = LinkCard("https://ville.example.fr/a_(b)", "Forum #1 (suite)", "Le <forum>", PICTURE)
    linkedin = FakeLinkedIn()
    with connected(linkedin) as (account, asked):
        for post in (replace(POST, attached=Attached(card=card)), showing(PICTURE)):
            account.upload(post, opened, alive)
            account.publish(post)
    assert linkedin.steps == ["begin", "put", "look", "post", "post"]
    assert asked[3].json["content"] == {
        "article": {
            "source": "https://ville.example.fr/a_(b)",
            "title": "Forum #1 (suite)",
            "description": "Le <forum>",
            "thumbnail": "urn:li:image:C1",
            "thumbnailAltText": "수원 화성 (야경)",
        }
    }


def test_a_text_alone_sends_nothing_ahead() -> None:
    linkedin = FakeLinkedIn()
    with connected(linkedin) as (account, asked):
        account.upload(POST, opened, alive)
        account.publish(POST)
    assert linkedin.steps == ["post"]
    assert "content" not in asked[0].json


def _attached(kind: str) -> Attached:
    picture = Media("a", Sort.PICTURE, "image/jpeg", 1, alt="poster of the event")
    poll = Poll("Which day?", ("Thursday", "Friday"), 3)
    card = LinkCard(
        "https://example.org/a?utm_source=li",
        "Title (plain text)",
        "Plain text, not little text",
        replace(picture, alt="alt"),
    )
    pair = (replace(picture, alt="first"), replace(picture, sha256="b", alt="second"))
    title = {"document": "programme.pdf", "video": "teaser"}.get(kind, "")
    other = {"document": Sort.DOCUMENT, "video": Sort.VIDEO}.get(kind, Sort.ANIMATION)
    attached = {
        "multi_image": Attached(media=pair),
        "poll": Attached(poll=poll),
        "article": Attached(card=card),
    }
    if kind in ("document", "video"):
        return Attached(media=(Media(kind, other, "", 1, title=title),))
    return attached.get(kind, Attached(media=(picture,)))


def _urns(content: dict[str, Any]) -> Callable[[Media], str]:
    """LinkedIn's names in *content*, given out in order."""
    names = iter(re.findall(r"urn:li:(?:image|document|video):\w+", json.dumps(content)))
    return lambda _media: next(names)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_attached_has_linkedins_shape(kind: str) -> None:
    post = replace(POST, attached=_attached(kind))
    assert body_of(post, PAGE, _urns(BODIES[kind]))["content"] == BODIES[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_attached_has_the_shape_of_the_shared_requests(kind: str) -> None:
    path = SHARED / f"{kind}.json"
    if not path.is_file():
        pytest.skip("the shared data is not here")
    wanted = json.loads(path.read_text("utf-8"))["body"]
    post = replace(POST, text="Example text", attached=_attached(kind))
    # Some of the shared names have a hyphen or an underscore in them.
    names = iter(re.findall(r"urn:li:(?:image|document|video):[\w-]+", json.dumps(wanted)))
    assert body_of(post, PAGE, lambda _media: next(names)) == wanted


def test_a_card_without_picture_or_description_says_nothing_of_them() -> None:
    card = LinkCard("https://ville.example.fr", "Ville")
    body = body_of(replace(POST, attached=Attached(card=card)), PAGE, lambda _media: "")
    assert body["content"] == {"article": {"source": "https://ville.example.fr", "title": "Ville"}}


@pytest.mark.parametrize(
    ("days", "duration"),
    [(1, "ONE_DAY"), (3, "THREE_DAYS"), (7, "SEVEN_DAYS"), (14, "FOURTEEN_DAYS")],
)
def test_a_poll_is_open_for_the_days_that_linkedin_has(days: int, duration: str) -> None:
    poll = Poll("(Q)?", ("a_b", "c"), days)
    body = body_of(replace(POST, attached=Attached(poll=poll)), PAGE, lambda _media: "")
    assert body["content"]["poll"] == {
        "question": "(Q)?",
        "options": [{"text": "a_b"}, {"text": "c"}],
        "settings": {"duration": duration},
    }


def test_a_poll_of_other_days_is_refused_before_anything_is_sent() -> None:
    post = replace(POST, attached=Attached(poll=Poll("?", ("a", "b"), 5)))
    linkedin = FakeLinkedIn()
    with connected(linkedin) as (account, asked), pytest.raises(Refused, match="not for 5"):
        account.publish(post)
    assert not asked


STEPS = ("begin", "put", "end", "look")
BREAKS = {
    "the line drops": Answer(hang_up=True),
    "no answer": Answer(wait=5),
    "a fault of LinkedIn": Answer(500, {"status": 500, "code": "INTERNAL_SERVER_ERROR"}),
    "a page of the edge": Answer(502, b"<html>"),
    "moved": Answer(307, headers={"Location": "/elsewhere"}),
    "too slow": Answer(408),
    "a conflict": Answer(409, {"status": 409, "code": "CONFLICT", "message": "Retry."}),
}
#: What may pass in a moment: a look is made again before it is given up.
MAY_PASS = ("the line drops", "no answer", "a fault of LinkedIn", "a page of the edge")


@pytest.mark.parametrize("fault", BREAKS, ids=str)
def test_a_fault_on_the_way_is_no_post_and_what_is_up_is_not_sent_again(fault: str) -> None:
    video = replace(VIDEO, size=9)
    linkedin = FakeLinkedIn()
    looks = TRIES if fault in MAY_PASS else 1
    linkedin.instead = {step: [BREAKS[fault]] for step in STEPS}
    linkedin.instead["look"] *= looks
    patience = 0.25 if fault == "no answer" else 2
    with connected(linkedin, patience=patience) as (account, asked):
        for _step in STEPS:
            with pytest.raises(NotSent) as caught:
                account.upload(showing(video), opened, alive)
            assert not isinstance(caught.value, Throttled)
        account.upload(showing(video), opened, alive)
        account.upload(showing(video), opened, alive)
        account.publish(showing(video))
    expected = [*(step for step in STEPS[:-1] for _time in range(2)), *["look"] * (looks + 1)]
    assert linkedin.steps == [*expected, "post"]
    assert asked[-1].json["content"]["media"]["id"] == "urn:li:video:C1"


def test_a_video_that_breaks_off_goes_on_with_the_part_that_failed() -> None:
    linkedin = FakeLinkedIn()
    linkedin.part = 4
    linkedin.instead = {"put": [None, Answer(hang_up=True)]}
    video = replace(VIDEO, size=11)
    with connected(linkedin) as (account, asked):
        with pytest.raises(NotSent):
            account.upload(showing(video), opened, alive)
        account.upload(showing(video), opened, alive)
    parts = [one.path.rpartition("/")[2] for one in asked if one.method == "PUT"]
    assert parts == ["0", "4", "4", "8"]
    (end,) = (one for one in asked if "finalizeUpload" in one.target)
    assert end.json["finalizeUploadRequest"]["uploadedPartIds"] == [
        "/ambry/0",
        "/ambry/4",
        "/ambry/8",
    ]


@pytest.mark.parametrize("step", STEPS)
def test_linkedin_makes_wait_in_the_middle_until_the_day_is_over(step: str) -> None:
    linkedin = FakeLinkedIn()
    body = {"message": "Resource level throttle MEMBER DAY limit for calls is reached."}
    linkedin.instead = {step: [Answer(429, body)]}
    video = replace(VIDEO, size=9)
    with connected(linkedin) as (account, _asked):
        with pytest.raises(Throttled) as caught:
            account.upload(showing(video), opened, alive)
        midnight = datetime(2026, 11, 24, tzinfo=UTC)
        assert midnight <= caught.value.retry_at < midnight + SPREAD
        account.upload(showing(video), opened, alive)
    assert [linkedin.steps.count(one) for one in STEPS] == [
        2 if one == step else 1 for one in STEPS
    ]


@pytest.mark.parametrize(
    ("step", "answer", "says"),
    [
        ("begin", Answer(401, {"serviceErrorCode": 65602, "message": "expired"}), "has expired"),
        ("begin", Answer(403, {"message": "Not enough permissions"}), "Not enough"),
        (
            "begin",
            Answer(400, {"message": "Organization permissions must be used when using …"}),
            "Organization permissions",
        ),
        ("begin", Answer(426, {"code": "NONEXISTENT_VERSION"}), "version"),
        ("look", Answer(401, {"serviceErrorCode": 65601, "message": "revoked"}), "withdrawn"),
    ],
)
def test_an_account_that_may_not_is_held(step: str, answer: Answer, says: str) -> None:
    linkedin = FakeLinkedIn()
    linkedin.instead = {step: [answer]}
    with connected(linkedin) as (account, _asked), pytest.raises(AccountBlocked, match=says):
        account.upload(showing(PICTURE), opened, alive)


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_an_address_that_is_out_of_date_is_asked_for_anew(status: int) -> None:
    linkedin = FakeLinkedIn()
    linkedin.instead = {"put": [Answer(status)]}
    with connected(linkedin) as (account, asked):
        with pytest.raises(NotSent, match="not valid any more"):
            account.upload(showing(PICTURE), opened, alive)
        account.upload(showing(PICTURE), opened, alive)
        account.publish(showing(PICTURE))
    assert linkedin.steps == ["begin", "put", "begin", "put", "look", "post"]
    assert asked[-1].json["content"]["media"]["id"] == "urn:li:image:C2"


def test_a_file_whose_beginning_linkedin_has_lost_is_sent_anew() -> None:
    linkedin = FakeLinkedIn()
    lost = Answer(400, {"message": "wrong part ids", "status": 400})
    linkedin.instead = {"end": [Answer(503), lost]}
    with connected(linkedin) as (account, _asked):
        for says in ("503", "sent anew"):
            with pytest.raises(NotSent, match=says):
                account.upload(showing(VIDEO), opened, alive)
        account.upload(showing(VIDEO), opened, alive)
    assert linkedin.steps.count("begin") == 2


@pytest.mark.parametrize(
    ("step", "answer", "says"),
    [
        ("begin", Answer(400, {"message": "fileSizeBytes is too great"}), "too great"),
        ("begin", Answer(422, {"message": "a duplicate of urn:li:share:1"}), "a duplicate of"),
        ("put", Answer(413, b"<html>"), "413"),
        (
            "look",
            Answer(200, {"status": "PROCESSING_FAILED", "processingFailureReason": "bad codec"}),
            "bad codec",
        ),
        ("look", Answer(200, {"status": "PROCESSING_FAILED"}), "does not say why"),
    ],
)
def test_a_file_that_linkedin_does_not_take_is_refused_and_named(
    step: str, answer: Answer, says: str
) -> None:
    linkedin = FakeLinkedIn()
    with connected(linkedin) as (account, _asked):
        account.upload(showing(PICTURE), opened, alive)
        linkedin.instead = {step: [answer]}
        with pytest.raises(Refused, match=f"^File 2 of this post: .*{says}"):
            account.upload(showing(PICTURE, SECOND), opened, alive)


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"video": "urn:li:video:1"},
        {"video": "urn:li:video:1", "uploadInstructions": []},
        {"video": "urn:li:video:1", "uploadInstructions": ["odd"]},
        {"video": "urn:li:video:1", "uploadInstructions": [{}]},
        {
            "video": "urn:li:video:1",
            "uploadInstructions": [{"uploadUrl": "u", "firstByte": 0, "lastByte": 99}],
        },
        {
            "video": "urn:li:video:1",
            "uploadInstructions": [{"uploadUrl": "u", "firstByte": 1, "lastByte": 8}],
        },
        {
            "video": "video 1",
            "uploadInstructions": [{"uploadUrl": "u", "firstByte": 0, "lastByte": 8}],
        },
    ],
)
def test_ranges_that_are_not_the_whole_file_are_no_answer(value: dict[str, Any]) -> None:
    linkedin = FakeLinkedIn()
    linkedin.instead = {"begin": [Answer(200, {"value": value})]}
    with connected(linkedin) as (account, asked), pytest.raises(NotSent, match="what was asked"):
        account.upload(showing(replace(VIDEO, size=9)), opened, alive)
    assert len(asked) == 1


def test_a_part_without_a_name_is_sent_again() -> None:
    linkedin = FakeLinkedIn()
    linkedin.instead = {"put": [Answer(200)]}
    with connected(linkedin) as (account, _asked):
        with pytest.raises(NotSent, match="what was asked"):
            account.upload(showing(replace(VIDEO, size=9)), opened, alive)
        account.upload(showing(replace(VIDEO, size=9)), opened, alive)
    assert linkedin.steps == ["begin", "put", "put", "end", "look"]


@pytest.mark.parametrize("media", [VIDEO, PICTURE], ids=["a video", "a picture"])
def test_a_file_that_linkedin_is_never_done_with_is_sent_anew_after_ten_minutes(
    media: Media,
) -> None:
    linkedin = FakeLinkedIn()
    linkedin.part = 4 * MIB
    linkedin.statuses = [{"status": "PROCESSING"}] * 1000
    media = replace(media, size=9)
    with connected(linkedin) as (account, _asked):
        for _minute in range(10):
            with pytest.raises(NotReady, match="LinkedIn is still at work"):
                account.upload(showing(media), opened, alive)
        assert linkedin.clock.now() == NOW + timedelta(seconds=30)
        assert linkedin.steps.count("put") == 1
        with pytest.raises(NotSent, match="not up"):
            account.publish(showing(media))
        with pytest.raises(FilesGone, match=r"still at work .* after 10 minutes: it is sent anew"):
            account.upload(showing(media), opened, alive)
        linkedin.statuses.clear()
        account.upload(showing(media), opened, alive)
        account.publish(showing(media))
    assert linkedin.steps.count("put") == 2


def test_a_file_is_sent_anew_a_day_later() -> None:
    linkedin = FakeLinkedIn()
    with connected(linkedin) as (account, asked):
        account.upload(showing(PICTURE), opened, alive)
        linkedin.clock.wait(timedelta(hours=23, minutes=45))
        with pytest.raises(NotSent, match="not up"):
            account.publish(showing(PICTURE))
        account.upload(showing(PICTURE), opened, alive)
        account.publish(showing(PICTURE))
    assert asked[-1].json["content"]["media"]["id"] == "urn:li:image:C2"


def _fault(code: str, message: str = "...", status: int = 400) -> Answer:
    inputs = [{"description": message, "code": code}]
    return Answer(
        status, {"message": message, "errorDetails": {"inputErrors": inputs}, "status": status}
    )


@pytest.mark.parametrize(
    ("answer", "raised", "says", "is_sent_anew"),
    [
        (_fault("MEDIA_ASSET_WAITING_UPLOAD"), NotSent, "still at work", False),
        (Answer(422, {"message": "asset is still processing"}), NotSent, "still at work", False),
        (_fault("EXPIRED_UPLOAD_URL"), NotSent, "sent anew", True),
        (_fault("UPDATING_ASSET_FAILED"), NotSent, "sent anew", True),
        (_fault("MEDIA_ASSET_PROCESSING_FAILED"), Refused, "could not process", True),
        (_fault("INVALID_IMAGE_ID"), Refused, "queue retry", True),
        (_fault("INVALID_VIDEO_ID"), Refused, "queue retry", True),
        (
            Answer(400, {"message": "One or more of the assets is not owned by the author"}),
            Refused,
            "one of this account",
            True,
        ),
        (_fault("DUPLICATE_POST", status=422), Uncertain, "out already", False),
        (Answer(500), Uncertain, "may be out", False),
    ],
)
def test_what_linkedin_has_against_the_files_of_a_post(
    answer: Answer, raised: type[NetworkError], says: str, is_sent_anew: bool
) -> None:
    linkedin = FakeLinkedIn()
    linkedin.instead = {"post": [answer]}
    with connected(linkedin) as (account, _asked):
        account.upload(showing(PICTURE), opened, alive)
        with pytest.raises(raised, match=says) as caught:
            account.publish(showing(PICTURE))
        assert isinstance(caught.value, NotSent) is (raised is NotSent)
        account.upload(showing(PICTURE), opened, alive)
    assert linkedin.steps.count("begin") == (2 if is_sent_anew else 1)


def test_a_post_whose_files_are_not_up_does_not_leave() -> None:
    linkedin = FakeLinkedIn()
    with connected(linkedin) as (account, asked), pytest.raises(NotSent, match="not up"):
        account.publish(showing(PICTURE))
    assert not asked


def test_the_post_is_asked_for_between_two_calls_and_within_a_great_one() -> None:
    linkedin = FakeLinkedIn()
    beats: list[int] = []
    with connected(linkedin) as (account, _asked):
        account.upload(showing(VIDEO), opened, lambda: beats.append(len(linkedin.steps)))
    assert sorted(set(beats)) == list(range(len(linkedin.steps)))
    # 4 MiB: once before and three times within; then 1 MiB: once before.
    assert (beats.count(1), beats.count(2)) == (4, 1)


def test_a_post_that_is_lost_is_left_in_the_middle_of_a_file() -> None:
    class Lost(Exception):
        """What the publisher raises is its own affair."""

    beats: list[int] = []

    def lost_at_last() -> None:
        beats.append(1)
        if len(beats) == 4:
            raise Lost

    linkedin = FakeLinkedIn()
    with connected(linkedin) as (account, _asked), pytest.raises(Lost):
        account.upload(showing(DOCUMENT), opened, lost_at_last)
    assert "look" not in linkedin.steps


@pytest.mark.parametrize("url", ["http://203.0.113.7/dms", "ftp://127.0.0.1/", "/dms", "http://["])
def test_a_token_goes_to_no_address_that_is_not_encrypted(url: str) -> None:
    linkedin = FakeLinkedIn()
    linkedin.url = url
    with connected(linkedin) as (account, _asked), pytest.raises(NotSent, match="not encrypted"):
        account.upload(showing(PICTURE), opened, alive)


def test_a_rehearsal_sends_a_file_to_this_machine_only() -> None:
    linkedin = FakeLinkedIn()
    linkedin.url = "https://www.linkedin.com"
    with connected(linkedin) as (account, _asked), pytest.raises(NotSent, match="rehearsal"):
        account.upload(showing(PICTURE), opened, alive)


def test_an_address_for_a_file_is_not_shown_and_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    linkedin = FakeLinkedIn()
    linkedin.instead = {"put": [Answer(hang_up=True)]}
    with connected(linkedin) as (account, _asked):
        with pytest.raises(NotSent) as caught:
            account.upload(showing(PICTURE), opened, alive)
        kept = repr(account._files._uploads._kept)
    assert "urn:li:image:C1" in kept
    for text in (kept, caplog.text, f"{caught.value!r}{caught.value.message!r}"):
        assert "dms-uploads" not in text
        assert TOKEN not in text
    assert caught.value.__cause__ is None


def test_whom_a_text_names_is_handed_on() -> None:
    post = replace(POST, attached=Attached(mentions=(Mention("공지", PAGE),)))
    body = body_of(post, PAGE, lambda _media: "")
    assert "content" not in body
    assert "공지" in body["commentary"]


def test_a_great_video_needs_little_memory() -> None:
    great = replace(VIDEO, size=50 * MIB)
    linkedin = FakeLinkedIn()
    linkedin.keeps = False
    with connected(linkedin) as (account, asked):
        tracemalloc.start()
        account.upload(showing(great), opened, lambda: asked.clear() if len(asked) > 1 else None)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert linkedin.steps.count("put") == 13
    assert peak < 20 * MIB


def test_a_great_document_needs_little_memory() -> None:
    size = 50 * MIB
    with swallowing() as server, make_session(loopback_only=True) as session:
        tracemalloc.start()
        body = Stretch(cast(BinaryIO, Generated(size)), 0, size, alive)
        assert session.put(server.url, data=body).status_code == 201
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert server.swallowed == size
    assert peak < 20 * MIB
