"""What never leaves the machine: keys, and files that hold them."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bot.config import Config
from bot.files import at_home
from bot.networks import NETWORKS, network_kind


def secret_files(config: Config) -> frozenset[Path]:
    """The files that config.toml names for its accounts' keys."""
    base = (config.path or Path()).parent
    return frozenset(
        (base / at_home(value)).resolve()
        for section in config.accounts.values()
        for key, value in section.items()
        if key.endswith("_file")
    )


def tells_no_secret(config: Config) -> bool:
    """Whether config.toml may be shown: no key of an account, no password in an address."""
    keys = {key for section in config.accounts.values() for key in section}
    secrets = {name for network in NETWORKS for name in network_kind(network).secrets}
    addresses = (
        config.database_url,
        config.proxy,
        *(value for section in config.networks.values() for value in section.values()),
    )
    return not keys & secrets and not any(_has_password(address) for address in addresses)


def _has_password(address: str) -> bool:
    try:
        parts = urlsplit(address)
        # A database's address may tell it in either place (PostgreSQL, "Connection Strings").
        return bool(parts.password or {"password", "sslpassword"} & parse_qs(parts.query).keys())
    except ValueError:  # "http://[": no address, and who knows what else
        return True
