"""How X counts a text and what it makes entities of: twitter-text v3, pure.

Sources: the configuration v3 and the conformance data of twitter-text, docs.x.com 2026-08.
A text is counted in its NFC form; what is found is found in the text as it is given, with indices
in code points.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache

from bot.networks.x.links import ACCENTS, DIRECTIONS, PUNCTUATION, SPACES, Span, links

MAX_WEIGHT = 280
URL_WEIGHT = 23
EMOJI_WEIGHT = 2
#: Emoji younger than this are counted by their code points: the table that X publishes ends here.
LAST_EMOJI_VERSION = 11.0

_HEAVY = re.compile("[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_INVALID = re.compile("[\ufffe\ufeff\uffff]")
#: Without one of these, no emoji is written with several code points.
_JOINS_AN_EMOJI = re.compile(
    "[\u200d\ufe0f\u20e3\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
)

_HASH_SIGN = re.compile("[#＃]")
_NOT_A_TAG = "\ufe0f\u20e3"
_IN_TAGS = frozenset("_\u200c\u200d\ua67e\u05be\u05f3\u05f4～〜゛゜゠・〃\u0f0b\u0f0c\u00b7")
_MENTION = re.compile(
    r"(?:\A|[^a-zA-Z0-9_!#$%&*@＠]|(?:\A|[^a-zA-Z0-9_+~.-])(?:rt|RT|rT|Rt):?)"
    r"([@＠]([a-zA-Z0-9_]{1,20}))(/[a-zA-Z][a-zA-Z0-9_-]{0,24})?"
)
_ENDS_NO_MENTION = re.compile(rf"[@＠{ACCENTS}]|://")
_CASHTAG = re.compile(
    rf"(?:\A|[{SPACES}{DIRECTIONS}])(\$([a-zA-Z]{{1,6}}(?:[._][a-zA-Z]{{1,2}})?))"
    rf"(?=\Z|\s|[{PUNCTUATION}])"
)


# ── length ──────────────────────────────────────────────────────────────────────────────────────


@cache
def _emoji() -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """The emoji of several code points that count as one, and by first sign their lengths."""
    from emoji import EMOJI_DATA, STATUS

    full, bare = STATUS["fully_qualified"], STATUS["unqualified"]
    # A keycap counts as one without its U+FE0F too; no other bare form does.
    known = frozenset(
        sign
        for sign, facts in EMOJI_DATA.items()
        if len(sign) > 1
        and facts["E"] <= LAST_EMOJI_VERSION
        and (facts["status"] == full or (facts["status"] == bare and sign[1] == "\u20e3"))
    )
    lengths: dict[str, set[int]] = {}
    for sign in known:
        lengths.setdefault(sign[0], set()).add(len(sign))
    return known, {first: tuple(sorted(all_, reverse=True)) for first, all_ in lengths.items()}


def _emoji_end(text: str, at: int) -> int:
    """Where the emoji of several code points that begins at *at* ends, or -1."""
    known, lengths = _emoji()
    for length in lengths.get(text[at], ()):
        if text[at : at + length] in known:
            return at + length
    return -1


def _weight(text: str) -> int:
    """The weight of a text without links."""
    if not _JOINS_AN_EMOJI.search(text):
        return len(text) + len(_HEAVY.findall(text))
    total = at = 0
    while at < len(text):
        if (end := _emoji_end(text, at)) >= 0:
            total, at = total + EMOJI_WEIGHT, end
        else:
            total, at = total + (2 if _HEAVY.match(text, at) else 1), at + 1
    return total


def weighted_length(text: str) -> int:
    """The length that X shows for *text*: 280 is its limit for an ordinary account.

    Hangul and most signs count 2, Latin 1, an emoji of Unicode 11 or older 2, any link 23.
    """
    text = unicodedata.normalize("NFC", text)
    total = at = 0
    for link in links(text):
        total += _weight(text[at : link.start]) + URL_WEIGHT
        at = link.end
    return total + _weight(text[at:])


def has_invalid_characters(text: str) -> bool:
    """Whether *text* has one of the three characters that X refuses."""
    return _INVALID.search(text) is not None


def is_valid(text: str) -> bool:
    """Whether X takes *text* for an ordinary account: not empty, not too long, nothing invalid."""
    return not has_invalid_characters(text) and 0 < weighted_length(text) <= MAX_WEIGHT


# ── entities ────────────────────────────────────────────────────────────────────────────────────


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LM"


def _goes_into_a_tag(sign: str) -> bool:
    return sign in _IN_TAGS or _is_letter(sign) or unicodedata.category(sign) == "Nd"


def _may_precede_a_tag(sign: str) -> bool:
    return sign in "\ufe0e\ufe0f" or not (sign == "&" or _goes_into_a_tag(sign))


def _tag_end(text: str, at: int) -> int:
    """Where the name of a tag that begins at *at* ends; *at* when there is none."""
    if text[at : at + 1] in _NOT_A_TAG:
        return at
    end, has_letter = at, False
    while end < len(text) and _goes_into_a_tag(text[end]):
        has_letter = has_letter or _is_letter(text[end])
        end += 1
    return end if has_letter else at


def _hashtags(text: str) -> Iterator[Span]:
    """The hashtags of *text*, those inside links too."""
    after = 0
    for sign in _HASH_SIGN.finditer(text):
        start, name = sign.start(), sign.end()
        if start and not (start > after and _may_precede_a_tag(text[start - 1])):
            continue
        end = _tag_end(text, name)
        if end == name:
            continue
        # Read is read: what follows cannot lean on this tag's last character.
        after = end
        if text[end : end + 1] not in ("#", "＃") and not text.startswith("://", end):
            yield Span(text[name:end], start, end)


def _without_overlap(first: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Those of *first* that are not covered by what begins earlier."""
    kept: list[Span] = []
    end = 0
    of_first = {id(span) for span in first}
    for span in sorted([*first, *others], key=lambda span: span.start):
        if span.start < end:
            continue
        end = span.end
        if id(span) in of_first:
            kept.append(span)
    return kept


def extract_hashtags_with_indices(text: str) -> list[Span]:
    """The hashtags that X will link; a link that comes first swallows those it covers."""
    tags = list(_hashtags(text))
    return _without_overlap(tags, links(text)) if tags else []


def extract_urls_with_indices(text: str) -> list[Span]:
    """The links, with a scheme or without: `ville.de` and `README.md` are links."""
    return links(text)


def extract_mentions_with_indices(text: str) -> list[Span]:
    """The accounts named with `@`; `@account/list` is a list and not one of them."""
    return [
        Span(found[2], found.start(1), found.end(1))
        for found in _MENTION.finditer(text)
        if not found[3] and not _ENDS_NO_MENTION.match(text, found.end())
    ]


def extract_cashtags_with_indices(text: str) -> list[Span]:
    """The cashtags: `$KRW`. X takes one a post at most from an ordinary application."""
    return [Span(found[2], found.start(1), found.end(1)) for found in _CASHTAG.finditer(text)]


def extract_hashtags(text: str) -> list[str]:
    """The names of the hashtags, without their sign, as written."""
    return [span.text for span in extract_hashtags_with_indices(text)]


def extract_urls(text: str) -> list[str]:
    """The links, as written."""
    return [span.text for span in extract_urls_with_indices(text)]


def extract_mentions(text: str) -> list[str]:
    """The names of the accounts, without their sign."""
    return [span.text for span in extract_mentions_with_indices(text)]


def extract_cashtags(text: str) -> list[str]:
    """The names of the cashtags, without their sign."""
    return [span.text for span in extract_cashtags_with_indices(text)]
