"""What goes out with a text: files, a poll, the card of a link, and whom the text names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Sort(StrEnum):
    """What sort of file goes out with a post."""

    PICTURE = "picture"
    ANIMATION = "animation"
    VIDEO = "video"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file that an announcement names, and what must be known of it before it is shown.

    `path` is where it lies, `sha256` what it holds. `alts` and `titles` are by language. After the
    day `expires` it may not be shown any more. `networks` names those it goes to; none: all.
    """

    path: str
    sha256: str
    alts: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    credit: str = ""
    consent: str = ""
    expires: date | None = None
    networks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the officer calls it: the last part of its path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class AnnouncedPoll:
    """A poll as it is announced: its texts by language, open for so many days."""

    question: Mapping[str, str]
    options: tuple[Mapping[str, str], ...]
    days: int


@dataclass(frozen=True, slots=True)
class AnnouncedCard:
    """What the officer says of the link herself, by language, instead of what its page says."""

    titles: Mapping[str, str] = field(default_factory=dict)
    descriptions: Mapping[str, str] = field(default_factory=dict)
    picture: MediaFile | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A file as one network gets it: kept by its hash, with what is said of it in one language.

    `name` is that of the officer's file, `credit` whose it is. `size` is in bytes, `width` and
    `height` in pixels; 0 where there is none. After the day `expires` it may not be shown any more.
    """

    sha256: str
    sort: Sort
    mime: str
    size: int
    width: int = 0
    height: int = 0
    alt: str = ""
    title: str = ""
    expires: date | None = None
    name: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """A question with its answers, open for so many days."""

    question: str
    options: tuple[str, ...]
    days: int


@dataclass(frozen=True, slots=True)
class LinkCard:
    """What is shown of a link where the network does not read the page itself."""

    url: str
    title: str
    description: str = ""
    picture: Media | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says of itself, read once; `picture` is kept by that hash, "" for none."""

    url: str
    title: str
    description: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """The first time that `name` stands in a text, a network is told whom it means: `urn`."""

    name: str
    urn: str


@dataclass(frozen=True, slots=True)
class Attached:
    """What goes out with a text: files, or a poll, or the card of a link; and whom it names."""

    media: tuple[Media, ...] = ()
    poll: Poll | None = None
    card: LinkCard | None = None
    mentions: tuple[Mention, ...] = ()

    @property
    def files(self) -> tuple[Media, ...]:
        """Every file that a network must be sent, the picture of a card among them."""
        picture = self.card.picture if self.card else None
        return (*self.media, picture) if picture else self.media


NOTHING_ATTACHED = Attached()
