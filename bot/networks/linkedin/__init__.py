"""LinkedIn: an access token, and the page or the person in whose name it publishes."""

from __future__ import annotations

from collections.abc import Mapping

from bot.networks.base import Connection, Network, NetworkKind
from bot.networks.linkedin.rules import LinkedInRules
from bot.networks.linkedin.versions import advice


def author_of(credentials: Mapping[str, str]) -> str:
    """In whose name is published: a page's or a person's URN."""
    return credentials["author"]


def _connect(connection: Connection) -> Network:
    from bot.networks.linkedin.client import connect

    return connect(connection)


NETWORK = NetworkKind(
    name="linkedin",
    title="LinkedIn",
    rules=LinkedInRules(),
    secrets=("access_token",),
    identifiers=("author",),
    settings={
        "base_url": "https://api.linkedin.com",
        "post_url": "https://www.linkedin.com/feed/update/{id}/",
        "version": "202609",
    },
    identity=author_of,
    connect=_connect,
    advice=advice,
)
