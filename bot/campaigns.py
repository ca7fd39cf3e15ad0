"""`campaigns/<slug>/` → a Campaign: campaign.toml, partners.toml and templates, checked whole."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from pathlib import Path

import msgspec

from bot.errors import ConfigError
from bot.files import Source, check_zone, decode, read_text, read_toml, unknown
from bot.lateness import Verdict
from bot.model import Account, Campaign, Handle, Kind, Partner
from bot.words import N_

#: The types that a fact may have; `?` after one makes the fact optional.
FACT_TYPES = ("text", "number", "date", "datetime", "partner", "partners")

#: What Matomo and Google Analytics read of a link, and what a value may name.
UTM_NAMES = ("source", "medium", "campaign", "content", "term", "id")
UTM_PLACES = ("network", "language", "announcement")

#: Of `late_after_hours`: an hour, and a month.
_LATE_HOURS = range(1, 31 * 24 + 1)

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HASHTAG = re.compile(r"(?=.*[^\W\d_])[^\W_]+")


class _Account(msgspec.Struct, forbid_unknown_fields=True):
    network: str
    name: str
    languages: list[str]
    zone: str
    handle: str = ""
    slots: list[str] = []
    threads: bool = False


class _Kind(msgspec.Struct, forbid_unknown_fields=True):
    names: dict[str, str]
    facts: dict[str, str] = {}
    late: str = Verdict.ASK


class _Handle(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    urn: str = ""


class _Partner(msgspec.Struct, forbid_unknown_fields=True):
    country: str
    names: dict[str, str]
    twins: list[str] = []
    handles: dict[str, str | _Handle] = {}


class _Links(msgspec.Struct, forbid_unknown_fields=True):
    utm: dict[str, str] = {}


class _Lint(msgspec.Struct, forbid_unknown_fields=True):
    off: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    hashtag: str
    flags: list[str]
    languages: list[str]
    zones: list[str]
    names: dict[str, str]
    accounts: dict[str, dict[str, object]]
    kinds: dict[str, dict[str, object]]
    spacing_minutes: int = 20
    late_after_hours: int = 6
    links: _Links = msgspec.field(default_factory=_Links)
    lint: _Lint = msgspec.field(default_factory=_Lint)


def load_campaign(folder: Path, networks: Iterable[str]) -> Campaign:
    """The campaign in *folder*, whose accounts may be on *networks*. Raises ConfigError."""
    if not folder.is_dir():
        raise ConfigError(
            N_("There is no campaign folder {path}. Name one in config.toml: campaign = …"),
            path=str(folder),
        )
    source = read_toml(folder / "campaign.toml")
    raw = decode(source, _File)
    _check_head(source, raw)
    return Campaign(
        slug=folder.name,
        names=raw.names,
        hashtag=unicodedata.normalize("NFC", raw.hashtag),
        countries=tuple(raw.flags),
        languages=tuple(raw.languages),
        zones=tuple(raw.zones),
        spacing_minutes=raw.spacing_minutes,
        late_after=timedelta(hours=raw.late_after_hours),
        accounts={
            slug: _account(source, slug, data, raw, list(networks))
            for slug, data in raw.accounts.items()
        },
        partners=_partners(folder, raw.languages, list(networks)),
        utm=_utm(source, raw.links.utm),
        lint_off=frozenset(raw.lint.off),
        kinds={
            slug: _kind(source, folder, slug, data, raw.languages)
            for slug, data in raw.kinds.items()
        },
    )


def announcement_files(folder: Path) -> list[Path]:
    """The announcements that come with the campaign in *folder*, by name."""
    return sorted((folder / "announcements").glob("*.toml"))


def _check_head(source: Source, raw: _File) -> None:
    if not _HASHTAG.fullmatch(raw.hashtag):
        raise source.error(
            "hashtag",
            N_("`{hashtag}` is no hashtag: letters and digits only, without the # sign."),
            hashtag=raw.hashtag,
        )
    for country in raw.flags:
        _check_country(source, "flags", country)
    if not raw.languages or not raw.zones:
        raise source.error("", N_("`languages` and `zones` must each name at least one."))
    for zone in raw.zones:
        check_zone(source, "zones", zone)
    if raw.late_after_hours not in _LATE_HOURS:
        raise source.error(
            "late_after_hours",
            N_("`late_after_hours` must be a number from {least} to {most}."),
            least=_LATE_HOURS[0],
            most=_LATE_HOURS[-1],
        )
    _check_languages(source, "names", raw.names, raw.languages)


def _account(
    source: Source, slug: str, data: Mapping[str, object], campaign: _File, networks: list[str]
) -> Account:
    key = f"accounts.{slug}"
    raw = decode(source, _Account, data, key)
    _check_slug(source, key, slug)
    if raw.network not in networks:
        raise unknown(source, f"{key}.network", raw.network, networks)
    for language in raw.languages:
        if language not in campaign.languages:
            raise unknown(source, f"{key}.languages", language, campaign.languages)
    check_zone(source, f"{key}.zone", raw.zone)
    return Account(
        slug,
        raw.network,
        raw.name,
        raw.handle,
        tuple(raw.languages),
        raw.zone,
        tuple(_slot(source, f"{key}.slots", slot) for slot in raw.slots),
        raw.threads,
    )


def _slot(source: Source, key: str, slot: str) -> time:
    try:
        return time.fromisoformat(slot)
    except ValueError as error:
        raise source.error(
            key, N_("`{slot}` is no hour of the day. Write it as 09:30."), slot=slot
        ) from error


def _kind(
    source: Source,
    folder: Path,
    slug: str,
    data: Mapping[str, object],
    languages: list[str],
) -> Kind:
    key = f"kinds.{slug}"
    raw = decode(source, _Kind, data, key)
    _check_languages(source, f"{key}.names", raw.names, languages)
    for fact, kind in raw.facts.items():
        if kind.removesuffix("?") not in FACT_TYPES:
            raise unknown(source, f"{key}.facts.{fact}", kind, FACT_TYPES)
    if raw.late not in set(Verdict):
        raise unknown(source, f"{key}.late", raw.late, Verdict)
    return Kind(
        slug,
        raw.names,
        {fact: kind.removesuffix("?") for fact, kind in raw.facts.items()},
        frozenset(fact for fact, kind in raw.facts.items() if kind.endswith("?")),
        {
            language: _wordings(folder / "templates" / f"{slug}.{language}.txt")
            for language in languages
        },
        raw.late,
    )


def _wordings(path: Path) -> tuple[str, ...]:
    """The wordings of a template, longest first, parted by lines of three hyphens."""
    parts = re.split(r"^---[ \t]*$", read_text(path), flags=re.MULTILINE)
    return tuple(part.strip() for part in parts if part.strip())


def _utm(source: Source, given: Mapping[str, str]) -> dict[str, str]:
    """What is added to links: names without their `utm_`, values with only what is known."""
    for name, value in given.items():
        if name not in UTM_NAMES:
            raise unknown(source, f"links.utm.{name}", name, UTM_NAMES)
        try:
            value.format(**dict.fromkeys(UTM_PLACES, ""))
        except (LookupError, ValueError, AttributeError) as error:
            raise source.error(
                f"links.utm.{name}",
                N_("`{value}` may have {names} in it, and no other braces."),
                value=value,
                names=", ".join(f"{{{place}}}" for place in UTM_PLACES),
            ) from error
    return dict(given)


def _partners(folder: Path, languages: list[str], networks: list[str]) -> dict[str, Partner]:
    source = read_toml(folder / "partners.toml")
    partners = {}
    for slug, data in source.data.items():
        raw = decode(source, _Partner, data, slug)
        _check_slug(source, slug, slug)
        _check_languages(source, f"{slug}.names", raw.names, languages)
        _check_country(source, f"{slug}.country", raw.country)
        for twin in raw.twins:
            if twin not in source.data:
                raise unknown(source, f"{slug}.twins", twin, source.data)
        for network in raw.handles:
            if network not in networks:
                raise unknown(source, f"{slug}.handles.{network}", network, networks)
        handles = {network: _handle(handle) for network, handle in raw.handles.items()}
        partners[slug] = Partner(slug, raw.country, raw.names, tuple(raw.twins), handles)
    return partners


def _handle(given: str | _Handle) -> Handle:
    if isinstance(given, str):
        return Handle(given.removeprefix("@"))
    return Handle(given.name.removeprefix("@"), given.urn)


def _check_slug(source: Source, key: str, slug: str) -> None:
    if not _SLUG.fullmatch(slug):
        raise source.error(
            key, N_("`{slug}` must be small letters, digits and hyphens."), slug=slug
        )


def _check_country(source: Source, key: str, country: str) -> None:
    """Its shape; whether it has a flag is found when a text is composed, with the flags at hand."""
    if not re.fullmatch("[A-Z]{2}", country):
        raise source.error(
            key, N_("`{country}` has no flag. Write ISO country codes: FR, KR."), country=country
        )


def _check_languages(
    source: Source, key: str, texts: Mapping[str, str], languages: list[str]
) -> None:
    for language in languages:
        if not texts.get(language, "").strip():
            raise source.error(
                key, N_("`{key}` lacks the language {language}."), key=key, language=language
            )
