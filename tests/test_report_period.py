"""The week of a report: where it begins, where it ends, what it is called."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.errors import RefusedCommand
from bot.report.period import (
    last_complete_week,
    present_week,
    same_moment_a_week_before,
    week_named,
    week_of,
)

PARIS = "Europe/Paris"


def test_a_week_goes_from_monday_midnight_to_monday_midnight_in_paris() -> None:
    week = week_of(date(2023, 3, 1), PARIS)
    assert week.start == datetime(2023, 2, 26, 23, tzinfo=UTC)
    assert week.end == datetime(2023, 3, 5, 23, tzinfo=UTC)
    assert week.days[0] == date(2023, 2, 27)
    assert week.days[-1] == date(2023, 3, 5)


@pytest.mark.parametrize(
    ("name", "hours"), [("2023-W12", 167), ("2023-W13", 168), ("2023-W43", 169)]
)
def test_the_week_in_which_the_clocks_change_has_an_hour_less_or_more(
    name: str, hours: int
) -> None:
    week = week_named(name, PARIS)
    assert week.end - week.start == timedelta(hours=hours)
    assert week.midnights[-1] == week.end
    assert len(week.midnights) == 8
    assert week.next.start == week.end
    assert week.next.previous == week


def test_a_week_bears_its_iso_name_also_at_the_turn_of_the_year() -> None:
    assert week_of(date(2027, 1, 1), PARIS).name == "2026-W53"
    assert week_named("2026-W53", PARIS).days[-1] == date(2027, 1, 3)


def test_a_week_may_be_named_without_its_hyphen() -> None:
    assert week_named(" 2023w9 ", PARIS) == week_named("2023-W09", PARIS)


@pytest.mark.parametrize("name", ["", "W09", "2023-09", "mars", "٢٠٢٣-W09"])
def test_a_word_that_is_no_week_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(RefusedCommand, match="2023-W09") as refused:
        week_named(name, PARIS)
    assert "is not a week" in str(refused.value)


@pytest.mark.parametrize("name", ["2023-W53", "2023-W00", "2023-W99", "0000-W01"])
def test_a_week_that_the_year_does_not_have_is_refused(name: str) -> None:
    with pytest.raises(RefusedCommand, match="has no week"):
        week_named(name, PARIS)


def test_on_sunday_evening_in_paris_the_last_complete_week_is_the_one_before() -> None:
    sunday_late = datetime(2023, 3, 5, 22, 59, tzinfo=UTC)
    assert last_complete_week(sunday_late, PARIS).name == "2023-W08"
    assert last_complete_week(sunday_late + timedelta(minutes=1), PARIS).name == "2023-W09"
    assert last_complete_week(sunday_late, "Asia/Seoul").name == "2023-W09"


def test_on_monday_at_half_past_midnight_in_paris_this_week_has_begun() -> None:
    monday_early = datetime(2023, 3, 5, 23, 30, tzinfo=UTC)
    assert present_week(monday_early, PARIS).name == "2023-W10"
    assert present_week(monday_early - timedelta(hours=1), PARIS).name == "2023-W09"


def test_a_week_before_is_the_same_time_on_the_clock_across_a_change_of_hour() -> None:
    noon_in_summer = datetime(2023, 3, 28, 10, tzinfo=UTC)
    noon_in_winter = datetime(2023, 3, 21, 11, tzinfo=UTC)
    assert same_moment_a_week_before(noon_in_summer, PARIS) == noon_in_winter
