"""The rehearsal's X answers as X does: statuses, headers, bodies (data/x/errors.json)."""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1Session

from bot.clock import RehearsalClock
from bot.sandbox import Sandbox
from bot.sandbox.engagement import engagement, followers

RECORDED = Path(__file__).parents[2] / "shared/data/x/errors.json"
START = datetime(2026, 11, 23, 9, tzinfo=UTC)
TAG = "#KoreaFranceLocalCooperation 🇫🇷🇰🇷"


def session_of(credentials: Mapping[str, str]) -> OAuth1Session:
    names = ("api_key", "api_secret", "access_token", "access_secret")
    return OAuth1Session(*(credentials[name] for name in names))


class Officer:
    """A town hall with an account on the rehearsal's X."""

    def __init__(self, sandbox: Sandbox, slug: str) -> None:
        keys = sandbox.open_account("x", slug, slug.title(), f"@{slug}")
        self.session = session_of(keys)
        self.user = keys["access_token"].partition("-")[0]
        self.base = sandbox.x_url

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        answer = self.session.request(method, f"{self.base}{path}", timeout=5, **more)
        assert isinstance(answer, requests.Response)
        return answer

    def post(self, text: str, **more: Any) -> requests.Response:
        return self.call("POST", "/2/tweets", json={"text": text, **more})

    def post_id(self, text: str) -> str:
        answer = self.post(text)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    def get(self, path: str, **query: str) -> requests.Response:
        names = {name.replace("__", "."): value for name, value in query.items()}
        return self.call("GET", path, params=names)

    def delete(self, number: str) -> requests.Response:
        return self.call("DELETE", f"/2/tweets/{number}")


@pytest.fixture
def clock() -> RehearsalClock:
    return RehearsalClock(START)


@pytest.fixture
def tours(sandbox: Sandbox) -> Iterator[Officer]:
    officer = Officer(sandbox, "tours")
    yield officer
    officer.session.close()


@pytest.fixture
def suwon(sandbox: Sandbox) -> Iterator[Officer]:
    officer = Officer(sandbox, "suwon")
    yield officer
    officer.session.close()


def test_a_post_is_published_and_answered_in_x_s_old_words(
    tours: Officer, sandbox: Sandbox
) -> None:
    answer = tours.post(f"Bonjour {TAG}")
    assert answer.status_code == 201
    (post,) = sandbox.posts("x", "tours")
    assert answer.json() == {
        "data": {"id": str(post.id), "text": f"Bonjour {TAG}", "edit_history_tweet_ids": [""]}
    }
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert post.sent == f"Bonjour {TAG}"
    assert post.created_at == START


def test_the_number_of_a_post_tells_when_it_was_made(tours: Officer, clock: RehearsalClock) -> None:
    first, second = (int(tours.post_id(f"{n} {TAG}")) for n in "12")
    assert (first >> 22) + 1288834974657 == int(START.timestamp() * 1000)
    assert second == first + 1
    clock.advance_to(START + timedelta(minutes=1))
    assert (int(tours.post_id(f"3 {TAG}")) >> 22) - (first >> 22) == 60_000


def test_a_link_comes_back_as_x_writes_it_and_whole_among_the_entities(tours: Officer) -> None:
    text = f"Forum & débats : https://www.tours.fr/agenda/cooperation?id=1&b=2 {TAG}"
    number = tours.post_id(text)
    wanted = "entities,created_at,author_id"
    data = tours.get("/2/tweets", ids=number, tweet__fields=wanted).json()["data"][0]
    (link,) = data["entities"]["urls"]
    assert link["expanded_url"] == "https://www.tours.fr/agenda/cooperation?id=1&b=2"
    assert data["text"] == f"Forum &amp; débats : {link['url']} {TAG}"
    assert data["text"][link["start"] : link["end"]] == link["url"]
    assert len(link["url"]) == 23
    (tag,) = data["entities"]["hashtags"]
    assert data["text"][tag["start"] : tag["end"]] == "#KoreaFranceLocalCooperation"
    assert data["author_id"] == tours.user
    assert data["created_at"] == "2026-11-23T09:00:00.000Z"


def test_a_post_signed_with_a_wrong_key_is_refused(sandbox: Sandbox) -> None:
    keys = dict(sandbox.open_account("x", "tours", "Tours", "@tours"))
    for name in ("api_key", "api_secret", "access_token", "access_secret"):
        with session_of(keys | {name: keys[name][:-1]}) as stranger:
            answer = stranger.post(f"{sandbox.x_url}/2/tweets", json={"text": "x"}, timeout=5)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"] == "Unauthorized"
    assert sandbox.posts("x") == []


