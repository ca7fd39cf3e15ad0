"""The two networks' pages as people would see them, in one HTML file that needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from itertools import groupby
from zoneinfo import ZoneInfo

from babel.dates import format_date
from jinja2 import Environment, PackageLoader, Template, select_autoescape

from bot.sandbox.engagement import engagement, followers
from bot.sandbox.faults import Stage
from bot.sandbox.language import language_of
from bot.sandbox.little_text import parse
from bot.sandbox.shown import Showing, Shown
from bot.sandbox.values import SandboxAccount, SandboxPost
from bot.sandbox.x_text import pieces
from bot.sandbox.x_view import conversation_of, first_version_at
from bot.words import _, locale_of, ngettext, spoken

PARIS = ZoneInfo("Europe/Paris")
SEOUL = ZoneInfo("Asia/Seoul")
#: How many colours the style sheet has for initials.
HUES = 8
_ADDRESS = re.compile(r"(https?://[^\s<>]+[^\s<>.,;:!?)\]…»])")


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a post: `link` is where it leads or "", `blue` whether it stands out."""

    words: str
    link: str = ""
    blue: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A number under a post and what it counts."""

    label: str
    number: str


@dataclass(frozen=True, slots=True)
class Card:
    """A post as it is laid out. `part` says which of its thread it is, `joined` that the next one
    follows it."""

    number: int
    author: SandboxAccount
    initials: str
    hue: int
    beneath: str
    language: str
    runs: Sequence[Run]
    paris: datetime
    seoul: datetime
    figures: Sequence[Figure]
    shown: Shown
    thread: int
    cut: str = ""
    part: str = ""
    joined: bool = False
    edited: datetime | None = None

    @property
    def when(self) -> tuple[datetime, int]:
        """When it was posted; the number tells posts of the same moment apart."""
        return self.paris, self.number

    @property
    def anchor(self) -> str:
        """Where the page can be entered at this post."""
        return f"post-{self.number}"

    @property
    def other_day(self) -> bool:
        """Whether it is already tomorrow in Seoul."""
        return self.paris.date() != self.seoul.date()


@dataclass(frozen=True, slots=True)
class Day:
    """The posts of one day in Paris, newest first."""

    title: str
    iso: str
    cards: Sequence[Card]


def timeline_page(stage: Stage, network: str) -> str:
    """The page of *network* now, newest first, by day in Paris; deleted posts are gone."""
    authors = {account.slug: account for account in stage.world.accounts(network)}
    hues = {slug: place % HUES for place, slug in enumerate(authors)}
    showing = Showing(stage)
    cards = [
        _card(stage, showing.of(post), post, authors[post.account], hues[post.account])
        for post in stage.world.posts(network)
        if post.stands
    ]
    return _template(network).render(
        network=network,
        language=spoken(),
        words=_words(network),
        now=stage.clock.now().astimezone(PARIS),
        accounts=len({card.author.slug for card in cards}),
        posts=len(cards),
        days=_days(cards),
    )


def _days(cards: Sequence[Card]) -> list[Day]:
    """The day of a thread is that of its first post, under which the others stand."""
    threads: dict[int, list[Card]] = {}
    for card in sorted(cards, key=lambda card: card.when):
        threads.setdefault(card.thread, []).append(card)
    in_order = sorted(threads.values(), key=lambda thread: thread[0].when, reverse=True)
    return [
        Day(_title(day), day.isoformat(), [card for thread in of_day for card in _joined(thread)])
        for day, of_day in groupby(in_order, key=lambda thread: thread[0].paris.date())
    ]


def _joined(thread: Sequence[Card]) -> list[Card]:
    """The posts of a thread, each told which it is; one alone is none."""
    total = len(thread)
    if total == 1:
        return list(thread)
    mark = _("Thread {number}/{total}")
    return [
        replace(card, part=mark.format(number=number, total=total), joined=number < total)
        for number, card in enumerate(thread, 1)
    ]


def _title(day: date) -> str:
    title = format_date(day, "full", locale=locale_of(spoken()))
    return title[0].upper() + title[1:]


def _card(stage: Stage, shown: Shown, post: SandboxPost, author: SandboxAccount, hue: int) -> Card:
    published = first_version_at(post)
    return Card(
        number=post.id,
        author=author,
        initials=_initials(author.name),
        hue=hue,
        beneath=_beneath(stage, author),
        language=language_of(post.shown),
        runs=_runs_of_x(post) if post.network == "x" else _runs_of_linkedin(post),
        paris=published.astimezone(PARIS),
        seoul=published.astimezone(SEOUL),
        figures=_figures(stage, post),
        cut=_cut_mark(post),
        shown=shown,
        thread=conversation_of(post),
        edited=post.edited_at.astimezone(PARIS) if post.edited_at else None,
    )


def _beneath(stage: Stage, author: SandboxAccount) -> str:
    """What stands under the name: the handle on X, the followers on LinkedIn."""
    if author.network == "x":
        return "@" + author.handle.removeprefix("@")
    number = followers(stage.seed, f"linkedin/{author.slug}", stage.clock.now())
    words = ngettext("{number} follower", "{number} followers", number)
    shown = words.format(number=_grouped(number))
    return shown if author.handle == author.name else f"{author.handle} · {shown}"


def _initials(name: str) -> str:
    words = [word for word in re.split(r"[\s’'-]+", name) if word[:1].isalnum()]
    capitals = [word for word in words if not word[0].islower()] or words
    return "".join(word[0] for word in capitals[:2]).upper() or "?"


def _runs_of_x(post: SandboxPost) -> list[Run]:
    return [
        Run(piece.display, piece.expanded, blue=True)
        if piece.kind == "url"
        else Run(piece.written, blue=piece.kind != "text")
        for piece in pieces(post.shown, "")
    ]


def _runs_of_linkedin(post: SandboxPost) -> list[Run]:
    runs: list[Run] = []
    for element in parse(post.stored).elements:
        if element.kind != "text":
            runs.append(Run(element.shown, blue=True))
            continue
        for words in filter(None, _ADDRESS.split(element.shown)):
            linked = _ADDRESS.fullmatch(words) is not None
            runs.append(Run(words, words if linked else "", blue=linked))
    return runs


def _cut_mark(post: SandboxPost) -> str:
    if post.truncated_at is None:
        return ""
    lost = post.sent[post.truncated_at : post.truncated_at + 24].strip()
    count = len(post.sent) - post.truncated_at
    mark = ngettext(
        "cut at “{lost}…”: {count} character was sent and not published",
        "cut at “{lost}…”: {count} characters were sent and not published",
        count,
    )
    return mark.format(lost=lost, count=count)


def _figures(stage: Stage, post: SandboxPost) -> list[Figure]:
    now = stage.clock.now()
    counted = engagement(stage.seed, post.id, post.network, post.created_at, now)
    replies, shares, liked = counted.comments, counted.shares, counted.reactions
    if post.network == "x":
        return [
            Figure(ngettext("reply", "replies", replies), _grouped(replies)),
            Figure(ngettext("repost", "reposts", shares), _grouped(shares)),
            Figure(ngettext("like", "likes", liked), _grouped(liked)),
            Figure(ngettext("view", "views", counted.impressions), _grouped(counted.impressions)),
        ]
    clicks, seen = counted.clicks, counted.impressions
    return [
        Figure(ngettext("reaction", "reactions", liked), _grouped(liked)),
        Figure(ngettext("comment", "comments", replies), _grouped(replies)),
        Figure(ngettext("reshare", "reshares", shares), _grouped(shares)),
        Figure(ngettext("click", "clicks", clicks), _grouped(clicks)),
        Figure(ngettext("impression", "impressions", seen), _grouped(seen)),
    ]


def _grouped(number: int) -> str:
    """`2 649`, with a space that does not break."""
    return f"{number:,}".replace(",", "\u202f")


def _words(network: str) -> dict[str, str]:
    titles = {"x": _("X · rehearsal"), "linkedin": _("LinkedIn · rehearsal")}
    return {
        "title": titles[network],
        "what": _("Built-in stand-in on this machine: nothing here was published."),
        "skip": _("Skip to the posts"),
        "now": _("It is now"),
        "posts": _("Posts published"),
        "accounts": _("Accounts"),
        "empty": _("Nothing has been published here yet."),
        "empty_hint": _("Posts appear as soon as they are due and sent."),
        "figures": _("Figures of this post"),
        "paris": _("Paris"),
        "seoul": _("Seoul"),
        "next_day": _("next day"),
        "edited": _("edited at"),
        "alts": _("Alternative text"),
        "no_alt": _("No alternative text."),
        "document": _("Document"),
        "poll": _("Poll"),
    }


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("bot.sandbox"),
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _template(network: str) -> Template:
    return _environment().get_template(f"{network}.html")
