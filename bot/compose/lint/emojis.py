"""Rules of emoji: few, at the end, each once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from bot.compose.lint.findings import Found, Level, Rule, Seen
from bot.compose.signs import Sign
from bot.model import flag_sign
from bot.words import N_, Message

#: How many emoji a text may have beside the flags of the campaign.
MOST_EMOJI = 3
_ENDS_A_SENTENCE = frozenset('.!?…。！？»”")）')
_QUOTED = 5


def many(seen: Seen) -> Iterator[Found]:
    """More than three emoji; the flags of the campaign do not count."""
    flags = set(map(flag_sign, seen.subject.countries))
    counted = [sign for sign in seen.signs if sign.text not in flags]
    if len(counted) > MOST_EMOJI:
        message = Message(
            N_(
                "{number} emoji beside the flags: a screen reader says the name of each. Keep "
                "{most} at most."
            ),
            {"number": len(counted), "most": MOST_EMOJI},
        )
        yield Found(message, counted[MOST_EMOJI].start, counted[-1].end)


def place(seen: Seen) -> Iterator[Found]:
    """Emoji before or among the words of a line, unless a sentence ends before them."""
    last_words = _last_words(seen.prose)
    for group in _groups(seen):
        start, end = group[0].start, group[-1].end
        before = seen.prose[max(start - 3, 0) : start].rstrip(" \u00a0\u202f")[-1:]
        if end <= last_words[start] and before not in _ENDS_A_SENTENCE:
            message = Message(
                N_(
                    "{emoji} stands before words, and its name is read first. Put it at the end of "
                    "the line."
                ),
                {"emoji": _quoted(group)},
            )
            yield Found(message, start, end)


def repeated(seen: Seen) -> Iterator[Found]:
    """The same emoji several times in a row."""
    for group in _groups(seen):
        if any(one.text == other.text for one, other in pairwise(group)):
            start, end = group[0].start, group[-1].end
            message = Message(
                N_(
                    "{emoji}: a screen reader says the name of an emoji as often as it stands "
                    "there. Once is enough."
                ),
                {"emoji": _quoted(group)},
            )
            yield Found(message, start, end)


def _groups(seen: Seen) -> Iterator[list[Sign]]:
    """Emoji that nothing but spaces parts."""
    group: list[Sign] = []
    for sign in seen.signs:
        if group and seen.subject.text[group[-1].end : sign.start].strip(" "):
            yield group
            group = []
        group.append(sign)
    if group:
        yield group


def _last_words(prose: str) -> list[int]:
    """For each place of *prose* the last letter or digit of its line, -1 where it has none."""
    places: list[int] = []
    at = 0
    for line in prose.split("\n"):
        last = max((at + index for index, sign in enumerate(line) if sign.isalnum()), default=-1)
        places += [last] * (len(line) + 1)
        at += len(line) + 1
    return places


def _quoted(group: list[Sign]) -> str:
    """The emoji of *group*, the first of them where they are many."""
    return "".join(sign.text for sign in group[:_QUOTED]) + ("…" if len(group) > _QUOTED else "")


RULES = (
    Rule(
        "emoji-many",
        Level.ADVICE,
        Message(N_("Three emoji at most, beside the flags of the campaign.")),
        "WCAG 2.2 1.1.1 / RGAA 4.1.2 13.6",
        many,
    ),
    Rule(
        "emoji-place",
        Level.ADVICE,
        Message(N_("Emoji stand at the end of a sentence or line, never in place of a word.")),
        "WCAG 2.2 1.1.1 / RGAA 4.1.2 13.6",
        place,
    ),
    Rule(
        "emoji-repeated",
        Level.ADVICE,
        Message(N_("No emoji stands there several times in a row.")),
        "WCAG 2.2 1.1.1 / RGAA 4.1.2 13.6",
        repeated,
    ),
)
