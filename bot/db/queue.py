"""What is to go out: announcements and their posts, as the officer sees and changes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, insert, or_, select, update

from bot.changes import CHANGEABLE, Change, has_begun
from bot.db.brake import released_now
from bot.db.journal import settle
from bot.db.part import Part
from bot.db.rows import after, before, follows_what_ended, kept_attached, post_of, select_posts
from bot.db.tables import accounts, announcements, posts
from bot.errors import RefusedCommand
from bot.model import AccountState, Announcement, PlannedPost, Post, PostState
from bot.words import N_

#: Those that a person can still take back.
CANCELLABLE = (PostState.DRAFT, PostState.QUEUED, PostState.HELD)

#: Those that a person can send again as they are.
RETRIABLE = (PostState.FAILED, PostState.HELD)

#: What follows these in a thread is never sent; what was cancelled counts as not there.
_ENDED = (PostState.FAILED, PostState.EXPIRED, PostState.DELETED)

#: Those that an account's slots are taken by.
_PENDING = (PostState.QUEUED, PostState.SENDING, PostState.UNCERTAIN, PostState.HELD)

#: Posts that wait for one of _ENDED; made once, for it is asked at each wake-up.
_LEFT_BEHIND = (
    select_posts()
    .where(
        announcements.c.campaign == bindparam("campaign"),
        posts.c.state == PostState.QUEUED,
        posts.c.next_try <= bindparam("now"),
        posts.c.part > 0,
        or_(before.c.state.is_(None), before.c.state.in_(_ENDED)),
    )
    .order_by(posts.c.id)
)


class SlotTakenError(Exception):
    """Somebody took a slot between the planning and the queueing: to be planned again."""


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
        announcement has its name, and SlotTakenError when a slot is another's by now.
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

    def left_behind(self, campaign: str) -> list[Post]:
        """Posts that are due and wait for a part of their thread that does not go out any more."""
        asked = {"campaign": campaign, "now": self._clock.now()}
        with self._reading() as connection:
            return [post_of(row) for row in connection.execute(_LEFT_BEHIND, asked)]

    def taken(self, campaign: str, *, without: str = "") -> dict[str, set[datetime]]:
        """The due times that each account has already, but for the announcement *without*."""
        taken: dict[str, set[datetime]] = {}
        for post in self.posts(campaign, states=_PENDING):
            if post.announcement != without:
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

        Late ones as well, and what follows them. What has stopped being true stays where it is, and
        so does what follows a post that did not go out and is not sent again with it.
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
                    ~follows_what_ended(ids),
                )
                .values(
                    state=PostState.QUEUED, next_try=now, failures=0, released_at=released_now(now)
                )
                .returning(posts.c.id)
            )
            retried = tuple(sorted(row.id for row in rows))
            connection.execute(
                update(posts)
                .where(posts.c.id.in_(after(retried)), posts.c.state == PostState.QUEUED)
                .values(released_at=released_now(now))
            )
            for post_id in retried:
                settle(connection, f"post {post_id}", now)
            return retried

    def of(self, campaign: str, slug: str) -> list[Post]:
        """The posts of the announcement *slug*, cancelled ones as well, by due time."""
        query = select_posts().where(*_is_of(campaign, slug)).order_by(posts.c.due, posts.c.id)
        with self._reading() as connection:
            return [post_of(row) for row in connection.execute(query)]

    def content(self, campaign: str, slug: str) -> Mapping[str, Any]:
        """What the announcement *slug* says, as `Announcement.content` gave it; {}: it is none."""
        query = select(announcements.c.content).where(*_is_of(campaign, slug))
        with self._reading() as connection:
            return connection.scalar(query) or {}

    def change(self, change: Change) -> None:
        """Make of the posts of an announcement what *change* says: all of it, or nothing.

        Raises RefusedCommand when they are not as a person was shown them any more.
        """
        now = self._clock.now()
        with self._writing() as connection:
            announcement_id = _require_unchanged(connection, change)
            planned = [step.after for step in change.steps if step.after]
            if _has_taken_slots(connection, announcement_id, planned, now):
                raise _changed_meanwhile(change.slug)
            if change.announcement:
                connection.execute(
                    update(announcements)
                    .where(announcements.c.id == announcement_id)
                    .values(kind=change.announcement.kind, content=change.announcement.content())
                )
            for step in change.changed:
                if step.before:
                    _replace(connection, step.before, step.after, now)
                elif step.after:
                    _insert(connection, announcement_id, step.after, now)


def _add(
    connection: Connection,
    announcement: Announcement,
    planned: Iterable[PlannedPost],
    now: datetime,
) -> tuple[int, ...]:
    announcement_id = _announcement_id(connection, announcement, now)
    found = list(planned)
    if _has_taken_slots(connection, announcement_id, found, now):
        raise SlotTakenError
    return tuple(_insert(connection, announcement_id, post, now) for post in found)


def _insert(connection: Connection, announcement_id: int, post: PlannedPost, now: datetime) -> int:
    _know_account(connection, post.account, now)
    result = connection.execute(
        insert(posts).values(
            announcement_id=announcement_id,
            account=post.account,
            network=post.network,
            language=post.language,
            part=post.part,
            state=PostState.QUEUED,
            **_contents(post),
        )
    )
    return int(result.inserted_primary_key[0])  # type: ignore[index]


def _replace(
    connection: Connection, before: Post, after: PlannedPost | None, now: datetime
) -> None:
    """Make *after* of *before*, which nobody has touched meanwhile; None: cancel it."""
    values: dict[str, Any] = {"state": PostState.CANCELLED}
    if after:
        waits = PostState.DRAFT if before.state == PostState.DRAFT else PostState.QUEUED
        values = {
            "state": waits,
            "failures": 0,
            "looks": 0,
            "released_at": released_now(now),
            **_contents(after),
        }
    connection.execute(update(posts).where(posts.c.id == before.id).values(**values))
    settle(connection, f"post {before.id}", now)


def _contents(post: PlannedPost) -> dict[str, Any]:
    return {
        "text": post.text,
        "attached": kept_attached(post.attached),
        "due": post.due,
        "next_try": post.due,
        "valid_until": post.valid_until,
    }


def _require_unchanged(connection: Connection, change: Change) -> int:
    """The number of the announcement of *change*, whose posts are as they were shown; they stay
    so until the transaction ends: no sender can claim them meanwhile. Raises RefusedCommand.
    """
    mine = _is_of(change.campaign, change.slug)
    query = select(announcements.c.id).where(*mine).with_for_update()
    announcement_id: int = connection.execute(query).scalar_one()
    rows = connection.execute(
        select_posts().where(*mine, posts.c.state != PostState.CANCELLED).with_for_update(of=posts)
    )
    present = {row.id: post_of(row) for row in rows}
    shown = [step.before for step in change.steps if step.before]
    differ = [present.get(post.id) for post in shown if present.get(post.id) != post]
    if begun := [post for post in differ if post and post.state not in CHANGEABLE]:
        raise has_begun(change.slug, begun)
    if differ or present.keys() != change.seen:
        raise _changed_meanwhile(change.slug)
    return announcement_id


def _changed_meanwhile(slug: str) -> RefusedCommand:
    return RefusedCommand(
        N_("{slug} changed while you were looking. Nothing was written: look again."), slug=slug
    )


def _has_taken_slots(
    connection: Connection, announcement_id: int, planned: Iterable[PlannedPost], now: datetime
) -> bool:
    """Whether a slot that one of *planned* is in is another announcement's by now.

    Nobody else can take one of these until the transaction ends.
    """
    slots = {post.account: post.due for post in planned if post.in_slot}
    for account in sorted(slots):
        _know_account(connection, account, now)
        mine = select(accounts.c.slug).where(accounts.c.slug == account)
        connection.execute(mine.with_for_update())
    if not slots:
        return False
    campaign = select(announcements.c.campaign).where(announcements.c.id == announcement_id)
    taken = (
        select(posts.c.id)
        .join(announcements)
        .where(
            announcements.c.campaign == campaign.scalar_subquery(),
            announcements.c.id != announcement_id,
            posts.c.state.in_(_PENDING),
            or_(*(and_(posts.c.account == one, posts.c.due == due) for one, due in slots.items())),
        )
    )
    return connection.scalar(taken.limit(1)) is not None


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
                "{slug} is queued already, with other words or facts. To change it: pavois queue "
                "change {slug} FILE; or give this one another name."
            ),
            slug=announcement.slug,
        )
    return True


def _row(connection: Connection, announcement: Announcement) -> Any:
    mine = _is_of(announcement.campaign, announcement.slug)
    return connection.execute(select(announcements).where(*mine)).first()


def _is_of(campaign: str, slug: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return announcements.c.campaign == campaign, announcements.c.slug == slug


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
