"""What a run did that its ledger does not tell: watched while it is done, call by call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.changes import Change
from bot.db.brake import Waiting
from bot.db.claims import Begun, Claimed
from bot.model import Post, PostState
from bot.outcome import BETWEEN_LOOKS, VISIBLE_WITHIN
from tests.simulation.network import Shown, Sort
from tests.simulation.plan import CAMPAIGN, Plan
from tests.simulation.world import World


@dataclass(frozen=True, slots=True)
class Call:
    """When the ledger was told of a call, in seconds, and the place in its thread of its post."""

    at: float
    part: int


class History:
    """`wrong` is what was done that must not be; `forgotten` the posts of which the backup that was
    put back did not know that a person had changed them or sent them again; `calls` what the store
    knows of, by account."""

    def __init__(self, plan: Plan, world: World) -> None:
        self._plan = plan
        self._world = world
        self.wrong: list[str] = []
        self.forgotten: set[int] = set()
        self.calls: defaultdict[str, list[Call]] = defaultdict(list)
        #: What she saw dropped when she let all go on.
        self.shown_as_dropped: set[int] = set()
        self.restored_at: float | None = None
        self._touched: set[int] = set()
        self._asked_for: set[int] = set()
        #: None: nothing is stopped; else the posts that may go all the same.
        self._released: set[int] | None = None
        self._watches: dict[str, Callable[[Any, Any], None]] = {
            "claim": self._claimed,
            "about_to_send": self._about_to_send,
            "retry": self._retried,
            "change": self._changed,
            "stop": self._stopped,
            "release": self._let_go,
            "release_all": self._resumed,
        }

    def watch(self, name: str, values: Any, result: Any) -> None:
        """Told of every call of the store, in the moment in which it is done."""
        if look := self._watches.get(name):
            look(values, result)

    def backed_up(self) -> None:
        self._touched.clear()

    def restored(self, store: Any) -> None:
        """*store* holds the backup."""
        self.restored_at = self._world.seconds
        self.forgotten |= self._touched | self._sent_before_their_hour(store)
        self.calls.clear()
        stopped = store.brake.state()
        self._released = stopped and {
            post.id
            for post in store.queue.posts(CAMPAIGN.slug)
            if post.released_at and post.released_at >= stopped.since
        }

    def _sent_before_their_hour(self, store: Any) -> set[int]:
        """Posts that a clock set ahead has sent, on networks that show nothing: to the restored
        *store* their hour is still to come, so that it has no reason to ask a person of them."""
        if self.had_right_clocks:
            return set()
        out = {one.post_id for truth in self._plan.truths.values() for one in truth.shown}
        return {
            post.id
            for post in store.queue.posts(CAMPAIGN.slug, states=(PostState.QUEUED,))
            if post.id in out and self._plan.truths[post.account].sort is Sort.BLIND
        }

    @property
    def had_right_clocks(self) -> bool:
        return not self._world.wrong_clocks

    def is_within_promise(self, shown: Shown) -> bool:
        """Whether a post reached its network, and could be read back, within the time promised.

        That time is measured by the machines' clocks: while one is set wrong, it is known only that
        looks lie apart.
        """
        took = shown.visible_at - shown.asked_at
        was_wrong = self._world.was_wrong(shown.asked_at, shown.visible_at)
        most = BETWEEN_LOOKS if was_wrong else VISIBLE_WITHIN
        return took <= most.total_seconds()

    def _claimed(self, _values: Any, claimed: list[Claimed]) -> None:
        for one in claimed:
            self._call_begun(one.post, one.begun)

    def _about_to_send(self, values: Any, begun: list[Begun]) -> None:
        for call, answer in zip(values[0], begun, strict=True):
            self._call_begun(call.post, answer)

    def _call_begun(self, post: Post, begun: Begun | None) -> None:
        if begun is not Begun.YES:
            return
        self.calls[post.account].append(Call(self._world.seconds, post.part))
        if self._released is not None and post.id not in self._released:
            self.wrong.append(f"post {post.id} was sent while all was stopped")
        is_early = post.due > self._world.now() and post.id not in self._asked_for
        if is_early and self.had_right_clocks:
            self.wrong.append(f"post {post.id} was sent before it was due")

    def _retried(self, _values: Any, ids: tuple[int, ...]) -> None:
        self._asked_for.update(ids)
        self._touched.update(ids)

    def _changed(self, values: Any, _nothing: None) -> None:
        change: Change = values[0]
        self._touched.update(
            step.before.id
            for step in change.changed
            if step.before and not self._is_found_where_moved(step.before, step.after)
        )

    def _is_found_where_moved(self, before: Post, after: Any) -> bool:
        """A restore looks for what waited, whenever it is due, under the text that it knows."""
        return (
            before.state is PostState.QUEUED
            and after.text == before.text
            and self._plan.truths[before.account].sort is not Sort.BLIND
        )

    def _stopped(self, _values: Any, _nothing: None) -> None:
        self._released = set()

    def _let_go(self, _values: Any, ids: tuple[int, ...]) -> None:
        self._touched.update(ids)
        if self._released is not None:
            self._released.update(ids)

    def _resumed(self, _values: Any, waiting: Waiting) -> None:
        self._released = None
        self.shown_as_dropped.update(post.id for post in waiting.drop)
