"""Publishes what is due and settles what is uncertain (DESIGN §7).

Claim → write the attempt, commit → *only the call is inside `try`* → write what happened, commit.
What becomes of a post is decided in `bot.outcome`; here it is done.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.compose.marks import mark_faults
from bot.compose.rules import Rules
from bot.db.store import Store
from bot.errors import ConfigError, NetworkError, NotSent, RefusedCommand, Uncertain
from bot.model import Attempt, AttemptState, Campaign, Post, PostState, Published
from bot.networks.base import Finder, Network
from bot.outcome import Outcome, accepted, failed, is_stale, not_found, not_sent, uncertain
from bot.words import N_, Message

log = logging.getLogger(__name__)

#: How long a sender may be silent before somebody else looks what became of its post: longer than
#: any call may take (the session's time-outs).
LEASE = timedelta(minutes=3)
#: How far back a network looks for a repetition (X: "hours to about a day", reference/x.md §2.5).
REPEATED_WITHIN = timedelta(days=1)


class Publisher:
    """Sends the posts of one campaign, each once."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: Clock,
        network_of: Callable[[str], Network],
        rules_of: Callable[[str], Rules],
    ) -> None:
        """*network_of* gives the connected network of an account, *rules_of* a network's rules."""
        self._campaign = campaign
        self._store = store
        self._clock = clock
        self._network_of = network_of
        self._rules_of = rules_of
        self._sender = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    def publish_due(
        self, stopping: Callable[[], bool] = lambda: False
    ) -> list[tuple[Post, PostState]]:
        """Send everything that is due, oldest first; what was sent and what it became.

        *stopping* is asked between two posts: True ends it after the call in hand.
        """
        done: list[tuple[Post, PostState]] = []
        while not stopping():
            post = self._store.ledger.claim(self._campaign.slug, self._sender, LEASE)
            if post is None:
                break
            outcome = self._before_sending(post) or self._send(post)
            if outcome and self._store.ledger.record(post, outcome, self._sender):
                self._tell(post, outcome)
                done.append((post, outcome.post))
        return done

    def settle(self) -> list[tuple[Post, PostState]]:
        """Find out what became of posts whose outcome is not known; let the stale expire."""
        done: list[tuple[Post, PostState]] = []
        now = self._clock.now()
        for post in self._store.ledger.abandoned(self._campaign.slug):
            outcome = self._abandoned(post, now)
            if self._store.ledger.take_over(post, outcome):
                self._tell(post, outcome)
                done.append((post, outcome.post))
        for post in self._store.ledger.uncertain(self._campaign.slug):
            outcome = self._look_for(post)
            if self._store.ledger.record(post, outcome) and outcome.attempt:
                self._tell(post, outcome)
                done.append((post, outcome.post))
        for post in self._store.ledger.stale(self._campaign.slug):
            outcome = _expired(now)
            if self._store.ledger.record(post, outcome):
                self._tell(post, outcome)
                done.append((post, outcome.post))
        return done

    def settle_by_hand(self, post: Post, url: str, remote_id: str) -> None:
        """A person says what became of an uncertain post: it is *remote_id*, or ("") not out.

        Raises RefusedCommand if the post is not uncertain any more.
        """
        now = self._clock.now()
        if remote_id:
            cause = Message(N_("A person found it on the network."))
            outcome = accepted(Published(remote_id, url, now), cause)
        else:
            cause = Message(N_("A person says that it is not on the network."))
            outcome = Outcome(AttemptState.NOT_SENT, PostState.QUEUED, now, cause=cause)
        if post.state != PostState.UNCERTAIN or not self._store.ledger.record(post, outcome):
            raise RefusedCommand(N_("Post {id} is not uncertain: nothing to settle."), id=post.id)
        self._tell(post, outcome)

    def _before_sending(self, post: Post) -> Outcome | None:
        """The last check: what is stale or lacks its mark does not leave."""
        now = self._clock.now()
        if is_stale(post, now):
            return _expired(now, AttemptState.NOT_SENT)
        rules = self._rules_of(post.network)
        faults = mark_faults(post.text, self._campaign.hashtag, self._campaign.countries, rules)
        if faults:
            cause = Message(
                N_("It may not leave: {fault}. Cancel it, mend it, and queue it again."),
                {"fault": str(faults[0])},
            )
            return Outcome(AttemptState.NOT_SENT, PostState.HELD, now, cause=cause, notice=cause)
        return None

    def _send(self, post: Post) -> Outcome | None:
        """Make the call. None when the lease was lost: somebody else has the post now."""
        try:
            network = self._network_of(post.account)
        except ConfigError as error:
            return Outcome(
                AttemptState.NOT_SENT,
                PostState.QUEUED,
                self._clock.now(),
                cause=error.message,
                hold_account=True,
                notice=error.message,
            )
        if not self._store.ledger.about_to_send(post, self._sender):
            return None
        try:
            published = network.publish(post)
        except NetworkError as error:
            return self._after(error, post)
        return accepted(published)

    def _after(self, error: NetworkError, post: Post) -> Outcome:
        now = self._clock.now()
        if isinstance(error, Uncertain) and error.duplicate_of:
            owner = self._store.ledger.owner_of(post.network, error.duplicate_of)
            if owner and owner.id != post.id:
                refused = _repetition_of(owner, now)
                return replace(refused, status=error.status, request_id=error.request_id)
        return failed(error, post, now)

    def _abandoned(self, post: Post, now: datetime) -> Outcome:
        """A post whose sender did not come back: perhaps out, if the ledger has it as sending."""
        cause = Message(N_("Pavois was interrupted while it was sending it."))
        if _last(self._attempts(post), post.attempts) == AttemptState.SENDING:
            return uncertain(cause, now)
        return not_sent(cause, post, now)

    def _look_for(self, post: Post) -> Outcome:
        """Look for an uncertain post among the account's own recent ones."""
        now = self._clock.now()
        lines = self._attempts(post)
        refused_as_twin = _is_refused_as_twin(lines)
        try:
            network = self._network_of(post.account)
            if not isinstance(network, Finder):
                return self._ask_a_person(now)
            shown = network.recent(_look_since(lines, post, refused_as_twin=refused_as_twin))
        except (NotSent, ConfigError):
            return Outcome(None, PostState.UNCERTAIN, now + timedelta(minutes=5), looks=post.looks)
        except NetworkError as error:
            return Outcome(
                None,
                PostState.UNCERTAIN,
                now + timedelta(minutes=30),
                looks=post.looks,
                notice=error.message,
            )
        twin: Post | None = None
        for remote in shown:
            if not network.same_text(post, remote):
                continue
            owner = self._store.ledger.owner_of(post.network, remote.remote_id)
            if owner is None or owner.id == post.id:
                cause = Message(N_("Found among the account's own posts."))
                return accepted(Published(remote.remote_id, remote.url, remote.at), cause)
            twin = owner
        if twin and refused_as_twin:
            return _repetition_of(twin, now)
        return not_found(post, _sent_at(lines, post)[-1], now)

    def _ask_a_person(self, now: datetime) -> Outcome:
        question = Message(
            N_(
                "It may be out, and this network does not let Pavois look. Look yourself, then: "
                "pavois queue settle"
            )
        )
        return Outcome(None, PostState.UNCERTAIN, now + timedelta(days=1), notice=question)

    def _attempts(self, post: Post) -> list[Attempt]:
        return self._store.ledger.attempts(post.id)

    def _tell(self, post: Post, outcome: Outcome) -> None:
        """One line a change of state: no text, no secret."""
        log.info(
            "post %s (%s, %s, %s): %s → %s%s",
            post.id,
            post.announcement,
            post.account,
            post.language,
            post.state,
            outcome.post,
            f" · {outcome.cause}" if outcome.cause else "",
        )


