"""The rehearsal's LinkedIn takes files, polls and cards as LinkedIn does (reference §1.4, 3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.clock import RehearsalClock
from bot.sandbox import Sandbox
from bot.sandbox.linkedin_media import ranges
from tests.test_sandbox_linkedin import DATA, START, Page, encoded
from tests.tiny_files import gif, jpeg, mp4, pdf, png, webp

MEGABYTE = 1 << 20


@pytest.fixture
def clock() -> RehearsalClock:
    return RehearsalClock(START)


@pytest.fixture
def page(sandbox: Sandbox) -> Iterator[Page]:
    page = Page(sandbox)
    yield page
    page.session.close()


@pytest.fixture
def suwon(sandbox: Sandbox) -> Iterator[Page]:
    page = Page(sandbox, "suwon")
    yield page
    page.session.close()


def begin(page: Page, kind: str, **more: Any) -> requests.Response:
    asked = {"initializeUploadRequest": {"owner": page.author, **more}}
    return page.call("POST", f"/rest/{kind}s?action=initializeUpload", json=asked)


def value_of(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    value: dict[str, Any] = answer.json()["value"]
    return value


def put(page: Page, url: str, data: bytes, **headers: str) -> requests.Response:
    token = {"Authorization": page.headers["Authorization"]}
    return requests.put(url, data=data, headers=token | headers, timeout=5)


def up(page: Page, data: bytes, kind: str = "image") -> str:
    """Upload an image or a document; its URN."""
    value = value_of(begin(page, kind))
    assert put(page, value["uploadUrl"], data).status_code == 201
    return str(value[kind])


def state(page: Page, urn: str) -> str:
    kind = urn.split(":")[2]
    answer = page.call("GET", f"/rest/{kind}s/{encoded(urn)}")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["status"])


def send_parts(value: dict[str, Any], film: bytes) -> list[str]:
    """Every range without a token, as the documentation has it; the ETags without quotes."""
    tags = []
    for part in value["uploadInstructions"]:
        data = film[part["firstByte"] : part["lastByte"] + 1]
        answer = requests.put(part["uploadUrl"], data=data, timeout=5)
        assert (answer.status_code, answer.content) == (200, b"")
        tags.append(answer.headers["ETag"].strip('"'))
    return tags


def finalize(page: Page, video: str, tags: list[str], token: str = "") -> requests.Response:
    asked = {"video": video, "uploadToken": token, "uploadedPartIds": tags}
    body = {"finalizeUploadRequest": asked}
    return page.call("POST", "/rest/videos?action=finalizeUpload", json=body)


def film_of(page: Page, film: bytes) -> str:
    value = value_of(begin(page, "video", fileSizeBytes=len(film)))
    assert finalize(page, value["video"], send_parts(value, film)).status_code == 200
    return str(value["video"])


def code_of(answer: requests.Response) -> str:
    assert answer.headers["x-restli-error-response"] == "true"
    return str(answer.json()["errorDetails"]["inputErrors"][0]["code"])


# images and documents


def test_an_image_goes_up_to_the_address_that_was_given_for_a_day(
    page: Page, sandbox: Sandbox
) -> None:
    value = value_of(begin(page, "image"))
    assert set(value) == {"uploadUrlExpiresAt", "uploadUrl", "image"}
    assert value["uploadUrlExpiresAt"] == int(START.timestamp() * 1000) + 86_400_000
    assert value["uploadUrl"].startswith(f"{sandbox.linkedin_url}/dms-uploads/")
    assert state(page, value["image"]) == "WAITING_UPLOAD"
    answer = put(page, value["uploadUrl"], png(), **{"Content-Type": "image/png"})
    assert (answer.status_code, answer.content) == (201, b"")
    assert [state(page, value["image"]) for _time in range(2)] == ["PROCESSING", "AVAILABLE"]
    assert page.post("Bonjour", content={"media": {"id": value["image"]}}).status_code == 201


def test_a_file_is_processed_by_the_clock(page: Page, clock: RehearsalClock) -> None:
    document = up(page, pdf(), "document")
    clock.advance_to(START + timedelta(seconds=60))
    assert state(page, document) == "AVAILABLE"
    shown = page.call("GET", f"/rest/documents/{encoded(document)}").json()
    assert (shown["owner"], shown["id"]) == (page.author, document)
    assert shown["downloadUrl"].startswith("https://")


def test_an_address_wants_the_token_the_whole_query_and_its_day(
    page: Page, suwon: Page, clock: RehearsalClock
) -> None:
    url = value_of(begin(page, "image"))["uploadUrl"]
    assert requests.put(url, data=png(), timeout=5).status_code == 401
    assert put(suwon, url, png()).status_code == 401
    assert put(page, url.partition("?")[0], png()).status_code == 401
    assert put(page, url, b"").status_code == 400
    clock.advance_to(START + timedelta(hours=24))
    expired = put(page, url, png())
    assert (expired.status_code, expired.content) == (401, b"")


def test_a_file_whose_answer_was_lost_is_sent_again(page: Page, sandbox: Sandbox) -> None:
    value = value_of(begin(page, "image"))
    sandbox.fault("linkedin", "drop_after", route="upload_part")
    with pytest.raises(requests.ConnectionError):
        put(page, value["uploadUrl"], png())
    assert put(page, value["uploadUrl"], png()).status_code == 201
    assert page.post("x", content={"media": {"id": value["image"]}}).status_code == 201


def test_a_file_can_be_sent_as_a_stream(page: Page) -> None:
    url = value_of(begin(page, "document"))["uploadUrl"]
    token = {"Authorization": page.headers["Authorization"]}
    pieces = iter([pdf(70_000), b"%" * 70_000])
    assert requests.put(url, data=pieces, headers=token, timeout=5).status_code == 201


@pytest.mark.parametrize(
    ("kind", "data", "outcome"),
    [
        ("image", jpeg(4000, 3000), "AVAILABLE"),
        ("image", gif(), "AVAILABLE"),
        ("image", webp(), "PROCESSING_FAILED"),
        ("image", png()[:20], "PROCESSING_FAILED"),
        ("image", jpeg(6328, 5714), "PROCESSING_FAILED"),
        ("document", b"PK\x03\x04" + b"\0" * 60, "AVAILABLE"),
        ("document", png(), "PROCESSING_FAILED"),
    ],
)
def test_what_the_bytes_are_decides_whether_a_file_becomes_available(
    page: Page, clock: RehearsalClock, kind: str, data: bytes, outcome: str
) -> None:
    urn = up(page, data, kind)
    clock.advance_to(START + timedelta(minutes=1))
    assert state(page, urn) == outcome
    answer = page.post("x", content={"media": {"id": urn, "title": "Programme"}})
    assert answer.status_code == (201 if outcome == "AVAILABLE" else 400)
    if outcome == "PROCESSING_FAILED":
        assert code_of(answer) == "MEDIA_ASSET_PROCESSING_FAILED"


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("images?action=initializeUpload", {}, "MISSING_FIELD"),
        ("images?action=initializeUpload", {"initializeUploadRequest": {}}, "MISSING_FIELD"),
        ("images?action=finalizeUpload", {}, "QUERY_PARAM_NOT_ALLOWED"),
        ("images", {}, "QUERY_PARAM_NOT_ALLOWED"),
    ],
)
def test_an_upload_that_linkedin_cannot_read_is_refused(
    page: Page, path: str, body: dict[str, Any], code: str
) -> None:
    answer = page.call("POST", f"/rest/{path}", json=body)
    assert (answer.status_code, code_of(answer)) == (400, code)


def test_a_file_belongs_to_its_page(page: Page, suwon: Page) -> None:
    theirs = up(suwon, png())
    assert page.call("GET", f"/rest/images/{encoded(theirs)}").status_code == 403
    refused = page.post("x", content={"media": {"id": theirs}})
    assert refused.json() == {
        "message": "One or more of the assets is not owned by the author",
        "status": 400,
    }
    for owner in (suwon.author, "urn:li:person:abc"):
        asked = {"initializeUploadRequest": {"owner": owner}}
        answer = page.call("POST", "/rest/images?action=initializeUpload", json=asked)
        assert answer.status_code in {400, 403}
    missing = page.call("GET", f"/rest/images/{encoded('urn:li:image:nothing')}")
    assert missing.json()["code"] == "NOT_FOUND"
    assert page.call("GET", f"/rest/videos/{encoded(theirs)}").status_code == 404


# videos


def test_a_video_goes_up_in_ranges_of_four_mebibytes(page: Page, clock: RehearsalClock) -> None:
    film = mp4(9 * MEGABYTE + 5)
    value = value_of(begin(page, "video", fileSizeBytes=len(film), uploadCaptions=False))
    assert value["uploadToken"] == ""
    spans = [(part["firstByte"], part["lastByte"]) for part in value["uploadInstructions"]]
    assert spans == [(0, 4194303), (4194304, 8388607), (8388608, len(film) - 1)]
    tags = send_parts(value, film)
    assert len(set(tags)) == 3
    assert state(page, value["video"]) == "WAITING_UPLOAD"
    ended = finalize(page, value["video"], tags)
    assert (ended.status_code, ended.content) == (200, b"")
    content = {"media": {"id": value["video"], "title": "Forum"}}
    early = page.post("x", content=content)
    assert (early.status_code, early.json()["message"]) == (422, "asset is still processing")
    clock.advance_to(START + timedelta(seconds=30))
    assert state(page, value["video"]) == "AVAILABLE"
    assert page.post("x", content=content).headers["x-restli-id"].startswith("urn:li:ugcPost:")


def test_ranges_cover_a_video_whole() -> None:
    for size in (1, 4 * MEGABYTE, 4 * MEGABYTE + 1, 500_000_000):
        spans = ranges(size)
        assert sum(last - first + 1 for first, last in spans) == size
        assert all(last - first < 4 * MEGABYTE for first, last in spans)
        assert [first for first, _last in spans[1:]] == [last + 1 for _first, last in spans[:-1]]


def test_a_range_of_another_size_is_refused_and_can_be_sent_again(page: Page) -> None:
    film = mp4(5 * MEGABYTE)
    value = value_of(begin(page, "video", fileSizeBytes=len(film)))
    first, second = (part["uploadUrl"] for part in value["uploadInstructions"])
    assert requests.put(first, data=film, timeout=5).status_code == 400
    assert requests.put(second, data=film[: 4 * MEGABYTE], timeout=5).status_code == 400
    assert len(send_parts(value, film)) == 2
    assert finalize(page, value["video"], send_parts(value, film)).status_code == 200


def test_every_second_etag_comes_in_quotes(page: Page) -> None:
    film = mp4(5 * MEGABYTE)
    value = value_of(begin(page, "video", fileSizeBytes=len(film)))
    tags = [
        requests.put(
            part["uploadUrl"], data=film[part["firstByte"] : part["lastByte"] + 1], timeout=5
        ).headers["ETag"]
        for part in value["uploadInstructions"]
    ]
    assert [tag.startswith('"') for tag in tags] == [False, True]
    assert code_of(finalize(page, value["video"], tags)) == "INVALID_VALUE_FOR_FIELD"


def test_the_parts_must_be_there_all_and_in_order(page: Page) -> None:
    film = mp4(5 * MEGABYTE)
    value = value_of(begin(page, "video", fileSizeBytes=len(film)))
    tags = send_parts(value, film)
    empty = value_of(begin(page, "video", fileSizeBytes=len(film)))
    video = value["video"]
    for wrong in (tags[::-1], tags[:1], [*tags, tags[0]], []):
        assert finalize(page, video, wrong).status_code == 400
    assert finalize(page, video, tags, token="x").status_code == 400
    assert finalize(page, empty["video"], tags).status_code == 400
    assert finalize(page, "urn:li:video:nothing", tags).status_code == 404
    assert state(page, video) == "WAITING_UPLOAD"
    for _time in range(2):
        assert finalize(page, video, tags).status_code == 200


@pytest.mark.parametrize("size", [None, 0, 75 * 1024 - 1, 500_000_001, "80000"])
def test_a_video_has_at_least_75_kilobytes_and_at_most_500_megabytes(
    page: Page, size: object
) -> None:
    assert code_of(begin(page, "video", fileSizeBytes=size)) == "INVALID_VALUE_FOR_FIELD"


def test_an_expired_range_is_401(page: Page, clock: RehearsalClock) -> None:
    value = value_of(begin(page, "video", fileSizeBytes=80_000))
    clock.advance_to(START + timedelta(hours=25))
    url = value["uploadInstructions"][0]["uploadUrl"]
    assert requests.put(url, data=mp4(80_000), timeout=5).status_code == 401


# posts


def test_every_kind_of_content_comes_back_as_it_was_sent(
    page: Page, clock: RehearsalClock, sandbox: Sandbox
) -> None:
    images = [up(page, png()) for _time in range(3)]
    document, video = up(page, pdf(), "document"), film_of(page, mp4())
    clock.advance_to(START + timedelta(minutes=1))
    poll = {
        "question": "Which day?",
        "options": [{"text": "Thursday"}, {"text": "Friday"}],
        "settings": {"duration": "THREE_DAYS"},
    }
    article = {
        "source": "https://example.org/a?utm_source=li",
        "title": "Title (plain text)",
        "description": "Plain text, not little text",
        "thumbnail": images[0],
        "thumbnailAltText": "alt",
    }
    several = [{"id": image, "altText": "한" * 4086} for image in images]
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "one": ("share", {"media": {"id": images[0], "altText": "Les drapeaux (petits)"}}),
        "several": ("ugcPost", {"multiImage": {"images": several}}),
        "document": ("ugcPost", {"media": {"title": "programme.pdf", "id": document}}),
        "video": ("ugcPost", {"media": {"title": "teaser", "id": video}}),
        "article": ("share", {"article": article}),
        "poll": ("ugcPost", {"poll": poll}),
    }
    for text, (kind, content) in kinds.items():
        answer = page.post(text, content=content)
        assert answer.status_code == 201, answer.text
        urn = answer.headers["x-restli-id"]
        assert urn.startswith(f"urn:li:{kind}:")
        assert page.call("GET", f"/rest/posts/{encoded(urn)}").json()["content"] == content
        other = (
            urn.replace("ugcPost", "other").replace("share", "ugcPost").replace("other", "share")
        )
        assert page.call("GET", f"/rest/posts/{encoded(other)}").status_code == 404
    assert page.post("", content=kinds["one"][1]).status_code == 201
    assert len(page.find().json()["elements"]) == 7
    assert len(sandbox.posts("linkedin")) == 7


def test_figures_of_a_ugc_post_are_asked_for_by_its_own_name(
    page: Page, clock: RehearsalClock
) -> None:
    images = [{"id": up(page, png())} for _time in range(2)]
    made = [page.post(str(n), content={"multiImage": {"images": images}}) for n in range(3)]
    urns = [encoded(answer.headers["x-restli-id"]) for answer in made]
    clock.advance_to(START + timedelta(days=3))
    answer = page.statistics(f"&ugcPosts=List({','.join(urns)})")
    assert len(answer.json()["elements"]) >= 2
    assert all(element["ugcPost"] for element in answer.json()["elements"])
    assert page.statistics(f"&shares=List({urns[0]})").status_code == 404


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({"media": {"id": "IMAGE"}, "article": {"source": "https://a.fr", "title": "a"}}, "VALUE"),
        ({"carousel": {}}, "VALUE"),
        ({"media": []}, "VALUE"),
        ({"media": {}}, "MISSING_FIELD"),
        ({"media": {"id": "urn:li:share:1"}}, "INVALID_URN_TYPE"),
        ({"media": {"id": "urn:li:image:nothing"}}, "INVALID_IMAGE_ID"),
        ({"media": {"id": "urn:li:video:nothing", "title": "a"}}, "INVALID_VIDEO_ID"),
        ({"media": {"id": "IMAGE", "altText": "é" * 4087}}, "FIELD_LENGTH_TOO_LONG"),
        ({"media": {"id": "IMAGE", "alt": "x"}}, "VALUE"),
        ({"media": {"id": "WAITING"}}, "MEDIA_ASSET_WAITING_UPLOAD"),
        ({"media": {"id": "DOCUMENT"}}, "MISSING_FIELD"),
        ({"multiImage": {"images": [{"id": "IMAGE"}]}}, "VALUE"),
        ({"multiImage": {"images": [{"id": "IMAGE"}] * 21}}, "VALUE"),
        ({"multiImage": {"images": [{"media": "IMAGE"}] * 2}}, "VALUE"),
        ({"multiImage": {"images": [{"id": "DOCUMENT"}] * 2}}, "INVALID_IMAGE_ID"),
        ({"article": {"source": "tours.fr", "title": "a"}}, "VALUE"),
        ({"article": {"source": "https://a.fr", "title": "a", "thumbnail": "WAITING"}}, "WAITING"),
        ({"article": {"source": "https://a.fr", "title": "a", "image": "IMAGE"}}, "VALUE"),
    ],
)
def test_a_content_that_linkedin_does_not_take_is_refused(
    page: Page, clock: RehearsalClock, sandbox: Sandbox, content: dict[str, Any], code: str
) -> None:
    files = {
        "IMAGE": up(page, png()),
        "DOCUMENT": up(page, pdf(), "document"),
        "WAITING": value_of(begin(page, "image"))["image"],
    }
    clock.advance_to(START + timedelta(minutes=1))
    written = json.dumps(content)
    for name, urn in files.items():
        written = written.replace(f'"{name}"', f'"{urn}"')
    answer = page.post("x", content=json.loads(written))
    assert answer.status_code == 400
    assert code in code_of(answer)
    assert sandbox.posts("linkedin") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"question": "q" * 141},
        {"question": ""},
        {"options": [{"text": "un"}]},
        {"options": [{"text": str(n)} for n in range(5)]},
        {"options": [{"text": "o" * 31}, {"text": "deux"}]},
        {"options": ["un", "deux"]},
        {"settings": {"duration": "TWO_DAYS"}},
        {"settings": {}},
        {"media": "x"},
    ],
)
def test_a_poll_has_its_limits(page: Page, changes: dict[str, Any]) -> None:
    poll = {
        "question": "q" * 140,
        "options": [{"text": "o" * 30}, {"text": "deux"}],
        "settings": {"duration": "FOURTEEN_DAYS"},
    }
    assert page.post("x", content={"poll": poll | changes}).status_code == 400
    assert page.post("x", content={"poll": poll}).status_code == 201


def test_an_image_may_be_posted_while_it_is_processed(page: Page) -> None:
    """As was recorded: an article one second after the upload, without asking."""
    image = up(page, png())
    card = {"source": "https://tours.fr", "title": "Tours", "thumbnail": image}
    assert page.post("x", content={"article": card}).status_code == 201


@pytest.mark.parametrize("name", ["article", "multi_image", "poll", "single_image"])
def test_the_collected_requests_are_taken(page: Page, name: str) -> None:
    path = DATA / "requests" / f"{name}.json"
    if not path.exists():
        pytest.skip("the collection of requests is not here")
    collected = json.loads(path.read_text())
    written = json.dumps(collected["body"])
    for urn in ("C4E10AQFoyyAjHPMQuQ", "C4E10AQFoyyAjHPMQuR"):
        written = written.replace(f"urn:li:image:{urn}", up(page, png()))
    body = json.loads(written) | {"author": page.author}
    answer = page.call("POST", "/rest/posts", json=body)
    assert answer.status_code == collected["expect"]["status"]
    assert answer.text == collected["expect"]["body"]
    assert collected["expect"]["header"] in {header.lower() for header in answer.headers}


def test_the_answers_to_uploads_have_the_documented_forms(page: Page) -> None:
    found = {
        "image_initialize_upload_200": value_of(begin(page, "image")),
        "document_initialize_upload_200": value_of(begin(page, "document")),
        "video_initialize_upload_200": value_of(begin(page, "video", fileSizeBytes=5242880)),
    }
    assert set(found["document_initialize_upload_200"]) == {
        "uploadUrlExpiresAt",
        "uploadUrl",
        "document",
    }
    for path in (*DATA.glob("docs/*_upload_200.json"), *DATA.glob("real/*_upload_200.json")):
        collected = json.loads(path.read_text())["response"]["body"]["value"]
        assert set(found[path.stem]) == set(collected)
        parts = found[path.stem].get("uploadInstructions", [])
        for part, other in zip(parts, collected.get("uploadInstructions", []), strict=True):
            assert {**part, "uploadUrl": ""} == {**other, "uploadUrl": ""}


# faults


@pytest.mark.parametrize(
    ("route", "failing"),
    [
        ("upload", "start"),
        ("upload_start", "start"),
        ("upload_part", "part"),
        ("upload_end", "end"),
        ("upload_status", "status"),
    ],
)
def test_each_step_of_an_upload_can_go_wrong(
    page: Page, sandbox: Sandbox, route: str, failing: str
) -> None:
    film = mp4()
    ready = value_of(begin(page, "video", fileSizeBytes=len(film)))
    sandbox.fault("linkedin", "unavailable_503", route=route)
    assert page.post("x").status_code == 201, "a post is no upload"
    url = ready["uploadInstructions"][0]["uploadUrl"]
    seen = {
        "start": begin(page, "image").status_code,
        "part": requests.put(url, data=film, timeout=5).status_code,
        "end": finalize(page, ready["video"], []).status_code,
        "status": page.call("GET", f"/rest/videos/{encoded(ready['video'])}").status_code,
    }
    assert [step for step, code in seen.items() if code == 503] == [failing]


def test_processing_can_fail_or_never_end(
    page: Page, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    for kind in ("processing_failed", "processing_stuck"):
        sandbox.fault("linkedin", kind)
    failed, stuck, sound = (up(page, png()) for _time in range(3))
    clock.advance_to(START + timedelta(hours=2))
    states = [state(page, urn) for urn in (failed, stuck, sound)]
    assert states == ["PROCESSING_FAILED", "PROCESSING", "AVAILABLE"]


def test_the_folder_of_a_world_holds_only_whole_files(tmp_path: Path) -> None:
    with Sandbox(RehearsalClock(START), tmp_path / "networks.db") as sandbox:
        page = Page(sandbox)
        image, film = up(page, png()), film_of(page, mp4(5 * MEGABYTE))
        page.session.close()
    names = {path.name: path.stat().st_size for path in (tmp_path / "networks.media").iterdir()}
    assert names == {
        f"linkedin-{image.rpartition(':')[2]}": len(png()),
        f"linkedin-{film.rpartition(':')[2]}": 5 * MEGABYTE,
    }
