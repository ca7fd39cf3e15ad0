"""Deliberate bugs, each in a place that the promise hangs on: the simulation must find them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from bot.db.claims import Begun, Call
from bot.errors import NetworkError, Uncertain
from bot.model import Post, PostState
from bot.outcome import Outcome, not_sent
from bot.publisher import Publisher, Sent, _InHand
from bot.settler import Settler
from bot.words import Message
from tests.simulation.run import Under


class InTwoSteps(Publisher):
    """Claims, and only then says that the calls are made."""

    def _claim(self, stopping: Callable[[], bool], done: list[tuple[Post, PostState]]) -> bool:
        ledger, busy, free = self._store.ledger, self._senders.busy, self._senders.free
        deadline = self._clock.monotonic() + self._lease.total_seconds()
        claimed = ledger.claim(
            self._campaign.slug, self._sender, self._lease, self._limits_of, busy=busy, most=free
        )
        ready: list[_InHand] = []
        for one in claimed:
            plan = self._plan(one.post, deadline)
            if isinstance(plan, Outcome):
                self._record([(one.post, plan)], done)
            elif plan.uploader:
                upload = partial(self._upload, plan.uploader, plan, stopping)
                self._senders.start(one.post.account, upload)
            else:
                ready.append(plan)
        self._call(ready)
        return False


class SendsFirst(InTwoSteps):
    """Makes the call, and writes down that it is made when it is over."""

    def _call(self, ready: Sequence[_InHand]) -> list[tuple[Post, Outcome]]:
        for in_hand in ready:
            self._senders.start(in_hand.post.account, partial(self._called, in_hand))
        return []

    def _go_on(self, finished: Sequence[Sent], done: list[tuple[Post, PostState]]) -> None:
        calls = [Call(sent.in_hand.post) for sent in finished if sent.outcome]
        self._store.ledger.about_to_send(calls, self._sender)
        super()._go_on(finished, done)


class SendsAgain(Publisher):
    """Takes what is uncertain for not sent."""

    def _after(self, error: NetworkError, post: Post) -> Outcome:
        if isinstance(error, Uncertain):
            return not_sent(error.message, post, self._clock.now())
        return super()._after(error, post)


class NeverLate(Publisher):
    """Does not look at the time before it makes the call."""

    def _called(self, in_hand: _InHand) -> Sent:
        return super()._called(replace(in_hand, deadline=math.inf))


class TrustsItself(InTwoSteps, NeverLate):
    """No fence at all: does not ask whether the post is still its own."""

    def _call(self, ready: Sequence[_InHand]) -> list[tuple[Post, Outcome]]:
        begun = self._store.ledger.about_to_send([Call(one.post) for one in ready], self._sender)
        for in_hand, answer in zip(ready, begun, strict=True):
            if answer is not Begun.TOO_DEAR:
                self._start(in_hand, Begun.YES)
        return []


class TakesForNotSent(Settler):
    """Takes a post whose sender did not come back for not sent."""

    def _abandoned(self, post: Post) -> Outcome:
        return not_sent(Message("It did not come back."), post, self._clock.now())


def _puts_back_as_it_is(store: Any) -> None:
    """A backup is put back, and nobody asks what went out since."""
    store.recovery.recover = lambda *_of_the_backup: None


def _does_not_stop(store: Any) -> None:
    """What sends does not ask whether all is stopped."""
    store.ledger.may_go = lambda _post: True


BUGS = {
    "sends before the attempt is committed": Under(publisher=SendsFirst),
    "sends again what is uncertain": Under(publisher=SendsAgain),
    "no look at the time before the wire": Under(publisher=NeverLate),
    "no fence": Under(publisher=TrustsItself),
    "an abandoned post is taken for not sent": Under(settler=TakesForNotSent),
    "a backup is put back as it is": Under(spoiled=_puts_back_as_it_is),
}
DOES_NOT_STOP = Under(spoiled=_does_not_stop)
