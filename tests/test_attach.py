"""What of an announcement's files, poll and link goes out on a network."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bot.attached import AnnouncedCard, AnnouncedPoll, LinkCard, Media, MediaFile, Sort
from bot.compose.attach import Place, Ready, attached, files_for, said_of_the_link
from bot.compose.rules import PollLimits, Takes
from bot.errors import RenderError
from bot.model import Announcement
from tests.fakes import PlainRules

NEWS = Announcement("visite", "c", "news", {}, {"fr": ("Bonjour",)}, (), "", None, None)
PHOTO = MediaFile("photos/gare.jpg", "a1", {"fr": "La gare", "ko": "역"}, expires=date(2027, 1, 1))
JPEG = Media("b2", Sort.PICTURE, "image/jpeg", 1000, 640, 480)
PDF = Media("c3", Sort.DOCUMENT, "application/pdf", 1000)
CARD = LinkCard("https://tours.fr/coree", "La Corée à Tours", "Une page", JPEG)
POLL = AnnouncedPoll({"fr": "Quand ?"}, ({"fr": "Mardi"}, {"fr": "Jeudi"}), 3)


class OpenRules(PlainRules):
    """A network that takes two pictures or a document, and polls."""

    poll = PollLimits(question=10, option=6, most_options=3, days=(1, 3))

    def __init__(self) -> None:
        super().__init__()
        self.takes = {
            Sort.PICTURE: Takes(("image/jpeg",), 1 << 20, count=2, alt=100),
            Sort.DOCUMENT: Takes(("application/pdf",), 1 << 20, title=True),
        }


PLACE = Place("Liste", OpenRules(), "fr")


def refused(announcement: Announcement = NEWS, *ready: Ready, place: Place = PLACE) -> str:
    with pytest.raises(RenderError) as raised:
        attached(announcement, place, ready)
    return str(raised.value)


def test_a_photo_goes_out_with_its_alt_text_in_the_language_of_the_post() -> None:
    made, left_out = attached(NEWS, PLACE, [Ready(PHOTO, JPEG)])
    assert made.media == (replace(JPEG, alt="La gare", expires=date(2027, 1, 1), name="gare.jpg"),)
    assert (made.files, left_out) == (made.media, ())


def test_an_alt_text_that_is_not_written_is_not_made_up() -> None:
    made, _left_out = attached(NEWS, replace(PLACE, language="en"), [Ready(PHOTO, JPEG)])
    assert made.media[0].alt == ""


def test_a_document_has_a_title_its_files_name_if_it_must() -> None:
    plan = MediaFile("docs/Feuille de route.pdf", "d", {}, titles={"ko": "로드맵"})
    titles = [
        attached(NEWS, replace(PLACE, language=language), [Ready(plan, PDF)])[0].media[0].title
        for language in ("fr", "ko")
    ]
    assert titles == ["Feuille de route", "로드맵"]


def test_a_file_goes_to_the_networks_that_it_is_meant_for() -> None:
    one, other = replace(PHOTO, networks=("x",)), PHOTO
    announcement = replace(NEWS, media=(one, other))
    assert files_for(announcement, "x") == (one, other)
    assert files_for(announcement, "linkedin") == (other,)


def test_a_file_that_a_network_does_not_take_is_left_out_and_said_so() -> None:
    made, left_out = attached(NEWS, PLACE, [Ready(PHOTO, None)])
    assert made.media == ()
    assert [str(one) for one in left_out] == ["Liste does not take gare.jpg: it goes out without."]


def test_pictures_and_a_document_do_not_go_out_in_one_post() -> None:
    said = refused(NEWS, Ready(PHOTO, JPEG), Ready(PHOTO, PDF))
    assert said.startswith("Liste shows pictures or a document in a post, not both.")


def test_more_pictures_than_a_network_takes_are_refused_not_dropped() -> None:
    said = refused(NEWS, *[Ready(PHOTO, JPEG)] * 3)
    assert said == "Liste takes 2 of them in a post, and here are 3: pictures."


def test_a_poll_goes_out_in_the_language_of_the_post() -> None:
    made, _left_out = attached(replace(NEWS, poll=POLL), PLACE, [])
    assert made.poll is not None
    assert (made.poll.question, made.poll.options, made.poll.days) == (
        "Quand ?",
        ("Mardi", "Jeudi"),
        3,
    )


def test_a_poll_and_pictures_are_two_announcements() -> None:
    said = refused(replace(NEWS, poll=POLL), Ready(PHOTO, JPEG))
    assert said.startswith("Liste shows a poll or files, not both.")


@pytest.mark.parametrize(
    ("poll", "why"),
    [
        (replace(POLL, question={"fr": "Quand, enfin ?"}), "its question has 14 characters, 10 at"),
        (replace(POLL, options=({"fr": "a"},) * 2), "two of its answers are the same"),
        (replace(POLL, options=tuple({"fr": x} for x in "abcd")), "it has more than 3 answers"),
        (
            replace(POLL, options=({"fr": "Vendredi"}, {"fr": "a"})),
            "“Vendredi” has 8 characters, 6",
        ),
        (replace(POLL, days=2), "it may be open for 1, 3 days, not 2"),
    ],
)
def test_a_poll_that_a_network_would_refuse_is_refused_with_the_reason(
    poll: AnnouncedPoll, why: str
) -> None:
    assert why in refused(replace(NEWS, poll=poll))


def test_a_network_without_polls_is_named() -> None:
    place = Place("Liste", PlainRules(), "fr")
    assert refused(replace(NEWS, poll=POLL), place=place) == "Liste has no polls."


def test_the_card_of_a_link_gives_way_to_pictures_and_polls() -> None:
    assert attached(NEWS, PLACE, [], CARD)[0].card == CARD
    assert attached(NEWS, PLACE, [Ready(PHOTO, JPEG)], CARD)[0].card is None
    assert attached(replace(NEWS, poll=POLL), PLACE, [], CARD)[0].card is None


def test_the_picture_of_a_card_is_a_file_to_send_too() -> None:
    assert attached(NEWS, PLACE, [], CARD)[0].files == (JPEG,)


def test_what_the_officer_says_of_the_link_goes_before_what_its_page_says() -> None:
    card = AnnouncedCard({"ko": "투르의 한국"}, {"fr": "Tout le programme"}, PHOTO)
    other = replace(JPEG, sha256="own")
    assert said_of_the_link(card, CARD, other, "ko") == LinkCard(
        CARD.url,
        "투르의 한국",
        "Une page",
        replace(other, alt="역", expires=PHOTO.expires, name="gare.jpg"),
    )
    assert said_of_the_link(card, CARD, None, "fr") == LinkCard(
        CARD.url, "La Corée à Tours", "Tout le programme", JPEG
    )
    assert said_of_the_link(None, CARD, None, "fr") == CARD
