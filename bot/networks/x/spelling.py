"""Texts as two of them are compared, of which one has been on X, which spells links its own way."""

from __future__ import annotations

import re
import unicodedata

from bot.networks.characters import same_words
from bot.networks.x.text import extract_urls_with_indices

_ADDRESS = re.compile(r"(?:https?://)?([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)
_CODED_LABEL = re.compile(r"(?<![^.])xn--([a-z0-9-]+)")
_CODED_SIGNS = re.compile(r"(?:%[0-9A-F]{2})+", re.IGNORECASE)
#: Signs that mean something else in an address than their code does (RFC 3986 §2.2). Brackets are
#: not among them: behind a host they stand for themselves, and whoever is strict codes them.
_KEPT_CODED = frozenset("%:/?#@!$&'()*+,;=")


def comparable(text: str) -> str:
    """*text* for comparison only: forms, white space and the spelling of its links set aside.

    A link's scheme, the case of its host and a slash at its end do not count, nor whether signs
    beyond ASCII are written out or coded: `https://xn--caf-dma.fr/%C3%A9` is `café.fr/é`.
    """
    text = unicodedata.normalize("NFC", text)
    parts: list[str] = []
    at = 0
    for link in extract_urls_with_indices(text):
        # X may end a link too early: what follows at once can be a part of the address.
        plain = _plain_link(link.text)
        is_followed = bool(text[link.end : link.end + 1].strip())
        parts += [text[at : link.start], plain if is_followed else plain.rstrip("/")]
        at = link.end
    return same_words("".join([*parts, text[at:]]))


def _plain_link(link: str) -> str:
    """*link* without its scheme, decoded, with a slash behind its host, which X may add."""
    found = _ADDRESS.match(link)
    host, rest = (found[1], found[2]) if found else (link, "")
    host = _CODED_LABEL.sub(_label, host.lower())
    return f"{host}/{_CODED_SIGNS.sub(_signs, rest).removeprefix('/')}"


def _label(coded: re.Match[str]) -> str:
    """A label of a host as people write it; what is no right code (RFC 3492) stays as it is."""
    try:
        label = coded[1].encode("ascii").decode("punycode")
        is_right = label.encode("punycode").decode("ascii") == coded[1]
    except UnicodeError:
        return coded[0]
    return label if is_right and not label.isascii() else coded[0]


def _signs(coded: re.Match[str]) -> str:
    """The signs that are coded in UTF-8; all that means something else as a code stays one."""
    written = bytes.fromhex(coded[0].replace("%", "")).decode("utf-8", "surrogateescape")
    return "".join(_coded(one) if _must_stay_coded(one) else one for one in written)


def _must_stay_coded(sign: str) -> bool:
    return sign in _KEPT_CODED or sign.isspace() or not sign.isprintable()


def _coded(sign: str) -> str:
    return "".join(f"%{byte:02X}" for byte in sign.encode("utf-8", "surrogateescape"))
