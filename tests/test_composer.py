"""An announcement as each account will publish it: files made ready, pages read once."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.attached import AnnouncedCard, AnnouncedPoll, Media, MediaFile, Page, Sort
from bot.campaigns import load_campaign
from bot.compose.marks import mark_faults
from bot.compose.rules import Rules
from bot.composer import Composer
from bot.media.store import MediaStore, hash_of
from bot.model import Announcement, Campaign, Handle, Rendering
from bot.networks import NETWORKS, network_kind
from bot.networks.linkedin.text import to_little_text
from bot.pages.card import PageCard
from bot.preview.build import Made
from bot.sandbox.little_text import parse
from tests.announcements_sample import MARK, announcement
from tests.conftest import DATA
from tests.fakes import PageList, PageNotes, PlainRules
from tests.media_files import as_mp4, as_pdf, corner_colours, corners
from tests.tiny_files import png

LINK = "https://tours.example/coree"
CARD = PageCard(LINK, "La Corée à Tours", "Le programme", "https://tours.example/a.png")


def real(network: str) -> Rules:
    return network_kind(network).rules


class PlainWithCards(PlainRules):
    has_cards = True


def plain(network: str) -> Rules:
    return PlainWithCards() if network == "linkedin" else PlainRules()


@pytest.fixture
def shelf(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "shelf")


@pytest.fixture
def pages() -> PageList:
    return PageList({LINK: CARD}, {CARD.picture: png()})


@pytest.fixture
def notes() -> PageNotes:
    return PageNotes()


Compose = Callable[..., dict[str, Made]]


@pytest.fixture
def compose(campaign: Campaign, shelf: MediaStore, pages: PageList, notes: PageNotes) -> Compose:
    def made(
        what: Announcement,
        rules_of: Callable[[str], Rules] = plain,
        campaign: Campaign = campaign,
        languages: tuple[str, ...] = (),
    ) -> dict[str, Made]:
        composer = Composer(campaign, rules_of, str.upper, shelf, notes, pages)
        found = composer.made(what, languages)
        return {f"{one.account.slug} {one.language}": one for one in found}

    return made


def rendering(made: Made) -> Rendering:
    assert made.rendering, made.problem
    return made.rendering


def photo(folder: Path, name: str = "gare.png", **fields: object) -> MediaFile:
    path = folder / name
    path.write_bytes(png())
    with path.open("rb") as file:
        known = MediaFile(str(path), hash_of(file), {"fr": "La gare", "ko": "역", "en": "Station"})
    return replace(known, **fields)  # type: ignore[arg-type]  # of the dataclass


# accounts and languages


def test_each_account_gets_the_languages_that_it_speaks(
    campaign: Campaign, compose: Compose
) -> None:
    made = compose(announcement(campaign))
    assert list(made) == ["x-fr fr", "x-fr en", "x-ko ko", "linkedin-fr fr"]
    assert rendering(made["x-ko ko"]).text.endswith(MARK)


def test_a_language_that_is_not_written_is_left_out(campaign: Campaign, compose: Compose) -> None:
    what = announcement(campaign, facts={"headline": {"fr": "Bonjour"}})
    assert list(compose(what)) == ["x-fr fr", "linkedin-fr fr"]


def test_only_the_languages_that_are_asked_for_are_made(
    campaign: Campaign, compose: Compose
) -> None:
    assert list(compose(announcement(campaign), languages=("ko",))) == ["x-ko ko"]


def test_what_cannot_be_made_for_one_network_says_why_and_the_others_are_made(
    campaign: Campaign, compose: Compose
) -> None:
    what = announcement(campaign, texts={"fr": "Trop" * 20, "ko": "네", "en": "Yes"})
    rules = {"x": PlainRules(90), "linkedin": PlainRules(300)}
    made = compose(what, rules.__getitem__)
    assert made["x-fr fr"].rendering is None
    assert "too many. Shorten texts.fr" in str(made["x-fr fr"].problem)
    assert rendering(made["linkedin-fr fr"]).text.startswith("Trop")


# files


def test_a_photo_goes_out_with_its_alt_text_in_each_language(
    tmp_path: Path, campaign: Campaign, compose: Compose, shelf: MediaStore
) -> None:
    what = replace(announcement(campaign), media=(photo(tmp_path),))
    made = compose(what, real)
    alts = {name: rendering(one).attached.media[0].alt for name, one in made.items()}
    assert alts == {
        "x-fr fr": "La gare",
        "x-fr en": "Station",
        "x-ko ko": "역",
        "linkedin-fr fr": "La gare",
    }
    assert all(shelf.has(rendering(one).attached.media[0].sha256) for one in made.values())


def test_a_document_stays_away_from_a_network_that_takes_none_and_that_is_noted(
    tmp_path: Path, campaign: Campaign, compose: Compose
) -> None:
    path = tmp_path / "programme.pdf"
    path.write_bytes(as_pdf())
    what = replace(announcement(campaign), media=(MediaFile(str(path), "", {}),))
    made = compose(what, real)
    assert [str(note) for note in rendering(made["x-fr fr"]).notes] == [
        "X does not take programme.pdf: it goes out without."
    ]
    assert rendering(made["x-fr fr"]).attached.media == ()
    (document,) = rendering(made["linkedin-fr fr"]).attached.media
    assert (document.sort, document.title) == (Sort.DOCUMENT, "programme")


def test_a_film_that_a_network_may_not_show_is_noted_each_time(
    tmp_path: Path, campaign: Campaign, compose: Compose
) -> None:
    path = tmp_path / "visite.mp4"
    path.write_bytes(as_mp4(pictures=80_000, codec=b"hvc1"))
    what = replace(announcement(campaign), media=(MediaFile(str(path), "", {}),))
    for _time in range(2):
        (note,) = rendering(compose(what, real)["x-fr fr"]).notes
        assert str(note).startswith("The video visite.mp4 is coded as hvc1,")


def test_a_file_that_is_no_picture_is_a_problem_that_names_it(
    tmp_path: Path, campaign: Campaign, compose: Compose
) -> None:
    broken = photo(tmp_path)
    Path(broken.path).write_bytes(b"no picture")
    made = compose(replace(announcement(campaign), media=(broken,)), real)
    assert all(one.rendering is None and "gare.png" in str(one.problem) for one in made.values())


def test_a_file_for_one_network_is_not_looked_at_for_the_others(
    tmp_path: Path, campaign: Campaign, compose: Compose
) -> None:
    broken = photo(tmp_path, networks=("linkedin",))
    Path(broken.path).write_bytes(b"no picture")
    made = compose(replace(announcement(campaign), media=(broken,)), real)
    assert [name for name, one in made.items() if one.problem] == ["linkedin-fr fr"]


def test_a_picture_is_shown_small_and_a_document_not_at_all(
    campaign: Campaign, shelf: MediaStore, notes: PageNotes, pages: PageList, tmp_path: Path
) -> None:
    composer = Composer(campaign, real, str.upper, shelf, notes, pages)
    path = tmp_path / "grande.png"
    corners((1600, 800)).save(path)
    sha256 = shelf.put(path)
    address = composer._thumbnail(Media(sha256, Sort.PICTURE, "image/png", 9))
    kind, _, data = address.partition(";base64,")
    assert kind in {"data:image/png", "data:image/jpeg"}
    assert corner_colours(base64.b64decode(data)) == ("red", "lime", "blue", "yellow")
    assert len(data) < 150_000
    assert composer._thumbnail(Media(sha256, Sort.DOCUMENT, "application/pdf", 9)) == ""


# links


def test_where_a_network_shows_a_card_the_link_is_there_and_not_in_the_text(
    campaign: Campaign, compose: Compose, shelf: MediaStore
) -> None:
    made = compose(announcement(campaign, link=LINK), real)
    on_x, on_linkedin = rendering(made["x-fr fr"]), rendering(made["linkedin-fr fr"])
    assert on_x.attached.card is None
    assert (LINK in on_x.text, on_x.link) == (True, LINK)
    card = on_linkedin.attached.card
    assert card is not None
    assert (card.url, card.title, card.description) == (LINK, "La Corée à Tours", "Le programme")
    assert card.picture is not None
    assert shelf.has(card.picture.sha256)
    assert (LINK in on_linkedin.text, on_linkedin.link) == (False, "")


def test_a_page_is_read_once_and_never_where_no_card_is_shown(
    campaign: Campaign, compose: Compose, pages: PageList, notes: PageNotes
) -> None:
    what = announcement(campaign, link=LINK)
    compose(what)
    compose(what)
    assert pages.asked == [LINK, CARD.picture]
    assert [page.title for page in notes.kept] == ["La Corée à Tours"]
    compose(what, lambda _network: PlainRules())
    assert pages.asked == [LINK, CARD.picture]


def test_a_page_that_is_down_is_noted_and_asked_again_the_next_time(
    campaign: Campaign, compose: Compose, pages: PageList, notes: PageNotes
) -> None:
    pages.pages = {}
    made = rendering(compose(announcement(campaign, link=LINK))["linkedin-fr fr"])
    assert [str(note) for note in made.notes] == [
        "The page is down. The link's card shows the first line of the text."
    ]
    assert made.attached.card is not None
    assert made.attached.card.title == "Bonjour"
    assert notes.kept == []
    compose(announcement(campaign, link=LINK))
    assert pages.asked == [LINK, LINK]


def test_a_page_that_was_read_long_ago_is_read_again_and_stands_while_it_is_down(
    campaign: Campaign, compose: Compose, pages: PageList, notes: PageNotes
) -> None:
    what = announcement(campaign, link=LINK)
    notes.keep(Page(LINK, "L’an dernier"))
    notes.old = True

    def title() -> str:
        card = rendering(compose(what)["linkedin-fr fr"]).attached.card
        return card.title if card else ""

    kept, pages.pages = pages.pages, {}
    assert title() == "L’an dernier"
    pages.pages = kept
    assert title() == "La Corée à Tours"


def test_an_announcement_may_name_the_accounts_that_publish_it(
    campaign: Campaign, compose: Compose
) -> None:
    what = announcement(campaign, accounts=["x-ko", "linkedin-fr"])
    assert set(compose(what)) == {"x-ko ko", "linkedin-fr fr"}


def test_a_first_line_on_a_card_names_partners_as_people_do(
    campaign: Campaign, compose: Compose
) -> None:
    texts = dict.fromkeys(("fr", "ko", "en"), "Venez voir @[suwon].\nEt encore.")
    what = announcement(campaign, texts=texts, link="https://down.example")
    card = rendering(compose(what)["linkedin-fr fr"]).attached.card
    assert card is not None
    assert card.title == "Venez voir Suwon."


@pytest.mark.parametrize("picture", [b"no picture", b""])
def test_a_pages_picture_that_cannot_be_used_is_left_out(
    picture: bytes, campaign: Campaign, compose: Compose, pages: PageList
) -> None:
    pages.pictures = {CARD.picture: picture} if picture else {}
    made = rendering(compose(announcement(campaign, link=LINK))["linkedin-fr fr"])
    assert made.attached.card is not None
    assert (made.attached.card.title, made.attached.card.picture) == ("La Corée à Tours", None)


def test_a_pages_picture_that_is_gone_from_the_shelf_is_read_again(
    campaign: Campaign, compose: Compose, notes: PageNotes, shelf: MediaStore
) -> None:
    what = announcement(campaign, link=LINK)
    before = rendering(compose(what)["linkedin-fr fr"]).attached.card
    for path in shelf.folder.glob("??/*"):
        path.write_bytes(b"damaged")
    assert rendering(compose(what)["linkedin-fr fr"]).attached.card == before
    assert before is not None
    assert before.picture is not None
    assert shelf.has(before.picture.sha256)


def test_a_picture_that_is_gone_from_shelf_and_web_is_left_out(
    campaign: Campaign, compose: Compose, notes: PageNotes, pages: PageList
) -> None:
    pages.pages = {}
    notes.keep(Page(LINK, "La Corée", "", "0" * 64))
    made = rendering(compose(announcement(campaign, link=LINK))["linkedin-fr fr"])
    assert made.attached.card is not None
    assert (made.attached.card.title, made.attached.card.picture) == ("La Corée", None)


def test_the_officers_own_words_and_picture_stand_on_the_card(
    tmp_path: Path, campaign: Campaign, compose: Compose
) -> None:
    own = AnnouncedCard({"fr": "Venez !"}, {}, photo(tmp_path))
    what = replace(announcement(campaign, link=LINK), card=own)
    card = rendering(compose(what, real)["linkedin-fr fr"]).attached.card
    assert card is not None
    assert (card.title, card.description) == ("Venez !", "Le programme")
    assert card.picture is not None
    assert (card.picture.name, card.picture.alt) == ("gare.png", "La gare")


def test_a_card_gives_way_to_photos_and_its_link_goes_back_into_the_text(
    tmp_path: Path, campaign: Campaign, compose: Compose, pages: PageList
) -> None:
    pages.pages = {}
    what = replace(announcement(campaign, link=LINK), media=(photo(tmp_path),))
    made = rendering(compose(what, real)["linkedin-fr fr"])
    assert made.attached.card is None
    assert LINK in made.text
    assert made.notes == (), "what is not shown is not spoken of"


def test_a_network_may_go_without_the_link(
    campaign: Campaign, compose: Compose, pages: PageList
) -> None:
    made = compose(announcement(campaign, link=LINK, without_link=["x", "linkedin"]))
    assert not any(LINK in rendering(one).text for one in made.values())
    assert pages.asked == []


def test_the_campaigns_parameters_are_added_to_the_link_but_the_page_is_read_without(
    campaign: Campaign, compose: Compose, pages: PageList
) -> None:
    counted = replace(campaign, utm={"source": "{network}", "content": "{announcement}-{language}"})
    made = compose(announcement(campaign, link=LINK), campaign=counted)
    assert rendering(made["x-fr en"]).link == f"{LINK}?utm_source=x&utm_content=bonjour-en"
    card = rendering(made["linkedin-fr fr"]).attached.card
    assert card is not None
    assert card.url == f"{LINK}?utm_source=linkedin&utm_content=bonjour-fr"
    assert pages.asked[0] == LINK


# whatever the officer writes


TRAPS = [
    *(
        "La délégation de Suwon",
        "visitera la mairie.",
        "l’élue",
        "«\u00a0Bonjour\u00a0!\u00a0»",
        "M.",
    ),
    *("le 12 mars 2023 à 18 h.", "3\u202f500\u00a0€", "\ufb01n", "e\u0301", "\n", "\n\n", " "),
    *("포럼은 3월 1일(수) 오후 6시에 열립니다.", "한국과 프랑스의", "한", "가.", "에서", "및"),
    *("The forum opens.", "10:00–12:00", "(see below", ")", "[a](b)", "*_~|<>{}@\\", "@[tours]"),
    *(
        "#KoreaFranceLocalCooperation",
        "#koreafrancelocalcooperation에서",
        "＃KoreaFranceLocalCooperation",
    ),
    *("🇫🇷🇰🇷", "🇫🇷", "🇰🇷\u200d", "👩🏽‍🏫", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "\u200b", "\ufeff", "\u202e", "\u00ad"),
    *(
        "#Bretagne",
        "#한국",
        "#",
        "$KRW",
        "README.md",
        "ville.de",
        "https://ville.fr/a_(b)?c=#d",
        "a." * 30,
    ),
    *("{hashtag|\\#|Tag}", "mot " * 40, "가나다라 " * 30, "x" * 120),
]
#: Words, with traps among them.
TEXTS = st.lists(st.sampled_from(TRAPS) | st.text(max_size=8), min_size=1, max_size=14).map("".join)
WITH_SPACES = st.lists(st.sampled_from(TRAPS), min_size=1, max_size=30).map(" ".join)


@cache
def whole_campaign() -> Campaign:
    """The small campaign; its X account in French makes threads, LinkedIn knows Tours by a URN."""
    campaign = load_campaign(DATA / "campaign", NETWORKS)
    accounts = dict(campaign.accounts)
    accounts["x-fr"] = replace(accounts["x-fr"], threads=True)
    urn = "urn:li:organization:2414183"
    tours = replace(
        campaign.partners["tours"],
        handles={"x": Handle("tours"), "linkedin": Handle("Ville de Tours", urn)},
    )
    return replace(campaign, accounts=accounts, partners={**campaign.partners, "tours": tours})


def made_of(texts: dict[str, str], link: str, shelf: Path) -> list[Made]:
    campaign = whole_campaign()
    what = Announcement(
        "annonce",
        campaign.slug,
        "news",
        {},
        {language: (text,) for language, text in texts.items()},
        (),
        link,
        None,
        None,
    )
    pages = PageList({LINK: replace(CARD, picture="")})
    composer = Composer(campaign, real, str.upper, MediaStore(shelf), PageNotes(), pages)
    return list(composer.made(what))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    texts=st.fixed_dictionaries(dict.fromkeys(("fr", "ko", "en"), TEXTS | WITH_SPACES)),
    link=st.sampled_from(["", LINK]),
)
def test_whatever_is_written_each_post_fits_and_carries_the_mark_once_as_it_will_be_shown(
    texts: dict[str, str], link: str, tmp_path: Path
) -> None:
    campaign = whole_campaign()
    for made in made_of(texts, link, tmp_path):
        if made.rendering is None:
            assert str(made.problem)
            continue
        rules = real(made.account.network)
        mentions = made.rendering.attached.mentions
        for text in (made.rendering.text, *made.rendering.rest):
            assert rules.measure(text, mentions).length <= rules.limit
            names = [tag.name.casefold() for tag in rules.tags(text)]
            assert names.count(campaign.hashtag.casefold()) == 1
            assert mark_faults(text, campaign.hashtag, campaign.countries, rules) == ()
            if made.account.network == "linkedin":
                shown = parse(to_little_text(text, mentions))
                assert (shown.shown, shown.cut_at) == (text, None)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=TEXTS | WITH_SPACES, link=st.sampled_from(["", LINK]))
@example(text="＃KoreaFranceLocalCooperation", link="")
@example(text="#koreafrancelocalcooperation", link="")
def test_what_was_made_fit_once_stays_as_it_is_when_it_is_written_again(
    text: str, link: str, tmp_path: Path
) -> None:
    for made in made_of({"fr": text}, link, tmp_path):
        if made.rendering is None or made.rendering.rest:
            continue
        again = {
            one.account.slug: one for one in made_of({"fr": made.rendering.text}, link, tmp_path)
        }[made.account.slug]
        assert rendering(again).text == made.rendering.text
        assert rendering(again).cuts == ()


def test_a_cards_title_is_the_first_line_that_really_goes_out(
    campaign: Campaign, compose: Compose
) -> None:
    long = "mot " * 300
    texts = dict.fromkeys(("fr", "ko", "en"), f"{long}\nEt encore.")
    what = announcement(campaign, texts=texts, link="https://down.example")
    card = rendering(compose(what, real)["linkedin-fr fr"]).attached.card
    assert card is not None
    assert len(card.title) <= 120
    assert card.title.endswith("mot…")


def test_a_pages_picture_has_the_title_for_those_who_do_not_see_it(
    campaign: Campaign, compose: Compose
) -> None:
    card = rendering(compose(announcement(campaign, link=LINK))["linkedin-fr fr"]).attached.card
    assert card is not None
    assert card.picture is not None
    assert card.picture.alt == card.title


@pytest.mark.parametrize(("text", "told"), [("Votez !", True), ("Quelle date ?", False)])
def test_that_x_shows_no_question_over_a_poll_is_told_when_the_text_asks_none(
    text: str, told: bool, campaign: Campaign, compose: Compose
) -> None:
    what = announcement(campaign, texts={"fr": text}, facts={})
    what = replace(what, poll=AnnouncedPoll({"fr": "Quelle date ?"}, ({"fr": "a"}, {"fr": "b"}), 3))
    made = {slug: rendering(one) for slug, one in compose(what, real).items()}
    on_x, on_linkedin = made["x-fr fr"], made["linkedin-fr fr"]
    assert on_x.attached.poll is not None
    assert on_x.attached.poll.question == ""
    assert on_linkedin.attached.poll is not None
    assert on_linkedin.attached.poll.question == "Quelle date ?"
    assert any("no question" in str(note) for note in on_x.notes) is told
    assert on_linkedin.notes == ()


def test_a_card_that_a_photo_takes_the_place_of_is_told(
    campaign: Campaign, compose: Compose, tmp_path: Path
) -> None:
    what = announcement(campaign, link=LINK, card={"title": "Venez"})
    made = rendering(compose(replace(what, media=(photo(tmp_path),)))["linkedin-fr fr"])
    assert made.attached.card is None
    assert [str(note) for note in made.notes] == [
        "Its card is not shown: files or a poll take its place."
    ]


def test_a_page_that_is_down_is_no_matter_where_the_officer_gave_the_title(
    campaign: Campaign, compose: Compose
) -> None:
    what = announcement(campaign, link="https://down.example", card={"title": "Venez"})
    made = rendering(compose(what)["linkedin-fr fr"])
    assert made.attached.card is not None
    assert (made.attached.card.title, made.notes) == ("Venez", ())
