"""The preview as a page that is sent for approval."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from bot.attached import Attached, LinkCard, Media, MediaFile, Poll, Sort
from bot.model import Account, Announcement, Campaign, Rendering
from bot.preview.build import Made, Surroundings, preview_of
from bot.preview.page import handle, initials, page
from bot.words import Message, speak
from tests.announcements_sample import MARK, announcement
from tests.conftest import START
from tests.fakes import PlainRules

TEXT = f"Suwon est à Tours.\n\nhttps://tours.fr/coree\n{MARK}"
PHOTO = Media("a1", Sort.PICTURE, "image/jpeg", 9, alt="La délégation", name="gare.jpg")
DRAWN = "data:image/jpeg;base64,AAAA"
VOID = {"meta", "link", "img", "br", "input", "hr"}


class Priced(PlainRules):
    def price(self, text: str, *, alt_texts: int = 0) -> Decimal:
        return Decimal("0.200" if self.links(text) else "0.015")


class Elements(HTMLParser):
    """Every element of a page with its attributes; all that are opened must be closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


Draw = Callable[..., str]


@pytest.fixture
def draw(campaign: Campaign) -> Draw:
    """The page of one announcement whose only post, on X, is *made* so."""

    def drawn(
        made: Rendering | Message | None = None,
        what: Announcement | None = None,
        pictures: Mapping[str, str] | None = None,
        **more: object,
    ) -> str:
        if made is None:
            known = Rendering("x", "fr", TEXT, len(TEXT), 300, "signs", shown=len(TEXT))
            made = replace(known, **more)  # type: ignore[arg-type]  # of the dataclass
        account = campaign.accounts["x-fr"]
        one = (
            Made(account, "fr", None, made)
            if isinstance(made, Message)
            else Made(account, made.language, made)
        )
        around = Surroundings(campaign, lambda _network: Priced(), lambda _network: "X", {}, START)
        preview = preview_of(what or announcement(campaign), [one], around)
        return page([preview], campaign, pictures or {})

    return drawn


def plain(html: str) -> str:
    """What is read of a page, in one line."""
    body = html.partition("<body>")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def test_the_post_is_shown_with_what_becomes_a_link_and_what_is_a_tag(draw: Draw) -> None:
    html = draw()
    assert '<span class="link">tours.fr/coree</span>' in html
    assert '<span class="tag">#KoreaFranceLocalCooperation</span>' in html
    assert f"{len(TEXT)} / 300 {300 - len(TEXT)} left" in plain(html)


def test_the_page_stands_alone_and_every_element_is_closed(draw: Draw) -> None:
    elements = Elements(draw(attached=Attached(media=(PHOTO,)), pictures={"a1": DRAWN})).found
    assert "script" not in [tag for tag, _attributes in elements]
    addresses = [
        value
        for _tag, attributes in elements
        for name, value in attributes.items()
        if name in {"src", "href"} and value
    ]
    assert addresses
    assert all(address.startswith("data:") for address in addresses)


def test_what_the_officer_writes_is_never_taken_for_html(draw: Draw) -> None:
    hostile = '<script>alert("1")</script> & "moi" <b>'
    attached = Attached(media=(replace(PHOTO, alt=hostile),))
    made = Rendering("x", "fr", hostile, 9, 300, "signs", 9, attached)
    html = draw(made, pictures={"a1": DRAWN}) + draw(Message("{problem}", {"problem": hostile}))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert 'alt="&lt;script&gt;alert(&#34;1&#34;)' in html


def test_a_picture_is_shown_with_its_alt_text_and_one_that_is_not_there_is_named(
    draw: Draw,
) -> None:
    attached = Attached(media=(PHOTO,))
    assert f'<img src="{DRAWN}" alt="La délégation">' in draw(
        attached=attached, pictures={"a1": DRAWN}
    )
    without = draw(attached=attached)
    assert "<img" not in without
    assert "ALT La délégation" in plain(without)


def test_a_document_and_a_film_have_a_sign_and_their_title(draw: Draw) -> None:
    document = Media("b2", Sort.DOCUMENT, "application/pdf", 9, title="Programme")
    film = Media("c3", Sort.VIDEO, "video/mp4", 9, title="La visite")
    assert "PDF Programme" in plain(draw(attached=Attached(media=(document,))))
    assert "▶ La visite" in plain(draw(attached=Attached(media=(film,))))