def test_a_signature_for_another_address_is_refused(sandbox: Sandbox) -> None:
    keys = sandbox.open_account("x", "tours", "Tours", "@tours")
    with session_of(keys) as session:
        signed = session.get(f"{sandbox.x_url}/2/users/me", timeout=5)
        assert signed.status_code == 200
        header = {"Authorization": signed.request.headers["Authorization"]}
    elsewhere = requests.get(f"{sandbox.x_url}/2/tweets?ids=1", headers=header, timeout=5)
    assert elsewhere.status_code == 401
    assert requests.get(f"{sandbox.x_url}/2/users/me", timeout=5).status_code == 401


def test_an_application_without_a_user_cannot_post(sandbox: Sandbox) -> None:
    answer = requests.post(
        f"{sandbox.x_url}/2/tweets",
        json={"text": "x"},
        headers={"Authorization": "Bearer AAAA"},
        timeout=5,
    )
    assert answer.status_code == 403
    assert answer.json()["title"] == "Unsupported Authentication"


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("a" * 281, "Your Tweet text is too long."),
        ("한" * 141, "Your Tweet text is too long."),
        ("$KRW $EUR", "You are not permitted to perform this action."),
    ],
)
def test_a_text_that_x_does_not_take_is_refused(
    tours: Officer, sandbox: Sandbox, text: str, detail: str
) -> None:
    answer = tours.post(text)
    assert answer.status_code == 403
    assert answer.json()["type"] == "about:blank"
    assert answer.json()["detail"].startswith(detail)
    assert sandbox.posts("x") == []


def test_a_text_of_exactly_280_is_taken(tours: Officer) -> None:
    assert tours.post("한" * 140).status_code == 201


def test_what_is_no_text_is_an_invalid_request(tours: Officer, sandbox: Sandbox) -> None:
    unknown = tours.post("x", campaign="korea-france")
    assert unknown.json()["errors"][0]["parameters"] == {"$.campaign": ["korea-france"]}
    form = tours.call("POST", "/2/tweets", data={"text": "x"})
    for answer in (unknown, form, tours.post(""), tours.post("a\ufeffb")):
        assert answer.status_code == 400
        assert answer.json()["type"].endswith("/2/problems/invalid-request")
    assert sandbox.posts("x") == []


def test_media_quotes_and_replies_to_others_are_refused(tours: Officer, suwon: Officer) -> None:
    theirs, ours = suwon.post_id("수원"), tours.post_id("Tours")
    assert tours.post("a", media={"media_ids": ["1"]}).status_code == 400
    assert tours.post("a", quote_tweet_id=theirs).status_code == 403
    assert tours.post("a", reply={"in_reply_to_tweet_id": theirs}).status_code == 403
    assert tours.post("a", reply={"in_reply_to_tweet_id": ours}).status_code == 201


def test_the_same_text_twice_from_one_account_is_a_duplicate(
    tours: Officer, suwon: Officer, clock: RehearsalClock, sandbox: Sandbox
) -> None:
    tours.post_id(TAG)
    assert suwon.post(TAG).status_code == 201
    clock.advance_to(START + timedelta(hours=23))
    again = tours.post(TAG)
    assert again.status_code == 403
    assert again.json() == {
        "detail": "You are not allowed to create a Tweet with duplicate content.",
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
    }
    clock.advance_to(START + timedelta(hours=25))
    assert tours.post(TAG).status_code == 201
    assert len(sandbox.posts("x", "tours")) == 2


def test_a_post_is_deleted_once_and_stays_gone(tours: Officer, suwon: Officer) -> None:
    number = tours.post_id(TAG)
    assert suwon.delete(number).status_code == 403
    for _time in range(2):
        assert tours.delete(number).json() == {"data": {"deleted": True}}
    assert "data" not in tours.get("/2/tweets", ids=number).json()


def test_what_is_found_and_what_is_not_come_in_one_answer(tours: Officer) -> None:
    number = tours.post_id(TAG)
    answer = tours.get("/2/tweets", ids=f"{number},456").json()
    assert [post["id"] for post in answer["data"]] == [number]
    assert answer["data"][0]["edit_history_tweet_ids"] == [number]
    assert answer["errors"][0]["detail"] == "Could not find tweet with ids: [456]."
    nothing = tours.get("/2/tweets", ids="9999999999999999999")
    assert nothing.status_code == 200
    assert "data" not in nothing.json()


