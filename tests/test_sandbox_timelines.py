"""The rehearsal's two pages show what people would see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1Session

from bot.clock import RehearsalClock
from bot.sandbox import Sandbox
from bot.sandbox.language import language_of
from bot.words import speak, spoken

EVENING_IN_PARIS = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)


@pytest.fixture
def clock() -> RehearsalClock:
    return RehearsalClock(EVENING_IN_PARIS)


@pytest.fixture
def sandbox(clock: RehearsalClock) -> Iterator[Sandbox]:
    with Sandbox(clock) as running:
        yield running


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LANGUAGE", "en")
    before = spoken()
    speak("en")
    yield
    speak(before)


def tweet(sandbox: Sandbox, text: str, name: str = "Ville de Tours") -> str:
    slug = name.rsplit(maxsplit=1)[-1].lower()
    keys = sandbox.open_account("x", slug, name, slug)
    names = ("api_key", "api_secret", "access_token", "access_secret")
    with OAuth1Session(*(keys[one] for one in names)) as session:
        url = f"{sandbox.x_url}/2/tweets"
        answer = session.post(url, json={"text": text}, timeout=5)
        assert answer.status_code == 201
        return str(answer.json()["data"]["id"])


def share(sandbox: Sandbox, commentary: str, **more: Any) -> str:
    keys = sandbox.open_account("linkedin", "tours", "Ville de Tours", "Ville de Tours")
    body: dict[str, Any] = {
        "author": keys["author"],
        "commentary": commentary,
        "visibility": "PUBLIC",
        "distribution": {"feedDistribution": "MAIN_FEED"},
        "lifecycleState": "PUBLISHED",
    }
    headers = {"Authorization": f"Bearer {keys['access_token']}", "LinkedIn-Version": "202609"}
    url = f"{sandbox.linkedin_url}/rest/posts"
    answer = requests.post(url, json=body | more, headers=headers, timeout=5)
    assert answer.status_code == 201
    return answer.headers["x-restli-id"]


class Page(HTMLParser):
    """What a page holds: its words, its elements, and whether each one that opens is closed."""

    VOID = frozenset({"meta", "link"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str, **attributes: str) -> list[dict[str, str | None]]:
        return [
            found
            for name, found in self.tags
            if name == tag and attributes.items() <= found.items()
        ]


@pytest.mark.parametrize("network", ["x", "linkedin"])
def test_an_empty_page_says_so_and_says_that_it_is_a_rehearsal(
    sandbox: Sandbox, network: str
) -> None:
    page = Page(sandbox.timeline_page(network))
    assert "Nothing has been published here yet." in page.words
    assert "· rehearsal" in page.words
    assert page.all("article") == []


@pytest.mark.parametrize("network", ["x", "linkedin"])
def test_a_page_needs_nothing_from_elsewhere(sandbox: Sandbox, network: str) -> None:
    tweet(sandbox, "Bonjour")
    share(sandbox, "Bonjour")
    html = sandbox.timeline_page(network)
    page = Page(html)
    assert not page.all("script")
    assert not page.all("img")
    assert [found["href"] for found in page.all("link")] == ["data:,"]
    assert "url(" not in html
    assert "@import" not in html
    assert page.all("html", lang="en")
    assert page.all("meta", name="viewport")


def test_the_page_of_each_network_is_at_its_address(sandbox: Sandbox) -> None:
    tweet(sandbox, "Bonjour")
    for base, network in ((sandbox.x_url, "x"), (sandbox.linkedin_url, "linkedin")):
        answer = requests.get(f"{base}/", timeout=5)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.text == sandbox.timeline_page(network)


def test_a_post_shows_its_tag_its_link_and_its_author_as_on_x(sandbox: Sandbox) -> None:
    number = tweet(
        sandbox,
        "수원시와 함께합니다 https://www.suwon.go.kr/web/board/view.do?id=1 #KoreaFrance 🇫🇷🇰🇷",
    )
    page = Page(sandbox.timeline_page("x"))
    (link,) = (found for found in page.all("a") if found["href"] != "#posts")
    assert link["href"] == "https://www.suwon.go.kr/web/board/view.do?id=1"
    assert "suwon.go.kr/web/board/view…" in page.words
    assert page.all("span", **{"class": "tag"})
    assert page.all("article", id=f"post-{number}")
    assert page.all("div", lang="ko")
    assert "VT" in page.words
    assert "@tours" in page.words


def test_a_post_has_its_time_in_paris_and_in_seoul(sandbox: Sandbox) -> None:
    tweet(sandbox, "Bonsoir")
    page = Page(sandbox.timeline_page("x"))
    moments = [found["datetime"] for found in page.all("time")]
    assert "2026-11-23T18:30:00+01:00" in moments
    assert "2026-11-24T02:30:00+09:00" in moments
    assert "18:30 Paris" in page.words
    assert "02:30 Seoul (next day)" in page.words


def test_posts_stand_by_day_newest_first_and_deleted_ones_are_gone(
    sandbox: Sandbox, clock: RehearsalClock
) -> None:
    first = share(sandbox, "un")
    clock.advance_to(EVENING_IN_PARIS + timedelta(hours=1))
    second = share(sandbox, "deux")
    clock.advance_to(EVENING_IN_PARIS + timedelta(days=1))
    third = share(sandbox, "trois")
    page = Page(sandbox.timeline_page("linkedin"))
    shown = [found["id"] for found in page.all("article")]
    assert shown == [f"post-{urn.rpartition(':')[2]}" for urn in (third, second, first)]
    assert [found["id"] for found in page.all("h2")] == ["day-2026-11-24", "day-2026-11-23"]
    keys = sandbox.open_account("linkedin", "tours", "Ville de Tours", "Ville de Tours")
    headers = {"Authorization": f"Bearer {keys['access_token']}", "LinkedIn-Version": "202609"}
    url = f"{sandbox.linkedin_url}/rest/posts/{third}"
    assert requests.delete(url, headers=headers, timeout=5).status_code == 204
    assert len(Page(sandbox.timeline_page("linkedin")).all("article")) == 2


def test_a_post_that_linkedin_cut_bears_a_red_mark(sandbox: Sandbox) -> None:
    share(sandbox, "Rendez-vous à Brest (Finistère)")
    page = Page(sandbox.timeline_page("linkedin"))
    assert page.all("p", **{"class": "cut"})
    assert "cut at “(Finistère)…”: 11 characters were sent and not published" in page.words
    share(sandbox, "Rendez-vous à Brest \\(Finistère\\)")
    page = Page(sandbox.timeline_page("linkedin"))
    assert len(page.all("p", **{"class": "cut"})) == 1


def test_an_article_shows_its_card_on_linkedin(sandbox: Sandbox) -> None:
    card = {"article": {"source": "https://www.tours.fr/coree", "title": "Tours & Yongin"}}
    share(sandbox, "Lire {hashtag|\\#|Tours} https://tours.fr.", content=card)
    page = Page(sandbox.timeline_page("linkedin"))
    assert "Tours & Yongin" in page.words
    assert "www.tours.fr" in page.words
    assert page.all("a", href="https://tours.fr")


def test_what_a_post_says_stays_words(sandbox: Sandbox) -> None:
    tweet(sandbox, "<script>alert(1)</script> & <b>", name="<i>Tours")
    page = Page(sandbox.timeline_page("x"))
    assert not page.all("script")
    assert not page.all("b")
    assert "<script>alert(1)</script> & <b>" in page.words


def test_the_figures_of_the_page_are_those_that_the_network_gives(
    sandbox: Sandbox, clock: RehearsalClock
) -> None:
    for number in range(3):
        tweet(sandbox, f"Bonjour {number}")
    clock.advance_to(EVENING_IN_PARIS + timedelta(days=2))
    keys = sandbox.open_account("x", "tours", "Ville de Tours", "tours")
    names = ("api_key", "api_secret", "access_token", "access_secret")
    with OAuth1Session(*(keys[one] for one in names)) as session:
        user = keys["access_token"].partition("-")[0]
        url = f"{sandbox.x_url}/2/users/{user}/tweets?tweet.fields=public_metrics"
        told = session.get(url, timeout=5).json()["data"]
    views = [f"{post['public_metrics']['impression_count']:,}" for post in told]
    html = sandbox.timeline_page("x")
    shown = re.findall(r"<dt>views</dt><dd>([^<]+)</dd>", html)
    assert [number.replace("\u202f", ",") for number in shown] == views


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("La ville de Tours reçoit une délégation de Suwon #KoreaFrance", "fr"),
        ("A delegation from Suwon visits Tours on 3 December", "en"),
        ("수원시 대표단이 Tours 시를 방문합니다 #KoreaFranceLocalCooperation", "ko"),
        ("Forum à Brest : « 수원 » https://www.brest.fr/forum", "fr"),
    ],
)
def test_a_post_is_read_aloud_in_its_language(text: str, language: str) -> None:
    assert language_of(text) == language
