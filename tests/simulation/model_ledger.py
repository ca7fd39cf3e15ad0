"""The ledger of the simulation's model of the store: as `bot.db.ledger.Ledger`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.db.claims import Begun, Call, Claimed
from bot.db.doubts import MISTAKEN
from bot.db.ledger import AN_INSTANT, has_ended
from bot.db.money import month_of
from bot.db.resends import IN_TURN_AFTER
from bot.errors import RefusedCommand
from bot.model import (
    RESEND,
    AccountState,
    AccountStatus,
    Attempt,
    AttemptState,
    Post,
    PostState,
)
from bot.outcome import Outcome
from bot.pace import DAY, LONGEST_WAIT, Limits, Sent, is_late, may_go_at
from bot.words import Message
from tests.simulation.model_tables import AccountRow, Part, Row

_WAITING = (PostState.QUEUED, PostState.HELD)


class ModelLedger(Part):
    """As `bot.db.ledger.Ledger`."""

    def claim(
        self,
        campaign: str,
        sender: str,
        lease: timedelta,
        limits_of: Callable[[str], Limits] = lambda _account: Limits(),
        *,
        busy: Collection[str] = (),
        most: int = 1,
        call_of: Callable[[Post], Call | None] = lambda _post: None,
    ) -> list[Claimed]:
        now = self._clock.now()
        claimed: list[Post] = []
        look_behind = True
        while look_behind and len(claimed) < most:
            look_behind = False
            for row in self._heads(campaign, now, busy):
                if len(claimed) == most:
                    break
                post = row.post
                limits = limits_of(post.account)
                at = may_go_at(post, self._sent(post, limits, now), limits, now)
                if at > now:
                    row.post = replace(post, next_try=at)
                    look_behind = True
                    continue
                row.post = replace(post, state=PostState.SENDING, attempts=post.attempts + 1)
                row.sender, row.lease_until = sender, now + lease
                self.append(row.post, AttemptState.PREPARED, now)
                claimed.append(self.whole(row.post))
        calls = {post.id: call for post in claimed if (call := call_of(post))}
        return [
            Claimed(post, self._begin(calls[post.id], now) if post.id in calls else None)
            for post in claimed
        ]

    def _heads(self, campaign: str, now: datetime, busy: Collection[str]) -> list[Row]:
        heads: dict[str, Row] = {}
        taken = {*busy, *self._in_hand()}
        for row in self._tables.rows.values():
            post = row.post
            if (
                post.state is PostState.QUEUED
                and post.next_try <= now
                and post.campaign == campaign
                and post.account not in taken
                and self._is_ready(post.account, now)
                and self._is_its_turn(post)
                and self.may_go(post)
                and (post.account not in heads or _order(row) < _order(heads[post.account]))
            ):
                heads[post.account] = row
        return sorted(heads.values(), key=_order)

    def _in_hand(self) -> set[str]:
        """The accounts of which somebody has a post in hand."""
        rows = self._tables.rows.values()
        return {row.post.account for row in rows if row.post.state is PostState.SENDING}

    def _is_ready(self, slug: str, now: datetime) -> bool:
        account = self._tables.accounts[slug]
        return account.state is AccountState.READY and not _waits(account, now)

    def _is_its_turn(self, post: Post) -> bool:
        if post.part == 0:
            return True
        before = self.before(post)
        return before is not None and before.state is PostState.PUBLISHED

    def _sent(self, post: Post, limits: Limits, now: datetime) -> Sent:
        account = post.account
        today: tuple[datetime, ...] = ()
        if limits.posts_a_day:
            today = tuple(
                sorted(
                    line.at
                    for lines in self._tables.attempts.values()
                    for line in lines
                    if line.account == account
                    and line.state is AttemptState.SENDING
                    and line.at > now - DAY
                    and line.cause is None
                )
            )
        sent_at = self._tables.accounts[account].sent_at
        return Sent(sent_at, today, self._late_at(post, limits, now))

    def _late_at(self, post: Post, limits: Limits, now: datetime) -> datetime | None:
        gap = limits.catch_up_gap
        if not gap or not is_late(post.due, now, limits):
            return None
        late = [
            line.at
            for number, lines in self._tables.attempts.items()
            for line in lines
            if line.account == post.account
            and line.state is AttemptState.SENDING
            and now - gap < line.at <= now + gap
            and line.cause is None
            and is_late(self._tables.rows[number].post.due, line.at, limits)
        ]
        return max(late, default=None)

    def renew(self, post: Post, sender: str, lease: timedelta) -> bool:
        if not self._is_senders(post, sender) or not self._is_free(post):
            return False
        self._tables.rows[post.id].lease_until = self._clock.now() + lease
        return True

    def about_to_send(self, calls: Sequence[Call], sender: str) -> list[Begun]:
        now = self._clock.now()
        return [
            Begun.LOST
            if not self._is_senders(call.post, sender)
            else self._begin(call, now)
            if self._is_free(call.post)
            else Begun.STOPPED
            for call in calls
        ]

    def _begin(self, call: Call, now: datetime) -> Begun:
        post = call.post
        if call.price:
            month = post.network, month_of(now)
            spent = self._tables.spending.get(month, 0)
            if call.budget is not None and spent + call.price > call.budget:
                return Begun.TOO_DEAR
            self._tables.spending[month] = spent + call.price
        self.append(post, AttemptState.SENDING, now, price=call.price, act=call.act)
        self._tables.accounts[post.account].sent_at = now
        return Begun.YES

    def _is_free(self, post: Post) -> bool:
        return self.may_go(self._tables.rows[post.id].post)

    def _is_senders(self, post: Post, sender: str) -> bool:
        row = self._tables.rows[post.id]
        return (
            row.post.state is PostState.SENDING
            and row.sender == sender
            and row.lease_until is not None
            and row.lease_until > self._clock.now()
        )

    def record_all(self, ended: Sequence[tuple[Post, Outcome]], sender: str = "") -> list[bool]:
        return [self.record(post, outcome, sender) for post, outcome in ended]

    def record(self, post: Post, outcome: Outcome, sender: str = "") -> bool:
        row = self._tables.rows[post.id]
        mine = row.sender == sender if sender else row.sender is None
        return self._become(post, outcome, mine and row.post.state == post.state)

    def take_over(self, post: Post, outcome: Outcome) -> bool:
        return self._become(post, outcome, self._is_abandoned(self._tables.rows[post.id]))

    def abandoned(self, campaign: str) -> Sequence[Post]:
        return self._posts(campaign, self._is_abandoned)

    def _is_abandoned(self, row: Row) -> bool:
        return (
            row.post.state is PostState.SENDING
            and row.lease_until is not None
            and has_ended(row.lease_until, self._clock.now())
        )

    def uncertain(self, campaign: str) -> Sequence[Post]:
        now = self._clock.now()
        return self._posts(
            campaign,
            lambda row: row.post.state is PostState.UNCERTAIN and row.post.next_try <= now,
        )

    def stale(self, campaign: str) -> Sequence[Post]:
        now = self._clock.now()
        return self._posts(
            campaign,
            lambda row: (
                row.post.state in _WAITING
                and row.post.valid_until is not None
                and row.post.valid_until < now
            ),
        )

    def _posts(self, campaign: str, chosen: Callable[[Row], bool]) -> list[Post]:
        rows = [
            row
            for row in self._tables.rows.values()
            if chosen(row) and row.post.campaign == campaign
        ]
        rows.sort(key=lambda row: (row.post.next_try, row.post.id))
        return [self.whole(row.post) for row in rows]

    def attempts(self, post_id: int) -> list[Attempt]:
        return list(self._tables.attempts[post_id])

    def owner_of(self, network: str, remote_id: str) -> Post | None:
        found = [
            self.whole(row.post)
            for row in self._tables.rows.values()
            if (row.post.network, row.post.remote_id) == (network, remote_id)
        ]
        return min(found, key=lambda post: (post.next_try, post.id), default=None)

    def next_call(self, campaign: str) -> datetime | None:
        now, in_hand = self._clock.now(), self._in_hand()
        return min(self._calls(campaign, in_hand, now), default=None)

    def _calls(self, campaign: str, in_hand: set[str], now: datetime) -> Iterator[datetime]:
        for row in self._tables.rows.values():
            post, account = row.post, self._tables.accounts[row.post.account]
            if (
                post.campaign == campaign
                and post.state is PostState.QUEUED
                and account.state is AccountState.READY
                and post.account not in in_hand
                and self._is_its_turn(post)
                and self.may_go(post)
            ):
                waits = account.wait_until if _waits(account, now) else None
                yield max(waits, post.next_try) if waits else post.next_try

    def next_look(self, campaign: str) -> datetime | None:
        rows = self._tables.rows.values()
        of_it = [row for row in rows if row.post.campaign == campaign]
        return min((instant for row in of_it for instant in _looks(row)), default=None)

    def accounts(self) -> list[AccountStatus]:
        return [
            AccountStatus(slug, row.state, row.cause, row.since)
            for slug, row in sorted(self._tables.accounts.items())
        ]

    def release_account(self, slug: str) -> None:
        account = self._tables.accounts.get(slug)
        if account is None or account.state is not AccountState.HELD:
            raise RefusedCommand("The account {account} is not held.", account=slug)
        account.state, account.cause = AccountState.READY, None
        account.since = self._clock.now()
        self.settled(f"account {slug}")

    def _become(self, post: Post, outcome: Outcome, condition: bool) -> bool:
        row = self._tables.rows[post.id]
        if not condition or row.post.attempts != post.attempts:
            return False
        found = outcome.published
        other = self._other_owner(post, found.remote_id) if found else None
        if other and outcome.is_found:
            return False
        row.post = replace(
            row.post,
            state=outcome.post,
            next_try=outcome.next_try,
            failures=outcome.failures,
            looks=outcome.looks,
            remote_id=found.remote_id if found else row.post.remote_id,
            url=found.url if found else row.post.url,
            published_at=found.at if found else row.post.published_at,
        )
        row.sender = row.lease_until = None
        self._write_down(post, outcome)
        if other:
            self._doubt(other, post)
        return True

    def _other_owner(self, post: Post, remote_id: str) -> Row | None:
        for row in self._tables.rows.values():
            one = row.post
            if (one.network, one.remote_id) == (post.network, remote_id) and one.id != post.id:
                return row
        return None

    def _doubt(self, row: Row, owner: Post) -> None:
        if row.post.state is not PostState.PUBLISHED:
            return
        now, cause = self._clock.now(), Message(MISTAKEN, {"id": owner.id})
        lines = self._tables.attempts[row.post.id]
        sent = [line.at for line in lines if line.state is AttemptState.SENDING]
        row.post = replace(
            row.post,
            state=PostState.UNCERTAIN,
            remote_id="",
            url="",
            published_at=None,
            next_try=now,
            looks=0,
            attempts=row.post.attempts + 1,
        )
        self.append(row.post, AttemptState.SENDING, min(sent, default=now), cause=cause)
        self.append(row.post, AttemptState.UNCERTAIN, now, cause=cause)

    def _write_down(self, post: Post, outcome: Outcome) -> None:
        now, account = self._clock.now(), self._tables.accounts[post.account]
        if outcome.attempt:
            self._append_outcome(post, outcome, outcome.attempt, now)
        if outcome.hold_account:
            account.state, account.cause, account.since = AccountState.HELD, outcome.cause, now
        if outcome.wait_until:
            account.wait_until = outcome.wait_until
        waits_again = (post.state, outcome.post) == (PostState.SENDING, PostState.QUEUED)
        if outcome.post != post.state and not waits_again:
            self.settled(f"post {post.id}")
        if outcome.post is PostState.FAILED:
            self._hold_what_follows(post)
        if outcome.notice:
            subject = f"account {post.account}" if outcome.hold_account else f"post {post.id}"
            self.notify_of(subject, outcome.notice)

    def _hold_what_follows(self, post: Post) -> None:
        for one in sorted(self.after([post.id])):
            row = self._tables.rows[one]
            if row.post.state is PostState.QUEUED:
                row.post = replace(row.post, state=PostState.HELD)
                self.notify_of(f"post {one}", Message("It follows a post that did not go out."))

    def _append_outcome(
        self, post: Post, outcome: Outcome, state: AttemptState, now: datetime
    ) -> None:
        self.append(
            post,
            state,
            now,
            outcome.request_id,
            outcome.status,
            outcome.cause,
            outcome.published.remote_id if outcome.published else "",
            repeats=outcome.repeats,
            act=outcome.act,
        )
        if state not in (AttemptState.REFUSED, AttemptState.NOT_SENT):
            return
        for line in self._tables.attempts[post.id]:
            if line.number == post.attempts and line.state is AttemptState.SENDING and line.price:
                self._tables.spending[post.network, month_of(line.at)] -= line.price


class ModelWaits(Part):
    """As `bot.db.waits.Waits`."""

    def put_right(self) -> int:
        now = self._clock.now()
        found = [row for row in self._tables.rows.values() if self._is_untrue(row.post, now)]
        for row in found:
            look = row.post.state is PostState.UNCERTAIN
            row.post = replace(row.post, next_try=now if look else max(now, row.post.due))
        return len(found)

    def _is_untrue(self, post: Post, now: datetime) -> bool:
        if post.next_try <= now + LONGEST_WAIT:
            return False
        if post.state is PostState.UNCERTAIN:
            return True
        return (
            post.state is PostState.QUEUED
            and post.next_try > post.due
            and any(
                line.account == post.account and line.at > now
                for lines in self._tables.attempts.values()
                for line in lines
            )
        )


class ModelResends(ModelLedger):
    """As `bot.db.resends.Resends`, over what the ledger knows."""

    def claim_again(
        self, post: Post, sender: str, lease: timedelta, limits: Limits, until: datetime
    ) -> Post | None:
        now, row = self._clock.now(), self._tables.rows[post.id]
        account = self._tables.accounts[post.account]
        if (
            row.post.state is not PostState.UNCERTAIN
            or row.post.attempts != post.attempts
            or account.state is not AccountState.READY
            or not self.may_go(row.post)
        ):
            return None
        at = may_go_at(row.post, self._sent(post, limits, now), limits, now)
        if account.wait_until and _waits(account, now):
            at = max(at, account.wait_until)
        if post.account in self._in_hand():
            at = max(at, now + IN_TURN_AFTER)
        if at > now:
            if at < until:
                row.post = replace(row.post, next_try=at)
            return None
        row.post = replace(row.post, state=PostState.SENDING, attempts=post.attempts + 1)
        row.sender, row.lease_until = sender, now + lease
        self.append(row.post, AttemptState.PREPARED, now, act=RESEND)
        return self.whole(row.post)


def _looks(row: Row) -> Iterator[datetime]:
    post = row.post
    if post.state is PostState.UNCERTAIN:
        yield post.next_try
    if row.lease_until is not None:
        yield row.lease_until
    if post.valid_until is not None and post.state in _WAITING:
        yield post.valid_until + AN_INSTANT


def _order(row: Row) -> tuple[datetime, datetime, int]:
    return (row.post.next_try, row.post.due, row.post.id)


def _waits(account: AccountRow, now: datetime) -> bool:
    until = account.wait_until
    return until is not None and now < until <= now + LONGEST_WAIT
