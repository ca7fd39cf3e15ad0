"""What `[networks.*]` and `[accounts.*]` of config.toml may say, as the networks have it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from bot.config import RESEND_ONCE, Config, account_faults, network_faults
from bot.errors import ConfigError
from bot.model import Account
from bot.networks import network_kind
from bot.networks.base import NetworkKind
from bot.pace import Limits
from bot.words import N_

_SECOND, _MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def settings_of(config: Config, network: str) -> dict[str, str]:
    """The section `[networks.<network>]` over its defaults."""
    return {**network_kind(network).settings, **config.networks.get(network, {})}


def limits_of(config: Config, network: str, account: str) -> Limits:
    """What *account* may do: as its section says, else as its network's does, else the default.

    Posts that are late keep at least the distance of those that are not.
    """
    kind = network_kind(network)
    limits = kind.limits
    said = {
        **config.limits.get(f"networks.{network}", {}),
        **config.limits.get(f"accounts.{account}", {}),
    }
    gap = timedelta(seconds=said.get("gap_seconds", limits.gap / _SECOND))
    catch_up = timedelta(minutes=said.get("catch_up_minutes", limits.catch_up_gap / _MINUTE))
    dollars = said.get("budget")
    return Limits(
        gap=gap,
        catch_up_gap=max(gap, catch_up),
        posts_a_day=int(said.get("posts_a_day", limits.posts_a_day)),
        calls_a_day=int(said.get("calls_a_day", limits.calls_a_day)),
        budget=limits.budget if dollars is None else _millionths(dollars),
        resend_within=kind.knows_repetition_for if said.get(RESEND_ONCE) else None,
    )


def _millionths(dollars: float) -> int | None:
    """A budget as it is counted; 0 is none, and a very small one is not."""
    return max(1, round(dollars * 1_000_000)) if dollars else None


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
            yield from _resend_faults(config, slug, kind)
        else:
            yield ConfigError(
                N_("[accounts.{account}] is no account of the campaign. Its accounts: {known}."),
                account=slug,
                known=", ".join(accounts),
            )


def _resend_faults(config: Config, slug: str, kind: NetworkKind) -> Iterator[ConfigError]:
    """That *slug* is to be sent for once more, where its network can be asked, or names nothing."""
    wanted = config.limits.get(f"accounts.{slug}", {}).get(RESEND_ONCE)
    if wanted and not (kind.knows_repetition_for and kind.hides(config.accounts[slug])):
        yield ConfigError(
            N_(
                "accounts.{account}.resend_once is for persons on LinkedIn alone: other accounts "
                "are shown their own posts, and Pavois looks there. Leave it out; or, for a "
                'person, write beside it: author = "urn:li:person:…"'
            ),
            account=slug,
        )
