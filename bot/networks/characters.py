"""Characters that no network shows as they were written, taken out while a text is composed."""

from __future__ import annotations

import re
import unicodedata

_LINE_BREAKS = re.compile("\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
#: Control characters but the line feed, the soft hyphen (it cuts a hashtag in two without being
#: seen), byte order marks, what is no character, halves of a pair.
_TAKEN_OUT = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\ufeff\ufffe\uffff\ud800-\udfff]"
)


def tidy(text: str) -> str:
    r"""*text* in its NFC form, its lines ended by `\n`, without what is not seen and does harm.

    Tidying twice changes nothing more.
    """
    text = _LINE_BREAKS.sub("\n", text).replace("\t", " ")
    return unicodedata.normalize("NFC", _TAKEN_OUT.sub("", text))


def same_words(text: str) -> str:
    """*text* as two texts are compared: NFC, any run of white space as one space."""
    return " ".join(unicodedata.normalize("NFC", text).split())
