"""Emoji in a text: where they stand, and what they are called aloud.

The tables of the `emoji` package are read when the first text asks for them, not at import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from babel import Locale

from bot.words import locale_of

#: CLDR's label for flags, and what stands between a label and what it labels.
_FLAG = {"fr": "drapeau", "ko": "깃발", "en": "flag"}
_BETWEEN = {"fr": "\u00a0: "}
_SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
_KEYCAP = "\u20e3"
_FIRST_LETTER, _LAST_LETTER = "\U0001f1e6", "\U0001f1ff"
_PENNANT = "\U0001f3f4\U000e0067"


@dataclass(frozen=True, slots=True)
class Sign:
    """An emoji of a text: `text[start:end]`, in code points.

    `pictured` is False for what is a letter or a mark unless U+FE0F follows it: ©, ™, ↔, ❤.
    """

    text: str
    start: int
    end: int
    pictured: bool


def signs_in(text: str) -> list[Sign]:
    """The emoji of *text*, in order, the longest sequences first; in time linear in its length."""
    known, lengths = _table()
    found: list[Sign] = []
    at = 0
    while at < len(text):
        for length in lengths.get(text[at], ()):
            sign = text[at : at + length]
            if sign in known:
                # At the end of the text a slice is shorter than it was asked to be.
                found.append(Sign(sign, at, at + len(sign), known[sign]))
                at += len(sign)
                break
        else:
            at += 1
    return found


@cache
def spoken_sign(sign: str, language: str) -> str:
    """What a screen reader calls *sign*: CLDR's name, "drapeau : Corée du Sud".

    English where CLDR's names in *language* are not at hand.
    """
    from emoji import LANGUAGES

    if language not in LANGUAGES:
        return spoken_sign(sign, "en")
    if _FIRST_LETTER <= sign[0] <= _LAST_LETTER:
        return _flag_name(sign, _country(sign), language)
    if sign.startswith(_PENNANT):
        return _flag_name(sign, "", language)
    tones = [tone for tone in sign if tone in _SKIN_TONES]
    if tones and (base := _without_tones(sign)):
        shades = ", ".join(dict.fromkeys(_name(tone, language) for tone in tones))
        return f"{spoken_sign(base, language)}{_between(language)}{shades}"
    name = _name(sign, language)
    return f"{name[:-2]}{_between(language)}{name[-1]}" if sign.endswith(_KEYCAP) else name


@cache
def _table() -> tuple[dict[str, bool], dict[str, tuple[int, ...]]]:
    """Each emoji with whether it is always a picture, and by first sign the lengths, descending."""
    from emoji import EMOJI_DATA, STATUS

    bare = STATUS["unqualified"]
    known = {sign: len(sign) > 1 or facts["status"] != bare for sign, facts in EMOJI_DATA.items()}
    lengths: dict[str, set[int]] = {}
    for sign in known:
        lengths.setdefault(sign[0], set()).add(len(sign))
    return known, {first: tuple(sorted(all_, reverse=True)) for first, all_ in lengths.items()}


def _flag_name(sign: str, country: str, language: str) -> str:
    """Babel's CLDR has the spelling of territories; `emoji` has small letters only."""
    name = _name(sign, language)
    if language not in _FLAG:
        return name
    territories: Mapping[str, str] = Locale.parse(locale_of(language)).territories
    place = name.removeprefix(f"{_FLAG[language]} ")
    place = territories.get(country, place[0].upper() + place[1:])
    return f"{_FLAG[language]}{_between(language)}{place}"


def _country(sign: str) -> str:
    """The ISO code of a country's flag."""
    return "".join(chr(ord("A") + ord(letter) - ord(_FIRST_LETTER)) for letter in sign[:2])


def _between(language: str) -> str:
    return _BETWEEN.get(language, ": ")


def _without_tones(sign: str) -> str:
    """*sign* in its yellow form, if there is one."""
    known, _lengths = _table()
    bare = "".join(letter for letter in sign if letter not in _SKIN_TONES)
    return next((form for form in (bare, f"{bare}\ufe0f") if form in known), "")


def _name(sign: str, language: str) -> str:
    from emoji import demojize

    name: str = demojize(sign, delimiters=("", ""), language=language)
    return name.replace("_", " ")
