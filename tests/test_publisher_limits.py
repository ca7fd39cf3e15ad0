"""What an account may do, and what it may cost: nothing goes out beyond it, nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from bot.clock import RehearsalClock
from bot.db.store import Store
from bot.errors import NotSent, Refused, Uncertain
from bot.model import Campaign, PostState
from bot.pace import Limits
from bot.publisher import LEASE, Lookups, Publisher
from bot.senders import InTurn
from tests.announcements_sample import announcement, planned
from tests.conftest import START
from tests.fakes import FakeNetwork, PlainRules, next_wake_up, opened

MINUTE = timedelta(minutes=1)
CENT = 10_000


class DearRules(PlainRules):
    """Every post costs a cent and a half."""

    def price(self, text: str, *, alt_texts: int = 0) -> Decimal:
        return Decimal("0.015")


@dataclass
class Office:
    """A publisher whose accounts may do what `limits` says."""

    campaign: Campaign
    store: Store
    clock: RehearsalClock
    network: FakeNetwork
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        lookups = Lookups(
            lambda _account: self.network, lambda _name: DearRules(), opened, lambda _a: self.limits
        )
        self.publisher = Publisher(self.campaign, self.store, self.clock, lookups, InTurn())

    def queue(self, slug: str, minutes: float = 0) -> int:
        """Queue a post that is due in so many minutes."""
        post = planned("x-fr", self.clock.now() + minutes * MINUTE)
        return self.store.queue.add([(announcement(self.campaign, slug), [post])])[0][0]

    def work(self, until: timedelta) -> list[float]:
        """Publish as the daemon would; the minutes after the start at which something went out."""
        end = self.clock.now() + until
        out: list[float] = []
        while self.clock.now() < end:
            done = self.publisher.publish_due()
            now = (self.clock.now() - START) / MINUTE
            out += [now for _post, state in done if state == PostState.PUBLISHED]
            wake = next_wake_up(self.store, self.campaign.slug)
            assert wake is None or wake > self.clock.now(), "it would wake up for ever"
            self.clock.advance_to(min(wake or end, end))
        return out

    def states(self) -> list[PostState]:
        return [post.state for post in self.store.queue.posts(self.campaign.slug)]

    def notices(self) -> list[str]:
        return [str(one.message) for one in self.store.journal.notices()]

    def spent(self) -> int:
        return self.store.calls.spent("x", START.date())


@pytest.fixture
def office(
    campaign: Campaign, store: Store, clock: RehearsalClock, networks: dict[str, FakeNetwork]
) -> Office:
    patient = replace(campaign, late_after=timedelta(days=9))
    return Office(patient, store, clock, networks["x-fr"])


def test_after_two_days_outage_posts_come_one_by_one_oldest_first(office: Office) -> None:
    for number in range(4):
        office.queue(f"n-{number}", minutes=number)
    office.queue("today", minutes=2 * 24 * 60 + 15)
    office.clock.advance_to(START + timedelta(days=2))
    office.limits = Limits(gap=MINUTE, catch_up_gap=10 * MINUTE)
    out = office.work(timedelta(hours=2))
    begin = 2 * 24 * 60
    assert [minute - begin for minute in out] == [0, 10, 15, 20, 30]
    posts = sorted(office.store.queue.posts("campaign"), key=lambda post: str(post.published_at))
    assert [post.announcement for post in posts] == ["n-0", "n-1", "today", "n-2", "n-3"]


def test_late_posts_are_not_kept_back_by_those_that_are_on_time(office: Office) -> None:
    """One of those every eight minutes, and ten between late ones: they would never go."""
    for slug in ("late-0", "late-1", "late-2"):
        office.queue(slug)
    for number in range(20):
        office.queue(f"n-{number}", minutes=60 + 8 * number)
    office.clock.advance_to(START + timedelta(hours=1))
    office.limits = Limits(gap=MINUTE, catch_up_gap=10 * MINUTE)
    out = office.work(timedelta(hours=3))
    on_time = {60 + 8 * number for number in range(20)}
    late = [minute for minute in out if minute not in on_time]
    assert len(out) == 23
    assert late[0] < 75
    assert late[-1] < 100
    posts = [post for post in office.store.queue.posts("campaign") if post.due == START]
    at = sorted(post.published_at for post in posts if post.published_at)
    assert all(second - first >= 10 * MINUTE for first, second in pairwise(at))


def test_two_posts_of_the_same_minute_keep_their_distance(office: Office) -> None:
    office.limits = Limits(gap=MINUTE)
    for slug in ("un", "deux", "trois"):
        office.queue(slug)
    assert office.work(timedelta(hours=1)) == [0, 1, 2]


def test_beyond_a_days_ceiling_posts_wait_for_the_next(office: Office) -> None:
    office.limits = Limits(posts_a_day=2)
    for slug in ("un", "deux", "trois"):
        office.queue(slug)
    assert office.work(timedelta(days=2)) == [0, 0, 24 * 60]


def test_what_would_go_beyond_the_months_budget_is_held_and_told(office: Office) -> None:
    office.limits = Limits(budget=4 * CENT)
    for slug in ("un", "deux", "trois"):
        office.queue(slug)
    assert office.work(timedelta(hours=1)) == [0, 0]
    assert office.states() == [PostState.PUBLISHED, PostState.PUBLISHED, PostState.HELD]
    assert office.spent() == 3 * CENT
    assert office.notices()[0].startswith("It would go beyond this month's budget")
    office.limits = Limits(budget=5 * CENT)
    office.store.queue.retry([3])
    assert office.work(timedelta(hours=1)) == [60]


@pytest.mark.parametrize(
    ("fault", "spent"),
    [(NotSent("Down."), 0), (Refused("No."), 0), (Uncertain("Perhaps."), 15_000)],
)
def test_a_refusal_costs_nothing_and_what_may_be_out_counts(
    office: Office, fault: Exception, spent: int
) -> None:
    office.queue("un")
    office.network.before = [fault]
    office.publisher.publish_due()
    assert office.spent() == spent


def test_the_price_is_in_the_ledger_before_the_call_is_made(office: Office) -> None:
    prices: list[int | None] = []
    office.network.meanwhile = lambda post: prices.extend(
        line.price for line in office.store.ledger.attempts(post.id)
    )
    office.queue("un")
    office.publisher.publish_due()
    assert prices == [None, 15_000]


def test_a_machine_that_slept_past_its_lease_does_not_make_the_call(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = office.store.ledger.claim

    def then_asleep(*given: Any, **named: Any) -> object:
        claimed = claim(*given, **named)
        office.clock.advance_to(office.clock.now() + LEASE)
        return claimed

    monkeypatch.setattr(office.store.ledger, "claim", then_asleep)
    office.queue("un")
    office.publisher.publish_due()
    assert office.network.out == []
    lines = office.store.ledger.attempts(1)
    assert [line.state.value for line in lines] == ["prepared", "sending", "not_sent"]
    assert office.states() == [PostState.QUEUED]
