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
from typing import BinaryIO
from zoneinfo import ZoneInfo

from bot.attached import Media
from bot.clock import Clock
from bot.compose.marks import mark_faults
from bot.compose.rules import Rules
from bot.db.store import Store
from bot.errors import (
    OWN_FAULT,
    ConfigError,
    MediaError,
    NetworkError,
    NotReady,
    NotSent,
    PavoisError,
    RefusedCommand,
    StoreError,
    Uncertain,
)
from bot.model import Attempt, AttemptState, Campaign, Post, PostState, Published, RemotePost
from bot.networks.base import Finder, Network, Uploader
from bot.outcome import (
    BETWEEN_LOOKS,
    Outcome,
    accepted,
    blocked,
    failed,
    is_stale,
    look_again,
    not_found,
    not_sent,
    put_off,
    uncertain,
)
from bot.words import N_, Message

log = logging.getLogger(__name__)

#: How long a sender may be silent before somebody else looks what became of its post: longer than
#: any call may take (the session's time-outs, which tests/test_publisher_files.py adds up).
LEASE = timedelta(minutes=5)
#: How far back a look goes: networks refuse what repeats a post of that time (X: "hours to about
#: a day", not documented), and the clocks of this machine and of a network may differ.
REPEATED_WITHIN = timedelta(days=1)
#: Clocks that are kept differ by less.
CLOCKS_DIFFER = timedelta(minutes=1)
#: When an account that cannot be looked at is told to a person, who may look with other eyes.
TELL_AFTER = timedelta(hours=1)
AFTER_A_FAULT = timedelta(minutes=30)

_LOOK_YOURSELF = Message(
    N_(
        "It may be out, and this network does not let Pavois look. Look yourself, then: "
        "pavois queue settle"
    )
)
_STOPPED = Message(N_("Pavois was stopped before it went out."))
_FOUND_EARLIER = Message(
    N_(
        "It was taken for a post with the same text that was out before it was sent. If this "
        "machine's clock is right, somebody had published it by hand."
    )
)


_PICTURE_EXPIRED = Message(
    N_(
        "A picture of it may not be shown any more: its consent or licence has ended. Cancel it, "
        "and write it anew with another picture."
    )
)


class _EndedError(Exception):
    """It does not come to the call: *outcome* says why; None: somebody else has the post by now."""

    def __init__(self, outcome: Outcome | None) -> None:
        super().__init__()
        self.outcome = outcome


