"""One run: daemons that live, are killed and come again, until all is quiet; then the verdict."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, Protocol, cast

from bot.clock import Clock
from bot.daemon import AFTER_A_FAULT
from bot.db.claims import Begun, Call, Claimed
from bot.db.store import Store
from bot.errors import PavoisError
from bot.model import Attempt, Post
from bot.networks.base import Network
from bot.outcome import Outcome
from bot.publisher import Lookups, Publisher
from bot.purse import Purse
from bot.resender import Resender
from bot.settler import Settler
from tests.fakes import next_wake_up, opened
from tests.simulation.check import Verdict, check
from tests.simulation.history import History
from tests.simulation.keeper import Keeper
from tests.simulation.model_store import ModelStore
from tests.simulation.network import connected
from tests.simulation.outside import Reached, Tasks
from tests.simulation.person import Person
from tests.simulation.plan import CAMPAIGN, Plan, plan_of
from tests.simulation.world import InCirclesError, Killed, Machine, Process, World

#: However quiet it is, a daemon looks; people who change the queue wake it besides.
AT_LEAST = timedelta(hours=6)
#: All is quiet long before.
LONGEST = timedelta(days=14).total_seconds()


#: The clocks of the machines are not quite the networks'.
CLOCKS_DIFFER = "clocks differ"


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
    history = History(plan, world)
    world.tell = partial(_note, told, world, history) if tell else history.watch
    simulation = _Simulation(plan, world, store_of(world), under or Under(), history)
    with _silence():
        try:
            world.run(LONGEST)
        except InCirclesError:
            verdict = Verdict(others=["it turns in circles"])
        else:
            verdict = check(plan, simulation.store, history)
    return Result(seed, plan.posts, plan.daemons, world.faults, verdict, told)


class _Simulation:
    def __init__(
        self, plan: Plan, world: World, store: Any, under: Under, history: History
    ) -> None:
        self.store = store
        self._plan = plan
        self._world = world
        self._under = under
        store.queue.add(plan.queued)
        under.spoiled(store)
        world.on_killed = self._start_again
        *machines, desk = map(Machine, plan.skews)
        if any(plan.skews):
            world.faults[CLOCKS_DIFFER] += 1
        for machine in machines:
            self._start(machine, after=world.random.random())
        person = Process(desk, mortal=False)
        reached = Reached(store, world)
        settler = self._settler(reached, person)
        keeper = Keeper(plan, store, world, history)
        world.spawn(person, Person(plan, reached, settler, world, keeper).live)

    def _start_again(self, process: Process) -> None:
        if process.mortal and not self._world.is_over:
            after = self._world.random.choice((1.0, 30.0, 400.0, 2000.0))
            self._start(process.machine, after)

    def _start(self, machine: Machine, after: float) -> None:
        process = Process(machine, mortal=True)
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

        def stopping() -> bool:
            return process.is_ending

        while not stopping():
            try:
                publisher.publish_due(stopping)
                resender.resend_due(stopping)
                settler.settle(stopping)
                wake = next_wake_up(store, CAMPAIGN.slug)
            except PavoisError:
                world.doze(AFTER_A_FAULT.total_seconds())
                continue
            latest = world.now() + AT_LEAST
            world.doze((min(wake or latest, latest) - world.now()).total_seconds())
        raise Killed

    def _settler(self, store: Reached, process: Process) -> Settler:
        known = cast(Store, store)
        looks: Tasks[Any] = Tasks(self._world, process)
        purse = Purse(known, self._world)
        return self._under.settler(CAMPAIGN, known, self._world, self._network_of, looks, purse)

    def _network_of(self, account: str) -> Network:
        return connected(self._plan.truths[account], self._world)


def _note(
    told: list[str], world: World, history: History, name: str, values: Any, result: Any
) -> None:
    history.watch(name, values, result)
    process = world.current.process
    who = f"{id(process) % 9973:4}" if process.mortal else "she "
    given = ", ".join(map(_short, values))
    told.append(f"{world.seconds:10.1f} {who} {name}({given}) → {_short(result)}")


#: How values look in a line of a trace.
_SHORT: Mapping[type, Callable[[Any], str]] = {
    Post: lambda post: f"post {post.id} {post.state} {post.attempts} {post.text!r}",
    Attempt: lambda line: f"{line.number} {line.state}",
    Claimed: lambda one: f"{_short(one.post)} {one.begun.name if one.begun else '-'}",
    Call: lambda call: _short(call.post),
    Outcome: lambda outcome: f"{outcome.attempt or '-'}/{outcome.post} {outcome.cause or ''}",
    datetime: lambda instant: f"{instant:%d %H:%M:%S}",
    timedelta: str,
    Begun: lambda begun: begun.name,
    list: lambda values: f"[{', '.join(map(_short, values))}]",
    tuple: lambda values: f"({', '.join(map(_short, values))})",
}


def _short(value: Any) -> str:
    return "…" if callable(value) else _SHORT.get(type(value), repr)(value)


@contextmanager
def _silence() -> Iterator[None]:
    """No log: its lines would take longer than what they tell of."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
