"""What was seen: snapshots, when each account was read, and the reports that were issued."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select, update

from bot.db.part import Part
from bot.db.rows import post_of, select_posts, snapshot_of
from bot.db.tables import accounts, announcements, posts, reports, snapshots
from bot.metrics import COUNTERS, Snapshot
from bot.model import Post, PostState

#: From the first instant to the second.
Span = tuple[datetime, datetime]

#: As many posts are named in one statement: databases bound what it may hold.
_AT_ONCE = 500


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
                update(accounts)
                .where(accounts.c.slug == account)
                .values(read_at=read_at, tried_at=read_at)
            )

    def tried(self, account: str, tried_at: datetime) -> None:
        """Remember that *account*'s hour of reading has passed without anything read."""
        with self._writing() as connection:
            connection.execute(
                update(accounts).where(accounts.c.slug == account).values(tried_at=tried_at)
            )

    def reported_posts(
        self, campaign: str, published: Span, due: Span, windows: Collection[Span]
    ) -> list[Post]:
        """What a report may speak of: posts *published* then, or before and read in one of
        *windows*, and those *due* then."""
        read = exists().where(snapshots.c.post_id == posts.c.id, _taken_in(windows))
        query = select_posts().where(
            announcements.c.campaign == campaign,
            or_(
                and_(
                    posts.c.published_at < published[1],
                    or_(posts.c.published_at >= published[0], read),
                ),
                and_(posts.c.due >= due[0], posts.c.due < due[1]),
            ),
        )
        with self._reading() as connection:
            rows = connection.execute(query.order_by(posts.c.due, posts.c.id))
            return [post_of(row) for row in rows]

    def snapshots(
        self, post_ids: Sequence[int], windows: Collection[Span] = ()
    ) -> Mapping[int, list[Snapshot]]:
        """The snapshots of each of *post_ids*, oldest first; with *windows*, those taken in one."""
        found: dict[int, list[Snapshot]] = {post_id: [] for post_id in post_ids}
        query = select(snapshots).order_by(snapshots.c.post_id, snapshots.c.taken_at)
        if windows:
            query = query.where(_taken_in(windows))
        with self._reading() as connection:
            for start in range(0, len(post_ids), _AT_ONCE):
                some = snapshots.c.post_id.in_(post_ids[start : start + _AT_ONCE])
                for row in connection.execute(query.where(some)):
                    found[row.post_id].append(snapshot_of(row))
        return found

    def is_issued(self, campaign: str, period: str) -> bool:
        with self._reading() as connection:
            return _is_issued(connection, campaign, period)

    def issued(self, campaign: str, period: str) -> None:
        """Remember that the report of *period* was issued."""
        with self._writing() as connection:
            if not _is_issued(connection, campaign, period):
                connection.execute(
                    insert(reports).values(
                        campaign=campaign, period=period, made_at=self._clock.now()
                    )
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


def _is_issued(connection: Connection, campaign: str, period: str) -> bool:
    query = select(reports.c.id).where(reports.c.campaign == campaign, reports.c.period == period)
    return connection.scalar(query) is not None


def _taken_in(windows: Collection[Span]) -> ColumnElement[bool]:
    """A snapshot was taken in one of *windows*, their ends included."""
    taken_at = snapshots.c.taken_at
    # The index knows a range, and no choice of several.
    earliest, latest = min(first for first, _ in windows), max(last for _, last in windows)
    inside = or_(*(taken_at.between(first, last) for first, last in windows))
    return and_(taken_at.between(earliest, latest), inside)
