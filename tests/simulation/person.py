"""The officer: looks at the networks, settles, releases, cancels, sends again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bot.changes import Change, changeable, shifted, steps
from bot.errors import RefusedCommand, StoreError
from bot.model import AccountState, AttemptState, PlannedPost, Post, PostState
from bot.settler import Settler
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


class Person:
    """Comes by now and then; the run is over when she finds that nothing moves any more."""

    def __init__(self, plan: Plan, store: Any, settler: Settler, world: World) -> None:
        self._plan = plan
        self._store = store
        self._settler = settler
        self._world = world

    def live(self) -> None:
        world, random = self._world, self._world.random
        while True:
            world.pause(random.choice((300.0, 2000.0, 4000.0, 10000.0)))
            with suppress(RefusedCommand, StoreError):
                posts = self._store.queue.posts(CAMPAIGN.slug)
                if world.seconds > self._plan.trouble_until:
                    if all(is_at_rest(post, posts) for post in posts):
                        world.is_over = True
                    self._help(posts)
                else:
                    self._meddle(posts, random)
                    self._help(posts)

    def _meddle(self, posts: list[Post], random: Random) -> None:
        """Cancel or send again, whatever it is at."""
        chance = random.random()
        post = random.choice(posts)
        if chance < 0.2:
            self._store.queue.cancel([post.id])
            self._world.faults["cancelled by a person"] += 1
        elif chance < 0.5:
            same = [
                one.id
                for one in posts
                if (one.announcement, one.account) == (post.announcement, post.account)
            ]
            self._store.queue.retry(same)
            self._world.wake_all()

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
        world, ledger = self._world, self._store.ledger
        sent = [line.at for line in ledger.attempts(post.id) if line.state == AttemptState.SENDING]
        if not sent or world.now() - sent[-1] < NOT_BEFORE:
            return
        for one in self._plan.truths[post.account].visible(post.text, world.seconds):
            if ledger.owner_of(post.network, one.remote_id) is None:
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
