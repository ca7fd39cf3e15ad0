"""The length of a text in the units of Java and JavaScript, by which networks count."""

from __future__ import annotations


def utf16_length(text: str) -> int:
    """The length of *text* in UTF-16 units: 한 is 1, an emoji 2, a flag 4."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """*text* in at most *limit* UTF-16 units, cut between two words."""
    if utf16_length(text) <= limit:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    kept = units[: 2 * (limit - 1)].decode("utf-16-le", "ignore")
    words, _space, _word = kept.rpartition(" ")
    return (words or kept).rstrip() + "…"
