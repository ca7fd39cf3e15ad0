"""The rehearsal's LinkedIn answers as LinkedIn does (data/linkedin/errors.json, real/, docs/)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from bot.clock import RehearsalClock
from bot.sandbox import Sandbox
from bot.sandbox.credentials import credentials_of
from bot.sandbox.engagement import engagement
from bot.sandbox.little_text import RESERVED, parse, utf16_units
from tests.tiny_files import mp4

DATA = Path(__file__).parents[2] / "shared/data/linkedin"
START = datetime(2026, 11, 23, 9, tzinfo=UTC)


class Page:
    """A town hall's page, and a client that speaks for it by hand."""

    def __init__(self, sandbox: Sandbox, slug: str = "tours") -> None:
        keys = sandbox.open_account("linkedin", slug, slug.title(), slug.title())
        self.author = keys["author"]
        self.base = sandbox.linkedin_url
        self.headers = {
            "Authorization": f"Bearer {keys['access_token']}",
            "LinkedIn-Version": "202609",
            "X-Restli-Protocol-Version": "2.0.0",
        }
        self.session = requests.Session()

    def call(self, method: str, path: str, without: str = "", **more: Any) -> requests.Response:
        headers = self.headers | more.pop("headers", {})
        headers.pop(without, None)
        return self.session.request(
            method, f"{self.base}{path}", headers=headers, timeout=5, **more
        )

    def body(self, commentary: str) -> dict[str, object]:
        return {
            "author": self.author,
            "commentary": commentary,
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }

    def post(self, commentary: str, **changes: object) -> requests.Response:
        return self.call("POST", "/rest/posts", json=self.body(commentary) | changes)

    def urn(self, commentary: str) -> str:
        answer = self.post(commentary)
        assert answer.status_code == 201, answer.text
        return answer.headers["x-restli-id"]

    def find(self, more: str = "") -> requests.Response:
        return self.call("GET", f"/rest/posts?q=author&author={encoded(self.author)}{more}")

    def statistics(self, more: str) -> requests.Response:
        path = "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
        return self.call("GET", f"{path}&organizationalEntity={encoded(self.author)}{more}")


def encoded(urn: str) -> str:
    return quote(urn, safe="")


@pytest.fixture
def clock() -> RehearsalClock:
    return RehearsalClock(START)


@pytest.fixture
def page(sandbox: Sandbox) -> Iterator[Page]:
    page = Page(sandbox)
    yield page
    page.session.close()


# publishing


def test_a_published_post_is_named_in_the_headers_and_nowhere_else(
    page: Page, sandbox: Sandbox
) -> None:
    answer = page.post("Bonjour \\(Tours\\)")
    urn = answer.headers["x-restli-id"]
    assert answer.status_code == 201
    assert answer.content == b""
    assert answer.headers["content-length"] == "0"
    assert "content-type" not in answer.headers
    assert answer.headers["location"] == f"/posts/{encoded(urn)}"
    assert answer.headers["x-restli-protocol-version"] == "2.0.0"
    assert answer.headers["x-li-uuid"]
    (post,) = sandbox.posts("linkedin", "tours")
    assert (post.urn, post.shown, post.truncated_at) == (urn, "Bonjour (Tours)", None)
    assert int(urn.rpartition(":")[2]) >> 22 == int(START.timestamp() * 1000)


@pytest.mark.parametrize(
    ("sent", "published"),
    [
        ("This is a test. (This is also a test.)", "This is a test. "),
        ("hello world (this is a test)", "hello world "),
        ("[공지] 11월 27일", ""),
        ("11월 27일\\(금\\) 10:00~12:00", "11월 27일(금) 10:00"),
        ("C# et F#", "C"),
        ("étape #️⃣ suivante", "étape "),
        ("a@b", "a"),
        ("fin \\", "fin "),
        ("{hashtag|\\#|} rien", ""),
    ],
)
def test_an_unescaped_sign_cuts_the_post_without_a_word(
    page: Page, sandbox: Sandbox, sent: str, published: str
) -> None:
    assert page.post(sent).status_code == 201
    (post,) = sandbox.posts("linkedin")
    assert post.shown == published
    assert post.truncated_at is not None
    assert sent[post.truncated_at] in RESERVED