@pytest.mark.parametrize(
    "query",
    [
        {"ids": ",".join(map(str, range(1, 102)))},
        {"ids": "abc"},
        {"ids": ""},
        {"ids": "1", "user_auth": "True"},
    ],
)
def test_a_lookup_that_x_cannot_read_is_invalid(tours: Officer, query: dict[str, str]) -> None:
    answer = tours.get("/2/tweets", **query)
    assert answer.status_code == 400
    assert answer.json()["title"] == "Invalid Request"


def test_the_answer_speaks_the_dialect_of_the_question(tours: Officer) -> None:
    number = tours.post_id(TAG)
    old = tours.get("/2/tweets", ids=number, tweet__fields="public_metrics,nonsense").json()
    new = tours.get("/2/tweets", ids=number, post__fields="public_metrics,author_id").json()
    assert set(old["data"][0]) == {"id", "text", "edit_history_tweet_ids", "public_metrics"}
    assert set(new["data"][0]) == {"id", "text", "edit_history_post_ids", "public_metrics"}
    assert "retweet_count" in old["data"][0]["public_metrics"]
    assert "repost_count" in new["data"][0]["public_metrics"]
    named = tours.get("/2/tweets", ids=number, post__fields="text", expansions="author_id").json()
    assert named["data"][0]["author_id"] == tours.user
    assert named["includes"]["users"][0]["username"] == "tours"


def test_private_figures_are_for_the_author_and_for_thirty_days(
    tours: Officer, suwon: Officer, clock: RehearsalClock
) -> None:
    number = tours.post_id(f"https://tours.fr {TAG}")
    fields = "non_public_metrics"
    own = tours.get("/2/tweets", ids=number, tweet__fields=fields).json()
    assert "url_link_clicks" in own["data"][0]["non_public_metrics"]
    others = suwon.get("/2/tweets", ids=number, tweet__fields=fields)
    assert others.status_code == 200
    assert "data" not in others.json()
    assert others.json()["errors"][0]["title"] == "Field Authorization Error"
    clock.advance_to(START + timedelta(days=31))
    assert "data" not in tours.get("/2/tweets", ids=number, tweet__fields=fields).json()


def test_an_account_reads_its_own_posts_back_page_by_page(
    tours: Officer, suwon: Officer, clock: RehearsalClock
) -> None:
    suwon.post_id(TAG)
    written = []
    for number in range(7):
        clock.advance_to(START + timedelta(minutes=number))
        written.append(tours.post_id(f"{number} {TAG}"))
    path = f"/2/users/{tours.user}/tweets"
    first = tours.get(path, max_results="5").json()
    rest = tours.get(path, max_results="5", pagination_token=first["meta"]["next_token"]).json()
    assert [post["id"] for post in first["data"] + rest["data"]] == written[::-1]
    assert "next_token" not in rest["meta"]
    late = tours.get(path, start_time="2026-11-23T09:05:00Z").json()
    assert [post["id"] for post in late["data"]] == written[:4:-1]
    assert tours.get(path, max_results="3").status_code == 400
    assert tours.get(path, start_time="yesterday").status_code == 400
    assert tours.get("/2/users/12/tweets").json()["errors"][0]["resource_type"] == "user"
    assert tours.get(path, since_id=written[-1]).json() == {"meta": {"result_count": 0}}


def test_an_account_is_told_who_it_is(tours: Officer, sandbox: Sandbox) -> None:
    asked = tours.get("/2/users/me", user__fields="public_metrics").json()["data"]
    assert (asked["id"], asked["username"], asked["name"]) == (tours.user, "tours", "Tours")
    expected = followers(2023, "x/tours", START)
    assert asked["public_metrics"]["followers_count"] == expected


def test_calls_are_counted_by_the_quarter_of_an_hour(
    tours: Officer, suwon: Officer, clock: RehearsalClock
) -> None:
    for left in range(74, -1, -1):
        headers = tours.get("/2/users/me").headers
        assert headers["x-rate-limit-remaining"] == str(left)
    assert headers["x-rate-limit-limit"] == "75"
    refused = tours.get("/2/users/me")
    assert refused.status_code == 429
    assert refused.json()["title"] == "Too Many Requests"
    assert refused.headers["x-rate-limit-remaining"] == "0"
    assert int(refused.headers["x-rate-limit-reset"]) == int(START.timestamp()) + 900
    assert suwon.get("/2/users/me").status_code == 200
    clock.advance_to(START + timedelta(minutes=15))
    assert tours.get("/2/users/me").status_code == 200


