"""`config.toml` → a frozen Config; secrets from the environment or from files of their own.

Nothing secret is read here: `credentials` reads one account's, when it is called for, which in
rehearsal it never is (DESIGN §2.5).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bot.errors import ConfigError
from bot.files import (
    Source,
    at_home,
    closest,
    decode,
    may_exist,
    read_text,
    read_toml,
    shipped,
    unknown,
)
from bot.words import LANGUAGES, N_, Message, Value

REHEARSAL = "rehearsal"
LIVE = "live"
_MODES = {REHEARSAL: N_("rehearsal"), LIVE: N_("live")}
#: Seconds: the lease of a post that is being sent (`bot.publisher.LEASE`) must outlast both waits.
LONGEST_WAIT = 60

#: What an account may do, in [networks.*] for all of a network's and in [accounts.*] for one: the
#: most that each number may be. 0 is no limit.
_LIMITS = {
    "gap_seconds": 24 * 60 * 60,
    "catch_up_minutes": 24 * 60,
    "posts_a_day": 10_000,
    "calls_a_day": 1_000_000,
}
_BUDGET = "budget"
_MOST_DOLLARS = 1_000_000
RESEND_ONCE = "resend_once"
#: A budget is the whole network's; whether to send once more is each account's own risk.
NETWORK_LIMITS = (*_LIMITS, _BUDGET)
ACCOUNT_LIMITS = (*_LIMITS, RESEND_ONCE)
_ANY_LIMIT = frozenset((*NETWORK_LIMITS, *ACCOUNT_LIMITS))


@dataclass(frozen=True, slots=True)
class Config:
    """What `config.toml` says, with its defaults. `path` is None when there is no such file.

    `folder` is where what is not named otherwise is kept; a rehearsal's networks always are.
    `networks` and `accounts` hold the texts of their sections, `limits` the numbers, by section
    (`networks.x`): where posts go, and how many.
    """

    path: Path | None
    folder: Path
    mode: str
    language: str
    campaign: Path
    database_url: str
    reports: Path
    report_languages: tuple[str, ...]
    proxy: str
    ca_file: str
    timeouts: tuple[float, float]
    networks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    accounts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        return self.mode == LIVE


class _Database(msgspec.Struct, forbid_unknown_fields=True):
    url: str = ""


class _Reports(msgspec.Struct, forbid_unknown_fields=True):
    folder: str = ""
    languages: list[str] = []


class _Http(msgspec.Struct, forbid_unknown_fields=True):
    proxy: str = ""
    ca_file: str = ""
    connect_timeout: float = 5
    read_timeout: float = 30


class _File(msgspec.Struct, forbid_unknown_fields=True):
    mode: str = REHEARSAL
    language: str = ""
    campaign: str = ""
    database: _Database = msgspec.field(default_factory=_Database)
    reports: _Reports = msgspec.field(default_factory=_Reports)
    http: _Http = msgspec.field(default_factory=_Http)
    networks: dict[str, dict[str, object]] = {}
    accounts: dict[str, dict[str, object]] = {}


def find_config(explicit: str, environment: Mapping[str, str], folder: Path) -> Path | None:
    """The configuration to read: named, in PAVOIS_CONFIG, in *folder*, or the person's own.

    None where there is none: Pavois then rehearses with its defaults.
    """
    if named := explicit or environment.get("PAVOIS_CONFIG", ""):
        return at_home(named)
    home = environment.get("XDG_CONFIG_HOME") or str(Path(environment.get("HOME", "~")) / ".config")
    for candidate in (folder / "config.toml", at_home(home) / "pavois" / "config.toml"):
        if may_exist(candidate):
            return candidate
    return None


def load_config(path: Path | None, folder: Path) -> Config:
    """The configuration at *path*; with None the defaults: a rehearsal in *folder*.

    Relative paths in the file are relative to the file. Raises ConfigError.
    """
    source = read_toml(path) if path else Source("", "", {})
    raw = decode(source, _File)
    if raw.mode not in (REHEARSAL, LIVE):
        raise unknown(source, "mode", raw.mode, (REHEARSAL, LIVE))
    base = path.parent.absolute() if path else folder
    kept = base if raw.mode == LIVE else base / "rehearsal"
    for key, languages in (
        ("language", [raw.language] if raw.language else []),
        ("reports.languages", raw.reports.languages),
    ):
        for language in languages:
            if language not in LANGUAGES:
                raise source.error(
                    key,
                    N_("Pavois speaks {known}, not `{language}`."),
                    known=", ".join(LANGUAGES),
                    language=language,
                )
    return Config(
        path=path,
        folder=kept,
        mode=raw.mode,
        language=raw.language,
        campaign=_campaign_folder(base, raw.campaign),
        database_url=_database_url(source, base, raw.database.url)
        or f"sqlite:///{kept / 'pavois.db'}",
        reports=base / raw.reports.folder if raw.reports.folder else kept / "reports",
        report_languages=tuple(raw.reports.languages),
        proxy=raw.http.proxy,
        ca_file=str(base / at_home(raw.http.ca_file)) if raw.http.ca_file else "",
        timeouts=(
            _seconds(source, "connect_timeout", raw.http.connect_timeout),
            _seconds(source, "read_timeout", raw.http.read_timeout),
        ),
        networks=_texts(source, "networks", raw.networks),
        accounts=_texts(source, "accounts", raw.accounts),
        limits=_limits(source, "networks", raw.networks)
        | _limits(source, "accounts", raw.accounts),
    )


def mode_word(mode: str) -> Value:
    """*mode* in the reader's language."""
    return Message(_MODES[mode]) if mode in _MODES else mode


