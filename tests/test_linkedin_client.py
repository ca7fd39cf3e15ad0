"""What goes to LinkedIn, byte for byte, and what its answers mean for a post."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import errors
from bot.clock import SPREAD, RehearsalClock
from bot.errors import AccountBlocked, ConfigError, NotSent, Throttled, Uncertain
from bot.metrics import Metrics
from bot.model import RemotePost
from bot.networks import network_kind
from bot.networks.again import TRIES
from bot.networks.base import Connection, Deleter, Finder, Network
from bot.networks.http import make_session
from tests.fakes import Answer, Asked, FakeServer, serving, written
from tests.post_sample import NOW, SUWON_ON_LINKEDIN, sending

PAGE = "urn:li:organization:2414183"
PERSON = "urn:li:person:Ww-h__kIES"
TOKEN = "AQX-secret-token"
SHARE = "urn:li:share:7348349577130860544"
ACCOUNT = SUWON_ON_LINKEDIN
POST = sending(ACCOUNT, "[공지] 11월 27일(금) 🇰🇷 #창업")
CREATED = Answer(
    201,
    headers={
        "Location": "/posts/urn%3Ali%3Ashare%3A7348349577130860544",
        "X-RestLi-Id": SHARE,
        "X-LI-UUID": "AAY5a1g6OGn7KVIYH8egFQ==",
    },
)
ERRORS = json.loads((Path(__file__).parent / "data" / "linkedin_errors.json").read_text("utf-8"))


@contextmanager
def _linkedin(
    answer: Callable[[Asked], Answer] | Answer,
    author: str = PAGE,
    token: str = TOKEN,
    **settings: str,
) -> Iterator[tuple[Any, FakeServer]]:
    """An account on a fake LinkedIn, and the fake."""
    with serving(answer) as fake, make_session(timeout=(1, 0.5), loopback_only=True) as session:
        connection = Connection(
            account=ACCOUNT,
            settings={**network_kind("linkedin").settings, "base_url": fake.url, **settings},
            credentials={"access_token": token, "author": author},
            session=session,
            clock=RehearsalClock(NOW),
        )
        yield network_kind("linkedin").connect(connection), fake


def test_a_post_is_sent_in_little_text_and_its_name_is_in_a_header() -> None:
    with _linkedin(CREATED) as (linkedin, fake):
        published = linkedin.publish(POST)
    assert published.remote_id == SHARE
    assert published.url == f"https://www.linkedin.com/feed/update/{SHARE}/"
    assert (published.at, published.status) == (NOW, 201)
    assert published.request_id == "AAY5a1g6OGn7KVIYH8egFQ=="
    (asked,) = fake.asked
    assert (asked.method, asked.target) == ("POST", "/rest/posts")
    assert asked.headers["authorization"] == f"Bearer {TOKEN}"
    assert asked.headers["linkedin-version"] == "202609"
    assert asked.headers["x-restli-protocol-version"] == "2.0.0"
    assert asked.headers["content-type"] == "application/json"
    assert "x-restli-method" not in asked.headers
    assert asked.json == {
        "author": PAGE,
        "commentary": "\\[공지\\] 11월 27일\\(금\\) 🇰🇷 {hashtag|\\#|창업}",
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }


def test_a_person_publishes_under_their_own_name() -> None:
    with _linkedin(CREATED, author=PERSON) as (linkedin, fake):
        linkedin.publish(POST)
    assert fake.asked[0].json["author"] == PERSON


def test_the_version_is_that_of_the_configuration() -> None:
    with _linkedin(CREATED, version="202611") as (linkedin, fake):
        linkedin.publish(POST)
        network: Network = linkedin
        assert network.api_version == "202611"
        assert network.source == "GET /rest/organizationalEntityShareStatistics"
    assert fake.asked[0].headers["linkedin-version"] == "202611"


def test_a_post_is_sent_once_whatever_is_answered() -> None:
    for answer in (Answer(500), Answer(409), Answer(429), Answer(401), Answer(hang_up=True)):
        with _linkedin(answer) as (linkedin, fake):
            with pytest.raises(errors.NetworkError):
                linkedin.publish(POST)
            assert len(fake.asked) == 1


def test_a_redirect_is_not_followed_and_takes_no_token_elsewhere() -> None:
    with (
        serving(Answer()) as elsewhere,
        _linkedin(Answer(307, headers={"Location": elsewhere.url})) as (linkedin, _fake),
    ):
        with pytest.raises(Uncertain):
            linkedin.publish(POST)
        assert not elsewhere.asked


def test_a_line_that_breaks_leaves_a_post_unknown_but_not_a_reading() -> None:
    for answer in (Answer(hang_up=True), Answer(wait=5)):
        with _linkedin(answer) as (linkedin, _fake):
            with pytest.raises(Uncertain):
                linkedin.publish(POST)
            with pytest.raises(NotSent):
                linkedin.metrics([SHARE])


def test_the_token_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with _linkedin(CREATED) as (linkedin, fake):
        linkedin.publish(POST)
        fake.answer = lambda _asked: Answer(401)
        with pytest.raises(AccountBlocked) as caught:
            linkedin.publish(POST)
    assert TOKEN not in caplog.text
    assert TOKEN not in f"{caught.value}{caught.value.message!r}"


@pytest.mark.parametrize("case", ERRORS["cases"], ids=lambda case: case["what"])
def test_linkedin_says_no_and_the_officer_is_told_what_it_means(case: dict[str, Any]) -> None:
    headers = {"x-li-uuid": "u1", **case.get("headers", {})}
    answer = Answer(case["status"], written(case["body"]), headers)
    with _linkedin(answer) as (linkedin, _fake), pytest.raises(errors.NetworkError) as caught:
        linkedin.publish(POST)
    assert type(caught.value).__name__ == case["raised"]
    assert case["says"] in str(caught.value)
    assert (caught.value.status, caught.value.request_id) == (case["status"], "u1")
    assert getattr(caught.value, "duplicate_of", "") == case.get("duplicate_of", "")
    assert getattr(caught.value, "repeats", False) is case.get("repeats", False)
    if isinstance(caught.value, Throttled):
        until = NOW + timedelta(seconds=case["after"])
        assert until <= caught.value.retry_at < until + SPREAD


def test_a_reading_is_made_again_and_a_gateway_is_not_pressed() -> None:
    answers = [Answer(502, b"<html>"), Answer(hang_up=True), Answer(body={"elements": []})]
    with _linkedin(lambda _asked: answers.pop(0)) as (linkedin, fake):
        assert linkedin.recent(NOW) == []
        assert len(fake.asked) == TRIES
    with _linkedin(Answer(503, headers={"Retry-After": "90"})) as (linkedin, fake):
        with pytest.raises(Throttled) as caught:
            linkedin.recent(NOW)
        assert NOW + timedelta(seconds=90) <= caught.value.retry_at
        assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("words", "until"),
    [
        (
            "Resource level throttle APPLICATION_AND_MEMBER DAY limit for calls is reached.",
            datetime(2026, 11, 24, tzinfo=UTC),
        ),
        (
            "share limit has been reached for unverified members",
            datetime(2026, 11, 24, tzinfo=UTC),
        ),
        (
            "Resource level throttle limit for calls to this resource is reached.",
            NOW + timedelta(minutes=15),
        ),
        ("TODAY is MONDAY", NOW + timedelta(minutes=15)),
    ],
)
def test_a_days_limit_is_waited_for_until_midnight(words: str, until: datetime) -> None:
    body = {"status": 429, "serviceErrorCode": 101, "code": "TOO_MANY_REQUESTS", "message": words}
    with _linkedin(Answer(429, body)) as (linkedin, _fake), pytest.raises(Throttled) as caught:
        linkedin.publish(POST)
    assert until <= caught.value.retry_at < until + SPREAD


def test_what_was_seen_is_asked_for_in_linkedins_own_spelling() -> None:
    counted = {
        "uniqueImpressionsCount": 5734,
        "shareCount": 9,
        "engagement": 0.14953176411035182,
        "clickCount": 2534,
        "likeCount": 383,
        "impressionCount": 19755,
        "commentCount": 28,
    }
    elements = [
        {"totalShareStatistics": counted, "share": "urn:li:share:1"},
        {"totalShareStatistics": {"impressionCount": 10}, "ugcPost": "urn:li:ugcPost:2"},
    ]
    wanted = ["urn:li:share:1", "urn:li:ugcPost:2", "urn:li:share:3", "urn:li:share:1", "odd"]
    with _linkedin(Answer(body={"paging": {}, "elements": elements})) as (linkedin, fake):
        found = linkedin.metrics(wanted)
    assert found == {
        "urn:li:share:1": Metrics(19755, 383, 28, 9, 2534, {"uniqueImpressionsCount": 5734}),
        "urn:li:ugcPost:2": Metrics(impressions=10),
        "urn:li:share:3": Metrics(0, 0, 0, 0, 0),
    }
    (asked,) = fake.asked
    assert asked.target == (
        "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
        "&organizationalEntity=urn%3Ali%3Aorganization%3A2414183"
        "&shares=List(urn%3Ali%3Ashare%3A1,urn%3Ali%3Ashare%3A3)"
        "&ugcPosts=List(urn%3Ali%3AugcPost%3A2)"
    )
    assert asked.headers["x-restli-protocol-version"] == "2.0.0"


def test_what_was_seen_is_asked_for_fifty_posts_at_a_time() -> None:
    with _linkedin(Answer(body={"elements": []})) as (linkedin, fake):
        found = linkedin.metrics([f"urn:li:share:{number}" for number in range(120)])
        assert linkedin.metrics([]) == {}
    assert len(found) == 120
    assert [asked.target.count("share%3A") for asked in fake.asked] == [50, 50, 20]
    assert all("ugcPosts" not in asked.target for asked in fake.asked)


def test_one_post_that_linkedin_does_not_know_hides_no_other() -> None:
    def answer(asked: Asked) -> Answer:
        if "share%3A3" in asked.target:
            return Answer(404, {"message": "could not find entity", "status": 404})
        return Answer(body={"elements": []})

    with _linkedin(answer) as (linkedin, _fake):
        found = linkedin.metrics([f"urn:li:share:{number}" for number in range(1, 6)])
    assert sorted(found) == [f"urn:li:share:{number}" for number in (1, 2, 4, 5)]


def test_a_reading_that_fails_may_be_made_again() -> None:
    for answer in (Answer(500), Answer(302), Answer(200, b"<html>"), Answer(200, {"a": 1})):
        with _linkedin(answer) as (linkedin, _fake), pytest.raises(NotSent):
            linkedin.metrics([SHARE])


def test_what_was_seen_of_a_persons_posts_is_absent_and_not_zero() -> None:
    with _linkedin(Answer(500), author=PERSON) as (linkedin, fake):
        assert linkedin.metrics([SHARE]) == {}
        assert not fake.asked


def _element(number: int, at: datetime, **more: Any) -> dict[str, Any]:
    stamp = int(at.timestamp() * 1000)
    return {
        "id": f"urn:li:share:{number}",
        "commentary": "\\[공지\\] 11월 27일\\(금\\) 🇰🇷 {hashtag|\\#|창업}",
        "publishedAt": stamp,
        "createdAt": stamp - 400,
        "lifecycleState": "PUBLISHED",
        **more,
    }


def test_a_page_finds_its_own_posts_as_they_were_written() -> None:
    elements = [
        _element(1, NOW - timedelta(minutes=30)),
        _element(2, NOW - timedelta(minutes=5), commentary="autre"),
        _element(3, NOW, lifecycleState="DRAFT"),
        _element(4, NOW - timedelta(hours=3)),
        {"id": "urn:li:share:5"},
    ]
    with _linkedin(Answer(body={"elements": elements})) as (linkedin, fake):
        found = linkedin.recent(NOW - timedelta(hours=1))
        assert isinstance(linkedin, Finder)
        assert linkedin.same_text(POST, found[1])
        assert not linkedin.same_text(POST, found[0])
    assert [(post.remote_id, post.at) for post in found] == [
        ("urn:li:share:2", NOW - timedelta(minutes=5)),
        ("urn:li:share:1", NOW - timedelta(minutes=30)),
    ]
    assert found[1].text == POST.text
    assert found[1].url == "https://www.linkedin.com/feed/update/urn:li:share:1/"
    (asked,) = fake.asked
    assert asked.target == (
        "/rest/posts?q=author&author=urn%3Ali%3Aorganization%3A2414183"
        "&count=100&start=0&sortBy=CREATED"
    )
    assert asked.headers["x-restli-method"] == "FINDER"


def test_a_busy_page_is_read_back_as_far_as_is_needed() -> None:
    def answer(asked: Asked) -> Answer:
        start = int(asked.query["start"])
        numbers = range(start, start + 100)
        return Answer(
            body={"elements": [_element(one, NOW - timedelta(minutes=one)) for one in numbers]}
        )

    with _linkedin(answer) as (linkedin, fake):
        found = linkedin.recent(NOW - timedelta(minutes=150))
    assert len(found) == 151
    assert [asked.query["start"] for asked in fake.asked] == ["0", "100"]


def test_a_person_is_not_asked_for_what_linkedin_does_not_show() -> None:
    with _linkedin(CREATED, author=PERSON) as (linkedin, _fake):
        assert not isinstance(linkedin, Finder)
        assert isinstance(linkedin, Deleter)


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (POST.text, True),
        (POST.text.replace(" ", "  ") + "\n", True),
        (POST.text.replace("27", "28"), False),
        ("[공지] 11월 27일", False),
    ],
)
def test_a_post_is_known_again_or_is_another(theirs: str, expected: bool) -> None:
    with _linkedin(CREATED) as (linkedin, _fake):
        assert linkedin.same_text(POST, RemotePost("1", "", theirs, NOW)) is expected


def test_a_post_with_a_tag_in_pieces_of_letters_is_known_again() -> None:
    post = replace(POST, text="#Core\u0301e")
    with _linkedin(CREATED) as (linkedin, fake):
        linkedin.publish(post)
        wire = fake.asked[0].json["commentary"]
        fake.answer = lambda _asked: Answer(body={"elements": [_element(1, NOW, commentary=wire)]})
        assert linkedin.same_text(post, linkedin.recent(NOW)[0])


def test_a_post_is_deleted_and_one_that_is_gone_stays_so() -> None:
    gone = Answer(404, {"status": 404, "code": "NOT_FOUND", "message": "Could not find entity"})
    answers = [Answer(204), Answer(204), gone]
    with _linkedin(lambda _asked: answers.pop(0)) as (linkedin, fake):
        for _time in range(3):
            linkedin.delete(SHARE)
    assert {(asked.method, asked.target) for asked in fake.asked} == {
        ("DELETE", "/rest/posts/urn%3Ali%3Ashare%3A7348349577130860544")
    }
    assert fake.asked[0].headers["x-restli-method"] == "DELETE"


def test_a_post_that_could_not_be_deleted_is_not_said_to_be() -> None:
    with _linkedin(Answer(500)) as (linkedin, _fake), pytest.raises(NotSent):
        linkedin.delete(SHARE)


@pytest.mark.parametrize(
    ("author", "token", "version", "says"),
    [
        ("2414183", TOKEN, "202609", "urn:li:organization"),
        ("", TOKEN, "202609", "urn:li:organization"),
        ("urn:li:organization:tours", TOKEN, "202609", "urn:li:organization"),
        (PAGE, "", "202609", "access_token"),
        (PAGE, "two words", "202609", "access_token"),
        (PAGE, TOKEN, "2026-09", "version"),
        (PAGE, TOKEN, "202613", "version"),
    ],
)
def test_an_account_that_cannot_be_one_is_not_connected(
    author: str, token: str, version: str, says: str
) -> None:
    with (
        pytest.raises(ConfigError, match=says),
        _linkedin(CREATED, author=author, token=token, version=version),
    ):
        pytest.fail("it was connected")


def test_a_line_that_is_written_down_shows_no_token() -> None:
    with _linkedin(CREATED) as (linkedin, _fake):
        shown = repr(linkedin._line)
    assert "202609" in shown
    assert TOKEN not in shown


def test_an_account_is_known_by_its_author() -> None:
    credentials = {"access_token": TOKEN, "author": PAGE}
    assert network_kind("linkedin").identity(credentials) == PAGE


@pytest.mark.parametrize(
    ("today", "says"),
    [
        (date(2026, 11, 23), ""),
        (date(2026, 8, 1), ""),
        (date(2027, 6, 30), ""),
        (date(2027, 7, 1), "retires version 202609 about the middle of 2027-09"),
        (date(2027, 9, 30), "retires version 202609 about the middle of 2027-09"),
        (date(2027, 10, 1), "has retired version 202609: set networks.linkedin.version"),
    ],
)
def test_a_version_that_linkedin_will_retire_is_told_two_months_before(
    today: date, says: str
) -> None:
    messages = network_kind("linkedin").advice({"version": "202609"}, today)
    assert len(messages) == bool(says)
    assert all(says in str(message) for message in messages)


def test_of_a_version_that_is_none_no_age_is_told() -> None:
    assert network_kind("linkedin").advice({"version": "next"}, date(2030, 1, 1)) == ()
