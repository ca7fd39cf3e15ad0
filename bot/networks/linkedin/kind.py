"""LinkedIn: an access token, and the page or the person in whose name it publishes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import unquote

from bot.networks.base import Connection, Network, NetworkKind
from bot.networks.linkedin.rules import LinkedInRules
from bot.networks.linkedin.versions import advice
from bot.pace import Limits


def author_of(credentials: Mapping[str, str]) -> str:
    """In whose name is published: a page's or a person's URN."""
    return credentials["author"]


def is_person(section: Mapping[str, str]) -> bool:
    """Whether the account of *section* is a person's: LinkedIn shows it none of its own posts."""
    return section.get("author", "").startswith("urn:li:person:")


def post_in(address: str) -> str:
    """The URN of the post at *address*: https://www.linkedin.com/feed/update/<urn>/."""
    found = re.search(r"urn:li:(?:share|ugcPost|activity):[0-9]+", unquote(address))
    return found[0] if found else ""


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
    limits=Limits(
        # LinkedIn names no distance.
        gap=timedelta(seconds=60),
        catch_up_gap=timedelta(minutes=10),
        # Share on LinkedIn: 150 requests a member and day (LinkedIn docs; linkedin.md §4.2).
        posts_a_day=150,
        # Community Management, development tier: 100 calls a member and day, whichever they are
        # (LinkedIn docs and reports of 2026; linkedin.md §4.3, §5.8).
        calls_a_day=100,
    ),
    identity=author_of,
    post_in=post_in,
    connect=_connect,
    advice=advice,
    # "About ten minutes" (LinkedIn docs; linkedin.md §1.8): the 422 names the post that is out.
    knows_repetition_for=timedelta(minutes=10),
    hides=is_person,
)
