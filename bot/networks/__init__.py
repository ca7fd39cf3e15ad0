"""The networks that Pavois knows, one line each; each is imported when it is asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from bot.errors import ConfigError
from bot.words import N_

if TYPE_CHECKING:
    from bot.networks.base import NetworkKind

NETWORKS = {
    "x": "bot.networks.x.kind",
    "linkedin": "bot.networks.linkedin.kind",
}


def network_kind(name: str) -> NetworkKind:
    """The network called *name*; ConfigError, with the names that are known, for another."""
    if name not in NETWORKS:
        raise ConfigError(
            N_("There is no network called {name}; the networks are: {known}."),
            name=name,
            known=", ".join(NETWORKS),
        )
    kind: NetworkKind = importlib.import_module(NETWORKS[name]).NETWORK
    return kind
