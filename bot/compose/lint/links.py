"""Rules of links, mentions and the number of hashtags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.compose.lint.findings import HIDDEN, Found, Level, Rule, Seen, shown
from bot.compose.lint.tables import BARE_WORDS
from bot.compose.rules import Link, Rules
from bot.words import N_, Message

#: A network whose texts are shorter than this shows hashtags in the midst of them: two at most.
SHORT_TEXT = 1000
FEW_TAGS = 2
MORE_TAGS = 5

#: Words that are bare wherever they stand: what to click on, or a profile to be looked at first.
_CLICK_HERE = re.compile(
    r"\b(?:(?:cliqu(?:ez|er|e|ant)|appuyez)(?:[ -]sur|[ -]juste)?[ \u00a0-]ici"
    r"|(?:click|tap|press)(?:ing)?[ \u00a0](?:right[ ])?here"
    r"|(?:le[ ])?lien[ \u00a0](?:en|dans(?:[ ](?:la|notre|ma))?)[ \u00a0]bio"
    r"|link[ \u00a0]in[ \u00a0](?:the[ ]|our[ ])?bio)\b"
    r"|여기(?:를|에서)?[ ]?(?:클릭|눌러)|프로필[ ]?링크",
    re.IGNORECASE,
)
_WINDOW = 60
_ENDS_A_CLAUSE = re.compile(r"[.!?…。！？;\n]")
_NO_WORDS = f' \u00a0\u202f\n:：,.;!?…-–—=>→➡⇒»›▶▼↓⬇()[]「」“”"{HIDDEN}\ufe0f'


def click_here(seen: Seen) -> Iterator[Found]:
    """Words that do not say where a link leads: "cliquez ici", "en savoir plus", "여기를 클릭".

    A bare address (`ville.fr/forum`) is read as words, and says it itself.
    """
    places = {(found.start(), found.end()) for found in _CLICK_HERE.finditer(seen.prose)}
    for link in seen.links:
        start, end = _introduction(seen.prose, link)
        if "://" in link.address and _folded(seen.prose[start:end]) in BARE_WORDS:
            places.add((start, end))
    for start, end in sorted(places):
        message = Message(
            N_(
                "“{words}” does not say where the link leads. Name what is there: “The programme:”."
            ),
            {"words": shown(seen.prose[start:end])},
        )
        yield Found(message, start, end)


def _introduction(prose: str, link: Link) -> tuple[int, int]:
    """Where the words that introduce *link* stand: the clause right before it."""
    window = prose[max(link.start - _WINDOW, 0) : link.start].rstrip(_NO_WORDS)
    clause = _ENDS_A_CLAUSE.split(window)[-1].lstrip(_NO_WORDS)
    end = max(link.start - _WINDOW, 0) + len(window)
    return end - len(clause), end


def _folded(words: str) -> str:
    return " ".join(words.casefold().replace("'", "’").split())


def accidental_link(seen: Seen) -> Iterator[Found]:
    """What a network makes a link of though nobody wrote one: `README.md`, `ville.de`.

    An address with a path or with `www.` is meant, and so is the host of the announcement's link.
    """
    subject = seen.subject
    accidents = [link for link in seen.links if _is_accident(link, subject.link)]
    sentence = N_("{address} becomes a link here: write it otherwise if none is meant.")
    if accidents and _cost_more(subject.text, accidents, subject.rules):
        sentence = N_(
            "{address} becomes a link here, and a text with a link costs more: write it otherwise "
            "if none is meant."
        )
    for link in accidents:
        yield Found(Message(sentence, {"address": shown(link.address)}), link.start, link.end)


def _is_accident(link: Link, meant: str) -> bool:
    address = link.address.casefold()
    if "/" in address or address.startswith("www."):
        return False
    return address != _host(meant).removeprefix("www.")


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _cost_more(text: str, links: list[Link], rules: Rules) -> bool:
    """Whether *text* would be cheaper without *links*."""
    signs = list(text)
    for link in links:
        signs[link.start : link.end] = " " * (link.end - link.start)
    with_links, without = rules.price(text), rules.price("".join(signs))
    return with_links is not None and without is not None and with_links > without


def unsolicited_mention(seen: Seen) -> Iterator[Found]:
    """An account that is named with `@` and has not agreed to it.

    X forbids unsolicited mentions in automated posts (developer guidelines, 2026-08); a network
    that forbids repetition has rules of that kind, on others `@name` is mere text.
    """
    if not seen.subject.rules.forbids_repetition:
        return
    agreed = {handle.removeprefix("@").casefold() for handle in seen.subject.handles}
    for mention in seen.mentions:
        if mention.name.casefold() not in agreed:
            message = Message(
                N_(
                    "@{handle} is not an account of the campaign or its partners: this network "
                    "forbids automated posts to name those who have not asked for it."
                ),
                {"handle": mention.name},
            )
            yield Found(message, mention.start, mention.end)


def many_tags(seen: Seen) -> Iterator[Found]:
    """More than two hashtags in a short text, more than five in a long one."""
    most = FEW_TAGS if seen.subject.rules.limit < SHORT_TEXT else MORE_TAGS
    if len(seen.tags) > most:
        message = Message(
            N_(
                "{number} hashtags: keep #{hashtag} and few others, {most} in all; more looks like "
                "spam and is tiring to listen to."
            ),
            {"number": len(seen.tags), "hashtag": seen.subject.hashtag, "most": most},
        )
        yield Found(message, seen.tags[0].start, seen.tags[-1].end)


RULES = (
    Rule(
        "click-here",
        Level.ADVICE,
        Message(N_("The words before a link say where it leads.")),
        "WCAG 2.2 2.4.4 / RGAA 4.1.2 6.1",
        click_here,
    ),
    Rule(
        "accidental-link",
        Level.ADVICE,
        Message(N_("Nothing becomes a link that is not meant to be one.")),
        "Pavois",
        accidental_link,
    ),
    Rule(
        "unsolicited-mention",
        Level.ADVICE,
        Message(N_("Only accounts of the campaign and its partners are named with @.")),
        "X developer guidelines",
        unsolicited_mention,
    ),
    Rule(
        "many-tags",
        Level.ADVICE,
        Message(N_("Two hashtags at most in a short text, five in a long one.")),
        "X developer guidelines",
        many_tags,
    ),
)
