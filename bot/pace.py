"""When an account may publish its next post, for the distance and the ceiling of a day: pure.

After an outage its posts do not come in a burst: those that are late keep a greater distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Post

#: The day of a ceiling: any 24 hours, as networks count (X: in parts of half an hour).
DAY = timedelta(hours=24)
#: X's and LinkedIn's limits end within a day, and nothing else makes a post wait for longer: a wait
#: beyond it was noted while this machine's clock was wrong.
LONGEST_WAIT = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an account may do; 0 is no limit, and `budget` None none either.

    `gap` is the least distance between two of its posts, `catch_up_gap` that of posts that are
    late. `posts_a_day` counts 24 hours, `calls_a_day` a day of UTC. `budget` is what its network
    may cost in a month (UTC), over all accounts, in millionths of a dollar. A post of which nobody
    can look whether it is out is sent once more within `resend_within` (`bot.resend`); None: never.
    """

    gap: timedelta = timedelta(0)
    catch_up_gap: timedelta = timedelta(0)
    posts_a_day: int = 0
    calls_a_day: int = 0
    budget: int | None = None
    resend_within: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What an account has sent: its last post (`at`), those of the last 24 hours (`today`), oldest
    first, and the last that was late when it was sent (`late_at`)."""

    at: datetime | None = None
    today: tuple[datetime, ...] = ()
    late_at: datetime | None = None


def may_go_at(post: Post, sent: Sent, limits: Limits, now: datetime) -> datetime:
    """The earliest instant at which *post* may go to the wire: *now*, if nothing is against it.

    What continues a thread follows at once. What is late keeps the greater distance from what was
    late as well: from any other, it would wait for ever behind posts that are on time. An instant
    noted by a clock that was ahead counts as now; one that is further ahead than it could keep a
    post waiting is not believed, or the account would wait, asked again and again, until a clock
    that was set wrong is right.
    """
    earliest = now
    if post.part == 0:
        earliest = _after(sent.at, limits.gap, now)
        if is_late(post.due, now, limits):
            earliest = max(earliest, _after(sent.late_at, limits.catch_up_gap, now))
    today = [at for at in sent.today if at <= now + DAY]
    if limits.posts_a_day and len(today) >= limits.posts_a_day:
        leaves_first = today[-limits.posts_a_day]
        earliest = max(earliest, min(leaves_first, now) + DAY)
    return earliest


def is_late(due: datetime, at: datetime, limits: Limits) -> bool:
    """Whether what was *due* and goes out *at* that instant has to catch up."""
    return at - due > limits.catch_up_gap


def _after(at: datetime | None, gap: timedelta, now: datetime) -> datetime:
    """*now*, or when *gap* has passed since *at*."""
    return now if at is None or at > now + gap else max(now, min(at, now) + gap)
