"""After a run: what the ledger says beside the networks' own truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from bot.errors import OWN_FAULT
from bot.invariants import ledger_faults
from bot.model import RESEND, Attempt, AttemptState, Post, PostState
from bot.publisher import LEASE
from bot.read_back import CLOCKS_DIFFER
from tests.simulation.history import Call, History
from tests.simulation.network import Shown, Truth
from tests.simulation.person import is_at_rest
from tests.simulation.plan import CAMPAIGN, PRICE, Plan
from tests.simulation.world import A_MOMENT, START

#: What a person must be told of.
_TOLD = (PostState.HELD, PostState.UNCERTAIN, PostState.FAILED, PostState.EXPIRED)
_DAY = 24 * 3600.0


@dataclass(slots=True)
class Verdict:
    """What is wrong, in words. What the promise does not cover is counted, and no fault: `beyond`
    is what took too long until it could be read back, `forgotten` what a person changed, or sent
    again, after the backup was made that was put back."""

    doubles: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    left_to_a_person: int = 0
    resent: int = 0

    @property
    def faults(self) -> list[str]:
        return [*self.doubles, *self.losses, *self.others]


def check(plan: Plan, store: Any, history: History) -> Verdict:
    """Compare *store* with the truth of the networks of *plan*."""
    verdict = Verdict(others=history.wrong)
    posts: list[Post] = store.queue.posts(CAMPAIGN.slug)
    told = {notice.subject for notice in store.journal.notices()}
    told |= {f"post {post_id}" for post_id in history.shown_as_dropped}
    ledger = {post.id: store.ledger.attempts(post.id) for post in posts}
    for account, truth in plan.truths.items():
        own = [post for post in posts if post.account == account]
        _compare(verdict, truth, own, history)
        if history.had_right_clocks:
            verdict.others += _unpaced(plan, history.calls[account])
    for post in posts:
        if not is_at_rest(post, posts):
            verdict.losses.append(f"post {post.id} still {post.state}")
        if post.state in _TOLD and f"post {post.id}" not in told:
            verdict.losses.append(f"post {post.id} is {post.state}, and nobody was told")
        verdict.left_to_a_person += post.state in (PostState.HELD, PostState.FAILED)
        verdict.resent += sum(map(_is_resend, ledger[post.id]))
        if any(line.cause == OWN_FAULT for line in ledger[post.id]):
            verdict.others.append(f"post {post.id}: a fault of Pavois itself")
    if history.had_right_clocks:
        verdict.others += _stale(plan, posts)
    verdict.others += _bare(plan)
    if not _knows_threads(posts, history):
        posts = [replace(post, part=0) for post in posts]
    verdict.others += map(str, ledger_faults(posts, ledger))
    verdict.others += _over_budget(plan, ledger.values())
    return verdict


def _knows_threads(posts: Sequence[Post], history: History) -> bool:
    """Whether the order within threads can be known: after a restore nobody can tell which of two
    with the same text it is that is out, or what a person has done since the backup."""
    has_twins = len({(post.account, post.text) for post in posts}) < len(posts)
    return history.restored_at is None or not (has_twins or history.forgotten)


def _compare(verdict: Verdict, truth: Truth, posts: Sequence[Post], history: History) -> None:
    """Each text is out as often as it is published, under those names, and no oftener than it was
    queued."""
    shown: dict[str, list[Shown]] = {post.text: [] for post in posts}
    for one in truth.shown:
        shown.setdefault(one.text, []).append(one)
    for text, remotes in shown.items():
        own = [post for post in posts if post.text == text]
        published = [post.remote_id for post in own if post.state == PostState.PUBLISHED]
        out = [one.remote_id for one in remotes]
        doubles, losses = verdict.doubles, verdict.losses
        if any(not history.is_within_promise(one) for one in remotes):
            doubles = losses = verdict.beyond
        if history.forgotten & {*(post.id for post in own), *(one.post_id for one in remotes)}:
            doubles = losses = verdict.forgotten
        states = ", ".join(f"{post.id} {post.state}" for post in own)
        if len(out) > len(own):
            doubles.append(f"{text} ({states}) is out {len(out)} times")
        elif sorted(published) != sorted(out):
            losses.append(f"{text} ({states}): {published} in the ledger, {out} on the network")


def _bare(plan: Plan) -> Iterator[str]:
    for truth in plan.truths.values():
        for one in truth.shown:
            if not one.has_its_files:
                yield f"post {one.post_id} is out without its files"


def _is_resend(line: Attempt) -> bool:
    """A call that was made once more by itself."""
    return line.act == RESEND and line.state == AttemptState.SENDING


def _stale(plan: Plan, posts: Sequence[Post]) -> Iterator[str]:
    """The last check comes before the call is written down, the call before the lease ends."""
    by_id = {post.id: post for post in posts}
    for truth in plan.truths.values():
        for one in truth.shown:
            post = by_id[one.post_id]
            until = post.valid_until if post.text == one.text else None
            if until and START + timedelta(seconds=one.asked_at) > until + LEASE + CLOCKS_DIFFER:
                yield f"post {one.post_id} was sent when it had stopped being true"


def _unpaced(plan: Plan, calls: Sequence[Call]) -> Iterator[str]:
    """What went to the wire of one account too soon, or too often."""
    # What the ledger says is by the clocks of several machines.
    clocks = 2 * CLOCKS_DIFFER.total_seconds() if any(plan.skews) else A_MOMENT
    least, day, most = (
        plan.limits.gap.total_seconds() - clocks,
        _DAY - clocks,
        plan.limits.posts_a_day,
    )
    for one, other in pairwise(calls):
        if other.part == 0 and other.at - one.at < least:
            yield f"two calls at {one.at:.1f} and {other.at:.1f}: too close"
    for one, other in zip(calls, calls[most:], strict=False):
        if most and other.at - one.at < day:
            yield f"{most + 1} calls within a day, at {one.at:.1f} and {other.at:.1f}"


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
            was_sent = line.state == AttemptState.SENDING and line.cause is None
            if was_sent and line.number not in refused:
                spent[line.account] += int(PRICE * 1_000_000)
    for account, amount in spent.items():
        if amount > plan.limits.budget:
            yield f"{account}: {amount} spent of {plan.limits.budget}"
