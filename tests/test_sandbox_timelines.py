"""The rehearsal's two pages show what people would see."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1Session

from bot.clock import RehearsalClock
from bot.sandbox import Sandbox
from bot.sandbox.language import language_of
from bot.words import speak, spoken
from tests.tiny_files import gif, jpeg, mp4, pdf, png

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


def ask_x(sandbox: Sandbox, path: str, body: Any, name: str = "Ville de Tours") -> Any:
    slug = name.rsplit(maxsplit=1)[-1].lower()
    keys = sandbox.open_account("x", slug, name, slug)
    names = ("api_key", "api_secret", "access_token", "access_secret")
    with OAuth1Session(*(keys[one] for one in names)) as session:
        answer = session.post(f"{sandbox.x_url}/2/{path}", json=body, timeout=5)
        assert answer.ok, answer.text
        return answer.json()["data"]


def tweet(sandbox: Sandbox, text: str, name: str = "Ville de Tours", **more: Any) -> str:
    return str(ask_x(sandbox, "tweets", {"text": text} | more, name)["id"])


def photo_on_x(sandbox: Sandbox, data: bytes, alt: str = "") -> str:
    """Upload and describe a photo; its number."""
    media = base64.b64encode(data).decode()
    asked = {"media": media, "media_category": "tweet_image"}
    number = str(ask_x(sandbox, "media/upload", asked)["id"])
    if alt:
        described = {"id": number, "metadata": {"alt_text": {"text": alt}}}
        ask_x(sandbox, "media/metadata", described)
    return number


def film_on_x(sandbox: Sandbox, data: bytes, kind: str, mime: str) -> str:
    """Upload a GIF or a video; its number. The clock of the test goes on before it is shown."""
    asked = {"media_type": mime, "total_bytes": len(data), "media_category": f"tweet_{kind}"}
    number = str(ask_x(sandbox, "media/upload/initialize", asked)["id"])
    piece = {"media": base64.b64encode(data).decode(), "segment_index": 0}
    ask_x(sandbox, f"media/upload/{number}/append", piece)
    ask_x(sandbox, f"media/upload/{number}/finalize", None)
    return number


def file_on_linkedin(sandbox: Sandbox, data: bytes, kind: str = "image") -> str:
    """Upload an image or a document; its URN."""
    keys = sandbox.open_account("linkedin", "tours", "Ville de Tours", "Ville de Tours")
    headers = {"Authorization": f"Bearer {keys['access_token']}", "LinkedIn-Version": "202609"}
    url = f"{sandbox.linkedin_url}/rest/{kind}s?action=initializeUpload"
    asked = {"initializeUploadRequest": {"owner": keys["author"]}}
    value = requests.post(url, json=asked, headers=headers, timeout=5).json()["value"]
    put = requests.put(value["uploadUrl"], data=data, headers=headers, timeout=5)
    assert put.status_code == 201
    return str(value[kind])


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

    VOID = frozenset({"meta", "link", "img"})

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
    assert " style=" not in html, "a strict content security policy refuses it"
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


# what goes out with a text


def test_photos_stand_in_the_page_with_their_alternative_texts(sandbox: Sandbox) -> None:
    first = photo_on_x(sandbox, png(), "Les drapeaux de la France et de la Corée")
    second = photo_on_x(sandbox, png(9, 9))
    tweet(sandbox, "Bonjour", media={"media_ids": [first, second]})
    page = Page(sandbox.timeline_page("x"))
    described, bare = page.all("img")
    assert described["alt"] == "Les drapeaux de la France et de la Corée"
    assert described["lang"] == "fr"
    assert described["src"] == f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    assert (bare["alt"], bare["width"]) == ("", "9")
    assert page.all("div", **{"class": "photos n2"})
    assert [found for found in page.all("details") if "open" in found]
    assert page.words.count("Les drapeaux de la France et de la Corée") == 1, "people read it too"
    assert "No alternative text." in page.words
    assert "t.co" not in page.words


def test_linkedin_shows_five_of_many_images_and_how_many_more(sandbox: Sandbox) -> None:
    images = [
        {"id": file_on_linkedin(sandbox, png(8 + n, 6)), "altText": f"photo {n}"} for n in range(7)
    ]
    share(sandbox, "Bonjour", content={"multiImage": {"images": images}})
    page = Page(sandbox.timeline_page("linkedin"))
    assert len(page.all("img")) == 5
    assert "+2" in page.words
    assert all(f"photo {n}" in page.words for n in range(7)), "every alternative text can be read"


def test_a_large_photo_lies_beside_the_page(tmp_path: Path) -> None:
    clock, large = RehearsalClock(EVENING_IN_PARIS), jpeg(4000, 3000) + os.urandom(400_000)
    with Sandbox(clock, tmp_path / "networks.db") as sandbox:
        number = photo_on_x(sandbox, large, "La place Plumereau")
        tweet(sandbox, "Bonjour", media={"media_ids": [number]})
        (photo,) = Page(sandbox.timeline_page("x")).all("img")
        assert photo["src"] == f"networks.media/x-{number}"
        assert (tmp_path / photo["src"]).read_bytes() == large
        answer = requests.get(f"{sandbox.x_url}/{photo['src']}", timeout=5)
        assert (answer.content, answer.headers["content-type"]) == (large, "image/jpeg")
        elsewhere = f"{sandbox.x_url}/networks.media/..%2Fnetworks.db"
        assert requests.get(elsewhere, timeout=5).status_code == 404
        (tmp_path / "networks.media" / f"x-{number}").unlink()
        assert requests.get(f"{sandbox.x_url}/{photo['src']}", timeout=5).status_code == 404
        page = Page(sandbox.timeline_page("x"))
    assert page.all("img") == []
    assert page.all("span", **{"class": "gone"})


def test_a_page_holds_so_many_bytes_of_photos_and_no_more(sandbox: Sandbox) -> None:
    for number in range(17):
        photo = png() + os.urandom(380_000)
        media = {"media_ids": [photo_on_x(sandbox, photo)]}
        tweet(sandbox, f"Photo {number}", media=media)
    sources = [str(found["src"])[:5] for found in Page(sandbox.timeline_page("x")).all("img")]
    assert sources.count("data:") == 15
    assert sources[0] == "data:", "the newest stand in the page"
    assert len(sandbox.timeline_page("x")) < 9_000_000


def test_a_gif_and_a_video_stand_still_under_their_mark(
    sandbox: Sandbox, clock: RehearsalClock
) -> None:
    moving = film_on_x(sandbox, gif(), "gif", "image/gif")
    described = {"id": moving, "metadata": {"alt_text": {"text": "Les drapeaux flottent"}}}
    ask_x(sandbox, "media/metadata", described)
    film = film_on_x(sandbox, mp4(), "video", "video/mp4")
    clock.advance_to(EVENING_IN_PARIS + timedelta(minutes=1))
    tweet(sandbox, "Un GIF", media={"media_ids": [moving]})
    tweet(sandbox, "Un film", media={"media_ids": [film], "title": "Forum 2026"})
    page = Page(sandbox.timeline_page("x"))
    assert len(page.all("div", **{"class": "film"})) == 2
    assert page.all("img") == []
    for words in ("GIF", "Video", "Forum 2026", "Les drapeaux flottent"):
        assert words in page.words


def test_a_document_shows_its_title_and_its_form(sandbox: Sandbox, clock: RehearsalClock) -> None:
    document = file_on_linkedin(sandbox, pdf(), "document")
    clock.advance_to(EVENING_IN_PARIS + timedelta(minutes=1))
    media = {"media": {"id": document, "title": "Programme <2026>.pdf"}}
    share(sandbox, "Le programme", content=media)
    page = Page(sandbox.timeline_page("linkedin"))
    assert "Programme <2026>.pdf" in page.words
    assert "Document · PDF" in page.words


def test_the_card_of_a_link_has_its_picture(sandbox: Sandbox) -> None:
    article = {
        "source": "https://www.tours.fr/coree",
        "title": "Tours et Suwon",
        "thumbnail": file_on_linkedin(sandbox, png()),
        "thumbnailAltText": "La signature",
    }
    share(sandbox, "Lire", content={"article": article})
    page = Page(sandbox.timeline_page("linkedin"))
    (picture,) = page.all("img")
    assert picture["alt"] == "La signature"
    assert page.all("a", href="https://www.tours.fr/coree")


@pytest.mark.parametrize("network", ["x", "linkedin"])
def test_a_poll_shows_its_votes_and_how_long_it_is_open(
    sandbox: Sandbox, clock: RehearsalClock, network: str
) -> None:
    labels = ["Climat et eau", "문화와 관광"]
    for number in range(4):
        poll = {"options": labels, "duration_minutes": 4320}
        tweet(sandbox, f"Quel thème ? {number}", poll=poll)
        content = {
            "question": "Quel thème pour 2027 ?",
            "options": [{"text": label} for label in labels],
            "settings": {"duration": "THREE_DAYS"},
        }
        share(sandbox, f"Votez {number}", content={"poll": content})
    fresh = sandbox.timeline_page(network)
    page = Page(fresh)
    assert "0 votes · 3 days left" in page.words
    assert fresh.count('<span class="share">0%</span>') == 8
    assert ("Quel thème pour 2027 ?" in page.words) == (network == "linkedin")
    clock.advance_to(EVENING_IN_PARIS + timedelta(days=4))
    closed = sandbox.timeline_page(network)
    page = Page(closed)
    assert all(label in page.words for label in labels)
    assert page.words.count("Final results") == 4
    shares = [int(share) for share in re.findall(r'<rect width="(\d+)%"', closed)]
    assert len(shares) == 8
    assert max(shares) > 20
    for one, other in zip(shares[::2], shares[1::2], strict=True):
        assert one + other in {0, 99, 100, 101}


def test_a_thread_reads_downwards_and_says_where_one_is(
    sandbox: Sandbox, clock: RehearsalClock
) -> None:
    first = tweet(sandbox, "un")
    alone = tweet(sandbox, "seul")
    clock.advance_to(EVENING_IN_PARIS + timedelta(hours=7))
    second = tweet(sandbox, "deux", reply={"in_reply_to_tweet_id": first})
    third = tweet(sandbox, "trois", reply={"in_reply_to_tweet_id": second})
    page = Page(sandbox.timeline_page("x"))
    shown = [str(found["id"]).removeprefix("post-") for found in page.all("article")]
    assert shown == [alone, first, second, third]
    assert [found["id"] for found in page.all("h2")] == ["day-2026-11-23"]
    assert re.findall(r"Thread \d/\d", page.words) == [f"Thread {n}/3" for n in (1, 2, 3)]
    assert len(page.all("article", **{"class": "joined"})) == 2
