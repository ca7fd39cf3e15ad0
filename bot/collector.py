"""Reads the metrics of what is out, in batches, at hours that suit the report.

When to read is a pure function of the clock: every three hours by the campaign's clock while posts
are young, once a day afterwards. Those hours include midnight, where the report cuts its weeks: a
total is then a difference of two readings and carries nothing forward.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.errors import OWN_FAULT, AccountBlocked, ConfigError, NetworkError, Spent, StoreError
from bot.metrics import Metrics, Snapshot
from bot.model import AccountState, AccountStatus, Post
from bot.purse import Reader

log = logging.getLogger(__name__)

EVERY_HOURS = 3
#: X's private metrics end after 30 days, and by then a post has long stopped growing.
YOUNG_FOR = timedelta(days=30)
#: LinkedIn keeps a page's statistics for 12 months (linkedin.md §5.2).
READ_FOR = timedelta(days=365)


def last_reading_hour(now: datetime, zone: str) -> datetime:
    """The latest hour of reading that has come: 00, 03, 06 … on the clocks of *zone*."""
    local = now.astimezone(ZoneInfo(zone))
    hour = local.hour - local.hour % EVERY_HOURS
    instant = local.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(UTC)
    return instant if instant <= now else instant - timedelta(hours=EVERY_HOURS)


def next_reading_hour(now: datetime, zone: str) -> datetime:
    """The first hour of reading after *now*."""
    here = last_reading_hour(now, zone)
    candidates = (last_reading_hour(here + timedelta(hours=step), zone) for step in range(1, 8))
    return next(candidate for candidate in candidates if candidate > now)


class Collector(Reader):
    """Reads the accounts of one campaign."""

    def collect_due(self, stopping: Callable[[], bool] = lambda: False) -> int:
        """Read each account whose hour has come since it was tried; how many snapshots were kept.

        *stopping* is asked between two accounts.
        """
        hour = last_reading_hour(self._clock.now(), self._campaign.zone)
        kept = 0
        for status in self._store.ledger.accounts():
            tried = status.tried_at
            if status.account not in self._campaign.accounts or (tried and tried >= hour):
                continue
            if stopping():
                break
            kept += self._read(status, self._posts(status, hour))
        return kept

    def collect_now(self) -> int:
        """Read every post now; how many snapshots were kept.

        Raises the first NetworkError or ConfigError, once every account was tried.
        """
        kept = 0
        fault: NetworkError | ConfigError | None = None
        since = self._clock.now() - READ_FOR
        for account in self._campaign.accounts:
            posts = self._store.figures.to_read(self._campaign.slug, account, since)
            try:
                kept += self._keep(account, posts) if posts else 0
            except (NetworkError, ConfigError) as error:
                fault = fault or error
        if fault:
            raise fault
        return kept

    def _posts(self, status: AccountStatus, hour: datetime) -> list[Post]:
        """Young posts at every hour of reading; older ones at the first one since midnight."""
        zone = ZoneInfo(self._campaign.zone)
        midnight = datetime.combine(hour.astimezone(zone).date(), time(), zone)
        all_of_them = status.read_at is None or status.read_at < midnight
        since = self._clock.now() - (READ_FOR if all_of_them else YOUNG_FOR)
        return self._store.figures.to_read(self._campaign.slug, status.account, since)

    def _read(self, status: AccountStatus, posts: list[Post]) -> int:
        """Read *posts*; a network that does not answer is read at the next hour, not before.

        Of an account that is held a person knows already.
        """
        account = status.account
        try:
            kept = self._keep(account, posts)
        except (NetworkError, ConfigError) as error:
            level = logging.INFO if isinstance(error, Spent) else logging.WARNING
            log.log(level, "account %s could not be read: %s", account, error)
            self._store.figures.tried(account, self._clock.now())
            is_known = status.state == AccountState.HELD
            if isinstance(error, ConfigError | AccountBlocked) and not is_known:
                self._store.journal.notify(f"reading {account}", error.message)
            return 0
        except StoreError:
            raise
        except Exception:
            log.exception("account %s: a fault of Pavois itself", account)
            self._store.figures.tried(account, self._clock.now())
            self._store.journal.notify(f"reading {account}", OWN_FAULT)
            return 0
        self._store.journal.settle(f"reading {account}")
        return kept

    def _keep(self, account: str, posts: list[Post]) -> int:
        if not posts:
            self._store.figures.tried(account, self._clock.now())
            return 0
        network = self._network_of(account)
        earlier = self._store.deeds.earlier_names(account)
        names = [name for post in posts for name in (post.remote_id, *earlier.get(post.id, ()))]
        metrics = self._purse.metrics(network, names, posts)
        now = self._clock.now()
        taken = [
            Snapshot(
                post.id,
                now,
                network.source,
                network.api_version,
                _of_all_versions(metrics, post.remote_id, earlier.get(post.id, ())),
            )
            for post in posts
            if post.remote_id in metrics
        ]
        self._store.figures.keep(account, taken, now)
        log.info("account %s: %s of %s posts read", account, len(taken), len(posts))
        return len(taken)


def _of_all_versions(metrics: Mapping[str, Metrics], name: str, earlier: Sequence[str]) -> Metrics:
    """The figures of a post that is called *name* now and was called *earlier*.

    Where a network makes a corrected post another one, each has figures of its own (X docs, "Edit
    Posts": of the time in which people saw it). Of an earlier one that it does not give any more
    nothing is known.
    """
    total = metrics[name]
    for one in earlier:
        total = _together(total, metrics[one]) if one in metrics else total
    return total


def _together(one: Metrics, other: Metrics) -> Metrics:
    """Both counted together; what one of them does not say, the two do not."""

    def both(name: str) -> int | None:
        counts = (getattr(one, name), getattr(other, name))
        return None if None in counts else sum(counts)

    shared = one.extra.keys() & other.extra.keys()
    return Metrics(
        impressions=both("impressions"),
        reactions=both("reactions"),
        comments=both("comments"),
        shares=both("shares"),
        clicks=both("clicks"),
        extra={name: one.extra[name] + other.extra[name] for name in sorted(shared)},
    )
