"""What was seen of a post: a network's counters, and when it gave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Metrics:
    """What a network says of a post, cumulative since its publication; None: it did not say.

    `reactions` are X's likes and LinkedIn's reactions of every sort, `shares` X's reposts and
    LinkedIn's reshares; `extra` keeps the network's other counters under its own names.
    """

    impressions: int | None = None
    reactions: int | None = None
    comments: int | None = None
    shares: int | None = None
    clicks: int | None = None
    extra: Mapping[str, int] = field(default_factory=dict)


#: The counters that every network is asked for, in the order in which they are shown.
COUNTERS = ("impressions", "reactions", "comments", "shares", "clicks")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The metrics of one post at one moment, as the network gave them."""

    post_id: int
    taken_at: datetime
    source: str
    api_version: str
    metrics: Metrics
