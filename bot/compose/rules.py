"""What composing must know of a network: how it counts, and what it makes a hashtag of.

Each network has its own (`bot/networks/<name>/rules.py`); they are handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag as a network recognises it: *name* without its sign, where it starts and ends.

    `text[start:end]` is the sign and the name; indices are in code points.
    """

    name: str
    start: int
    end: int


class Rules(Protocol):
    """A network's own rules of text: pure, without state."""

    @property
    def limit(self) -> int:
        """The greatest length that the network takes, in `unit`s."""
        ...

    @property
    def unit(self) -> str:
        """The name of what is counted, for people, in English, marked for the catalogues."""
        ...

    def length(self, text: str) -> int:
        """How long the network will find *text*."""
        ...

    def tags(self, text: str) -> Sequence[Tag]:
        """The hashtags that the network will recognise in *text*, in order."""
        ...

    def clean(self, text: str) -> str:
        """*text* without what the network would refuse or change (invalid characters, forms)."""
        ...