def test_each_of_the_fifteen_signs_cuts_unless_it_is_escaped() -> None:
    assert len(RESERVED) == 15
    for sign in RESERVED:
        assert parse(f"avant {sign} après").shown == "avant "
        assert parse(f"avant \\{sign} après").shown == f"avant {sign} après"
        assert parse(f"avant \\{sign} après").cut_at is None


@pytest.mark.parametrize(
    ("wire", "shown"),
    [
        ("{hashtag|\\#|창업}은 \\(금\\)", "#창업은 (금)"),
        ("{hashtag|#|AI} {hashtag|＃|창업}", "#AI ＃창업"),
        ("@[Jane Doe](urn:li:person:Ww-h\\_\\_kIES) hi", "Jane Doe hi"),
        ("@[Devtestco](urn:li:organization:2414183) \\(x\\)", "Devtestco (x)"),
        ("fullwidth （금） ＃태그 ～", "fullwidth （금） ＃태그 ～"),
        ("ligne\n\nligne 🇫🇷🇰🇷", "ligne\n\nligne 🇫🇷🇰🇷"),
    ],
)
def test_what_the_grammar_allows_is_shown_whole(wire: str, shown: str) -> None:
    parsed = parse(wire)
    assert (parsed.shown, parsed.cut_at) == (shown, None)


def test_a_plain_hashtag_takes_the_particle_that_is_glued_to_it() -> None:
    tags = [one.shown for one in parse("#창업은 {hashtag|\\#|창업}은").elements]
    assert tags == ["#창업은", " ", "#창업", "은"]


def test_a_post_comes_back_in_little_text(page: Page) -> None:
    sent = "\\[공지\\] #Tours @[Suwon](urn:li:organization:12) a\\_b {hashtag|#|창업}"
    urn = page.urn(sent)
    answer = page.call("GET", f"/rest/posts/{encoded(urn)}?viewContext=AUTHOR").json()
    assert answer["commentary"] == (
        "\\[공지\\] {hashtag|\\#|Tours} @[Suwon](urn:li:organization:12) a\\_b {hashtag|\\#|창업}"
    )
    assert parse(answer["commentary"]).shown == parse(sent).shown
    assert answer["id"] == urn
    assert answer["author"] == page.author
    assert answer["createdAt"] == int(START.timestamp() * 1000)


def test_the_same_text_within_ten_minutes_names_the_post_it_repeats(
    page: Page, clock: RehearsalClock, sandbox: Sandbox
) -> None:
    urn = page.urn("Bonjour")
    clock.advance_to(START + timedelta(minutes=9))
    again = page.post("Bonjour")
    assert again.status_code == 422
    assert again.json()["message"].endswith(f"Content is a duplicate of {urn}")
    assert again.json()["errorDetails"]["inputErrors"][0]["code"] == "DUPLICATE_POST"
    suwon = Page(sandbox, "suwon")
    assert suwon.post("Bonjour").status_code == 201
    suwon.session.close()
    clock.advance_to(START + timedelta(minutes=11))
    assert page.post("Bonjour").status_code == 201


