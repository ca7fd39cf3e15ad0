"""From posts and their snapshots to the `Report` of a week: pure, without a clock.

A week's figures are what was added in it: the reading at its end less the reading at its start.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.errors import RefusedCommand
from bot.metrics import Snapshot
from bot.model import Campaign, Post, PostState
from bot.report.growth import figures, growth
from bot.report.period import Period
from bot.report.values import (
    ENGAGEMENT,
    FIGURES,
    FOLLOWED,
    Change,
    Day,
    Group,
    Planned,
    PostFigures,
    Reading,
    Report,
    Source,
    Total,
)
from bot.words import N_

BEST = 5

#: A post still waiting this long after its time is late; before, it is about to leave.
LATE = timedelta(minutes=15)

_OUT = frozenset({PostState.PUBLISHED, PostState.DELETED})
_MISSED = frozenset({PostState.FAILED, PostState.EXPIRED, PostState.HELD, PostState.UNCERTAIN})
_WAITING = frozenset({PostState.QUEUED, PostState.SENDING})

Snapshots = Mapping[int, Sequence[Snapshot]]
Keys = Callable[[Post], Iterable[str]]


def build(
    campaign: Campaign,
    posts: Sequence[Post],
    snapshots: Snapshots,
    period: Period,
    made_at: datetime,
    titles: Mapping[str, str] | None = None,
) -> Report:
    """The report of *period*, as it can be made at *made_at* (aware).

    *posts*: all published before the period's end that are followed (`FOLLOWED`) or were read near
    a cut, those due in it that were not published, and those queued for the week after.
    *snapshots*: per post id, ascending, cumulative; those in `windows` are enough. *titles*: the
    networks' names for people. Made before the period's end, it goes as far as *made_at* and is
    compared with the same stretch of the week before. Raises RefusedCommand before the period's
    start.
    """
    if made_at <= period.start:
        raise RefusedCommand(N_("The week {name} has not begun yet."), name=period.name)
    posts = [post for post in posts if post.campaign == campaign.slug]
    before = period.previous
    cut, before_cut = period.cuts(made_at)
    now_figures = _measured(posts, snapshots, period.start, cut)
    before_figures = _measured(posts, snapshots, before.start, before_cut)
    days, day_readings = _days(now_figures, snapshots, period, cut)
    return Report(
        campaign=campaign.slug,
        period=period,
        made_at=made_at,
        cut=cut,
        titles=dict(titles or {}),
        published=_published(now_figures, period.start),
        published_before=len(_published(before_figures, before.start)),
        posts=len(now_figures),
        misses=_misses(posts, period, made_at),
        totals=_changes(now_figures, before_figures),
        networks=_groups(now_figures, before_figures, period, lambda post: (post.network,)),
        languages=_groups(now_figures, before_figures, period, lambda post: (post.language,)),
        partners=_groups(now_figures, before_figures, period, lambda post: set(post.partners)),
        best=_best(now_figures),
        days=days,
        planned=_planned(posts, cut, period.next.end),
        sources=_sources([*_used(now_figures), *_used(before_figures), *day_readings]),
    )


def _measured(
    posts: Iterable[Post], snapshots: Snapshots, start: datetime, end: datetime
) -> list[PostFigures]:
    """The figures of the posts that were out before *end*, in the order of publication."""
    found = []
    for post in posts:
        if post.state not in _OUT or post.published_at is None or post.published_at >= end:
            continue
        measured = figures(post, snapshots.get(post.id, ()), start, end)
        if measured.readings or post.published_at >= start - FOLLOWED:
            found.append((post.published_at, post.id, measured))
    return [measured for _at, _id, measured in sorted(found, key=lambda each: each[:2])]


def _published(measured: Iterable[PostFigures], start: datetime) -> tuple[PostFigures, ...]:
    return tuple(each for each in measured if _is_new(each, start))


def _is_new(measured: PostFigures, start: datetime) -> bool:
    published_at = measured.post.published_at
    return published_at is not None and published_at >= start


def _total(values: Iterable[int | None]) -> Total:
    every = list(values)
    measured = [value for value in every if value is not None]
    return Total(sum(measured) if measured else None, len(measured), len(every) - len(measured))


def _changes(now: Sequence[PostFigures], before: Sequence[PostFigures]) -> Mapping[str, Change]:
    return {
        figure: Change(
            _total(each.growth[figure] for each in now),
            _total(each.growth[figure] for each in before),
        )
        for figure in FIGURES
    }


def _groups(
    now: Sequence[PostFigures], before: Sequence[PostFigures], period: Period, keys: Keys
) -> tuple[Group, ...]:
    """One group for each key of this week's posts, most impressions first, the unknown last."""
    now_by_key, before_by_key = _by_key(now, keys), _by_key(before, keys)
    groups = [
        Group(
            slug,
            len(_published(measured, period.start)),
            _changes(measured, before_by_key.get(slug, ())),
        )
        for slug, measured in now_by_key.items()
    ]
    return tuple(sorted(groups, key=_most_seen_first))


