"""Stop everything: no post goes on its way, in any process, but those that a person releases.

What sends asks `may_go()` in the very transactions in which it claims a post and writes down that
it is about to call the network: so a stop holds from the moment it is committed.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    case,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)

from bot.db.journal import notify, settle
from bot.db.part import Part
from bot.db.rows import after, follows_what_ended, message_of, post_of, select_posts
from bot.db.tables import UtcDateTime, announcements, notices, posts, settings
from bot.errors import RefusedCommand
from bot.lateness import Verdict, verdicts, why_asked
from bot.model import STOP, Campaign, Post, PostState, Stopped
from bot.words import N_, Message

#: Those that may still go on their way.
_UNFINISHED = (PostState.QUEUED, PostState.SENDING, PostState.HELD, PostState.UNCERTAIN)
#: Those that a person can release.
_RELEASABLE = (PostState.QUEUED, PostState.HELD)

#: The setting that says so: why is its value, since when its instant.
_KEY = "stopped"
#: Between two reasons.
_AND = " · "
_NOTICE = N_("All sending is stopped. To go on: pavois resume. Why: {reason} ({who})")
_NOT_STOPPED = N_(
    "Nothing is stopped. A post that is held goes out with: pavois queue retry NUMBER"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits when sending goes on again, each by when it is tried: what goes out now, what is
    late and waits for a decision, what is dropped, and how many are due later."""

    go: tuple[Post, ...]
    ask: tuple[Post, ...]
    drop: tuple[Post, ...]
    later: int


class Brake(Part):
    """One stop for everything that this database sends, whichever campaign and process."""

    def state(self) -> Stopped | None:
        """Why and since when all is stopped; None: it is not."""
        with self._reading() as connection:
            return _state(connection)

    def require_going(self) -> None:
        """Raises RefusedCommand while all is stopped: who stopped it, why, how it goes on."""
        told = select(notices.c.message).where(
            notices.c.subject == STOP, notices.c.settled_at.is_(None)
        )
        with self._reading() as connection:
            if stopped := _state(connection):
                raise RefusedCommand(
                    N_("While all is stopped, nothing is corrected. {stop}"),
                    stop=message_of(connection.scalar(told)) or stopped.reason,
                )

    def stop(self, reason: str, by: str) -> None:
        """Stop everything now. A second stop adds its reason, and takes back what was released.

        *by* is who did it, for the notice.
        """
        now = self._clock.now()
        with self._writing() as connection:
            stop(connection, Stopped(reason, now), by, now)

    def on_their_way(self) -> tuple[int, ...]:
        """The posts that a sender has in hand: some may be out before they could be stopped."""
        query = select(posts.c.id).where(posts.c.state == PostState.SENDING)
        with self._reading() as connection:
            return tuple(connection.scalars(query.order_by(posts.c.id)))

    def waiting(self, campaign: Campaign) -> Waiting:
        """What becomes of the posts of *campaign* if everything is released now.

        Raises RefusedCommand when nothing is stopped.
        """
        with self._reading() as connection:
            _require_stopped(connection)
            return _waiting(connection, campaign, self._clock.now())

    def release_all(self, campaign: Campaign) -> Waiting:
        """Let everything go on; what is late is held, with a notice, and what is stale dropped.

        Raises RefusedCommand when nothing is stopped.
        """
        now = self._clock.now()
        with self._writing() as connection:
            _require_stopped(connection)
            waiting = _waiting(connection, campaign, now)
            connection.execute(delete(settings).where(settings.c.key == _KEY))
            settle(connection, STOP, now)
            for post in waiting.drop:
                _set(connection, post, PostState.EXPIRED)
                settle(connection, f"post {post.id}", now)
            for post in waiting.ask:
                _set(connection, post, PostState.HELD)
                notify(connection, f"post {post.id}", why_asked(post, campaign), now)
            return waiting

    def release(self, ids: Collection[int]) -> tuple[int, ...]:
        """Let those of *ids* go that wait and are still true, and what follows them in a thread,
        while the rest stays stopped; the ids of those released. What follows a post that did not go
        out stays held.

        Raises RefusedCommand when nothing is stopped.
        """
        now = self._clock.now()
        with self._writing() as connection:
            since = _require_stopped(connection).since
            rows = connection.execute(
                update(posts)
                .where(
                    or_(posts.c.id.in_(ids), posts.c.id.in_(after(ids))),
                    posts.c.state.in_(_RELEASABLE),
                    or_(posts.c.valid_until.is_(None), posts.c.valid_until >= now),
                    ~follows_what_ended(),
                )
                # The clock of the machine that stopped may be ahead of this one's.
                .values(state=PostState.QUEUED, released_at=max(now, since))
                .returning(posts.c.id)
            )
            released = tuple(sorted(row.id for row in rows))
            for post_id in released:
                settle(connection, f"post {post_id}", now)
            return released


