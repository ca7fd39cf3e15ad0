"""What one post gained between two moments, from cumulative readings: a measurement, or nothing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.metrics import COUNTERS, Metrics, Snapshot
from bot.model import Post
from bot.report.period import Period
from bot.report.values import ENGAGEMENT, Growth, PostFigures, Reading

#: How far from a cut a reading may be and still speak for it: a network that throttles or a machine
#: that restarts is back within three hours, and they are 2 % of a week. Further off, it is missing.
NEAR = timedelta(hours=3)

_PARTS = ("reactions", "comments", "shares")

_COUNTER: Mapping[str, Callable[[Metrics], int | None]] = {
    "impressions": lambda metrics: metrics.impressions,
    "reactions": lambda metrics: metrics.reactions,
    "comments": lambda metrics: metrics.comments,
    "shares": lambda metrics: metrics.shares,
    "clicks": lambda metrics: metrics.clicks,
}


def windows(period: Period, made_at: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """When the readings were taken, first and last instant, that can speak in a report.

    They lie near a cut of the report of *period* made at *made_at*: both ends of the week and of
    the one before, and the midnights between its days.
    """
    cut, cut_before = period.cuts(made_at)
    midnights = (midnight for midnight in period.midnights if midnight <= cut)
    cuts = sorted({period.previous.start, cut_before, *midnights, cut})
    return tuple((each - NEAR, each + NEAR) for each in cuts)


def _taken_at(snapshot: Snapshot) -> datetime:
    return snapshot.taken_at


def reading_at(snapshots: Sequence[Snapshot], counter: str, cut: datetime) -> Reading | None:
    """The reading of *counter* nearest to *cut*, the earlier of two as near, or None.

    *snapshots* are those of one post, ascending. One in which the network did not say the counter
    is passed over: a network may give its counters by several calls.
    """
    first = bisect_left(snapshots, cut - NEAR, key=_taken_at)
    after = bisect_right(snapshots, cut + NEAR, key=_taken_at)
    readings = [
        Reading(value, snapshot.taken_at, snapshot.source, snapshot.api_version)
        for snapshot in snapshots[first:after]
        if (value := _COUNTER[counter](snapshot.metrics)) is not None
    ]
    return min(readings, key=lambda reading: abs(reading.taken_at - cut), default=None)


def growth(
    post: Post, snapshots: Sequence[Snapshot], counter: str, start: datetime, end: datetime
) -> Growth:
    """What *counter* of *post* (out before *end*) gained between the cuts; may be negative."""
    last = reading_at(snapshots, counter, end)
    if last is None:
        return Growth(None)
    if post.published_at is not None and post.published_at >= start:
        return Growth(last.value, None, last)
    first = reading_at(snapshots, counter, start)
    # One reading that is near both cuts (a report made early on Monday) shows no growth: it is
    # not a growth of nought.
    if first is None or first.taken_at >= last.taken_at:
        return Growth(None)
    return Growth(last.value - first.value, first, last)


def figures(
    post: Post, snapshots: Sequence[Snapshot], start: datetime, end: datetime
) -> PostFigures:
    """Every figure of *post* between the cuts. Engagement is missing when one of its parts is."""
    grown = {counter: growth(post, snapshots, counter, start, end) for counter in COUNTERS}
    values = {counter: found.value for counter, found in grown.items()}
    parts = [value for part in _PARTS if (value := values[part]) is not None]
    values[ENGAGEMENT] = sum(parts) if len(parts) == len(_PARTS) else None
    readings = (
        reading for found in grown.values() for reading in (found.first, found.last) if reading
    )
    return PostFigures(post, values, tuple(readings))