def test_a_text_is_measured_as_java_measures_it(page: Page) -> None:
    assert utf16_units("🇰🇷") == 4
    assert page.post("한" * 3000).status_code == 201
    refused = page.post("🎉" * 1501)
    assert refused.status_code == 400
    assert "text length (3002 characters) exceeded" in refused.json()["message"]
    assert refused.json()["errorDetails"]["inputErrors"][0]["code"] == "FIELD_ARRAY_SIZE_TOO_HIGH"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"author": None}, 400, "MISSING_FIELD"),
        ({"commentary": None}, 400, "MISSING_FIELD"),
        ({"commentary": ""}, 400, "INVALID_VALUE_BLANK_FIELD"),
        ({"visibility": "EVERYBODY"}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"lifecycleState": "DRAFT"}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"distribution": {}}, 400, "INVALID_VALUE_FOR_FIELD"),
        ({"author": "urn:li:share:1"}, 400, "INVALID_URN_TYPE"),
        ({"content": {}}, 422, "INVALID_VALUE_FOR_FIELD"),
        ({"content": {"media": {"id": "urn:li:image:1"}}}, 400, "INVALID_IMAGE_ID"),
        ({"content": {"article": {"source": "https://tours.fr"}}}, 400, "MISSING_FIELD"),
    ],
)
def test_a_body_that_linkedin_does_not_take_is_refused(
    page: Page, sandbox: Sandbox, changes: dict[str, object], status: int, code: str
) -> None:
    body = {name: value for name, value in (page.body("x") | changes).items() if value is not None}
    answer = page.call("POST", "/rest/posts", json=body)
    assert answer.status_code == status
    assert answer.json()["errorDetails"]["inputErrors"][0]["code"] == code
    assert answer.headers["x-restli-error-response"] == "true"
    assert sandbox.posts("linkedin") == []


def test_an_article_keeps_its_card(page: Page) -> None:
    card = {"article": {"source": "https://tours.fr/coree", "title": "Tours & Yongin"}}
    assert page.post("Lire", content=card).status_code == 201
    assert page.find().json()["elements"][0]["content"] == card


def test_nobody_publishes_for_another_page_or_for_a_member(page: Page, sandbox: Sandbox) -> None:
    other = page.post("x", author="urn:li:organization:1")
    assert (other.status_code, other.json()["serviceErrorCode"]) == (403, 100)
    member = page.post("x", author="urn:li:person:abc")
    assert member.status_code == 400
    assert sandbox.posts("linkedin") == []


def test_the_person_who_looks_after_a_page_publishes_and_is_shown_nothing(page: Page) -> None:
    person = credentials_of("linkedin", "tours", is_person=True)["author"]
    published = page.post("x", author=person)
    assert published.status_code == 201
    again = page.post("x", author=person)
    assert (again.status_code, published.headers["x-restli-id"] in again.text) == (422, True)
    shown = page.call("GET", f"/rest/posts?q=author&author={encoded(person)}")
    assert (shown.status_code, "Member permissions" in shown.text) == (400, True)


# the gateway, in its order


def test_the_gateway_asks_for_a_token_then_a_version_then_the_rest(
    page: Page, sandbox: Sandbox
) -> None:
    sandbox.set_linkedin_calls_a_day(1)

    def ask(**headers: str) -> tuple[int, str]:
        answer = requests.post(f"{page.base}/rest/posts", headers=headers, timeout=5)
        assert answer.headers.get("x-restli-gateway-error") == "true"
        return answer.status_code, answer.json()["code"]

    version = {"LinkedIn-Version": "202609"}
    token = {"Authorization": page.headers["Authorization"]}
    assert ask() == (401, "EMPTY_ACCESS_TOKEN")
    assert ask(Authorization="Bearer wrong", **version) == (401, "INVALID_ACCESS_TOKEN")
    assert ask(**token) == (400, "VERSION_MISSING")
    assert ask(**token, **{"linkedin-version": "202504"}) == (426, "NONEXISTENT_VERSION")
    assert page.post("x").status_code == 201
    assert ask(**token, **version) == (429, "TOO_MANY_REQUESTS")


@pytest.mark.parametrize(
    ("version", "status"),
    [("202601", 201), ("202611", 201), ("202512", 426), ("202612", 426), ("202511", 426)],
)
def test_a_version_lives_for_about_a_year(page: Page, version: str, status: int) -> None:
    answer = page.call(
        "POST", "/rest/posts", json=page.body("x"), headers={"LinkedIn-Version": version}
    )
    assert answer.status_code == status
    if status == 426:
        assert answer.json()["message"] == f"Requested version {version}01 is not active"


