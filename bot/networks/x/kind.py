"""X: the account's four keys (OAuth 1.0a), which do not expire and need no renewal."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.networks.base import Connection, Network, NetworkKind
from bot.networks.x.rules import XRules

_USER = re.compile(r"([0-9]+)-\S+")


def user_of(credentials: Mapping[str, str]) -> str:
    """The number of the X user whose access token this is: what stands before its hyphen.

    "" for what is no access token, of which nothing may be shown.
    """
    found = _USER.fullmatch(credentials["access_token"])
    return found[1] if found else ""


def post_in(address: str) -> str:
    """The number of the post at *address*: https://x.com/<handle>/status/<number>."""
    found = re.search(r"/status/([0-9]+)", address)
    return found[1] if found else ""


def _connect(connection: Connection) -> Network:
    # tweepy takes its time to import: only who talks to X waits for it.
    from bot.networks.x.client import connect

    return connect(connection)


NETWORK = NetworkKind(
    name="x",
    title="X",
    rules=XRules(),
    secrets=("api_key", "api_secret", "access_token", "access_secret"),
    identifiers=(),
    settings={
        "base_url": "https://api.x.com",
        "post_url": "https://x.com/{handle}/status/{id}",
    },
    identity=user_of,
    post_in=post_in,
    connect=_connect,
)
