"""A campaign is a folder: what may stand in it, and what is said of what may not."""

from __future__ import annotations

import os
from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.announcements import read_announcement
from bot.campaigns import announcement_files, load_campaign
from bot.compose.marks import mark_faults
from bot.compose.wording import Wordings
from bot.errors import ConfigError
from bot.files import shipped
from bot.model import Account, Campaign, Handle, Partner
from bot.networks import NETWORKS, network_kind
from tests.announcements_sample import rendered

KOREA_FRANCE = shipped("campaigns/korea-france")


def spoiled(folder: Path, file: str, old: str, new: str) -> None:
    """Change *old* to *new* once in *file* of the campaign."""
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def refused(folder: Path) -> str:
    with pytest.raises(ConfigError) as raised:
        load_campaign(folder, NETWORKS)
    return str(raised.value).replace(f"{folder}{os.sep}", "")


def test_a_campaign_is_what_its_files_say(campaign: Campaign) -> None:
    assert campaign.slug == "campaign"
    assert campaign.hashtag == "KoreaFranceLocalCooperation"
    assert campaign.countries == ("FR", "KR")
    assert (campaign.zone, campaign.zones) == ("Europe/Paris", ("Europe/Paris", "Asia/Seoul"))
    assert campaign.accounts["x-fr"] == Account(
        "x-fr",
        "x",
        "Groupe-pays Corée",
        "GroupePaysCoree",
        ("fr", "en"),
        "Europe/Paris",
        (time(9), time(17, 30)),
    )
    names = {"fr": "Suwon", "ko": "수원시", "en": "Suwon"}
    assert campaign.partners["suwon"] == Partner("suwon", "KR", names, ("tours",))