def test_a_used_up_day_ends_at_midnight_utc(
    page: Page, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    sandbox.set_linkedin_calls_a_day(2)
    assert [page.post(text).status_code for text in "abc"] == [201, 201, 429]
    refused = page.post("d")
    assert "APPLICATION_AND_MEMBER DAY limit" in refused.json()["message"]
    assert not [name for name in refused.headers if "retry" in name.lower()]
    assert page.find().status_code == 200, "each resource has a count of its own"
    clock.advance_to(datetime(2026, 11, 24, tzinfo=UTC))
    assert page.post("d").status_code == 201


# reading and deleting


def test_a_page_finds_its_own_posts_newest_first(
    page: Page, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    suwon = Page(sandbox, "suwon")
    suwon.urn("수원")
    suwon.session.close()
    urns = []
    for number in range(5):
        clock.advance_to(START + timedelta(minutes=number))
        urns.append(page.urn(f"{number}"))
    first = page.find("&count=3&start=0&sortBy=CREATED").json()
    assert [one["id"] for one in first["elements"]] == urns[:1:-1]
    (link,) = first["paging"]["links"]
    assert link["rel"] == "next"
    rest = page.call("GET", link["href"]).json()
    assert [one["id"] for one in rest["elements"]] == urns[1::-1]
    assert rest["paging"]["links"] == []


def test_what_a_token_may_not_read_is_refused(page: Page, sandbox: Sandbox) -> None:
    finder = "/rest/posts?q=author&author="
    member = page.call("GET", finder + encoded("urn:li:person:abc"))
    assert member.status_code == 400
    assert member.json()["message"] == (
        "Member permissions must be used when using member as author"
    )
    assert page.call("GET", finder + encoded("urn:li:organization:1")).status_code == 403
    assert page.find("&count=101").status_code == 400
    assert page.call("GET", "/rest/posts?q=owner").status_code == 400
    suwon = Page(sandbox, "suwon")
    theirs = suwon.urn("수원")
    suwon.session.close()
    assert page.call("GET", f"/rest/posts/{encoded(theirs)}").status_code == 403
    assert page.call("DELETE", f"/rest/posts/{encoded(theirs)}").status_code == 403


def test_a_post_can_be_deleted_twice_and_then_said_again(page: Page, sandbox: Sandbox) -> None:
    urn = page.urn("Bonjour")
    for _time in range(2):
        answer = page.call("DELETE", f"/rest/posts/{encoded(urn)}")
        assert (answer.status_code, answer.content) == (204, b"")
    assert page.call("GET", f"/rest/posts/{encoded(urn)}").json()["code"] == "NOT_FOUND"
    assert page.find().json()["elements"] == []
    assert sandbox.posts("linkedin")[0].deleted_at == START
    assert page.post("Bonjour").status_code == 201


# figures


def test_figures_come_by_post_and_a_post_without_any_is_left_out(
    page: Page, clock: RehearsalClock, sandbox: Sandbox
) -> None:
    fresh_at = START + timedelta(days=3)
    old = page.urn("vieux")
    clock.advance_to(fresh_at)
    fresh = page.urn("neuf")
    answer = page.statistics(f"&shares=List({encoded(old)},{encoded(fresh)})")
    assert answer.status_code == 200
    (element,) = answer.json()["elements"]
    counted = engagement(2023, int(old.rpartition(":")[2]), "linkedin", START, fresh_at)
    figures = element["totalShareStatistics"]
    assert counted.impressions > 100
    assert (element["share"], element["organizationalEntity"]) == (old, page.author)
    assert figures["impressionCount"] == counted.impressions
    assert figures["likeCount"] == counted.reactions
    done = sum(figures[f"{name}Count"] for name in ("click", "like", "comment", "share"))
    assert figures["engagement"] == done / figures["impressionCount"]
    total = page.statistics("").json()["elements"][0]["totalShareStatistics"]
    assert total == figures


def test_only_the_bare_list_is_read(page: Page) -> None:
    urn = encoded(page.urn("Bonjour"))
    bare = [f"&shares=List({urn})", "&shares=List()", "&ugcPosts=List(urn%3Ali%3AugcPost%3A1)"]
    assert [page.statistics(query).status_code for query in bare] == [200, 200, 200]
    for query in (
        f"&shares=List%28{urn}%29",
        f"&shares[0]={urn}",
        f"&shares%5B0%5D={urn}",
        f"&shares={urn}",
        f"&shares=List({urn})&shares=List()",
        "&shares=List(urn:li:share:1)",
        "&nonsense=1",
    ):
        answer = page.statistics(query)
        assert answer.status_code == 400, query
        assert answer.json()["errorDetails"]["inputErrors"][0]["code"] == "QUERY_PARAM_NOT_ALLOWED"
    assert page.statistics("&timeIntervals=(x:1)").status_code == 400
    assert page.statistics("&shares=List(urn%3Ali%3AugcPost%3A1)").status_code == 404


def test_requests_own_parameters_break_the_list(page: Page) -> None:
    answer = page.call(
        "GET",
        "/rest/organizationalEntityShareStatistics",
        params={
            "q": "organizationalEntity",
            "organizationalEntity": page.author,
            "shares": "List(urn:li:share:1)",
        },
    )
    assert answer.status_code == 400


def test_without_the_protocol_header_a_list_is_no_list(page: Page) -> None:
    path = "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
    query = f"&organizationalEntity={encoded(page.author)}&shares=List()"
    assert page.call("GET", path + query).status_code == 200
    without = page.call("GET", path + query, without="X-Restli-Protocol-Version")
    assert without.status_code == 400


def test_a_page_has_followers_and_they_grow(page: Page, clock: RehearsalClock) -> None:
    path = f"/rest/networkSizes/{encoded(page.author)}?edgeType="
    before = page.call("GET", f"{path}COMPANY_FOLLOWED_BY_MEMBER").json()["firstDegreeSize"]
    clock.advance_to(START + timedelta(days=14))
    after = page.call("GET", f"{path}COMPANY_FOLLOWED_BY_MEMBER").json()["firstDegreeSize"]
    assert 1000 < before < after
    assert page.call("GET", f"{path}CompanyFollowedByMember").status_code == 400


def test_half_of_what_is_seen_on_linkedin_is_seen_within_sixteen_hours() -> None:
    ids = [number << 22 for number in range(1000, 1300)]
    seen = [
        sum(
            engagement(1, one, "linkedin", START, START + timedelta(hours=hours)).impressions
            for one in ids
        )
        for hours in (16, 24 * 28)
    ]
    assert 0.4 < seen[0] / seen[1] < 0.6


# faults


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
        ("forbidden_403", 403, 0),
        ("rate_limit_429", 429, 0),
        ("rate_limit_day_429", 429, 0),
        ("rate_limit_429_bare", 429, 0),
        ("empty_404", 404, 0),
        ("version_426", 426, 0),
        ("conflict_409", 409, 0),
    ],
)
def test_every_fault_answers_as_it_says(
    page: Page, sandbox: Sandbox, kind: str, status: int, stored: int
) -> None:
    sandbox.fault("linkedin", kind, seconds=0.01)
    assert page.post("Bonjour").status_code == status
    assert len(sandbox.posts("linkedin")) == stored
    assert page.post("encore").status_code == 201


