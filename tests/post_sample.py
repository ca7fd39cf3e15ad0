"""A post for the tests of the networks' clients, made in a line."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from bot.model import Account, Post, PostState

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TOURS_ON_X = Account("tours-x", "x", "Tours", "@tours", ("fr",), "Europe/Paris", (time(9),))
SUWON_ON_LINKEDIN = Account("suwon-in", "linkedin", "Suwon", "", ("ko",), "Asia/Seoul", (time(9),))


def sending(account: Account, text: str, **changes: Any) -> Post:
    """The post of *account* that is being sent, with *text*, but for *changes*."""
    values: dict[str, Any] = {
        "id": 1,
        "campaign": "korea-france",
        "announcement": "forum",
        "kind": "forum",
        "partners": (),
        "due": NOW,
        "valid_until": None,
        "state": PostState.SENDING,
        "next_try": NOW,
        **changes,
    }
    return Post(
        account=account.slug,
        network=account.network,
        language=account.languages[0],
        text=text,
        **values,
    )
