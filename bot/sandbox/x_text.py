"""What X makes of a text: t.co links, entities, `&amp;`.

The rules of what is a link or a hashtag are the client's own module, checked against X's official
conformance data; it is the only thing that the sandbox shares with a client.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MAX_WEIGHT = 280
#: X shows this much of a link's address and then an ellipsis.
SHOWN_OF_A_LINK = 26
_INVALID = re.compile("[\ufffe\ufeff\uffff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text: `kind` is text, url, hashtag, mention, cashtag or media; `written` as
    sent. Of media there is only the link that X puts behind the text."""

    kind: str
    written: str
    short: str = ""

    @property
    def stored(self) -> str:
        """The stretch as the API gives it back (X escapes `&`, `<` and `>` as HTML does)."""
        return self.short or html.escape(self.written, quote=False)

    @property
    def expanded(self) -> str:
        """The whole address of a link."""
        has_scheme = self.written.lower().startswith(("http://", "https://"))
        return self.written if has_scheme else f"http://{self.written}"

    @property
    def display(self) -> str:
        """The address of a link as people see it."""
        bare = re.sub(r"^https?://(?:www\.)?", "", self.written, flags=re.IGNORECASE)
        return bare if len(bare) <= SHOWN_OF_A_LINK else bare[:SHOWN_OF_A_LINK] + "…"


def normal(text: str) -> str:
    """*text* as X keeps it (NFC)."""
    return unicodedata.normalize("NFC", text)


def weight(text: str) -> int:
    """The weighted length of *text*."""
    from bot.networks.x.text import weighted_length

    return weighted_length(text)


def is_invalid(text: str) -> bool:
    """Whether *text* has one of the three characters that X refuses."""
    return _INVALID.search(text) is not None


def pieces(text: str, salt: str) -> list[Piece]:
    """*text* cut into links, tags, names and what lies between; *salt* makes its t.co its own."""
    from bot.networks.x import text as rules

    found = [
        *((span.start, span.end, "url") for span in rules.extract_urls_with_indices(text)),
        *((span.start, span.end, "hashtag") for span in rules.extract_hashtags_with_indices(text)),
        *((span.start, span.end, "mention") for span in rules.extract_mentions_with_indices(text)),
        *((span.start, span.end, "cashtag") for span in rules.extract_cashtags_with_indices(text)),
    ]
    cut: list[Piece] = []
    place = 0
    for start, end, kind in sorted(found):
        if start < place:
            continue
        if start > place:
            cut.append(Piece("text", text[place:start]))
        written = text[start:end]
        cut.append(Piece(kind, written, _short(f"{salt}/{start}") if kind == "url" else ""))
        place = end
    if place < len(text):
        cut.append(Piece("text", text[place:]))
    return cut


def with_media(cut: Sequence[Piece], salt: str) -> list[Piece]:
    """*cut* and the t.co link of what goes out with the text (reference/x.md §2.5)."""
    space = [Piece("text", " ")] if cut else []
    return [*cut, *space, Piece("media", "", _short(f"{salt}/media"))]


def _short(salt: str) -> str:
    return "https://t.co/" + hashlib.sha256(salt.encode()).hexdigest()[:10]


def entities(
    cut: Sequence[Piece], media: Sequence[Mapping[str, object]] = ()
) -> dict[str, list[dict[str, object]]]:
    """What the API calls entities, with code points of the stored text.

    *media* says of each file what its link leads to; they share one t.co.
    """
    found: dict[str, list[dict[str, object]]] = {}
    place = 0
    for piece in cut:
        end = place + len(piece.stored)
        where: dict[str, object] = {"start": place, "end": end}
        name = piece.written[1:]
        if piece.kind == "url":
            link = {"url": piece.short, "expanded_url": piece.expanded}
            found.setdefault("urls", []).append(where | link | {"display_url": piece.display})
        elif piece.kind == "media":
            links = [where | {"url": piece.short, **link} for link in media]
            found.setdefault("urls", []).extend(links)
        elif piece.kind == "mention":
            found.setdefault("mentions", []).append(where | {"username": name})
        elif piece.kind != "text":
            found.setdefault(f"{piece.kind}s", []).append(where | {"tag": name})
        place = end
    return found
