"""What `[networks.*]` and `[accounts.*]` of config.toml may say, as the networks have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bot.config import Config, account_faults, network_faults
from bot.errors import ConfigError
from bot.model import Account
from bot.networks import network_kind
from bot.words import N_


def settings_of(config: Config, network: str) -> dict[str, str]:
    """The section `[networks.<network>]` over its defaults."""
    return {**network_kind(network).settings, **config.networks.get(network, {})}


def section_faults(config: Config, accounts: Mapping[str, Account]) -> Iterator[ConfigError]:
    """Every section that is no network's or none of *accounts*', every key that means nothing.

    A misspelt one is not to be passed over: the post would go to the real network instead.
    """
    for network in config.networks:
        try:
            known = network_kind(network).settings
        except ConfigError as error:
            yield error
        else:
            yield from network_faults(config, network, known)
    for slug in config.accounts:
        if slug in accounts:
            kind = network_kind(accounts[slug].network)
            yield from account_faults(config, slug, kind.secrets, kind.identifiers)
        else:
            yield ConfigError(
                N_("[accounts.{account}] is no account of the campaign. Its accounts: {known}."),
                account=slug,
                known=", ".join(accounts),
            )
