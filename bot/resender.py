"""Sends once more what may be out and nobody can look for, where an account opted in.

What `bot.resend` decides is done here, before the settler asks a person of such a post. Claim →
write the call down → the call → write what happened: as the publisher does it, with the same lease
and the same last check.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.clock import Clock
from bot.db.claims import Begun, Call
from bot.db.store import Store
from bot.errors import NetworkError, PavoisError, Uncertain
from bot.last_check import last_check
from bot.model import RESEND, Campaign, Post, PostState, Published
from bot.networks.base import Finder, Network, Placer
from bot.outcome import Outcome, failed, put_off
from bot.publisher import LEASE, Lookups
from bot.resend import chance_of, in_doubt, named
from bot.senders import Senders
from bot.settler import told
from bot.wire import ALL_STOPPED, call, priced, sender_name
from bot.words import N_, Message

log = logging.getLogger(__name__)

_TOO_DEAR = Message(N_("This month's budget of its network does not allow it."))


@dataclass(frozen=True, slots=True)
class Resent:
    """What a sender comes back with: what the call came to, as it is for a post sent at first."""

    post: Post
    outcome: Outcome


class Resender:
    """Sends again, once, for the accounts of one campaign that opted in."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: Clock,
        lookups: Lookups,
        senders: Senders[Resent],
        lease: timedelta = LEASE,
    ) -> None:
        """*senders* make the calls."""
        self._campaign = campaign
        self._store = store
        self._clock = clock
        self._lookups = lookups
        self._senders = senders
        self._lease = lease
        self._sender = sender_name()

    def resend_due(
        self, stopping: Callable[[], bool] = lambda: False
    ) -> list[tuple[Post, PostState]]:
        """Send once more what may be; what was sent and what it became.

        *stopping* is asked between two posts. A fault of the store ends it, and is raised when what
        was in hand is written down as far as that can be.
        """
        done: list[tuple[Post, PostState]] = []
        fault: PavoisError | None = None
        waiting = self._waiting()
        while waiting or self._senders.busy:
            if fault or stopping():
                waiting.clear()
            try:
                while self._senders.free and (post := self._next(waiting)):
                    waiting.remove(post)
                    self._resend(post, done)
            except PavoisError as error:
                fault = error
            for resent in self._senders.finished() if self._senders.busy else ():
                try:
                    self._record(resent.post, resent.outcome, done)
                except PavoisError as error:
                    fault = fault or error
        if fault:
            raise fault
        return done

    def _waiting(self) -> list[Post]:
        """The uncertain posts of accounts that opted in."""
        limits_of = self._lookups.limits_of
        opted_in = {slug for slug in self._campaign.accounts if limits_of(slug).resend_within}
        if not opted_in:
            return []
        found = self._store.ledger.uncertain(self._campaign.slug)
        return [post for post in found if post.account in opted_in]

    def _next(self, waiting: list[Post]) -> Post | None:
        """The first of *waiting* whose account has no call under way: one may outlast its lease."""
        return next((post for post in waiting if post.account not in self._senders.busy), None)

    def _resend(self, post: Post, done: list[tuple[Post, PostState]]) -> None:
        """Have *post* sent once more, if that may be; if not, the settler asks a person of it."""
        now, began = self._clock.now(), self._clock.monotonic()
        limits, rules = self._lookups.limits_of(post.account), self._lookups.rules_of(post.network)
        lines = self._store.ledger.attempts(post.id)
        chance = chance_of(post, lines, limits.resend_within or timedelta(), now)
        if chance is None or last_check(post, self._campaign, rules, now):
            return
        try:
            network = self._lookups.network_of(post.account)
        except PavoisError:
            return  # the settler meets it as well, and tells it
        if isinstance(network, Finder) or not isinstance(network, Placer):
            return
        claim = self._store.resends.claim_again
        if claimed := claim(post, self._sender, self._lease, limits, chance.until):
            deadline = began + min(self._lease, chance.until - now).total_seconds()
            after = partial(self._after, chance.sent_at, network.address_of)
            job = partial(self._called, claimed, network, deadline, after)
            self._begin(priced(claimed, rules, limits, RESEND), job, done)

    def _begin(
        self,
        call: Call,
        job: Callable[[], Resent],
        done: list[tuple[Post, PostState]],
    ) -> None:
        """Write down that *call* is made now, and have *job* make it."""
        post = call.post
        [begun] = self._store.ledger.about_to_send([call], self._sender)
        match begun:
            case Begun.YES:
                self._senders.start(post.account, job)
            case Begun.STOPPED:
                self._record(post, put_off(ALL_STOPPED, post, self._clock.now()), done)
            case Begun.TOO_DEAR:
                self._record(post, put_off(_TOO_DEAR, post, self._clock.now()), done)
            case Begun.LOST:
                log.warning("post %s: taken over before it was sent once more", post.id)

    def _called(
        self,
        post: Post,
        network: Network,
        deadline: float,
        after: Callable[[NetworkError, Post], Outcome],
    ) -> Resent:
        """The one call that may publish, and what came of it."""
        return Resent(post, call(network, post, deadline, self._clock, after))

    def _after(
        self,
        sent_at: datetime,
        address_of: Callable[[str], str],
        error: NetworkError,
        post: Post,
    ) -> Outcome:
        """The call ended in *error*: what was sent at *sent_at* may be what the network names."""
        if isinstance(error, Uncertain) and (name := error.duplicate_of):
            first = Published(name, address_of(name), sent_at, error.request_id, error.status)
            return named(first)
        return failed(error, post, self._clock.now())

    def _record(self, post: Post, outcome: Outcome, done: list[tuple[Post, PostState]]) -> None:
        """Write down what came of it: that it is out, if that is certain, also when the post was
        given up meanwhile; else that it is uncertain as before."""
        record, doubt = self._store.ledger.record, in_doubt(outcome, post, self._clock.now())
        out = replace(outcome, act=RESEND)
        given_up = replace(post, state=PostState.UNCERTAIN)
        if outcome.published and (record(post, out, self._sender) or record(given_up, out)):
            done.append(told(post, out))
        elif record(post, doubt, self._sender):
            done.append(told(post, doubt))
        else:
            name = outcome.published.remote_id if outcome.published else ""
            log.warning("post %s: taken over while it was sent once more %s", post.id, name)
