"""What is to go out: announcements and their posts, as the officer sees and changes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from bot.db.journal import settle
from bot.db.part import Part
from bot.db.rows import after, kept_attached, post_of, select_posts
from bot.db.tables import accounts, announcements, posts
from bot.errors import RefusedCommand
from bot.model import AccountState, Announcement, PlannedPost, Post, PostState
from bot.words import N_

#: Those that a person can still take back.
CANCELLABLE = (PostState.DRAFT, PostState.QUEUED, PostState.HELD)

#: Those that a person can send again as they are.
RETRIABLE = (PostState.FAILED, PostState.HELD)

#: Those that an account's slots are taken by.
_PENDING = (PostState.QUEUED, PostState.SENDING, PostState.UNCERTAIN, PostState.HELD)


class Queue(Part):
    """Announcements and posts."""

    def is_known(self, announcement: Announcement) -> bool:
        """Whether this very announcement is queued already. Raises RefusedCommand if another one
        has its name."""
        with self._reading() as connection:
            return _is_known(connection, announcement)

    def add(
        self, batches: Iterable[tuple[Announcement, Iterable[PlannedPost]]]
    ) -> list[tuple[int, ...]]:
        """Queue each announcement's posts, all or nothing; the ids of the posts that are new.

        The same announcement again changes nothing: no ids. Raises RefusedCommand when another
        announcement has its name.
        """
        now = self._clock.now()
        with self._writing() as connection:
            return [
                ()
                if _is_known(connection, announcement)
                else _add(connection, announcement, planned, now)
                for announcement, planned in batches
            ]

    def posts(self, campaign: str, *, states: Collection[PostState] = ()) -> list[Post]:
        """The posts of *campaign* in *states* (in any, if none is named), by due time."""
        query = select_posts().where(announcements.c.campaign == campaign)
        if states:
            query = query.where(posts.c.state.in_(states))
        with self._reading() as connection:
            rows = connection.execute(query.order_by(posts.c.due, posts.c.id))
            return [post_of(row) for row in rows]

    def post(self, post_id: int) -> Post:
        """The post with this number. Raises RefusedCommand if there is none."""
        with self._reading() as connection:
            row = connection.execute(select_posts().where(posts.c.id == post_id)).first()
        if row is None:
            raise RefusedCommand(
                N_("There is no post {id}. See: pavois queue list --all"), id=post_id
            )
        return post_of(row)

    def taken(self, campaign: str) -> dict[str, set[datetime]]:
        """The due times that each account has already."""
        taken: dict[str, set[datetime]] = {}
        for post in self.posts(campaign, states=_PENDING):
            taken.setdefault(post.account, set()).add(post.due)
        return taken

    def waiting_elsewhere(self, campaign: str) -> Mapping[str, int]:
        """How many posts of each campaign other than *campaign* wait, by its name."""
        query = (
            select(announcements.c.campaign, func.count())
            .join(posts, posts.c.announcement_id == announcements.c.id)
            .where(announcements.c.campaign != campaign, posts.c.state.in_(_PENDING))
            .group_by(announcements.c.campaign)
            .order_by(announcements.c.campaign)
        )
        with self._reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}

    def cancel(self, ids: Collection[int]) -> tuple[int, ...]:
        """Cancel those of *ids* that have not begun to be sent, and what follows them in a thread;
        the ids of those cancelled."""
        with self._writing() as connection:
            rows = connection.execute(
                update(posts)
                .where(
                    or_(posts.c.id.in_(ids), posts.c.id.in_(after(ids))),
                    posts.c.state.in_(CANCELLABLE),
                )
                .values(state=PostState.CANCELLED)
                .returning(posts.c.id)
            )
            cancelled = tuple(sorted(row.id for row in rows))
            for post_id in cancelled:
                settle(connection, f"post {post_id}", self._clock.now())
            return cancelled

    def retry(self, ids: Collection[int]) -> tuple[int, ...]:
        """Send those of *ids* now that failed, are held or wait for another try; the ids of those.

        What has stopped being true stays where it is.
        """
        now = self._clock.now()
        with self._writing() as connection:
            rows = connection.execute(
                update(posts)
                .where(
                    posts.c.id.in_(ids),
                    or_(
                        posts.c.state.in_(RETRIABLE),
                        and_(posts.c.state == PostState.QUEUED, posts.c.attempts > 0),
                    ),
                    or_(posts.c.valid_until.is_(None), posts.c.valid_until >= now),
                )
                .values(state=PostState.QUEUED, next_try=now, failures=0)
                .returning(posts.c.id)
            )
            retried = tuple(sorted(row.id for row in rows))
            for post_id in retried:
                settle(connection, f"post {post_id}", now)
            return retried


def _add(
    connection: Connection,
    announcement: Announcement,
    planned: Iterable[PlannedPost],
    now: datetime,
) -> tuple[int, ...]:
    announcement_id = _announcement_id(connection, announcement, now)
    ids = []
    for post in planned:
        _know_account(connection, post.account, now)
        result = connection.execute(
            insert(posts).values(
                announcement_id=announcement_id,
                account=post.account,
                network=post.network,
                language=post.language,
                text=post.text,
                due=post.due,
                valid_until=post.valid_until,
                state=PostState.QUEUED,
                next_try=post.due,
                attached=kept_attached(post.attached),
                part=post.part,
            )
        )
        ids.append(int(result.inserted_primary_key[0]))  # type: ignore[index]
    return tuple(ids)


def _is_known(connection: Connection, announcement: Announcement) -> bool:
    row = _row(connection, announcement)
    if row is None:
        return False
    states = set(connection.scalars(select(posts.c.state).where(posts.c.announcement_id == row.id)))
    states.discard(PostState.CANCELLED)
    if not states:
        return False
    if states == {PostState.DELETED}:
        raise RefusedCommand(
            N_(
                "{slug} was out and is deleted: its name and its figures belong together. Give "
                "this one another name."
            ),
            slug=announcement.slug,
        )
    if row.kind != announcement.kind or row.content != announcement.content():
        raise RefusedCommand(
            N_(
                "{slug} is queued already, with other words or facts. Cancel it first "
                "(pavois queue cancel {slug}), or give this one another name."
            ),
            slug=announcement.slug,
        )
    return True


def _row(connection: Connection, announcement: Announcement) -> Any:
    return connection.execute(
        select(announcements).where(
            announcements.c.campaign == announcement.campaign,
            announcements.c.slug == announcement.slug,
        )
    ).first()


def _announcement_id(connection: Connection, announcement: Announcement, now: datetime) -> int:
    """The row of *announcement*: a new one, or that of one whose posts were all cancelled."""
    values = {"kind": announcement.kind, "content": announcement.content(), "queued_at": now}
    row = _row(connection, announcement)
    if row is not None:
        connection.execute(
            update(announcements).where(announcements.c.id == row.id).values(**values)
        )
        return int(row.id)
    result = connection.execute(
        insert(announcements).values(
            campaign=announcement.campaign, slug=announcement.slug, **values
        )
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def _know_account(connection: Connection, slug: str, now: datetime) -> None:
    if connection.scalar(select(accounts.c.slug).where(accounts.c.slug == slug)) is None:
        connection.execute(insert(accounts).values(slug=slug, state=AccountState.READY, since=now))
