"""A text as a person reads it who has to shorten it: its sentences, and where one may be broken.

French, Korean and English; other languages as far as their signs are the same.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bot.compose.dates import spans_of_dates

#: Where something starts and where it ends, in code points.
Span = tuple[int, int]

_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_PAIRS = re.compile(
    r"«[^«»\n]*»|“[^“”\n]*”|\([^()\n]*\)|\[[^\[\]\n]*\]|「[^「」\n]*」|『[^『』\n]*』|（[^（）\n]*）"
    r'|(?<!\w)"[^"\n]*"'
)
_END = re.compile(
    r"(?<![.!?…])[.!?…]++(?:[\u00a0\u202f ]?»|[”’\"')\]」』])*+(?=\s|\Z)"
    r"|[。！？]++[」』”）]*+|\n\s*+"
)
_WORD = re.compile(r"[^ \t\n\u3000]+")
_LAST_WORD = re.compile(r"[\w.ºn°&’'-]{1,12}\Z")
#: After these a full stop ends no sentence; after those of the second set, before a figure only.
_ABBREVIATIONS = (
    "m. mm. mme. mmes. mlle. dr. pr. me. st. ste. mr. mrs. ms. prof. "
    "cf. e.g. i.e. ex. p.ex. env. av. bd. vs. approx."
)
_ABBREVIATIONS_OF_FIGURES = "no. nº. n°. nos. p. pp. art. vol. fig. chap. tel. tél. fax."
_SHORT = frozenset(_ABBREVIATIONS.split())
_SHORT_BEFORE_FIGURES = frozenset(_ABBREVIATIONS_OF_FIGURES.split())
#: Words that lean on what follows: a text broken off after one reads as a mistake.
_LEANING_WORDS = """
le la les l de du des d un une au aux à en et ou où ni mais donc par pour sur sous avec sans dans
chez vers entre depuis pendant jusque que qu qui dont quel quelle quels quelles comme si puis ce c
cet cette ces son sa ses leur leurs notre nos votre vos mon ma mes il elle ils elles on nous vous
je j tu ne n se s est sont sera seront très plus m mm mme mmes mlle dr n° no
a an the of to in at by for with from and or but nor as is are was were be been its their our your
his her my this that these those which who whose into onto than then if not very it we they mr mrs
ms st ste
및 그리고 또는 혹은 또한 이 그 저 각 제 약 총
"""
_LEANING = frozenset(_LEANING_WORDS.split())
_KOREAN_LEANING = re.compile("[은는한할인된될던의와과]$")
_AROUND_A_WORD = "«“\"'‘’([「『（»”)]」』）,;:!?….—–"
_CLOSES = "»”)]」』）!?…%€$₩"
_TAG_ALONE = re.compile(r"[#＃]\w+")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text[start:end]`, without the space after it; `floor` is where its last day, hour or
    address ends: up to there it may not be shortened. No such: 0."""

    start: int
    end: int
    floor: int = 0


def sentences(text: str) -> list[Sentence]:
    """The sentences of *text*, in order: lines too, an introduction (`:`) with what follows.

    Nothing ends inside a quotation, brackets, a date or an address, nor after an abbreviation.
    """
    said = sorted([*spans_of_dates(text), *links(text)])
    whole = merged([*said, *(found.span() for found in _PAIRS.finditer(text))])
    found: list[Sentence] = []
    start = 0
    for end in _ends(text, whole):
        if text[start:end].strip():
            found.append(_sentence(text, start, end, said))
            start = end
    return found


def breaks(text: str, sentence: Sentence) -> list[int]:
    """Where *sentence* may be broken off: after its second word at the earliest, outside dates,
    brackets and quotations, and never after a word that leans on the next one."""
    part = text[sentence.start : sentence.end]
    whole = merged([*spans_of_dates(part), *(found.span() for found in _PAIRS.finditer(part))])
    words = list(_WORD.finditer(part))
    while words and not any(sign.isalnum() for sign in words[-1][0]):
        words.pop()
    return [
        sentence.start + word.end()
        for word in words[1:-1]
        if sentence.start + word.end() >= sentence.floor
        and not leans(word[0])
        and not is_inside(word.end(), whole)
    ]


