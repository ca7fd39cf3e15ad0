"""The officer: looks at the networks, settles, releases; cancels, changes, stops, sends again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bot.changes import Change, changeable, shifted, steps
from bot.errors import RefusedCommand, StoreError
from bot.model import AccountState, PlannedPost, Post, PostState
from bot.settler import Settler
from tests.simulation.keeper import Keeper
from tests.simulation.network import Sort
from tests.simulation.plan import CAMPAIGN, Plan
from tests.simulation.world import World

#: She does not look for what was sent only now: it may be on its way.
NOT_BEFORE = timedelta(minutes=25)
#: What can be over; besides it there is only what waits for a person, or for one that does.
FINAL = (
    PostState.PUBLISHED,
    PostState.FAILED,
    PostState.CANCELLED,
    PostState.EXPIRED,
    PostState.HELD,
)


#: What she does, as it is counted.
CANCELLED = "cancelled by a person"
AGAIN = "sent again by a person"
REWORDED = "reworded by a person"
MOVED = "moved by a person"
TOO_LATE = "changed too late: refused"
STOPPED = "all stopped"
RELEASED = "released while all is stopped"
RESUMED = "all resumed"
ACTS = (CANCELLED, AGAIN, REWORDED, MOVED, TOO_LATE, STOPPED, RELEASED, RESUMED)


class Person:
    """Comes by now and then; the run is over when she finds that nothing moves any more."""

    def __init__(
        self, plan: Plan, store: Any, settler: Settler, world: World, keeper: Keeper
    ) -> None:
        self._plan = plan
        self._store = store
        self._settler = settler
        self._world = world
        self._keeper = keeper
        #: When she first saw a post in doubt at that attempt.
        self._in_doubt_since: dict[tuple[int, int], float] = {}

    def live(self) -> None:
        world, random = self._world, self._world.random
        while True:
            world.pause(random.choice((300.0, 2000.0, 4000.0, 10000.0)))
            with suppress(RefusedCommand, StoreError):
                self._keeper.come_by()
                posts = self._store.queue.posts(CAMPAIGN.slug)
                if world.seconds > self._plan.trouble_until:
                    self._resume()
                    if self._keeper.is_done and all(is_at_rest(post, posts) for post in posts):
                        world.is_over = True
                elif random.random() < 0.8:
                    self._meddle(posts, random)
                self._help(posts)

    def _meddle(self, posts: list[Post], random: Random) -> None:
        """Change something, whatever it is at."""
        post = random.choice(posts)
        acts = (self._cancel, self._retry, self._reword, self._move, self._brake)
        random.choice(acts)(post, posts)
        self._world.wake_all()

    def _cancel(self, post: Post, _posts: list[Post]) -> None:
        self._store.queue.cancel([post.id])
        self._world.faults[CANCELLED] += 1

    def _retry(self, post: Post, posts: list[Post]) -> None:
        thread = [
            one
            for one in posts
            if (one.announcement, one.account) == (post.announcement, post.account)
        ]
        if self._world.random.random() < 0.3:
            thread = [post]
        if self._may_send(thread):
            self._store.queue.retry([one.id for one in thread])
            self._world.faults[AGAIN] += 1

    def _reword(self, post: Post, _posts: list[Post]) -> None:
        self._change(post, None, REWORDED)

    def _move(self, post: Post, _posts: list[Post]) -> None:
        minutes = self._world.random.choice((0, 5, 120))
        self._change(post, self._world.now() + timedelta(minutes=minutes), MOVED)

    def _change(self, post: Post, at: datetime | None, what: str) -> None:
        """Another text or hour for the announcement of *post*, as she saw it a while ago."""
        queue, world = self._store.queue, self._world
        shown = queue.of(CAMPAIGN.slug, post.announcement)
        world.pause(world.random.choice((0.0, 20.0, 120.0)))
        change = change_of(post.announcement, shown, at)
        if change is None or not self._may_send(shown):
            return
        try:
            queue.change(change)
        except RefusedCommand:
            world.faults[TOO_LATE] += 1
            raise
        world.faults[what] += 1

    def _brake(self, post: Post, _posts: list[Post]) -> None:
        """Stop everything; what is stopped, let go on: one post, or all."""
        brake, faults = self._store.brake, self._world.faults
        if brake.state() is None:
            brake.stop("fire", "she")
            faults[STOPPED] += 1
        elif self._world.random.random() < 0.7 and self._may_send([post]):
            brake.release([post.id])
            faults[RELEASED] += 1
        else:
            self._resume()

    def _resume(self) -> None:
        if self._store.brake.state() is not None:
            self._store.brake.release_all(CAMPAIGN)
            self._world.faults[RESUMED] += 1
            self._world.wake_all()

    def _may_send(self, posts: Sequence[Post]) -> bool:
        """After a restore she looks first at what failed or is held, as the notice tells her."""
        restored_at = self._keeper.restored_at
        if restored_at is None or all(post.state is PostState.QUEUED for post in posts):
            return True
        if self._world.seconds - restored_at < NOT_BEFORE.total_seconds():
            return False  # what was on its way may not show yet
        return not any(map(self._copies_of_nobody, posts))

    def _copies_of_nobody(self, post: Post) -> list[str]:
        """What is out with the text of *post*, and is no post's that the store knows."""
        shown = self._plan.truths[post.account].visible(post.text, self._world.seconds)
        names = [one.remote_id for one in shown]
        owner_of = self._store.ledger.owner_of
        return [name for name in names if owner_of(post.network, name) is None]

    def _help(self, posts: list[Post]) -> None:
        for account in self._store.ledger.accounts():
            if account.state == AccountState.HELD:
                self._store.ledger.release_account(account.account)
                self._world.wake_all()
        for post in posts:
            truth = self._plan.truths[post.account]
            if post.state == PostState.UNCERTAIN and truth.sort is Sort.BLIND:
                self._settle(post)

    def _settle(self, post: Post) -> None:
        """Say what became of a post that only she can look for."""
        world = self._world
        since = self._in_doubt_since.setdefault((post.id, post.attempts), world.seconds)
        if world.seconds - max(since, self._keeper.restored_at or 0.0) < NOT_BEFORE.total_seconds():
            return
        for one in self._plan.truths[post.account].visible(post.text, world.seconds):
            if self._store.ledger.owner_of(post.network, one.remote_id) is None:
                if world.seconds - one.at < NOT_BEFORE.total_seconds():
                    return  # perhaps it is its twin's, whose answer is on the way
                self._settler.settle_by_hand(post, "", one.remote_id)
                return
        self._settler.settle_by_hand(post, "", "")
        world.wake_all()


def is_at_rest(post: Post, posts: list[Post]) -> bool:
    """Whether nothing more happens to *post* by itself."""
    if post.state in FINAL:
        return True
    if post.state != PostState.QUEUED:
        return False
    return any(
        one.state == PostState.HELD or (one.state == PostState.QUEUED and is_at_rest(one, posts))
        for one in posts
        if (one.announcement, one.account) == (post.announcement, post.account)
        and one.part == post.part - 1
    )


def change_of(slug: str, posts: Sequence[Post], at: datetime | None) -> Change | None:
    """What she wants of *posts*, those of the announcement *slug*: that they are due *at*, or
    (None) say something else. None when all has begun."""
    alive = [post for post in posts if post.state != PostState.CANCELLED]
    left = changeable(slug, alive, remaining=True)
    if not left:
        return None
    planned = shifted(left, at) if at else tuple(map(_reworded, left))
    seen = frozenset(post.id for post in alive)
    return Change(slug, CAMPAIGN.slug, None, seen, steps(left, planned))


def _reworded(post: Post) -> PlannedPost:
    return PlannedPost(
        post.account,
        post.network,
        post.language,
        f"{post.text}'",
        post.due,
        post.valid_until,
        post.attached,
        post.part,
    )
