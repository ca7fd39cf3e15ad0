"""Publishes what is due (DESIGN §7).

Claim → send files ahead → write the call down, commit → *only the call is inside `try`* → write
what happened, commit. What becomes of a post is decided in `bot.outcome`; here it is done. The
calls are made by `bot.senders`, each account's one after the other; one thread writes to the store.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO

from bot.attached import Media
from bot.clock import Clock
from bot.compose.rules import Rules
from bot.db.claims import Begun
from bot.db.store import Store
from bot.errors import (
    OWN_FAULT,
    ConfigError,
    MediaError,
    NetworkError,
    NotReady,
    PavoisError,
    Uncertain,
)
from bot.model import Campaign, Post, PostState
from bot.networks.base import Network, Uploader
from bot.outcome import Outcome, blocked, failed, held, not_sent, put_off, repetition_of
from bot.pace import Limits
from bot.senders import Senders
from bot.settler import told
from bot.wire import ALL_STOPPED, call, last_check, price_of, sender_name
from bot.words import N_, Message

log = logging.getLogger(__name__)

#: How long a sender may be silent before somebody else looks what became of its post: longer than
#: any call may take (the session's time-outs, which tests/test_publisher_files.py adds up).
LEASE = timedelta(minutes=5)

_STOPPED = Message(N_("Pavois was stopped before it went out."))
_TOO_DEAR = Message(
    N_(
        "It would go beyond this month's budget of its network. Raise the budget in config.toml, "
        "then: pavois queue retry; or cancel it."
    )
)


class _EndedError(Exception):
    """It does not come to the call: *outcome* says why; None: somebody else has the post by now."""

    def __init__(self, outcome: Outcome | None) -> None:
        super().__init__()
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class _InHand:
    """A claimed post, its account's network, and until when the claim surely holds (monotonic)."""

    post: Post
    network: Network
    deadline: float


@dataclass(frozen=True, slots=True)
class Sent:
    """What a sender comes back with: files that are up (`outcome` None), or what became of a post.

    `fault` is one that is no business of the post's: it goes to the caller.
    """

    in_hand: _InHand
    outcome: Outcome | None = None
    is_lost: bool = False
    fault: PavoisError | None = None


def _no_limits(_account: str) -> Limits:
    return Limits()


@dataclass(frozen=True, slots=True)
class Lookups:
    """What a publisher asks for by name: the connected network of an account, the rules of a
    network, the bytes of a file (MediaError when they are not there), what an account may do."""

    network_of: Callable[[str], Network]
    rules_of: Callable[[str], Rules]
    opened: Callable[[Media], BinaryIO]
    limits_of: Callable[[str], Limits] = _no_limits