def test_a_kind_has_its_facts_and_its_wordings_longest_first(campaign: Campaign) -> None:
    kind = campaign.kinds["visit"]
    assert kind.facts["opens"] == "datetime"
    assert kind.optional == {"guests", "opens", "places"}
    assert [text[:10] for text in kind.templates["fr"]] == ["Une visite", "Visite {{ "]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "hashtag =",
            "hastag =",
            "campaign.toml, line 2: `hastag` is not known here; did you mean `hashtag`?",
        ),
        ("hashtag =", "# hashtag =", "campaign.toml: `hashtag` is missing."),
        (
            '"KoreaFranceLocalCooperation"',
            '"#Korea France"',
            (
                "campaign.toml, line 2: `#Korea France` is no hashtag: letters and digits only, "
                "without the # sign."
            ),
        ),
        ('"KoreaFranceLocalCooperation"', '"2023"', "campaign.toml, line 2: `2023` is no hashtag"),
        (
            '["FR", "KR"]',
            '["FR", "Korea"]',
            "campaign.toml, line 3: `Korea` has no flag. Write ISO country codes: FR, KR.",
        ),
        ('["FR", "KR"]', '"FR"', "campaign.toml, line 3: `flags` must be a list in square brac"),
        (
            '"Asia/Seoul"]',
            '"Asia/Séoul"]',
            "campaign.toml, line 5: `Asia/Séoul` is no time zone. Write one like Europe/Paris",
        ),
        ('["fr", "ko", "en"]', "[]", "campaign.toml: `languages` and `zones` must each name"),
        ('en = "Cooperation"', "", "campaign.toml, line 8: `names` lacks the language en."),
        (
            'network = "linkedin"',
            'network = "linkdin"',
            "campaign.toml, line 29: `linkdin` is not known here; did you mean `linkedin`?",
        ),
        (
            'languages = ["ko"]',
            'languages = ["kr"]',
            "campaign.toml, line 24: `kr` is not known here. Known are: en, fr, ko.",
        ),
        (
            "spacing_minutes = 20",
            "late_after_hours = 0",
            "campaign.toml, line 6: `late_after_hours` must be a number from 1 to 744.",
        ),
        (
            "[kinds.news]",
            '[kinds.news]\nlate = "asks"',
            "campaign.toml, line 36: `asks` is not known here; did you mean `ask`?",
        ),
        (
            'slots = ["08:30"]',
            'slots = ["8h30"]',
            "campaign.toml, line 26: `8h30` is no hour of the day. Write it as 09:30.",
        ),
        (
            'zone = "Asia/Seoul"',
            'zone = "Seoul"',
            "campaign.toml, line 25: `Seoul` is no time zone.",
        ),
        ("[accounts.x-fr]", "[accounts.X_fr]", "campaign.toml, line 13: `X_fr` must be small le"),
        (
            'network = "linkedin"\n',
            "",
            "campaign.toml, line 28: `accounts.linkedin-fr.network` is missing.",
        ),
        (
            'starts = "date"',
            'starts = "day"',
            "campaign.toml, line 41: `day` is not known here. Known are: date, datetime, number,",
        ),
        (
            "[kinds.visit]",
            "[kinds.tour]",
            "There is no file templates/tour.fr.txt.",
        ),
    ],
)
def test_a_fault_in_campaign_toml_is_named_with_its_line(
    campaign_folder: Path, old: str, new: str, sentence: str
) -> None:
    spoiled(campaign_folder, "campaign.toml", old, new)
    assert refused(campaign_folder)[: len(sentence)] == sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('ko = "수원시", ', "", "partners.toml, line 8: `suwon.names` lacks the language ko."),
        (
            'twins = ["suwon"]',
            'twins = ["suwom"]',
            "partners.toml, line 4: `suwom` is not known here; did you mean `suwon`?",
        ),
        (
            'country = "KR"',
            'country = "KOR"',
            "partners.toml, line 7: `KOR` has no flag. Write ISO country codes: FR, KR.",
        ),
        ("[suwon]", "[Suwon]", "partners.toml, line 4: `suwon` is not known here; did you me"),
        ('country = "KR"', "", "partners.toml, line 6: `suwon.country` is missing."),
        ("[issy]", "[issy", "partners.toml is not valid TOML: "),
    ],
)
def test_a_fault_in_partners_toml_is_named_with_its_line(
    campaign_folder: Path, old: str, new: str, sentence: str
) -> None:
    spoiled(campaign_folder, "partners.toml", old, new)
    assert refused(campaign_folder)[: len(sentence)] == sentence


def test_a_template_that_is_absent_is_named(campaign_folder: Path) -> None:
    (campaign_folder / "templates" / "news.ko.txt").unlink()
    assert refused(campaign_folder) == f"There is no file {Path('templates', 'news.ko.txt')}."


def test_a_folder_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"There is no campaign folder .*nowhere"):
        load_campaign(tmp_path / "nowhere", NETWORKS)


def test_a_hashtag_written_in_another_form_of_the_same_letters_is_the_same(
    campaign_folder: Path,
) -> None:
    decomposed = "\u1112\u1161\u11ab"  # 한 as a Mac would write it
    spoiled(campaign_folder, "campaign.toml", "KoreaFranceLocalCooperation", decomposed)
    assert load_campaign(campaign_folder, NETWORKS).hashtag == "한"


@pytest.fixture(scope="module")
def korea_france() -> Campaign:
    return load_campaign(KOREA_FRANCE, NETWORKS)


def test_the_real_campaign_has_every_twin_of_a_twin(korea_france: Campaign) -> None:
    partners = korea_france.partners
    for partner in partners.values():
        assert all(partner.slug in partners[twin].twins for twin in partner.twins), partner.slug
        assert all(partners[twin].country != partner.country for twin in partner.twins)


def test_the_real_campaign_has_all_kinds_and_both_networks(korea_france: Campaign) -> None:
    kinds = ["news", "delegation", "field_visit", "forum", "label", "consultation", "partnership"]
    assert list(korea_france.kinds) == kinds
    assert {account.network for account in korea_france.accounts.values()} == set(NETWORKS)


def test_the_real_campaign_has_its_announcements() -> None:
    assert len(announcement_files(KOREA_FRANCE)) == 21


