"""Numbers, days and times as a French, Korean or English reader writes them; and the charts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.report.charts import Bar, Series, by_day, by_name, scale
from bot.report.names import Names, shortened
from bot.report.wording import Wording
from tests.report_sample import CAMPAIGN, DAY, WEEK, Entries, catalogues, post

FIRST_OF_MARCH = datetime(2023, 3, 1, 9, tzinfo=UTC)
FRENCH: Entries = {
    "{first} to {last}": "Du {first} au {last}",
    ("{n} post", "{n} posts"): ("{n} publication", "{n} publications"),
}
KOREAN: Entries = {
    "{first} to {last}": "{first} ~ {last}",
    "{day}, {time}": "{day} {time}",
    "{text} ({more})": "{text}({more})",
}
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def _translated(tmp_path: Path) -> Iterator[None]:
    with catalogues(tmp_path, fr=FRENCH, ko=KOREAN):
        yield


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", "mer. 1er mars, 10\u00a0h\u00a000"),
        ("ko", "3월 1일(수) 10:00"),
        ("en", "Wed 1 Mar, 10:00"),
    ],
)
def test_a_time_is_written_as_its_reader_writes_it(language: str, told: str) -> None:
    assert Wording(language).instant(FIRST_OF_MARCH, "Europe/Paris") == told


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("fr", "Du 27 février au 5 mars 2023"),
        ("ko", "2023년 2월 27일 ~ 3월 5일"),
        ("en", "27 February to 5 March 2023"),
    ],
)
def test_a_week_says_its_year_once(language: str, told: str) -> None:
    assert Wording(language).span(WEEK.days[0], WEEK.days[-1]) == told


def test_a_week_over_new_year_says_both_years() -> None:
    told = Wording("fr").span(date(2024, 12, 30), date(2025, 1, 1))
    assert told == "Du 30 décembre 2024 au 1er janvier 2025"


def test_seoul_is_told_the_day_only_when_it_is_another() -> None:
    words = Wording("fr")
    zones = ("Europe/Paris", "Asia/Seoul")
    evening = datetime(2023, 3, 1, 16, tzinfo=UTC)
    assert words.instants(FIRST_OF_MARCH, zones)[1] == "18\u00a0h\u00a000 (Séoul)"
    assert words.instants(evening, zones)[1] == "jeu. 2 mars, 1\u00a0h\u00a000 (Séoul)"


def test_numbers_have_their_languages_spaces_and_a_true_minus() -> None:
    assert Wording("fr").number(-12345) == "−12\u202f345"
    assert Wording("ko").number(12345) == "12,345"
    assert Wording("en").number(None) == "—"
    assert Wording("en").signed(3) == "+3"
    assert Wording("en").signed(0) == "0"


@pytest.mark.parametrize(
    ("ratio", "told"), [(0.254, "+25%"), (-0.5, "−50%"), (0.001, "0%"), (-0.001, "0%")]
)
def test_a_percentage_has_a_sign_unless_it_is_nothing(ratio: float, told: str) -> None:
    assert Wording("en").percent(ratio) == told


def test_nought_is_singular_in_french_and_plural_in_english() -> None:
    assert Wording("fr").ngettext("{n} post", "{n} posts", 0) == "0 publication"
    assert Wording("fr").ngettext("{n} post", "{n} posts", 1200) == "1\u202f200 publications"
    assert Wording("en").ngettext("{n} post", "{n} posts", 1) == "1 post"
    assert Wording("en").ngettext("{n} post", "{n} posts", 0) == "0 posts"
    assert Wording("en").ngettext("{n} post", "{n} posts", -1) == "−1 post"


def test_a_long_text_is_cut_between_two_words() -> None:
    assert shortened("Une délégation de Gumi, à Grenoble", 24) == "Une délégation de Gumi…"
    assert shortened("가" * 30, 10) == "가" * 9 + "…"
    assert shortened("court", 5) == "court"


def test_a_post_is_cited_without_the_mark_and_links_at_its_end() -> None:
    names = Names(CAMPAIGN, Wording("fr"), {})
    mark = "#KoreaFranceLocalCooperation"
    text = f"Gumi et {mark}\nà Tours https://a.fr/b 🇫🇷🇰🇷 {mark}"
    cited = names.cited(post(1, WEEK.start + DAY, text=text), 200)
    assert cited == "Gumi et #KoreaFranceLocalCooperation à Tours"
    only_mark = post(1, WEEK.start + DAY, text="#KoreaFranceLocalCooperation")
    assert names.cited(only_mark, 200) == "announcement-1"


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([4451, 10, None], (0, 2000, 4000, 6000)),
        ([], (0, 1)),
        ([0, 0], (0, 1)),
        ([-3, 4], (-4, -2, 0, 2, 4)),
        ([-30], (-30, -20, -10, 0, 10)),
    ],
)
def test_a_scale_holds_nought_and_every_number(values: list[int], ticks: tuple[int, ...]) -> None:
    assert scale(values).ticks == ticks


def drawn(*bars: Bar) -> ET.Element:
    ticks = [str(tick) for tick in scale([bar.value for bar in bars]).ticks]
    days = [f"day {place}" for place in range(len(bars))]
    text = by_day(days, [Series("X & Y", bars)], ticks, "Title <", "Words >")
    return ET.fromstring(text)


def test_a_missing_day_is_a_gap_with_a_dash_and_a_day_of_nought_a_line() -> None:
    chart = drawn(Bar(10, "10"), Bar(None, "—"), Bar(0, "0"))
    legend, *bars = chart.iter(f"{SVG}rect")
    assert legend.get("fill") == bars[0].get("fill")
    assert len(bars) == 2
    assert float(bars[1].get("height", "0")) > 0
    assert [text.text for text in chart.iter(f"{SVG}text")].count("—") == 1


def test_a_day_that_lacks_many_figures_is_drawn_hollow() -> None:
    _legend, whole, hollow = drawn(Bar(10, "10"), Bar(9, "9", hollow=True)).iter(f"{SVG}rect")
    assert whole.get("stroke-dasharray") is None
    assert hollow.get("stroke-dasharray") == "3 2"


def test_a_chart_has_a_title_and_words_for_those_who_do_not_see_it() -> None:
    chart = drawn(Bar(10, "10"))
    assert chart.get("role") == "img"
    assert [chart[0].text, chart[1].text] == ["Title <", "Words >"]
    ids = [chart[0].get("id"), chart[1].get("id")]
    assert chart.get("aria-labelledby") == " ".join(str(each) for each in ids)


def test_two_networks_differ_in_texture_as_well_as_in_colour() -> None:
    series = [Series("X", (Bar(1, "1"),)), Series("LinkedIn", (Bar(1, "1"),))]
    chart = ET.fromstring(by_day(["Mon"], series, ["0", "1"], "t", "d"))
    fills = [bar.get("fill") for bar in chart.iter(f"{SVG}rect")][-2:]
    assert fills == ["#0072b2", "url(#texture-1)"]
    assert [each.get("id") for each in chart.iter(f"{SVG}pattern")] == ["texture-1"]


def test_a_partner_with_a_long_name_leaves_room_for_its_number() -> None:
    name = "한국프랑스지방정부협력위원회" * 4
    chart = ET.fromstring(by_name([(name, Bar(5, "5")), ("B", Bar(-2, "−2"))], "t", "d"))
    written = [text.text or "" for text in chart.iter(f"{SVG}text")]
    assert written[0].endswith("…")
    assert written[1:] == ["5", "B", "−2"]
    widths = [float(bar.get("width", "0")) for bar in chart.iter(f"{SVG}rect")]
    assert widths == [420, 168]