def test_a_poll_and_a_card_are_shown(draw: Draw) -> None:
    poll = Poll("Quel jour ?", ("Mardi", "Jeudi"), 3)
    assert "Quel jour ? Mardi Jeudi Poll, open for 3 days" in plain(
        draw(attached=Attached(poll=poll))
    )
    card = LinkCard("https://tours.fr/coree", "La Corée à Tours", "Le programme", PHOTO)
    html = draw(attached=Attached(card=card), pictures={"a1": DRAWN})
    assert "La Corée à Tours Le programme tours.fr" in plain(html)
    assert DRAWN in html


def test_the_posts_of_a_thread_are_numbered_and_the_first_shows_the_photo(draw: Draw) -> None:
    words = plain(draw(rest=(f"La suite.\n\n{MARK}",), attached=Attached(media=(PHOTO,))))
    assert words.index("1/2") < words.index("ALT La délégation") < words.index("2/2")
    assert words.index("2/2") < words.index("La suite.")


def test_what_keeps_it_from_going_out_stands_in_place_of_the_post(draw: Draw) -> None:
    html = draw(Message("The text is too long."))
    assert "The text is too long." in plain(html)
    assert 'class="card' not in html


def test_what_was_mended_cut_and_advised_is_listed(draw: Draw) -> None:
    html = draw(mends=(Message("A space was put."),), cuts=(Message("left out: “Merci.”"),))
    assert "A space was put." in plain(html)
    assert "left out: “Merci.”" in plain(html)


def test_a_price_is_shown_with_what_it_would_be_without_the_link(draw: Draw) -> None:
    words = plain(draw(link="https://tours.fr/coree"))
    assert "Price US$0.20 US$0.015 without its link" in words


def test_hours_are_shown_in_both_zones_and_what_is_missing_is_named(
    draw: Draw, campaign: Campaign
) -> None:
    what = replace(
        announcement(campaign, texts={"fr": "Bonjour"}, facts={}),
        at=datetime(2023, 3, 1, 9, tzinfo=UTC),
        valid_until=datetime(2023, 3, 31, 21, 59, tzinfo=UTC),
    )
    words = plain(draw(what=what))
    assert "News · 2023-03-01 10:00 Paris · 18:00 Seoul · valid until 2023-03-31 23:59" in words
    assert "Not written yet: Korean, English." in words
    assert "at the next free hour of each account" in plain(draw())


@pytest.mark.parametrize(
    ("language", "heading", "price"),
    [
        ("fr", "Français", "0,20\u00a0$US"),
        ("ko", "프랑스어", "US$0.20"),
        ("en", "French", "US$0.20"),
    ],
)
def test_the_page_speaks_its_readers_language_and_the_post_its_own(
    language: str, heading: str, price: str, draw: Draw
) -> None:
    speak(language)
    html = draw()
    assert f'<html lang="{language}">' in html
    assert f"<h2>{heading}</h2>" in html
    assert 'class="card x" lang="fr"' in html
    assert f"<dd>{price}</dd>" in html


def test_an_account_without_a_picture_has_its_letters_and_its_handle() -> None:
    account = Account("x", "x", "Ville de Tours", "tours", ("fr",), "Europe/Paris", ())
    assert (initials(account), handle(account)) == ("VD", "@tours")
    assert initials(replace(account, name="한국 협력")) == "한협"
    assert initials(replace(account, name="🇫🇷 !")) == "?"
    assert handle(replace(account, handle="@tours")) == "@tours"


def test_whose_a_picture_is_how_long_it_may_be_shown_and_who_agreed_stands_there(
    draw: Draw, campaign: Campaign
) -> None:
    photo = replace(PHOTO, credit="Ville de Tours", expires=date(2027, 12, 31))
    file = MediaFile("photos/gare.jpg", "a1", {}, consent="formulaire du 3 mars")
    what = replace(announcement(campaign), media=(file,))
    html = draw(what=what, attached=Attached(media=(photo,)))
    assert "© Ville de Tours · until 2027-12-31" in html
    assert "gare.jpg · consent: formulaire du 3 mars" in html
