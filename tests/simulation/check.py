"""After a run: what the ledger says beside the networks' own truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import Any

from bot.errors import OWN_FAULT
from bot.model import RESEND, Attempt, AttemptState, Post, PostState
from bot.publisher import LEASE
from tests.simulation.network import Shown, Truth
from tests.simulation.person import is_at_rest
from tests.simulation.plan import CAMPAIGN, PRICE, Plan
from tests.simulation.world import START

_LEGAL = {
    (),
    (AttemptState.SENDING,),
    (AttemptState.NOT_SENT,),
    (AttemptState.SENDING, AttemptState.ACCEPTED),
    (AttemptState.SENDING, AttemptState.REFUSED),
    (AttemptState.SENDING, AttemptState.NOT_SENT),
    (AttemptState.SENDING, AttemptState.UNCERTAIN),
    (AttemptState.SENDING, AttemptState.UNCERTAIN, AttemptState.ACCEPTED),
    (AttemptState.SENDING, AttemptState.UNCERTAIN, AttemptState.REFUSED),
    (AttemptState.SENDING, AttemptState.UNCERTAIN, AttemptState.NOT_SENT),
}
#: What a person must be told of.
_TOLD = (PostState.HELD, PostState.UNCERTAIN, PostState.FAILED, PostState.EXPIRED)
_DAY = timedelta(hours=24)


@dataclass(slots=True)
class Verdict:
    """What is wrong, in words. `beyond` is what the promise does not cover: counted, no fault."""

    doubles: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    left_to_a_person: int = 0
    resent: int = 0

    @property
    def faults(self) -> list[str]:
        return [*self.doubles, *self.losses, *self.others]


def check(plan: Plan, store: Any) -> Verdict:
    """Compare *store* with the truth of the networks of *plan*."""
    verdict = Verdict()
    posts: list[Post] = store.queue.posts(CAMPAIGN.slug)
    told = {notice.subject for notice in store.journal.notices()}
    ledger = {post.id: store.ledger.attempts(post.id) for post in posts}
    for account, truth in plan.truths.items():
        own = [post for post in posts if post.account == account]
        _compare(verdict, truth, own)
        lines = [line for post in own for line in ledger[post.id]]
        verdict.others += _unpaced(plan, own, lines)
    for post in posts:
        if not is_at_rest(post, posts):
            verdict.losses.append(f"post {post.id} still {post.state}")
        if post.state in _TOLD and f"post {post.id}" not in told:
            verdict.losses.append(f"post {post.id} is {post.state}, and nobody was told")
        verdict.left_to_a_person += post.state in (PostState.HELD, PostState.FAILED)
        verdict.resent += sum(map(_is_resend, ledger[post.id]))
        verdict.others += _illegal(post, ledger[post.id])
    verdict.others += _stale(plan, posts)
    verdict.others += _over_budget(plan, ledger.values())
    return verdict


def _compare(verdict: Verdict, truth: Truth, posts: Sequence[Post]) -> None:
    """Each text is out as often as it is published, under those names, and no oftener than it was
    queued."""
    shown: dict[str, list[Shown]] = {post.text: [] for post in posts}
    for one in truth.shown:
        shown[one.text].append(one)
    for text, remotes in shown.items():
        own = [post for post in posts if post.text == text]
        published = [post.remote_id for post in own if post.state == PostState.PUBLISHED]
        out = [one.remote_id for one in remotes]
        doubles, losses = verdict.doubles, verdict.losses
        if any(not one.is_within_promise for one in remotes):
            doubles = losses = verdict.beyond
        states = ", ".join(f"{post.id} {post.state}" for post in own)
        if len(out) > len(own):
            doubles.append(f"{text} ({states}) is out {len(out)} times")
        elif sorted(published) != sorted(out):
            losses.append(f"{text} ({states}): {published} in the ledger, {out} on the network")


def _illegal(post: Post, lines: Sequence[Attempt]) -> Iterator[str]:
    """What of a ledger cannot have happened."""
    attempts = [list(group) for _number, group in groupby(lines, lambda line: line.number)]
    if [attempt[0].number for attempt in attempts] != list(range(1, post.attempts + 1)):
        yield f"post {post.id}: its attempts are not numbered in order"
    for attempt in attempts:
        states = [line.state for line in attempt]
        # A post that is in doubt once more is looked for in the window of its first call.
        is_look = attempt[0].cause is not None
        after = tuple(states if is_look else states[1:])
        if attempt[0].act == RESEND and after[:1] == (AttemptState.UNCERTAIN,):
            after = (AttemptState.SENDING, *after)  # kept from the wire, and as uncertain as before
        if is_look != (states[0] == AttemptState.SENDING) or after not in _LEGAL:
            yield f"post {post.id}: an attempt went {', '.join(states)}"
    for line in lines:
        if line.cause == OWN_FAULT:
            yield f"post {post.id}: a fault of Pavois itself"
    if post.state == PostState.PUBLISHED and lines[-1].state != AttemptState.ACCEPTED:
        yield f"post {post.id} is published, and its ledger ends {lines[-1].state}"


def _is_resend(line: Attempt) -> bool:
    """A call that was made once more by itself."""
    return line.act == RESEND and line.state == AttemptState.SENDING


def _stale(plan: Plan, posts: Sequence[Post]) -> Iterator[str]:
    """The last check comes before the call is written down, the call before the lease ends."""
    by_id = {post.id: post for post in posts}
    for truth in plan.truths.values():
        for one in truth.shown:
            until = by_id[one.post_id].valid_until
            if until and START + timedelta(seconds=one.asked_at) > until + LEASE:
                yield f"post {one.post_id} was sent when it had stopped being true"


def _unpaced(plan: Plan, posts: Sequence[Post], lines: Sequence[Attempt]) -> Iterator[str]:
    """What went to the wire of one account too soon, or too often."""
    parts = {post.id: post.part for post in posts}
    sending = sorted(
        (line.at, parts[line.post_id])
        for line in lines
        if line.state == AttemptState.SENDING and line.cause is None
    )
    for (one, _part), (other, part) in pairwise(sending):
        if part == 0 and other - one < plan.limits.gap:
            yield f"two calls at {one:%H:%M:%S} and {other:%H:%M:%S}: too close"
    most = plan.limits.posts_a_day
    if most:
        yield from _crowded([at for at, _part in sending], most)


def _crowded(times: Sequence[datetime], most: int) -> Iterator[str]:
    for one, other in zip(times, times[most:], strict=False):
        if other - one < _DAY:
            yield f"{most + 1} calls within a day, at {one:%H:%M:%S} and {other:%H:%M:%S}"


def _over_budget(plan: Plan, ledger: Iterable[Sequence[Attempt]]) -> Iterator[str]:
    if plan.limits.budget is None:
        return
    spent: Counter[str] = Counter()
    for lines in ledger:
        refused = {
            line.number
            for line in lines
            if line.state in (AttemptState.REFUSED, AttemptState.NOT_SENT)
        }
        for line in lines:
            if line.state == AttemptState.SENDING and line.number not in refused:
                spent[line.account] += int(PRICE * 1_000_000)
    for account, amount in spent.items():
        if amount > plan.limits.budget:
            yield f"{account}: {amount} spent of {plan.limits.budget}"
