"""Days and hours, as French, Korean and English write them."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.compose.dates import spans_of_dates
from bot.compose.wording import date_in, hours_in, span_in, weekday_in

LANGUAGES = st.sampled_from(["fr", "ko", "en"])
DAYS = st.dates(date(2020, 1, 1), date(2029, 12, 31))


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in spans_of_dates(text)]


@pytest.mark.parametrize(
    "said",
    [
        *("1er mars 2023", "du 1er au 3 mars 2023", "mardi 12 mars", "le 3 mai", "mai 2023"),
        *(
            "du 30 mars au 2 avril 2023",
            "les 12, 13 et 14 mars"[4:],
            "mercredi 1er mars",
            "15 août",
        ),
        *("10 h 00", "18 h", "10h30", "10\u00a0h\u00a000", "18 heures 30", "10 h à 12 h 30"),
        *("le 12 mars à 18 h", "mardi 12 mars 2023, 10 h 00", "décembre 2023 – janvier 2024"),
        *("2023년 3월 1일(수)", "3월 1일~3일", "2023년 3월 30일~4월 2일", "2023년 5월", "15일(수)"),
        *(
            "오후 6시",
            "오전 10시 30분",
            "10시 반",
            "3월 1일(수) 오후 6시",
            "11월 27일(금) 10:00~12:00",
        ),
        *("1–3 March 2023", "March 1", "March 1st, 2023", "1st of March", "Wednesday 1 March"),
        *("30 March 2023 – 2 April 2023", "6 p.m.", "10:30 am", "March 1 at 10:00", "May 2023"),
        *("10:00", "2023-03-01", "01/03/2023", "2023. 3. 1.(수)", "1.3.2023", "2023/03/01"),
    ],
)
def test_a_day_or_an_hour_is_known(said: str) -> None:
    assert found(f"Voir : {said} ; fin") == [said]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "12 marsupiaux",
            "marches 2023",
            "you may go 3",
            "il a 18 ans",
            "3시간 동안",
            "제5회 포럼",
        ),
        *(
            "3.5",
            "1/2",
            "10:00:00",
            "le 12e",
            "v1.0",
            "25 communes",
            "2023",
            "H2O",
            "3개월",
            "제5회 포럼",
        ),
    ],
)
def test_what_is_no_day_and_no_hour_is_left(text: str) -> None:
    assert found(text) == []


def test_a_korean_particle_is_not_part_of_the_date() -> None:
    assert found("오는3월 1일(수)에 만나요") == ["3월 1일(수)"]


def test_dates_on_two_lines_are_two() -> None:
    assert found("le 12 mars\n18 h") == ["le 12 mars", "18 h"]


@given(language=LANGUAGES, day=DAYS, length=st.integers(0, 90))
@settings(max_examples=200, deadline=None)
def test_whatever_the_templates_write_of_a_day_is_known(
    language: str, day: date, length: int
) -> None:
    last = day + timedelta(days=length)
    for said in (date_in(day, language), weekday_in(day, language), span_in(day, last, language)):
        assert found(f"({said})") == [said]


@given(language=LANGUAGES, day=DAYS, minutes=st.integers(0, 24 * 60 - 1))
@settings(max_examples=100, deadline=None)
def test_whatever_the_templates_write_of_an_hour_is_known(
    language: str, day: date, minutes: int
) -> None:
    instant = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=minutes)
    said = hours_in(instant, language, ("Europe/Paris", "Asia/Seoul"))
    spans = spans_of_dates(said)
    assert all(
        any(start <= at < end for start, end in spans)
        for at, sign in enumerate(said)
        if sign.isdigit()
    )


@pytest.mark.parametrize("piece", ["1 ", "12 mars ", "du 1 au ", "3월 1일", "1:", "the 1 ", "mai "])
def test_a_long_text_takes_time_that_grows_with_its_length_only(piece: str) -> None:
    def took(times: int) -> float:
        began = time.perf_counter()
        spans_of_dates(piece * times)
        return time.perf_counter() - began

    took(10)
    assert took(20_000) < 25 * took(2_000) + 0.05
