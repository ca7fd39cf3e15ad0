r"""LinkedIn's little text (`commentary`): written, read back and measured. Pure.

Source: LinkedIn docs, "little text format", 2026-08. Fifteen characters are reserved; LinkedIn cuts
a post silently, with a 201, at the first that is not escaped. A hashtag is sent as the template
`{hashtag|\#|Tag}`, which says where it ends: a Korean particle glued to it stays outside.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from bot.attached import Mention
from bot.compose.rules import Tag

RESERVED = "|{}@[]()<>#\\*_~"
HASH_SIGNS = "#＃"
MAX_TAG = 100

_ESCAPES = {ord(sign): "\\" + sign for sign in RESERVED}
#: What the wire may hold: an escaped sign, a hashtag template, a mention. The rest is itself.
_WIRE = re.compile(
    r"\\(?P<escaped>.)"
    r"|\{hashtag\|\\?(?P<sign>[#＃])\|(?P<tag>(?:\\.|[^\\|{}])++)\}"
    r"|@\[(?P<name>(?:\\.|[^\\\[\]])++)\]\((?:\\.|[^\\()])*+\)",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)


def escape(text: str) -> str:
    """*text* with a backslash before each of the fifteen reserved characters, in one pass."""
    return text.translate(_ESCAPES)


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] == "L"


def _is_in_tag(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"


def _is_glued(sign: str) -> bool:
    """Whether a sign right after *sign* is no hashtag; U+FE0F, a mark, ends an emoji."""
    return sign not in "\ufe0e\ufe0f" and _is_in_tag(sign)


def _tag_end(text: str, at: int) -> int:
    """Where a name that begins at *at* ends; *at* when there is none: `#️⃣`, `#2026`, `# `."""
    if at >= len(text) or unicodedata.category(text[at])[0] not in "LN":
        return at
    end, has_letter = at, False
    while end < len(text) and _is_in_tag(text[end]):
        has_letter = has_letter or _is_letter(text[end])
        end += 1
    while end > at and text[end - 1] in "\ufe0e\ufe0f":
        end -= 1
    return end if has_letter and end - at <= MAX_TAG else at


def find_hashtags(text: str) -> list[Tag]:
    """What Pavois sends as hashtags: letters, marks and digits of any script, one letter at least.

    The sign may not be glued to a letter or digit before it; an underscore ends the name, because
    it is reserved. Emoji have no place in a name. A `#` inside a link belongs to the link.
    """
    found: list[Tag] = []
    at = 0
    while at < len(text):
        if link := _LINK.match(text, at):
            at = link.end()
            continue
        if text[at] in HASH_SIGNS and not (at and _is_glued(text[at - 1])):
            end = _tag_end(text, at + 1)
            if end > at + 1:
                found.append(Tag(text[at + 1 : end], at, end))
                at = end
                continue
        at += 1
    return found


def to_little_text(text: str, mentions: Sequence[Mention] = ()) -> str:  # noqa: ARG001  see body
    r"""Plain text as LinkedIn must be sent it: its hashtags as templates, the rest escaped.

    The sign is escaped, as LinkedIn itself writes it; a full-width sign is not reserved. The name
    is put into its NFC form: a tag from a Mac's file name would be another tag.
    """
    parts: list[str] = []
    at = 0
    for tag in find_hashtags(text):
        name = unicodedata.normalize("NFC", tag.name)
        parts += [escape(text[at : tag.start]), f"{{hashtag|{escape(text[tag.start])}|{name}}}"]
        at = tag.end
    return "".join([*parts, escape(text[at:])])


def _shown(found: re.Match[str]) -> str:
    if found["escaped"] is not None:
        return found["escaped"]
    if found["tag"] is not None:
        return found["sign"] + _ESCAPED.sub(r"\1", found["tag"])
    return _ESCAPED.sub(r"\1", found["name"])


def from_little_text(wire: str) -> str:
    """What people read of *wire*: templates as `#Tag`, mentions as their name, escapes undone."""
    return _WIRE.sub(_shown, wire)


def utf16_length(text: str) -> int:
    """The length of *text* in UTF-16 units, as LinkedIn's Java counts: a flag is 4."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
