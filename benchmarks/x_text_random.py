"""Texts for x_text.py: random ones biased to the traps of X, and posts as people write them."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from emoji import EMOJI_DATA

_HERE = Path(__file__).parent
_TLDS = _HERE.parent / "bot" / "networks" / "x" / "tlds.txt"
_PIECES: dict[str, Any] = json.loads((_HERE / "x_text.json").read_text("utf-8"))
_INVISIBLE = (
    " \t\n\r\n\v\f\x1c\x1f\x7f\x85\xa0\xad\u034f\u061c\u1680\u180e\u2000\u200a\u200b\u200c\u200d"
    "\u200e\u200f\u2010\u2028\u2029\u202a\u202c\u202e\u202f\u2032\u2037\u205f\u2060\u2066\u2069"
    "\u3000\ufe0e\ufe0f\ufe0f\u20e3\ufeff\ufffe\uffff\x00\x08"
)
_BESIDE_A_LINK = ["", "", "", " ", " ", *"(“가é@#$x_-./😀。\u200f"]
_SCHEMES = ("", "", "http://", "https://", "https://", "hTTp://", "ftp://", "://", "http:/")
_USERS = ("", "", "", "", "a:b@", "u@", "u%41@", "é@")
_ENDS = ("com", "kr", "co", "한국", "рф", "xn--p1ai", "md", "zz", "Com")
_NUMBERS = ("192.168.0.1", "1.2.3.4", "10.0.0.256", "[::1]")
_PORTS = ("", "", "", ":80", ":8080", ":123456", ":", ":x")


def texts(count: int, seed: int) -> Iterator[str]:
    """*count* texts, the same for the same *seed*: three in ten links, one in ten NFD."""
    chance = random.Random(seed)
    fragments = _fragments(chance)
    tlds = _tlds()
    for _ in range(count):
        if chance.random() < 0.3:
            text = _links(chance, tlds)
        else:
            few = chance.sample(fragments, chance.randrange(2, 9))
            text = "".join(chance.choice(few)() for _ in range(chance.randrange(1, 16)))
        yield unicodedata.normalize("NFD", text) if chance.random() < 0.1 else text


def posts(count: int) -> Iterator[str]:
    """*count* posts as the campaign writes them, in three languages, no two the same."""
    chance = random.Random(2026)
    languages = list(_PIECES["posts"].values())
    for number in range(count):
        yield chance.choice(languages[number % len(languages)]).format(
            town=chance.choice(_pieces("towns")),
            city=chance.choice(_pieces("cities")),
            a=chance.randrange(2, 30),
            b=chance.randrange(10, 99),
            link=f"https://www.exemple-{number}.fr/actualites/{number}",
            mark=f"n° {number} #KoreaFranceLocalCooperation 🇫🇷🇰🇷",
        )


def _pieces(kind: str) -> list[str]:
    pieces: list[str] = _PIECES[kind].split()
    return pieces


def _tlds() -> list[str]:
    return [line for line in _TLDS.read_text("utf-8").splitlines() if line[0] != "#"]


# ── random texts ────────────────────────────────────────────────────────────────────────────────


def _fragments(chance: random.Random) -> tuple[Callable[[], str], ...]:
    def one_of(pieces: list[str]) -> Callable[[], str]:
        return lambda: chance.choice(pieces)

    kinds = ("words", "signs", "links", "links", "names", "flags", "joiners", "marks")
    return (
        *(one_of(_pieces(kind)) for kind in kinds),
        one_of(list(_INVISIBLE)),
        one_of([" "]),
        one_of(["." + name for name in _tlds()]),
        one_of(sorted(EMOJI_DATA)),
        lambda: _any_sign(chance),
        lambda: chr(chance.randrange(0x20, 0x7F)),
        lambda: chance.choice("가나다라힣") * chance.randrange(1, 4),
        lambda: chance.choice("ab1 한😀x") * chance.choice((1, 2, 30, 70, 140)),
    )


def _any_sign(chance: random.Random) -> str:
    least, most = chance.choice(
        ((0, 0x80), (0, 0x3000), (0, 0x10000), (0, 0x20000), (0x1E000, 0x1FC00), (0, 0x110000))
    )
    point = chance.randrange(least, most)
    # Half of a pair beside another half would be one sign for JavaScript and two for Python.
    return "?" if 0xD800 <= point <= 0xDFFF else chr(point)


# ── random links ────────────────────────────────────────────────────────────────────────────────


def _links(chance: random.Random, tlds: list[str]) -> str:
    if chance.random() < 0.3:
        return _link(chance, tlds)
    return "".join(
        chance.choice(_BESIDE_A_LINK) + _link(chance, tlds) + chance.choice(_BESIDE_A_LINK)
        for _ in range(chance.randrange(1, 4))
    )


def _link(chance: random.Random, tlds: list[str]) -> str:
    """Something like an address, right or wrong, rarely of some 4,096 characters."""
    pick = chance.choice
    start = pick(_SCHEMES) + pick(_USERS) + _host(chance, tlds) + pick(_PORTS)
    path = pick(("", "/")) + _some(chance, "paths", 7)
    filler = "a" * chance.randrange(4050, 4100) if chance.random() < 0.003 else ""
    query = pick(("", "", "?")) + _some(chance, "queries", 7) if chance.random() < 0.5 else ""
    fragment = "#" + _some(chance, "queries", 4) if chance.random() < 0.2 else ""
    return start + path + filler + query + fragment


def _host(chance: random.Random, tlds: list[str]) -> str:
    if chance.random() < 0.2:
        return chance.choice(("t.co", *_NUMBERS))
    labels = "".join(_label(chance) + "." for _ in range(chance.randrange(1, 4)))
    return labels + chance.choice((chance.choice(tlds), chance.choice(_ENDS)))


def _label(chance: random.Random) -> str:
    if chance.random() < 0.05:
        return chance.choice("aé한😀") * chance.randrange(10, 66)
    return _some(chance, "labels", 2) + chance.choice(_pieces("labels"))


def _some(chance: random.Random, kind: str, below: int) -> str:
    pieces = _pieces(kind)
    return "".join(chance.choice(pieces) for _ in range(chance.randrange(below)))
