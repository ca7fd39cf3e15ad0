"""A text that is too long made shorter as a person would, and what was cut said.

What may go, in this order: secondary hashtags, the last sentences, the last words of a sentence.
Never: the mark and the link, a day or an hour, the first sentence, part of a word.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from bot.compose.rules import Tag
from bot.compose.sentences import Sentence, Span, breaks, sentences, tags_at_line_ends
from bot.errors import RenderError
from bot.words import N_, Message

ELLIPSIS = "…"
_SPACE = " \t\n"
_NOT_BEFORE_ELLIPSIS = " \t\n\u00a0\u202f,;:–—-/&+•·"
_TAGS_AND_SIGNS = re.compile(r"[#＃]\w+|[\W_]")


class CutSort(StrEnum):
    """What was cut: a hashtag, its sign only, a sentence, the last words of one."""

    TAG = "tag"
    SIGN = "sign"
    SENTENCE = "sentence"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Cut:
    """What was cut, as it stood in the text; of words also *after* which ones."""

    sort: CutSort
    text: str
    after: str = ""

    @property
    def message(self) -> Message:
        """The cut in words, for people."""
        return Message(_SAID[self.sort], {"text": self.text, "after": self.after})


_SAID = {
    CutSort.TAG: N_("left out: the tag {text}"),
    CutSort.SIGN: N_("the tag {text} has lost its sign"),
    CutSort.SENTENCE: N_("left out: “{text}”"),
    CutSort.WORDS: N_("shortened after “{after}”: “{text}” is left out"),
}


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text that fits: *body* is what is left of the wording, *text* that with link and mark."""

    text: str
    cuts: tuple[Cut, ...] = ()
    body: str = ""


def fit(
    wording: str,
    finish: Callable[[str], str],
    length: Callable[[str], int],
    limit: int,
    *,
    tags: Callable[[str], Sequence[Tag]],
) -> Fitted:
    """*wording*, finished, within *limit*: shortened as little as its rules allow.

    *finish* adds link and mark to a body, *length* counts all of it, *tags* finds the secondary
    hashtags. Fitting what was fitted changes nothing. Raises RenderError: what `length` is left
    when nothing more may go, and by how much it is `over`.
    """
    if lighter := fit_without_tags(wording, finish, length, limit, tags=tags):
        return lighter

    def over(body: str) -> int:
        return length(finish(body)) - limit

    fewer = _fewer_sentences(*_fewer_tags(wording, (), tags).least)
    body, cuts = fewer.least
    left = over(body)
    last_first = sentences(body)[::-1]
    words = [_fewer_words(body, cuts, one) for one in last_first]
    saved = [
        length(body[one.start : one.end]) if ladder.steps else 0
        for one, ladder in zip(last_first, words, strict=True)
    ]
    # A sentence broken off saves less than its length: one that cannot suffice is not tried.
    promising = [ladder for ladder, most in zip(words, saved, strict=True) if most > left]
    for ladder in (fewer, *promising):
        if form := ladder.first_that_fits(over):
            return Fitted(finish(form[0]), form[1], form[0])
    if any(saved):
        left = min(left, over(words[saved.index(max(saved))].least[0]))
    raise RenderError(
        N_("Even shortened, the text is too long: {length} of {limit}, {over} too many."),
        length=left + limit,
        limit=limit,
        over=left,
    )


def fit_without_tags(
    wording: str,
    finish: Callable[[str], str],
    length: Callable[[str], int],
    limit: int,
    *,
    tags: Callable[[str], Sequence[Tag]],
) -> Fitted | None:
    """*wording*, finished, if it fits whole or without secondary hashtags; None: it does not.

    Those that close a line go, the last first; if that does not suffice, those inside a sentence
    lose their sign.
    """

    def over(body: str) -> int:
        return length(finish(body)) - limit

    fewer = _fewer_tags(wording, (), tags)
    for ladder in (fewer, _fewer_signs(*fewer.least, tags)):
        if form := ladder.first_that_fits(over):
            return Fitted(finish(form[0]), form[1], form[0])
    return None


def broken_off(kept: str) -> str:
    """*kept* with an ellipsis, unless it ends as a sentence does."""
    bare = kept.rstrip(_NOT_BEFORE_ELLIPSIS)
    return bare if bare.endswith((".", "!", "?", ELLIPSIS)) else bare + ELLIPSIS


