"""LinkedIn's little text, read the way LinkedIn reads it (LinkedIn docs "little text format").

Written a second time here, as a parser, and from the grammar alone: the client's composer must not
be judged by its own rules. At the first reserved character that is neither escaped nor part of an
element the reading stops, and what was read is what gets published, with a 201.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

RESERVED = frozenset("|{}@[]()<>#\\*_~")

_ESCAPED = r"\\[|{}@\[\]()<>#\\*_~]"
_TEXT = rf"(?:[^|{{}}@\[\]()<>#\\*_~]|{_ESCAPED})+"
_PLAIN = re.compile(_TEXT)
_TEMPLATE = re.compile(rf"\{{hashtag\|\\?(?P<sign>[#＃])\|(?P<tag>{_TEXT})\}}")
_MENTION = re.compile(
    rf"@(?:\[(?P<name>{_TEXT})\])?\((?P<urn>urn:li:[a-zA-Z]+:(?:[A-Za-z0-9-]|\\?_)+)\)"
)
#: Where SINGLE_WORD ends is not documented: letters and digits of any script, and their marks.
_HASHTAG = re.compile(r"#(?P<tag>[^\W_](?:[^\W_]|[\u0300-\u036f])*)")
_UNESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Element:
    """A piece of what was read: `kind` is text, hashtag or mention; `shown` is what people see."""

    kind: str
    shown: str
    urn: str = ""

    @property
    def wire(self) -> str:
        """The element as LinkedIn gives it back: templates and escapes, in URNs too."""
        if self.kind == "hashtag":
            return f"{{hashtag|\\{self.shown[0]}|{escape(self.shown[1:])}}}"
        if self.kind == "mention":
            return f"@[{escape(self.shown)}]({escape(self.urn)})"
        return escape(self.shown)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What LinkedIn made of a commentary; `cut_at` is the code point where it stopped, or None."""

    elements: tuple[Element, ...]
    cut_at: int | None

    @property
    def shown(self) -> str:
        """The text as people read it."""
        return "".join(element.shown for element in self.elements)

    @property
    def wire(self) -> str:
        """The text as the API gives it back."""
        return "".join(element.wire for element in self.elements)


def parse(commentary: str) -> Parsed:
    """Read *commentary* until its end, or until the grammar allows no further."""
    elements: list[Element] = []
    place = 0
    while place < len(commentary):
        found = _element_at(commentary, place)
        if found is None:
            return Parsed(tuple(elements), place)
        element, place = found
        elements.append(element)
    return Parsed(tuple(elements), None)


def _element_at(commentary: str, place: int) -> tuple[Element, int] | None:
    for pattern, make in _READERS:
        if match := pattern.match(commentary, place):
            return make(match), match.end()
    return None


def _text(match: re.Match[str]) -> Element:
    return Element("text", _unescape(match[0]))


def _template(match: re.Match[str]) -> Element:
    return Element("hashtag", match["sign"] + _unescape(match["tag"]))


def _word(match: re.Match[str]) -> Element:
    return Element("hashtag", match[0])


def _mention(match: re.Match[str]) -> Element:
    urn = _unescape(match["urn"])
    return Element("mention", _unescape(match["name"] or urn), urn)


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Element]], ...] = (
    (_PLAIN, _text),
    (_TEMPLATE, _template),
    (_MENTION, _mention),
    (_HASHTAG, _word),
)


def _unescape(text: str) -> str:
    return _UNESCAPE.sub(r"\1", text)


def escape(text: str) -> str:
    """*text* with a backslash before each of the fifteen reserved characters."""
    return "".join(f"\\{sign}" if sign in RESERVED else sign for sign in text)


def utf16_units(text: str) -> int:
    """How long Java finds *text*: LinkedIn's unit for its limit of 3000, as far as is known."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
