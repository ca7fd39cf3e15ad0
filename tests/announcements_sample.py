"""Announcements for the tests, made in a line: only what the test speaks of is said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.announcements import announcement_from
from bot.compose.attach import Place
from bot.compose.render import render
from bot.compose.rules import Rules
from bot.compose.wording import Wordings
from bot.files import Source
from bot.model import Account, Announcement, Campaign, PlannedPost, Rendering
from tests.fakes import PlainRules

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


def rendered(
    what: Announcement,
    wordings: Wordings,
    language: str = "fr",
    rules: Rules | None = None,
    *,
    network: str = "liste",
    link: str | None = None,
    threads: bool = False,
) -> Rendering:
    """*what* for an account of *network* that speaks *language*, its link in the text."""
    account = Account("one", network, "One", "one", (language,), "Europe/Paris", (), threads)
    place = Place(network, rules or PlainRules(), language)
    return render(what, wordings, account, place, link=what.link if link is None else link)
