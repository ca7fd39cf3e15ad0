"""What X takes: the figures of `prices.toml`, which are dated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from bot.networks.base import Charges


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in US dollars as *source* gave them on the day *as_of*."""

    as_of: date
    source: str
    post: Decimal
    post_with_link: Decimal
    alt_text: Decimal
    delete: Decimal
    read: Decimal


@cache
def prices() -> Prices:
    """The prices that come with this version of Pavois, read once."""
    import tomllib

    data = tomllib.loads(Path(__file__).with_name("prices.toml").read_text("utf-8"))
    names = ("post", "post_with_link", "alt_text", "delete", "read")
    amounts = {name: Decimal(data[name]) for name in names}
    return Prices(as_of=data["as_of"], source=data["source"], **amounts)


def charges() -> Charges:
    """What X takes besides publishing."""
    return Charges(delete=prices().delete, read=prices().read)