def leans(word: str) -> bool:
    """Whether *word* is nothing without the next: an article, a preposition, a figure, a sign."""
    bare = word.strip(_AROUND_A_WORD)
    if not word:
        return False
    if not any(sign.isalpha() for sign in bare):
        return word[-1] not in _CLOSES
    return word.endswith(("’", "'")) or bare.casefold() in _LEANING


def tags_at_line_ends(text: str) -> Iterator[Span]:
    """The hashtags that only close a line and belong to none of its sentences, in order.

    In "Vive la #Bretagne #Paix" the first is a word of the sentence, the second is not.
    """
    for line in re.finditer(r"[^\n]+", text):
        words = list(_WORD.finditer(text, line.start(), line.end()))
        first = _closing(words, _is_tag_or_sign)
        if first and not words[first - 1][0].endswith((".", "!", "?", "…", "»")):
            first = _closing(words, _is_tag)
        before = words[first - 1][0] if first else ""
        tags = [word.span() for word in words[first:] if _is_tag(word[0])]
        yield from tags[1:] if leans(before) or _KOREAN_LEANING.search(before) else tags


def _closing(words: Sequence[re.Match[str]], is_closing: Callable[[str], bool]) -> int:
    """Where the last of *words* begin that are all closing."""
    first = len(words)
    while first and is_closing(words[first - 1][0]):
        first -= 1
    return first


def _is_tag(word: str) -> bool:
    return _TAG_ALONE.fullmatch(word) is not None


def _is_tag_or_sign(word: str) -> bool:
    said = word[-1] in ".!?…»,;:" or any(sign.isalnum() for sign in word)
    return _is_tag(word) or not said


def links(text: str) -> list[Span]:
    """The addresses in *text*, without the punctuation of the sentence that they stand in."""
    return [
        (found.start(), found.start() + len(found[0].rstrip(".,;:!?…»”)")))
        for found in _LINK.finditer(text)
    ]


def merged(spans: Sequence[Span]) -> list[Span]:
    """*spans* in order, those that overlap as one."""
    done: list[Span] = []
    for start, end in sorted(spans):
        if done and start < done[-1][1]:
            done[-1] = (done[-1][0], max(end, done[-1][1]))
        else:
            done.append((start, end))
    return done


def is_inside(at: int, spans: Sequence[Span]) -> bool:
    """Whether *at* is strictly inside one of *spans*, which are in order and apart."""
    index = bisect_right(spans, (at, -1)) - 1
    return index >= 0 and spans[index][0] < at < spans[index][1]


def _ends(text: str, whole: Sequence[Span]) -> Iterator[int]:
    for found in _END.finditer(text):
        at = found.start() if found[0].startswith("\n") else found.end()
        if not is_inside(at, whole) and _is_end(text, found):
            yield at
    yield len(text)


def _is_end(text: str, found: re.Match[str]) -> bool:
    """Whether a sentence ends where punctuation or a line break was found."""
    following = text[found.end() : found.end() + 2].lstrip(" \u00a0\u202f")
    if found[0].startswith("\n"):
        line = text[max(0, found.start() - 4) : found.start()].rstrip()
        return not line.endswith((":", "：")) and not (
            found[0].count("\n") == 1 and following[:1].islower()
        )
    return not following[:1].islower() and not (found[0] == "." and _abbreviates(text, found.end()))


def _abbreviates(text: str, end: int) -> bool:
    """Whether the full stop before *end* belongs to its word: M., St., J., "1." before a line."""
    found = _LAST_WORD.search(text, max(0, end - 13), end)
    word = found[0].casefold() if found else "."
    stands_first = not found or not text[: found.start()].rpartition("\n")[2].strip()
    if word[:-1].isdigit():
        return stands_first
    if found and len(word) == 2 and found[0][0].isupper():
        return True
    return word in _SHORT or (
        word in _SHORT_BEFORE_FIGURES and text[end : end + 2].strip()[:1].isdigit()
    )


def _sentence(text: str, start: int, end: int, said: Sequence[Span]) -> Sentence:
    while text[start].isspace():
        start += 1
    while text[end - 1].isspace():
        end -= 1
    floor = max((span[1] for span in said if start <= span[0] < end), default=0)
    return Sentence(start, end, min(floor, end))
