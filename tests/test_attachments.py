"""Files, a poll and a card in an announcement's file: read, and refused with the line."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

import pytest

from bot.announcements import announcement_from, read_announcement
from bot.attached import AnnouncedCard, AnnouncedPoll
from bot.errors import ConfigError
from bot.files import Source
from bot.model import Announcement, Campaign
from tests.tiny_files import png

NEWS = 'kind = "news"\n{more}\n[facts]\nheadline = "Bonjour"\n'
PHOTO = """
[[media]]
file = "gare.png"
alt = { fr = " La gare ", ko = "역" }
credit = " Ville de Tours "
consent = "formulaire du 3 mars"
expires = 2027-12-31
networks = ["x"]
"""
LINK = "https://tours.example/coree"
POLL = """
[poll]
question = "Quand ?"
options = ["Mardi", { fr = "Jeudi", ko = "목요일" }]
"""


@pytest.fixture
def folder(campaign_folder: Path) -> Path:
    """The announcements of a campaign, with a photo beside them."""
    (campaign_folder / "announcements" / "gare.png").write_bytes(png())
    return campaign_folder / "announcements"


def read(folder: Path, campaign: Campaign, more: str, link: str = "") -> Announcement:
    path = folder / "visite.toml"
    at_the_end = more.lstrip().startswith("[")
    head = f'link = "{link}"' if link else ""
    text = NEWS.format(more=head if at_the_end else more) + (more if at_the_end else "")
    path.write_text(text, encoding="utf-8")
    return read_announcement(path, campaign)


def refused(folder: Path, campaign: Campaign, more: str, link: str = "") -> str:
    with pytest.raises(ConfigError) as raised:
        read(folder, campaign, more, link)
    return str(raised.value).removeprefix(str(folder)).removeprefix("/")


# files


def test_a_file_is_read_with_all_that_is_known_of_it(folder: Path, campaign: Campaign) -> None:
    (file,) = read(folder, campaign, PHOTO).media
    assert file.path == str((folder / "gare.png").resolve())
    assert (file.name, file.sha256) == ("gare.png", hashlib.sha256(png()).hexdigest())
    assert file.alts == {"fr": "La gare", "ko": "역"}
    assert (file.credit, file.consent) == ("Ville de Tours", "formulaire du 3 mars")
    assert (file.expires, file.networks) == (date(2027, 12, 31), ("x",))


def test_one_alt_text_stands_for_every_language_and_an_empty_one_for_none(
    folder: Path, campaign: Campaign
) -> None:
    (file,) = read(folder, campaign, '[[media]]\nfile = "gare.png"\nalt = "Tours"\n').media
    assert file.alts == dict.fromkeys(("fr", "ko", "en"), "Tours")
    (file,) = read(folder, campaign, '[[media]]\nfile = "gare.png"\nalt = { fr = " " }\n').media
    assert file.alts == {}


def test_a_file_may_lie_anywhere_in_the_campaigns_folder(folder: Path, campaign: Campaign) -> None:
    (folder.parent / "media").mkdir()
    (folder.parent / "media" / "plan.png").write_bytes(png())
    (file,) = read(folder, campaign, '[[media]]\nfile = "../media/plan.png"\n').media
    assert file.name == "plan.png"


def test_a_file_outside_the_campaigns_folder_is_refused_even_through_a_link(
    folder: Path, campaign: Campaign, tmp_path: Path
) -> None:
    (tmp_path / "ailleurs.png").write_bytes(png())
    (folder / "lien.png").symlink_to(tmp_path / "ailleurs.png")
    for name in ("../../../ailleurs.png", "lien.png"):
        said = refused(folder, campaign, f'[[media]]\nfile = "{name}"\n')
        assert said == (
            f"visite.toml, line 6: {name} does not lie in the campaign's folder. Copy the file "
            "there."
        )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            PHOTO.replace("gare.png", "quai.png"),
            "visite.toml, line 7: There is no file quai.png",
        ),
        (
            PHOTO.replace('fr = " La gare "', 'de = "Bahnhof"'),
            "visite.toml, line 8: `de` is not known here. Known are: en, fr, ko.",
        ),
        (
            PHOTO.replace('"역"', "3"),
            "visite.toml, line 8: `media.alt` must be a text, or a text for each language.",
        ),
        (
            PHOTO.replace("2027-12-31", '"demain"'),
            "visite.toml, line 11: `media.expires` must be a day: 2027-12-31.",
        ),
        (
            PHOTO.replace("2027-12-31", "2027-12-31T10:00:00"),
            "visite.toml, line 11: `media.expires` must be a day: 2027-12-31.",
        ),
        (
            PHOTO.replace('["x"]', '["mastodon"]'),
            "visite.toml, line 12: `mastodon` is not known here. Known are: linkedin, x.",
        ),
        (PHOTO.replace("consent", "consnet"), "visite.toml, line 10: `consnet` is not known here"),
        (PHOTO.replace('file = "gare.png"', ""), "visite.toml, line 6: `media.file` is missing"),
        (POLL.replace('"Mardi", ', ""), "visite.toml, line 8: A poll needs two answers at least."),
        (POLL.replace('"Mardi"', '" "'), "visite.toml, line 8: An answer of the poll has no text."),
        (
            POLL.replace('question = "Quand ?"', ""),
            "visite.toml, line 6: `poll.question` is missing.",
        ),
        (POLL.replace("options", "answers"), "visite.toml, line 8: `answers` is not known here"),
        (f'{POLL}days = "3"\n', "visite.toml, line 9: `poll.days` must be"),
        (
            'without_link = ["facebook"]',
            "visite.toml, line 2: `facebook` is not known here. Known are: linkedin, x.",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    more: str, sentence: str, folder: Path, campaign: Campaign
) -> None:
    said = refused(folder, campaign, more)
    assert said[: len(sentence)] == sentence


def test_more_files_than_any_network_takes_are_a_folder_named_by_mistake(
    folder: Path, campaign: Campaign
) -> None:
    said = refused(folder, campaign, '[[media]]\nfile = "gare.png"\n' * 21)
    assert "An announcement takes 20 files at most; this one names 21." in said


# polls and cards


def test_a_poll_has_its_texts_by_language_and_is_open_for_three_days(
    folder: Path, campaign: Campaign
) -> None:
    everywhere = dict.fromkeys(("fr", "ko", "en"), "Mardi")
    assert read(folder, campaign, POLL).poll == AnnouncedPoll(
        dict.fromkeys(("fr", "ko", "en"), "Quand ?"),
        (everywhere, {"fr": "Jeudi", "ko": "목요일"}),
        3,
    )


def test_a_card_has_what_the_officer_says_of_the_link(folder: Path, campaign: Campaign) -> None:
    more = '[card]\ntitle = { fr = "Venez" }\n[card.picture]\nfile = "gare.png"\nalt = "Tours"\n'
    card = read(folder, campaign, more, LINK).card
    assert card is not None
    assert (card.titles, card.descriptions) == ({"fr": "Venez"}, {})
    assert card.picture is not None
    assert card.picture.name == "gare.png"
    assert read(folder, campaign, "[card]\n", LINK).card == AnnouncedCard()


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            '[card]\ntitle = { it = "Ciao" }\n',
            "visite.toml, line 6: `it` is not known here. Known are: en, fr, ko.",
        ),
        ('[card.picture]\nfile = "quai.png"\n', "visite.toml, line 6: There is no file quai.png"),
    ],
)
def test_what_is_wrong_with_a_card_is_named_with_its_line(
    more: str, sentence: str, folder: Path, campaign: Campaign
) -> None:
    assert refused(folder, campaign, more, LINK)[: len(sentence)] == sentence


def test_a_card_without_a_link_is_refused(folder: Path, campaign: Campaign) -> None:
    said = refused(folder, campaign, '[card]\ntitle = "Venez"\n')
    assert said == "visite.toml, line 5: `card` is that of a link, and there is none: link = …"


def test_a_link_may_stay_away_from_a_network(folder: Path, campaign: Campaign) -> None:
    assert read(folder, campaign, 'without_link = ["x"]').without_link == ("x",)


def test_on_the_command_line_files_are_named_from_where_one_stands(
    folder: Path, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    data = {"kind": "news", "facts": {"headline": "A"}, "media": [{"file": "gare.png"}]}
    made = announcement_from(Source("command line", "", data), "visite", campaign)
    assert [file.name for file in made.media] == ["gare.png"]


# what the store keeps and compares


def test_what_is_attached_makes_another_announcement_of_it_wherever_the_file_lies(
    folder: Path, campaign: Campaign
) -> None:
    with_photo = read(folder, campaign, PHOTO)
    (folder / "gare.png").rename(folder / "tours.png")
    moved = read(folder, campaign, PHOTO.replace("gare.png", "tours.png"))
    assert moved.content() == with_photo.content()
    assert with_photo.content() != read(folder, campaign, "").content()
    (folder / "gare.png").write_bytes(png(9, 9))
    assert with_photo.content() != read(folder, campaign, PHOTO).content()


def test_the_content_is_plain_json_and_holds_all_that_is_said_of_a_file(
    folder: Path, campaign: Campaign
) -> None:
    content = read(folder, campaign, POLL + PHOTO).content()
    assert content["media"] == [
        {
            "sha256": hashlib.sha256(png()).hexdigest(),
            "alts": {"fr": "La gare", "ko": "역"},
            "titles": {},
            "credit": "Ville de Tours",
            "consent": "formulaire du 3 mars",
            "expires": "2027-12-31",
            "networks": ["x"],
        }
    ]
    assert content["poll"] == {
        "question": dict.fromkeys(("fr", "ko", "en"), "Quand ?"),
        "options": [dict.fromkeys(("fr", "ko", "en"), "Mardi"), {"fr": "Jeudi", "ko": "목요일"}],
        "days": 3,
    }


def test_the_content_of_an_announcement_of_an_earlier_version_is_what_it_was(
    folder: Path, campaign: Campaign
) -> None:
    assert set(read(folder, campaign, "").content()) == {
        "kind",
        "facts",
        "texts",
        "partners",
        "link",
        "at",
        "valid_until",
    }