def _last(lines: list[Attempt], number: int) -> AttemptState | None:
    states = [line.state for line in lines if line.number == number]
    return states[-1] if states else None


def _sent_at(lines: list[Attempt], post: Post) -> list[datetime]:
    """When each of its attempts went to the wire, the earliest first."""
    return [line.at for line in lines if line.state == AttemptState.SENDING] or [post.due]


def _look_since(lines: list[Attempt], post: Post, *, refused_as_twin: bool) -> datetime:
    """From when on its account's posts are looked at: its first attempt may be the one that is out.

    What the network calls a repetition may be older still: X compares with about a day's posts.
    """
    earlier = REPEATED_WITHIN if refused_as_twin else timedelta(minutes=1)
    return _sent_at(lines, post)[0] - earlier


def _is_refused_as_twin(lines: list[Attempt]) -> bool:
    """Whether the network answered the last attempt, and said that the text is out already."""
    last = lines[-1] if lines else None
    return bool(
        last
        and last.state == AttemptState.UNCERTAIN
        and last.status in (400, 403, 409, 422)  # a 408 was answered without being read
    )


def _repetition_of(twin: Post, now: datetime) -> Outcome:
    cause = Message(N_("The network refuses it as a repetition of post {id}."), {"id": twin.id})
    return Outcome(AttemptState.REFUSED, PostState.FAILED, now, cause=cause, notice=cause)


def _expired(now: datetime, attempt: AttemptState | None = None) -> Outcome:
    cause = Message(N_("What it says had stopped being true before it could go out."))
    return Outcome(attempt, PostState.EXPIRED, now, cause=cause, notice=cause)
