"""The campaign's hashtag as people write it, found and written as every network reads it.

Sources: twitter-text v3 and its conformance data (`·`, `_`, digits, joiners and letters become part
of a hashtag; a second `#` or `://` after it kills it), LinkedIn docs "little text" 2026-08.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from bot.compose.hidden import HIDDEN, SHAPING, shown_before
from bot.compose.rules import Rules
from bot.words import N_, Message

#: A text and what was mended in it.
Edit = tuple[str, list[Message]]

#: What may stand right before or right after a hashtag without a space: it breaks no tag on any
#: network, and people write it so.
_OPENING = "([{<«“‘\"'’「『（【〈《-–—/|*~"
_CLOSING = ".,;:!?)]}>…»”’‘\"'」』）】〉》、。！？-–—/|*~"
#: Become part of a hashtag on X; between two words they stand better with a space on either side.
_DOTS = "·ㆍ・･‧•∙"
_SIGNS = "#＃﹟"

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_SIGN = re.compile(f"[{_SIGNS}]")
_BEFORE_A_NAME = re.compile(f"[{_SIGNS}{HIDDEN}{SHAPING}]")
_UNSEEN_AFTER = re.compile(f"[{HIDDEN}{SHAPING}]*+")
_UNSEEN = re.compile(f"[{HIDDEN}\ufe00-\ufe0f\U000e0000-\U000e007f]")
_UNUSUAL = re.compile("[＃﹟\u20e3\uff21-\uff3a\uff41-\uff5a\uff10-\uff19]")
_UNDERSCORES = re.compile("_++")
_DOT_RUN = re.compile(f"[{_DOTS}]++")
#: Korean particles, when a hashtag in Hangul is meant and not a longer word.
_PARTICLE = re.compile(
    "(?:은|는|이|가|을|를|의|에|에서|에게|와|과|도|로|으로|만|까지|부터|입니다|이라는|라는)(?![가-힣])"
)
_BESIDE = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}|https?://\\S{1,24}|[#＃@·ㆍ・]?\\w{1,24}|\\S\ufe0f?", re.IGNORECASE
)
_BESIDE_BEFORE = re.compile("(?:[#＃@]?\\w{1,24}|[\U0001f1e6-\U0001f1ff]{2}|\\S\ufe0f?)\\Z")


@dataclass(frozen=True, slots=True)
class Written:
    """The hashtag as somebody wrote it, with what is not seen beside it: `text[start:end]`."""

    start: int
    end: int


def same_name(name: str, hashtag: str) -> bool:
    """Whether *name* is *hashtag* in another spelling, form or width, or with unseen characters."""
    return _folded(_UNSEEN.sub("", name)) == _folded(hashtag)


def has_name(name: str, hashtag: str) -> bool:
    """Whether *hashtag* is in *name*, glued to something or not, in any form."""
    return _folded(hashtag) in _folded(_UNSEEN.sub("", name))


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def links_in(text: str, rules: Rules) -> list[tuple[int, int]]:
    """Where *text* is an address, to the network or to a reader: nothing is mended in there."""
    spans = [(link.start, link.end) for link in rules.links(text)]
    return spans + [found.span() for found in _LINK.finditer(text)]


def ours(text: str, hashtag: str, rules: Rules) -> list[Written]:
    """Where *hashtag* stands with its sign, in whatever form: in no link, and no longer hashtag."""
    found = [one for one in _occurrences(text, hashtag) if not _goes_on(text, one.end, hashtag)]
    links = links_in(text, rules) if found else ()
    return [one for one in found if not any(a < one.end and one.start < b for a, b in links)]


def spelled(text: str, hashtag: str, rules: Rules) -> Edit:
    """*text* in its NFC form, with *hashtag* in its own spelling, set apart, and with one sign.

    Later occurrences lose their sign. `#TagForum` is another hashtag and stays.
    """
    raw, text = text, unicodedata.normalize("NFC", text)
    pieces: list[str] = []
    mends: list[Message] = []
    at = 0
    for one in ours(text, hashtag, rules):
        glued = bool(pieces) and not pieces[-1].endswith(" ")
        before = _set_off(text[at : one.start], glued=glued)
        gap, at = _gap_after(text, one.end)
        if not pieces:
            mends += _form_mends(text[one.start : one.end], hashtag, raw)
            mends += _apart_mends(text, one, before, gap)
            pieces += [before, f"#{hashtag}", gap]
            continue
        if not _SIGN.match(text, one.end):
            gap, at = "", one.end
        pieces += [before, hashtag + gap]
        if (doubled := _doubled(hashtag)) not in mends:
            mends.append(doubled)
    return "".join([*pieces, text[at:]]), mends


# ── what stands beside it ───────────────────────────────────────────────────────────────────────


def _set_off(before: str, *, glued: bool) -> str:
    """*before*, ended so that a hashtag may follow; *glued*: a hashtag ends right before it."""
    if not before:
        return " " if glued else ""
    if before[-1].isspace() or before[-1] in _OPENING:
        return before
    stem = before.rstrip(_DOTS)
    dots = before[len(stem) :]
    if not dots:
        return f"{before} "
    parted = not stem[-1].isspace() if stem else glued
    return f"{stem}{' ' if parted else ''}{dots} "


def _gap_after(text: str, end: int) -> tuple[str, int]:
    """What parts a hashtag that ends at *end* from what follows, and where that begins."""
    after = text[end : end + 1]
    if not after or after.isspace():
        return "", end
    if after in _CLOSING and not text.startswith("://", end):
        return "", end
    if underscores := _UNDERSCORES.match(text, end):
        return _gap_after(text, underscores.end())
    if dots := _DOT_RUN.match(text, end):
        after = text[dots.end() : dots.end() + 1]
        return f" {dots[0]}{' ' if after.strip() else ''}", dots.end()
    return " ", end


def _goes_on(text: str, end: int, hashtag: str) -> bool:
    """Whether what ends at *end* is the beginning of another word: `#TagForum`, not `#Tag에서`."""
    after = text[end : end + 1]
    kind = unicodedata.category(after) if after else ""
    if kind == "Nd":
        return hashtag[-1].isdigit()
    if kind[:1] != "L" or after in _DOTS or _LINK.match(text, end):
        return False
    last = next((sign for sign in reversed(hashtag) if sign.isalpha()), "")
    return _script(after) == _script(last) and not _PARTICLE.match(text, end)


def _script(letter: str) -> str:
    """The script of *letter*, as Unicode names begin with it: LATIN, HANGUL, CYRILLIC."""
    plain = unicodedata.normalize("NFKC", letter)[:1]
    return unicodedata.name(plain, "").partition(" ")[0] if plain else ""


# ── what is said of it ──────────────────────────────────────────────────────────────────────────


def _form_mends(written: str, hashtag: str, raw: str) -> list[Message]:
    """What was unusual in the hashtag as *written*; *raw* is the text before its NFC form."""
    shown = _UNSEEN.sub("", written)
    values = {"written": shown, "hashtag": hashtag}
    signs = len(_SIGN.findall(shown))
    plain = unicodedata.normalize("NFKC", shown).replace("\u20e3", "").lstrip("#")
    said = {
        N_("“{written}”: invisible characters in the hashtag or beside it are taken out"): (
            shown != written
        ),
        N_("“{written}”: the hashtag is now written with ordinary characters"): (
            bool(_UNUSUAL.search(shown))
        ),
        N_("“{written}”: the letters of the hashtag are now each one character"): (
            written not in raw
        ),
        N_("“{written}”: the hashtag has a single sign # now"): signs > 1,
        N_("“{written}”: the hashtag is now in its own spelling, #{hashtag}"): plain != hashtag,
    }
    return [Message(sentence, values) for sentence, is_so in said.items() if is_so]


def _apart_mends(text: str, one: Written, before: str, gap: str) -> list[Message]:
    """What the hashtag was parted from, on either side."""
    written = _UNSEEN.sub("", text[one.start : one.end])
    mends = []
    glued = _BESIDE_BEFORE.search(text[max(0, one.start - 26) : one.start])
    if glued and before != text[: one.start]:
        mends.append(_parted(f"{glued[0]}{written}", glued[0]))
    after = _BESIDE.match(text, one.end)
    if after and gap:
        mends.append(_parted(f"{written}{after[0]}", after[0], into=text[one.end]))
    return mends


def _parted(written: str, beside: str, *, into: str = " ") -> Message:
    """What is said of a hashtag parted from *beside*, whose first sign may go *into* a hashtag."""
    values = {"written": written, "beside": beside}
    if into.isalnum() or into == "_" or into in _DOTS:
        return Message(
            N_(
                "“{written}”: a space now parts the hashtag from “{beside}”, "
                "which would have become part of it"
            ),
            values,
        )
    return Message(N_("“{written}”: a space now parts the hashtag from “{beside}”"), values)


def _doubled(hashtag: str) -> Message:
    return Message(
        N_("the hashtag #{hashtag} stands once: where it stands again, it has lost its sign"),
        {"hashtag": hashtag},
    )


# ── where it stands ─────────────────────────────────────────────────────────────────────────────


@cache
def _name(hashtag: str) -> re.Pattern[str]:
    """*hashtag* in any case and width, with or without unseen characters between its letters."""
    return re.compile(f"[{HIDDEN}{SHAPING}]*+".join(map(_forms, hashtag)), re.IGNORECASE)


def _forms(sign: str) -> str:
    """A pattern of what stands for *sign*: itself, full-width, or several letters (ß is SS)."""
    wide = chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else ""
    return f"(?:[{re.escape(sign)}{wide}]|{re.escape(sign.casefold())})"


def _occurrences(text: str, hashtag: str) -> Iterator[Written]:
    """Where the name stands with a sign before it, in any form."""
    done = 0
    for name in _name(hashtag).finditer(text):
        start = name.start()
        while start > done and _BEFORE_A_NAME.match(text, start - 1):
            start -= 1
        sign = _SIGN.search(text, start, name.start())
        unseen = _UNSEEN_AFTER.match(text, name.end())
        end = unseen.end() if unseen else name.end()
        if sign:
            yield Written(max(done, shown_before(text, sign.start())), end)
        done = end
