"""The rehearsal's X takes media, polls and threads as X does (spec 2.167, reference/x.md §2.5)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from bot.clock import RehearsalClock, SystemClock
from bot.sandbox import Sandbox, x_schema
from bot.sandbox.engagement import votes
from bot.sandbox.magic import Found, look
from tests.test_sandbox_x import START, TAG, Officer
from tests.tiny_files import gif, jpeg, mp4, pdf, png, webp

RECORDED = Path(__file__).parents[2] / "shared/data/x/errors.json"
UPLOAD = "/2/media/upload"


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


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def begin(who: Officer, size: int, mime: str = "image/png", kind: str = "image") -> Any:
    asked = {"media_type": mime, "total_bytes": size, "media_category": f"tweet_{kind}"}
    return who.call("POST", f"{UPLOAD}/initialize", json=asked)


def append(who: Officer, number: str, index: int, data: bytes) -> requests.Response:
    piece = {"media": text_of(data), "segment_index": index}
    return who.call("POST", f"{UPLOAD}/{number}/append", json=piece)


def finalize(who: Officer, number: str) -> requests.Response:
    return who.call("POST", f"{UPLOAD}/{number}/finalize")


def status(who: Officer, number: str) -> dict[str, Any]:
    answer = who.get(UPLOAD, command="STATUS", media_id=number)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def up(who: Officer, data: bytes, mime: str = "image/png", kind: str = "image") -> str:
    """Upload in three calls; the number of the media."""
    number = str(begin(who, len(data), mime, kind).json()["data"]["id"])
    assert append(who, number, 0, data).status_code == 200
    assert finalize(who, number).status_code == 200
    return number


def wait_for(who: Officer, number: str) -> None:
    """Ask until the file is ready: a client that asks again is taken to have waited."""
    states = (status(who, number)["processing_info"]["state"] for _time in range(10))
    assert "succeeded" in states


def show(who: Officer, *numbers: str, text: str = TAG) -> requests.Response:
    return who.post(text, media={"media_ids": list(numbers)})


def refusal(answer: requests.Response) -> str:
    assert answer.status_code == 400, answer.text
    assert answer.json()["title"] == "Invalid Request"
    return str(answer.json()["errors"][0]["message"])


# uploading


def test_a_photo_goes_up_in_three_calls_and_is_ready_at_once(
    tours: Officer, sandbox: Sandbox
) -> None:
    photo = png(120, 80)
    began = begin(tours, len(photo))
    assert began.status_code == 202
    number = began.json()["data"]["id"]
    assert began.json() == {
        "data": {"id": number, "expires_after_secs": 86400, "media_key": f"3_{number}"}
    }
    assert began.headers["x-rate-limit-limit"] == "1875"
    for index in (1, 0):  # in which order they come does not matter, their numbers do
        added = append(tours, number, index, photo[index * 50 :][: 50 if index == 0 else None])
        assert added.json() == {"data": {"expires_at": int(START.timestamp()) + 86_400}}
    ended = finalize(tours, number).json()["data"]
    assert ended["size"] == len(photo)
    assert ended["image"] == {"image_type": "image/png", "w": 120, "h": 80}
    assert "processing_info" not in ended
    assert show(tours, number).status_code == 201
    assert sandbox.posts("x")[0].attached == {"media": [f"3_{number}"]}


def test_pieces_may_be_files_of_a_form_as_well_as_base64(tours: Officer) -> None:
    photo = jpeg(1200, 800)
    number = begin(tours, len(photo), "image/jpeg").json()["data"]["id"]
    for index, start in enumerate(range(0, len(photo), 40_000)):
        piece = {"media": ("blob", photo[start : start + 40_000])}
        where = f"{UPLOAD}/{number}/append"
        added = tours.call("POST", where, files=piece, data={"segment_index": str(index)})
        assert added.status_code == 200, added.text
    assert finalize(tours, number).json()["data"]["image"]["w"] == 1200


@pytest.mark.parametrize("form", ["json", "form"])
def test_a_photo_can_go_up_in_one_call(tours: Officer, form: str) -> None:
    photo = webp(300, 200)
    asked: dict[str, Any] = {"json": {"media": text_of(photo), "media_category": "tweet_image"}}
    if form == "form":
        asked = {"files": {"media": photo}, "data": {"media_category": "tweet_image"}}
    answer = tours.call("POST", UPLOAD, **asked)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["image"] == {"image_type": "image/webp", "w": 300, "h": 200}
    assert show(tours, answer.json()["data"]["id"]).status_code == 201


def test_the_retired_commands_are_refused(tours: Officer) -> None:
    for command in ("INIT", "APPEND", "FINALIZE"):
        asked = {"command": command, "media_type": "image/png", "total_bytes": "10"}
        for answer in (
            tours.call("POST", UPLOAD, data=asked),
            tours.call("POST", UPLOAD, files={"media": png()}, data=asked),
            tours.call("POST", f"{UPLOAD}?command={command}"),
        ):
            assert answer.status_code == 400
    assert "[STATUS]" in refusal(tours.get(UPLOAD, command="INIT", media_id="1"))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"media_type": None}, "$.media_type: is missing but it is required"),
        ({"total_bytes": "12"}, "$.total_bytes: string found, integer expected"),
        ({"total_bytes": True}, "$.total_bytes: boolean found, integer expected"),
        ({"total_bytes": 0}, "The file is empty."),
        ({"total_bytes": 5 * 2**20 + 1}, "File size exceeds 5242880 bytes."),
        ({"media_type": "image/heic"}, "$.media_type: does not have a value in the enumeration"),
        ({"media_type": "video/mp4"}, "media type unrecognized."),
        ({"media_category": "dm_image"}, "$.media_category: does not have a value in the"),
        ({"name": "a.png"}, "$.name: is not defined in the schema"),
    ],
)
def test_an_upload_that_x_does_not_take_is_refused_before_a_byte_is_sent(
    tours: Officer, changes: dict[str, Any], words: str
) -> None:
    whole = {"media_type": "image/png", "total_bytes": 10, "media_category": "tweet_image"}
    asked = {name: value for name, value in (whole | changes).items() if value is not None}
    assert refusal(tours.call("POST", f"{UPLOAD}/initialize", json=asked)).startswith(words)


@pytest.mark.parametrize(
    ("kind", "mime", "limit"),
    [("gif", "image/gif", 15 * 2**20), ("video", "video/mp4", 512 * 2**20)],
)
def test_a_gif_and_a_video_may_be_larger_than_a_photo(
    tours: Officer, kind: str, mime: str, limit: int
) -> None:
    assert begin(tours, limit, mime, kind).status_code == 202
    assert refusal(begin(tours, limit + 1, mime, kind)) == f"File size exceeds {limit} bytes."


def test_bytes_that_are_missing_too_many_or_of_another_kind_are_refused(tours: Officer) -> None:
    photo = png()
    lost = begin(tours, len(photo)).json()["data"]["id"]
    words = "Segments do not add up to provided total file size."
    assert refusal(finalize(tours, lost)) == words
    append(tours, lost, 0, photo[:20])
    append(tours, lost, 2, photo[20:])
    assert refusal(finalize(tours, lost)) == words, "segment 1 never came"
    append(tours, lost, 1, b"")
    append(tours, lost, 1, photo[20:])
    assert refusal(finalize(tours, lost)) == words, "there is more than was announced"
    other = begin(tours, len(pdf())).json()["data"]["id"]
    append(tours, other, 0, pdf())
    assert refusal(finalize(tours, other)) == "media type unrecognized."
    for number in (lost, other):
        assert refusal(show(tours, number)) == "Your media IDs are invalid."


def test_a_piece_that_is_sent_again_replaces_itself(tours: Officer) -> None:
    photo = png()
    number = begin(tours, len(photo)).json()["data"]["id"]
    for piece in (b"half of it", photo, photo):
        assert append(tours, number, 0, piece).status_code == 200
    assert finalize(tours, number).json() == finalize(tours, number).json()
    assert refusal(append(tours, number, 1, photo)) == "The upload is already finalized."


def test_a_piece_has_a_number_below_a_thousand_and_at_most_five_megabytes(tours: Officer) -> None:
    number = begin(tours, 9_000_000, "video/mp4", "video").json()["data"]["id"]
    assert "maximum value of 999" in refusal(append(tours, number, 1000, b"x"))
    assert "exceeds 5242880" in refusal(append(tours, number, 0, b"x" * (5 * 2**20 + 1)))
    assert append(tours, number, 0, b"x" * (5 * 2**20)).status_code == 200
    broken = {"media": "not base64!", "segment_index": 1}
    assert "base64" in refusal(tours.call("POST", f"{UPLOAD}/{number}/append", json=broken))
    without = tours.call("POST", f"{UPLOAD}/{number}/append", data={"segment_index": "1"})
    assert without.status_code == 400


def test_a_video_is_processed_by_the_clock_and_says_when_to_ask_again(
    tours: Officer, clock: RehearsalClock
) -> None:
    number = up(tours, mp4(), "video/mp4", "video")
    seen = []
    for second in (0, 3, 30):
        clock.advance_to(START + timedelta(seconds=second))
        seen.append(status(tours, number)["processing_info"])
    states = [one["state"] for one in seen]
    assert states == ["in_progress", "in_progress", "succeeded"]
    assert all(one["check_after_secs"] >= 1 for one in seen[:2])
    assert seen[-1] == {"state": "succeeded", "progress_percent": 100}
    assert show(tours, number).status_code == 201


def test_what_is_still_processed_cannot_be_shown(tours: Officer) -> None:
    number = begin(tours, len(gif()), "image/gif", "gif").json()["data"]["id"]
    append(tours, number, 0, gif())
    pending = finalize(tours, number).json()["data"]
    assert pending["processing_info"] == {"state": "pending", "check_after_secs": 1}
    assert pending["media_key"] == f"16_{number}"
    assert refusal(show(tours, number)) == "Your media IDs are invalid."
    wait_for(tours, number)
    assert show(tours, number).status_code == 201


def test_on_the_machines_clock_asking_makes_nothing_faster(tmp_path: Path) -> None:
    with Sandbox(SystemClock(), tmp_path / "networks.db") as sandbox:
        tours = Officer(sandbox, "tours")
        number = up(tours, mp4(), "video/mp4", "video")
        states = {status(tours, number)["processing_info"]["state"] for _time in range(5)}
        tours.session.close()
    assert states == {"pending"}


def test_a_gif_that_is_too_large_in_pixels_fails_while_it_is_processed(
    tours: Officer, clock: RehearsalClock
) -> None:
    number = up(tours, gif(1281, 720), "image/gif", "gif")
    clock.advance_to(START + timedelta(minutes=1))
    assert status(tours, number)["processing_info"]["state"] == "failed"
    assert refusal(show(tours, number)) == "Your media IDs are invalid."


def test_an_upload_is_its_owners_and_lasts_a_day(
    tours: Officer, suwon: Officer, clock: RehearsalClock
) -> None:
    number = up(tours, png())
    assert "not found" in refusal(suwon.get(UPLOAD, media_id=number))
    assert refusal(show(suwon, number)) == "Your media IDs are invalid."
    assert refusal(append(suwon, number, 0, b"x")).startswith("Media [")
    clock.advance_to(START + timedelta(hours=23, minutes=59))
    assert status(tours, number)["expires_after_secs"] == 60
    clock.advance_to(START + timedelta(hours=24))
    assert refusal(show(tours, number)) == "Your media IDs are invalid."
    assert refusal(tours.get(UPLOAD, media_id="nonsense")).endswith("is not valid")


def test_an_alternative_text_costs_and_has_at_most_a_thousand_characters(
    tours: Officer, suwon: Officer, sandbox: Sandbox
) -> None:
    number = up(tours, png())
    assert sandbox.spent() == 0

    def describe(words: str, who: Officer = tours) -> requests.Response:
        asked = {"id": number, "metadata": {"alt_text": {"text": words}}}
        return who.call("POST", "/2/media/metadata", json=asked)

    assert "may only be 1000 characters long" in refusal(describe("한" * 1001))
    assert "not found" in refusal(describe("x", suwon))
    for words in ("Les drapeaux", "한" * 1000):
        answer = describe(words)
        assert answer.status_code == 200
        told = {"alt_text": {"text": words}}
        assert answer.json() == {"data": {"id": number, "associated_metadata": told}}
    assert sandbox.spent() == 0.010
    assert answer.headers["x-rate-limit-remaining"] == "497"


def test_the_windows_of_uploads_are_their_own(tours: Officer) -> None:
    photo = png()
    limits = {
        begin(tours, 10).headers["x-rate-limit-limit"]: "1875",
        tours.call("POST", UPLOAD, json={}).headers["x-rate-limit-limit"]: "500",
        tours.get(UPLOAD, media_id=up(tours, photo)).headers["x-rate-limit-limit"]: "1000",
    }
    assert all(told == known for told, known in limits.items())


def test_the_answers_have_the_recorded_forms(tours: Officer, clock: RehearsalClock) -> None:
    film = mp4()
    began = begin(tours, len(film), "video/mp4", "video")
    number = began.json()["data"]["id"]
    told = {
        "media_init": began,
        "media_append": append(tours, number, 0, film),
        "media_finalize_processing": finalize(tours, number),
    }
    clock.advance_to(START + timedelta(minutes=1))
    told["media_status_done"] = tours.get(UPLOAD, command="STATUS", media_id=number)
    described = {"id": number, "metadata": {"alt_text": {"text": "..."}}}
    told["metadata_ok"] = tours.call("POST", "/2/media/metadata", json=described)
    assert {name: answer.status_code for name, answer in told.items()} == {
        "media_init": 202,
        "media_append": 200,
        "media_finalize_processing": 200,
        "media_status_done": 200,
        "metadata_ok": 200,
    }
    cases = json.loads(RECORDED.read_text())["cases"] if RECORDED.exists() else []
    for case in cases:
        if case["id"] in told:
            answer = told[case["id"]]
            assert (answer.status_code, keys_of(answer.json())) == (
                case["status"],
                keys_of(case["body"]),
            )


def keys_of(value: Any) -> Any:
    """The names in a JSON value, without what they stand for."""
    return {name: keys_of(item) for name, item in value.items()} if isinstance(value, dict) else ""


# showing


def test_four_photos_or_one_film_and_each_once(tours: Officer) -> None:
    photos = [up(tours, png()) for _number in range(5)]
    film = up(tours, mp4(), "video/mp4", "video")
    wait_for(tours, film)
    assert "maximum of 4 items" in refusal(show(tours, *photos))
    assert "minimum of 1 items" in refusal(show(tours))
    words = "Your media IDs are invalid."
    assert refusal(show(tours, photos[0], film)) == words
    assert refusal(show(tours, photos[0], photos[0])) == words
    assert refusal(show(tours, photos[0], "12")) == words
    assert show(tours, *photos[:4], text="quatre").status_code == 201
    assert show(tours, film, text="film").status_code == 201


def test_a_post_with_media_needs_no_text_and_gets_a_link_of_its_own(
    tours: Officer, sandbox: Sandbox
) -> None:
    silent = show(tours, up(tours, png()), text="").json()["data"]
    assert silent["text"].startswith("https://t.co/")
    photos = [up(tours, png()) for _time in range(2)]
    answer = show(tours, *photos, text=f"A & B {TAG}").json()["data"]
    assert sandbox.spent() == 0.030, "the link to the photo is none that costs"
    (shown,) = tours.get("/2/tweets", ids=answer["id"], tweet__fields="entities").json()["data"]
    links = shown["entities"]["urls"]
    assert [link["media_key"] for link in links] == [f"3_{number}" for number in photos]
    for link in links:
        assert shown["text"][link["start"] : link["end"]] == link["url"]
        assert link["expanded_url"].endswith(f"/tours/status/{answer['id']}/photo/1")
    assert shown["text"] == answer["text"] == f"A &amp; B {TAG} {links[0]['url']}"


@pytest.mark.parametrize("dialect", ["tweet", "post"])
def test_what_is_attached_can_be_asked_for(tours: Officer, dialect: str) -> None:
    photo = up(tours, png(120, 80))
    described = {"id": photo, "metadata": {"alt_text": {"text": "Les drapeaux"}}}
    tours.call("POST", "/2/media/metadata", json=described)
    number = show(tours, photo).json()["data"]["id"]
    query = {
        "ids": number,
        f"{dialect}__fields": "attachments",
        "expansions": "attachments.media_keys,attachments.poll_ids",
        "media__fields": "alt_text,type,url,width,height,duration_ms",
    }
    answer = tours.get("/2/tweets", **query).json()
    assert answer["data"][0]["attachments"] == {"media_keys": [f"3_{photo}"]}
    (media,) = answer["includes"]["media"]
    assert media.pop("url").startswith("https://pbs.twimg.com/media/")
    assert media == {
        "media_key": f"3_{photo}",
        "type": "photo",
        "width": 120,
        "height": 80,
        "alt_text": "Les drapeaux",
    }
    plain = tours.get("/2/tweets", ids=number).json()
    assert set(plain["data"][0]) == {"id", "text", "edit_history_tweet_ids"}
    assert "includes" not in plain


SPECIFICATION = RECORDED.parent / "openapi-2.167.json"
LIMITS = ("type", "minItems", "maxItems", "minLength", "maxLength", "minimum", "maximum", "pattern")


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("CreatePostsRequest", x_schema.POST),
        ("InitializeMediaUploadRequest", x_schema.INITIALIZE),
        ("AppendMediaUploadRequest", x_schema.APPEND),
        ("MediaUploadRequest", x_schema.ONE_SHOT),
        ("CreateMediaMetadataRequest", x_schema.METADATA),
    ],
)
def test_what_a_body_may_hold_is_what_the_specification_says(
    name: str, schema: x_schema.Schema
) -> None:
    if not SPECIFICATION.exists():
        pytest.skip("X's specification is not here")
    known = json.loads(SPECIFICATION.read_text())["components"]["schemas"]

    def compare(ours: x_schema.Schema, theirs: dict[str, Any]) -> None:
        """Everything that is played, to its limits; what is taken without a look has no type."""
        theirs = known[theirs["$ref"].rpartition("/")[2]] if "$ref" in theirs else theirs
        if "type" not in ours:
            return
        for limit in LIMITS:
            if limit in ours and "anyOf" not in theirs:
                assert ours[limit] == theirs[limit], (ours, theirs)
        assert set(ours.get("enum", ())) <= set(theirs.get("enum", ()))
        if "properties" in ours:
            assert ours["properties"].keys() == theirs["properties"].keys()
            assert set(theirs.get("required", ())) <= set(ours["required"])
            for one in ours["properties"]:
                compare(ours["properties"][one], theirs["properties"][one])
        if "items" in ours:
            compare(ours["items"], theirs["items"])

    compare(schema, known[name])


# polls

POLL = {"options": ["Climat", "문화와 관광", "Jeunesse"], "duration_minutes": 60}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"options": ["seule"]}, "$.poll.options: there must be a minimum of 2 items"),
        ({"options": list("abcde")}, "$.poll.options: there must be a maximum of 4 items"),
        ({"options": ["a", "b" * 26]}, "$.poll.options[1]: may only be 25 characters long"),
        ({"options": ["a", ""]}, "$.poll.options[1]: must be at least 1 characters long"),
        ({"duration_minutes": 4}, "$.poll.duration_minutes: must have a minimum value of 5"),
        ({"duration_minutes": 10081}, "$.poll.duration_minutes: must have a maximum value of"),
        ({"question": "?"}, "$.poll.question: is not defined in the schema"),
    ],
)
def test_a_poll_has_its_limits(tours: Officer, changes: dict[str, Any], words: str) -> None:
    assert refusal(tours.post(TAG, poll=POLL | changes)).startswith(words)


def test_a_poll_grows_and_closes(tours: Officer, clock: RehearsalClock) -> None:
    number = tours.post("Quel thème ?", poll=POLL).json()["data"]["id"]
    query = {
        "ids": number,
        "expansions": "attachments.poll_ids",
        "poll__fields": "duration_minutes,end_datetime,voting_status",
    }

    def asked() -> dict[str, Any]:
        answer = tours.get("/2/tweets", **query).json()
        (poll,) = answer["includes"]["polls"]
        assert answer["data"][0]["attachments"] == {"poll_ids": [poll["id"]]}
        found: dict[str, Any] = poll
        return found

    first = asked()
    assert [option["label"] for option in first["options"]] == POLL["options"]
    assert [option["position"] for option in first["options"]] == [1, 2, 3]
    assert sum(option["votes"] for option in first["options"]) == 0
    assert (first["voting_status"], first["duration_minutes"]) == ("open", 60)
    assert first["end_datetime"] == "2026-11-23T10:00:00.000Z"
    clock.advance_to(START + timedelta(minutes=60))
    closed = asked()
    clock.advance_to(START + timedelta(days=3))
    assert closed["voting_status"] == "closed"
    assert asked() == closed, "nobody votes in a closed poll"


def test_votes_only_grow_and_are_the_same_for_the_same_moment() -> None:
    ids = [number << 22 for number in range(1000, 1050)]
    voted = 0
    for one in ids:
        before: tuple[int, ...] = (0, 0, 0)
        for hours in range(0, 96, 6):
            now = votes(7, one, "x", START, START + timedelta(hours=hours), 3)
            assert all(later >= earlier for later, earlier in zip(now, before, strict=True))
            before = now
        assert before == votes(7, one, "x", START, START + timedelta(hours=90), 3)
        voted += sum(before) > 0
    assert voted > 40


def test_a_post_has_a_poll_or_media_or_a_quote(tours: Officer, sandbox: Sandbox) -> None:
    photo = up(tours, png())
    words = (
        "You can only provide one of poll or quote_tweet_id or direct_message_deep_link or media"
        " or card_uri."
    )
    both = tours.post(TAG, poll=POLL, media={"media_ids": [photo]})
    assert refusal(both) == words
    assert set(both.json()["errors"][0]["parameters"]) == {"poll", "media"}
    assert refusal(tours.post(TAG, poll=POLL, quote_tweet_id="12")) == words
    assert refusal(tours.post("", poll=POLL)).startswith("$.text")
    assert sandbox.posts("x") == []
    cases = json.loads(RECORDED.read_text())["cases"] if RECORDED.exists() else []
    for case in cases:
        if case["id"] == "exclusive_400":
            assert case["body"]["errors"][0]["message"] == words


# threads


def test_a_thread_is_one_conversation(tours: Officer, sandbox: Sandbox) -> None:
    first = tours.post_id("un")
    second = tours.post("deux", reply={"in_reply_to_tweet_id": first}).json()["data"]["id"]
    third = tours.post("trois", reply={"in_reply_to_tweet_id": second}).json()["data"]["id"]
    fields = "conversation_id,referenced_tweets,in_reply_to_user_id"
    ids = f"{first},{second},{third}"
    one, two, three = tours.get("/2/tweets", ids=ids, tweet__fields=fields).json()["data"]
    assert {post["conversation_id"] for post in (one, two, three)} == {first}
    assert "referenced_tweets" not in one
    assert two["referenced_tweets"] == [{"type": "replied_to", "id": first}]
    assert three["referenced_tweets"] == [{"type": "replied_to", "id": second}]
    assert three["in_reply_to_user_id"] == tours.user
    new = tours.get("/2/tweets", ids=third, post__fields="referenced_posts").json()["data"]
    assert new[0]["referenced_posts"] == three["referenced_tweets"]
    assert sandbox.posts("x")[0].conversation == int(first)


def test_nobody_answers_what_is_gone_or_another_s(
    tours: Officer, suwon: Officer, sandbox: Sandbox
) -> None:
    first, theirs = tours.post_id("un"), suwon.post_id("하나")
    tours.delete(first)
    for number in (first, theirs, "9" * 19):
        assert tours.post("deux", reply={"in_reply_to_tweet_id": number}).status_code == 403
    words = "$.reply.in_reply_to_tweet_id: is missing but it is required"
    answer = tours.post("deux", reply={})
    assert refusal(answer) == words
    assert answer.json()["errors"][0]["parameters"] == {"$.reply": ["{}"]}
    assert len(sandbox.posts("x")) == 2


# faults


@pytest.mark.parametrize(
    ("route", "failing"),
    [
        ("upload", "start"),
        ("upload_start", "start"),
        ("upload_part", "part"),
        ("upload_end", "end"),
        ("upload_status", "status"),
        ("upload_alt", "alt"),
    ],
)
def test_each_step_of_an_upload_can_go_wrong(
    tours: Officer, sandbox: Sandbox, route: str, failing: str
) -> None:
    sandbox.fault("x", "unavailable_503", route=route)
    assert tours.post(TAG).status_code == 201, "a post is no upload"
    photo = png()
    seen: dict[str, int] = {}
    began = begin(tours, len(photo))
    seen["start"] = began.status_code
    number = "1"
    if began.status_code == 202:
        number = began.json()["data"]["id"]
    seen["part"] = append(tours, number, 0, photo).status_code
    seen["end"] = finalize(tours, number).status_code
    seen["status"] = tours.get(UPLOAD, media_id=number).status_code
    seen["alt"] = tours.call("POST", "/2/media/metadata", json={"id": number}).status_code
    assert [step for step, code in seen.items() if code == 503] == [failing]


def test_a_lost_answer_leaves_the_piece_behind(tours: Officer, sandbox: Sandbox) -> None:
    photo = png()
    number = begin(tours, len(photo)).json()["data"]["id"]
    sandbox.fault("x", "drop_after", route="upload_part")
    with pytest.raises(requests.ConnectionError):
        append(tours, number, 0, photo)
    assert finalize(tours, number).status_code == 200


def test_processing_can_fail_or_never_end(
    tours: Officer, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    for kind in ("processing_failed", "processing_stuck"):
        sandbox.fault("x", kind)
    failed, stuck, sound = (up(tours, mp4(), "video/mp4", "video") for _time in range(3))
    clock.advance_to(START + timedelta(hours=2))
    states = [status(tours, one)["processing_info"]["state"] for one in (failed, stuck, sound)]
    assert states == ["failed", "in_progress", "succeeded"]
    assert status(tours, stuck)["processing_info"]["progress_percent"] < 100


# what the bytes say


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (png(120, 80), Found("image/png", 120, 80)),
        (jpeg(4000, 3000), Found("image/jpeg", 4000, 3000)),
        (gif(1280, 1080), Found("image/gif", 1280, 1080)),
        (webp(1600, 900), Found("image/webp", 1600, 900)),
        (
            b"RIFF\x1a\0\0\0WEBPVP8 \0\0\0\0" + b"\x30\1\0\x9d\1\x2a" + b"\x40\1\xf0\0" + b"\0" * 4,
            Found("image/webp", 320, 240),
        ),
        (
            b"RIFF\x1a\0\0\0WEBPVP8L\0\0\0\0\x2f" + (319 | 239 << 14).to_bytes(4, "little"),
            Found("image/webp", 320, 240),
        ),
        (mp4(), Found("video/mp4")),
        (mp4(brand=b"qt  "), Found("video/quicktime")),
        (pdf(), Found("application/pdf")),
        (b"PK\x03\x04" + b"\0" * 40, Found("application/zip")),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", Found()),
        (png()[:20], Found()),
        (jpeg()[:5000], Found()),
        (gif()[:7], Found()),
        (b"", Found()),
    ],
)
def test_a_file_is_known_by_its_first_bytes(data: bytes, found: Found, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with path.open("rb") as file:
        assert look(file) == found
