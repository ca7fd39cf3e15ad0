"""Edits on the rehearsal's networks: X's new versions, LinkedIn's partial updates, and refusals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from bot.clock import RehearsalClock
from bot.sandbox import Sandbox
from tests.test_sandbox_linkedin import Page, encoded
from tests.test_sandbox_x import TAG, Officer

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> RehearsalClock:
    return RehearsalClock(START)


@pytest.fixture
def tours(sandbox: Sandbox) -> Iterator[Officer]:
    """A town hall that pays for Premium."""
    officer = Officer(sandbox, "tours")
    sandbox.set_premium("tours")
    yield officer
    officer.session.close()


@pytest.fixture
def page(sandbox: Sandbox) -> Iterator[Page]:
    page = Page(sandbox)
    yield page
    page.session.close()


def edit(officer: Officer, number: str, text: str, **more: Any) -> requests.Response:
    return officer.post(text, edit_options={"previous_post_id": number}, **more)


def edited(officer: Officer, number: str, text: str) -> str:
    answer = edit(officer, number, text)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["data"]["id"])


# X


def test_an_edit_is_a_version_with_a_number_of_its_own(
    tours: Officer, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    first = tours.post_id(f"Bonjour {TAG}")
    clock.wait(10 * MINUTE)
    second = edited(tours, first, f"Bonsoir {TAG}")
    assert second != first
    (shown,) = tours.get(f"/2/users/{tours.user}/tweets", tweet__fields="edit_controls").json()[
        "data"
    ]
    assert (shown["id"], shown["text"]) == (second, f"Bonsoir {TAG}")
    assert shown["edit_history_tweet_ids"] == [first, second]
    assert shown["edit_controls"] == {
        "is_edit_eligible": True,
        "editable_until": "2026-11-23T10:00:00.000Z",
        "edits_remaining": 4,
    }
    standing = [post.id for post in sandbox.posts("x") if post.stands]
    assert standing == [int(second)]


def test_an_earlier_version_is_still_found_by_its_number_with_its_own_figures(
    tours: Officer, clock: RehearsalClock
) -> None:
    first = tours.post_id(f"Bonjour {TAG}")
    clock.wait(50 * MINUTE)
    second = edited(tours, first, f"Bonsoir {TAG}")
    clock.wait(timedelta(days=2))
    asked = {"ids": f"{first},{second}", "tweet.fields": "public_metrics"}
    old, new = tours.call("GET", "/2/tweets", params=asked).json()["data"]
    assert (old["text"], new["text"]) == (f"Bonjour {TAG}", f"Bonsoir {TAG}")
    seen = [one["public_metrics"]["impression_count"] for one in (old, new)]
    clock.wait(timedelta(days=2))
    again = tours.call("GET", "/2/tweets", params=asked).json()["data"]
    after = [one["public_metrics"]["impression_count"] for one in again]
    assert after[0] == seen[0], "nobody sees the old version any more"
    assert after[1] > seen[1]


def test_deleting_a_version_deletes_them_all(tours: Officer, sandbox: Sandbox) -> None:
    other = tours.post_id("Autre chose")
    first = tours.post_id("Bonjour")
    second = edited(tours, first, "Bonsoir")
    third = edited(tours, second, "Bonne nuit")
    assert tours.delete(second).json() == {"data": {"deleted": True}}
    gone = {str(post.id) for post in sandbox.posts("x") if post.deleted_at}
    assert gone == {first, second, third}
    assert [str(post.id) for post in sandbox.posts("x") if post.stands] == [other]


def test_a_thread_stays_one_when_its_beginning_is_edited(tours: Officer, sandbox: Sandbox) -> None:
    first = tours.post_id("Un")
    head = edited(tours, first, "Un, corrigé")
    tours.post("Deux", reply={"in_reply_to_tweet_id": head})
    assert {post.conversation for post in sandbox.posts("x") if post.reply_to} == {int(first)}
    assert "Thread 2/2" in sandbox.timeline_page("x")


@pytest.mark.parametrize(
    "case",
    ["without Premium", "after an hour", "of another", "of a poll", "a sixth", "an old version"],
)
def test_an_edit_that_x_does_not_allow_is_refused(
    case: str, tours: Officer, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    poll = {"options": ["Oui", "Non"], "duration_minutes": 60}
    number = tours.post("Bonjour", **({"poll": poll} if case == "of a poll" else {})).json()[
        "data"
    ]["id"]
    officer = tours
    if case == "without Premium":
        sandbox.set_premium("tours", pays=False)
    if case == "after an hour":
        clock.wait(61 * MINUTE)
    if case == "of another":
        officer = Officer(sandbox, "suwon")
        sandbox.set_premium("suwon")
    if case == "a sixth":
        for version in range(5):
            number = edited(tours, number, f"Bonjour {version}")
    if case == "an old version":
        edited(tours, number, "Bonsoir")
    answer = edit(officer, number, "Autrement")
    officer.session.close()
    assert answer.status_code == 403
    assert answer.json()["detail"] == "You are not permitted to perform this action."


def test_the_hour_counts_from_the_first_version(tours: Officer, clock: RehearsalClock) -> None:
    number = tours.post_id("Bonjour")
    clock.wait(40 * MINUTE)
    number = edited(tours, number, "Bonsoir")
    clock.wait(21 * MINUTE)
    assert edit(tours, number, "Bonne nuit").status_code == 403


def test_an_edit_costs_what_a_post_costs_and_is_no_place_for_a_text_that_is_too_long(
    tours: Officer, sandbox: Sandbox
) -> None:
    number = tours.post_id("Bonjour")
    before = sandbox.spent()
    number = edited(tours, number, "Bonsoir")
    assert sandbox.spent() - before == pytest.approx(0.015)
    assert "too long" in edit(tours, number, "a" * 281).json()["detail"]
    bad = tours.post("Bonjour", edit_options={"previous": "1"})
    assert bad.status_code == 400


# LinkedIn


def update(page: Page, urn: str, change: object, **more: Any) -> requests.Response:
    headers = {"X-RestLi-Method": "PARTIAL_UPDATE"} | more.pop("headers", {})
    return page.call(
        "POST", f"/rest/posts/{encoded(urn)}", json={"patch": {"$set": change}}, headers=headers
    )


def test_a_partial_update_changes_the_text_and_nothing_else(
    page: Page, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    urn = page.urn("Bonjour")
    clock.wait(timedelta(days=3))
    answer = update(page, urn, {"commentary": "Bonsoir {hashtag|\\#|Tours}"})
    assert (answer.status_code, answer.content) == (204, b"")
    (post,) = page.find().json()["elements"]
    assert (post["id"], post["commentary"]) == (urn, "Bonsoir {hashtag|\\#|Tours}")
    assert post["lifecycleStateInfo"] == {"isEditedByAuthor": True}
    assert post["lastModifiedAt"] - post["createdAt"] == 3 * 86_400_000
    again = update(page, urn, {"commentary": "Bonsoir {hashtag|\\#|Tours}"})
    assert again.status_code == 204
    assert len(sandbox.posts("linkedin")) == 1


def test_an_edit_is_cut_as_a_post_is(page: Page, sandbox: Sandbox) -> None:
    urn = page.urn("Bonjour")
    assert update(page, urn, {"commentary": "Bonsoir (Tours)"}).status_code == 204
    (post,) = sandbox.posts("linkedin")
    assert (post.shown, post.truncated_at) == ("Bonsoir ", 8)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({}, "MISSING_FIELD"),
        ("Bonsoir", "MISSING_FIELD"),
        ({"visibility": "LOGGED_IN"}, "INVALID_VALUE_FOR_FIELD"),
        ({"commentary": 7}, "INVALID_VALUE_FOR_FIELD"),
        ({"commentary": ""}, "INVALID_VALUE_BLANK_FIELD"),
        ({"commentary": "a" * 3001}, "FIELD_ARRAY_SIZE_TOO_HIGH"),
    ],
)
def test_an_update_that_linkedin_does_not_take_is_refused(
    change: object, code: str, page: Page, sandbox: Sandbox
) -> None:
    answer = update(page, page.urn("Bonjour"), change)
    assert answer.status_code == 400
    assert answer.json()["errorDetails"]["inputErrors"][0]["code"] == code
    assert sandbox.posts("linkedin")[0].edited_at is None


def test_an_update_needs_its_method_its_post_and_its_author(page: Page, sandbox: Sandbox) -> None:
    urn = page.urn("Bonjour")
    assert (
        update(page, urn, {"commentary": "x"}, headers={"X-RestLi-Method": ""}).status_code == 400
    )
    assert update(page, "urn:li:share:1", {"commentary": "x"}).status_code == 404
    suwon = Page(sandbox, "suwon")
    assert update(suwon, urn, {"commentary": "x"}).status_code == 403
    suwon.session.close()
    page.call("DELETE", f"/rest/posts/{encoded(urn)}")
    assert update(page, urn, {"commentary": "x"}).status_code == 404


def test_a_fault_can_hit_an_update(page: Page, sandbox: Sandbox) -> None:
    urn = page.urn("Bonjour")
    sandbox.fault("linkedin", "error_500_after", route="correct")
    assert update(page, urn, {"commentary": "Bonsoir"}).status_code == 500
    assert sandbox.posts("linkedin")[0].shown == "Bonsoir"


# both pages


def test_an_edited_post_says_so_on_its_page_and_stands_there_once(
    tours: Officer, page: Page, sandbox: Sandbox, clock: RehearsalClock
) -> None:
    number, urn = tours.post_id("Bonjour"), page.urn("Bonjour")
    assert "edited at" not in sandbox.timeline_page("x") + sandbox.timeline_page("linkedin")
    clock.wait(10 * MINUTE)
    edited(tours, number, "Bonsoir")
    update(page, urn, {"commentary": "Bonsoir"})
    for network in ("x", "linkedin"):
        html = sandbox.timeline_page(network)
        assert "edited at" in html
        assert "10:10</time></span>" in html
        assert "10:00 Paris" in html, "published when it was"
        assert "Bonjour" not in html
        assert html.count("<article") == 1
