"""A text as a screen reader would say it, so that the officer hears what she wrote."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from bot.compose.signs import Sign, signs_in, spoken_sign

#: What is said for a hashtag's sign and before a link, in the language of the text.
_HASHTAG = {"fr": "dièse", "ko": "해시태그", "en": "hashtag"}
_LINK = {"fr": "lien", "ko": "링크", "en": "link"}

_SPOKEN = re.compile(
    r"(?P<link>https?://[^\s<>\"«»“”가-힣]+)|(?<![\w&])[#＃](?P<tag>\w+)", re.IGNORECASE
)
_AFTER_A_LINK = ".,;:!?…)]}'’"
_OPENING = "([{«“‘\"'’「"
_CLOSING = ".,;:!?…)]}»”’\"'」"
#: Where a word of a hashtag begins: a capital after a small letter, the last capital of several
#: before a small one (`KOICAForum`), a digit after a letter and a letter after a digit.
_PART = re.compile(r"[^\W\d_]+|\d+")


def read_aloud(text: str, language: str) -> str:
    """*text* as it is said: emoji by their CLDR names, hashtags word by word, links by their host.

    "drapeau : France", "dièse Korea France Local Cooperation", "lien ville.fr". In a language that
    is neither French nor Korean nor English, the words for hashtag and link are English.
    """
    said: list[str] = []
    at = 0
    for start, end, words in _spoken_parts(text, language):
        said += [
            text[at:start],
            _space_before(text[at:start]),
            words,
            _space_after(text[end : end + 1]),
        ]
        at = end
    return "".join([*said, text[at:]])


def tag_words(name: str) -> list[str]:
    """The words of a hashtag in PascalCase: "KoreaFrance2023" is Korea, France and 2023."""
    return [word for part in _PART.findall(name) for word in _words(part)]


def _spoken_parts(text: str, language: str) -> list[tuple[int, int, str]]:
    """What is not said as it is written: where it begins and ends, and what is said."""
    parts = [
        (sign.start, sign.end, f"{spoken_sign(sign.text, language)}{_comma(text, sign, after)}")
        for sign, after in _with_next(signs_in(text))
    ]
    for found in _SPOKEN.finditer(text):
        if found["link"]:
            link = found["link"].rstrip(_AFTER_A_LINK)
            word = _LINK.get(language, "link")
            parts.append((found.start(), found.start() + len(link), f"{word} {_host(link)}"))
        elif any(letter.isalpha() for letter in found["tag"]):
            words = [_HASHTAG.get(language, "hashtag"), *tag_words(found["tag"])]
            parts.append((found.start(), found.end(), " ".join(words)))
    return _apart_from_each_other(parts)


def _with_next(signs: list[Sign]) -> list[tuple[Sign, Sign | None]]:
    return list(zip(signs, [*signs[1:], None], strict=True)) if signs else []


def _comma(text: str, sign: Sign, after: Sign | None) -> str:
    """Two emoji in a row are two things: "drapeau : France, drapeau : Corée du Sud"."""
    return "," if after and not text[sign.end : after.start].strip(" ") else ""


def _apart_from_each_other(parts: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    kept: list[tuple[int, int, str]] = []
    for part in sorted(parts):
        if not kept or part[0] >= kept[-1][1]:
            kept.append(part)
    return kept


def _space_before(written: str) -> str:
    """What parts words that are said from what is written before them; nothing after a bracket."""
    return "" if not written or written[-1].isspace() or written[-1] in _OPENING else " "


def _space_after(sign: str) -> str:
    return "" if not sign or sign.isspace() or sign in _CLOSING else " "


def _host(link: str) -> str:
    """The host of *link*; the whole of it where it has none that can be read."""
    try:
        host = urlsplit(link).hostname or ""
    except ValueError:
        host = ""
    return host.removeprefix("www.") or link


def _words(part: str) -> list[str]:
    """*part*, letters only, cut before each capital that begins a word."""
    cuts = [
        at
        for at in range(1, len(part))
        if part[at].isupper()
        and (not part[at - 1].isupper() or (at + 1 < len(part) and part[at + 1].islower()))
    ]
    return [part[a:b] for a, b in zip([0, *cuts], [*cuts, len(part)], strict=True)]
