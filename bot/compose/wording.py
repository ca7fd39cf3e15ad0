"""Templates filled with facts, written as each language writes dates, hours and names.

A template is Jinja2's, in a sandbox: campaign files may come from elsewhere. The facts of the
announcement are its variables; the filters below say them in the language of the template. What is
not known here is said as CLDR says it (through Babel), for a campaign in any other language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import cache, partial
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_datetime, format_interval, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_decimal
from jinja2 import StrictUndefined, Template, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bot.errors import ConfigError
from bot.model import Announcement, Campaign
from bot.words import N_, Message, locale_of

#: CLDR patterns (day, month and year order of each language); "" stands for all the others.
_FULL_DATE = {"fr": "d MMMM y", "ko": "y년 M월 d일", "en": "d MMMM y"}
_WEEKDAY = {"fr": "EEEE d MMMM", "ko": "M월 d일(E)", "en": "EEEE d MMMM"}
_DAY = {"ko": "M월 d일"}
_MONTH = {"fr": "MMMM y", "ko": "y년 M월", "en": "MMMM y"}
#: Before these French says "d’"; a y before a vowel is a consonant: "de Yongin".
_ELIDES = re.compile("[aeiouâàéèêëîïôûœ]|y(?![aeiouéèêëœ])", re.IGNORECASE)
_HOUR = {"fr": "H 'h' mm", "ko": "HH:mm", "en": "HH:mm"}


class Wordings:
    """The templates of one campaign, each compiled once."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self._environments = {
            language: _environment(campaign, language) for language in campaign.languages
        }
        self._template = cache(self._compile)

    def of(self, announcement: Announcement, language: str) -> tuple[str, ...]:
        """The wordings of *announcement* in *language*, longest first.

        Those that the officer wrote herself stand as she wrote them. Raises ConfigError naming the
        template that cannot be filled.
        """
        if own := announcement.texts.get(language):
            return own
        kind = self.campaign.kinds[announcement.kind]
        facts = dict.fromkeys(kind.optional) | {
            name: value.get(language) if isinstance(value, dict) else value
            for name, value in announcement.facts.items()
        }
        try:
            return tuple(
                self._template(language, source).render(facts).strip()
                for source in kind.templates[language]
            )
        except Exception as error:
            # A template is a program: it can fail in every way that one can.
            raise ConfigError(
                N_("The template {kind}.{language}.txt cannot be filled for {slug}: {problem}."),
                kind=kind.slug,
                language=language,
                slug=announcement.slug,
                problem=_problem(error),
            ) from error

    def _compile(self, language: str, source: str) -> Template:
        return self._environments[language].from_string(source)


def _environment(campaign: Campaign, language: str) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
        finalize=_given,
    )
    name = partial(_name, campaign, language)
    day_of = partial(local_day, zone=home_zone(campaign.zones, language))
    filters: dict[str, Callable[..., str]] = {
        "name": name,
        "names": lambda slugs: listed([name(slug) for slug in slugs], language),
        "de": lambda slug: french_of(name(slug)),
        "a": lambda slug: french_at(name(slug)),
        "josa": korean_particle,
        "date": lambda day: date_in(day_of(day), language),
        "day": lambda day: weekday_in(day_of(day), language),
        "month": lambda day: _written(day_of(day), _MONTH.get(language, "MMMM y"), language),
        "span": lambda first, last: span_in(day_of(first), day_of(last), language),
        "clock": lambda instant: hours_in(instant, language, campaign.zones),
        "number": lambda value: format_decimal(value, locale=language),
    }
    environment.filters |= {word: _of_given(filter_) for word, filter_ in filters.items()}
    return environment


class _LeftOutError(UndefinedError):
    """A template says an optional fact that was left out."""


def _problem(error: Exception) -> str | Message:
    """What went wrong in a template; what Jinja and Python say of it is in English."""
    if isinstance(error, _LeftOutError):
        return Message(
            N_("an optional fact was left out, and no {condition} stands around it"),
            {"condition": "{% if %}"},
        )
    return str(error).rstrip(".") or type(error).__name__


def _given(value: object) -> object:
    """*value*, unless it is an optional fact that was left out: "None" must not be published."""
    if value is None:
        raise _LeftOutError
    return value


def _of_given(filter_: Callable[..., str]) -> Callable[..., str]:
    """*filter_* for facts that were given: to Babel, None would mean today."""
    return lambda *values: filter_(*map(_given, values))


def _name(campaign: Campaign, language: str, slug: str) -> str:
    return campaign.partners[slug].names[language]


def listed(items: Sequence[str], language: str) -> str:
    """ "Paris, Séoul et Suwon": *items* as one enumeration of *language*."""
    return format_list(list(items), locale=_of(language))


def french_of(name: str) -> str:
    """ "de Tours", "d'Issy-les-Moulineaux", "du 15e arrondissement", "des communes"."""
    if name.startswith("le "):
        return f"du {name[3:]}"
    if name.startswith("les "):
        return f"des {name[4:]}"
    return f"d’{name}" if _ELIDES.match(name) else f"de {name}"


