"""A text that is too long for one post, as a few posts that answer one another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.compose.fit import broken_off, has_words
from bot.compose.sentences import Sentence, breaks, sentences
from bot.errors import RenderError
from bot.words import N_

#: Nobody reads on for longer.
MOST_POSTS = 10


def split(
    wording: str,
    finish_first: Callable[[str], str],
    finish_rest: Callable[[str], str],
    length: Callable[[str], int],
    limit: int,
) -> tuple[str, ...]:
    """*wording* as few posts of about the same length, each finished and within *limit*.

    *finish_first* adds link and mark, *finish_rest* the mark. The first post stands alone: it ends
    with a sentence. A later one ends inside a sentence, with an ellipsis, only when that sentence
    has no place in a post of its own. A counter, "(1/3)", is added if there is room in each. Raises
    RenderError when the first sentence or one word is too long, or the posts are too many.
    """
    whole = finish_first(wording)
    if length(whole) <= limit:
        return (whole,)
    posts = _Posts(wording, finish_first, finish_rest, length)
    units = [*posts.units(limit)]
    fewest = posts.filled(units, limit)
    if fewest is None:
        raise RenderError(
            N_("As a thread, the text would take more than {most} posts. Shorten it."),
            most=MOST_POSTS,
        )

    def is_enough(cap: int) -> bool:
        bodies = posts.filled(units, cap)
        return bodies is not None and len(bodies) <= len(fewest)

    bodies = posts.filled(units, bisect_left(range(limit), True, key=is_enough)) or fewest
    counted = [f"{body} ({place}/{len(bodies)})" for place, body in enumerate(bodies, 1)]
    fit = all(posts.length_of(body, place) <= limit for place, body in enumerate(counted))
    return tuple(map(posts.finished, counted if fit else bodies, range(len(bodies))))


@dataclass(frozen=True, slots=True)
class _Unit:
    """`text[start:end]`, which is not parted: a sentence, or a part of one that is too long."""

    start: int
    end: int
    begins: bool = True
    ends: bool = True


@dataclass(frozen=True, slots=True)
class _Posts:
    """How the posts of one wording are made and measured; *place* 0 is the first."""

    text: str
    finish_first: Callable[[str], str]
    finish_rest: Callable[[str], str]
    length: Callable[[str], int]

    def finished(self, body: str, place: int) -> str:
        return self.finish_rest(body) if place else self.finish_first(body)

    def length_of(self, body: str, place: int) -> int:
        return self.length(self.finished(body, place))

    def body(self, first: _Unit, last: _Unit) -> str:
        """The text from *first* to *last*, with ellipses where a sentence is parted."""
        kept = self.text[first.start : last.end]
        return f"{'' if first.begins else '… '}{kept if last.ends else broken_off(kept)}"

    def units(self, limit: int) -> Iterator[_Unit]:
        """The sentences; one that has no place in a post of its own, in parts."""
        for place, one in enumerate(_with_their_tags(self.text)):
            unit = _Unit(one.start, one.end)
            over = self.length_of(self.body(unit, unit), place) - limit
            if over <= 0:
                yield unit
            elif place:
                yield from self._parts(one, limit)
            else:
                raise RenderError(
                    N_("The first sentence alone is too long for a post, by {over}: shorten it."),
                    over=over,
                )

    def filled(self, units: Sequence[_Unit], cap: int) -> list[str] | None:
        """Bodies as full as *cap* lets them be; None: a unit is longer, or they are too many."""
        bodies: list[str] = []
        first = 0
        while first < len(units) and len(bodies) < MOST_POSTS:
            body, after = "", first
            while after < len(units):
                longer = self.body(units[first], units[after])
                stands_alone = bodies or units[after].ends
                if not stands_alone or self.length_of(longer, len(bodies)) > cap:
                    break
                body, after = longer, after + 1
            if after == first:
                return None
            bodies.append(body)
            first = after
        return bodies if first == len(units) else None

    def _parts(self, sentence: Sentence, limit: int) -> Iterator[_Unit]:
        """*sentence* in parts, each as long as *limit* lets it be."""
        ends = [*breaks(self.text, replace(sentence, floor=0)), sentence.end]
        start = sentence.start

        def part(end: int) -> _Unit:
            return _Unit(start, end, start == sentence.start, end == sentence.end)

        def over(end: int) -> int:
            return self.length_of(self.body(part(end), part(end)), 1) - limit

        while ends:
            fit = bisect_left(ends, True, key=lambda end: over(end) > 0)
            if not fit:
                raise RenderError(
                    N_("A part of the text that cannot be parted is too long by {over}: “{part}”."),
                    over=over(ends[0]),
                    part=self.text[start : ends[0]].strip(),
                )
            yield part(ends[fit - 1])
            start = _after_space(self.text, ends[fit - 1])
            ends = ends[fit:]


def _after_space(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


def _with_their_tags(text: str) -> list[Sentence]:
    """The sentences of *text*; what has no words (a line of hashtags) with the one before."""
    found: list[Sentence] = []
    for one in sentences(text):
        if found and not has_words(text[one.start : one.end]):
            found[-1] = replace(found[-1], end=one.end)
        else:
            found.append(one)
    return found
