"""An announcement from a TOML file or the command line, validated whole against its campaign."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, time
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from bot.attachments import AttachmentReader
from bot.files import Source, check_zone, decode, read_toml, unknown
from bot.model import Announcement, Campaign, Fact, Kind
from bot.plan import local_instant
from bot.words import N_

#: Beyond them an hour may have no counterpart in another zone: Python's calendar ends in 9999.
YEARS = range(1900, 2200)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    kind: str
    at: object = None
    zone: str = ""
    valid_until: object = None
    partners: list[str] = []
    link: str = ""
    facts: dict[str, object] = {}
    texts: dict[str, object] = {}
    accounts: list[str] = []
    without_link: list[str] = []
    media: list[dict[str, object]] = []
    poll: dict[str, object] | None = None
    card: dict[str, object] | None = None


def read_announcement(path: Path, campaign: Campaign) -> Announcement:
    """The announcement in the file *path*, named after it. Raises ConfigError."""
    return announcement_from(read_toml(path), path.stem, campaign, path.parent)


def announcement_from(
    source: Source, slug: str, campaign: Campaign, folder: Path | None = None
) -> Announcement:
    """The announcement that *source*, in *folder*, describes.

    Raises ConfigError: file, line, what would be right.
    """
    raw = decode(source, _File)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug):
        raise source.error(
            "",
            N_("The name of an announcement, `{slug}`, must be small letters, digits and hyphens."),
            slug=slug,
        )
    if raw.kind not in campaign.kinds:
        raise unknown(source, "kind", raw.kind, campaign.kinds)
    reader = _Reader(source, campaign, raw.zone or campaign.zone)
    texts = {language: reader.text(language, value) for language, value in raw.texts.items()}
    kind = campaign.kinds[raw.kind]
    written = all(texts.get(language) for language in campaign.languages)
    facts = reader.facts(kind, raw.facts, required=bool(raw.facts or not texts) and not written)
    attached = AttachmentReader(source, campaign, folder)
    if raw.card is not None and not raw.link:
        raise source.error("card", N_("`card` is that of a link, and there is none: link = …"))
    named = [slug for slugs in map(_slugs, reader.partner_facts(kind, facts)) for slug in slugs]
    return Announcement(
        slug=slug,
        campaign=campaign.slug,
        kind=raw.kind,
        facts=facts,
        texts=texts,
        partners=tuple(
            dict.fromkeys([*named, *(reader.partner("partners", slug) for slug in raw.partners)])
        ),
        link=reader.link(raw.link),
        at=reader.instant("at", raw.at),
        valid_until=reader.instant("valid_until", raw.valid_until, ends_day=True),
        accounts=tuple(reader.account(slug) for slug in raw.accounts),
        without_link=attached.networks("without_link", raw.without_link),
        media=attached.media(raw.media),
        poll=attached.poll(raw.poll),
        card=attached.card(raw.card),
    )


def instant_from(source: Source, campaign: Campaign) -> datetime:
    """The instant that `at` and `zone` of *source* write. Raises ConfigError."""
    reader = _Reader(source, campaign, str(source.data.get("zone") or campaign.zone))
    if instant := reader.instant("at", source.data.get("at")):
        return instant
    raise source.error("at", N_("`{key}` needs an hour: 2023-03-01T09:30:00."), key="at")


def _on_the_clock(local: datetime, zone: str, *, fold: int) -> str:
    """What a clock change makes of *local*, one way or the other, with its offset."""
    instant = local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)
    return instant.astimezone(ZoneInfo(zone)).isoformat()


def _slugs(value: Fact) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)


class _Reader:
    """Reads the fields of one source for one campaign; *zone* is that of its local times."""

    def __init__(self, source: Source, campaign: Campaign, zone: str) -> None:
        check_zone(source, "zone", zone)
        self._source = source
        self._campaign = campaign
        self._zone = zone

    def facts(self, kind: Kind, given: Mapping[str, object], *, required: bool) -> dict[str, Fact]:
        """The facts of *kind*, each of its type; none unknown, and if *required* none missing."""
        for name in given:
            if name not in kind.facts:
                raise unknown(self._source, f"facts.{name}", name, kind.facts)
        for name in kind.facts if required else ():
            if name not in given and name not in kind.optional:
                raise self._source.error(
                    "facts",
                    N_("An announcement of kind `{kind}` needs the fact `{name}` ({type})."),
                    kind=kind.slug,
                    name=name,
                    type=kind.facts[name],
                )
        return {
            name: self._fact(f"facts.{name}", kind.facts[name], value)
            for name, value in given.items()
        }

    def partner_facts(self, kind: Kind, facts: Mapping[str, Fact]) -> list[Fact]:
        return [value for name, value in facts.items() if kind.facts[name].startswith("partner")]

    def partner(self, key: str, slug: str) -> str:
        if slug not in self._campaign.partners:
            raise unknown(self._source, key, slug, self._campaign.partners)
        return slug

    def account(self, slug: str) -> str:
        if slug not in self._campaign.accounts:
            raise unknown(self._source, "accounts", slug, self._campaign.accounts)
        return slug

    def text(self, language: str, value: object) -> tuple[str, ...]:
        """The wordings that the officer wrote for *language*, longest first."""
        key = f"texts.{language}"
        if language not in self._campaign.languages:
            raise unknown(self._source, key, language, self._campaign.languages)
        given = value if isinstance(value, list) else [value]
        wordings = [text.strip() for text in given if isinstance(text, str) and text.strip()]
        if not wordings or len(wordings) != len(given):
            raise self._source.error(
                key, N_("`{key}` must be a text, or a list of texts, the longest first."), key=key
            )
        return tuple(wordings)

    def link(self, value: str) -> str:
        if not value:
            return ""
        if not _is_link(value):
            raise self._source.error(
                "link", N_("`{link}` is no link. Write it whole: https://…"), link=value
            )
        return value

    def instant(self, key: str, value: object, *, ends_day: bool = False) -> datetime | None:
        """*value* as an instant: a local time of this zone, or one with its own offset.

        A day alone means its last second where it ends something.
        """
        if value is None or value == "":
            return None
        value = self._parsed(key, value)
        if isinstance(value, date) and value.year not in YEARS:
            raise self._source.error(
                key, N_("`{value}` is too far from today to be meant."), value=value.isoformat()
            )
        if isinstance(value, datetime):
            return value.astimezone(UTC) if value.tzinfo else self._local(key, value)
        if isinstance(value, date) and ends_day:
            return self._local(key, datetime.combine(value, time(23, 59, 59)))
        raise self._source.error(key, N_("`{key}` needs an hour: 2023-03-01T09:30:00."), key=key)

    def _parsed(self, key: str, value: object) -> object:
        """A text (from the command line) as the date or time that it writes."""
        if not isinstance(value, str):
            return value
        for reading in (date.fromisoformat, datetime.fromisoformat):
            with suppress(ValueError):
                return reading(value)
        raise self._source.error(
            key,
            N_(
                "`{value}` is no date. Write one that exists, as 2023-03-01T09:30:00 or 2023-03-01."
            ),
            value=value,
        )

    def _local(self, key: str, local: datetime) -> datetime:
        instant = local_instant(local, self._zone)
        if instant is None:
            raise self._source.error(
                key,
                N_(
                    "{local} is skipped, or comes twice, in {zone}: clocks change then. "
                    "Write {first} or {second}."
                ),
                local=local.isoformat(),
                zone=self._zone,
                first=_on_the_clock(local, self._zone, fold=0),
                second=_on_the_clock(local, self._zone, fold=1),
            )
        return instant

    def _fact(self, key: str, kind: str, value: object) -> Fact:
        reading = {
            "text": self._text_fact,
            "number": self._number_fact,
            "date": self._date_fact,
            "datetime": self._datetime_fact,
            "partner": self._partner_fact,
            "partners": self._partners_fact,
        }[kind]
        fact = reading(key, value)
        if fact is None:
            raise self._source.error(
                key, N_("`{key}` must be: {expected}."), key=key, expected=kind
            )
        return fact

    def _text_fact(self, key: str, value: object) -> Fact | None:
        if isinstance(value, str):
            value = dict.fromkeys(self._campaign.languages, value)
        if not isinstance(value, dict):
            return None
        for language in value:
            if language not in self._campaign.languages:
                raise unknown(self._source, key, language, self._campaign.languages)
        texts = {language: text for language, text in value.items() if not _is_blank(text)}
        return texts if texts and all(isinstance(text, str) for text in texts.values()) else None

    def _number_fact(self, _key: str, value: object) -> Fact | None:
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def _date_fact(self, key: str, value: object) -> Fact | None:
        value = self._parsed(key, value)
        return value if isinstance(value, date) and not isinstance(value, datetime) else None

    def _datetime_fact(self, key: str, value: object) -> Fact | None:
        return self.instant(key, value)

    def _partner_fact(self, key: str, value: object) -> Fact | None:
        return self.partner(key, value) if isinstance(value, str) else None

    def _partners_fact(self, key: str, value: object) -> Fact | None:
        if isinstance(value, str):
            value = [slug.strip() for slug in value.split(",")]
        if not isinstance(value, list):
            return None
        return tuple(self.partner(key, str(slug)) for slug in value)


def _is_blank(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


def _is_link(value: str) -> bool:
    """Whether *value* is the whole address of a page: no space, a host, a port that can be one."""
    try:
        parts = urlsplit(value)
        _port = parts.port
    except ValueError:
        return False
    return bool(
        parts.scheme in {"http", "https"} and parts.hostname and not re.search(r"\s", value)
    )
