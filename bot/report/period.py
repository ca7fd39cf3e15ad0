"""The week that a report is about: Monday to Sunday in the campaign's zone.

A week is cut at local midnights, so the one in which the clocks change has 167 or 169 hours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import RefusedCommand
from bot.words import N_

WEEK = timedelta(days=7)

_NAME = re.compile(r"(\d{4})-?W(\d{1,2})", re.IGNORECASE | re.ASCII)


def midnight(day: date, zone: str) -> datetime:
    """The instant, in UTC, at which *day* begins in *zone*."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """A week: `start` and `end` are instants in UTC, `end` is not part of it."""

    start: datetime
    end: datetime
    zone: str

    @property
    def days(self) -> tuple[date, ...]:
        """Its local days, Monday first."""
        monday = self.start.astimezone(ZoneInfo(self.zone)).date()
        return tuple(monday + timedelta(days=n) for n in range(7))

    @property
    def midnights(self) -> tuple[datetime, ...]:
        """The eight instants between which its seven days lie."""
        return (*(midnight(day, self.zone) for day in self.days), self.end)

    @property
    def name(self) -> str:
        """Its ISO name: `2023-W09`."""
        year, week, _weekday = self.days[0].isocalendar()
        return f"{year}-W{week:02}"

    @property
    def previous(self) -> Period:
        """The week before."""
        return week_of(self.days[0] - WEEK, self.zone)

    @property
    def next(self) -> Period:
        """The week after."""
        return week_of(self.days[0] + WEEK, self.zone)

    def cuts(self, made_at: datetime) -> tuple[datetime, datetime]:
        """How far a report made at *made_at* goes, and how far into the week before.

        While the week runs, it is compared with the same stretch of the week before.
        """
        if made_at >= self.end:
            return self.end, self.start
        return made_at, same_moment_a_week_before(made_at, self.zone)

    def contains(self, instant: datetime) -> bool:
        """Whether *instant* (aware) lies in it."""
        return self.start <= instant < self.end


def week_of(day: date, zone: str) -> Period:
    """The week of *day* in *zone*: Monday 00:00 to the next Monday 00:00, local time."""
    monday = day - timedelta(days=day.weekday())
    return Period(midnight(monday, zone), midnight(monday + WEEK, zone), zone)


def week_named(name: str, zone: str) -> Period:
    """The ISO week *name* (`2023-W09`, also `2023W9`). Raises RefusedCommand for another word."""
    found = _NAME.fullmatch(name.strip())
    if found is None:
        raise RefusedCommand(
            N_("“{name}” is not a week: write the year and the week’s number, like 2023-W09."),
            name=name,
        )
    year, week = int(found[1]), int(found[2])
    try:
        return week_of(date.fromisocalendar(year, week, 1), zone)
    except (ValueError, OverflowError):
        raise RefusedCommand(
            N_("The year {year} has no week {week}: write one like 2023-W09."),
            year=year,
            week=week,
        ) from None


def present_week(now: datetime, zone: str) -> Period:
    """The week in which *now* (aware) lies, as seen in *zone*."""
    return week_of(now.astimezone(ZoneInfo(zone)).date(), zone)


def last_complete_week(now: datetime, zone: str) -> Period:
    """The week that ended last before *now* (aware), as seen in *zone*."""
    return present_week(now, zone).previous


def same_moment_a_week_before(instant: datetime, zone: str) -> datetime:
    """Seven days before *instant* by the clock on the wall in *zone*, as an instant in UTC."""
    local = instant.astimezone(ZoneInfo(zone))
    return (local - WEEK).astimezone(UTC)
