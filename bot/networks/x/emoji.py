"""Which emoji X counts as one: a guaranteed reading, and the probable one.

Guaranteed is what twitter-text counts: emoji up to Unicode 11, in the forms that the library
twemoji-parser 11.0.2 knows; whatever is younger is counted sign by sign. Probable is what
docs.x.com says, that all emoji count 2: any sequence of any age. X's own table is not published,
so that only what fits by the guaranteed reading is sure to fit.

`emoji.txt` has the guaranteed sequences; `python -m tests.x_emoji` makes it anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("emoji.txt")

_TONES = "\U0001f3fb-\U0001f3ff"
_FLAG_LETTERS = "\U0001f1e6-\U0001f1ff"
_TAGS = "\U000e0020-\U000e007f"
_SECOND = f"\u200d\ufe0f\u20e3{_TONES}{_TAGS}"
#: What follows the first sign of any emoji that is written with several.
_JOINER = re.compile(f"[{_SECOND}{_FLAG_LETTERS}]")
_GOES_ON = re.compile(f"[{_SECOND}]")
_TWO_LETTERS = re.compile(f"[{_FLAG_LETTERS}]{{2}}")


def places(text: str) -> Iterator[tuple[int, int]]:
    """Where each emoji of several signs that twitter-text counts as one begins and ends, in order.

    What only might be one, or more of one, begins and ends at the same place.
    """
    at = 0
    while joiner := _JOINER.search(text, at + 1):
        at = joiner.start()
        end = _end(text, at - 1)
        if end > at:
            yield at - 1, end
            at = end
        if _GOES_ON.match(text, at) or (end < at and _TWO_LETTERS.match(text, end)):
            yield at, at


def probable(text: str) -> list[str]:
    """The emoji of several signs, of any age, in order."""
    return [found for found in _any_age().findall(text) if len(found) > 1]


@cache
def _any_age() -> re.Pattern[str]:
    """Signs out of the blocks that hold those of emoji, as Unicode (UTS 51) lets them be joined."""
    sign = "[\xa9\xae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
    return re.compile(
        f"[{_FLAG_LETTERS}]{{2}}|[#*0-9]\ufe0f?\u20e3"
        f"|{sign}(?:\ufe0f?[{_TONES}]|\ufe0f|[{_TAGS}]++)?+"
        f"(?:\u200d{sign}(?:\ufe0f?[{_TONES}]|\ufe0f)?+)*+"
    )


def _end(text: str, start: int) -> int:
    """Where the longest guaranteed sequence from *start* on ends; *start* if there is none."""
    known, lengths = _table()
    for length in lengths.get(text[start], ()):
        sequence = text[start : start + length]
        if sequence in known:
            return start + len(sequence)
    return start


@cache
def _table() -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
    """The guaranteed sequences, and by first sign the lengths that occur, longest first."""
    lines = TABLE.read_text("utf-8").splitlines()
    known = frozenset(sign for line in lines if line[:2] != "//" for sign in line.split())
    lengths: dict[str, set[int]] = {}
    for sign in known:
        lengths.setdefault(sign[0], set()).add(len(sign))
    return known, {first: tuple(sorted(all_, reverse=True)) for first, all_ in lengths.items()}
