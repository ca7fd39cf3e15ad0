"""X's rules of text and files, as composing asks for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.attached import Mention, Sort
from bot.compose.rules import Link, Measure, PollLimits, Tag, Takes
from bot.networks.characters import tidy
from bot.networks.x import text as x_text
from bot.words import N_, Message

_MIB = 1 << 20


class XRules:
    """280, counted as X counts; hashtags as X finds them. An ordinary account: no long posts.

    Files: docs.x.com 2026-08, "media" (reference/x.md §2.5); polls: "create post".
    """

    limit = x_text.MAX_WEIGHT
    unit = N_("characters as X counts them")
    has_cards = False
    has_threads = True
    forbids_repetition = True
    poll = PollLimits(question=0, option=25, most_options=4, days=(1, 2, 3, 4, 5, 6, 7))
    takes: Mapping[Sort, Takes] = {
        Sort.PICTURE: Takes(("image/jpeg", "image/png"), 5 * _MIB, count=4, alt=1000),
        Sort.ANIMATION: Takes(
            ("image/gif",), 15 * _MIB, width=1280, height=1080, frames=350, alt=1000
        ),
        Sort.VIDEO: Takes(
            ("video/mp4", "video/quicktime"),
            512 * _MIB,
            width=1280,
            height=1024,
            least_seconds=0.5,
            most_seconds=140,
            frames_a_second=60,
        ),
    }

    def measure(self, text: str, mentions: Sequence[Mention] = ()) -> Measure:
        length = x_text.weighted_length(text)
        return Measure(length, length)

    def tags(self, text: str) -> list[Tag]:
        return [
            Tag(span.text, span.start, span.end)
            for span in x_text.extract_hashtags_with_indices(text)
        ]

    def links(self, text: str) -> list[Link]:
        return [
            Link(span.text, span.start, span.end) for span in x_text.extract_urls_with_indices(text)
        ]

    def clean(self, text: str) -> str:
        return tidy(text)

    def refusals(self, text: str) -> tuple[Message, ...]:
        return ()

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal | None:
        return None
