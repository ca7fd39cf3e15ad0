"""X's rules of text and files, as composing asks for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from bot.attached import Mention, Sort
from bot.compose.hidden import is_blank
from bot.compose.rules import Link, Measure, PollLimits, Tag, Takes
from bot.networks.characters import tidy
from bot.networks.x import text as x_text
from bot.networks.x.prices import prices
from bot.words import N_, Message

_MIB = 1 << 20
#: `display_url` of recorded answers (reference/x.md §3).
_SHOWN_OF_A_LINK = 26
_SCHEME = re.compile(r"^https?://(?:www\.)?", re.IGNORECASE)
#: twitter-text: "invalid characters"; half a pair has no place in UTF-8.
_REFUSED = re.compile("[\ufffe\ufeff\uffff\ud800-\udfff]")


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
        parsed = x_text.parse(text)
        return Measure(parsed.weighted_length, parsed.probable_length)

    def tags(self, text: str) -> list[Tag]:
        return [
            Tag(span.text, span.start, span.end)
            for span in x_text.extract_hashtags_with_indices(text)
        ]

    def links(self, text: str) -> list[Link]:
        return [
            Link(span.text, span.start, span.end) for span in x_text.extract_urls_with_indices(text)
        ]

    def shown_link(self, address: str) -> str:
        """Without its scheme, and no more than the beginning of it: X shortens every link."""
        bare = _SCHEME.sub("", address)
        return bare if len(bare) <= _SHOWN_OF_A_LINK else f"{bare[:_SHOWN_OF_A_LINK]}…"

    def mentioned(self, text: str, mentions: Sequence[Mention] = ()) -> list[Tag]:
        return [
            Tag(span.text, span.start, span.end)
            for span in x_text.extract_mentions_with_indices(text)
        ]

    def clean(self, text: str) -> str:
        return tidy(text)

    def refusals(self, text: str) -> tuple[Message, ...]:
        """Nothing in it, more than one cashtag (docs.x.com 2026-08, "create post"), bad signs."""
        return tuple(filter(None, (_empty(text), _refused_signs(text), _cashtags(text))))

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal:
        """The post and its described pictures, at the prices of `prices.toml`.

        Media themselves have no price in X's table; errors are free.
        """
        known = prices()
        post = known.post_with_link if self.links(text) else known.post
        return post + alt_texts * known.alt_text


def _empty(text: str) -> Message | None:
    return None if not is_blank(text) else Message(N_("There is nothing in the text."))


def _refused_signs(text: str) -> Message | None:
    """What `clean` takes out, in a text that did not pass through it."""
    signs = sorted({f"U+{ord(sign):04X}" for sign in _REFUSED.findall(text)})
    if not signs:
        return None
    return Message(
        N_("X refuses invisible characters that stand in the text: {signs}. Take them out."),
        {"signs": ", ".join(signs)},
    )


def _cashtags(text: str) -> Message | None:
    """All but the first are named; the same one written twice may count twice."""
    others = [span.text for span in x_text.extract_cashtags_with_indices(text)][1:]
    if not others:
        return None
    return Message(
        N_(
            "X takes one cashtag a post from an application like this: write {others} without "
            "the sign $."
        ),
        {"others": ", ".join(dict.fromkeys(others))},
    )
