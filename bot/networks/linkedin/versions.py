"""How long LinkedIn answers to a version of its interface (reference/linkedin.md §1.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.words import N_, Message

#: LinkedIn docs: each version is supported for twelve months, and ends about the middle of one.
SUPPORTED_MONTHS = 12
#: At this age there are two months left to try a newer one.
OLD_MONTHS = 10

_VERSION = re.compile(r"(20[0-9]{2})(0[1-9]|1[0-2])")


def month_of(version: str) -> date | None:
    """The first day of the month that *version* (`202609`) names; None if it names none."""
    found = _VERSION.fullmatch(version)
    return date(int(found[1]), int(found[2]), 1) if found else None


def advice(settings: Mapping[str, Any], today: date) -> tuple[Message, ...]:
    """That the version in *settings* will soon be retired, or is."""
    version = str(settings["version"])
    month = month_of(version)
    if month is None:
        return ()
    age = (today.year - month.year) * 12 + today.month - month.month
    if age < OLD_MONTHS:
        return ()
    if age > SUPPORTED_MONTHS:
        return (
            Message(
                N_("LinkedIn has retired version {version}: set networks.linkedin.version."),
                {"version": version},
            ),
        )
    return (
        Message(
            N_(
                "LinkedIn retires version {version} about the middle of {month}: set "
                "networks.linkedin.version."
            ),
            {"version": version, "month": f"{month.year + 1}-{month.month:02}"},
        ),
    )
