"""A small campaign, its posts and their readings, for the tests of the report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from bot import words
from bot.metrics import Metrics, Snapshot
from bot.model import Account, Campaign, Kind, Partner, Post, PostState
from bot.report.build import build
from bot.report.period import week_named
from bot.report.values import Report

PARIS = "Europe/Paris"
WEEK = week_named("2023-W09", PARIS)
MADE_AT = WEEK.end + timedelta(hours=7)
TITLES = {"x": "X", "linkedin": "LinkedIn"}
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

CAMPAIGN = Campaign(
    slug="korea-france",
    names={"fr": "Coopérations franco-coréennes", "ko": "한·프랑스 협력", "en": "Cooperation"},
    hashtag="KoreaFranceLocalCooperation",
    countries=("FR", "KR"),
    languages=("fr", "ko", "en"),
    zones=(PARIS, "Asia/Seoul"),
    spacing_minutes=30,
    accounts={
        "x-fr": Account("x-fr", "x", "Groupe-pays Corée", "gpc", ("fr",), PARIS, (time(9),)),
        "li": Account("li", "linkedin", "한국 그룹", "gpc", ("ko",), PARIS, (time(9),)),
    },
    partners={
        "grenoble": Partner("grenoble", "FR", {"fr": "Grenoble", "ko": "그르노블시"}, ("gumi",)),
        "gumi": Partner("gumi", "KR", {"fr": "Gumi", "ko": "구미시", "en": "Gumi"}),
    },
    kinds={
        "news": Kind("news", {"fr": "actualité", "ko": "새소식", "en": "news"}, {}, frozenset(), {})
    },
)


def post(number: int, at: datetime, **changes: object) -> Post:
    """Post *number*, published in French on X at *at*, for Grenoble and Gumi; but for *changes*."""
    made = Post(
        id=number,
        campaign="korea-france",
        announcement=f"announcement-{number}",
        kind="news",
        partners=("grenoble", "gumi"),
        account="x-fr",
        network="x",
        language="fr",
        text=f"Nouvelle {number}\n#KoreaFranceLocalCooperation",
        due=at,
        valid_until=None,
        state=PostState.PUBLISHED,
        next_try=at,
        url=f"https://x.com/gpc/status/{number}",
        published_at=at,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def unpublished(number: int, due: datetime, state: PostState, **changes: object) -> Post:
    """Post *number*, due at *due*, which did not go out, or not yet."""
    return post(number, due, state=state, published_at=None, url="", **changes)


def read(
    number: int,
    at: datetime,
    impressions: int | None = None,
    reactions: int | None = None,
    comments: int | None = None,
    shares: int | None = None,
    clicks: int | None = None,
) -> Snapshot:
    """What X said of post *number* at *at*."""
    metrics = Metrics(impressions, reactions, comments, shares, clicks)
    return Snapshot(number, at, "GET /2/tweets", "2", metrics)


def report(
    posts: Sequence[Post],
    snapshots: Mapping[int, Sequence[Snapshot]] | None = None,
    made_at: datetime = MADE_AT,
) -> Report:
    """The report of WEEK."""
    return build(CAMPAIGN, posts, snapshots or {}, WEEK, made_at, TITLES)


def full_report() -> Report:
    """Two weeks on both networks, with a failure, a post without figures and a fallen number."""
    posts, snapshots = [], {}
    for number in range(1, 15):
        at = WEEK.start + DAY * (number - 8) + 9 * HOUR
        made = post(number, at)
        if number % 2:
            made = replace(made, account="li", network="linkedin", language="ko", text="새 소식 |")
        posts.append(made)
        cuts = [cut for cut in (*WEEK.previous.midnights, *WEEK.midnights[1:]) if cut > at]
        snapshots[number] = [
            read(number, cut, 1000 * place + 7 * number, 40 - place, 3 * place, place, None)
            for place, cut in enumerate(cuts, start=1)
        ]
    snapshots[13] = []
    posts += [
        unpublished(20, WEEK.start + DAY, PostState.FAILED),
        unpublished(21, WEEK.end + DAY, PostState.QUEUED, announcement="forum"),
        unpublished(
            22,
            WEEK.end + DAY,
            PostState.QUEUED,
            announcement="forum",
            language="ko",
            network="linkedin",
        ),
    ]
    return report(posts, snapshots)


Entries = Mapping[str | tuple[str, str], str | tuple[str, ...]]


@contextmanager
def catalogues(folder: Path, **languages: Entries) -> Iterator[None]:
    """For a while, these are all the translations there are: what is tested is not the wording."""
    for language, entries in languages.items():
        catalogue = Catalog(locale=language)
        for text, translation in entries.items():
            catalogue.add(text, translation)
        place = folder / language / "LC_MESSAGES"
        place.mkdir(parents=True)
        with (place / "pavois.mo").open("wb") as file:
            write_mo(file, catalogue)
    usual, words.LOCALE_DIR = words.LOCALE_DIR, folder
    words.translations.cache_clear()
    try:
        yield
    finally:
        words.LOCALE_DIR = usual
        words.translations.cache_clear()