class Publisher:
    """Sends the posts of one campaign, each once."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: Clock,
        network_of: Callable[[str], Network],
        rules_of: Callable[[str], Rules],
        opened: Callable[[Media], BinaryIO],
    ) -> None:
        """*network_of* gives the connected network of an account, *rules_of* a network's rules,
        *opened* the bytes of a file, and raises MediaError when they are not there."""
        self._campaign = campaign
        self._store = store
        self._clock = clock
        self._network_of = network_of
        self._rules_of = rules_of
        self._opened = opened
        #: When to call `publish_due` again for a file that a network is still at work on.
        self.look_again_at: datetime | None = None
        self._sender = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    def publish_due(
        self, stopping: Callable[[], bool] = lambda: False
    ) -> list[tuple[Post, PostState]]:
        """Send everything that is due, oldest first; what was sent and what it became.

        *stopping* is asked between two posts, and while files go up: True ends it after the call
        in hand.
        """
        self.look_again_at = None
        done: list[tuple[Post, PostState]] = []
        while not stopping():
            post = self._store.ledger.claim(self._campaign.slug, self._sender, LEASE)
            if post is None:
                break
            outcome = self._before_sending(post) or self._send(post, stopping)
            if outcome and self._record(post, outcome):
                done.append((post, outcome.post))
        return done

    def settle(self, stopping: Callable[[], bool] = lambda: False) -> list[tuple[Post, PostState]]:
        """Find out what became of posts whose outcome is not known; let the stale expire.

        *stopping* is asked between two looks.
        """
        done: list[tuple[Post, PostState]] = []
        ledger, campaign = self._store.ledger, self._campaign.slug
        for post in ledger.abandoned(campaign):
            outcome = self._abandoned(post)
            if ledger.take_over(post, outcome):
                done.append(self._told(post, outcome))
        for post in ledger.uncertain(campaign):
            if stopping():
                break
            outcome = self._looked_for(post)
            if ledger.record(post, outcome) and outcome.attempt:
                done.append(self._told(post, outcome))
        for post in ledger.stale(campaign):
            outcome = _expired(self._clock.now())
            if ledger.record(post, outcome):
                done.append(self._told(post, outcome))
        return done

    def settle_by_hand(self, post: Post, url: str, remote_id: str) -> None:
        """A person says what became of an uncertain post: it is *remote_id*, or ("") not out.

        Raises RefusedCommand if the post is not uncertain any more.
        """
        if remote_id:
            owner = self._store.ledger.owner_of(post.network, remote_id)
            if owner and owner.id != post.id:
                raise RefusedCommand(
                    N_("That is post {other} already. Look again for post {id}."),
                    other=owner.id,
                    id=post.id,
                )
            cause = Message(N_("A person found it on the network."))
            sent_at = _sent_at(self._attempts(post), post)[-1]
            outcome = accepted(Published(remote_id, url, sent_at), cause)
        else:
            cause = Message(N_("A person says that it is not on the network."))
            outcome = Outcome(
                AttemptState.NOT_SENT, PostState.QUEUED, self._clock.now(), cause=cause
            )
        if post.state != PostState.UNCERTAIN or not self._store.ledger.record(post, outcome):
            raise RefusedCommand(N_("Post {id} is not uncertain: nothing to settle."), id=post.id)
        self._told(post, outcome)

    def _record(self, post: Post, outcome: Outcome) -> bool:
        """Write down what came of a call, unless somebody else has the post by now.

        That it is out is true whoever knows it: it is written even if the post was given up for
        uncertain meanwhile (a call that outlasted the lease), as long as it was not sent again.
        """
        written = self._store.ledger.record(post, outcome, self._sender)
        if not written and outcome.published:
            given_up = replace(post, state=PostState.UNCERTAIN)
            written = self._store.ledger.record(given_up, outcome)
        if written:
            self._told(post, outcome)
        else:
            out = outcome.published.remote_id if outcome.published else ""
            log.warning("post %s: taken over while it was being sent %s", post.id, out)
        return written

    def _before_sending(self, post: Post) -> Outcome | None:
        """The last check: what is stale or lacks its mark does not leave."""
        now = self._clock.now()
        if is_stale(post, now):
            return _expired(now, AttemptState.NOT_SENT)
        rules = self._rules_of(post.network)
        faults = mark_faults(post.text, self._campaign.hashtag, self._campaign.countries, rules)
        if faults:
            cause = Message(
                N_("It may not leave: {fault}. Cancel it, and write it anew under another name."),
                {"fault": faults[0]},
            )
            return _held(cause, now)
        today = now.astimezone(ZoneInfo(self._campaign.zone)).date()
        if any(one.expires and one.expires < today for one in post.attached.files):
            return _held(_PICTURE_EXPIRED, now)
        return None

    def _send(self, post: Post, stopping: Callable[[], bool]) -> Outcome | None:
        """Send files, make the call. None when the lease was lost: somebody else has the post."""
        try:
            network = self._begun(post, stopping)
        except PavoisError as error:
            return self._not_begun(error, post)
        except _EndedError as ended:
            return ended.outcome
        except Exception:
            log.exception("post %s: a fault of Pavois itself", post.id)
            return not_sent(OWN_FAULT, post, self._clock.now())
        return self._called(network, post)

    def _called(self, network: Network, post: Post) -> Outcome:
        """The one call that may publish, and what came of it."""
        try:
            published = network.publish(post)
        except NetworkError as error:
            return self._after(error, post)
        except Exception:
            # Of a fault of our own nobody can say what the network did with the call.
            log.exception("post %s: a fault of Pavois itself", post.id)
            return uncertain(OWN_FAULT, post, self._clock.now())
        return accepted(published)

    def _begun(self, post: Post, stopping: Callable[[], bool]) -> Network:
        """The network of *post*'s account, its files sent ahead, the call written down as made now.

        Raises _EndedError when it must not be made.
        """
        network = self._network_of(post.account)
        if isinstance(network, Uploader) and post.attached.files:
            network.upload(post, self._opened, lambda: self._go_on(post, stopping))
            # Files take their time: what was true before may be so no more.
            if late := self._before_sending(post):
                raise _EndedError(late)
        if not self._store.ledger.about_to_send(post, self._sender):
            raise _EndedError(None)
        return network

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
            return _held(error.message, now)
        raise error

    def _go_on(self, post: Post, stopping: Callable[[], bool]) -> None:
        """Lengthen the lease while files go up. Raises _EndedError."""
        if stopping():
            raise _EndedError(put_off(_STOPPED, post, self._clock.now()))
        if not self._store.ledger.renew(post, self._sender, LEASE):
            raise _EndedError(None)

    def _after(self, error: NetworkError, post: Post) -> Outcome:
        now = self._clock.now()
        if isinstance(error, Uncertain) and error.duplicate_of:
            owner = self._store.ledger.owner_of(post.network, error.duplicate_of)
            if owner and owner.id != post.id:
                refused = _repetition_of(owner, now)
                return replace(refused, status=error.status, request_id=error.request_id)
        return failed(error, post, now)

    def _abandoned(self, post: Post) -> Outcome:
        """A post whose sender did not come back: perhaps out, if the ledger has it as sending."""
        cause = Message(N_("Pavois was interrupted while it was sending it."))
        if _last(self._attempts(post), post.attempts) == AttemptState.SENDING:
            return uncertain(cause, post, self._clock.now())
        return not_sent(cause, post, self._clock.now())

    def _looked_for(self, post: Post) -> Outcome:
        """What a look for an uncertain post tells; a fault delays that post only, and is told."""
        now = self._clock.now()
        try:
            return self._look_for(post, now)
        except StoreError:
            raise
        except (NotSent, ConfigError) as error:
            overdue = now - _sent_at(self._attempts(post), post)[-1] > TELL_AFTER
            return look_again(post, now + BETWEEN_LOOKS, error.message if overdue else None)
        except NetworkError as error:
            return look_again(post, now + AFTER_A_FAULT, error.message)
        except Exception:
            log.exception("post %s: a fault of Pavois itself", post.id)
            return look_again(post, now + AFTER_A_FAULT, OWN_FAULT)

    def _look_for(self, post: Post, now: datetime) -> Outcome:
        """Look for an uncertain post among the account's own recent ones."""
        network = self._network_of(post.account)
        if not isinstance(network, Finder):
            return look_again(post, now + timedelta(days=1), _LOOK_YOURSELF)
        lines = self._attempts(post)
        first_sent = _sent_at(lines, post)[0]
        twin: Post | None = None
        earlier: RemotePost | None = None
        for remote in network.recent(first_sent - REPEATED_WITHIN):
            if not network.same_text(post, remote):
                continue
            owner = self._store.ledger.owner_of(post.network, remote.remote_id)
            if owner is not None and owner.id != post.id:
                twin = owner
            elif remote.at >= first_sent - CLOCKS_DIFFER:
                return _found(remote)
            else:
                earlier = earlier or remote
        if earlier:
            return replace(_found(earlier), notice=_FOUND_EARLIER)
        if twin and _is_refused_as_twin(lines):
            return _repetition_of(twin, now)
        return not_found(post, _sent_at(lines, post)[-1], now)

    def _attempts(self, post: Post) -> list[Attempt]:
        return self._store.ledger.attempts(post.id)

    def _told(self, post: Post, outcome: Outcome) -> tuple[Post, PostState]:
        """One line in the log for a change of state, without text or secret; the change."""
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
        return post, outcome.post


def _last(lines: list[Attempt], number: int) -> AttemptState | None:
    states = [line.state for line in lines if line.number == number]
    return states[-1] if states else None


def _sent_at(lines: list[Attempt], post: Post) -> list[datetime]:
    """When each of its attempts went to the wire, the earliest first."""
    return [line.at for line in lines if line.state == AttemptState.SENDING] or [post.due]


def _found(remote: RemotePost) -> Outcome:
    cause = Message(N_("Found among the account's own posts."))
    return accepted(Published(remote.remote_id, remote.url, remote.at), cause)


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


def _held(cause: Message, now: datetime) -> Outcome:
    return Outcome(AttemptState.NOT_SENT, PostState.HELD, now, cause=cause, notice=cause)


def _expired(now: datetime, attempt: AttemptState | None = None) -> Outcome:
    cause = Message(N_("What it says had stopped being true before it could go out."))
    return Outcome(attempt, PostState.EXPIRED, now, cause=cause, notice=cause)