def _by_key(measured: Iterable[PostFigures], keys: Keys) -> Mapping[str, Sequence[PostFigures]]:
    found: defaultdict[str, list[PostFigures]] = defaultdict(list)
    for each in measured:
        for key in keys(each.post):
            found[key].append(each)
    return found


def _most_seen_first(group: Group) -> tuple[bool, int, int, str]:
    seen = group.figures["impressions"].now.value
    return (seen is None, -(seen or 0), -group.published, group.slug)


def _best(measured: Iterable[PostFigures]) -> tuple[PostFigures, ...]:
    """The five posts that people did most with in the week, the more seen first of two alike."""
    ranked = []
    for each in measured:
        engagement, seen = each.growth[ENGAGEMENT], each.growth["impressions"]
        if engagement is not None and engagement > 0:
            ranked.append(((-engagement, -1 * (-1 if seen is None else seen), each.post.id), each))
    return tuple(each for _rank, each in sorted(ranked, key=lambda pair: pair[0])[:BEST])


def _days(
    measured: Sequence[PostFigures], snapshots: Snapshots, period: Period, cut: datetime
) -> tuple[tuple[Day, ...], list[tuple[Post, Reading]]]:
    networks = sorted({each.post.network for each in measured})
    days: list[Day] = []
    used: list[tuple[Post, Reading]] = []
    for day, start, end in zip(
        period.days, period.midnights[:-1], period.midnights[1:], strict=True
    ):
        values: dict[str, list[int | None]] = {network: [] for network in networks}
        for post in (each.post for each in measured) if end <= cut else ():
            if post.published_at is not None and post.published_at < end:
                grown = growth(post, snapshots.get(post.id, ()), "impressions", start, end)
                values[post.network].append(grown.value)
                used += [(post, reading) for reading in (grown.first, grown.last) if reading]
        totals = {network: _total(found) for network, found in values.items()}
        days.append(Day(day, totals, over=end <= cut))
    return tuple(days), used


def _misses(posts: Iterable[Post], period: Period, made_at: datetime) -> tuple[Post, ...]:
    """The posts due in the week that did not go out: failed, expired, held, uncertain or late."""
    missed = [
        post
        for post in posts
        if period.contains(post.due)
        and (post.state in _MISSED or (post.state in _WAITING and post.due + LATE < made_at))
    ]
    return tuple(sorted(missed, key=lambda post: (post.due, post.id)))


def _planned(posts: Iterable[Post], start: datetime, end: datetime) -> tuple[Planned, ...]:
    """The announcements with posts queued from *start* to *end*, the next one first."""
    queued = [post for post in posts if post.state is PostState.QUEUED and start <= post.due < end]
    by_announcement: dict[str, list[Post]] = {}
    for post in sorted(queued, key=lambda post: (post.due, post.id)):
        by_announcement.setdefault(post.announcement, []).append(post)
    return tuple(Planned(slug, tuple(found)) for slug, found in by_announcement.items())


def _used(measured: Iterable[PostFigures]) -> list[tuple[Post, Reading]]:
    return [(each.post, reading) for each in measured for reading in each.readings]


def _sources(used: Iterable[tuple[Post, Reading]]) -> tuple[Source, ...]:
    """Where the readings of the report come from, one line for each network, call and version."""
    found: defaultdict[tuple[str, str, str], set[tuple[datetime, int]]] = defaultdict(set)
    for post, reading in used:
        key = (post.network, reading.source, reading.api_version)
        found[key].add((reading.taken_at, post.id))
    return tuple(
        Source(*key, len(readings), min(readings)[0], max(readings)[0])
        for key, readings in sorted(found.items())
    )
