"""X: the account's four keys (OAuth 1.0a), which do not expire and need no renewal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from bot.networks.base import Connection, Network, NetworkKind
from bot.networks.x.prices import charges
from bot.networks.x.rules import XRules
from bot.pace import Limits

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
    limits=Limits(
        # X names no distance; its antispam looks at bursts (x.md §2.6).
        gap=timedelta(seconds=60),
        catch_up_gap=timedelta(minutes=10),
        # Unverified accounts (help.x.com, reported 2026-05-18; x.md §0, fact 6).
        posts_a_day=50,
    ),
    identity=user_of,
    post_in=post_in,
    connect=_connect,
    charges=charges,
)