def test_after_a_lost_answer_the_duplicate_names_the_post_that_went_out(
    page: Page, sandbox: Sandbox
) -> None:
    sandbox.fault("linkedin", "drop_after")
    with pytest.raises(requests.ConnectionError):
        page.post("Bonjour")
    again = page.post("Bonjour")
    assert again.status_code == 422
    assert sandbox.posts("linkedin")[0].urn in again.json()["message"]


def test_a_redirect_that_is_followed_ends_in_a_page_that_is_no_post(
    page: Page, sandbox: Sandbox
) -> None:
    sandbox.fault("linkedin", "redirect_301")
    followed = page.post("Bonjour")
    assert [one.status_code for one in followed.history] == [301]
    assert "x-restli-id" not in followed.headers
    assert sandbox.posts("linkedin") == []


# the recorded answers

#: By their names in the collection that they were taken from.
ANSWERS: dict[str, dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data/sandbox/linkedin_answers.json").read_text("utf-8")
)


def film_of(page: Page) -> str:
    """A video whose last byte has just come."""
    film = mp4()
    asked = {"initializeUploadRequest": {"owner": page.author, "fileSizeBytes": len(film)}}
    begun = page.call("POST", "/rest/videos?action=initializeUpload", json=asked)
    value = begun.json()["value"]
    (part,) = value["uploadInstructions"]
    put = requests.put(part["uploadUrl"], data=film, timeout=5)
    ended = {
        "video": value["video"],
        "uploadToken": value["uploadToken"],
        "uploadedPartIds": [put.headers["ETag"]],
    }
    asked = {"finalizeUploadRequest": ended}
    assert page.call("POST", "/rest/videos?action=finalizeUpload", json=asked).status_code == 200
    return str(value["video"])


