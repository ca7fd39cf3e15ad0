"""What composing must know of a network: how it counts, what it makes of a text, what it takes.

Each network has its own (`bot/networks/<name>/rules.py`); they are handed in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from bot.attached import Mention, Sort
from bot.words import Message


@dataclass(frozen=True, slots=True)
class Tag:
    """A hashtag as a network recognises it: *name* without its sign, where it starts and ends.

    `text[start:end]` is the sign and the name; indices are in code points.
    """

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Link:
    """What a network makes a link of: `text[start:end]`, in code points."""

    address: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Measure:
    """How long a text is in a network's units: `length` is what must fit, `shown` what people see.

    X: the most that it may count, and what it probably does. LinkedIn: what is sent, and the text.
    """

    length: int
    shown: int


@dataclass(frozen=True, slots=True)
class Takes:
    """What a network takes of one sort of file; 0 stands for a limit that it does not have.

    `mimes` are the types that it takes, the preferred one first. `pixels` is the greatest product
    of width and height, `alt` the length of the text that stands for a picture, in UTF-16 units
    (0: it takes none), `title` whether one must be given.
    """

    mimes: tuple[str, ...]
    size: int
    count: int = 1
    pixels: int = 0
    width: int = 0
    height: int = 0
    frames: int = 0
    least_seconds: float = 0
    most_seconds: float = 0
    frames_a_second: int = 0
    least_size: int = 0
    pages: int = 0
    alt: int = 0
    title: bool = False


@dataclass(frozen=True, slots=True)
class PollLimits:
    """What a network takes of a poll; lengths in UTF-16 units, `question` 0: the text is it."""

    question: int
    option: int
    most_options: int
    days: tuple[int, ...]


class Rules(Protocol):
    """A network's own rules: pure, without state."""

    @property
    def limit(self) -> int:
        """The greatest length that the network takes, in `unit`s."""
        ...

    @property
    def unit(self) -> str:
        """The name of what is counted, for people, in English, marked for the catalogues."""
        ...

    @property
    def takes(self) -> Mapping[Sort, Takes]:
        """What it takes of each sort of file; a sort that is not there it does not take."""
        ...

    @property
    def poll(self) -> PollLimits | None:
        """What it takes of polls; None: it has none."""
        ...

    @property
    def has_cards(self) -> bool:
        """Whether the card of a link must be sent with it: the network reads no page itself."""
        ...

    @property
    def has_threads(self) -> bool:
        """Whether a post may be the answer to the account's own post before it."""
        ...

    @property
    def forbids_repetition(self) -> bool:
        """Whether it forbids nearly the same text on several accounts, or again soon."""
        ...

    def measure(self, text: str, mentions: Sequence[Mention] = ()) -> Measure:
        """How long the network will find *text*."""
        ...

    def tags(self, text: str) -> Sequence[Tag]:
        """The hashtags that the network will recognise in *text*, in order."""
        ...

    def links(self, text: str) -> Sequence[Link]:
        """What the network will make a link of in *text*, in order."""
        ...

    def shown_link(self, address: str) -> str:
        """What people read of a link whose address is *address*."""
        ...

    def mentioned(self, text: str, mentions: Sequence[Mention] = ()) -> Sequence[Tag]:
        """Whom the network will link in *text*: those it finds, and those of *mentions*."""
        ...

    def clean(self, text: str) -> str:
        """*text* without what the network would refuse or change (invalid characters, forms)."""
        ...

    def refusals(self, text: str) -> tuple[Message, ...]:
        """Why the network would not take *text* whatever its length, in words; none: it would."""
        ...

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal | None:
        """What publishing *text* with so many described pictures costs, in dollars; None: free."""
        ...
