"""Deliberate bugs, each in a place that the promise hangs on: the simulation must find them."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import Any

from bot.db.claims import Begun
from bot.errors import NetworkError, Uncertain
from bot.model import Post, PostState
from bot.outcome import Outcome, not_sent
from bot.publisher import Publisher, Sent, _InHand
from bot.settler import Settler
from bot.words import Message
from tests.simulation.run import Under


class SendsFirst(Publisher):
    """Makes the call, and writes down that it is made when it is over."""

    def _call(self, in_hand: _InHand, done: list[tuple[Post, PostState]]) -> None:
        self._senders.start(in_hand.post.account, partial(self._called, in_hand))

    def _go_on(self, sent: Sent, done: list[tuple[Post, PostState]]) -> None:
        self._store.ledger.about_to_send(sent.in_hand.post, self._sender)
        super()._go_on(sent, done)


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


class TrustsItself(NeverLate):
    """No fence at all: does not ask whether the post is still its own."""

    def _call(self, in_hand: _InHand, done: list[tuple[Post, PostState]]) -> None:
        if self._store.ledger.about_to_send(in_hand.post, self._sender) is not Begun.TOO_DEAR:
            self._senders.start(in_hand.post.account, partial(self._called, in_hand))


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