def stop(connection: Connection, stopped: Stopped, by: str, now: datetime) -> None:
    """Have everything *stopped*, also for the reasons and since the time that it is already."""
    known = _state(connection) or stopped
    since = min(known.since, stopped.since)
    reasons = dict.fromkeys((*known.reason.split(_AND), *stopped.reason.split(_AND)))
    reason = _AND.join(filter(None, reasons))
    _remember(connection, reason, since)
    connection.execute(
        update(posts)
        .where(posts.c.state.in_(_UNFINISHED), posts.c.released_at >= since)
        .values(released_at=None)
    )
    settle(connection, STOP, now)
    notice = Message(_NOTICE, {"who": by or "—", "reason": reason or "—"})
    notify(connection, STOP, notice, now)


def stop_of() -> Select[tuple[str, datetime]]:
    """Why and since when all is stopped: no row when it is not."""
    return select(settings.c.value, settings.c.at).where(settings.c.key == _KEY)


@cache
def is_stopped() -> ColumnElement[bool]:
    """Whether everything is stopped."""
    return exists().where(settings.c.key == _KEY)


@cache
def may_go_while_stopped() -> ColumnElement[bool]:
    """Whether a person released the post since everything was stopped."""
    stopped_at = select(settings.c.at).where(settings.c.key == _KEY).scalar_subquery()
    return func.coalesce(posts.c.released_at >= stopped_at, false())


@cache
def may_go() -> ColumnElement[bool]:
    """Whether the post may go on its way: for the transactions in which it does."""
    return or_(~is_stopped(), may_go_while_stopped())


def released_now(now: datetime) -> ColumnElement[datetime | None]:
    """What `released_at` becomes when a person says of a post that it is to go: late as well, but
    not while everything is stopped."""
    return case((is_stopped(), null()), else_=literal(now, UtcDateTime()))


def _state(connection: Connection) -> Stopped | None:
    row = connection.execute(stop_of()).first()
    return Stopped(row.value, row.at) if row else None


def _require_stopped(connection: Connection) -> Stopped:
    if (stopped := _state(connection)) is None:
        raise RefusedCommand(_NOT_STOPPED)
    return stopped


def _remember(connection: Connection, reason: str, since: datetime) -> None:
    connection.execute(delete(settings).where(settings.c.key == _KEY))
    connection.execute(insert(settings).values(key=_KEY, value=reason, at=since))


def _waiting(connection: Connection, campaign: Campaign, now: datetime) -> Waiting:
    queued = select_posts().where(
        announcements.c.campaign == campaign.slug, posts.c.state == PostState.QUEUED
    )
    rows = connection.execute(queued.order_by(posts.c.next_try, posts.c.id))
    found = [post_of(row) for row in rows]
    judged = verdicts(found, campaign, now)
    go, ask, drop = (
        tuple(post for post in found if judged.get(post.id) == one)
        for one in (Verdict.GO, Verdict.ASK, Verdict.DROP)
    )
    return Waiting(go, ask, drop, len(found) - len(judged))


def _set(connection: Connection, post: Post, state: PostState) -> None:
    connection.execute(update(posts).where(posts.c.id == post.id).values(state=state))