@pytest.mark.parametrize("path", announcement_files(KOREA_FRANCE), ids=lambda path: path.stem)
def test_a_real_announcement_fits_both_networks_in_three_languages(
    korea_france: Campaign, path: Path
) -> None:
    what = read_announcement(path, korea_france)
    wordings = Wordings(korea_france)
    for network in NETWORKS:
        rules = network_kind(network).rules
        for language in korea_france.languages:
            made = rendered(what, wordings, language, rules, network=network)
            hashtag, countries = korea_france.hashtag, korea_france.countries
            assert mark_faults(made.text, hashtag, countries, rules) == ()
            assert 0 < made.length <= made.limit
            assert "None" not in made.text
            assert "{" not in made.text
            assert "  " not in made.text


MORE = """
[links]
utm = { source = "{network}", medium = "social", campaign = "coree" }

[lint]
off = ["shouting"]
"""


def test_a_campaign_says_what_is_added_to_links_and_which_rules_of_style_it_does_without(
    campaign_folder: Path,
) -> None:
    with (campaign_folder / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write(MORE)
    campaign = load_campaign(campaign_folder, NETWORKS)
    assert campaign.utm == {"source": "{network}", "medium": "social", "campaign": "coree"}
    assert campaign.lint_off == {"shouting"}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ('utm = { sorce = "x" }', "`sorce` is not known here; did you mean `source`?"),
        ('utm = { source = "{reseau}" }', "`{reseau}` may have {network}, {language}, {announce"),
        ('utm = { source = "{" }', "`{` may have {network}, {language}, {announcement} in it"),
    ],
)
def test_a_fault_in_what_is_added_to_links_is_named(
    campaign_folder: Path, wrong: str, sentence: str
) -> None:
    with (campaign_folder / "campaign.toml").open("a", encoding="utf-8") as file:
        file.write(f"[links]\n{wrong}\n")
    assert sentence in refused(campaign_folder)


def test_a_campaign_says_when_a_post_is_late_and_each_kind_what_becomes_of_it(
    campaign_folder: Path,
) -> None:
    spoiled(
        campaign_folder, "campaign.toml", "spacing_minutes", "late_after_hours = 2\nspacing_minutes"
    )
    spoiled(campaign_folder, "campaign.toml", "[kinds.news]", '[kinds.news]\nlate = "send"')
    campaign = load_campaign(campaign_folder, NETWORKS)
    assert campaign.late_after == timedelta(hours=2)
    assert {slug: kind.late for slug, kind in campaign.kinds.items()} == {
        "news": "send",
        "visit": "ask",
    }


def test_an_account_may_publish_threads(campaign_folder: Path) -> None:
    spoiled(
        campaign_folder, "campaign.toml", 'slots = ["08:30"]', 'slots = ["08:30"]\nthreads = true'
    )
    accounts = load_campaign(campaign_folder, NETWORKS).accounts
    assert {slug for slug, account in accounts.items() if account.threads} == {"x-ko"}


def test_a_partner_is_known_on_each_network_by_a_name_of_its_own(campaign_folder: Path) -> None:
    handles = """
[tours.handles]
x = "@villedetours"
linkedin = { name = "Ville de Tours", urn = "urn:li:organization:7" }
"""
    with (campaign_folder / "partners.toml").open("a", encoding="utf-8") as file:
        file.write(handles)
    tours = load_campaign(campaign_folder, NETWORKS).partners["tours"]
    assert tours.handles == {
        "x": Handle("villedetours"),
        "linkedin": Handle("Ville de Tours", "urn:li:organization:7"),
    }


def test_a_network_of_a_partner_that_is_not_known_is_named(campaign_folder: Path) -> None:
    with (campaign_folder / "partners.toml").open("a", encoding="utf-8") as file:
        file.write('[tours.handles]\nmastodon = "@tours"\n')
    assert "`mastodon` is not known here. Known are: linkedin, x." in refused(campaign_folder)