class Publisher:
    """Sends the posts of one campaign, each once."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: Clock,
        lookups: Lookups,
        senders: Senders[Sent],
        lease: timedelta = LEASE,
    ) -> None:
        """*senders* make the calls."""
        self._campaign = campaign
        self._store = store
        self._clock = clock
        self._network_of = lookups.network_of
        self._rules_of = lookups.rules_of
        self._opened = lookups.opened
        self._limits_of = lookups.limits_of
        self._senders = senders
        self._lease = lease
        #: When to call `publish_due` again for a file that a network is still at work on.
        self.look_again_at: datetime | None = None
        self._sender = sender_name()

    def publish_due(
        self, stopping: Callable[[], bool] = lambda: False
    ) -> list[tuple[Post, PostState]]:
        """Send everything that is due, oldest first; what was sent and what it became.

        What falls due meanwhile is sent too. *stopping* is asked between two posts, and while files
        go up: True ends it after the calls in hand. A fault of the store ends it likewise, and is
        raised when what was in hand is written down as far as that can be.
        """
        self.look_again_at = None
        done: list[tuple[Post, PostState]] = []
        fault: PavoisError | None = None
        while True:
            try:
                while fault is None and self._senders.free and not stopping():
                    if not self._claim(stopping, done):
                        break
            except PavoisError as error:
                fault = error
            if not self._senders.busy:
                break
            for sent in self._senders.finished():
                try:
                    self._go_on(sent, done)
                except PavoisError as error:
                    fault = fault or error
        if fault:
            raise fault
        return done

    def _claim(self, stopping: Callable[[], bool], done: list[tuple[Post, PostState]]) -> bool:
        """Claim posts for the senders that are free, and start on them; whether there were any."""
        deadline = self._clock.monotonic() + self._lease.total_seconds()
        claimed = self._store.ledger.claim(
            self._campaign.slug,
            self._sender,
            self._lease,
            self._limits_of,
            busy=self._senders.busy,
            most=self._senders.free,
        )
        for post in claimed:
            outcome = self._before_sending(post)
            if outcome is None:
                outcome = self._start(post, deadline, stopping, done)
            if outcome:
                self._record(post, outcome, done)
        return bool(claimed)

    def _start(
        self,
        post: Post,
        deadline: float,
        stopping: Callable[[], bool],
        done: list[tuple[Post, PostState]],
    ) -> Outcome | None:
        """Let a sender begin with *post*; the outcome, if it does not come to that."""
        try:
            network = self._network_of(post.account)
        except PavoisError as error:
            return self._not_begun(error, post)
        except Exception:
            log.exception("post %s: a fault of Pavois itself", post.id)
            return not_sent(OWN_FAULT, post, self._clock.now())
        in_hand = _InHand(post, network, deadline)
        if isinstance(network, Uploader) and post.attached.files:
            self._senders.start(post.account, partial(self._upload, network, in_hand, stopping))
        else:
            self._call(in_hand, done)
        return None

    def _go_on(self, sent: Sent, done: list[tuple[Post, PostState]]) -> None:
        """The next step of a post that a sender comes back with."""
        post = sent.in_hand.post
        if sent.fault:
            raise sent.fault
        if sent.is_lost:
            log.warning("post %s: taken over before it was sent", post.id)
        elif sent.outcome:
            self._record(post, sent.outcome, done)
        # Files take their time: what was true before may be so no more.
        elif late := self._before_sending(post):
            self._record(post, late, done)
        else:
            self._call(sent.in_hand, done)

    def _call(self, in_hand: _InHand, done: list[tuple[Post, PostState]]) -> None:
        """Write down that the call is made now, and have it made."""
        post = in_hand.post
        begun = self._store.ledger.about_to_send(
            post, self._sender, price=self._price(post), budget=self._limits_of(post.account).budget
        )
        if begun is Begun.YES:
            self._senders.start(post.account, partial(self._called, in_hand))
        elif begun is Begun.TOO_DEAR:
            self._record(post, held(_TOO_DEAR, self._clock.now()), done)
        elif begun is Begun.STOPPED:
            self._record(post, put_off(ALL_STOPPED, post, self._clock.now()), done)
        else:
            log.warning("post %s: taken over before it was sent", post.id)

    def _called(self, in_hand: _InHand) -> Sent:
        """The one call that may publish, and what came of it."""
        post, network = in_hand.post, in_hand.network
        return Sent(in_hand, call(network, post, in_hand.deadline, self._clock, self._after))

    def _upload(self, network: Uploader, in_hand: _InHand, stopping: Callable[[], bool]) -> Sent:
        """Send the files of a post ahead, its lease lengthened meanwhile."""
        post = in_hand.post
        deadline = in_hand.deadline

        def alive() -> None:
            nonlocal deadline
            if stopping():
                raise _EndedError(put_off(_STOPPED, post, self._clock.now()))
            begun = self._clock.monotonic()
            if not self._store.ledger.renew(post, self._sender, self._lease):
                raise _EndedError(None)
            deadline = begun + self._lease.total_seconds()

        try:
            network.upload(post, self._opened, alive)
        except _EndedError as ended:
            return Sent(in_hand, ended.outcome, is_lost=ended.outcome is None)
        except PavoisError as error:
            try:
                return Sent(in_hand, self._not_begun(error, post))
            except PavoisError as fault:
                return Sent(in_hand, fault=fault)
        except Exception:
            log.exception("post %s: a fault of Pavois itself", post.id)
            return Sent(in_hand, not_sent(OWN_FAULT, post, self._clock.now()))
        return Sent(replace(in_hand, deadline=deadline))

    def _record(self, post: Post, outcome: Outcome, done: list[tuple[Post, PostState]]) -> None:
        """Write down what came of a post, unless somebody else has it by now.

        That it is out is true whoever knows it: it is written even if the post was given up for
        uncertain meanwhile (a call that outlasted the lease), as long as it was not sent again.
        """
        written = self._store.ledger.record(post, outcome, self._sender)
        if not written and outcome.published:
            given_up = replace(post, state=PostState.UNCERTAIN)
            written = self._store.ledger.record(given_up, outcome)
        if written:
            done.append(told(post, outcome))
        else:
            out = outcome.published.remote_id if outcome.published else ""
            log.warning("post %s: taken over while it was being sent %s", post.id, out)

    def _price(self, post: Post) -> int | None:
        """What publishing *post* costs, in millionths of a dollar; None: nothing."""
        return price_of(post, self._rules_of(post.network))

    def _before_sending(self, post: Post) -> Outcome | None:
        """The last check: what is stale or lacks its mark does not leave."""
        return last_check(post, self._campaign, self._rules_of(post.network), self._clock.now())

    def _not_begun(self, error: PavoisError, post: Post) -> Outcome:
        """What *post* becomes when it failed before the call was made."""
        now = self._clock.now()
        if isinstance(error, NotReady):
            self.look_again_at = error.retry_at
        if isinstance(error, NetworkError):
            return failed(error, post, now)
        if isinstance(error, ConfigError):
            return blocked(error.message, post, now)
        if isinstance(error, MediaError):
            return held(error.message, now)
        raise error

    def _after(self, error: NetworkError, post: Post) -> Outcome:
        now = self._clock.now()
        if isinstance(error, Uncertain) and error.duplicate_of:
            try:
                owner = self._store.ledger.owner_of(post.network, error.duplicate_of)
            except PavoisError:
                owner = None  # a sender must not raise: whose it is, a look will tell
            if owner and owner.id != post.id:
                refused = repetition_of(owner, now)
                return replace(refused, status=error.status, request_id=error.request_id)
        return failed(error, post, now)
