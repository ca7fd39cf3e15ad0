"""Announcements for the tests, made in a line: only what the test speaks of is said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.announcements import announcement_from
from bot.files import Source
from bot.model import Announcement, Campaign, PlannedPost

MARK = "#KoreaFranceLocalCooperation 🇫🇷🇰🇷"


def announcement(campaign: Campaign, slug: str = "bonjour", **fields: Any) -> Announcement:
    """A piece of news, unless *fields* say otherwise; as the command line would make it."""
    data = {"kind": "news", "facts": {"headline": "Bonjour"}, **fields}
    return announcement_from(Source("command line", "", data), slug, campaign)


def visit(campaign: Campaign, **facts: Any) -> Announcement:
    """A visit to Tours, with *facts*."""
    given = {"host": "tours", "starts": "2023-03-12", **facts}
    return announcement(campaign, "visite", kind="visit", facts=given)


def planned(account: str, due: datetime, **changes: Any) -> PlannedPost:
    """A post as a plan has it, but for *changes*."""
    network = account.partition("-")[0]
    values: Mapping[str, Any] = {
        "network": network,
        "language": "fr",
        "text": f"Bonjour\n\n{MARK}",
        "valid_until": None,
        **changes,
    }
    return PlannedPost(account=account, due=due, **values)
