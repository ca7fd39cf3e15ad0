r"""LinkedIn's little text (`commentary`): written, read back and measured. Pure.

Source: LinkedIn docs, "little text format", 2026-08. Fifteen characters are reserved; LinkedIn cuts
a post silently, with a 201, at the first that is not escaped. A hashtag is sent as the template
`{hashtag|\#|Tag}`, which says where it ends: a Korean particle glued to it stays outside. Only
`commentary` is little text: comments, titles, alt texts and polls are sent as they are written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.attached import Mention
from bot.compose.rules import Link, Tag

RESERVED = "|{}@[]()<>#\\*_~"
MAX_TAG = 100

_ESCAPES = {ord(sign): "\\" + sign for sign in RESERVED}
#: What the wire may hold: an escaped sign, a hashtag template, a mention. The rest is itself.
_WIRE = re.compile(
    r"\\(?P<escaped>.)"
    r"|\{hashtag\|\\?(?P<sign>[#＃])\|(?P<tag>(?:\\.|[^\\|{}])++)\}"
    r"|@(?:\[(?P<name>(?:\\.|[^\\\[\]])++)\])?\((?P<urn>urn:li:(?:\\.|[^\\()])*+)\)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
#: Where LinkedIn ends a link is not documented: as most sites do, before closing punctuation.
_LINK = r"https?://[^\s<>]*[^\s<>.,;:!?)\]…»]"
_LINKS = re.compile(_LINK, re.IGNORECASE)
_LINK_OR_SIGN = re.compile(rf"(?P<link>{_LINK})|[#＃]", re.IGNORECASE)

#: A digit that is an emoji: no part of a name.
_KEYCAP = re.compile("[0-9]\ufe0f?\u20e3")

#: What LinkedIn's documentation lets a mention name. Another URN would cut the post there.
_MENTIONED = re.compile(r"urn:li:(?:organization|person):[A-Za-z0-9_-]+")
#: Glued to a name, these leave it a word of its own: 수원시가, 수원시에서는; 수원시청 is another.
_PARTICLES = (
    "은|는|이|가|을|를|와|과|의|도|만|로|으로|로서|으로서|에|에서|에게|께서|한테|부터|까지|보다"
    "|처럼|마다|나|이나|며|이며|라는|이라는|라고|이라고|이다|입니다"
)
_OF_A_WORD = r"\w\u0300-\u036f"
#: These signs join two words to one: Saint-Tours, contact@tours, Tours.fr.
_JOINS = "-‐‑.@"
_WORD_BEFORE = re.compile(rf"[{_OF_A_WORD}][{_JOINS}]?\Z")
_NO_WORD_AFTER = re.compile(rf"(?:{_PARTICLES}){{0,2}}(?![{_OF_A_WORD}]|[{_JOINS}][{_OF_A_WORD}])")


@dataclass(frozen=True, slots=True)
class Named:
    """Where a mention's name stands: `text[start:end]`, in code points."""

    mention: Mention
    start: int
    end: int


def escape(text: str) -> str:
    """*text* with a backslash before each of the fifteen reserved characters, in one pass."""
    return text.translate(_ESCAPES)


def find_hashtags(text: str) -> list[Tag]:
    """What Pavois sends as hashtags: letters, marks and digits of any script, one letter at least.

    The sign may not be glued to a letter or digit before it; an underscore ends the name, because
    it is reserved. Emoji have no place in a name. A `#` inside a link belongs to the link, and a
    name that runs into one (`#villehttps://`) is none, as on X.
    """
    found: list[Tag] = []
    at = 0
    while sign := _LINK_OR_SIGN.search(text, at):
        start, at = sign.span()
        if sign["link"] or (start and _is_in_tag(text[start - 1])):
            continue
        end = _tag_end(text, at)
        if end > at and not text.startswith("://", end):
            found.append(Tag(text[at:end], start, end))
            at = end
    return found


