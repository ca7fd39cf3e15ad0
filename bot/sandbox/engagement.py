"""How a small town hall's posts are seen: pure, and the same for the same seed, post and moment.

The shapes: half of X's total within about three hours and half of LinkedIn's within about sixteen
(reference/measures.md), totals spread log-normally, slower nights in Paris, a like withdrawn now
and then, and here and there a post that nobody saw at all.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from statistics import NormalDist

#: Paris in winter: an hour that never goes back keeps every counter from shrinking in October.
PARIS_WINTER = timezone(timedelta(hours=1))
NIGHT_HOURS = 7
NIGHT_PACE = 0.25
SILENT_SHARE = 0.04


@dataclass(frozen=True, slots=True)
class Counters:
    """What was seen and done since publication; every figure cumulative."""

    impressions: int = 0
    unique_impressions: int = 0
    reactions: int = 0
    comments: int = 0
    shares: int = 0
    quotes: int = 0
    bookmarks: int = 0
    clicks: int = 0
    profile_clicks: int = 0

    @property
    def anything(self) -> bool:
        """Whether anybody saw it at all."""
        return self.impressions > 0


@dataclass(frozen=True, slots=True)
class Curve:
    """A network's habits: half-life in waking hours, spread of the curve, totals."""

    half_life: float
    spread: float
    median: float
    deviation: float
    least: int
    most: int


CURVES = {
    "x": Curve(half_life=3, spread=2.0, median=900, deviation=0.55, least=300, most=3000),
    "linkedin": Curve(14, spread=1.3, median=1300, deviation=0.55, least=400, most=5000),
}


def engagement(
    seed: int, post_id: int, network: str, created_at: datetime, now: datetime
) -> Counters:
    """The counters of a post at *now*: a pure function of its five arguments."""
    chance = random.Random(f"{seed}:{network}:{post_id}")  # noqa: S311  a curve, not a secret
    if chance.random() < SILENT_SHARE:
        return Counters()
    curve = CURVES[network]
    total = curve.median * math.exp(chance.gauss(0, curve.deviation))
    total = min(max(total, curve.least), curve.most)
    half_life = curve.half_life * math.exp(chance.gauss(0, 0.2))
    withdrawals = [chance.uniform(2, 120) for _ in range(chance.choice((0, 1, 1, 2)))]
    rates = _rates(chance)

    awake = waking_hours(created_at, now)
    seen = _share_of_total(awake, half_life, curve.spread)
    counted = {name: int(total * rate * seen) for name, rate in rates.items()}
    withdrawn = sum(moment <= awake for moment in withdrawals)
    counted["reactions"] = max(0, counted["reactions"] - withdrawn)
    return Counters(**counted)


def votes(
    seed: int, post_id: int, network: str, created_at: datetime, now: datetime, options: int
) -> tuple[int, ...]:
    """The votes of a poll by option at *now* (no later than its end): they only grow."""
    chance = random.Random(f"{seed}:votes:{network}:{post_id}")  # noqa: S311
    weights = [chance.uniform(0.4, 1.6) for _ in range(options)]
    seen = engagement(seed, post_id, network, created_at, now).unique_impressions
    voters = seen * chance.uniform(0.04, 0.12)
    return tuple(int(voters * weight / sum(weights)) for weight in weights)


def _rates(chance: random.Random) -> dict[str, float]:
    """Of a hundred who see it, how many do what."""
    return {
        "impressions": 1.0,
        "unique_impressions": chance.uniform(0.6, 0.85),
        "reactions": chance.uniform(0.02, 0.05),
        "comments": chance.uniform(0.001, 0.006),
        "shares": chance.uniform(0.003, 0.012),
        "quotes": chance.uniform(0, 0.002),
        "bookmarks": chance.uniform(0, 0.004),
        "clicks": chance.uniform(0.01, 0.035),
        "profile_clicks": chance.uniform(0.002, 0.008),
    }


def _share_of_total(hours: float, half_life: float, spread: float) -> float:
    """The part of the total that is reached after *hours*: a log-normal curve in time."""
    if hours <= 0:
        return 0.0
    return NormalDist().cdf(math.log(hours / half_life) / spread)


def waking_hours(start: datetime, end: datetime) -> float:
    """Hours between two instants; those from midnight to seven in Paris count a quarter."""
    hours = (end - start).total_seconds() / 3600
    nights = _night_hours_until(end) - _night_hours_until(start)
    return max(0.0, hours - nights * (1 - NIGHT_PACE))


def _night_hours_until(instant: datetime) -> float:
    local = instant.astimezone(PARIS_WINTER)
    hour = local.hour + local.minute / 60 + local.second / 3600 + local.microsecond / 3.6e9
    return local.toordinal() * NIGHT_HOURS + min(hour, NIGHT_HOURS)


def followers(seed: int, account: str, now: datetime) -> int:
    """How many follow *account*: a few thousand, a handful more every day."""
    chance = random.Random(f"{seed}:followers:{account}")  # noqa: S311
    start = chance.randint(1200, 6000)
    days = now.timestamp() / 86400 - 19_000
    return start + int(max(0.0, days) * chance.uniform(0.5, 3))
