"""Hashtags, mentions, lists, cashtags and replies, as X finds them in a text (twitter-text v3).

All is found in the text as it is given, with indices in code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from bot.networks.x.classes import ACCENTS, PUNCTUATION, SCRIPT_SPACES, SPACES
from bot.networks.x.links import Span, links

_HASH_SIGN = re.compile("[#＃]")
#: Signs beside letters and digits that a hashtag may have.
_IN_TAGS = "_\u200c\u200d\ua67e\u05be\u05f3\u05f4～〜゛゜゠・〃\u0f0b\u0f0c\u00b7"
_SELECTORS = "\ufe0e\ufe0f"
_MENTION = re.compile(
    r"(?:\A|[^a-zA-Z0-9_!#$%&*@＠]|(?:\A|[^a-zA-Z0-9_+~.-])(?:rt|RT|rT|Rt):?)"
    r"([@＠]([a-zA-Z0-9_]{1,20}))(/[a-zA-Z][a-zA-Z0-9_-]{0,24})?"
)
_REPLY = re.compile(rf"[{SPACES}]*+[@＠]([a-zA-Z0-9_]{{1,20}})")
_ENDS_NO_MENTION = re.compile(rf"[@＠{ACCENTS}]|://")
_CASHTAG = re.compile(
    rf"(?:\A|[{SPACES}])(\$([a-zA-Z]{{1,6}}(?:[._][a-zA-Z]{{1,2}})?))"
    rf"(?=\Z|[{SCRIPT_SPACES}{PUNCTUATION}])"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An account named with `@`, in `source[start:end]`; *list* is `/its-list`, or ""."""

    text: str
    list: str
    start: int
    end: int


# ── hashtags ────────────────────────────────────────────────────────────────────────────────────


class _TagPatterns(NamedTuple):
    letter: re.Pattern[str]
    #: A sign and the name after it.
    tag: re.Pattern[str]
    #: What joins a sign that follows to itself, so that no hashtag begins.
    holds: re.Pattern[str]


@cache
def _patterns() -> _TagPatterns:
    """What letters and digits are stands in letters.txt."""
    table = Path(__file__).with_name("letters.txt").read_text("utf-8")
    letters, digits = map(_class, table.partition("[letters]")[2].split("[digits]"))
    inside = letters + digits + _IN_TAGS
    return _TagPatterns(
        letter=re.compile(f"[{letters}]"),
        tag=re.compile(f"[#＃](?!\ufe0f|\u20e3)([{inside}]++)"),
        holds=re.compile(f"(?![{_SELECTORS}])[&\ud800-\udfff{inside}]"),
    )


def _class(ranges: str) -> str:
    """`41-5a aa` as the inside of a character class."""
    return " ".join(
        "-".join(chr(int(end, 16)) for end in one.split("-")) for one in ranges.split()
    ).replace(" ", "")


def _hashtags(text: str) -> Iterator[Span]:
    """The hashtags of *text*, those inside links too."""
    patterns = _patterns()
    after = 0
    for tag in patterns.tag.finditer(text):
        start, name, end = tag.start(), tag.start(1), tag.end()
        if start and (start == after or patterns.holds.match(text, start - 1)):
            continue
        if not patterns.letter.search(text, name, end):
            continue
        # Read is read: what follows cannot lean on this tag's last character.
        after = end
        if text[end : end + 1] not in ("#", "＃") and not text.startswith("://", end):
            yield Span(tag[1], start, end)


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
    tags = list(_hashtags(text)) if _HASH_SIGN.search(text) else []
    return _without_overlap(tags, links(text)) if tags else []


def extract_hashtags(text: str) -> list[str]:
    """The names of the hashtags, without their sign, as written."""
    return [span.text for span in extract_hashtags_with_indices(text)]


# ── links ───────────────────────────────────────────────────────────────────────────────────────


def extract_urls_with_indices(text: str) -> list[Span]:
    """The links, with a scheme or without: `ville.de` and `README.md` are links."""
    return links(text)


def extract_urls(text: str) -> list[str]:
    """The links, as written."""
    return [span.text for span in links(text)]


# ── mentions ────────────────────────────────────────────────────────────────────────────────────


def extract_mentions_or_lists_with_indices(text: str) -> list[Mention]:
    """The accounts and the lists (`@account/list`) that are named."""
    return [
        Mention(found[2], found[3] or "", found.start(1), found.end())
        for found in _MENTION.finditer(text)
        if not _ENDS_NO_MENTION.match(text, found.end())
    ]


def extract_mentions_with_indices(text: str) -> list[Span]:
    """The accounts named with `@`; `@account/list` is a list and not one of them."""
    return [
        Span(found.text, found.start, found.end)
        for found in extract_mentions_or_lists_with_indices(text)
        if not found.list
    ]


def extract_mentions(text: str) -> list[str]:
    """The names of the accounts, without their sign."""
    return [span.text for span in extract_mentions_with_indices(text)]


def extract_reply(text: str) -> str | None:
    """The account that *text* answers: the one it begins with, without its sign; None if none."""
    found = _REPLY.match(text)
    if found is None or _ENDS_NO_MENTION.match(text, found.end()):
        return None
    return found[1]


# ── cashtags ────────────────────────────────────────────────────────────────────────────────────


def extract_cashtags_with_indices(text: str) -> list[Span]:
    """The cashtags: `$KRW`. X takes one a post at most from an ordinary application."""
    return [Span(found[2], found.start(1), found.end(1)) for found in _CASHTAG.finditer(text)]


def extract_cashtags(text: str) -> list[str]:
    """The names of the cashtags, without their sign."""
    return [span.text for span in extract_cashtags_with_indices(text)]
