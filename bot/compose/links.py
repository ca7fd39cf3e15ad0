"""Addresses in the form that every network links whole, with the campaign's parameters; and those
that a network makes a link of though nobody meant one. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from urllib.parse import quote, unquote_plus

from bot.compose.rules import Link, Rules

_SCHEME = re.compile(r"https?://", re.IGNORECASE)
#: Scheme, host, port, path; any text has them, perhaps empty.
_PARTS = re.compile(r"((?:https?://)?)([^/:]*)([^/]*)(.*)", re.IGNORECASE | re.DOTALL)

#: What may stay as it is in each part. Not: what is no ASCII, and brackets, at which X ends a link
#: (twitter-text); and LinkedIn's reserved signs, because it is not settled whether their escapes
#: harm a link. But statistics look for `utm_source`, and browsers for `#:~:text=`, as written.
_IN_PATH = r"A-Za-z0-9\-./+=&:,;!$'"
_IN_QUERY = rf"{_IN_PATH}_?"
_IN_FRAGMENT = rf"{_IN_QUERY}~"
#: Any other sign at the end of an address is taken for the punctuation after it; before a query
#: X ends the path there.
_ENDS_BADLY = re.compile(r"[^A-Za-z0-9/_=#-]\Z")
_BEFORE_QUERY = re.compile(r"[^A-Za-z0-9/_=#+?-](?=\?|\Z)")


def with_utm(link: str, parameters: Mapping[str, str]) -> str:
    """*link* with *parameters* (`utm_source` and the like) in its query, in place of those it had.

    The rest of the query keeps its order and its encoding; the fragment stays at the end.
    """
    if not parameters:
        return link
    address, sign, fragment = link.partition("#")
    page, _, query = address.partition("?")
    pairs = [
        pair
        for pair in (query.split("&") if query else [])
        if unquote_plus(pair.partition("=")[0]) not in parameters
    ]
    pairs += [
        f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items()
    ]
    return f"{page}?{'&'.join(pairs)}{sign}{fragment}"


def whole(link: str) -> str:
    """*link* as every network links it from its first sign to its last: in ASCII.

    X ends a link at the first Hangul of its path, and before punctuation at its end. What is
    encoded already stays so; doing it twice changes nothing. A site's name in other letters takes
    the ASCII form that browsers look it up by (RFC 3490): it reads worse, but X and browsers know
    it, and whether LinkedIn links the other is not known.
    """
    address, sign, fragment = link.partition("#")
    page, mark, query = address.partition("?")
    scheme, host, port, path = _PARTS.findall(page)[0]
    path = _BEFORE_QUERY.sub(_percent, _encoded(path, _IN_PATH)) or "/"
    query = re.sub("[+]$", "%20", _encoded(query.rstrip("&"), _IN_QUERY))
    mark = mark if query or sign else ""
    fragment = _BEFORE_QUERY.sub(_percent, _encoded(fragment, _IN_FRAGMENT))
    made = f"{scheme}{_ascii(host)}{port}{path}{mark}{query}{sign}{fragment}"
    return _ENDS_BADLY.sub(_percent, made)


def same_page(one: str, other: str) -> bool:
    """Whether two addresses are of one page: their spelling and what counts visits set aside."""
    return _uncounted(one) == _uncounted(other)


def _uncounted(address: str) -> str:
    page, mark, query = whole(address).partition("?")
    pairs = [pair for pair in query.split("&") if pair and not pair.startswith("utm_")]
    return _bare(page + (mark + "&".join(pairs) if pairs else ""))


def accidental(text: str, rules: Rules, meant: Collection[str]) -> list[Link]:
    """What a network makes a link of in *text* though nobody meant one: `README.md`, `ville.de`.

    Meant is what has a scheme, and the addresses of *meant*. There is no form to offer in its
    place: a space in a name looks like a mistake, and an invisible sign in it breaks searching and
    reading aloud. People write the sentence another way.
    """
    known = {_bare(address) for address in meant}
    return [
        link
        for link in rules.links(text)
        if not _SCHEME.match(link.address) and _bare(link.address) not in known
    ]


def _bare(address: str) -> str:
    return _SCHEME.sub("", address).removesuffix("/").casefold()


def _encoded(part: str, kept: str) -> str:
    """*part* with every sign but those of *kept* percent-encoded; `%` itself where it is alone."""
    strange = rf"%(?![0-9A-Fa-f]{{2}})|[^{kept}%]"
    return re.sub(strange, _percent, part)


def _percent(sign: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in sign[0].encode("utf-8", "replace"))


def _ascii(host: str) -> str:
    """*host* in ASCII, where that names the same site: "ß" would become another's "ss"."""
    host = host.removesuffix(".")
    try:
        coded = host.encode("idna")
        same = coded.decode("idna") == unicodedata.normalize("NFC", host).lower()
    except UnicodeError:
        same = False
    return coded.decode("ascii") if same else host
