"""Sending: claims, the ledger of attempts, what came of them, and the state of accounts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    func,
    insert,
    select,
    update,
)

from bot.db.brake import may_go
from bot.db.claims import Begun, heads, is_busy, put_off, sent, take, waits
from bot.db.doubts import doubt, other_owner
from bot.db.journal import notify, settle
from bot.db.money import give_back, reserve
from bot.db.part import Part
from bot.db.rows import (
    IS_BEFORE,
    ITS_TURN,
    account_of,
    after,
    attempt_of,
    before,
    kept_message,
    post_of,
    select_posts,
)
from bot.db.tables import accounts, announcements, attempts, posts
from bot.errors import RefusedCommand
from bot.model import PUBLISH, AccountState, AccountStatus, Attempt, AttemptState, Post, PostState
from bot.outcome import Outcome
from bot.pace import Limits, may_go_at
from bot.words import N_, Message


class Ledger(Part):
    """A crash between two of its methods leaves a state that the publisher can settle."""

    def claim(
        self,
        campaign: str,
        sender: str,
        lease: timedelta,
        limits_of: Callable[[str], Limits] = lambda _account: Limits(),
        *,
        busy: Collection[str] = (),
        most: int = 1,
    ) -> list[Post]:
        """The next due posts of ready accounts, one each, *sender*'s alone until the lease ends.

        Their attempts are written down as prepared. An account of which somebody has a post in
        hand (*busy* names *sender*'s own) is left alone; a post that goes too soon after another
        is put off. At most *most*, oldest first.
        """
        now = self._clock.now()
        with self._writing() as connection:
            claimed: list[Post] = []
            look_behind = True
            while look_behind and len(claimed) < most:
                # Behind a post that is put off there may be one that can go.
                look_behind = False
                for row in heads(connection, campaign, now, busy):
                    if len(claimed) == most:
                        break
                    at = may_go_at(
                        post_of(row),
                        sent(connection, row, limits_of(row.account), now),
                        limits_of(row.account),
                        now,
                    )
                    if at > now:
                        put_off(connection, row.id, at)
                        look_behind = True
                    elif take(connection, row, sender, now + lease):
                        _append(
                            connection,
                            row.id,
                            row.attempts + 1,
                            AttemptState.PREPARED,
                            now,
                            row.account,
                        )
                        taken = connection.execute(select_posts().where(posts.c.id == row.id))
                        claimed.append(post_of(taken.one()))
            return claimed

    def renew(self, post: Post, sender: str, lease: timedelta) -> bool:
        """Lengthen *sender*'s lease. False if the post is not *sender*'s any more, or all is
        stopped."""
        now = self._clock.now()
        with self._writing() as connection:
            if not _is_senders(connection, post, sender, now, may_go()):
                return False
            connection.execute(
                update(posts).where(posts.c.id == post.id).values(lease_until=now + lease)
            )
            return True

    def about_to_send(
        self,
        post: Post,
        sender: str,
        *,
        price: int | None = None,
        budget: int | None = None,
        act: str = PUBLISH,
    ) -> Begun:
        """Write down that the call of *act* is made now, if *post* is still *sender*'s.

        *price* is what it costs, of the month's *budget* of its network (both in millionths of a
        dollar): reserved here, or the call is not to be made.
        """
        now = self._clock.now()
        with self._writing() as connection:
            if not _is_senders(connection, post, sender, now):
                return Begun.LOST
            if not _is_senders(connection, post, sender, now, may_go()):
                return Begun.STOPPED
            if price and not reserve(connection, post.network, now, price, budget):
                return Begun.TOO_DEAR
            number, line = post.attempts, {"price": price, "act": act}
            _append(connection, post.id, number, AttemptState.SENDING, now, post.account, **line)
            connection.execute(
                update(accounts).where(accounts.c.slug == post.account).values(sent_at=now)
            )
            return Begun.YES

    def record(self, post: Post, outcome: Outcome, sender: str = "") -> bool:
        """Write down *outcome*: ledger, post, account and notice together.

        With *sender*, only if the post is still that sender's; without, only if it is still in
        the state in which it was read. False if it was not.
        """
        mine = posts.c.sender == sender if sender else posts.c.sender.is_(None)
        return self._become(post, outcome, posts.c.state == post.state, mine)

    def abandoned(self, campaign: str) -> Sequence[Post]:
        """Posts found in `sending` after their lease: whoever sent them did not come back."""
        return self._posts(
            announcements.c.campaign == campaign,
            posts.c.state == PostState.SENDING,
            posts.c.lease_until <= self._clock.now(),
        )

    def take_over(self, post: Post, outcome: Outcome) -> bool:
        """Write down what an abandoned post becomes, unless its sender did come back."""
        over = posts.c.lease_until <= self._clock.now()
        return self._become(post, outcome, posts.c.state == PostState.SENDING, over)

    def uncertain(self, campaign: str) -> Sequence[Post]:
        """Uncertain posts whose next look is due."""
        return self._posts(
            announcements.c.campaign == campaign,
            posts.c.state == PostState.UNCERTAIN,
            posts.c.next_try <= self._clock.now(),
        )

    def stale(self, campaign: str) -> Sequence[Post]:
        """Posts that wait and whose validity has ended; at its last instant it has not."""
        return self._posts(
            announcements.c.campaign == campaign,
            posts.c.state.in_((PostState.QUEUED, PostState.HELD)),
            posts.c.valid_until < self._clock.now(),
        )

    def attempts(self, post_id: int) -> list[Attempt]:
        """The ledger of one post, in the order in which it was written."""
        with self._reading() as connection:
            rows = connection.execute(
                select(attempts).where(attempts.c.post_id == post_id).order_by(attempts.c.id)
            )
            return [attempt_of(row) for row in rows]

    def owner_of(self, network: str, remote_id: str) -> Post | None:
        """The post that is known to be *remote_id* on *network*."""
        found = self._posts(posts.c.network == network, posts.c.remote_id == remote_id)
        return found[0] if found else None

    def next_wake_up(self, campaign: str) -> datetime | None:
        """When something of the queue will be due next: a post, a look, the end of a lease."""
        waiting = and_(
            posts.c.state == PostState.QUEUED,
            accounts.c.state == AccountState.READY,
            ~is_busy(),
            ITS_TURN,
            may_go(),
        )
        later = and_(waits(self._clock.now()), accounts.c.wait_until > posts.c.next_try)
        next_try = case((later, accounts.c.wait_until), else_=posts.c.next_try)
        with self._reading() as connection:
            row = connection.execute(
                select(
                    func.min(next_try).filter(waiting),
                    func.min(posts.c.next_try).filter(posts.c.state == PostState.UNCERTAIN),
                    func.min(posts.c.lease_until),
                    func.min(posts.c.valid_until).filter(
                        posts.c.state.in_((PostState.QUEUED, PostState.HELD))
                    ),
                )
                .select_from(posts)
                .join(announcements)
                .join(accounts, accounts.c.slug == posts.c.account)
                .outerjoin(before, IS_BEFORE)
                .where(
                    announcements.c.campaign == campaign,
                    posts.c.state.in_(
                        (PostState.QUEUED, PostState.HELD, PostState.SENDING, PostState.UNCERTAIN)
                    ),
                )
            ).one()
        return min((instant for instant in row if instant is not None), default=None)

    def accounts(self) -> list[AccountStatus]:
        with self._reading() as connection:
            rows = connection.execute(select(accounts).order_by(accounts.c.slug))
            return [account_of(row) for row in rows]

    def release_account(self, slug: str) -> None:
        """Let a held account publish again, and settle its notices. Raises RefusedCommand."""
        now = self._clock.now()
        with self._writing() as connection:
            state = connection.scalar(select(accounts.c.state).where(accounts.c.slug == slug))
            if state != AccountState.HELD:
                raise RefusedCommand(N_("The account {account} is not held."), account=slug)
            _set_account(connection, slug, AccountState.READY, None, now)
            settle(connection, f"account {slug}", now)

    def _become(self, post: Post, outcome: Outcome, *conditions: ColumnElement[bool]) -> bool:
        """Write down *outcome* if *post* is still at the same attempt, and meets *conditions*.

        Not if it was found to be what another post is: that only the network's answer can take.
        """
        with self._writing() as connection:
            published = outcome.published
            other = other_owner(connection, post, published.remote_id) if published else None
            if other is not None and outcome.is_found:
                return False
            written = connection.execute(
                update(posts)
                .where(posts.c.id == post.id, posts.c.attempts == post.attempts, *conditions)
                .values(**_values(outcome), sender=None, lease_until=None)
            )
            if written.rowcount == 0:
                return False
            _write_down(connection, post, outcome, self._clock.now())
            if other is not None:
                doubt(connection, other, post, self._clock.now())
            return True

    def _posts(self, *conditions: Any) -> Sequence[Post]:
        with self._reading() as connection:
            query = select_posts().where(*conditions).order_by(posts.c.next_try, posts.c.id)
            return [post_of(row) for row in connection.execute(query)]


def _is_senders(
    connection: Connection,
    post: Post,
    sender: str,
    now: datetime,
    *conditions: ColumnElement[bool],
) -> bool:
    return (
        connection.scalar(
            select(posts.c.id).where(
                posts.c.id == post.id,
                posts.c.state == PostState.SENDING,
                posts.c.sender == sender,
                posts.c.lease_until > now,
                *conditions,
            )
        )
        is not None
    )


def _values(outcome: Outcome) -> dict[str, Any]:
    values: dict[str, Any] = {
        "state": outcome.post,
        "next_try": outcome.next_try,
        "failures": outcome.failures,
        "looks": outcome.looks,
    }
    if outcome.published:
        values |= {
            "remote_id": outcome.published.remote_id,
            "url": outcome.published.url,
            "published_at": outcome.published.at,
            "read_back_at": outcome.read_back_at,
        }
    return values


def _write_down(connection: Connection, post: Post, outcome: Outcome, now: datetime) -> None:
    """What *outcome* changes beside the post: ledger, account, and what a person is told."""
    if outcome.attempt:
        _append_outcome(connection, post, outcome, outcome.attempt, now)
        if outcome.attempt in (AttemptState.REFUSED, AttemptState.NOT_SENT):
            give_back(connection, post)
    if outcome.hold_account:
        _set_account(connection, post.account, AccountState.HELD, outcome.cause, now)
    if outcome.wait_until:
        connection.execute(
            update(accounts)
            .where(accounts.c.slug == post.account)
            .values(wait_until=outcome.wait_until)
        )
    waits_again = (post.state, outcome.post) == (PostState.SENDING, PostState.QUEUED)
    if outcome.post != post.state and not waits_again:
        # What a person was told of it as it stood before is answered.
        settle(connection, f"post {post.id}", now)
    if outcome.post == PostState.FAILED:
        _hold_what_follows(connection, post, now)
    if outcome.notice:
        subject = f"account {post.account}" if outcome.hold_account else f"post {post.id}"
        notify(connection, subject, outcome.notice, now)


def _hold_what_follows(connection: Connection, post: Post, now: datetime) -> None:
    """What follows *post* in its thread would wait for it for ever: a person is told."""
    rows = connection.execute(
        update(posts)
        .where(posts.c.id.in_(after([post.id])), posts.c.state == PostState.QUEUED)
        .values(state=PostState.HELD)
        .returning(posts.c.id)
    )
    cause = Message(
        N_(
            "It follows post {id}, which did not go out. Send both again: pavois queue retry "
            "{name}; or cancel it."
        ),
        {"id": post.id, "name": post.announcement},
    )
    for row in rows.all():
        notify(connection, f"post {row.id}", cause, now)


def _append_outcome(
    connection: Connection, post: Post, outcome: Outcome, attempt: AttemptState, now: datetime
) -> None:
    _append(
        connection,
        post.id,
        post.attempts,
        attempt,
        now,
        post.account,
        request_id=outcome.request_id[:200],
        status=outcome.status,
        cause=kept_message(outcome.cause),
        remote_id=outcome.published.remote_id if outcome.published else "",
        repeats=outcome.repeats,
        act=outcome.act,
    )


def _append(
    connection: Connection,
    post_id: int,
    number: int,
    state: AttemptState,
    at: datetime,
    account: str,
    **details: Any,
) -> None:
    connection.execute(
        insert(attempts).values(
            post_id=post_id, number=number, state=state, at=at, account=account, **details
        )
    )


def _set_account(
    connection: Connection,
    slug: str,
    state: AccountState,
    cause: Message | None,
    now: datetime,
) -> None:
    connection.execute(
        update(accounts)
        .where(accounts.c.slug == slug)
        .values(state=state, cause=kept_message(cause), since=now)
    )
