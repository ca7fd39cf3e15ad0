"""Which language a post is in, well enough for a `lang` attribute: French, Korean or English."""

from __future__ import annotations

import re

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_FRENCH = re.compile(
    r"\b(?:le|la|les|des|du|une?|et|pour|avec|sur|dans|aux?|cette?|est|nous|vous|à)\b|[çœéèêàùî]",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"\b(?:the|and|of|for|with|on|in|to|is|are|from|this|our|we|you|at)\b", re.IGNORECASE
)


def language_of(text: str) -> str:
    """`ko` as soon as Hangul is more than an aside; otherwise whichever has more small words."""
    words = re.sub(r"https?://\S+|[#@]\w+", " ", text)
    if len(_HANGUL.findall(words)) * 4 > sum(map(str.isalpha, words)):
        return "ko"
    return "fr" if len(_FRENCH.findall(words)) > len(_ENGLISH.findall(words)) else "en"
