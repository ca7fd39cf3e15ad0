"""What a report is made of: frozen values, each number with the readings that it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.metrics import COUNTERS
from bot.model import Post
from bot.report.period import Period

#: Reactions, comments and shares together: what people did with a post.
ENGAGEMENT = "engagement"

#: Every figure of a report, in the order in which they are shown.
FIGURES = (*COUNTERS, ENGAGEMENT)

#: Percentages over fewer posts say more about one post than about a week (issue 5).
POSTS_FOR_A_PERCENTAGE = 5

#: When more than one post in ten has no figure, the sum of the others does not stand for them all:
#: there is no percentage, and its bar is drawn hollow.
GREATEST_GAP = 0.1

#: A post is expected to have readings for ninety days (issue 5). An older one that is read still
#: counts; without readings it is left out, rather than counted as one whose figures are missing.
FOLLOWED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Reading:
    """One counter of one post at one moment: *value* since publication, as the network gave it."""

    value: int
    taken_at: datetime
    source: str
    api_version: str


@dataclass(frozen=True, slots=True)
class Growth:
    """What one counter of one post gained between two cuts; `value` None: not measured.

    `first` is None for a post that was published between them: it began at nothing.
    """

    value: int | None
    first: Reading | None = None
    last: Reading | None = None


@dataclass(frozen=True, slots=True)
class PostFigures:
    """One post and what it gained in the week, by figure (`FIGURES`)."""

    post: Post
    growth: Mapping[str, int | None]
    readings: tuple[Reading, ...]

    @property
    def read_at(self) -> datetime | None:
        """When its last figures were read; None when there are none."""
        return max((reading.taken_at for reading in self.readings), default=None)


@dataclass(frozen=True, slots=True)
class Total:
    """A sum over the posts that were measured; None, never 0, when none was."""

    value: int | None
    measured: int
    without: int

    @property
    def partial(self) -> bool:
        """Whether so many posts lack figures that the sum cannot stand for them all."""
        return self.without > GREATEST_GAP * (self.measured + self.without)


@dataclass(frozen=True, slots=True)
class Change:
    """A total and that of the week before."""

    now: Total
    before: Total

    @property
    def difference(self) -> int | None:
        """How much more than the week before; None when either is not known."""
        if self.now.value is None or self.before.value is None:
            return None
        return self.now.value - self.before.value

    @property
    def ratio(self) -> float | None:
        """The difference as a part of the week before (0.25: a quarter more).

        None with fewer than five posts measured in either week, with too many without figures, or
        with nothing to compare with.
        """
        if self.difference is None or not self.before.value or self.before.value < 0:
            return None
        totals = (self.now, self.before)
        if any(total.measured < POSTS_FOR_A_PERCENTAGE for total in totals):
            return None
        if any(total.partial for total in totals):
            return None
        return self.difference / self.before.value


@dataclass(frozen=True, slots=True)
class Group:
    """The posts of one network, language or partner: how many were published, what they gained."""

    slug: str
    published: int
    figures: Mapping[str, Change]


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week: impressions per network, from the readings at its two midnights.

    `over` is False for a day that had not ended when the report was made.
    """

    day: date
    impressions: Mapping[str, Total]
    over: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """What comes: the queued posts of one announcement, earliest first."""

    announcement: str
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a network's figures come from: how many readings were used, the first and the last."""

    network: str
    source: str
    api_version: str
    readings: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """The visibility of a week. `cut` is its end, or the moment it was made when that was before.

    `published_now` and `published_before` are numbers of posts, the second for the same stretch of
    the week before. `posts` are all whose figures were looked for, `published` those of the week.
    """

    campaign: str
    period: Period
    made_at: datetime
    cut: datetime
    titles: Mapping[str, str]
    published: tuple[PostFigures, ...]
    published_before: int
    posts: int
    misses: tuple[Post, ...]
    totals: Mapping[str, Change]
    networks: tuple[Group, ...]
    languages: tuple[Group, ...]
    partners: tuple[Group, ...]
    best: tuple[PostFigures, ...]
    days: tuple[Day, ...]
    planned: tuple[Planned, ...]
    sources: tuple[Source, ...]

    @property
    def so_far(self) -> bool:
        """Whether the week was still running when the report was made."""
        return self.cut < self.period.end