def absolute_url(url: str, base: Path) -> str:
    """*url* with a relative SQLite path made relative to *base*, the configuration's folder."""
    scheme, separator, rest = url.partition(":///")
    if not separator or not scheme.startswith("sqlite") or rest.startswith("/"):
        return url
    return f"{scheme}:///{base / rest}"


def credentials(
    config: Config,
    account: str,
    secrets: tuple[str, ...],
    identifiers: tuple[str, ...],
    environment: Mapping[str, str] = os.environ,
) -> Mapping[str, str]:
    """What *account* needs to publish, by name.

    A secret comes from the environment (PAVOIS_X_FR_API_KEY for `api_key` of `x-fr`) or from the
    file that `accounts.x-fr.api_key_file` names; an identifier may stand in config.toml itself.
    Raises ConfigError naming everything that is missing.
    """
    section = config.accounts.get(account, {})
    found: dict[str, str] = {}
    for name in (*secrets, *identifiers):
        value = environment.get(_variable(account, name), "")
        if not value and (file := section.get(f"{name}_file", "")):
            value = read_text((config.path or Path()).parent / at_home(file))
        if not value and name in identifiers:
            value = section.get(name, "")
        found[name] = value.strip()
    missing = [_variable(account, name) for name, value in found.items() if not value]
    if missing:
        raise ConfigError(
            N_(
                "Account {account} is not connected: {missing} missing. Put it in the environment, "
                "or name a file that holds it in [accounts.{account}]."
            ),
            account=account,
            missing=", ".join(missing),
        )
    return found


def account_faults(
    config: Config, account: str, secrets: tuple[str, ...], identifiers: tuple[str, ...]
) -> Iterator[ConfigError]:
    """Each key of [accounts.<account>] that means nothing, or is a secret."""
    source = Source(str(config.path or "config.toml"), "", {})
    named = (f"{name}_file" for name in (*secrets, *identifiers))
    known = {*identifiers, *named, *ACCOUNT_LIMITS}
    for key in config.accounts.get(account, {}):
        if key in secrets:
            yield source.error(
                key,
                N_(
                    "accounts.{account}.{key} is a secret and may not stand here. Put it into a "
                    "file and write `{key}_file`, or into the environment as {variable}."
                ),
                account=account,
                key=key,
                variable=_variable(account, key),
            )
        elif key not in known:
            yield source.error(
                key,
                N_("accounts.{account}.{key} means nothing. Known are: {known}."),
                account=account,
                key=key,
                known=", ".join(sorted(known)),
            )


