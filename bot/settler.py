"""Finds out what became of posts whose outcome is not known (DESIGN §7).

An account's own recent posts are read back once for all of its uncertain ones.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.clock import Clock
from bot.db.store import Store
from bot.errors import OWN_FAULT, ConfigError, NetworkError, NotSent, PavoisError, RefusedCommand
from bot.lateness import why_dropped
from bot.model import (
    PUBLISH,
    RESEND,
    Attempt,
    AttemptState,
    Campaign,
    Post,
    PostState,
    Published,
    RemotePost,
)
from bot.networks.base import Finder, Network
from bot.outcome import (
    AHEAD,
    BETWEEN_LOOKS,
    LOOK_YOURSELF,
    VISIBLE_WITHIN,
    Outcome,
    accepted,
    expired,
    look_again,
    not_found,
    not_sent,
    repetition_of,
    uncertain,
)
from bot.plan import both_zones
from bot.purse import Purse
from bot.read_back import CLOCKS_DIFFER
from bot.resend import in_doubt
from bot.senders import Senders
from bot.words import N_, Message

log = logging.getLogger(__name__)

#: How far back a look goes: networks refuse what repeats a post of that time (X: "hours to about
#: a day", not documented), and the clocks of this machine and of a network may differ.
REPEATED_WITHIN = timedelta(days=1)
#: When an account that cannot be looked at is told to a person, who may look with other eyes.
TELL_AFTER = timedelta(hours=1)
AFTER_A_FAULT = timedelta(minutes=30)

_RESENT = N_(
    "Pavois tried by itself to send it once more, and it is still not known whether it is out: "
    "{cause} Look yourself, then: pavois queue settle"
)
_FOUND_EARLIER = Message(
    N_(
        "It was taken for a post with the same text that was out before it was sent. If this "
        "machine's clock is right, somebody had published it by hand."
    )
)


@dataclass(frozen=True, slots=True)
class _Lost:
    """A post whose outcome is not known, and its ledger."""

    post: Post
    lines: Sequence[Attempt]

    @property
    def sent_at(self) -> list[datetime]:
        """When each of its attempts went to the wire, the earliest first."""
        sent = [line.at for line in self.lines if line.state == AttemptState.SENDING]
        return sent or [self.post.due]

    def first_sent(self, now: datetime) -> datetime:
        """When it first went to the wire, at the latest: a clock far ahead (*now* is known to be
        earlier) does not tell."""
        first = min(self.sent_at)
        return first if first <= now + AHEAD else now

    @property
    def is_refused_as_repetition(self) -> bool:
        """Whether the network answered the last attempt, and said that the text is out already."""
        return bool(self.lines) and self.lines[-1].repeats

    @property
    def act(self) -> str:
        """What its last attempt tried."""
        return self.lines[-1].act if self.lines else PUBLISH

    @property
    def request(self) -> Message:
        """What a person is asked of a post that only people can look for."""
        if self.act != RESEND:
            return LOOK_YOURSELF
        return Message(_RESENT, {"cause": self.lines[-1].cause or ""})


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the network of an account answered to a look for *lost*.

    `answer` is the network, or why it did not answer; None: it does not let anybody look.
    """

    lost: Sequence[_Lost]
    answer: Finder | Exception | None
    remotes: Sequence[RemotePost] = ()


