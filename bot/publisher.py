"""Publishes what is due (DESIGN §7).

Claim → send files ahead → write the call down, commit → *only the call is inside `try`* → write
what happened, commit. What becomes of a post is decided in `bot.outcome`; here it is done. The
calls are made by `bot.senders`, each account's one after the other; one thread writes to the store.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import BinaryIO

from bot.attached import Media
from bot.clock import Clock
from bot.compose.rules import Rules
from bot.db.claims import Begun, Call
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
from bot.last_check import last_check
from bot.model import Campaign, Post, PostState
from bot.networks.base import Network, Uploader
from bot.outcome import Outcome, blocked, failed, held, not_sent, put_off, repetition_of
from bot.pace import Limits
from bot.senders import Senders
from bot.settler import told
from bot.wire import ALL_STOPPED, call, priced, sender_name
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

    @property
    def uploader(self) -> Uploader | None:
        """The network, if files of the post have to be there before it."""
        if isinstance(self.network, Uploader) and self.post.attached.files:
            return self.network
        return None


@dataclass(frozen=True, slots=True)
class Sent:
    """What a sender comes back with: files that are up (`outcome` None), or what became of a post.

    `fault` is one that is no business of the post's: it goes to the caller.
    """

    in_hand: _InHand
    outcome: Outcome | None = None
    is_lost: bool = False
    fault: PavoisError | None = None


#: What may become of a post whose sender is silent for too long.
_GIVEN_UP = (
    PostState.UNCERTAIN,
    PostState.QUEUED,
    PostState.HELD,
    PostState.FAILED,
    PostState.EXPIRED,
)


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
                again = fault is None
                while again and self._senders.free and not stopping():
                    again = self._claim(stopping, done)
            except PavoisError as error:
                fault = error
            if not self._senders.busy:
                break
            try:
                self._go_on(self._senders.finished(), done)
            except PavoisError as error:
                fault = fault or error
        if fault:
            raise fault
        return done

    def _claim(self, stopping: Callable[[], bool], done: list[tuple[Post, PostState]]) -> bool:
        """Claim posts for the senders that are free, and start on them; whether there may be more:
        where a post did not come to a call, its account is free again."""
        deadline = self._clock.monotonic() + self._lease.total_seconds()
        plans: dict[int, _InHand | Outcome] = {}

        def call_of(post: Post) -> Call | None:
            plan = plans[post.id] = self._plan(post, deadline)
            if isinstance(plan, Outcome) or plan.uploader:
                return None
            return self._priced(post)

        claimed = self._store.ledger.claim(
            self._campaign.slug,
            self._sender,
            self._lease,
            self._limits_of,
            busy=self._senders.busy,
            most=self._senders.free,
            call_of=call_of,
        )
        ended: list[tuple[Post, Outcome]] = []
        for one in claimed:
            plan = plans[one.post.id]
            if isinstance(plan, Outcome):
                ended.append((one.post, plan))
            elif one.begun:
                ended += self._start(plan, one.begun)
            elif plan.uploader:
                upload = partial(self._upload, plan.uploader, plan, stopping)
                self._senders.start(one.post.account, upload)
        self._record(ended, done)
        return bool(ended)

    def _plan(self, post: Post, deadline: float) -> _InHand | Outcome:
        """*post* and its network, or what becomes of it instead of a call."""
        try:
            if outcome := self._before_sending(post):
                return outcome
            return _InHand(post, self._network_of(post.account), deadline)
        except PavoisError as error:
            return self._not_begun(error, post)
        except Exception:
            log.exception("post %s: a fault of Pavois itself", post.id)
            return not_sent(OWN_FAULT, post, self._clock.now())

    def _go_on(self, finished: Sequence[Sent], done: list[tuple[Post, PostState]]) -> None:
        """The next step of each post that a sender comes back with."""
        ended: list[tuple[Post, Outcome]] = []
        ready: list[_InHand] = []
        faults: list[PavoisError] = []
        for sent in finished:
            post = sent.in_hand.post
            if sent.fault:
                faults.append(sent.fault)
            elif sent.is_lost:
                log.warning("post %s: taken over before it was sent", post.id)
            elif outcome := sent.outcome:
                ended.append((post, outcome))
            # Files take their time: what was true before may be so no more.
            elif late := self._before_sending(post):
                ended.append((post, late))
            else:
                ready.append(sent.in_hand)
        try:
            ended += self._call(ready)
        finally:
            self._record(ended, done)
        if faults:
            raise faults[0]

    def _call(self, ready: Sequence[_InHand]) -> list[tuple[Post, Outcome]]:
        """Write down that the calls are made now, and have them made; what became of the rest."""
        if not ready:
            return []
        calls = [self._priced(one.post) for one in ready]
        begun = self._store.ledger.about_to_send(calls, self._sender)
        return [
            ended
            for in_hand, answer in zip(ready, begun, strict=True)
            for ended in self._start(in_hand, answer)
        ]

    def _start(self, in_hand: _InHand, begun: Begun) -> list[tuple[Post, Outcome]]:
        """Have the call made if it was *begun*; else what becomes of the post."""
        post = in_hand.post
        match begun:
            case Begun.YES:
                self._senders.start(post.account, partial(self._called, in_hand))
            case Begun.TOO_DEAR:
                return [(post, held(_TOO_DEAR, self._clock.now()))]
            case Begun.STOPPED:
                return [(post, put_off(ALL_STOPPED, post, self._clock.now()))]
            case Begun.LOST:
                log.warning("post %s: taken over before it was sent", post.id)
        return []

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

    def _record(
        self, ended: Sequence[tuple[Post, Outcome]], done: list[tuple[Post, PostState]]
    ) -> None:
        """Write down what came of posts: together, or each alone when that fails, so that one
        that cannot be written takes no other along. Two in a row that fail are enough."""
        if not ended:
            return
        try:
            written = self._store.ledger.record_all(ended, self._sender)
        except PavoisError:
            if len(ended) == 1:
                raise
            self._record_each(ended, done)
            return
        for (post, outcome), is_written in zip(ended, written, strict=True):
            if is_written or self._is_out_all_the_same(post, outcome):
                done.append(told(post, outcome))
            else:
                out = outcome.published.remote_id if outcome.published else ""
                log.warning("post %s: taken over while it was being sent %s", post.id, out)

    def _record_each(
        self, ended: Sequence[tuple[Post, Outcome]], done: list[tuple[Post, PostState]]
    ) -> None:
        faults: list[PavoisError] = []
        for one in ended:
            try:
                self._record([one], done)
            except PavoisError as error:
                faults.append(error)
                if len(faults) == 2:
                    break
        if faults:
            raise faults[0]

    def _is_out_all_the_same(self, post: Post, outcome: Outcome) -> bool:
        """That it is out is true whoever knows it: it is written even if the post was given up
        meanwhile (a call that outlasted the lease), as long as it was not sent again."""
        record = self._store.ledger.record
        return outcome.published is not None and any(
            record(replace(post, state=state), outcome) for state in _GIVEN_UP
        )

    def _priced(self, post: Post) -> Call:
        return priced(post, self._rules_of(post.network), self._limits_of(post.account))

    def _before_sending(self, post: Post) -> Outcome | None:
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
