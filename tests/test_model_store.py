"""The simulation's model of the store does what the real one does, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from bot.db.claims import Call
from bot.errors import AccountBlocked, NotSent, Refused, RefusedCommand, Throttled, Uncertain
from bot.model import PlannedPost, Post, PostState, Published
from bot.outcome import Outcome, accepted, expired, failed, held, not_found
from bot.pace import Limits
from bot.resend import in_doubt
from bot.words import Message
from tests.fakes import Hands
from tests.simulation.model_store import ModelStore
from tests.simulation.person import change_of
from tests.simulation.plan import CAMPAIGN, announcement_of
from tests.simulation.real_store import RealStores
from tests.simulation.run import run
from tests.simulation.world import START

SENDERS = ("one", "two")
LEASE = timedelta(minutes=5)
LIMITS = (
    Limits(),
    Limits(gap=timedelta(minutes=3), catch_up_gap=timedelta(minutes=10)),
    Limits(posts_a_day=2),
)
PRICES = st.sampled_from(((None, None), (400, 1000), (1, None)))


def _queued() -> Iterator[tuple[Any, tuple[PlannedPost, ...]]]:
    """Singles on two accounts, one of which ends; twins; a thread of three."""
    for number, account in enumerate(("x", "x", "page", "x", "page")):
        due = START + timedelta(minutes=number)
        until = due + timedelta(minutes=20) if number == 3 else None
        post = PlannedPost(account, account, "fr", "the same", due, until)
        yield announcement_of(number), (post,)
    yield (
        announcement_of(9),
        tuple(PlannedPost("x", "x", "fr", f"{part}", START, None, part=part) for part in range(3)),
    )


class BothStores(RuleBasedStateMachine):
    """Each step is taken by the model and by the real store."""

    stores: RealStores

    def __init__(self) -> None:
        super().__init__()
        self.clock = Hands(START)
        self.both: tuple[Any, Any] = (ModelStore(self.clock), self.stores(self.clock))
        self.read: list[tuple[Post, str]] = []
        self.names = 0
        queued = list(_queued())
        self._same(lambda store: store.queue.add(queued))

    def _same(self, act: Callable[[Any], Any]) -> Any:
        """What both stores answer to *act*."""
        model, real = map(act, self.both)
        assert model == real
        return model

    def _pick(self, draw: st.DataObject) -> tuple[Post, str]:
        """A post as somebody read it some time ago, and who."""
        now = [(post, "") for post in self._same(lambda store: store.queue.posts(CAMPAIGN.slug))]
        picked: tuple[Post, str] = draw.draw(st.sampled_from([*now, *self.read]))
        return picked

    def _outcome(self, post: Post, draw: st.DataObject) -> Outcome:
        now = self.clock.now()
        self.names += 1
        ends: list[Callable[[], Outcome]] = [
            lambda: accepted(Published(f"r{self.names}", "url", now, "request", 201)),
            lambda: failed(Uncertain("?", repeats=True, status=403), post, now),
            lambda: failed(NotSent("Down."), post, now),
            lambda: failed(Refused("No.", status=400), post, now),
            lambda: failed(AccountBlocked("Sign in."), post, now),
            lambda: failed(Throttled("Wait.", retry_at=now + timedelta(hours=1)), post, now),
            lambda: failed(Throttled("Wait.", retry_at=now + timedelta(hours=90)), post, now),
            lambda: held(Message("Look."), now),
            lambda: expired(now, Message("Over.")),
            lambda: not_found(post, now - timedelta(minutes=20), now),
            lambda: in_doubt(failed(NotSent("Down."), post, now), post, now),
        ]
        return draw.draw(st.sampled_from(ends))()

    @rule(minutes=st.sampled_from((0, 1, 4, 5, 30, 600)))
    def time_passes(self, minutes: int) -> None:
        self.clock.wait(timedelta(minutes=minutes))

    @rule(days=st.sampled_from((-3, 3)))
    def the_clock_is_set(self, days: int) -> None:
        self.clock.set_by(timedelta(days=days))

    @rule()
    def put_right(self) -> None:
        self._same(lambda store: store.waits.put_right())

    @rule(
        sender=st.sampled_from(SENDERS),
        most=st.integers(1, 3),
        limits=st.sampled_from(LIMITS),
        busy=st.sampled_from(((), ("x",))),
        price=PRICES,
        ready=st.sampled_from(((), ("x",), ("x", "page"))),
    )
    def claim(
        self,
        sender: str,
        most: int,
        limits: Limits,
        busy: tuple[str, ...],
        price: tuple[int | None, int | None],
        ready: tuple[str, ...],
    ) -> None:
        claimed = self._same(
            lambda store: store.ledger.claim(
                CAMPAIGN.slug,
                sender,
                LEASE,
                lambda _account: limits,
                busy=busy,
                most=most,
                call_of=lambda post: Call(post, *price) if post.account in ready else None,
            )
        )
        self.read += [(one.post, sender) for one in claimed]

    @rule(draw=st.data(), sender=st.sampled_from(SENDERS), limits=st.sampled_from(LIMITS))
    def claim_once_more(self, draw: st.DataObject, sender: str, limits: Limits) -> None:
        post, _sender = self._pick(draw)
        until = self.clock.now() + timedelta(minutes=9)
        claimed = self._same(
            lambda store: store.resends.claim_again(post, sender, LEASE, limits, until)
        )
        if claimed:
            self.read.append((claimed, sender))

    @rule(draw=st.data())
    def renew(self, draw: st.DataObject) -> None:
        post, sender = self._pick(draw)
        self._same(lambda store: store.ledger.renew(post, sender or "one", LEASE))

    @rule(draw=st.data(), price=PRICES)
    def about_to_send(self, draw: st.DataObject, price: tuple[int | None, int | None]) -> None:
        if not self.read:
            return
        post, sender = draw.draw(st.sampled_from(self.read))
        lines = self._same(lambda store: store.ledger.attempts(post.id))
        if lines[-1].state == "sending":
            return  # nobody says so twice of one attempt
        self._same(lambda store: store.ledger.about_to_send([Call(post, *price)], sender))

    @rule(draw=st.data())
    def record(self, draw: st.DataObject) -> None:
        post, sender = self._pick(draw)
        if sender or post.state in (PostState.UNCERTAIN, PostState.QUEUED, PostState.HELD):
            outcome = self._fresh(post, self._outcome(post, draw))
            self._same(lambda store: store.ledger.record(post, outcome, sender))

    @rule(draw=st.data())
    def take_over(self, draw: st.DataObject) -> None:
        for post in self._same(lambda store: store.ledger.abandoned(CAMPAIGN.slug)):
            outcome = self._fresh(post, self._outcome(post, draw))
            self._same(_taken_over(post, outcome))

    def _fresh(self, post: Post, outcome: Outcome) -> Outcome:
        """*outcome* without a line of the ledger that stands there: it would be refused."""
        lines = self._same(lambda store: store.ledger.attempts(post.id))
        stands = any(
            (line.number, line.state) == (post.attempts, outcome.attempt) for line in lines
        )
        return replace(outcome, attempt=None) if stands else outcome

    @rule(draw=st.data())
    def cancel(self, draw: st.DataObject) -> None:
        post, _sender = self._pick(draw)
        self._same(lambda store: store.queue.cancel([post.id]))

    @rule(draw=st.data())
    def retry(self, draw: st.DataObject) -> None:
        post, _sender = self._pick(draw)
        self._same(lambda store: store.queue.retry([post.id]))

    @rule(account=st.sampled_from(("x", "page", "nobody")))
    def release_account(self, account: str) -> None:
        self._same(_refused(lambda store: store.ledger.release_account(account)))

    @rule(reason=st.sampled_from(("", "fire")))
    def stop(self, reason: str) -> None:
        self._same(lambda store: store.brake.stop(reason, "she"))

    @rule(draw=st.data())
    def release(self, draw: st.DataObject) -> None:
        post, _sender = self._pick(draw)
        self._same(_refused(lambda store: store.brake.release([post.id])))

    @rule()
    def resume(self) -> None:
        self._same(_refused(lambda store: store.brake.release_all(CAMPAIGN)))

    @rule(draw=st.data(), minutes=st.sampled_from((None, 0, 10)))
    def change(self, draw: st.DataObject, minutes: int | None) -> None:
        """Another text, or another hour, as it was decided on some time ago."""
        shown, _sender = self._pick(draw)
        known = self._same(lambda store: store.queue.of(CAMPAIGN.slug, shown.announcement))
        posts = [shown if post.id == shown.id else post for post in known]
        at = None if minutes is None else self.clock.now() + timedelta(minutes=minutes)
        if change := change_of(shown.announcement, posts, at):
            self._same(_refused(lambda store: store.queue.change(change)))

    @rule(minutes=st.sampled_from((1, 30)), readable=st.sampled_from(((), ("x",))))
    def restore(self, minutes: int, readable: tuple[str, ...]) -> None:
        """The backup of a moment ago, after somebody claimed what is due."""
        made_at = self.clock.now()
        copies = [store.copied() for store in self.both]
        self._same(lambda store: store.ledger.claim(CAMPAIGN.slug, "two", LEASE, most=3))
        self.clock.wait(timedelta(minutes=minutes))
        for store, copy in zip(self.both, copies, strict=True):
            store.become(copy)
        self.read.clear()  # whoever had something in hand is gone
        self._same(lambda store: store.recovery.recover("copy", made_at, readable))

    @invariant()
    def they_look_the_same(self) -> None:
        posts = self._same(lambda store: store.queue.posts(CAMPAIGN.slug))
        for name in ("next_call", "next_look", "abandoned", "uncertain", "stale"):
            self._same(_asked(name, CAMPAIGN.slug))
        self._same(lambda store: store.ledger.accounts())
        self._same(lambda store: store.queue.left_behind(CAMPAIGN.slug))
        self._same(lambda store: store.brake.state())
        self._same(lambda store: [one.subject for one in store.journal.notices()])
        for post in posts[:2]:
            self._same(_asked("attempts", post.id))
        for post in posts:
            if post.remote_id:
                self._same(_owner_of(post))


def _asked(name: str, value: str | int) -> Callable[[Any], Any]:
    """A question to a ledger."""
    return lambda store: getattr(store.ledger, name)(value)


def _refused(act: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What *act* gives, or "refused": the model's sentences are its own."""

    def answer(store: Any) -> Any:
        try:
            return act(store)
        except RefusedCommand:
            return "refused"

    return answer


