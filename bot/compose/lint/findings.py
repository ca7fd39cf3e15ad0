"""The nouns of the lint: what is looked at, a rule, and what a rule finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from bot.attached import Attached
from bot.compose.rules import Link, Rules, Tag
from bot.compose.signs import Sign, signs_in
from bot.words import Message

#: What stands in `Seen.prose` for each sign of a link, a hashtag, a mention or an emoji: neither a
#: letter nor a space.
HIDDEN = "\ufffc"

#: Latin letters, with those that French and other languages of Europe write with accents.
LATIN = "A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ"
HANGUL = "가-힣ㄱ-ㅎㅏ-ㅣ"

_WHOLE_LINK = re.compile(r"https?://[^\s]+", re.IGNORECASE)
#: twitter-text's mention: no letter, digit or other sign of an address right before it.
_MENTION = re.compile(r"(?<![A-Za-z0-9_!#$%&*@＠.+-])[@＠]([A-Za-z0-9_]{1,20})(?![A-Za-z0-9_@＠])")
_SHOWN = 40


class Level(StrEnum):
    """An error is plainly wrong and blocks; advice is the officer's to follow."""

    ERROR = "error"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Subject:
    """A text as one network gets it in one language, with all that stands beside it.

    `link` is the announcement's own. `file_names` are those of `attached.files`, in its order;
    `handles` the accounts that may be named with `@`, without that sign.
    """

    text: str
    language: str
    rules: Rules
    hashtag: str
    countries: Sequence[str]
    attached: Attached
    link: str
    file_names: Sequence[str] = ()
    handles: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of a text; `text[start:end]` is the place, -1: it concerns the whole."""

    code: str
    level: Level
    message: Message
    start: int = -1
    end: int = -1


class Found(NamedTuple):
    """What a check finds, before its rule puts a code and a level to it."""

    message: Message
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class Seen:
    """A subject taken apart once, for all rules.

    `prose` is the text with `HIDDEN` in the place of links, hashtags, mentions and emoji: as long
    as the text, so that a place in the one is the same place in the other.
    """

    subject: Subject
    links: tuple[Link, ...]
    tags: tuple[Tag, ...]
    mentions: tuple[Tag, ...]
    signs: tuple[Sign, ...]
    prose: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the lint: `about` says it in a sentence, `source` who asks for it."""

    code: str
    level: Level
    about: Message
    source: str
    check: Callable[[Seen], Iterable[Found]] = field(repr=False)


def see(subject: Subject) -> Seen:
    """*subject* taken apart."""
    text = subject.text
    links = _links(subject)
    tags = tuple(subject.rules.tags(text))
    mentions = tuple(Tag(at[1], at.start(), at.end()) for at in _MENTION.finditer(text))
    signs = tuple(sign for sign in signs_in(text) if sign.pictured)
    prose = list(text)
    parts: list[Link | Tag | Sign] = [*links, *tags, *mentions, *signs]
    for part in parts:
        prose[part.start : part.end] = HIDDEN * (part.end - part.start)
    return Seen(subject, links, tags, mentions, signs, "".join(prose))


def _links(subject: Subject) -> tuple[Link, ...]:
    """What the network makes a link of, and addresses that it shows as mere text."""
    known = list(subject.rules.links(subject.text))
    taken = {link.start for link in known}
    others = [
        Link(found[0], found.start(), found.end())
        for found in _WHOLE_LINK.finditer(subject.text)
        if found.start() not in taken
    ]
    return tuple(sorted([*known, *others], key=lambda link: link.start))


def shown(text: str) -> str:
    """*text* as a message quotes it: its beginning, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
