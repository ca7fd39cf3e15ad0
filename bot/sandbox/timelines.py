"""The two networks' pages as people would see them, in one HTML file that needs nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel.dates import format_date
from jinja2 import Environment, PackageLoader, Template, select_autoescape

from bot.sandbox.engagement import engagement, followers
from bot.sandbox.faults import Stage
from bot.sandbox.language import language_of
from bot.sandbox.little_text import parse
from bot.sandbox.values import SandboxAccount, SandboxPost
from bot.sandbox.x_view import cut
from bot.words import _, locale_of, ngettext, spoken

PARIS = ZoneInfo("Europe/Paris")
SEOUL = ZoneInfo("Asia/Seoul")
#: Dark enough for white initials (contrast of 4.5 and more).
HUES = ("#1f5f8b", "#8a3b12", "#2f6b3a", "#6a3d8f", "#8b2252", "#3d5a1f", "#7a4f00", "#35507a")
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
    """A post as it is laid out."""

    anchor: str
    author: SandboxAccount
    initials: str
    hue: str
    beneath: str
    language: str
    runs: Sequence[Run]
    paris: datetime
    seoul: datetime
    figures: Sequence[Figure]
    cut: str = ""
    article_title: str = ""
    article_place: str = ""

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
    hues = {slug: HUES[place % len(HUES)] for place, slug in enumerate(authors)}
    cards = [
        _card(stage, post, authors[post.account], hues[post.account])
        for post in stage.world.posts(network)
        if post.deleted_at is None
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
    in_order = sorted(cards, key=lambda card: card.paris, reverse=True)
    return [
        Day(_title(day), day.isoformat(), list(of_day))
        for day, of_day in groupby(in_order, key=lambda card: card.paris.date())
    ]


def _title(day: date) -> str:
    title = format_date(day, "full", locale=locale_of(spoken()))
    return title[0].upper() + title[1:]


def _card(stage: Stage, post: SandboxPost, author: SandboxAccount, hue: str) -> Card:
    title, place = _article(post)
    return Card(
        anchor=f"post-{post.id}",
        author=author,
        initials=_initials(author.name),
        hue=hue,
        beneath=_beneath(stage, author),
        language=language_of(post.shown),
        runs=_runs_of_x(post) if post.network == "x" else _runs_of_linkedin(post),
        paris=post.created_at.astimezone(PARIS),
        seoul=post.created_at.astimezone(SEOUL),
        figures=_figures(stage, post),
        cut=_cut_mark(post),
        article_title=title,
        article_place=place,
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
        for piece in cut(post)
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


def _article(post: SandboxPost) -> tuple[str, str]:
    if not post.content:
        return "", ""
    article = json.loads(post.content)["article"]
    return str(article["title"]), urlsplit(str(article["source"])).netloc


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
