"""Numbers, days and sentences in the report's language, which need not be that of the process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from bot.errors import RefusedCommand
from bot.words import LANGUAGES, N_, locale_of, translations

#: What stands where a figure is missing.
MISSING = "—"


@dataclass(frozen=True, slots=True)
class _Patterns:
    """How a language writes days and times; Babel's own Korean times say "PM 5시 5분"."""

    day: str
    day_and_year: str
    long_day: str
    time: str
    year_comes_first: bool = False


_PATTERNS = {
    "fr": _Patterns("EEE d MMM", "d MMMM y", "EEEE d MMMM", "H\u00a0'h'\u00a0mm"),
    "ko": _Patterns("M월 d일(EEE)", "y년 M월 d일", "M월 d일 EEEE", "HH:mm", year_comes_first=True),
    "en": _Patterns("EEE d MMM", "d MMMM y", "EEEE d MMMM", "HH:mm"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """One of the languages of `bot.words`. Raises RefusedCommand for another one."""

    language: str

    def __post_init__(self) -> None:
        if self.language not in LANGUAGES:
            raise RefusedCommand(
                N_("There is no report in “{language}”: choose fr, ko or en."),
                language=self.language,
            )

    @property
    def locale(self) -> Locale:
        return Locale.parse(locale_of(self.language))

    def gettext(self, text: str) -> str:
        """*text* (an English msgid) in this language."""
        return translations(self.language).gettext(text)

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """The form that *number* asks for in this language, with the number in its place."""
        text = translations(self.language).ngettext(singular, plural, abs(number))
        return text.replace("{n}", self.number(number))

    def number(self, value: int | None) -> str:
        """`12 345`, or the dash of a missing figure; a minus sign, not a hyphen."""
        if value is None:
            return MISSING
        text = str(format_decimal(abs(value), locale=self.locale))
        return f"−{text}" if value < 0 else text

    def signed(self, value: int) -> str:
        """`+12 345`, `−3`, `0`."""
        return f"+{self.number(value)}" if value > 0 else self.number(value)

    def percent(self, ratio: float) -> str:
        """*ratio* (0.25) as a signed percentage without decimals: `+25 %`."""
        rounded = round(ratio, 2)
        text = str(format_percent(abs(rounded), locale=self.locale))
        sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
        return sign + text

    def listed(self, items: Sequence[str]) -> str:
        """`a, b and c`."""
        return str(format_list(list(items), locale=self.locale))

    def with_more(self, text: str, more: str) -> str:
        """*text* and, in brackets, *more*."""
        return self.gettext("{text} ({more})").format(text=text, more=more)

    def language_name(self, code: str) -> str:
        """The language *code* as this language calls it: `coréen`; the code for an unknown one."""
        return str(self.locale.languages.get(code, code))

    def city(self, zone: str) -> str:
        """The city that *zone* is named after: `Séoul`."""
        known = self.locale.time_zones.get(zone, {})
        return str(known.get("city", zone.rpartition("/")[2].replace("_", " ")))

    def short_day(self, day: date) -> str:
        """`mer. 1er mars`."""
        return self._date(day, self._patterns.day)

    def day(self, day: date) -> str:
        """`mercredi 1er mars`."""
        return self._date(day, self._patterns.long_day)

    def weekday(self, day: date) -> str:
        """`mer.`: what stands under a column of a chart."""
        return self._date(day, "EEE")

    def span(self, first: date, last: date) -> str:
        """`27 février au 5 mars 2023`: the year once, where this language puts it."""
        full, bare = self._patterns.day_and_year, self._bare_day
        first_pattern = last_pattern = full
        if first.year == last.year and self._patterns.year_comes_first:
            last_pattern = bare
        elif first.year == last.year:
            first_pattern = bare
        return self.gettext("{first} to {last}").format(
            first=self._date(first, first_pattern), last=self._date(last, last_pattern)
        )

    def time(self, instant: datetime, zone: str) -> str:
        """The time of day at *instant* in *zone*: `10 h 00`."""
        local = instant.astimezone(ZoneInfo(zone))
        return str(format_time(local.time(), self._patterns.time, locale=self.locale))

    def instant(self, instant: datetime, zone: str) -> str:
        """`mer. 1er mars, 10 h 00`, in *zone*."""
        day = self.short_day(instant.astimezone(ZoneInfo(zone)).date())
        return self.gettext("{day}, {time}").format(day=day, time=self.time(instant, zone))

    def instant_in(self, instant: datetime, zone: str) -> str:
        """`mer. 1er mars, 10 h 00 (Paris)`."""
        return self._named(self.instant(instant, zone), zone)

    def instants(self, instant: datetime, zones: Sequence[str]) -> tuple[str, ...]:
        """*instant* as each of *zones* sees it; the day is not repeated where it is the same."""
        first = instant.astimezone(ZoneInfo(zones[0])).date()
        others = (
            self._named(self.time(instant, zone), zone)
            if instant.astimezone(ZoneInfo(zone)).date() == first
            else self.instant_in(instant, zone)
            for zone in zones[1:]
        )
        return (self.instant_in(instant, zones[0]), *others)

    @property
    def _patterns(self) -> _Patterns:
        return _PATTERNS[self.language]

    @property
    def _bare_day(self) -> str:
        return self._patterns.day_and_year.replace("y년 ", "").replace(" y", "")

    def _named(self, time: str, zone: str) -> str:
        return self.with_more(time, self.city(zone))

    def _date(self, day: date, pattern: str) -> str:
        if self.language == "fr" and day.day == 1:
            pattern = pattern.replace("d ", "d'er' ")
        return str(format_date(day, pattern, locale=self.locale))
