"""What X takes for publishing: the figures of `prices.toml`, which are dated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in US dollars as *source* gave them on the day *as_of*."""

    as_of: date
    source: str
    post: Decimal
    post_with_link: Decimal
    alt_text: Decimal


@cache
def prices() -> Prices:
    """The prices that come with this version of Pavois, read once."""
    import tomllib

    data = tomllib.loads(Path(__file__).with_name("prices.toml").read_text("utf-8"))
    amounts = {name: Decimal(data[name]) for name in ("post", "post_with_link", "alt_text")}
    return Prices(as_of=data["as_of"], source=data["source"], **amounts)