def has_words(text: str) -> bool:
    """Whether *text* says something beside hashtags and signs."""
    return bool(_TAGS_AND_SIGNS.sub("", text))


# ── what may go ─────────────────────────────────────────────────────────────────────────────────

#: A body, and what was cut from the wording to make it.
_Form = tuple[str, tuple[Cut, ...]]


@dataclass(frozen=True, slots=True)
class _Ladder:
    """The forms of a text from `form(0)`, the longest, to `form(steps)`, made when asked for."""

    steps: int
    form: Callable[[int], _Form]

    @property
    def least(self) -> _Form:
        return self.form(self.steps)

    def first_that_fits(self, over: Callable[[str], int]) -> _Form | None:
        """The longest form that is not too long; None: every one is."""
        if over(self.least[0]) > 0:
            return None
        fits = bisect_left(range(self.steps), True, key=lambda n: over(self.form(n)[0]) <= 0)
        return self.form(fits)


def _fewer_tags(body: str, cuts: tuple[Cut, ...], tags: Callable[[str], Sequence[Tag]]) -> _Ladder:
    """*body* whole, then without the last secondary hashtag that closes a line, and so on."""
    secondary = {(tag.start, tag.end) for tag in tags(body)}
    closing = [span for span in tags_at_line_ends(body) if span in secondary]
    return _fewer(body, cuts, closing, CutSort.TAG)


def _fewer_signs(body: str, cuts: tuple[Cut, ...], tags: Callable[[str], Sequence[Tag]]) -> _Ladder:
    """*body*, then with the last secondary hashtag as a plain word, and so on."""
    found = [(tag.start, tag.end) for tag in tags(body)]

    def form(steps: int) -> _Form:
        last = found[len(found) - steps :]
        signs = {start for start, _ in last}
        kept = "".join(letter for at, letter in enumerate(body) if at not in signs)
        return kept, cuts + _cuts(body, last, CutSort.SIGN)

    return _Ladder(len(found), form)


def _fewer_sentences(body: str, cuts: tuple[Cut, ...]) -> _Ladder:
    """*body*, then without the last sentence that may go, and so on."""
    may_go = [
        (one.start, one.end)
        for one in sentences(body)[1:]
        if not one.floor and has_words(body[one.start : one.end])
    ]
    return _fewer(body, cuts, may_go, CutSort.SENTENCE)


def _fewer(body: str, cuts: tuple[Cut, ...], spans: Sequence[Span], sort: CutSort) -> _Ladder:
    """*body*, then without the last of *spans*, then without the last two, and so on."""

    def form(steps: int) -> _Form:
        last = spans[len(spans) - steps :]
        return _without(body, last), cuts + _cuts(body, last, sort)

    return _Ladder(len(spans), form)


def _fewer_words(body: str, cuts: tuple[Cut, ...], sentence: Sentence) -> _Ladder:
    """*body*, then with *sentence* broken off before its last word, and so on."""
    ends = breaks(body, sentence)

    def form(steps: int) -> _Form:
        if not steps:
            return body, cuts
        end = ends[-steps]
        rest = body[end : sentence.end].strip()
        after = " ".join(body[sentence.start : end].split(" ")[-3:])
        cut = Cut(CutSort.WORDS, rest, after)
        return broken_off(body[:end]) + body[sentence.end :], (*cuts, cut)

    return _Ladder(len(ends), form)


def _cuts(body: str, spans: Sequence[Span], sort: CutSort) -> tuple[Cut, ...]:
    return tuple(Cut(sort, body[start:end]) for start, end in spans)


def _without(text: str, spans: Sequence[Span]) -> str:
    """*text* without *spans*; of the space around each, what the rest needs stays."""
    pieces = [""]
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        piece, at = text[at:start], end
        if piece.strip(_SPACE):
            pieces.append(piece)
        else:
            pieces[-1] += piece
    return reduce(_joined, pieces).strip(_SPACE)


def _joined(left: str, right: str) -> str:
    """*left* and *right* with as much space between them as was on one side."""
    before, after = left.rstrip(_SPACE), right.lstrip(_SPACE)
    if not before or not after:
        return before + after
    lines = max(left.count("\n", len(before)), right.count("\n", 0, len(right) - len(after)))
    gap = len(left) - len(before) + len(right) - len(after)
    return before + ("\n" * min(2, lines) or " " * min(1, gap)) + after