def test_the_answers_are_the_recorded_ones(page: Page, sandbox: Sandbox) -> None:
    def fault(kind: str) -> requests.Response:
        sandbox.fault("linkedin", kind)
        return page.post("x")

    old = {"LinkedIn-Version": "202504"}
    suwon = Page(sandbox, "suwon")
    asked = {"initializeUploadRequest": {"owner": suwon.author}}
    theirs = suwon.call("POST", "/rest/images?action=initializeUpload", json=asked)
    image = theirs.json()["value"]["image"]
    suwon.session.close()
    told = {
        "version_missing": page.call("POST", "/rest/posts", without="LinkedIn-Version"),
        "version_not_active": page.call("POST", "/rest/posts", headers=old),
        "token_expired": fault("unauthorized_401"),
        "token_invalid": page.call("GET", "/rest/posts", headers={"Authorization": "Bearer x"}),
        "token_empty": page.call("GET", "/rest/posts", without="Authorization"),
        "member_permission": page.post("x", author="urn:li:person:abc"),
        "author_field": page.post("x", author="urn:li:organization:1"),
        "asset_owner": page.post("x", content={"media": {"id": image}}),
        "asset_processing": page.post(
            "x", content={"media": {"id": film_of(page), "title": "Forum"}}
        ),
        "image_status_forbidden": page.call("GET", f"/rest/images/{encoded(image)}"),
        "not_found": page.call("GET", "/rest/posts/urn%3Ali%3Ashare%3A1"),
        "stats_wrong_urn_type": page.statistics("&shares=List(urn%3Ali%3AugcPost%3A1)"),
        "conflict": fault("conflict_409"),
        "time_intervals": page.statistics("&timeIntervals=(x:1)"),
        "rate_member_day": fault("rate_limit_day_429"),
        "server_error": fault("error_500_before"),
        "unavailable": fault("unavailable_503"),
        "gateway_timeout": fault("hang_before"),
        "query_param": page.statistics("&ugcPosts[0]=x"),
    }
    found = {name: {"status": got.status_code, "body": got.json()} for name, got in told.items()}
    assert found == ANSWERS


def test_the_recorded_answers_are_still_those_of_the_collection() -> None:
    path = DATA / "errors.json"
    cases = json.loads(path.read_text())["errors"] if path.exists() else []
    for case in cases:
        if case["id"] in ANSWERS:
            assert {name: case[name] for name in ("status", "body")} == ANSWERS[case["id"]]
    assert len(ANSWERS) == 19


def test_the_collected_little_texts_are_read_as_they_should_be() -> None:
    path = DATA / "vectors/little_text.json"
    vectors = json.loads(path.read_text()) if path.exists() else {"truncation": []}
    for case in vectors["truncation"]:
        assert parse(case["sent"]).shown == case["published"]
    for case in vectors.get("read_back", []):
        assert parse(case["wire"]).shown == case["visible"]
    for case in vectors.get("escape_plain", []):
        assert (parse(case["out"]).shown, parse(case["out"]).cut_at) == (case["in"], None)
    assert set(vectors.get("reserved", RESERVED)) == RESERVED
