"""One run: daemons that live, are killed and come again, until all is quiet; then the verdict."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any, Protocol, cast

from bot.clock import Clock
from bot.daemon import AFTER_A_FAULT
from bot.db.store import Store
from bot.errors import PavoisError
from bot.networks.base import Network
from bot.publisher import Lookups, Publisher
from bot.purse import Purse
from bot.resender import Resender
from bot.settler import Settler
from tests.fakes import opened
from tests.simulation.check import Verdict, check
from tests.simulation.model_store import ModelStore
from tests.simulation.network import connected
from tests.simulation.outside import Reached, Tasks
from tests.simulation.person import Person
from tests.simulation.plan import CAMPAIGN, Plan, plan_of
from tests.simulation.world import InCirclesError, Process, World

#: However quiet it is, a daemon looks; people who change the queue wake it besides.
AT_LEAST = timedelta(hours=6)
#: All is quiet long before.
LONGEST = timedelta(days=14).total_seconds()


class Makes(Protocol):
    """Gives an empty store whose clock is the one given."""

    def __call__(self, clock: Clock) -> Any: ...


@dataclass(frozen=True, slots=True)
class Under:
    """What is under test: Pavois itself, or (a test of the tester) Pavois with a deliberate bug."""

    publisher: type[Publisher] = Publisher
    settler: type[Settler] = Settler
    resender: type[Resender] = Resender
    spoiled: Callable[[Any], None] = lambda _store: None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run."""

    seed: int
    posts: int
    daemons: int
    faults: Counter[str]
    verdict: Verdict
    told: list[str] = field(default_factory=list)


def run(
    seed: int, store_of: Makes = ModelStore, under: Under | None = None, *, tell: bool = False
) -> Result:
    """The run that *seed* stands for; the same again, whenever it is asked for."""
    random = Random(seed)
    plan = plan_of(random)
    world = World(random)
    told: list[str] = []
    if tell:
        world.tell = partial(_note, told, world)
    simulation = _Simulation(plan, world, store_of(world), under or Under())
    with _silence():
        try:
            world.run(LONGEST)
        except InCirclesError:
            verdict = Verdict(others=["it turns in circles"])
        else:
            verdict = check(plan, simulation.store)
    return Result(seed, plan.posts, plan.daemons, world.faults, verdict, told)


class _Simulation:
    def __init__(self, plan: Plan, world: World, store: Any, under: Under) -> None:
        self.store = store
        self._plan = plan
        self._world = world
        self._under = under
        store.queue.add(plan.queued)
        under.spoiled(store)
        world.on_killed = self._start_again
        for _daemon in range(plan.daemons):
            self._start(after=world.random.random())
        person = Process(mortal=False)
        reached = Reached(store, world)
        settler = self._settler(reached, person)
        world.spawn(person, Person(plan, reached, settler, world).live)

    def _start_again(self, process: Process) -> None:
        if process.mortal and not self._world.is_over:
            self._start(after=self._world.random.choice((1.0, 30.0, 400.0, 2000.0)))

    def _start(self, after: float) -> None:
        process = Process(mortal=True)
        self._world.spawn(process, lambda: self._live(process), after)

    def _live(self, process: Process) -> None:
        """A daemon, as `bot.daemon` has it."""
        world, store = self._world, Reached(self.store, self._world)
        settler = self._settler(store, process)
        lookups = Lookups(
            self._network_of, lambda _name: self._plan.rules, opened, self._plan.limits_of
        )
        publisher = self._under.publisher(
            CAMPAIGN, cast(Store, store), world, lookups, Tasks(world, process)
        )
        resender = self._under.resender(
            self._plan.campaign, cast(Store, store), world, lookups, Tasks(world, process)
        )
        while True:
            try:
                resender.resend_due()
                settler.settle()
                publisher.publish_due()
                wake = store.ledger.next_wake_up(CAMPAIGN.slug)
            except PavoisError:
                world.doze(AFTER_A_FAULT.total_seconds())
                continue
            latest = world.now() + AT_LEAST
            world.doze((min(wake or latest, latest) - world.now()).total_seconds())

    def _settler(self, store: Reached, process: Process) -> Settler:
        known = cast(Store, store)
        looks: Tasks[Any] = Tasks(self._world, process)
        purse = Purse(known, self._world)
        return self._under.settler(CAMPAIGN, known, self._world, self._network_of, looks, purse)

    def _network_of(self, account: str) -> Network:
        return connected(self._plan.truths[account], self._world)


def _note(told: list[str], world: World, name: str, values: Any, result: Any) -> None:
    process = world.current.process
    who = f"{id(process) % 9973:4}" if process.mortal else "she "
    told.append(f"{world.seconds:10.1f} {who} {name}{values!r} → {result!r}")


@contextmanager
def _silence() -> Iterator[None]:
    """No log: its lines would take longer than what they tell of."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