def test_a_refused_post_is_counted_and_told_so(tours: Officer) -> None:
    answer = tours.post("a" * 281)
    assert answer.headers["x-rate-limit-remaining"] == "99"


def test_posts_cost_what_x_charges_and_a_link_thirteen_times_more(
    tours: Officer, suwon: Officer, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    tours.post("a" * 281)
    assert sandbox.spent() == 0
    number = tours.post_id(TAG)
    assert sandbox.spent() == 0.015
    tours.post_id(f"Lire README.md {TAG}")
    assert sandbox.spent() == 0.215
    for _time in range(3):
        suwon.get("/2/tweets", ids=number)
    assert sandbox.spent() == 0.220
    for _time in range(2):
        tours.get(f"/2/users/{tours.user}/tweets")
    assert sandbox.spent() == 0.222
    clock.advance_to(START + timedelta(days=1))
    suwon.get("/2/tweets", ids=number)
    assert sandbox.spent() == 0.227


def test_a_used_up_credit_stops_every_call_and_no_waiting_helps(
    tours: Officer, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    sandbox.set_credit(0.02)
    tours.post_id(f"1 {TAG}")
    tours.post_id(f"2 {TAG}")
    clock.advance_to(START + timedelta(days=3))
    refused = tours.post(f"3 {TAG}")
    assert refused.status_code == 402
    assert refused.json()["title"] == "CreditsDepleted"
    assert int(refused.headers["x-rate-limit-remaining"]) > 90
    assert tours.get("/2/users/me").status_code == 402
    sandbox.set_credit(5)
    assert tours.post(f"3 {TAG}").status_code == 201


def test_an_unknown_address_is_answered_with_nothing(tours: Officer) -> None:
    answer = tours.get("/2/usage/tweets")
    assert answer.status_code == 404
    assert answer.content == b""
    assert "content-type" not in answer.headers
    assert "x-rate-limit-limit" not in answer.headers


@pytest.mark.parametrize(
    ("kind", "status", "stored"),
    [
        ("error_500_before", 500, 0),
        ("error_500_after", 500, 1),
        ("html_502", 502, 0),
        ("unavailable_503", 503, 0),
        ("hang_before", 504, 0),
        ("hang_after", 201, 1),
        ("unauthorized_401", 401, 0),
        ("no_credit_402", 402, 0),
        ("forbidden_403", 403, 0),
        ("rate_limit_429", 429, 0),
        ("rate_limit_day_429", 429, 0),
        ("rate_limit_429_bare", 429, 0),
        ("empty_404", 404, 0),
        ("errors_200", 200, 0),
    ],
)
def test_every_fault_answers_as_it_says_and_happens_as_often_as_asked(
    tours: Officer, sandbox: Sandbox, kind: str, status: int, stored: int
) -> None:
    sandbox.fault("x", kind, times=1, seconds=0.01)
    assert tours.post(TAG).status_code == status
    assert len(sandbox.posts("x")) == stored
    assert tours.post(f"encore {TAG}").status_code == 201


@pytest.mark.parametrize(("kind", "stored"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_gives_no_answer(
    tours: Officer, sandbox: Sandbox, kind: str, stored: int
) -> None:
    sandbox.fault("x", kind)
    with pytest.raises(requests.ConnectionError):
        tours.post(TAG)
    assert len(sandbox.posts("x")) == stored


def test_a_client_that_does_not_wait_leaves_a_post_behind(tours: Officer, sandbox: Sandbox) -> None:
    sandbox.fault("x", "hang_after", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        tours.session.post(f"{tours.base}/2/tweets", json={"text": TAG}, timeout=0.3)
    assert len(sandbox.posts("x")) == 1


def test_a_redirect_that_is_followed_ends_in_a_page_that_is_no_post(
    tours: Officer, sandbox: Sandbox
) -> None:
    sandbox.fault("x", "redirect_301")
    followed = tours.post(TAG)
    assert followed.status_code == 200
    assert followed.history[0].status_code == 301
    assert followed.headers["content-type"].startswith("text/html")
    assert sandbox.posts("x") == []


def test_the_three_ways_of_saying_too_many(tours: Officer, sandbox: Sandbox) -> None:
    for kind in ("rate_limit_429", "rate_limit_day_429", "rate_limit_429_bare"):
        sandbox.fault("x", kind)
    quarter, day, bare = (tours.post(TAG).headers for _time in range(3))
    assert quarter["x-rate-limit-remaining"] == "0"
    assert day["x-rate-limit-remaining"] == "1079999"
    assert day["x-user-limit-24hour-remaining"] == "0"
    assert int(day["x-user-limit-24hour-reset"]) == int(START.timestamp()) + 86_400
    assert not [name for name in bare if "limit" in name.lower()]


def test_a_timeline_may_be_answered_with_errors_alone(tours: Officer, sandbox: Sandbox) -> None:
    number, address = tours.post_id(TAG), f"/2/users/{tours.user}/tweets"
    sandbox.fault("x", "errors_200", route="recent")
    answer = tours.get(address)
    assert (answer.status_code, list(answer.json())) == (200, ["errors"])
    assert f"the user with id: [{tours.user}]" in answer.json()["errors"][0]["detail"]
    assert [post["id"] for post in tours.get(address).json()["data"]] == [number]


def test_a_fault_of_one_route_leaves_the_others_alone(tours: Officer, sandbox: Sandbox) -> None:
    sandbox.fault("x", "unavailable_503", route="metrics")
    sandbox.fault("x", "html_502", route="recent")
    number = tours.post_id(TAG)
    assert tours.get("/2/tweets", ids=number).status_code == 503
    assert tours.get(f"/2/users/{tours.user}/tweets").status_code == 502
    sandbox.fault("x", "error_500_before", route="any", times=2)
    assert tours.get("/2/users/me").status_code == 500
    assert tours.delete(number).status_code == 500
    assert tours.delete(number).status_code == 200


def test_a_fault_that_no_network_has_is_refused(sandbox: Sandbox) -> None:
    for network, kind in (("x", "nonsense"), ("x", "conflict_409"), ("linkedin", "no_credit_402")):
        with pytest.raises(ValueError, match="has no fault"):
            sandbox.fault(network, kind)
    with pytest.raises(ValueError, match="no route"):
        sandbox.fault("x", "html_502", route="publsh")


def test_the_world_outlives_its_process_and_is_shared(tmp_path: Path) -> None:
    path = tmp_path / "rehearsal" / "networks.db"
    with Sandbox(RehearsalClock(START), path) as daemon:
        tours = Officer(daemon, "tours")
        number = tours.post_id(TAG)
        with Sandbox(RehearsalClock(START), path) as command:
            command.fault("x", "unavailable_503", route="metrics")
            assert [str(post.id) for post in command.posts("x")] == [number]
            same = Officer(command, "tours")
            assert same.delete(number).status_code == 200
            same.session.close()
        assert tours.get("/2/tweets", ids=number).status_code == 503
        tours.session.close()
    (post,) = Sandbox(RehearsalClock(START), path).posts("x")
    assert post.deleted_at == START


def test_many_at_once_get_numbers_of_their_own(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "world.db"
    with Sandbox(RehearsalClock(START), path) as one, Sandbox(RehearsalClock(START), path) as two:

        def publish(where: Sandbox, slug: str) -> None:
            officer = Officer(where, slug)
            for number in range(10):
                officer.post_id(f"{number} {TAG}")
            officer.session.close()

        threads = [
            threading.Thread(target=publish, args=(where, f"town-{index}"))
            for index, where in enumerate((one, two, one, two))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({post.id for post in one.posts("x")}) == 40


def test_a_test_in_another_process_drives_the_clock_and_the_faults(
    tours: Officer, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    doors = tours.base.removesuffix("/x") + "/_sandbox"
    later = (START + timedelta(hours=2)).isoformat()
    moved = requests.post(f"{doors}/clock", json={"now": later}, timeout=5)
    assert moved.json()["now"] == later
    assert clock.now() == START + timedelta(hours=2)
    fault = {"network": "x", "kind": "html_502"}
    assert requests.post(f"{doors}/faults", json=fault, timeout=5).status_code == 200
    assert (
        requests.post(f"{doors}/faults", json=fault | {"kind": "?"}, timeout=5).status_code == 400
    )
    assert requests.post(f"{doors}/faults", data=fault, timeout=5).status_code == 400
    assert tours.post(TAG).status_code == 502
    number = tours.post_id(TAG)
    (post,) = requests.get(f"{doors}/posts", timeout=5).json()
    assert (post["id"], post["sent"], post["deleted_at"]) == (number, TAG, None)


def test_a_connection_serves_many_calls(tours: Officer, sandbox: Sandbox) -> None:
    for number in range(5):
        tours.post_id(f"{number} {TAG}")
    adapter = tours.session.get_adapter(tours.base)
    assert isinstance(adapter, requests.adapters.HTTPAdapter)
    (key,) = adapter.poolmanager.pools.keys()
    pool = adapter.poolmanager.pools[key]
    assert (pool.num_requests, pool.num_connections) == (5, 1)


def test_the_date_of_an_answer_is_the_rehearsal_s(tours: Officer) -> None:
    assert tours.get("/2/users/me").headers["date"] == "Mon, 23 Nov 2026 09:00:00 GMT"


def test_figures_are_repeatable_plausible_and_reach_half_in_three_hours() -> None:
    ids = [number << 22 for number in range(1000, 1400)]
    later = {
        hours: [engagement(1, one, "x", START, START + timedelta(hours=hours)) for one in ids]
        for hours in (0, 3, 336)
    }
    again = [engagement(1, one, "x", START, START + timedelta(hours=336)) for one in ids]
    assert later[336] == again
    assert not any(one.anything for one in later[0])
    totals = [one.impressions for one in later[336] if one.anything]
    assert 0 < len(ids) - len(totals) < 40, "some posts are seen by nobody, few are"
    assert 280 <= min(totals) < max(totals) <= 3000
    half = sum(one.impressions for one in later[3]) / sum(totals)
    assert 0.4 < half < 0.6
    assert all(one.reactions <= one.impressions * 0.06 for one in later[336])


def test_figures_grow_but_a_like_is_withdrawn_now_and_then() -> None:
    withdrawn = 0
    for one in range(1000, 1060):
        seen = [
            engagement(1, one << 22, "x", START, START + timedelta(hours=hour))
            for hour in range(240)
        ]
        for before, after in itertools.pairwise(seen):
            assert after.impressions >= before.impressions
            assert after.comments >= before.comments
            withdrawn += after.reactions < before.reactions
    assert withdrawn > 5


#: The recorded answers, by their names in the collection that they were taken from.
ANSWERS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data/sandbox/x_answers.json").read_text("utf-8")
)


def test_the_answers_are_the_recorded_ones(tours: Officer, sandbox: Sandbox) -> None:
    number = tours.post_id(TAG)

    def fault(kind: str) -> requests.Response:
        sandbox.fault("x", kind)
        return tours.post(TAG)

    told = {
        "duplicate_403": tours.post(TAG),
        "too_long": tours.post("a" * 281),
        "not_permitted_403": fault("forbidden_403"),
        "unauthorized_401": fault("unauthorized_401"),
        "credits_402": fault("no_credit_402"),
        "rate_limit_429": fault("rate_limit_429"),
        "daily_cap_429": fault("rate_limit_day_429"),
        "server_503": fault("unavailable_503"),
        "reply_not_allowed_403": tours.post("a", reply={"in_reply_to_tweet_id": "1"}),
        "quote_not_allowed_403": tours.post("a", quote_tweet_id="1"),
        "media_ids_invalid_400": tours.post("a", media={"media_ids": ["1880028106020515840"]}),
        "invalid_ids_400": tours.get("/2/tweets", ids="abc"),
        "all_missing_200": tours.get("/2/tweets", ids="456"),
        "delete_ok": tours.delete(number),
    }
    found = {name: {"status": got.status_code, "body": got.json()} for name, got in told.items()}
    assert found == ANSWERS


def test_the_recorded_answers_are_still_those_of_the_collection() -> None:
    cases = json.loads(RECORDED.read_text())["cases"] if RECORDED.exists() else []
    for case in cases:
        if case["id"] in ANSWERS:
            assert {name: case[name] for name in ("status", "body")} == ANSWERS[case["id"]]
    assert len(ANSWERS) == 14


def test_a_port_that_is_taken_is_an_error_and_a_stopped_server_can_start_again(
    sandbox: Sandbox, clock: RehearsalClock
) -> None:
    port = int(sandbox.x_url.split(":")[2].partition("/")[0])
    with pytest.raises(OSError, match="in use"):
        Sandbox(clock, port=port).start()
    sandbox.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{sandbox.x_url}/", timeout=1)
    sandbox.start()
    assert requests.get(f"{sandbox.x_url}/", timeout=5).status_code == 200
