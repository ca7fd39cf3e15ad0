"""What was seen: snapshots, when each account was read, and the reports that were issued."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import insert, or_, select, update

from bot.db.part import Part
from bot.db.rows import post_of, select_posts, snapshot_of
from bot.db.tables import accounts, announcements, posts, reports, snapshots
from bot.model import COUNTERS, Post, PostState, Snapshot


class Figures(Part):
    """Snapshots and reports."""

    def to_read(self, campaign: str, account: str, since: datetime) -> list[Post]:
        """The posts of *account* that are out and were published since *since*."""
        query = select_posts().where(
            announcements.c.campaign == campaign,
            posts.c.account == account,
            posts.c.state == PostState.PUBLISHED,
            posts.c.published_at >= since,
        )
        with self._reading() as connection:
            return [post_of(row) for row in connection.execute(query.order_by(posts.c.id))]

    def keep(self, account: str, taken: Iterable[Snapshot], read_at: datetime) -> None:
        """Keep what a reading of *account* gave, and that it was read at *read_at*."""
        rows = [
            {
                "post_id": snapshot.post_id,
                "taken_at": snapshot.taken_at,
                "source": snapshot.source,
                "api_version": snapshot.api_version,
                "extra": dict(snapshot.metrics.extra) or None,
            }
            | {name: getattr(snapshot.metrics, name) for name in COUNTERS}
            for snapshot in taken
        ]
        with self._writing() as connection:
            if rows:
                connection.execute(insert(snapshots), rows)
            connection.execute(
                update(accounts).where(accounts.c.slug == account).values(read_at=read_at)
            )

    def reported_posts(self, campaign: str, until: datetime, misses_since: datetime) -> list[Post]:
        """What a report may speak of: published before *until*, or due since *misses_since*."""
        query = select_posts().where(
            announcements.c.campaign == campaign,
            or_(posts.c.published_at < until, posts.c.due >= misses_since),
        )
        with self._reading() as connection:
            rows = connection.execute(query.order_by(posts.c.due, posts.c.id))
            return [post_of(row) for row in rows]

    def snapshots(self, post_ids: Collection[int]) -> Mapping[int, list[Snapshot]]:
        """The snapshots of each of *post_ids*, oldest first."""
        found: dict[int, list[Snapshot]] = {post_id: [] for post_id in post_ids}
        query = (
            select(snapshots)
            .where(snapshots.c.post_id.in_(post_ids))
            .order_by(snapshots.c.post_id, snapshots.c.taken_at)
        )
        with self._reading() as connection:
            for row in connection.execute(query):
                found[row.post_id].append(snapshot_of(row))
        return found

    def is_issued(self, campaign: str, period: str) -> bool:
        with self._reading() as connection:
            return (
                connection.scalar(
                    select(reports.c.id).where(
                        reports.c.campaign == campaign, reports.c.period == period
                    )
                )
                is not None
            )

    def issued(self, campaign: str, period: str) -> None:
        """Remember that the report of *period* was issued."""
        if self.is_issued(campaign, period):
            return
        with self._writing() as connection:
            connection.execute(
                insert(reports).values(campaign=campaign, period=period, made_at=self._clock.now())
            )

    def first_queued_at(self, campaign: str) -> datetime | None:
        """When the first announcement of *campaign* was queued."""
        with self._reading() as connection:
            return connection.scalar(
                select(announcements.c.queued_at)
                .where(announcements.c.campaign == campaign)
                .order_by(announcements.c.queued_at)
                .limit(1)
            )
