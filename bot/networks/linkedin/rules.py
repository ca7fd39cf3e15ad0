"""LinkedIn's rules of text, as composing asks for them."""

from __future__ import annotations

from bot.compose.rules import Tag
from bot.networks.characters import tidy
from bot.networks.linkedin.text import find_hashtags, to_little_text, utf16_length
from bot.words import N_


class LinkedInRules:
    """3000 UTF-16 units (LinkedIn docs, recorded 400 of 2025-12).

    Whether the escapes count is not known: the longer of what people see and what is sent counts.
    """

    limit = 3000
    unit = N_("characters as LinkedIn counts them")

    def length(self, text: str) -> int:
        return max(utf16_length(text), utf16_length(to_little_text(text)))

    def tags(self, text: str) -> list[Tag]:
        return find_hashtags(text)

    def clean(self, text: str) -> str:
        return tidy(text)
