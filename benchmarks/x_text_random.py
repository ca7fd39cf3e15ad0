"""Random texts biased to the traps of X's rules, for the comparison with npm's twitter-text."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

from emoji import EMOJI_DATA

_TLDS = Path(__file__).parent.parent / "bot" / "networks" / "x" / "tlds.txt"

WORDS = "a b Z 9 42 2026 é œ ß ſ ſt K Å ı İ ς ϵλ Ⅷ ɐ ʌ ɠ ⱥ ι ͅ µ ﷺ ﬁ 한국 가 각 에서 ㄱ 中国 日本 नमस्ते привет ᲂрг გე Გ ไทย العربية אב rt RT Rt:"
SIGNS = "# # ＃ ﹟ @ @ ＠ $ $ . . . / : - _ + ~ ! ? & % ' \" ( ) [ ] { } | ; , = * \\ < > ^ ` « » “ ” ’ … • € → © ® ™ · ㆍ ・ ～ 〜 ゛ 〃 。 ． ｡".split()
INVISIBLE = (
    " \t\n\r\n\v\f\x1c\x1f\x7f\x85\xa0\xad\u034f\u061c\u1680\u180e\u2000\u200a\u200b\u200c\u200d"
    "\u200e\u200f\u2010\u2028\u2029\u202a\u202c\u202e\u202f\u2032\u2037\u205f\u2060\u2066\u2069"
    "\u3000\ufe0e\ufe0f\ufe0f\u20e3\ufeff\ufffe\uffff\x00\x08"
)
LINKS = (
    "http:// https:// HTTPS:// ftp:// http:/ :// ://x www. x.com a.fr ville.de README.md plan.zip "
    "korea.kr t.co/ https://t.co/abc https://t.co/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst "
    ".com .co.kr .kr .fr .한국 .рф .xn--p1ai .xn--3e0b707e xn--a xn-- .COM .museum .vermögensberater "
    "a_b. _a. a_. -a. a-. user:pw@ :80 :8080 :x /a /a/b /가 /Ж /ⱥ /안내 /(a) /(a_(b)) /((a)) (a) "
    "() (( )) /a. /a, /@b/ ?a=b ?a ? ?! &c=d #top /#top #! 1.1.1.1 192.168.0.10 [::1] 일정.kr "
    "한국.한국 Île.fr a@b.fr .भारतम् .嘉里大酒店 a..b.com b.c.d.org %e2%82 %zz"
).split()
NAMES = (
    "#Tag #KoreaFranceLocalCooperation #é #1a #1 #_ #_a ##a #a#b #a·b #️⃣ @tours @seoul_kr "
    "@abcdefghijklmnopqrst @abcdefghijklmnopqrstuv @a/b @a/list-1 @a/1 @a/ $KRW $BRK.A $a_b $A.BCD "
    "$TOOLONG $1 RT@a rt:@a xrt@a"
).split()
FLAGS = "🇫🇷 🇰🇷 🇫 🇰 🇨🇶 🏴 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢 🏳️‍🌈 🏳‍🌈 1️⃣ 1⃣ #⃣ *️⃣ ☝️🏽 ☝🏽 ⛹️‍♀️ ⛹🏽‍♀️ 👁️‍🗨️ 👁‍🗨 👁‍🗨️ ❤️‍🔥 🫶🏽 🧑‍🤝‍🧑 ©️ ☺ ☺️ ☺︎ ♟ ♟️ 😀️ 👩‍🦰 👩🏽‍🚀".split()
JOINERS = "\u200d \ufe0f \ufe0e \u20e3 🏻 🏿 ♀ ♂ ♀️ 👩 👨 👦 👧 ❤️ 💋 🌈 \U000e0067 \U000e007f".split(
    " "
)
MARKS = "\u0301 \u0308 \u0345 \u093c \u1161 \u11a8 \u1100 \u3099 \u05bf".split(" ")


def _any_point(chance: random.Random) -> str:
    point = chance.choice(
        (
            chance.randrange(0x80),
            chance.randrange(0x3000),
            chance.randrange(0x10000),
            chance.randrange(0x20000),
            chance.randrange(0x1E000, 0x1FC00),
            chance.randrange(0x110000),
        )
    )
    # Half of a pair beside another half would be one sign for JavaScript and two for Python.
    return chr(point) if not 0xD800 <= point <= 0xDFFF else "?"


def _tlds() -> list[str]:
    return [line for line in _TLDS.read_text("utf-8").splitlines() if line[0] != "#"]


def _fragments(chance: random.Random) -> tuple[Callable[[], str], ...]:
    emoji = sorted(EMOJI_DATA)
    tlds = _tlds()
    pick = chance.choice
    words = WORDS.split()
    return (
        lambda: pick(words),
        lambda: pick(SIGNS),
        lambda: pick(INVISIBLE),
        lambda: " ",
        lambda: pick(LINKS),
        lambda: pick(LINKS),
        lambda: "." + pick(tlds),
        lambda: pick(NAMES),
        lambda: pick(FLAGS),
        lambda: pick(JOINERS),
        lambda: pick(MARKS),
        lambda: pick(emoji),
        lambda: _any_point(chance),
        lambda: chr(chance.randrange(0x20, 0x7F)),
        lambda: pick("가나다라힣") * chance.randrange(1, 4),
        lambda: pick("ab1 한😀x") * chance.choice((1, 2, 30, 70, 140)),
    )


LABELS = "a ville www x-y a_b _a a_ -a a- é Île 한국 日本 привет xn--a xn--p1ai xn-- t 1 192 ☃ 😀 👩‍🚀 𝒜 ι ﬁ".split()
BEFORE = ["", "", "", " ", " ", "(", "“", "가", "é", "@", "#", "$", "x", "_", "-", ".", "/", "😀", "。", "\u200f"]
PATHS = "/ / a é Ж 가 . , ! ; : = ~ % & @ | [ ] – _ # + - * ' (a) (a_(b)) ((a)) (a(b)c(d)) ( ) () %e2 /@b/ $x".split()
QUERIES = "a =b & = ! ? ( ) é 가 # / . , - _ % %20 | ~ [ ] @ ; : + $".split()


def _some(chance: random.Random, parts: list[str], most: int) -> str:
    return "".join(chance.choice(parts) for _ in range(chance.randrange(most)))


def _label(chance: random.Random) -> str:
    if chance.random() < 0.05:
        return chance.choice("aé한😀") * chance.randrange(10, 66)
    return _some(chance, LABELS, 2) + chance.choice(LABELS)


def _link(chance: random.Random, tlds: list[str]) -> str:
    """Something like an address, right or wrong."""
    pick = chance.choice
    scheme = pick(("", "", "http://", "https://", "https://", "hTTp://", "ftp://", "://", "http:/"))
    user = pick(("", "", "", "", "a:b@", "u@", "u%41@", "é@"))
    labels = "".join(_label(chance) + "." for _ in range(chance.randrange(1, 4)))
    top = pick((pick(tlds), pick(tlds), "com", "kr", "co", "한국", "рф", "xn--p1ai", "md", "zz", "Com"))
    host = pick((labels + top,) * 12 + ("t.co", "t.co", "192.168.0.1", "1.2.3.4", "10.0.0.256", "[::1]"))
    port = pick(("", "", "", ":80", ":8080", ":123456", ":", ":x"))
    path = pick(("", "/")) + _some(chance, PATHS, 7)
    query = pick(("", "", "?")) + _some(chance, QUERIES, 7) if chance.random() < 0.5 else ""
    fragment = "#" + _some(chance, QUERIES, 4) if chance.random() < 0.2 else ""
    filler = "a" * chance.randrange(4050, 4100) if chance.random() < 0.003 else ""
    return scheme + user + host + port + path + filler + query + fragment


def _links(chance: random.Random, tlds: list[str]) -> str:
    if chance.random() < 0.3:
        return _link(chance, tlds)
    return "".join(
        chance.choice(BEFORE) + _link(chance, tlds) + chance.choice(BEFORE)
        for _ in range(chance.randrange(1, 4))
    )


def texts(count: int, seed: int) -> Iterator[str]:
    """*count* texts, the same for the same *seed*: one in ten decomposed (NFD)."""
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