def _tag_end(text: str, at: int) -> int:
    """Where a name that begins at *at* ends; *at* when there is none: `#️⃣`, `#2026`, `# `."""
    if text[at : at + 1] and unicodedata.category(text[at])[0] == "M":
        return at
    end, has_letter = at, False
    while end < len(text) and _is_in_tag(text[end]) and not _KEYCAP.match(text, end):
        has_letter = has_letter or unicodedata.category(text[end])[0] == "L"
        end += 1
    return end if has_letter and end - at <= MAX_TAG else at


def _is_in_tag(sign: str) -> bool:
    return sign not in "\ufe0e\ufe0f" and unicodedata.category(sign)[0] in "LMN"


def find_links(text: str) -> list[Link]:
    """The addresses written in full; whether LinkedIn links `ville.fr` alone is not known."""
    return [Link(found[0], found.start(), found.end()) for found in _LINKS.finditer(text)]


def find_mentions(text: str, mentions: Sequence[Mention]) -> list[Named]:
    """Where each of *mentions* is told to LinkedIn: the first time its name stands for itself.

    A name stands for itself as a word of its own, in its own spelling (LinkedIn compares case),
    outside hashtags, links and longer names among *mentions*. A Korean particle may be glued to it.
    """
    if not mentions:
        return []
    taken = bytearray(len(text))
    others: list[Link | Tag] = [*find_links(text), *find_hashtags(text)]
    for span in others:
        taken[span.start : span.end] = b"\1" * (span.end - span.start)
    found: dict[str, Named] = {}
    for mention in sorted(mentions, key=lambda mention: len(mention.name), reverse=True):
        if not _MENTIONED.fullmatch(mention.urn):
            continue
        for start, end in _places(text, unicodedata.normalize("NFC", mention.name)):
            if taken.find(1, start, end) < 0:
                taken[start:end] = b"\1" * (end - start)
                found.setdefault(mention.name, Named(mention, start, end))
    return sorted(found.values(), key=lambda named: named.start)


def _places(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Where *name* stands in *text* as a word of its own."""
    start = text.find(name) if name else -1
    while start >= 0:
        end = start + len(name)
        inside = _WORD_BEFORE.search(text, max(0, start - 2), start)
        if not inside and _NO_WORD_AFTER.match(text, end):
            yield start, end
        start = text.find(name, start + 1)


def to_little_text(text: str, mentions: Sequence[Mention] = ()) -> str:
    r"""Plain text, in its NFC form, as LinkedIn must be sent it.

    Its hashtags become templates (the sign escaped, as LinkedIn itself writes it; a full-width one
    is not reserved), what it names of *mentions* `@[Name](urn)`, the rest is escaped. NFC, because
    a tag from a Mac's file name would be another tag. People see the text, and no `@`.
    """
    text = unicodedata.normalize("NFC", text)
    elements = [
        (tag.start, tag.end, f"{{hashtag|{escape(text[tag.start])}|{tag.name}}}")
        for tag in find_hashtags(text)
    ]
    for named in find_mentions(text, mentions):
        name = escape(text[named.start : named.end])
        elements.append((named.start, named.end, f"@[{name}]({escape(named.mention.urn)})"))
    parts: list[str] = []
    at = 0
    for start, end, wire in sorted(elements):
        parts += [escape(text[at:start]), wire]
        at = end
    return "".join([*parts, escape(text[at:])])


def from_little_text(wire: str) -> str:
    """What people read of *wire*: templates as `#Tag`, mentions as their name, escapes undone.

    LinkedIn escapes underscores in URNs too. Of a mention without a name the URN is read.
    """
    return _WIRE.sub(_shown, wire)


def live_tags(wire: str) -> tuple[str, ...]:
    r"""The hashtags that LinkedIn makes of *wire*, without their signs.

    Those are its templates, and by the grammar a `#Tag` that is not escaped; `\#Tag` is text.
    """
    templates = [
        _ESCAPED.sub(r"\1", found["tag"]) for found in _WIRE.finditer(wire) if found["tag"]
    ]
    bare = find_hashtags(_WIRE.sub(" ", wire))
    return (*templates, *(tag.name for tag in bare))


def _shown(found: re.Match[str]) -> str:
    if found["escaped"] is not None:
        return found["escaped"]
    sign = found["sign"] or ""
    return sign + _ESCAPED.sub(r"\1", found["tag"] or found["name"] or found["urn"])
