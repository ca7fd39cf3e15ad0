"""Templates: dates, hours, names and particles as each language writes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.compose.wording import (
    Wordings,
    date_in,
    french_at,
    french_of,
    hours_in,
    korean_particle,
    listed,
    span_in,
    weekday_in,
)
from bot.errors import ConfigError
from bot.model import Campaign
from tests.announcements_sample import announcement, visit

ZONES = ("Europe/Paris", "Asia/Seoul")
MARCH_1 = date(2023, 3, 1)


def filled(campaign: Campaign, template: str, language: str = "fr", **facts: object) -> str:
    """What *template* becomes for a visit to Tours with *facts*."""
    kind = replace(campaign.kinds["visit"], templates={language: (template,)})
    changed = replace(campaign, kinds={**campaign.kinds, "visit": kind})
    return Wordings(changed).of(visit(campaign, **facts), language)[0]


@pytest.mark.parametrize(
    ("language", "day", "written"),
    [
        ("fr", MARCH_1, "1er mars 2023"),
        ("fr", date(2023, 3, 21), "21 mars 2023"),
        ("fr", date(2023, 8, 11), "11 août 2023"),
        ("ko", MARCH_1, "2023년 3월 1일"),
        ("en", MARCH_1, "1 March 2023"),
        ("de", MARCH_1, "1. März 2023"),
    ],
)
def test_a_date_is_written_as_its_language_does(language: str, day: date, written: str) -> None:
    assert date_in(day, language) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [("fr", "mercredi 1er mars"), ("ko", "3월 1일(수)"), ("en", "Wednesday 1 March")],
)
def test_a_day_of_the_week_is_written_as_its_language_does(language: str, written: str) -> None:
    assert weekday_in(MARCH_1, language) == written


@pytest.mark.parametrize(
    ("language", "last", "written"),
    [
        ("fr", date(2023, 3, 3), "du 1er au 3 mars 2023"),
        ("fr", date(2023, 4, 1), "du 1er mars au 1er avril 2023"),
        ("fr", date(2024, 1, 2), "du 1er mars 2023 au 2 janvier 2024"),
        ("fr", MARCH_1, "1er mars 2023"),
        ("ko", date(2023, 3, 3), "2023년 3월 1일~3일"),
        ("ko", date(2023, 4, 2), "2023년 3월 1일~4월 2일"),
        ("ko", date(2024, 1, 2), "2023년 3월 1일~2024년 1월 2일"),
        ("en", date(2023, 3, 3), "1–3 March 2023"),
        ("en", date(2023, 4, 2), "1 March – 2 April 2023"),
        ("en", date(2024, 1, 2), "1 March 2023 – 2 January 2024"),
        ("de", date(2023, 3, 3), "1.–3. März 2023"),
    ],
)
def test_days_from_one_to_another_are_written_as_one(
    language: str, last: date, written: str
) -> None:
    assert span_in(MARCH_1, last, language) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fr", "10 h 00 (18 h 00 à Séoul)"),
        ("ko", "18:00(파리 10:00)"),
        ("en", "10:00 in Paris (18:00 in Seoul)"),
    ],
)
def test_an_hour_is_given_in_both_zones_the_readers_own_first(language: str, written: str) -> None:
    assert hours_in(datetime(2023, 3, 1, 9, 0, tzinfo=UTC), language, ZONES) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fr", "18 h 05 (1 h 05 le 1er avril à Séoul)"),
        ("ko", "01:05(파리 3월 31일 18:05)"),
        ("en", "18:05 in Paris (01:05 on 1 April in Seoul)"),
    ],
)
def test_where_it_is_another_day_there_the_day_is_said(language: str, written: str) -> None:
    assert hours_in(datetime(2023, 3, 31, 16, 5, tzinfo=UTC), language, ZONES) == written


def test_an_hour_follows_the_clocks_when_they_change() -> None:
    winter, summer = datetime(2023, 3, 25, 9, tzinfo=UTC), datetime(2023, 3, 26, 9, tzinfo=UTC)
    assert hours_in(winter, "fr", ZONES) == "10 h 00 (18 h 00 à Séoul)"
    assert hours_in(summer, "fr", ZONES) == "11 h 00 (18 h 00 à Séoul)"


def test_a_campaign_with_one_zone_gives_its_hour_alone() -> None:
    assert hours_in(datetime(2023, 3, 1, 9, tzinfo=UTC), "fr", ["Europe/Paris"]) == "10 h 00"


def test_an_hour_in_a_language_that_is_at_home_in_no_zone_begins_with_the_first() -> None:
    written = hours_in(datetime(2023, 3, 1, 9, tzinfo=UTC), "de", ZONES)
    assert written == "10:00 (Seoul 18:00)"


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fr", "vendredi 31 mars, 0 h 30 (7 h 30 à Séoul)"),
        ("ko", "3월 31일(금), 07:30(파리 00:30)"),
    ],
)
def test_the_day_of_an_hour_is_the_day_that_the_reader_has(
    campaign: Campaign, language: str, written: str
) -> None:
    template = "{{ opens | day }}, {{ opens | clock }}"
    opens = "2023-03-31T00:30:00"  # still the 30th in UTC
    assert filled(campaign, template, language, opens=opens) == written


def test_the_day_in_seoul_of_an_evening_in_paris_is_the_next(campaign: Campaign) -> None:
    template = "{{ opens | date }} {{ opens | clock }}"
    written = filled(campaign, template, "ko", opens="2023-03-31T18:00:00")
    assert written == "2023년 4월 1일 01:00(파리 3월 31일 18:00)"


@pytest.mark.parametrize(
    ("name", "of", "at"),
    [
        ("Tours", "de Tours", "à Tours"),
        ("Issy-les-Moulineaux", "d’Issy-les-Moulineaux", "à Issy-les-Moulineaux"),
        ("Évry", "d’Évry", "à Évry"),
        ("le 15e arrondissement", "du 15e arrondissement", "au 15e arrondissement"),
        ("les communes", "des communes", "aux communes"),
        ("la Région Bretagne", "de la Région Bretagne", "à la Région Bretagne"),
        ("La Roche-sur-Yon", "de La Roche-sur-Yon", "à La Roche-sur-Yon"),
        ("Yvetot", "d’Yvetot", "à Yvetot"),
        ("Yongin", "de Yongin", "à Yongin"),
        ("Yeosu", "de Yeosu", "à Yeosu"),
    ],
)
def test_french_elides_and_contracts(name: str, of: str, at: str) -> None:
    assert french_of(name) == of
    assert french_at(name) == at


@pytest.mark.parametrize(
    ("text", "pair", "written"),
    [
        ("투르시", "을/를", "투르시를"),
        ("수원", "을/를", "수원을"),
        ("서울", "으로/로", "서울로"),
        ("수원", "으로/로", "수원으로"),
        ("구미시", "으로/로", "구미시로"),
        ("2023", "은/는", "2023은"),
        ("2022", "은/는", "2022는"),
        ("2021", "으로/로", "2021로"),
        ("제10", "이/가", "제10이"),
        ("2026", "과/와", "2026과"),
        ("OECD", "과/와", "OECD와(과)"),
        ("「수원」", "이/가", "「수원」이"),
        ("", "은/는", "는(은)"),
    ],
)
def test_a_korean_particle_follows_the_last_sound(text: str, pair: str, written: str) -> None:
    assert korean_particle(text, pair) == written


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fr", "Tours, Gumi et Suwon"),
        ("ko", "Tours, Gumi 및 Suwon"),
        ("en", "Tours, Gumi and Suwon"),
    ],
)
def test_several_names_are_one_enumeration(language: str, written: str) -> None:
    assert listed(["Tours", "Gumi", "Suwon"], language) == written


def test_a_template_says_the_facts_in_its_own_language(campaign: Campaign) -> None:
    facts = {"guests": "suwon", "opens": "2023-03-12T10:00:00", "places": 1200}
    wordings = Wordings(campaign)
    long, short = wordings.of(visit(campaign, **facts), "fr")
    assert long == (
        "Une visite de Tours, avec Suwon, le 12 mars 2023, "
        "à 10 h 00 (18 h 00 à Séoul). 1\u202f200 places."
    )
    assert short == "Visite de Tours le 12 mars 2023."
    assert wordings.of(visit(campaign, **facts), "ko") == (
        "2023년 3월 12일 18:00(파리 10:00), 투르시를 방문합니다.",
    )


def test_what_the_officer_wrote_herself_stands_as_she_wrote_it(campaign: Campaign) -> None:
    written = announcement(campaign, texts={"fr": ["{{ long }}", "court"]}, link="")
    assert Wordings(campaign).of(written, "fr") == ("{{ long }}", "court")
    assert Wordings(campaign).of(written, "en") == ("Bonjour", "Bonjour")


def test_a_month_alone_is_written_without_a_day(campaign: Campaign) -> None:
    assert filled(campaign, "{{ starts | month }}") == "mars 2023"
    assert filled(campaign, "{{ starts | month }}", "ko") == "2023년 3월"


@pytest.mark.parametrize(
    ("template", "problem"),
    [
        ("{{ hots }}", "'hots' is undefined"),
        ("{{ opens | clock }}", "an optional fact was left out"),
        ("{{ opens | date }}", "an optional fact was left out"),
        ("Places : {{ places }}", "an optional fact was left out"),
        ("{{ starts | name }}", "2023"),
        ("{{ host | nmae }}", "No filter named 'nmae'"),
        ("{% if host %}", "Unexpected end of template"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{% for n in range(10 ** 9) %}{% endfor %}", "Range too big"),
        ("{{ host.__class__.__mro__ }}", "is unsafe"),
        ("{{ ''.__class__ }}", "is unsafe"),
        ("{{ guests.append('paris') }}", "unsafe|no attribute"),
    ],
)
def test_a_template_that_cannot_be_filled_is_named_with_its_fault(
    campaign: Campaign, template: str, problem: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        filled(campaign, template)
    sentence = str(raised.value)
    assert sentence.startswith("The template visit.fr.txt cannot be filled for visite: ")
    assert any(part in sentence for part in problem.split("|")), sentence


def test_a_fact_left_out_is_told_in_the_language_of_who_reads_it(campaign: Campaign) -> None:
    with pytest.raises(ConfigError) as raised:
        filled(campaign, "{{ places }}")
    assert "an optional fact" in str(raised.value)
    assert "an optional fact" not in raised.value.message.in_language("ko")
