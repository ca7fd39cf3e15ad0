"""What is done to a post that is out: corrected, deleted. Written down before it is tried.

The lines stand in the ledger of attempts, with their `act`: *sending* right before the call, then
what it came to. An act whose *sending* is its last line is open: somebody is at it, or did not come
back.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, func, insert, select, update

from bot.db.brake import is_stopped
from bot.db.journal import notify, settle
from bot.db.money import give_back_line, reserve
from bot.db.part import Part
from bot.db.proofs import change_out
from bot.db.rows import after, attempt_of, kept_message
from bot.db.tables import announcements, attempts, posts
from bot.model import Attempt, AttemptState, Post, PostState
from bot.words import N_, Message

CORRECT, DELETE = "correct", "delete"
ACTS = (CORRECT, DELETE)

#: An act that is open for longer is nobody's any more: no call takes so long (the session's
#: time-outs end one within a minute).
GIVEN_UP_AFTER = timedelta(minutes=5)

#: What waits in a thread, and would for ever once a post before it is gone.
_WAITING = (PostState.DRAFT, PostState.QUEUED, PostState.HELD)

_INTERRUPTED = Message(N_("Pavois was interrupted in the middle of it."))


class Deeds(Part):
    """Corrections and deletions. Each method is written only if nobody came between."""

    def begin(
        self,
        post: Post,
        act: str,
        cause: Message | None = None,
        *,
        price: int | None = None,
        budget: int | None = None,
    ) -> Attempt | None:
        """Write down that *act* is tried on *post* now: its line, which says *cause*.

        *price* is what it costs, of the *budget* of its network in this month (both in millionths
        of a dollar): reserved here. None when *post* is not out any more, was changed since it was
        read, or somebody is at it; when the price goes beyond the budget; and for anything but a
        deletion while all is stopped. An act that somebody left open long ago is closed as
        uncertain.
        """
        now = self._clock.now()
        with self._writing() as connection:
            state = connection.scalar(
                select(posts.c.state)
                .where(posts.c.id == post.id, posts.c.attempts == post.attempts)
                .with_for_update()
            )
            if state != PostState.PUBLISHED:
                return None
            if left := _open(connection, post.id):
                if left.at > now - GIVEN_UP_AFTER:
                    return None
                _give_up(connection, left, now)
            if act != DELETE and connection.scalar(select(is_stopped())):
                return None
            if price and not reserve(connection, post.network, now, price, budget):
                return None
            line = Attempt(
                post.id, post.attempts + 1, AttemptState.SENDING, now, post.account,
                cause=cause, price=price, act=act,
            )  # fmt: skip
            connection.execute(
                update(posts).where(posts.c.id == post.id).values(attempts=line.number)
            )
            _append(connection, line)
            return line

    def end(self, line: Attempt, notice: Message | None = None) -> None:
        """Write down *line*, what an act came to that changed nothing here; tell *notice*.

        What was certainly not done cost nothing.
        """
        with self._writing() as connection:
            _append(connection, line)
            if line.state in (AttemptState.REFUSED, AttemptState.NOT_SENT):
                give_back_line(connection, line.post_id, line.number)
            if notice:
                notify(connection, f"post {line.post_id}", notice, self._clock.now())

    def corrected(
        self, post: Post, line: Attempt, text: str, url: str, read_back_at: datetime
    ) -> bool:
        """Write down *line*: *post* has *text* now, under the name in *line*.

        What a person was told of it is answered by that. False, with no more than the line
        written, when something else was tried on it since it was read.
        """
        now = self._clock.now()
        with self._writing() as connection:
            _append(connection, line)
            changed = change_out(
                connection,
                post,
                text=text,
                remote_id=line.remote_id,
                url=url,
                read_back_at=read_back_at,
                looks=0,
            )
            if changed:
                settle(connection, f"post {post.id}", now)
            return changed

    def deleted(self, line: Attempt) -> tuple[int, ...]:
        """Write down *line*: the post is gone, and what of its thread waited for it is cancelled;
        the ids of those."""
        now = self._clock.now()
        with self._writing() as connection:
            _append(connection, line)
            connection.execute(
                update(posts)
                .where(posts.c.id == line.post_id, posts.c.state == PostState.PUBLISHED)
                .values(state=PostState.DELETED, read_back_at=None)
            )
            rows = connection.execute(
                update(posts)
                .where(posts.c.id.in_(after([line.post_id])), posts.c.state.in_(_WAITING))
                .values(state=PostState.CANCELLED)
                .returning(posts.c.id)
            )
            cancelled = tuple(sorted(row.id for row in rows))
            for post_id in (line.post_id, *cancelled):
                settle(connection, f"post {post_id}", now)
            return cancelled

    def give_up(self, campaign: str) -> None:
        """Close as uncertain what was left open long ago, and tell a person."""
        now = self._clock.now()
        with self._writing() as connection:
            for row in connection.execute(_open_acts(campaign)).all():
                left = _open(connection, row.post_id)
                if left and left.at <= now - GIVEN_UP_AFTER:
                    _give_up(connection, left, now)
                    notify(connection, f"post {left.post_id}", what_to_do(left), now)

    def next_at(self, campaign: str) -> datetime | None:
        """When the next open act will be nobody's any more; None: none is open."""
        with self._reading() as connection:
            since = [row.at for row in connection.execute(_open_acts(campaign))]
        return min(since) + GIVEN_UP_AFTER if since else None

    def of(self, post: Post, act: str) -> list[Attempt]:
        """The lines of *act* on *post*, in the order in which they were written."""
        with self._reading() as connection:
            rows = connection.execute(
                select(attempts)
                .where(attempts.c.post_id == post.id, attempts.c.act == act)
                .order_by(attempts.c.id)
            )
            return [attempt_of(row) for row in rows]

    def earlier_names(self, account: str) -> dict[int, list[str]]:
        """The names that posts of *account* had on its network before they were corrected, by the
        posts' numbers; those whose name never changed are not there."""
        corrected = select(attempts.c.post_id).where(
            attempts.c.account == account,
            attempts.c.state == AttemptState.ACCEPTED,
            attempts.c.act == CORRECT,
        )
        query = (
            select(attempts.c.post_id, attempts.c.remote_id)
            .join(posts, posts.c.id == attempts.c.post_id)
            .where(
                posts.c.id.in_(corrected),
                attempts.c.remote_id != "",
                attempts.c.remote_id != posts.c.remote_id,
            )
            .order_by(attempts.c.id)
        )
        found: dict[int, list[str]] = {}
        with self._reading() as connection:
            for row in connection.execute(query):
                found.setdefault(row.post_id, []).append(row.remote_id)
        return found


