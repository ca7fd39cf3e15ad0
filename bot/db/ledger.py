"""Sending: claims, the ledger of attempts, what came of them, and the state of accounts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, or_, select, update

from bot.db.claims import Begun, Call, Claim, Claimed, begin, mine, next_due, take_heads
from bot.db.journal import settle
from bot.db.outcomes import Ended, set_account, write_down
from bot.db.part import Part
from bot.db.rows import account_of, attempt_of, post_of, select_posts
from bot.db.tables import UtcDateTime, accounts, announcements, attempts, posts
from bot.errors import RefusedCommand
from bot.model import AccountState, AccountStatus, Attempt, Post, PostState
from bot.outcome import Outcome
from bot.pace import LONGEST_WAIT, Limits
from bot.words import N_

#: Posts whose validity may end.
WAITING = (PostState.QUEUED, PostState.HELD)
AN_INSTANT = timedelta(microseconds=1)


def has_ended(lease_until: datetime, now: datetime) -> bool:
    """Whether the lease is over; one too long to be true, taken by a clock that was wrong, is."""
    return not now < lease_until <= now + LONGEST_WAIT


def _not_yet(_post: Post) -> None:
    return None


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
        call_of: Callable[[Post], Call | None] = _not_yet,
    ) -> list[Claimed]:
        """The next due posts of ready accounts, one each, *sender*'s alone until the lease ends.

        Their attempts are written down as prepared; where *call_of* gives the call that is made
        at once, as sending too. An account of which somebody has a post in hand (*busy* names
        *sender*'s own) is left alone; a post that goes too soon after another is put off. At most
        *most*, oldest first.
        """
        now = self._clock.now()
        claim = Claim(campaign, sender, now + lease, limits_of, busy, most)
        with self._writing(in_turn=False) as connection:
            taken = take_heads(connection, claim, now)
            calls = [call for post in taken if (call := call_of(post))]
            begun = begin(connection, calls, now)
        return [Claimed(post, begun.get(post.id)) for post in taken]

    def renew(self, post: Post, sender: str, lease: timedelta) -> bool:
        """Lengthen *sender*'s lease. False if the post is not *sender*'s any more, or all is
        stopped."""
        now = self._clock.now()
        with self._writing() as connection:
            if not mine(connection, [post], sender, now).get(post.id):
                return False
            connection.execute(
                update(posts).where(posts.c.id == post.id).values(lease_until=now + lease)
            )
            return True

    def about_to_send(self, calls: Sequence[Call], sender: str) -> list[Begun]:
        """Write down that each of *calls* is made now, if its post is still *sender*'s, nobody has
        stopped everything, and its budget has room for it."""
        now = self._clock.now()
        with self._writing() as connection:
            may_go = mine(connection, [call.post for call in calls], sender, now)
            begun = begin(connection, [one for one in calls if may_go.get(one.post.id)], now)
        stopped = dict.fromkeys(may_go, Begun.STOPPED)
        return [(stopped | begun).get(call.post.id, Begun.LOST) for call in calls]

    def record(self, post: Post, outcome: Outcome, sender: str = "") -> bool:
        """Write down *outcome*: ledger, post, account and notice together.

        With *sender*, only if the post is still that sender's; without, only if it is still in
        the state in which it was read. False if it was not.
        """
        return self.record_all([(post, outcome)], sender)[0]

    def record_all(self, ended: Sequence[Ended], sender: str = "") -> list[bool]:
        """The same for several posts, all or none; for each whether it was written down."""

        def is_still(post: Post, row: Row[Any]) -> bool:
            return bool(row.state == post.state and row.sender == (sender or None))

        with self._writing() as connection:
            return write_down(connection, ended, is_still, self._clock.now())

    def abandoned(self, campaign: str) -> Sequence[Post]:
        """Posts found in `sending` after their lease: whoever sent them did not come back."""
        now = self._clock.now()
        far = now + LONGEST_WAIT
        return self._found(_ABANDONED, campaign=campaign, now=now, far=far)

    def take_over(self, post: Post, outcome: Outcome) -> bool:
        """Write down what an abandoned post becomes, unless its sender did come back."""
        now = self._clock.now()

        def is_still(_post: Post, row: Row[Any]) -> bool:
            return bool(row.state == PostState.SENDING and has_ended(row.lease_until, now))

        with self._writing() as connection:
            return write_down(connection, [(post, outcome)], is_still, now)[0]

    def uncertain(self, campaign: str) -> Sequence[Post]:
        """Uncertain posts whose next look is due."""
        return self._found(_UNCERTAIN, campaign=campaign, now=self._clock.now())

    def stale(self, campaign: str) -> Sequence[Post]:
        """Posts that wait and whose validity has ended; at its last instant it has not."""
        return self._found(_STALE, campaign=campaign, now=self._clock.now())

    def attempts(self, post_id: int) -> list[Attempt]:
        """The ledger of one post, in the order in which it was written."""
        with self._reading() as connection:
            rows = connection.execute(
                select(attempts).where(attempts.c.post_id == post_id).order_by(attempts.c.id)
            )
            return [attempt_of(row) for row in rows]

    def owner_of(self, network: str, remote_id: str) -> Post | None:
        """The post that is known to be *remote_id* on *network*."""
        found = self._found(_OWNED, network=network, remote_id=remote_id)
        return found[0] if found else None

    def next_call(self, campaign: str) -> datetime | None:
        """When the next post can be claimed."""
        with self._reading() as connection:
            return next_due(connection, campaign, self._clock.now())

    def next_look(self, campaign: str) -> datetime | None:
        """When a look will be due next, or a lease or a validity ends."""
        with self._reading() as connection:
            moments = [
                _first(connection, campaign, posts.c.next_try, PostState.UNCERTAIN),
                _first(connection, campaign, posts.c.lease_until, PostState.SENDING),
            ]
            ends = [_first(connection, campaign, posts.c.valid_until, one) for one in WAITING]
        # At the last instant of its validity a post is true.
        moments += [end + AN_INSTANT for end in ends if end]
        return min((moment for moment in moments if moment is not None), default=None)

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
            set_account(connection, slug, AccountState.READY, None, now)
            settle(connection, f"account {slug}", now)

    def _found(self, query: Select[Any], **values: Any) -> Sequence[Post]:
        with self._reading() as connection:
            return [post_of(row) for row in connection.execute(query, values)]


def _first(
    connection: Connection, campaign: str, column: ColumnElement[datetime | None], state: PostState
) -> datetime | None:
    """The earliest *column* of the posts of *campaign* in *state*."""
    first: datetime | None = connection.scalar(
        _first_of(column), {"campaign": campaign, "in_state": state}
    )
    return first


@cache
def _first_of(column: ColumnElement[datetime | None]) -> Select[Any]:
    return (
        select(column)
        .join_from(posts, announcements)
        .where(posts.c.state == bindparam("in_state"), _OF_IT, column.is_not(None))
        .order_by(column)
        .limit(1)
    )


# What is asked at every wake-up, put together once.


def _posts(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select_posts().where(*conditions).order_by(posts.c.next_try, posts.c.id)


_OF_IT = announcements.c.campaign == bindparam("campaign")
_NOW = bindparam("now", type_=UtcDateTime)
_ABANDONED = _posts(
    _OF_IT,
    posts.c.state == PostState.SENDING,
    or_(posts.c.lease_until <= _NOW, posts.c.lease_until > bindparam("far", type_=UtcDateTime)),
)
_UNCERTAIN = _posts(_OF_IT, posts.c.state == PostState.UNCERTAIN, posts.c.next_try <= _NOW)
_STALE = _posts(_OF_IT, posts.c.state.in_(WAITING), posts.c.valid_until < _NOW)
_OWNED = _posts(
    posts.c.network == bindparam("network"), posts.c.remote_id == bindparam("remote_id")
)
