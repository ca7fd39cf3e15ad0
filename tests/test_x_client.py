"""What goes to X, byte for byte, and what its answers mean for a post."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest

from bot import errors
from bot.clock import SPREAD, RehearsalClock
from bot.errors import AccountBlocked, ConfigError, NotSent, Refused, Throttled, Uncertain
from bot.metrics import Metrics
from bot.model import RemotePost
from bot.networks import network_kind
from bot.networks.again import TRIES
from bot.networks.base import Connection, Deleter, Finder, Network
from bot.networks.http import make_session
from tests.fakes import Answer, Asked, FakeServer, serving, written
from tests.post_sample import NOW, TOURS_ON_X, sending

KEYS = {
    "api_key": "consumer-key",
    "api_secret": "consumer&secret",
    "access_token": "4242-access",
    "access_secret": "access=secret",
}
ACCOUNT = TOURS_ON_X
POST = sending(
    ACCOUNT,
    "Forum à Tours 🇫🇷🇰🇷 #KoreaFranceLocalCooperation & <liens>\nhttps://ville.example.fr/forum",
)
CREATED = Answer(
    201,
    {"data": {"id": "2101712260468977783", "text": "hi", "edit_history_tweet_ids": [""]}},
    {"x-transaction-id": "abc123"},
)
ERRORS = json.loads((Path(__file__).parent / "data" / "x_errors.json").read_text("utf-8"))


@contextmanager
def _x(
    answer: Callable[[Asked], Answer] | Answer, keys: dict[str, str] = KEYS, handle: str = "@tours"
) -> Iterator[tuple[Any, FakeServer]]:
    """An account on a fake X, and the fake."""
    with serving(answer) as fake, make_session(timeout=(1, 0.5), loopback_only=True) as session:
        connection = Connection(
            account=replace(ACCOUNT, handle=handle),
            settings={**network_kind("x").settings, "base_url": fake.url},
            credentials=keys,
            session=session,
            clock=RehearsalClock(NOW),
        )
        yield network_kind("x").connect(connection), fake


def _signature_of(asked: Asked, url: str) -> tuple[str, str]:
    """The signature that came with *asked*, and the one that RFC 5849 wants."""
    scheme, _, fields = asked.headers["authorization"].partition(" ")
    assert scheme == "OAuth"
    sent = {
        unquote(name): unquote(value.strip('"'))
        for name, _, value in (field.strip().partition("=") for field in fields.split(","))
    }
    signature = sent.pop("oauth_signature")
    pairs = [*sent.items(), *parse_qsl(urlsplit(asked.target).query, keep_blank_values=True)]
    coded = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in pairs)
    listed = "&".join(f"{name}={value}" for name, value in coded)
    base = "&".join(quote(part, safe="~") for part in (asked.method, url + asked.path, listed))
    key = f"{quote(KEYS['api_secret'], safe='~')}&{quote(KEYS['access_secret'], safe='~')}"
    digest = hmac.new(key.encode(), base.encode(), hashlib.sha1).digest()
    return signature, base64.b64encode(digest).decode()


def test_a_post_is_sent_as_it_was_approved_and_its_address_is_known() -> None:
    with _x(CREATED) as (x, fake):
        published = x.publish(POST)
    assert published.remote_id == "2101712260468977783"
    assert published.url == "https://x.com/tours/status/2101712260468977783"
    assert (published.at, published.request_id, published.status) == (NOW, "abc123", 201)
    (asked,) = fake.asked
    assert (asked.method, asked.target) == ("POST", "/2/tweets")
    assert asked.json == {"text": POST.text}
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["user-agent"].startswith("pavois/")


def test_an_account_without_a_handle_has_addresses_all_the_same() -> None:
    with _x(CREATED, handle="") as (x, _fake):
        assert x.publish(POST).url == "https://x.com/i/status/2101712260468977783"


def test_every_call_is_signed_for_the_address_that_is_called() -> None:
    with _x(lambda asked: CREATED if asked.method == "POST" else Answer(body={})) as (x, fake):
        x.publish(POST)
        x.metrics(["1", "2"])
        for asked in fake.asked:
            sent, wanted = _signature_of(asked, fake.url)
            assert sent == wanted


def test_a_post_is_sent_once_whatever_is_answered() -> None:
    for answer in (Answer(500), Answer(429), Answer(403), Answer(hang_up=True)):
        with _x(answer) as (x, fake):
            with pytest.raises(errors.NetworkError):
                x.publish(POST)
            assert len(fake.asked) == 1


def test_a_redirect_is_not_followed_and_is_no_success() -> None:
    with _x(Answer(301, headers={"Location": "/2/elsewhere"})) as (x, fake):
        with pytest.raises(Uncertain):
            x.publish(POST)
        assert [asked.path for asked in fake.asked] == ["/2/tweets"]


def test_a_post_is_not_waited_for_without_end() -> None:
    with _x(Answer(wait=5)) as (x, _fake), pytest.raises(Uncertain):
        x.publish(POST)


def test_a_line_that_breaks_leaves_a_post_unknown_but_not_a_reading() -> None:
    with _x(Answer(hang_up=True)) as (x, _fake):
        with pytest.raises(Uncertain):
            x.publish(POST)
        with pytest.raises(NotSent):
            x.metrics(["1"])


def test_nothing_secret_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with _x(CREATED) as (x, fake):
        x.publish(POST)
        fake.answer = lambda _asked: Answer(403)
        with pytest.raises(Refused):
            x.publish(POST)
    for secret in (*KEYS.values(), "OAuth", "oauth_signature", "Forum"):
        assert secret not in caplog.text


@pytest.mark.parametrize("case", ERRORS["cases"], ids=lambda case: case["what"])
def test_x_says_no_and_the_officer_is_told_what_it_means(case: dict[str, Any]) -> None:
    headers = {"x-transaction-id": "t1", **case.get("headers", {})}
    answer = Answer(case["status"], written(case["body"]), headers)
    with _x(answer) as (x, _fake), pytest.raises(errors.NetworkError) as caught:
        x.publish(POST)
    assert type(caught.value).__name__ == case["raised"]
    assert case["says"] in str(caught.value)
    assert (caught.value.status, caught.value.request_id) == (case["status"], "t1")
    assert getattr(caught.value, "repeats", False) is case.get("repeats", False)
    if isinstance(caught.value, Throttled) and "after" in case:
        until = NOW + timedelta(seconds=case["after"])
        assert until <= caught.value.retry_at < until + SPREAD


def test_a_reading_is_made_again_and_a_gateway_is_not_pressed() -> None:
    answers = [Answer(503), Answer(hang_up=True), Answer(body={"data": []})]
    with _x(lambda _asked: answers.pop(0)) as (x, fake):
        assert x.metrics(["1"]) == {}
        assert len(fake.asked) == TRIES
    with _x(Answer(503, headers={"Retry-After": "90"})) as (x, fake):
        with pytest.raises(Throttled) as caught:
            x.recent(NOW)
        assert NOW + timedelta(seconds=90) <= caught.value.retry_at
        assert len(fake.asked) == 1


def test_what_is_no_reading_is_asked_once() -> None:
    for answer in (Answer(503), Answer(hang_up=True)):
        with _x(answer) as (x, fake):
            with pytest.raises(errors.NetworkError):
                x.delete("1")
            assert len(fake.asked) == 1


def test_a_reading_that_fails_may_be_made_again() -> None:
    for answer in (Answer(500), Answer(302), Answer(200, b"<html>"), Answer(200, [1])):
        with _x(answer) as (x, _fake), pytest.raises(NotSent):
            x.metrics(["1"])


def _stamp(after: timedelta) -> str:
    return str(int((NOW + after).timestamp()))


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({}, timedelta(minutes=15)),
        (
            {"x-rate-limit-remaining": "0", "x-rate-limit-reset": _stamp(timedelta(minutes=7))},
            timedelta(minutes=7),
        ),
        (
            {
                "x-rate-limit-remaining": "1079999",
                "x-rate-limit-reset": _stamp(timedelta(minutes=7)),
                "x-app-limit-24hour-remaining": "0",
                "x-app-limit-24hour-reset": _stamp(timedelta(hours=5)),
                "x-user-limit-24hour-remaining": "0",
                "x-user-limit-24hour-reset": _stamp(timedelta(hours=9)),
            },
            timedelta(hours=9),
        ),
        (
            {
                "x-rate-limit-remaining": "0",
                "x-rate-limit-reset": _stamp(timedelta(minutes=7)),
                "x-app-limit-24hour-remaining": "3",
                "x-app-limit-24hour-reset": _stamp(timedelta(hours=5)),
            },
            timedelta(minutes=7),
        ),
        (
            {"x-rate-limit-remaining": "0", "x-rate-limit-reset": _stamp(-timedelta(hours=1))},
            timedelta(minutes=1),
        ),
        ({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "soon"}, timedelta(minutes=15)),
        ({"x-rate-limit-reset": "99999999999"}, timedelta(hours=25)),
    ],
    ids=["no word", "a quarter", "a day's", "the open one is not waited for", "past", "odd", "far"],
)
def test_x_is_not_asked_again_before_it_says(headers: dict[str, str], after: timedelta) -> None:
    body = {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429}
    with _x(Answer(429, body, headers)) as (x, _fake), pytest.raises(Throttled) as caught:
        x.publish(POST)
    assert NOW + after <= caught.value.retry_at < NOW + after + SPREAD


def test_an_account_that_x_lets_not_post_now_tries_again_in_an_hour() -> None:
    case = next(one for one in ERRORS["cases"] if one["what"] == "not permitted")
    with _x(Answer(case["status"], case["body"])) as (x, _fake), pytest.raises(Throttled) as caught:
        x.publish(POST)
    assert caught.value.retry_at == NOW + timedelta(hours=1)


def test_the_same_words_of_another_problem_are_a_refusal() -> None:
    body = {
        "detail": "You are not permitted to perform this action.",
        "type": "https://api.x.com/2/problems/not-authorized-for-resource",
    }
    with _x(Answer(403, body)) as (x, _fake), pytest.raises(Refused, match="not permitted"):
        x.publish(POST)


def test_what_was_seen_is_read_in_both_of_xs_vocabularies() -> None:
    old = {"retweet_count": 3, "reply_count": 2, "like_count": 5, "quote_count": 1}
    old |= {"bookmark_count": 4, "impression_count": 900}
    new = {"repost_count": 7, "like_count": "6"}
    data = [
        {"id": "1", "text": "a", "public_metrics": old},
        {"id": "2", "public_metrics": new, "non_public_metrics": {"url_link_clicks": 8}},
        {"id": "3"},
    ]
    gone = [{"resource_id": "4", "title": "Not Found Error"}]
    with _x(Answer(body={"data": data, "errors": gone})) as (x, fake):
        found = x.metrics(["1", "2", "3", "4", "1"])
    assert found == {
        "1": Metrics(900, 5, 2, 3, None, {"quote_count": 1, "bookmark_count": 4}),
        "2": Metrics(None, 6, None, 7, 8, {}),
    }
    (asked,) = fake.asked
    assert asked.path == "/2/tweets"
    assert asked.query == {"ids": "1,2,3,4", "tweet.fields": "public_metrics,created_at"}


def test_posts_that_x_has_no_more_are_left_out() -> None:
    with _x(Answer(body={"errors": [{"resource_id": "4"}]})) as (x, _fake):
        assert x.metrics(["4"]) == {}


def test_what_was_seen_is_asked_for_a_hundred_posts_at_a_time() -> None:
    def answer(asked: Asked) -> Answer:
        ids = asked.query["ids"].split(",")
        return Answer(
            body={"data": [{"id": one, "public_metrics": {"like_count": 1}} for one in ids]}
        )

    with _x(answer) as (x, fake):
        found = x.metrics([str(number) for number in range(205)])
        assert x.metrics([]) == {}
    assert len(found) == 205
    assert [len(asked.query["ids"].split(",")) for asked in fake.asked] == [100, 100, 5]


STORED = {
    "id": "77",
    "created_at": "2026-11-23T08:59:30.000Z",
    "text": (
        "Forum à Tours 🇫🇷🇰🇷 #KoreaFranceLocalCooperation &amp; &lt;liens&gt;\nhttps://t.co/abcdefghij"
    ),
    "entities": {
        "urls": [
            {
                "start": 60,
                "end": 83,
                "url": "https://t.co/abcdefghij",
                "expanded_url": "https://ville.example.fr/forum",
            }
        ]
    },
}


def test_an_account_finds_its_own_posts_as_they_were_written() -> None:
    older = {"id": "76", "created_at": "2026-11-23T08:00:00.000Z", "text": "avant"}
    pages = {
        "": {"data": [STORED], "meta": {"next_token": "p2"}},
        "p2": {"data": [older, {"id": "75", "text": "no date"}], "meta": {}},
    }

    def answer(asked: Asked) -> Answer:
        return Answer(body=pages[asked.query.get("pagination_token", "")])

    with _x(answer) as (x, fake):
        found = x.recent(datetime(2026, 11, 23, 7, 30, 0, 900_000, tzinfo=UTC))
        assert isinstance(x, Finder)
    assert [post.remote_id for post in found] == ["77", "76"]
    assert found[0].text == POST.text
    assert found[0].url == "https://x.com/tours/status/77"
    assert found[0].at == datetime(2026, 11, 23, 8, 59, 30, tzinfo=UTC)
    assert [asked.path for asked in fake.asked] == ["/2/users/4242/tweets"] * 2
    assert fake.asked[0].query == {
        "start_time": "2026-11-23T07:30:00Z",
        "max_results": "100",
        "tweet.fields": "created_at,entities",
    }


def test_a_post_of_the_very_second_is_found_and_an_older_one_is_not() -> None:
    with _x(Answer(body={"data": [STORED]})) as (x, fake):
        at = datetime(2026, 11, 23, 8, 59, 30, tzinfo=UTC)
        assert x.recent(at + timedelta(milliseconds=700))
        assert not x.recent(at + timedelta(seconds=1))
        assert fake.asked[-1].query["start_time"] == "2026-11-23T08:59:00Z"


NOT_SHOWN = {
    "title": "Authorization Error",
    "detail": "Sorry, you are not authorized to see the user with id: [4242].",
    "type": "https://api.twitter.com/2/problems/not-authorized-for-resource",
}
NOTHING = {"result_count": 0}


@pytest.mark.parametrize(
    "body",
    [
        {"errors": [NOT_SHOWN]},
        {"errors": [NOT_SHOWN], "meta": NOTHING},
        {"data": [STORED], "errors": [NOT_SHOWN], "meta": {"result_count": 1}},
        {},
        {"meta": {}},
        {"meta": {"result_count": 3}},
        {"data": None, "meta": NOTHING},
        {"data": {}},
    ],
    ids=["errors", "errors, none", "some", "{}", "no count", "no posts", "null", "no list"],
)
@pytest.mark.parametrize("is_first", [True, False], ids=["first page", "second page"])
def test_a_look_that_x_does_not_answer_whole_has_failed_and_says_not_that_nothing_is_there(
    body: dict[str, Any], is_first: bool
) -> None:
    first = Answer(body={"data": [STORED], "meta": {"next_token": "p2"}})

    def answer(asked: Asked) -> Answer:
        return Answer(body=body) if is_first or "pagination_token" in asked.query else first

    with _x(answer) as (x, _fake), pytest.raises(NotSent, match="did not answer with what"):
        x.recent(NOW - timedelta(hours=1))


@pytest.mark.parametrize("body", [{"meta": NOTHING}, {"data": [], "meta": NOTHING}, {"data": []}])
def test_an_account_without_any_post_shows_none(body: dict[str, Any]) -> None:
    with _x(Answer(body=body)) as (x, _fake):
        assert x.recent(NOW - timedelta(hours=1)) == []


def test_a_post_that_escapes_a_sign_by_itself_is_read_as_written() -> None:
    stored = {**STORED, "text": "&amp;lt; is a sign", "entities": {"urls": ["odd", {"url": 1}]}}
    with _x(Answer(body={"data": [stored]})) as (x, _fake):
        assert x.recent(NOW - timedelta(hours=1))[0].text == "&lt; is a sign"


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("a  b\n\nc", "a b c", True),
        ("Cor\u0065\u0301e", "Corée", True),
        ("korea.kr ouvre", "http://korea.kr ouvre", True),
        ("https://Ville.example.fr/", "https://ville.example.fr", True),
        ("https://ville.example.fr/a", "https://ville.example.fr/b", False),
        ("https://ville.example.fr/A", "https://ville.example.fr/a", False),
        ("Forum", "forum", False),
        ("Forum le 3", "Forum le 4", False),
    ],
)
def test_a_post_is_known_again_or_is_another(ours: str, theirs: str, expected: bool) -> None:
    with _x(CREATED) as (x, _fake):
        remote = RemotePost("1", "", theirs, NOW)
        assert x.same_text(replace(POST, text=ours), remote) is expected


def test_a_post_is_deleted_and_one_that_is_gone_stays_so() -> None:
    problem = {"title": "Not Found Error", "detail": "Could not find tweet.", "type": "x"}
    answers = [Answer(body={"data": {"deleted": True}}), Answer(404, problem)]
    with _x(lambda _asked: answers.pop(0)) as (x, fake):
        x.delete("77")
        x.delete("77")
        assert isinstance(x, Deleter)
    assert [(asked.method, asked.target) for asked in fake.asked] == [
        ("DELETE", "/2/tweets/77")
    ] * 2


def test_a_post_is_not_said_to_be_deleted_unless_x_says_so() -> None:
    with _x(Answer(body={"data": {"deleted": False}})) as (x, _fake), pytest.raises(NotSent):
        x.delete("77")
    with _x(Answer(404)) as (x, _fake), pytest.raises(AccountBlocked):
        x.delete("77")


@pytest.mark.parametrize(
    ("name", "value"),
    [(name, "") for name in KEYS] + [("access_token", "no-number"), ("api_key", "a b")],
)
def test_an_account_with_a_key_that_cannot_be_one_is_not_connected(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name), _x(CREATED, {**KEYS, name: value}):
        pytest.fail("it was connected")


@pytest.mark.parametrize(
    "post_url", ["https://x.com/{account}/{id}", "https://x.com/{", "https://x.com/{}", "{id.a}"]
)
def test_an_address_that_cannot_be_filled_in_is_found_before_a_post_is_out(post_url: str) -> None:
    with make_session() as session, pytest.raises(ConfigError) as caught:
        Connection(ACCOUNT, {"post_url": post_url}, KEYS, session, RehearsalClock(NOW))
    assert "networks.x.post_url may have {handle}, {id} in it" in str(caught.value)


def test_a_connection_that_is_written_down_shows_no_key() -> None:
    with make_session() as session:
        connection = Connection(
            ACCOUNT, network_kind("x").settings, KEYS, session, RehearsalClock(NOW)
        )
        assert not any(secret in repr(connection) for secret in KEYS.values())


def test_of_an_accounts_keys_only_the_number_of_its_user_is_shown() -> None:
    identity = network_kind("x").identity
    assert identity(KEYS) == "4242"
    for token in ("secret", "se-cret", "4242", "4242-", "-secret", ""):
        assert identity({**KEYS, "access_token": token}) == ""


def test_metrics_are_said_to_come_from_where_they_come() -> None:
    with _x(CREATED) as (x, _fake):
        network: Network = x
        assert (network.source, network.api_version) == ("GET /2/tweets", "2")
