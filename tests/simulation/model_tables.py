"""The tables of the simulation's model of the store, and what its parts share."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from bot.clock import Clock
from bot.model import (
    PUBLISH,
    AccountState,
    Attempt,
    AttemptState,
    Notice,
    Post,
    PostState,
    Stopped,
)
from bot.words import Message

_ENDED = (PostState.FAILED, PostState.EXPIRED)


@dataclass(slots=True)
class Row:
    """A post, who is sending it, and until when."""

    post: Post
    sender: str | None = None
    lease_until: datetime | None = None


@dataclass(slots=True)
class AccountRow:
    """The state of an account, and when it may send again."""

    state: AccountState
    since: datetime
    cause: Message | None = None
    wait_until: datetime | None = None
    sent_at: datetime | None = None


@dataclass(slots=True)
class Tables:
    """All that the model remembers."""

    rows: dict[int, Row] = field(default_factory=dict)
    accounts: dict[str, AccountRow] = field(default_factory=dict)
    attempts: dict[int, list[Attempt]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    spending: dict[tuple[str, str], int] = field(default_factory=dict)
    stopped: Stopped | None = None

    def copied(self) -> Tables:
        """As they stand now; the values in them never change."""
        return Tables(
            {number: replace(row) for number, row in self.rows.items()},
            {slug: replace(row) for slug, row in self.accounts.items()},
            {number: list(lines) for number, lines in self.attempts.items()},
            list(self.notices),
            dict(self.spending),
            self.stopped,
        )

    def become(self, copy: Tables) -> None:
        """Hold what *copy* holds."""
        for one in fields(Tables):
            setattr(self, one.name, getattr(copy.copied(), one.name))


class Part:
    """What the parts of the model share."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def before(self, post: Post) -> Post | None:
        """The post before *post* in its thread."""
        if post.part == 0:
            return None
        return next(
            (
                one
                for one in self._thread(post)
                if one.part == post.part - 1 and one.state != PostState.CANCELLED
            ),
            None,
        )

    def after(self, ids: Collection[int]) -> set[int]:
        """The posts that follow one of *ids* in its thread."""
        posts = [self._tables.rows[one].post for one in ids if one in self._tables.rows]
        return {one.id for post in posts for one in self._thread(post) if one.part > post.part}

    def follows_what_ended(self, post: Post, sent_again: Collection[int] = ()) -> bool:
        """Whether *post* would wait for ever for one before it in its thread."""
        return any(
            one.part < post.part and one.state in _ENDED and one.id not in sent_again
            for one in self._thread(post)
        )

    def _thread(self, post: Post) -> Iterator[Post]:
        for row in self._tables.rows.values():
            one = row.post
            if (one.announcement, one.account, one.language) == (
                post.announcement,
                post.account,
                post.language,
            ):
                yield one

    def whole(self, post: Post) -> Post:
        """*post*, and the name of the one before."""
        before = self.before(post)
        return replace(post, reply_to=before.remote_id) if before else post

    def may_go(self, post: Post) -> bool:
        """Whether *post* may go on its way: everything may, or a person released it."""
        stopped, released_at = self._tables.stopped, post.released_at
        return stopped is None or (released_at is not None and released_at >= stopped.since)

    def released_now(self) -> datetime | None:
        """What `released_at` becomes when a person says that a post is to go."""
        return None if self._tables.stopped else self._clock.now()

    def notify_of(self, subject: str, message: Message) -> None:
        """A notice about *subject*, unless the same stands there unsettled."""
        notices = self._tables.notices
        if not any(
            one.subject == subject and one.settled_at is None and one.message == message
            for one in notices
        ):
            notices.append(Notice(len(notices) + 1, self._clock.now(), subject, message))

    def settled(self, subject: str) -> None:
        """The notices about *subject* have been dealt with."""
        for place, one in enumerate(self._tables.notices):
            if one.subject == subject and one.settled_at is None:
                self._tables.notices[place] = replace(one, settled_at=self._clock.now())

    def append(
        self,
        post: Post,
        state: AttemptState,
        at: datetime,
        request_id: str = "",
        status: int | None = None,
        cause: Message | None = None,
        remote_id: str = "",
        *,
        price: int | None = None,
        repeats: bool = False,
        act: str = PUBLISH,
    ) -> None:
        """A line of the ledger."""
        self._tables.attempts[post.id].append(
            Attempt(
                post.id,
                post.attempts,
                state,
                at,
                post.account,
                request_id,
                status,
                cause,
                remote_id,
                price,
                repeats,
                act,
            )
        )