def _owner_of(post: Post) -> Callable[[Any], Any]:
    return lambda store: store.ledger.owner_of(post.network, post.remote_id)


def _taken_over(post: Post, outcome: Outcome) -> Callable[[Any], Any]:
    return lambda store: store.ledger.take_over(post, outcome)


@pytest.fixture(scope="module")
def stores() -> Iterator[RealStores]:
    with closing(RealStores()) as opened:
        yield opened


def test_the_model_answers_as_the_real_store_whatever_is_asked(stores: RealStores) -> None:
    machine = type("Machine", (BothStores,), {"stores": stores})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=30,
            deadline=None,
            # Thirty steps can be read as they are; to shorten them would take minutes.
            phases=(Phase.reuse, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.parametrize("seed", range(6))
def test_a_run_goes_the_same_way_on_both(stores: RealStores, seed: int) -> None:
    model, real = run(seed, tell=True), run(seed, stores, tell=True)
    if not real.faults["kill in a transaction"]:
        assert _acts(model.told) == _acts(real.told)
        assert model.faults == real.faults
    assert not real.verdict.faults


def _acts(told: list[str]) -> list[str]:
    """When something was called, and what: a sender's name is another each time."""
    return [line[:10] + line[16:].partition("(")[0] + line.rpartition(" → ")[2] for line in told]
