"""Corrections on LinkedIn: a partial update of the commentary, which may simply be repeated."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.attached import Attached, Mention
from bot.clock import RehearsalClock
from bot.errors import AccountBlocked, NetworkError, NoAnswer, NotSent, Refused
from bot.model import PostState
from bot.networks import network_kind
from bot.networks.base import Connection, Corrector
from bot.networks.http import make_session
from bot.networks.linkedin.text import live_tags, to_little_text
from tests.fakes import Answer, Asked, FakeServer, serving
from tests.post_sample import NOW, SUWON_ON_LINKEDIN, sending

PAGE = "urn:li:organization:2414183"
PERSON = "urn:li:person:Ww-h__kIES"
SHARE = "urn:li:share:7348349577130860544"
OUT = sending(
    SUWON_ON_LINKEDIN,
    "11월 27일 #창업",
    state=PostState.PUBLISHED,
    remote_id=SHARE,
    url="https://www.linkedin.com/feed/update/urn:li:share:7348349577130860544/",
)
DONE = Answer(204, headers={"x-li-uuid": "AAY5"})
SHARED = Path(__file__).parents[2] / "shared" / "data" / "linkedin" / "requests" / "edit.json"


@contextmanager
def _linkedin(
    answer: Callable[[Asked], Answer] | Answer, author: str = PAGE
) -> Iterator[tuple[Any, FakeServer]]:
    with serving(answer) as fake, make_session(timeout=(1, 0.5), loopback_only=True) as session:
        settings = {**network_kind("linkedin").settings, "base_url": fake.url}
        keys = {"access_token": "token", "author": author}
        connection = Connection(SUWON_ON_LINKEDIN, settings, keys, session, RehearsalClock(NOW))
        yield network_kind("linkedin").connect(connection), fake


@pytest.mark.parametrize("author", [PAGE, PERSON])
def test_a_page_and_a_person_can_correct_what_they_said(author: str) -> None:
    with _linkedin(DONE, author) as (linkedin, fake):
        assert isinstance(linkedin, Corrector)
        assert not linkedin.renames
        assert linkedin.hindrance(OUT) is None
        published = linkedin.correct(OUT, "11월 28일(토) #창업")
    assert (published.remote_id, published.url) == (SHARE, OUT.url)
    assert (published.at, published.request_id, published.status) == (NOW, "AAY5", 204)
    (asked,) = fake.asked
    assert asked.method == "POST"
    assert asked.target == "/rest/posts/urn%3Ali%3Ashare%3A7348349577130860544"
    assert asked.headers["x-restli-method"] == "PARTIAL_UPDATE"
    assert asked.headers["linkedin-version"] == "202609"
    assert asked.json == {"patch": {"$set": {"commentary": "11월 28일\\(토\\) {hashtag|\\#|창업}"}}}


@pytest.mark.skipif(not SHARED.is_file(), reason="the shared data is not here")
def test_the_update_has_the_documented_form() -> None:
    documented = json.loads(SHARED.read_text("utf-8"))
    with _linkedin(DONE) as (linkedin, fake):
        linkedin.correct(OUT, documented["body"]["patch"]["$set"]["commentary"])
    (asked,) = fake.asked
    assert (asked.method, asked.json) == (documented["method"], documented["body"])
    for name in ("X-RestLi-Method", "X-Restli-Protocol-Version", "Content-Type"):
        assert asked.headers[name.lower()] == documented["headers"][name]


def test_a_mention_stays_one() -> None:
    named = Attached(mentions=(Mention("Ville de Tours", "urn:li:organization:7"),))
    with _linkedin(DONE) as (linkedin, fake):
        linkedin.correct(replace(OUT, attached=named), "Avec Ville de Tours")
    wire = fake.asked[0].json["patch"]["$set"]["commentary"]
    assert wire == "Avec @[Ville de Tours](urn:li:organization:7)"


@pytest.mark.parametrize(
    ("answer", "means"),
    [
        (Answer(404, {"status": 404, "code": "NOT_FOUND", "message": "Could not find"}), Refused),
        (Answer(403, {"status": 403, "code": "ACCESS_DENIED", "message": "No"}), AccountBlocked),
        (Answer(409, {"status": 409, "code": "CONFLICT", "message": "Retry"}), NotSent),
        (Answer(500, {"status": 500, "message": "Internal"}), NoAnswer),
        (Answer(hang_up=True), NoAnswer),
    ],
)
def test_what_an_answer_means_for_a_correction(answer: Answer, means: type[NetworkError]) -> None:
    with _linkedin(answer) as (linkedin, fake):
        with pytest.raises(NetworkError) as caught:
            linkedin.correct(OUT, "Autre")
        assert type(caught.value) is means
        assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("wire", "tags"),
    [
        ("{hashtag|\\#|Korea}은 {hashtag|#|France}", ("Korea", "France")),
        ("avec #Tours et \\#Suwon", ("Tours",)),
        ("C\\# \\#️⃣ et un # seul", ()),
        ("https://ville.fr/\\#accueil @[#non](urn:li:person:a\\_b)", ()),
        ("{hashtag|\\#|a\\_b}", ("a_b",)),
        ("", ()),
    ],
)
def test_the_hashtags_that_linkedin_makes_of_its_little_text(
    wire: str, tags: tuple[str, ...]
) -> None:
    assert live_tags(wire) == tags


def test_a_hashtag_that_pavois_sends_is_live() -> None:
    wire = to_little_text("[공지] #KoreaFranceLocalCooperation 🇫🇷🇰🇷 (12)")
    assert live_tags(wire) == ("KoreaFranceLocalCooperation",)
