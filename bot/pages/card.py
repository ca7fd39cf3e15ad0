"""The card of a page: what it says of itself for those who link to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from bot.compose.units import cut
from bot.networks.characters import tidy
from bot.pages.charset import decoded

#: In UTF-16 units. LinkedIn documents no limit for either: posse_party cuts descriptions at 4084,
#: and no card shows as much as 400 of a title.
TITLE_MAX = 400
DESCRIPTION_MAX = 4084
#: Characters of a picture's address: what servers take.
ADDRESS_MAX = 2000

#: In which order they are believed.
_TITLES = ("og:title", "twitter:title")
_DESCRIPTIONS = ("og:description", "twitter:description", "description")
_PICTURES = (
    "og:image:secure_url",
    "og:image",
    "og:image:url",
    "twitter:image",
    "twitter:image:src",
)
_WANTED = frozenset(_TITLES + _DESCRIPTIONS + _PICTURES)
#: French spaces that do not break stay what they are.
_SPACES = re.compile(r"[ \n]+")
#: They turn the words after them round, or are not seen.
_DIRECTIONS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINE_BREAKS = re.compile(r"[\t\r\n]")


@dataclass(frozen=True, slots=True)
class PageCard:
    """The card of the page at *url*: *picture* is an absolute address; what is not known is ""."""

    url: str
    title: str
    description: str
    picture: str


def card_of(html: bytes, content_type: str, url: str) -> PageCard:
    """The card that the page *html*, which came from *url* with the header *content_type*, asks
    for: by its Open Graph and Twitter properties, or else its title and description.

    Takes any bytes: what cannot be read is not there.
    """
    page = _Page()
    page.read(decoded(html, content_type))
    base = absolute(url, page.base) or url
    return PageCard(
        url=url,
        title=cut(_first(page.said(_TITLES), page.title), TITLE_MAX),
        description=cut(_first(page.said(_DESCRIPTIONS)), DESCRIPTION_MAX),
        picture=next(filter(None, (absolute(base, it) for it in page.said(_PICTURES))), ""),
    )


def absolute(base: str, reference: str) -> str:
    """The http or https address that *reference* means on the page *base*; "" if it means none."""
    written = _LINE_BREAKS.sub("", reference.strip())
    try:
        joined = urljoin(base, written).replace(" ", "%20") if written else ""
        parts = urlsplit(joined)
    except ValueError:  # "http://["
        return ""
    web = parts.scheme in ("http", "https") and parts.netloc
    return joined if web and len(joined) <= ADDRESS_MAX else ""


class _Page(HTMLParser):
    """What stands in a page's <meta>, <title> and <base>: the first of each counts."""

    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self._said: dict[str, list[str]] = {}
        self._titles: list[str] = []
        self._in_title = False

    @property
    def title(self) -> str:
        return "".join(self._titles)

    def said(self, names: Iterable[str]) -> list[str]:
        """What the page says under *names*, in their order."""
        return [content for name in names for content in self._said.get(name, ())]

    def read(self, html: str) -> None:
        # Never closed: only the end of what is broken takes the parser longer than its length.
        try:
            self.feed(html)
        except (AssertionError, ValueError):
            # What it raises for "<![x" and for the number of no letter: the rest is not read.
            return

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._in_title = not self._titles
        elif tag == "meta":
            self._meta({name: value or "" for name, value in reversed(attrs)})
        elif tag == "base" and not self.base:
            self.base = dict(attrs).get("href") or ""

    def _meta(self, attributes: dict[str, str]) -> None:
        for name in {attributes.get(key, "").strip().lower() for key in ("property", "name")}:
            if name in _WANTED:
                self._said.setdefault(name, []).append(attributes.get("content", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self._titles.append(data)


def _first(contents: Iterable[str], otherwise: str = "") -> str:
    """The first of *contents* that says something, in one line."""
    lines = (_line(content) for content in (*contents, otherwise))
    return next(filter(None, lines), "")


def _line(text: str) -> str:
    return _SPACES.sub(" ", _DIRECTIONS.sub("", tidy(text))).strip()
