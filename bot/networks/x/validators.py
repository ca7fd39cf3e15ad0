"""Whether a text is, as a whole, a name, a list, a hashtag or an address by the rules of X.

Sources: twitter-text v3 and the groups of its validate.yml. An address is judged by a grammar of
its own (RFC 3986's), wider than that of the links found in a text: any domain of letters ends it.
"""

from __future__ import annotations

import re
from functools import cache

from bot.networks.x.classes import CYRILLIC
from bot.networks.x.entities import (
    extract_hashtags,
    extract_mentions,
    extract_mentions_or_lists_with_indices,
)

_PARTS = re.compile(
    r"(?:([^:/?#]+)://)?([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#([^\n\r\u2028\u2029]*))?"
)
_SCHEME = re.compile(r"https?", re.IGNORECASE | re.ASCII)

_UNRESERVED = rf"a-zA-Z{CYRILLIC}0-9\-._~"
_DELIMITERS = r"!$&'()*+,;="
_ENCODED = r"%[0-9a-fA-F]{2}"
_INSIDE = rf"(?:[{_UNRESERVED}{_DELIMITERS}:|@]|{_ENCODED})"
_PATH = re.compile(rf"(?:/{_INSIDE}*+)*+")
_QUERY = re.compile(rf"(?:{_INSIDE}|[/?])*+")

_OCTET = r"(?:[0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_NUMBERS = rf"{_OCTET}(?:\.{_OCTET}){{3}}|\[[a-fA-F0-9:.]+\]"


_ASCII_LETTERS = "a-zA-Z"
_ANY_LETTERS = "a-zA-Z\x80-\U0010ffff"


def is_valid_username(text: str) -> bool:
    """Whether *text* is an account with its sign and nothing more: `@tours`."""
    return extract_mentions(text) == [text[1:]]


def is_valid_list(text: str) -> bool:
    """Whether *text* is a list of an account and nothing more: `@tours/partners`."""
    found = extract_mentions_or_lists_with_indices(text)
    return (
        len(found) == 1
        and found[0].list != ""
        and found[0].start == 0
        and found[0].end == len(text)
    )


def is_valid_hashtag(text: str) -> bool:
    """Whether *text* is a hashtag with its sign and nothing more: `#Tours2026`."""
    return extract_hashtags(text) == [text[1:]]


def is_valid_url(text: str, unicode_domains: bool = True, require_protocol: bool = True) -> bool:
    """Whether *text* is an address of the web.

    Without *unicode_domains* its domain must be ASCII; without *require_protocol* what stands
    before `://` is not looked at. As in twitter-text, of an address in four numbers the last has
    one digit.
    """
    parts = _PARTS.fullmatch(text)
    if not text or parts is None:
        return False
    scheme, authority, path, query, fragment = parts.groups("")
    return (
        (not require_protocol or _SCHEME.fullmatch(scheme) is not None)
        and _PATH.fullmatch(path) is not None
        and _QUERY.fullmatch(query) is not None
        and _QUERY.fullmatch(fragment) is not None
        and _covers(_authority(_ANY_LETTERS if unicode_domains else _ASCII_LETTERS), authority)
    )


@cache
def _authority(letters: str) -> re.Pattern[str]:
    """User, host and port, when a domain may have *letters*, digits and hyphens."""
    end = rf"[{letters}0-9]"
    subdomain = rf"{end}(?:[{letters}0-9_-]*{end})?\."
    domain = rf"{end}(?:[{letters}0-9-]*{end})?\."
    top = rf"[{letters}](?:[{letters}0-9-]*{end})?"
    user = rf"(?:(?:[{_UNRESERVED}{_DELIMITERS}:]|{_ENCODED})*+@)?"
    return re.compile(rf"{user}(?:{_NUMBERS}|(?:{subdomain})*{domain}{top})(?::[0-9]{{1,5}})?")


def _covers(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the first way that *pattern* matches is all of *text*."""
    found = pattern.match(text)
    return found is not None and found.end() == len(text)
