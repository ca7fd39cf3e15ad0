"""LinkedIn's rules of text and files, as composing asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.attached import Mention, Sort
from bot.compose.rules import Link, Measure, PollLimits, Tag, Takes
from bot.compose.units import utf16_length
from bot.networks.characters import tidy
from bot.networks.linkedin.text import (
    find_hashtags,
    find_links,
    find_mentions,
    to_little_text,
)
from bot.words import N_, Message

_MIB = 1 << 20


class LinkedInRules:
    """3000 UTF-16 units (LinkedIn docs, recorded 400 of 2025-12).

    Whether the escapes count is not known: the longer of what people see and what is sent counts.
    Files: LinkedIn docs 2026-08 (reference/linkedin.md §3). Of pictures LinkedIn names no greatest
    size in bytes; others keep to 5 to 10 MB.
    """

    limit = 3000
    unit = N_("characters as LinkedIn counts them")
    has_cards = True
    has_threads = False
    forbids_repetition = False
    poll = PollLimits(question=140, option=30, most_options=4, days=(1, 3, 7, 14))
    takes: Mapping[Sort, Takes] = {
        Sort.PICTURE: Takes(
            ("image/jpeg", "image/png"), 8 * _MIB, count=20, pixels=36_152_319, alt=4086
        ),
        Sort.ANIMATION: Takes(("image/gif",), 8 * _MIB, pixels=36_152_319, frames=250, alt=4086),
        Sort.VIDEO: Takes(
            ("video/mp4",),
            500 * _MIB,
            least_seconds=3,
            most_seconds=30 * 60,
            least_size=75 * 1024,
            title=True,
        ),
        Sort.DOCUMENT: Takes(("application/pdf",), 100 * _MIB, pages=300, title=True),
    }

    def measure(self, text: str, mentions: Sequence[Mention] = ()) -> Measure:
        shown = utf16_length(text)
        return Measure(max(shown, utf16_length(to_little_text(text, mentions))), shown)

    def tags(self, text: str) -> list[Tag]:
        return find_hashtags(text)

    def links(self, text: str) -> list[Link]:
        return find_links(text)

    def shown_link(self, address: str) -> str:
        return address

    def mentioned(self, text: str, mentions: Sequence[Mention] = ()) -> list[Tag]:
        return [Tag(one.mention.name, one.start, one.end) for one in find_mentions(text, mentions)]

    def clean(self, text: str) -> str:
        return tidy(text)

    def refusals(self, text: str) -> tuple[Message, ...]:
        return ()

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal | None:
        return None