class Settler:
    """Settles the posts of one campaign."""

    def __init__(
        self,
        campaign: Campaign,
        store: Store,
        clock: Clock,
        network_of: Callable[[str], Network],
        senders: Senders[_Seen],
        purse: Purse,
    ) -> None:
        """*network_of* gives the connected network of an account, *senders* who makes the looks,
        *purse* counts what they cost."""
        self._campaign = campaign
        self._store = store
        self._clock = clock
        self._network_of = network_of
        self._senders = senders
        self._purse = purse

    def settle(self, stopping: Callable[[], bool] = lambda: False) -> list[tuple[Post, PostState]]:
        """Find out what became of posts whose outcome is not known; let the stale expire, and
        tell a person of what would wait for ever.

        *stopping* is asked between two accounts.
        """
        done: list[tuple[Post, PostState]] = []
        ledger, campaign = self._store.ledger, self._campaign.slug
        if count := self._store.waits.put_right():
            log.warning("%s posts waited by a clock that was ahead: they wait no longer", count)
        for post in ledger.abandoned(campaign):
            outcome = self._abandoned(post)
            if ledger.take_over(post, outcome):
                done.append(told(post, outcome))
        done += self._look(stopping)
        for post in ledger.stale(campaign):
            now = self._clock.now()
            outcome = expired(now, why_dropped(post, self._campaign, now))
            if ledger.record(post, outcome):
                done.append(told(post, outcome))
        for post in self._store.queue.left_behind(campaign):
            outcome = _left_behind(post, self._clock.now())
            if ledger.record(post, outcome):
                done.append(told(post, outcome))
        return done

    def _lost(self, post: Post) -> _Lost:
        return _Lost(post, tuple(self._store.ledger.attempts(post.id)))

    def _look(self, stopping: Callable[[], bool]) -> list[tuple[Post, PostState]]:
        """Look for the uncertain posts that are due for it, all accounts at the same time."""
        waiting: dict[str, list[_Lost]] = {}
        for post in self._store.ledger.uncertain(self._campaign.slug):
            waiting.setdefault(post.account, []).append(self._lost(post))
        done: list[tuple[Post, PostState]] = []
        fault: PavoisError | None = None
        # A look that is left behind would be taken for one of the next time.
        while waiting or self._senders.busy:
            if fault or stopping():
                waiting.clear()
            while waiting and self._senders.free:
                account = next(iter(waiting))
                self._senders.start(account, partial(self._seen, account, waiting.pop(account)))
            for seen in self._senders.finished():
                try:
                    done += self._settled(seen)
                except PavoisError as error:
                    fault = fault or error
        if fault:
            raise fault
        return done

    def _seen(self, account: str, lost: Sequence[_Lost]) -> _Seen:
        """What the network shows of *account*: the one thing here that talks to it."""
        try:
            network = self._network_of(account)
            if not isinstance(network, Finder):
                return _Seen(lost, None)
            now = self._clock.now()
            since = min(one.first_sent(now) for one in lost) - REPEATED_WITHIN
            shown = self._purse.look_anyway(network, since, lost[0].post)
            remotes = sorted(shown, key=lambda remote: remote.at)
        except Exception as error:
            if not isinstance(error, PavoisError):
                log.exception("account %s: a fault of Pavois itself", account)
            return _Seen(lost, error)
        return _Seen(lost, network, remotes)

    def _settled(self, seen: _Seen) -> Iterator[tuple[Post, PostState]]:
        """Write down what becomes of the posts that were looked for, the one sent first first:
        what it is found to be is no other's any more."""
        for lost in sorted(seen.lost, key=lambda one: one.sent_at[0]):
            outcome = replace(self._outcome(lost, seen), act=lost.act)
            if self._store.ledger.record(lost.post, outcome) and outcome.attempt:
                yield told(lost.post, outcome)

    def _outcome(self, lost: _Lost, seen: _Seen) -> Outcome:
        """What a look tells of one post; a fault delays that post only, and is told."""
        now, post = self._clock.now(), lost.post
        match seen.answer:
            case None:
                return look_again(post, now + timedelta(days=1), lost.request)
            case NotSent() | ConfigError() as error:
                overdue = abs(now - lost.sent_at[-1]) > TELL_AFTER
                return look_again(post, now + BETWEEN_LOOKS, error.message if overdue else None)
            case NetworkError() as error:
                return look_again(post, now + AFTER_A_FAULT, error.message)
            case Exception():
                return look_again(post, now + AFTER_A_FAULT, OWN_FAULT)
            case network:
                return self._among(lost, network, seen.remotes, now)

    def _among(
        self, lost: _Lost, network: Finder, remotes: Sequence[RemotePost], now: datetime
    ) -> Outcome:
        """Look for an uncertain post among the account's own recent ones, oldest first."""
        post, sent_at, first_sent = lost.post, lost.sent_at[-1], lost.first_sent(now)
        twin: Post | None = None
        earlier: RemotePost | None = None
        for remote in remotes:
            if not network.same_text(post, remote):
                continue
            owner = self._store.ledger.owner_of(post.network, remote.remote_id)
            if owner is not None and owner.id != post.id:
                twin = owner
                # It may have been taken for this one: its own copy must have shown as well.
                sent_at = max(sent_at, self._lost(owner).sent_at[-1])
            elif remote.at >= first_sent - CLOCKS_DIFFER:
                return _found(remote)
            elif remote.at >= first_sent - REPEATED_WITHIN:
                earlier = remote
        if twin and lost.is_refused_as_repetition and not earlier:
            return repetition_of(twin, now)
        outcome = not_found(post, sent_at, now)
        if earlier and (outcome.attempt or outcome.notice):
            # Its own copy must have shown by now, and whoever sent the earlier one have found it.
            return replace(_found(earlier), notice=_FOUND_EARLIER)
        return outcome

    def settle_by_hand(self, post: Post, url: str, remote_id: str) -> None:
        """A person says what became of an uncertain post: it is *remote_id*, or ("") not out.

        Raises RefusedCommand if the post is not uncertain any more, or may still show.
        """
        if post.state != PostState.UNCERTAIN:
            raise RefusedCommand(N_("Post {id} is not uncertain: nothing to settle."), id=post.id)
        lost = self._lost(post)
        if remote_id:
            owner = self._store.ledger.owner_of(post.network, remote_id)
            if owner and owner.id != post.id:
                raise RefusedCommand(
                    N_("That is post {other} already. Look again for post {id}."),
                    other=owner.id,
                    id=post.id,
                )
            cause = Message(N_("A person found it on the network."))
            outcome = accepted(Published(remote_id, url, lost.sent_at[-1]), cause)
        else:
            self._require_visible_by_now(lost)
            cause = Message(N_("A person says that it is not on the network."))
            # A copy that was restored looks for posts whose time is still to come.
            again = max(self._clock.now(), post.due)
            outcome = Outcome(AttemptState.NOT_SENT, PostState.QUEUED, again, cause=cause)
        outcome = replace(outcome, act=lost.act)
        if not self._store.ledger.record(post, outcome):
            raise RefusedCommand(N_("Post {id} is not uncertain: nothing to settle."), id=post.id)
        told(post, outcome)

    def _require_visible_by_now(self, lost: _Lost) -> None:
        """What the network may show a while later, nobody can have seen to be absent."""
        visible_from = lost.sent_at[-1] + VISIBLE_WITHIN
        if self._clock.now() < visible_from:
            raise RefusedCommand(
                N_(
                    "It was sent a moment ago, and may still show. Look again at {at}: if it is "
                    "not there then, repeat this command."
                ),
                at=both_zones(visible_from, self._campaign.zones),
            )

    def _abandoned(self, post: Post) -> Outcome:
        """A post whose sender did not come back: perhaps out, if the ledger has it as sending, or
        from the call before, if it was to be sent once more."""
        cause = Message(N_("Pavois was interrupted while it was sending it."))
        now = self._clock.now()
        lines = self._store.ledger.attempts(post.id)
        if lines and lines[-1].act == RESEND:
            return in_doubt(uncertain(cause, post, now), post, now)
        if lines and lines[-1].state == AttemptState.SENDING:
            return uncertain(cause, post, now)
        return not_sent(cause, post, now)


def told(post: Post, outcome: Outcome) -> tuple[Post, PostState]:
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


def _left_behind(post: Post, now: datetime) -> Outcome:
    cause = Message(
        N_(
            "It follows a part of its thread that does not go out. Change the announcement: pavois "
            "queue change {name} FILE; or cancel it: pavois queue cancel {id}"
        ),
        {"name": post.announcement, "id": post.id},
    )
    return Outcome(None, PostState.HELD, now, cause=cause, notice=cause)


def _found(remote: RemotePost) -> Outcome:
    cause = Message(N_("Found among the account's own posts."))
    return accepted(Published(remote.remote_id, remote.url, remote.at), cause)
