"""The store as a handful of dicts: what `bot.publisher` and `bot.settler` use of it, and quick.

`tests/test_model_store.py` holds it against the real one, step by step.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from bot.changes import CHANGEABLE, Change, has_begun
from bot.clock import Clock
from bot.db.brake import Waiting
from bot.db.queue import CANCELLABLE, RETRIABLE
from bot.db.recovery import Recovered, in_utc
from bot.errors import RefusedCommand
from bot.lateness import Verdict, verdicts, why_asked
from bot.model import (
    STOP,
    AccountState,
    Announcement,
    AttemptState,
    Campaign,
    Notice,
    PlannedPost,
    Post,
    PostState,
    Stopped,
)
from bot.outcome import VISIBLE_WITHIN
from bot.words import Message
from tests.simulation.model_ledger import ModelLedger, ModelResends, ModelWaits
from tests.simulation.model_tables import AccountRow, Part, Row, Tables

#: Those that may still go on their way, and those that a person can release.
_UNFINISHED = (PostState.QUEUED, PostState.SENDING, PostState.HELD, PostState.UNCERTAIN)
_RELEASABLE = (PostState.QUEUED, PostState.HELD)
#: What a restored copy has to look for.
_IN_DOUBT = (PostState.QUEUED, PostState.SENDING, PostState.UNCERTAIN)
_RESTORED = "Restored from the backup of {at}: looked for before anything is sent."


class ModelStore:
    """Parts over the same tables, as `bot.db.store.Store` has them."""

    def __init__(self, clock: Clock) -> None:
        self._tables = tables = Tables()
        self.brake = ModelBrake(tables, clock)
        self.recovery = ModelRecovery(tables, clock)
        self.journal = ModelJournal(tables, clock)
        self.queue = ModelQueue(tables, clock)
        self.ledger = ModelLedger(tables, clock)
        self.resends = ModelResends(tables, clock)
        self.waits = ModelWaits(tables, clock)

    def copied(self) -> Tables:
        """A backup."""
        return self._tables.copied()

    def become(self, copy: Tables) -> None:
        """Put a backup in the place of what is there."""
        self._tables.become(copy)


class ModelJournal(Part):
    """As `bot.db.journal.Journal`."""

    def notices(self) -> list[Notice]:
        return [one for one in self._tables.notices if one.settled_at is None]

    def notify(self, subject: str, message: Message) -> None:
        self.notify_of(subject, message)

    def settle(self, subject: str) -> None:
        self.settled(subject)


class ModelQueue(Part):
    """As `bot.db.queue.Queue`."""

    def add(
        self, batches: Iterable[tuple[Announcement, Iterable[PlannedPost]]]
    ) -> list[tuple[int, ...]]:
        return [
            tuple(self._add(announcement, one) for one in planned)
            for announcement, planned in batches
        ]

    def _add(self, announcement: Announcement, planned: PlannedPost) -> int:
        number = len(self._tables.rows) + 1
        self._tables.accounts.setdefault(
            planned.account, AccountRow(AccountState.READY, self._clock.now())
        )
        post = Post(
            id=number,
            campaign=announcement.campaign,
            announcement=announcement.slug,
            kind=announcement.kind,
            partners=announcement.partners,
            account=planned.account,
            network=planned.network,
            language=planned.language,
            text=planned.text,
            due=planned.due,
            valid_until=planned.valid_until,
            state=PostState.QUEUED,
            next_try=planned.due,
            attached=planned.attached,
            part=planned.part,
        )
        self._tables.rows[number] = Row(post)
        self._tables.attempts[number] = []
        return number

    def posts(self, campaign: str, *, states: Collection[PostState] = ()) -> list[Post]:
        found = [
            self.whole(row.post)
            for row in self._tables.rows.values()
            if row.post.campaign == campaign and (not states or row.post.state in states)
        ]
        return sorted(found, key=lambda post: (post.due, post.id))

    def post(self, post_id: int) -> Post:
        return self.whole(self._tables.rows[post_id].post)

    def left_behind(self, campaign: str) -> list[Post]:
        now = self._clock.now()
        return [
            row.post
            for row in self._tables.rows.values()
            if row.post.campaign == campaign
            and row.post.state is PostState.QUEUED
            and row.post.part > 0
            and row.post.next_try <= now
            and self._is_left_behind(row.post)
        ]

    def _is_left_behind(self, post: Post) -> bool:
        before = self.before(post)
        return before is None or before.state in (
            PostState.FAILED,
            PostState.EXPIRED,
            PostState.DELETED,
        )

    def cancel(self, ids: Collection[int]) -> tuple[int, ...]:
        cancelled = []
        for one in sorted({*ids, *self.after(ids)}):
            row = self._tables.rows[one]
            if row.post.state in CANCELLABLE:
                row.post = replace(row.post, state=PostState.CANCELLED)
                self.settled(f"post {one}")
                cancelled.append(one)
        return tuple(cancelled)

    def retry(self, ids: Collection[int]) -> tuple[int, ...]:
        now = self._clock.now()
        retried = []
        may = [one for one in ids if not self.follows_what_ended(self._tables.rows[one].post, ids)]
        for one in sorted(may):
            row = self._tables.rows[one]
            post = row.post
            again = post.state in RETRIABLE or (
                post.state == PostState.QUEUED and post.attempts > 0
            )
            if again and (post.valid_until is None or post.valid_until >= now):
                row.post = replace(
                    post,
                    state=PostState.QUEUED,
                    next_try=now,
                    failures=0,
                    released_at=self.released_now(),
                )
                self.settled(f"post {one}")
                retried.append(one)
        for one in self.after(retried):
            row = self._tables.rows[one]
            if row.post.state is PostState.QUEUED:
                row.post = replace(row.post, released_at=self.released_now())
        return tuple(retried)

    def of(self, campaign: str, slug: str) -> list[Post]:
        return [post for post in self.posts(campaign) if post.announcement == slug]

    def change(self, change: Change) -> None:
        """Of posts that are there: it queues no new ones."""
        present = {
            post.id: post
            for post in self.of(change.campaign, change.slug)
            if post.state is not PostState.CANCELLED
        }
        shown = [step.before for step in change.steps if step.before]
        differ = [present.get(post.id) for post in shown if present.get(post.id) != post]
        if begun := [post for post in differ if post and post.state not in CHANGEABLE]:
            raise has_begun(change.slug, begun)
        if differ or present.keys() != change.seen:
            raise RefusedCommand(
                "{slug} changed while you were looking. Nothing was written: look again.",
                slug=change.slug,
            )
        for step in change.changed:
            assert step.before
            self._replace(self._tables.rows[step.before.id], step.after)

    def _replace(self, row: Row, planned: PlannedPost | None) -> None:
        if planned is None:
            row.post = replace(row.post, state=PostState.CANCELLED)
        else:
            row.post = replace(
                row.post,
                state=PostState.QUEUED,
                failures=0,
                looks=0,
                released_at=self.released_now(),
                text=planned.text,
                attached=planned.attached,
                due=planned.due,
                next_try=planned.due,
                valid_until=planned.valid_until,
            )
        self.settled(f"post {row.post.id}")


class ModelBrake(Part):
    """As `bot.db.brake.Brake`."""

    def state(self) -> Stopped | None:
        return self._tables.stopped

    def stop(self, reason: str, by: str) -> None:
        now, known = self._clock.now(), self._tables.stopped
        since = known.since if known else now
        reasons = [*(known.reason.split(" · ") if known else ()), reason]
        reason = " · ".join(filter(None, dict.fromkeys(reasons)))
        self._tables.stopped = Stopped(reason, since)
        for row in self._tables.rows.values():
            released_at = row.post.released_at
            if row.post.state in _UNFINISHED and released_at and released_at >= since:
                row.post = replace(row.post, released_at=None)
        self.settled(STOP)
        self.notify_of(STOP, Message("All sending is stopped: {reason}", {"reason": reason}))

    def release_all(self, campaign: Campaign) -> Waiting:
        self._require_stopped()
        now = self._clock.now()
        queued = [
            self.whole(row.post)
            for row in self._tables.rows.values()
            if row.post.state is PostState.QUEUED and row.post.campaign == campaign.slug
        ]
        queued.sort(key=lambda post: (post.next_try, post.id))
        judged = verdicts(queued, campaign, now)
        go, ask, drop = (
            tuple(post for post in queued if judged.get(post.id) is one)
            for one in (Verdict.GO, Verdict.ASK, Verdict.DROP)
        )
        self._tables.stopped = None
        self.settled(STOP)
        for post in drop:
            self._set(post, PostState.EXPIRED)
            self.settled(f"post {post.id}")
        for post in ask:
            self._set(post, PostState.HELD)
            self.notify_of(f"post {post.id}", why_asked(post, campaign))
        return Waiting(go, ask, drop, len(queued) - len(judged))

    def release(self, ids: Collection[int]) -> tuple[int, ...]:
        since, now = self._require_stopped().since, self._clock.now()
        released = []
        for one in sorted({*ids, *self.after(ids)}):
            row = self._tables.rows[one]
            until = row.post.valid_until
            may = row.post.state in _RELEASABLE and not self.follows_what_ended(row.post)
            if may and (until is None or until >= now):
                at = max(now, since)
                row.post = replace(row.post, state=PostState.QUEUED, released_at=at)
                self.settled(f"post {one}")
                released.append(one)
        return tuple(released)

    def _require_stopped(self) -> Stopped:
        if self._tables.stopped is None:
            raise RefusedCommand("Nothing is stopped.")
        return self._tables.stopped

    def _set(self, post: Post, state: PostState) -> None:
        row = self._tables.rows[post.id]
        row.post = replace(row.post, state=state)


class ModelRecovery(Part):
    """As `bot.db.recovery.Recovery`."""

    def recover(
        self, _name: str, made_at: datetime, can_be_looked_at: Collection[str]
    ) -> Recovered:
        now = self._clock.now()
        made_at = min(made_at, now)
        rows = list(self._tables.rows.values())
        held = [row for row in rows if row.post.state is PostState.HELD]
        lost = unseen = 0
        for row in rows:
            if row.post.state not in _IN_DOUBT:
                continue
            if row.post.account in can_be_looked_at:
                lost += 1
                self._doubt(row, made_at, now, now + VISIBLE_WITHIN)
            elif row.post.state is PostState.SENDING or (
                row.post.state is PostState.QUEUED and row.post.due <= now
            ):
                unseen += 1
                self._doubt(row, made_at, now, now)
                self.notify_of(f"post {row.post.id}", Message("It may be out: look yourself."))
        for row in held:
            self.notify_of(f"post {row.post.id}", Message("It was held.", {"at": f"{made_at}"}))
        self.notify_of("restore", Message("Restored.", {"at": f"{made_at}"}))
        return Recovered(lost, unseen, len(held))

    def _doubt(self, row: Row, made_at: datetime, now: datetime, next_try: datetime) -> None:
        """Look for it before anything else; it may have been sent since *made_at*."""
        post = row.post
        row.post = doubted = replace(
            post,
            state=PostState.UNCERTAIN,
            next_try=next_try,
            looks=0,
            attempts=post.attempts + (post.state is PostState.QUEUED),
        )
        row.sender = row.lease_until = None
        if post.state is PostState.UNCERTAIN:
            return
        cause = Message(_RESTORED, {"at": in_utc(made_at)})
        lines = self._tables.attempts[post.id]
        if (doubted.attempts, AttemptState.SENDING) not in [
            (one.number, one.state) for one in lines
        ]:
            self.append(doubted, AttemptState.SENDING, made_at, cause=cause)
        self.append(doubted, AttemptState.UNCERTAIN, now, cause=cause)