def french_at(name: str) -> str:
    """ "à Tours", "au 15e arrondissement", "aux communes"."""
    if name.startswith("le "):
        return f"au {name[3:]}"
    if name.startswith("les "):
        return f"aux {name[4:]}"
    return f"à {name}"


def korean_particle(text: str, pair: str) -> str:
    """*text* with that particle of *pair* ("은/는") which its last sound asks for.

    The first form follows a final consonant, except that "으로" becomes "로" after ㄹ; after a
    letter whose sound is not known both are written, as Korean does: "OECD와(과)".
    """
    closed, open_ = pair.split("/")
    final = _final_consonant(text.rstrip(")]」』”’")[-1:])
    if final is None:
        return f"{text}{open_}({closed})"
    if final and not (closed == "으로" and final == "ㄹ"):
        return text + closed
    return text + open_


def _final_consonant(letter: str) -> str | None:
    """ "" for an open syllable, "ㄹ" for that one, "x" for any other; None where unknown."""
    if letter.isdigit() and letter.isascii():
        return "ㅇㄹ\0ㅁ\0\0ㄱㄹㄹ\0"[int(letter)].replace("\0", "")
    if not "가" <= letter <= "힣":
        return None
    index = (ord(letter) - ord("가")) % 28
    return "" if index == 0 else "ㄹ" if index == 8 else "x"


def date_in(day: date, language: str) -> str:
    """ "1er mars 2023", "2023년 3월 1일", "1 March 2023"."""
    return _written(day, _FULL_DATE.get(language, "long"), language)


def weekday_in(day: date, language: str) -> str:
    """ "mercredi 1er mars", "3월 1일(수)", "Wednesday 1 March"."""
    return _written(day, _WEEKDAY.get(language, "EEEE d MMMM"), language)


def local_day(value: date, zone: str) -> date:
    """The day that *value*, a day or an instant, is on the calendars of *zone*."""
    return value.astimezone(ZoneInfo(zone)).date() if isinstance(value, datetime) else value


def home_zone(zones: Sequence[str], language: str) -> str:
    """The one of *zones* in which *language* is at home, or the first."""
    return next((zone for zone in zones if _is_home(zone, language)), zones[0])


def span_in(first: date, last: date, language: str) -> str:
    """ "du 1er au 3 mars 2023", "2023년 3월 1일~3일", "1–3 March 2023"."""
    if first == last:
        return date_in(first, language)
    same_year = first.year == last.year
    same_month = same_year and first.month == last.month
    parts = {
        "fr": ("d" if same_month else "d MMMM" if same_year else "d MMMM y", "d MMMM y"),
        "en": ("d" if same_month else "d MMMM" if same_year else "d MMMM y", "d MMMM y"),
        "ko": ("y년 M월 d일", "d일" if same_month else "M월 d일" if same_year else "y년 M월 d일"),
    }
    if language not in parts:
        return str(format_interval(first, last, "yMMMMd", locale=language))
    start, end = (
        _written(day, pattern, language)
        for day, pattern in zip((first, last), parts[language], strict=True)
    )
    if language == "fr":
        return f"du {start} au {end}"
    return f"{start}~{end}" if language == "ko" else f"{start}{'–' if same_month else ' – '}{end}"


def hours_in(instant: datetime, language: str, zones: Sequence[str]) -> str:
    """The hour in the reader's zone, then in the others: "10 h 00 (18 h 00 à Séoul)".

    Where it is another day there, the day is said: "18 h 00 (1 h 00 le 1er avril à Séoul)".
    """
    home = home_zone(zones, language)
    here = local_day(instant, home)

    def hour(zone: str) -> str:
        pattern = _HOUR.get(language, "HH:mm")
        return format_datetime(instant, pattern, tzinfo=ZoneInfo(zone), locale=_of(language))

    def city(zone: str) -> str:
        return get_timezone_location(zone, locale=language, return_city=True)

    def elsewhere(zone: str) -> str:
        there = local_day(instant, zone)
        day = "" if there == here else _written(there, _DAY.get(language, "d MMMM"), language)
        if language in {"fr", "en"}:
            on, at = ("le", "à") if language == "fr" else ("on", "in")
            return f"{hour(zone)}{f' {on} {day}' if day else ''} {at} {city(zone)}"
        return " ".join(filter(None, [city(zone), day, hour(zone)]))

    rest = ", ".join(elsewhere(zone) for zone in zones if zone != home)
    at_home = hour(home) if language != "en" else f"{hour(home)} in {city(home)}"
    if not rest:
        return at_home
    return f"{at_home}({rest})" if language == "ko" else f"{at_home} ({rest})"


def _is_home(zone: str, language: str) -> bool:
    likely = get_global("likely_subtags").get(language, "")
    return bool(get_global("zone_territories").get(zone) == likely.rpartition("_")[2])


def _written(day: date, pattern: str, language: str) -> str:
    """*day* in a CLDR *pattern*; French says "1er" on the first of a month, which CLDR does not."""
    text = format_date(day, pattern, locale=_of(language))
    return re.sub(r"\b1\b", "1er", text, count=1) if language == "fr" and day.day == 1 else text


def _of(language: str) -> Locale:
    return Locale.parse(locale_of(language))