def what_to_do(line: Attempt) -> Message:
    """What a person does about an act of which it is not known whether it was done."""
    if line.act == DELETE:
        return Message(
            N_("It may be deleted or not. Repeat it, which does no harm: pavois delete {id}"),
            {"id": line.post_id},
        )
    return Message(
        N_("It may be corrected or not. Give the correction again: pavois correct {id}"),
        {"id": line.post_id},
    )


def _open_acts(campaign: str) -> Select[tuple[int, datetime]]:
    """The posts whose last attempt is an act that is open, and since when."""
    return (
        select(attempts.c.post_id, func.min(attempts.c.at).label("at"))
        .join(posts, posts.c.id == attempts.c.post_id)
        .join(announcements, announcements.c.id == posts.c.announcement_id)
        .where(
            announcements.c.campaign == campaign,
            posts.c.state == PostState.PUBLISHED,
            posts.c.attempts == attempts.c.number,
            attempts.c.act.in_(ACTS),
        )
        .group_by(attempts.c.post_id)
        .having(func.count() == 1)
    )


def _open(connection: Connection, post_id: int) -> Attempt | None:
    """The act that is open on a post: its ledger ends with it."""
    query = select(attempts).where(attempts.c.post_id == post_id)
    row = connection.execute(query.order_by(attempts.c.id.desc()).limit(1)).first()
    last = attempt_of(row) if row else None
    is_open = last and last.act in ACTS and last.state == AttemptState.SENDING
    return last if is_open else None


def _give_up(connection: Connection, left: Attempt, now: datetime) -> None:
    _append(
        connection,
        Attempt(
            left.post_id, left.number, AttemptState.UNCERTAIN, now, left.account,
            cause=_INTERRUPTED, act=left.act,
        ),
    )  # fmt: skip


def _append(connection: Connection, line: Attempt) -> None:
    """Write *line*, unless somebody else has written it."""
    kept = {
        "post_id": line.post_id,
        "number": line.number,
        "state": line.state,
        "at": line.at,
        "account": line.account,
        "request_id": line.request_id,
        "status": line.status,
        "cause": kept_message(line.cause),
        "remote_id": line.remote_id,
        "act": line.act,
        "price": line.price if line.state == AttemptState.SENDING else None,
    }
    known = select(attempts.c.id).where(
        attempts.c.post_id == line.post_id,
        attempts.c.number == line.number,
        attempts.c.state == line.state,
    )
    if connection.scalar(known) is None:
        connection.execute(insert(attempts).values(**kept))
