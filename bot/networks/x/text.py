"""How X counts a text, and what it makes entities of: twitter-text v3, pure.

Sources: the configurations and the conformance data of twitter-text v3, docs.x.com 2026-08.
A text is counted in its NFC form; what is found is found in the text as it is given, with indices
in code points. All of X's rules of text are had from here; the modules beside have their parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.networks.x import emoji
from bot.networks.x.classes import INVALID
from bot.networks.x.entities import (
    Mention,
    extract_cashtags,
    extract_cashtags_with_indices,
    extract_hashtags,
    extract_hashtags_with_indices,
    extract_mentions,
    extract_mentions_or_lists_with_indices,
    extract_mentions_with_indices,
    extract_reply,
    extract_urls,
    extract_urls_with_indices,
)
from bot.networks.x.links import Span, links, utf16_length
from bot.networks.x.validators import (
    is_valid_hashtag,
    is_valid_list,
    is_valid_url,
    is_valid_username,
)

__all__ = [
    "MAX_WEIGHT",
    "V1",
    "V2",
    "V3",
    "Config",
    "Mention",
    "Parsed",
    "Span",
    "extract_cashtags",
    "extract_cashtags_with_indices",
    "extract_hashtags",
    "extract_hashtags_with_indices",
    "extract_mentions",
    "extract_mentions_or_lists_with_indices",
    "extract_mentions_with_indices",
    "extract_reply",
    "extract_urls",
    "extract_urls_with_indices",
    "has_invalid_characters",
    "is_valid",
    "is_valid_hashtag",
    "is_valid_list",
    "is_valid_url",
    "is_valid_username",
    "parse",
    "weighted_length",
]

_INVALID = re.compile(f"[{INVALID}]")
_LIGHT = re.compile("[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]+")
EMOJI_WEIGHT = 2


@dataclass(frozen=True, slots=True)
class Config:
    """A version of twitter-text's configuration, its weights divided by its scale.

    A character in *light* weighs 1 and any other 2; without *light* each weighs 1.
    """

    version: int
    max_weight: int
    light: re.Pattern[str] | None
    emoji_count_as_one: bool
    url_weight: int = 23


V1 = Config(version=1, max_weight=140, light=None, emoji_count_as_one=False)
V2 = Config(version=2, max_weight=280, light=_LIGHT, emoji_count_as_one=False)
V3 = Config(version=3, max_weight=280, light=_LIGHT, emoji_count_as_one=True)

MAX_WEIGHT = V3.max_weight


@dataclass(frozen=True, slots=True)
class Parsed:
    """What X makes of a text as a whole.

    *weighted_length* is the guaranteed one: a text that is *valid* by it surely fits.
    *probable_length* is at most that: X's documentation counts any emoji 2, however young.
    *permillage* is how much of the limit is used, in thousandths.
    The ranges are twitter-text's: the first and the last index, in UTF-16 units of the text as it
    was given, of what is shown, and of what would be valid were the text cut there.
    """

    weighted_length: int
    probable_length: int
    valid: bool
    permillage: int
    display_range: tuple[int, int]
    valid_range: tuple[int, int]


def parse(text: str, config: Config = V3) -> Parsed:
    """How X counts *text*. Never raises, whatever the text.

    Hangul and most signs weigh 2, Latin 1, an emoji 2, any link 23.
    """
    normal = text if text.isascii() else unicodedata.normalize("NFC", text)
    found = links(normal)
    weight, probable = _weights(_without(found, normal), config)
    links_weight = len(found) * (config.url_weight - 1)
    weight, probable = weight + links_weight, probable + links_weight
    if any(link.end - link.start != len(link.text) for link in found):
        weight = sum(step.weight for step in _steps(normal, found, config))
        probable = min(weight, probable)
    valid = 0 < weight <= config.max_weight and not has_invalid_characters(normal)
    shown = valid_end = max(utf16_length(text) - 1, 0)
    if not valid:
        # As twitter-text does, the difference that composing made is added at the end.
        valid_end = _last_valid(normal, found, config) + utf16_length(text) - utf16_length(normal)
    return Parsed(
        weighted_length=weight,
        probable_length=probable,
        valid=valid,
        permillage=weight * 1000 // config.max_weight,
        display_range=(0, shown),
        valid_range=(0, valid_end),
    )


def weighted_length(text: str) -> int:
    """The length that surely fits if it is 280 at most, the limit of an ordinary account."""
    return parse(text).weighted_length


def is_valid(text: str) -> bool:
    """Whether X takes *text* for an ordinary account: not empty, not too long, nothing invalid."""
    return parse(text).valid


def has_invalid_characters(text: str) -> bool:
    """Whether *text* has one of the three characters that X refuses."""
    return _INVALID.search(text) is not None


def _without(found: Sequence[Span], text: str) -> str:
    """*text* with a line feed for each link."""
    if not found:
        return text
    starts = [*(link.start for link in found), len(text)]
    ends = [0, *(link.end for link in found)]
    return "\n".join([text[end:start] for end, start in zip(ends, starts, strict=True)])


def _plain_weight(text: str, config: Config) -> int:
    """The weight of *text*, sign by sign."""
    if config.light is None or text.isascii():
        return len(text)
    return len(text) + len("".join(config.light.split(text)))


def _weights(text: str, config: Config) -> tuple[int, int]:
    """The guaranteed and the probable weight of a text without links."""
    weight = _plain_weight(text, config)
    if not config.emoji_count_as_one or text.isascii():
        return weight, weight
    places = list(emoji.places(text))
    known = [text[start:end] for start, end in places if end > start]
    sure = weight - _saved(known, config)
    if len(known) == len(places):
        return sure, sure
    return sure, min(sure, weight - _saved(emoji.probable(text), config))


def _saved(sequences: Sequence[str], config: Config) -> int:
    """How much less *sequences* weigh as emoji than sign by sign."""
    if not sequences:
        return 0
    return _plain_weight("".join(sequences), config) - EMOJI_WEIGHT * len(sequences)


class _Step(NamedTuple):
    """A link, an emoji or any other sign: its size in UTF-16 units, its weight, its last sign."""

    size: int
    weight: int
    last: str


def _last_valid(text: str, found: Sequence[Span], config: Config) -> int:
    """The index, in UTF-16 units, of the last sign that fits and has nothing invalid before."""
    weight = size = 0
    for step in _steps(text, found, config):
        weight += step.weight
        if weight > config.max_weight or has_invalid_characters(step.last):
            break
        size += step.size
    return max(size - 1, 0)


def _steps(text: str, found: Sequence[Span], config: Config) -> Iterator[_Step]:
    """What twitter-text counts in *text*, where *found* are the links, one after the other."""
    addresses = {link.start: link.text for link in found}
    places = emoji.places(text) if config.emoji_count_as_one else iter(())
    sequences = (place for place in places if place[0] < place[1])
    first = last = -1
    at = 0
    while at < len(text):
        while first < at:
            first, last = next(sequences, (len(text), len(text)))
        if address := addresses.get(at):
            yield _Step(utf16_length(address), config.url_weight, "")
            at, half = _skip(text, at, address)
            if half:
                yield _Step(1, _plain_weight("\udc00", config), "")
        elif at == first:
            yield _Step(utf16_length(text[at:last]), EMOJI_WEIGHT, "")
            at = last
        else:
            yield _Step(utf16_length(text[at]), _plain_weight(text[at], config), text[at])
            at += 1


def _skip(text: str, at: int, address: str) -> tuple[int, bool]:
    """Where twitter-text goes on after *address* at *at*, and whether the half of a pair is left.

    Of an address out of which a name in another script was left, it skips as many units as are
    left of it, and so goes on inside the link.
    """
    if text.startswith(address, at):
        return at + len(address), False
    units = utf16_length(address)
    while units > 0:
        units -= utf16_length(text[at])
        at += 1
    return at, units < 0
