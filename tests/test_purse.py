"""What is paid for besides publishing: counted once, within the budget, and against nobody's
safety."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.clock import SPREAD, RehearsalClock, next_day
from bot.collector import Collector
from bot.db.store import Store
from bot.errors import NoAnswer, NotSent, RefusedCommand, Spent, StoreError, Uncertain
from bot.metrics import Metrics
from bot.model import AttemptState, Campaign, Post, PostState
from bot.networks.base import Charges
from bot.outcome import FIRST_LOOK_AFTER
from bot.pace import Limits
from bot.proofreader import Proofreader
from bot.purse import Purse
from bot.read_back import READ_BACK_AFTER
from bot.senders import InTurn
from bot.settler import Settler
from tests.announcements_sample import MARK, announcement, planned
from tests.conftest import START
from tests.fakes import FakeNetwork, publisher_of
from tests.story import TownHall, found_town_hall, town_hall

READ = 5_000
MONTH = START.date()


def dear(_network: str) -> Charges:
    """Half a cent for each post that is read."""
    return Charges(delete=Decimal("0.005"), read=Decimal("0.005"))


@dataclass
class Office:
    """Accounts that pay for what they read, of the budget in `limits`."""

    campaign: Campaign
    store: Store
    clock: RehearsalClock
    network: FakeNetwork
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        self.purse = Purse(self.store, self.clock, dear, lambda _account: self.limits)
        reads = self.campaign, self.store, self.clock, lambda _account: self.network, self.purse
        self.proofreader = Proofreader(*reads)
        self.collector = Collector(*reads)

    def publish(self, slug: str) -> Post:
        """A post that is out, and is to be read back when it is time."""
        post = planned("x-fr", self.clock.now(), text=f"{slug}\n\n{MARK}")
        ((number,),) = self.store.queue.add([(announcement(self.campaign, slug), [post])])
        publisher = publisher_of(self.campaign, self.store, self.clock, lambda _a: self.network)
        publisher.publish_due()
        made = self.store.queue.post(number)
        if made.remote_id:
            self.network.figures[made.remote_id] = Metrics(1)
        return made

    def read_back(self) -> list[int]:
        return [post.id for post, _said in self.proofreader.read_due()]

    def spend(self, amount: int) -> None:
        """Somebody has spent so much this month."""
        self.store.money.settle_reads("x", self.clock.now(), amount, frozenset(), frozenset("?"))

    def spent(self) -> int:
        return self.store.calls.spent("x", self.clock.now().date())

    def notices(self) -> list[tuple[str, str]]:
        return [(one.subject, str(one.message)) for one in self.store.journal.notices()]


@pytest.fixture
def office(
    campaign: Campaign, store: Store, clock: RehearsalClock, networks: dict[str, FakeNetwork]
) -> Office:
    return Office(campaign, store, clock, networks["x-fr"])


def test_a_post_that_is_read_twice_on_a_day_is_paid_once_and_the_next_day_again(
    office: Office,
) -> None:
    office.publish("visite")
    office.clock.wait(READ_BACK_AFTER)
    assert office.read_back()
    assert office.spent() == READ
    assert office.collector.collect_now() == 1
    assert office.spent() == READ
    office.clock.wait(timedelta(days=1))
    assert office.collector.collect_now() == 1
    assert office.spent() == 2 * READ


def test_what_else_a_look_shows_is_paid_too_and_what_it_does_not_show_is_not(
    office: Office,
) -> None:
    first = office.publish("visite")
    office.publish("forum")
    shown = office.purse.look(office.network, START - timedelta(days=1), [first])
    assert len(shown) == 2
    assert office.spent() == 2 * READ
    office.network.hidden = True
    office.clock.wait(timedelta(days=1))
    assert not office.purse.look(office.network, START - timedelta(days=1), [first])
    assert office.spent() == 2 * READ


@pytest.mark.parametrize(
    ("fault", "paid"), [(NotSent("Down."), 0), (NoAnswer("It did not answer."), READ)]
)
def test_a_reading_that_fails_costs_nothing_unless_its_answer_was_lost(
    office: Office, fault: Exception, paid: int
) -> None:
    post = office.publish("visite")
    office.network.blurred = [fault]
    with pytest.raises(NotSent):
        office.purse.look(office.network, START, [post])
    assert office.spent() == paid


def test_a_network_that_takes_nothing_leaves_no_trace_of_money(
    store: Store, clock: RehearsalClock, office: Office
) -> None:
    post = office.publish("visite")
    Purse(store, clock).look(office.network, START, [post])
    assert store.journal.setting("read x") == ""
    assert office.spent() == 0


# a budget


def test_what_is_read_back_waits_without_harm_when_the_budget_is_spent_and_is_told_once(
    office: Office,
) -> None:
    post = office.publish("visite")
    office.limits = Limits(budget=10 * READ)
    office.spend(8 * READ)
    office.clock.wait(READ_BACK_AFTER)
    for day in range(5):
        assert office.read_back() == []
        ((about, said),) = office.notices()
        assert about == "budget x"
        assert "networks.x.budget" in said
        again = office.proofreader.next_at()
        assert again is not None
        tomorrow = next_day(office.clock.now())
        assert tomorrow <= again <= tomorrow + SPREAD, f"day {day}"
        office.clock.advance_to(again)
    assert office.network.looks == [], "nothing was called for"
    assert office.store.queue.post(post.id).looks == 0, "that is no vain look"
    office.limits = Limits(budget=20 * READ)
    assert office.read_back() == [post.id]
    assert office.notices() == [], "it is settled by itself"


def test_a_fifth_of_the_budget_is_kept_for_publishing(office: Office) -> None:
    office.limits = Limits(budget=10 * READ)
    posts = [office.publish(f"n-{number}") for number in range(9)]
    with pytest.raises(Spent):
        office.purse.look(office.network, START, posts)
    assert office.purse.metrics(office.network, [post.remote_id for post in posts[:8]], posts)
    assert office.spent() == 8 * READ
    with pytest.raises(Spent):
        office.purse.metrics(office.network, [posts[8].remote_id], posts)
    again = office.purse.metrics(office.network, [post.remote_id for post in posts[:8]], posts)
    assert len(again) == 8, "what was read today costs nothing more"


def test_figures_wait_too_and_the_next_month_they_are_read_again(office: Office) -> None:
    office.publish("visite")
    office.limits = Limits(budget=2 * READ)
    office.spend(2 * READ)
    assert office.collector.collect_due() == 0
    assert [about for about, _said in office.notices()] == ["budget x"]
    office.clock.advance_to(datetime(START.year, START.month + 1, 1, 1, tzinfo=START.tzinfo))
    assert office.collector.collect_due() == 1
    assert office.notices() == []
    assert office.spent() == READ


def test_a_post_that_may_be_out_is_looked_for_whatever_is_left_and_that_is_counted(
    office: Office,
) -> None:
    office.limits = Limits(budget=READ)
    office.spend(READ)
    office.network.after = [Uncertain("No answer.")]
    post = office.publish("visite")
    assert post.state == PostState.UNCERTAIN
    office.clock.wait(FIRST_LOOK_AFTER)
    settler = Settler(
        office.campaign,
        office.store,
        office.clock,
        lambda _account: office.network,
        InTurn(),
        office.purse,
    )
    ((_post, state),) = settler.settle()
    assert state == PostState.PUBLISHED
    assert office.spent() == 2 * READ


def test_a_database_that_fails_takes_away_nothing_that_was_seen(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    post = office.publish("visite")

    def full(*_arguments: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(office.store.money, "settle_reads", full)
    assert office.purse.look_anyway(office.network, START, post)


# the money of a month


NETWORKS = (f"network-{number}" for number in count())
Act = tuple[bool, frozenset[str], frozenset[str]]
_NAMES = some.frozensets(some.sampled_from("abcdef"))


@settings(deadline=None)  # a disk may be slow
@given(some.lists(some.tuples(some.booleans(), _NAMES, _NAMES), max_size=9), some.integers(0, 8))
def test_however_reading_goes_each_post_of_a_day_is_counted_once(
    one_store: Callable[[], Store], acts: list[Act], posts: int
) -> None:
    """Reserved, then read, or refused by the network; a budget is kept by what is reserved."""
    store, network = one_store(), next(NETWORKS)
    read: set[str] = set()
    for fails, wanted, shown in acts:
        at = store.money._clock.now()
        reserved = store.money.reserve_reads(network, wanted, READ, posts * READ)
        assert (reserved is None) == (bool(wanted - read) and len(wanted | read) > posts)
        if reserved is None:
            continue
        assert reserved == wanted - read
        given_back = frozenset[str]() if fails else shown
        store.money.settle_reads(network, at, READ, reserved, given_back)
        read |= given_back
        assert store.calls.spent(network, MONTH) == READ * len(read)


@pytest.fixture(scope="module")
def one_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Store]]:
    """One store for all the examples of a property, each with a network of its own."""
    path = tmp_path_factory.mktemp("money") / "pavois.db"
    store = Store(f"sqlite:///{path}", RehearsalClock(START))
    yield lambda: store
    store.close()


def test_what_was_reserved_before_midnight_and_read_after_it_is_paid_where_it_was_reserved(
    store: Store, clock: RehearsalClock
) -> None:
    clock.advance_to(datetime(2023, 2, 28, 23, 59, 59, tzinfo=START.tzinfo))
    at = clock.now()
    reserved = store.money.reserve_reads("x", ["a", "b"], READ, None)
    assert reserved == frozenset("ab")
    clock.wait(timedelta(seconds=2))
    store.money.settle_reads("x", at, READ, reserved, frozenset("a"))
    assert store.calls.spent("x", at.date()) == READ
    assert store.calls.spent("x", clock.now().date()) == 0


# through the real clients, against what the rehearsal's X takes


@pytest.fixture
def tours(tmp_path: Path) -> Iterator[TownHall]:
    found_town_hall(tmp_path, "[networks.x]\nbudget = 1\n")
    with town_hall(tmp_path) as hall:
        hall.sandbox.set_premium("x-fr")
        hall.queue("visite", timedelta(minutes=1), "Visite le 3 mars")
        hall.work()
        yield hall


def test_all_that_x_takes_is_counted_and_where_it_is_not_sure_the_higher_price(
    tours: TownHall,
) -> None:
    corrections = tours.app.corrections
    corrections.correct(corrections.considered(tours.post("visite", "x"), "Visite le 4 mars"))
    tours.clock.wait(READ_BACK_AFTER)
    tours.app.proofreader.read_due()
    tours.app.collector.collect_now()
    corrections.delete(tours.post("visite", "x"))
    spent = Decimal(tours.app.store.calls.spent("x", MONTH)) / 1_000_000
    # Two posts (the edit is one), both of them read, one deletion.
    assert spent == Decimal("0.015") * 2 + Decimal("0.005") * 2 + Decimal("0.005")
    # The rehearsal's X takes a fifth for one's own timeline, and both versions for one post.
    assert Decimal(str(tours.sandbox.spent())) == spent - Decimal("0.009")


def test_a_correction_that_costs_more_than_is_left_is_refused_and_a_deletion_is_not(
    tours: TownHall,
) -> None:
    work, post = tours.app.corrections, tours.post("visite", "x")
    correction = work.considered(post, "Visite le 4 mars")
    tours.app.store.money.settle_reads("x", tours.clock.now(), 975_000, frozenset(), frozenset("?"))
    for tried in (lambda: work.considered(post, "Autre"), lambda: work.correct(correction)):
        with pytest.raises(RefusedCommand) as refused:
            tried()
        for said in ("US$0.015", "US$0.01 is left", "networks.x.budget", "pavois delete 1"):
            assert said in str(refused.value)
    acts = [line.act for line in tours.app.store.ledger.attempts(post.id)]
    assert set(acts) == {"publish"}
    for _sort in range(2):
        tours.app.store.money.settle_reads(
            "x", tours.clock.now(), 5_000, frozenset(), frozenset("!§"[_sort])
        )
    work.delete(post)
    assert tours.app.store.calls.spent("x", MONTH) == 1_005_000


@pytest.mark.parametrize(
    ("fault", "state", "paid"),
    [
        ("forbidden_403", AttemptState.REFUSED, 0),
        ("error_500_before", AttemptState.UNCERTAIN, 15_000),
    ],
)
def test_a_correction_that_was_refused_cost_nothing_and_one_that_may_be_out_counts(
    tours: TownHall, fault: str, state: AttemptState, paid: int
) -> None:
    work, post = tours.app.corrections, tours.post("visite", "x")
    before = tours.app.store.calls.spent("x", MONTH)
    tours.sandbox.fault("x", fault)
    with pytest.raises(Exception, match="X"):
        work.correct(work.considered(post, "Visite le 4 mars"))
    lines = tours.app.store.ledger.attempts(post.id)
    assert (lines[-2].price, lines[-1].price, lines[-1].state) == (15_000, None, state)
    assert tours.app.store.calls.spent("x", MONTH) == before + paid


def test_on_linkedin_nothing_is_counted_in_money(tours: TownHall) -> None:
    work = tours.app.corrections
    work.correct(work.considered(tours.post("visite", "linkedin"), "Visite le 4 mars"))
    work.delete(tours.post("visite", "linkedin"))
    assert tours.app.store.calls.spent("linkedin", MONTH) == 0
    assert tours.app.store.calls.made("linkedin-fr", MONTH) >= 3


# a stop


def test_while_all_is_stopped_nothing_is_corrected_and_what_is_wrong_can_be_deleted(
    tours: TownHall,
) -> None:
    work, post = tours.app.corrections, tours.post("visite", "x")
    correction = work.considered(post, "Visite le 4 mars")
    tours.app.store.brake.stop("deuil national", "Marie, mairie-1")
    for tried in (lambda: work.considered(post, "Autre"), lambda: work.correct(correction)):
        with pytest.raises(RefusedCommand) as refused:
            tried()
        for said in ("deuil national", "Marie, mairie-1", "pavois resume"):
            assert said in str(refused.value)
    assert tours.shown("x", "Visite le 3 mars")
    work.delete(post)
    assert not tours.shown("x")
    tours.app.store.brake.release_all(tours.app.campaign)
    other = tours.post("visite", "linkedin")
    work.correct(work.considered(other, "Visite le 4 mars"))
