"""Characters that nobody sees and that change what a network makes of those beside them."""

from __future__ import annotations

import re

#: Controls but tab and line breaks, soft hyphen, joiners, spaces without width, marks of
#: direction, fillers of Hangul (letters, to X), byte order marks, what is no character.
HIDDEN = (
    "\\x00-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff"
)
#: What gives the character before it another look: for an emoji it is part of it.
SHAPING = "\ufe00-\ufe0f\u20e3\U000e0000-\U000e007f"

_HIDDEN = re.compile(f"[{HIDDEN}]")


def is_blank(text: str) -> bool:
    """Whether nothing of *text* is seen."""
    return not _HIDDEN.sub("", text).strip()


def is_hidden(sign: str) -> bool:
    """Whether nobody sees *sign*."""
    return _HIDDEN.match(sign) is not None


def shown_before(text: str, at: int) -> int:
    """Where what is seen before *at* ends."""
    while at and _HIDDEN.match(text, at - 1):
        at -= 1
    return at


def shown_after(text: str, at: int) -> int:
    """Where what is seen after *at* begins."""
    while _HIDDEN.match(text, at):
        at += 1
    return at