def network_faults(config: Config, network: str, known: Collection[str]) -> Iterator[ConfigError]:
    """Each key of [networks.<network>] that means nothing."""
    for key in config.networks.get(network, {}):
        if key not in known:
            yield ConfigError(
                N_("networks.{network}.{key} means nothing. Known are: {known}."),
                network=network,
                key=key,
                known=", ".join((*known, *NETWORK_LIMITS)),
            )


def _seconds(source: Source, key: str, value: float) -> float:
    """A time to wait; NaN is none. Longer ones would outlast the lease of a post being sent."""
    if not 0 < value <= LONGEST_WAIT:
        raise source.error(
            f"http.{key}",
            N_("`http.{key}` must be a number of seconds between 0 and {most}."),
            key=key,
            most=LONGEST_WAIT,
        )
    return value


def _texts(
    source: Source, section: str, tables: Mapping[str, Mapping[str, object]]
) -> dict[str, dict[str, str]]:
    """*tables* of texts, without the limits that stand among them.

    msgspec would not say which of their keys holds something else.
    """
    texts: dict[str, dict[str, str]] = {}
    for name, table in tables.items():
        texts[name] = {}
        for key, value in table.items():
            if key in _ANY_LIMIT:
                continue
            if not isinstance(value, str):
                raise _no_text(source, f"{section}.{name}.{key}", key)
            texts[name][key] = value
    return texts


def _no_text(source: Source, where: str, key: str) -> ConfigError:
    """The error for a number or the like at *where*: a limit misspelt, or a text without marks."""
    if closest(key, _ANY_LIMIT):
        return unknown(source, where, key, _ANY_LIMIT)
    return source.error(where, N_("`{key}` must be a text in quotation marks."), key=where)


def _limits(
    source: Source, section: str, tables: Mapping[str, Mapping[str, object]]
) -> dict[str, dict[str, float]]:
    """The limits in *tables*, by section; a section without any is left out."""
    here, elsewhere = NETWORK_LIMITS, "accounts"
    if section == "accounts":
        here, elsewhere = ACCOUNT_LIMITS, "networks"
    found: dict[str, dict[str, float]] = {}
    for name, table in tables.items():
        for key, value in table.items():
            if key not in _ANY_LIMIT:
                continue
            where = f"{section}.{name}.{key}"
            if key not in here:
                raise source.error(
                    where,
                    N_("`{key}` does not belong here, but in a section [{section}.…]."),
                    key=where,
                    section=elsewhere,
                )
            found.setdefault(f"{section}.{name}", {})[key] = _limit(source, where, key, value)
    return found


def _limit(source: Source, where: str, key: str, value: object) -> float:
    """The limit *key*, checked. Raises ConfigError."""
    if key == RESEND_ONCE:
        if isinstance(value, bool):
            return value
        raise source.error(where, N_("`{key}` must be true or false."), key=where)
    most = _LIMITS.get(key, _MOST_DOLLARS)
    if (
        isinstance(value, int | float)
        and not isinstance(value, bool)  # it would be 1
        and (isinstance(value, int) or key == _BUDGET)
        and 0 <= value <= most  # which NaN is not
    ):
        return value
    sentence = N_("`{key}` must be a whole number from 0 to {most}.")
    if key == _BUDGET:
        sentence = N_("`{key}` must be a number of dollars from 0 to {most}.")
    raise source.error(where, sentence, key=where, most=most)


def _variable(account: str, name: str) -> str:
    return f"PAVOIS_{account}_{name}".upper().replace("-", "_")


def _campaign_folder(base: Path, named: str) -> Path:
    if not named:
        own = base / "campaigns" / "korea-france"
        return own if own.is_dir() else shipped("campaigns/korea-france")
    return base / at_home(named)


def _database_url(source: Source, base: Path, url: str) -> str:
    """*url* with a relative SQLite path made relative to the configuration file."""
    if not url:
        return ""
    if "://" not in url:
        raise source.error(
            "database.url",
            N_('`database.url` must look like "sqlite:///pavois.db", not `{url}`.'),
            url=url,
        )
    return absolute_url(url, base)
