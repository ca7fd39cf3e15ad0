"""Nearly the same text again: on another account, or within a month. Pure.

X's developer guidelines (docs 2026-08) forbid "identical or substantially similar" posts on several
accounts, and say of no number; X itself refuses only what one account repeats word for word. Other
languages are another text to X as well. Where the line is drawn here was tried out on the
campaign's own announcements and on paraphrases in three languages: see `tests/test_repeats.py`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.words import N_, Message

#: A word or a date changed in a post of 60 Hangul or 140 Latin letters leaves 0.84 and more of it
#: alike, two sentences that change places 0.87; a text told in other words 0.47 and less.
SAME = 0.95
NEAR = 0.7

#: Letters in a row that are compared. With 3, two sentences that change places would be the same
#: text (0.97); with 5, two changed words in a short Korean post would pass unseen (0.66).
_LETTERS = 4
_LEFT_OUT = re.compile(r"https?://\S+|#\w+")
_NO_LETTER = re.compile(r"[\W_]+")

_Runs = frozenset[tuple[str, ...]]


class Verdict(StrEnum):
    """What becomes of a repetition: the same text is refused, nearly the same is warned about."""

    SAME = "same"
    NEAR = "near"


@dataclass(frozen=True, slots=True)
class Earlier:
    """A post that is out or queued; the day of *at* is shown in the zone that *at* has.

    *post* is its number, or the name of the announcement that is to be queued with it.
    """

    post: int | str
    account: str
    language: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Repetition:
    """An earlier post that a text repeats, and how much of it, from 0 to 1; *own*: same account."""

    earlier: Earlier
    likeness: float
    own: bool

    @property
    def verdict(self) -> Verdict:
        return Verdict.SAME if self.likeness >= SAME else Verdict.NEAR

    @property
    def message(self) -> Message:
        """What is repeated, why that is not wanted, and what to do, for the officer."""
        return Message(
            _SENTENCES[self.verdict, self.own],
            {
                "post": self.earlier.post,
                "account": self.earlier.account,
                "day": self.earlier.at.date().isoformat(),
                "percent": int(self.likeness * 100),
            },
        )


_SENTENCES = {
    (Verdict.SAME, True): N_(
        "Post {post} ({account}, {day}) says the same ({percent}%). The network forbids the same "
        "text again so soon: write another one."
    ),
    (Verdict.SAME, False): N_(
        "Post {post} ({account}, {day}) says the same ({percent}%). The network forbids the same "
        "text on several accounts: write another one, or name the accounts: accounts = […]"
    ),
    (Verdict.NEAR, True): N_(
        "Post {post} ({account}, {day}) says nearly the same ({percent}%). The network may take "
        "it for a repetition: change more of it, or wait longer."
    ),
    (Verdict.NEAR, False): N_(
        "Post {post} ({account}, {day}) says nearly the same ({percent}%). The network may take "
        "it for one text on several accounts: change more of it."
    ),
}


def likeness(one: str, other: str) -> float:
    """How much of two texts is alike: 0 nothing, 1 all letters and digits in the same order.

    Jaccard's measure: of all the runs of four letters that occur in one of them, how many occur
    in both. Case, width, spaces, punctuation, emoji, links and hashtags do not count, unless there
    is nothing else.
    """
    return _alike(_runs(one), _runs(other))


def repetitions(
    text: str,
    language: str,
    account: str,
    at: datetime,
    earlier: Iterable[Earlier],
    within: timedelta = timedelta(days=30),
) -> list[Repetition]:
    """Which of *earlier* a post of *text*, due *at* on *account*, would repeat, the likest first.

    *earlier* are posts of one network on any of its accounts, queued ones too: those within
    *within* of *at*, before or after, and in the same language count.
    """
    runs = _runs(text)
    found = []
    for post in earlier:
        if post.language != language or abs(at - post.at) > within:
            continue
        alike = _alike(runs, _runs(post.text))
        if alike >= NEAR:
            found.append(Repetition(post, alike, own=post.account == account))
    return sorted(found, key=lambda repetition: repetition.likeness, reverse=True)


def _alike(one: _Runs, other: _Runs) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def _runs(text: str) -> _Runs:
    """The runs of letters of *text*; a shorter text is one run."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    letters = _NO_LETTER.sub("", _LEFT_OUT.sub("", folded)) or "".join(folded.split())
    shifted = (letters[first:] for first in range(_LETTERS))
    return frozenset(zip(*shifted, strict=False)) or frozenset({tuple(letters)})
