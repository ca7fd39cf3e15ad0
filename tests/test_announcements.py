"""An announcement is read whole: each fault is named with its file, its line and what is right."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.announcements import announcement_from, read_announcement
from bot.compose import languages
from bot.errors import ConfigError
from bot.files import Source
from bot.model import Announcement, Campaign
from tests.announcements_sample import announcement, visit
from tests.conftest import DATA

VISIT = (DATA / "campaign" / "announcements" / "visit.toml").read_text("utf-8")
NEWS = """kind = "news"

[facts.headline]
fr = "Bonjour"
ko = "안녕하세요"
en = "Hello"
"""


def read(folder: Path, text: str, campaign: Campaign, name: str = "it.toml") -> Announcement:
    (folder / name).write_text(text, "utf-8")
    return read_announcement(folder / name, campaign)


def refused(folder: Path, text: str, campaign: Campaign, name: str = "it.toml") -> str:
    with pytest.raises(ConfigError) as raised:
        read(folder, text, campaign, name)
    return str(raised.value).replace(f"{folder}{os.sep}", "")


def test_an_announcement_is_what_its_file_says(tmp_path: Path, campaign: Campaign) -> None:
    assert read(tmp_path, VISIT, campaign, "visit.toml") == Announcement(
        slug="visit",
        campaign="campaign",
        kind="visit",
        facts={
            "host": "tours",
            "guests": ("suwon",),
            "starts": date(2023, 3, 12),
            "opens": datetime(2023, 3, 12, 9, tzinfo=UTC),
            "places": 1200,
        },
        texts={},
        partners=("tours", "suwon"),
        link="",
        at=datetime(2023, 3, 1, 9, tzinfo=UTC),
        valid_until=datetime(2023, 3, 10, 22, 59, 59, tzinfo=UTC),
    )


def test_the_command_line_says_the_same_in_texts(tmp_path: Path, campaign: Campaign) -> None:
    facts = {
        "host": "tours",
        "guests": "suwon",
        "starts": "2023-03-12",
        "opens": "2023-03-12T10:00",
        "places": "1200",
    }
    data = {
        "kind": "visit",
        "at": "2023-03-01T10:00:00",
        "valid_until": "2023-03-10",
        "facts": facts,
    }
    spoken = announcement_from(Source("command line", "", data), "visit", campaign)
    assert spoken == read(tmp_path, VISIT, campaign, "visit.toml")


@pytest.mark.parametrize(
    ("line", "instant"),
    [
        ("at = 2023-03-01T10:00:00", datetime(2023, 3, 1, 9, tzinfo=UTC)),
        ('at = 2023-03-01T10:00:00\nzone = "Asia/Seoul"', datetime(2023, 3, 1, 1, tzinfo=UTC)),
        ("at = 2023-03-01T10:00:00+09:00", datetime(2023, 3, 1, 1, tzinfo=UTC)),
        ("at = 2023-03-01T10:00:00Z", datetime(2023, 3, 1, 10, tzinfo=UTC)),
        ("at = 2023-10-29T02:30:00+01:00", datetime(2023, 10, 29, 1, 30, tzinfo=UTC)),
        ("", None),
    ],
)
def test_an_hour_is_local_unless_it_says_its_offset(
    tmp_path: Path, campaign: Campaign, line: str, instant: datetime | None
) -> None:
    assert read(tmp_path, f"{line}\n{NEWS}", campaign).at == instant


def test_a_day_that_ends_something_ends_at_its_last_second(
    tmp_path: Path, campaign: Campaign
) -> None:
    made = read(tmp_path, f'valid_until = 2023-03-31\nzone = "Asia/Seoul"\n{NEWS}', campaign)
    assert made.valid_until == datetime(2023, 3, 31, 14, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        # unknown kind
        (
            'kind = "visit"',
            'kind = "vist"',
            "it.toml, line 1: `vist` is not known here; did you mean `visit`?",
        ),
        (
            'kind = "visit"',
            'kind = "party"',
            "it.toml, line 1: `party` is not known here. Known are: news, visit.",
        ),
        ('kind = "visit"', "", "it.toml: `kind` is missing."),
        # unknown key
        (
            "valid_until",
            "valid_untill",
            "it.toml, line 3: `valid_untill` is not known here; did you mean `valid_until`?",
        ),
        # a date or an hour that does not exist
        ("2023-03-12\n", "2023-02-30\n", "it.toml is not valid TOML: "),
        (
            "2023-03-12\n",
            '"2023-02-30"\n',
            (
                "it.toml, line 8: `2023-02-30` is no date. "
                "Write one that exists, as 2023-03-01T09:30:00 or 2023-03-01."
            ),
        ),
        (
            "at = 2023-03-01T10:00:00",
            "at = 2023-03-26T02:30:00",
            (
                "it.toml, line 2: 2023-03-26T02:30:00 is skipped, or comes twice, in "
                "Europe/Paris: clocks change then. "
                "Write 2023-03-26T03:30:00+02:00 or 2023-03-26T01:30:00+01:00."
            ),
        ),
        (
            "at = 2023-03-01T10:00:00",
            "at = 2023-10-29T02:30:00",
            (
                "it.toml, line 2: 2023-10-29T02:30:00 is skipped, or comes twice, in "
                "Europe/Paris: clocks change then. "
                "Write 2023-10-29T02:30:00+02:00 or 2023-10-29T02:30:00+01:00."
            ),
        ),
        (
            "opens = 2023-03-12T10:00:00",
            "opens = 2023-03-26T02:30:00",
            "it.toml, line 9: 2023-03-26T02:30:00 is skipped, or comes twice, in Europe/Paris",
        ),
        (
            "at = 2023-03-01T10:00:00",
            "at = 2023-03-01",
            "it.toml, line 2: `at` needs an hour: 2023-03-01T09:30:00.",
        ),
        (
            "at = 2023-03-01T10:00:00",
            "at = 10:00:00",
            "it.toml, line 2: `at` needs an hour: 2023-03-01T09:30:00.",
        ),
        (
            "at =",
            'zone = "Europe/Tours"\nat =',
            "it.toml, line 2: `Europe/Tours` is no time zone. Write one like Europe/Paris",
        ),
        # unknown partner
        (
            '"tours"',
            '"tour"',
            "it.toml, line 6: `tour` is not known here; did you mean `tours`?",
        ),
        (
            '["suwon"]',
            '["suwon", "gumi"]',
            "it.toml, line 7: `gumi` is not known here. Known are: issy, suwon, tours.",
        ),
        (
            "at =",
            'partners = ["gumi"]\nat =',
            "it.toml, line 2: `gumi` is not known here. Known are: issy, suwon, tours.",
        ),
        # facts
        (
            "places",
            "prix",
            "it.toml, line 10: `prix` is not known here. Known are: guests, host, opens, places,",
        ),
        (
            "starts = 2023-03-12",
            "",
            "it.toml, line 5: An announcement of kind `visit` needs the fact `starts` (date).",
        ),
        ("1200", '"many"', "it.toml, line 10: `facts.places` must be: number."),
        ("1200", "true", "it.toml, line 10: `facts.places` must be: number."),
        ('"tours"', "3", "it.toml, line 6: `facts.host` must be: partner."),
        ("2023-03-12\n", "2023-03-12T10:00:00\n", "it.toml, line 8: `facts.starts` must be: date."),
        ('["suwon"]', "3", "it.toml, line 7: `facts.guests` must be: partners."),
        # link
        (
            "at =",
            'link = "ville.example/forum"\nat =',
            "it.toml, line 2: `ville.example/forum` is no link. Write it whole: https://…",
        ),
        ("at =", 'link = "https://"\nat =', "it.toml, line 2: `https://` is no link."),
        ("at =", 'link = "https://a b"\nat =', "it.toml, line 2: `https://a b` is no link."),
        ("at =", 'link = "javascript:a"\nat =', "it.toml, line 2: `javascript:a` is no link."),
        ("at =", 'link = "https://[::1"\nat =', "it.toml, line 2: `https://[::1` is no link."),
        ("at =", 'link = "https://a:b/"\nat =', "it.toml, line 2: `https://a:b/` is no link."),
        # texts
        (
            "at =",
            'texts = { de = "Hallo" }\nat =',
            "it.toml, line 2: `de` is not known here. Known are: en, fr, ko.",
        ),
        (
            "at =",
            'texts = { fr = "" }\nat =',
            "it.toml, line 2: `texts.fr` must be a text, or a list of texts, the longest first.",
        ),
        (
            "at =",
            'texts = { fr = ["a", 3] }\nat =',
            "it.toml, line 2: `texts.fr` must be a text, or a list of texts, the longest first.",
        ),
        # what is no TOML
        ('"tours"', "tours", "it.toml is not valid TOML: Invalid value (at line 6, column 8)."),
    ],
)
def test_a_fault_of_an_announcement_is_named_with_its_line(
    tmp_path: Path, campaign: Campaign, old: str, new: str, sentence: str
) -> None:
    assert old in VISIT
    said = refused(tmp_path, VISIT.replace(old, new, 1), campaign)
    assert said[: len(sentence)] == sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('en = "Hello"', "en = 3", "it.toml, line 3: `facts.headline` must be: text."),
        (
            'en = "Hello"',
            'en = "Hello"\nde = "Hallo"',
            "it.toml, line 3: `de` is not known here. Known are: en, fr, ko.",
        ),
    ],
)
def test_a_language_that_is_none_of_the_campaigns_is_named(
    tmp_path: Path, campaign: Campaign, old: str, new: str, sentence: str
) -> None:
    assert refused(tmp_path, NEWS.replace(old, new, 1), campaign) == sentence


@pytest.mark.parametrize(
    ("old", "new", "complete"),
    [
        ('en = "Hello"', "", ("fr", "ko")),
        ('en = "Hello"', 'en = " "', ("fr", "ko")),
        ('[facts.headline]\nfr = "Bonjour"', "[texts]", ("ko", "en")),
        ("[facts.headline]", "[texts]", ("fr", "ko", "en")),
    ],
)
def test_a_language_that_is_not_written_yet_is_told_from_those_that_are(
    tmp_path: Path, campaign: Campaign, old: str, new: str, complete: tuple[str, ...]
) -> None:
    written = read(tmp_path, NEWS.replace(old, new, 1), campaign)
    assert languages.complete(written, campaign) == complete
    assert set(languages.missing(written, campaign)) == {"fr", "ko", "en"} - set(complete)


def test_an_account_that_is_none_of_the_campaigns_is_named(
    tmp_path: Path, campaign: Campaign
) -> None:
    said = refused(tmp_path, 'accounts = ["x-fra"]\n' + NEWS, campaign)
    assert said == "it.toml, line 1: `x-fra` is not known here; did you mean `x-fr`?"


def test_texts_in_every_language_need_no_facts(tmp_path: Path, campaign: Campaign) -> None:
    written = read(tmp_path, NEWS.replace("[facts.headline]", "[texts]"), campaign)
    assert written.texts == {"fr": ("Bonjour",), "ko": ("안녕하세요",), "en": ("Hello",)}


@pytest.mark.parametrize("name", ["Été.toml", "a_b.toml", "-a.toml", "A.toml"])
def test_the_name_of_an_announcement_is_plain(
    tmp_path: Path, campaign: Campaign, name: str
) -> None:
    sentence = refused(tmp_path, NEWS, campaign, name)
    assert "must be small letters, digits and hyphens" in sentence


def test_one_text_for_a_fact_serves_every_language(campaign: Campaign) -> None:
    made = announcement(campaign, facts={"headline": "Suwon 2023"})
    assert made.facts["headline"] == dict.fromkeys(("fr", "ko", "en"), "Suwon 2023")


def test_partners_are_those_of_the_facts_and_those_named_each_once(campaign: Campaign) -> None:
    facts = {"host": "tours", "starts": "2023-03-12", "guests": "suwon, tours"}
    made = announcement(campaign, kind="visit", facts=facts, partners=["issy", "suwon"])
    assert made.partners == ("tours", "suwon", "issy")


def test_the_content_of_an_announcement_is_plain_and_tells_it_from_another(
    campaign: Campaign,
) -> None:
    one, other = visit(campaign), visit(campaign, places=3)
    assert one.content() == {
        "kind": "visit",
        "facts": {"host": "tours", "starts": "2023-03-12"},
        "texts": {},
        "partners": ["tours"],
        "link": "",
        "at": None,
        "valid_until": None,
    }
    assert one.content() != other.content()


def said_of(campaign: Campaign, **fields: str) -> str:
    """What is said of a piece of news with *fields* from the command line."""
    data = {"kind": "news", "facts": {"headline": "Bonjour"}, **fields}
    with pytest.raises(ConfigError) as raised:
        announcement_from(Source("command line", "", data), "news", campaign)
    return str(raised.value)


@pytest.mark.parametrize("day", ["2027-12-01", "20271201", "2027-W49", "2027-W49-3"])
def test_a_day_is_not_midnight_however_it_is_written(campaign: Campaign, day: str) -> None:
    assert said_of(campaign, at=day) == "command line: `at` needs an hour: 2023-03-01T09:30:00."


def test_a_mistake_is_told_in_the_language_of_who_reads_it(
    tmp_path: Path, campaign: Campaign
) -> None:
    (tmp_path / "it.toml").write_text('kind = "news"\nzone = "Europe/Tours"\n', encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_announcement(tmp_path / "it.toml", campaign)
    french = raised.value.message.in_language("fr")
    assert "it.toml, ligne 2" in french
    assert "is no time zone" not in french
    assert "it.toml, line 2: `Europe/Tours` is no time zone." in str(raised.value)
