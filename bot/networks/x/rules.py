"""X's rules of text, as composing asks for them."""

from __future__ import annotations

from bot.compose.rules import Tag
from bot.networks.characters import tidy
from bot.networks.x import text as x_text
from bot.words import N_


class XRules:
    """280, counted as X counts; hashtags as X finds them. An ordinary account: no long posts."""

    limit = x_text.MAX_WEIGHT
    unit = N_("characters as X counts them")

    def length(self, text: str) -> int:
        return x_text.weighted_length(text)

    def tags(self, text: str) -> list[Tag]:
        return [
            Tag(span.text, span.start, span.end)
            for span in x_text.extract_hashtags_with_indices(text)
        ]

    def clean(self, text: str) -> str:
        return tidy(text)
