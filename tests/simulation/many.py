"""Many runs, in several processes, and what came of them in a few lines."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

from tests.simulation.keeper import RESTORED
from tests.simulation.model_store import ModelStore
from tests.simulation.network import AFTER, BEFORE, LAGS, LOOK_FAILS, ON_THE_WIRE, WITH_FILES
from tests.simulation.outside import CUTS
from tests.simulation.person import ACTS
from tests.simulation.real_store import RealStores
from tests.simulation.run import CLOCKS_DIFFER, Result, Under, run
from tests.simulation.world import CLOCKS, IN_A_TRANSACTION, KILLS, STALLS

#: Everything that goes wrong, or is done, on purpose: what counts 0 is never tried.
_KINDS = (
    *BEFORE, *AFTER, LAGS, LOOK_FAILS, *WITH_FILES, ON_THE_WIRE,
    *KILLS, *STALLS, *CLOCKS, CLOCKS_DIFFER, *CUTS, RESTORED, *ACTS,
)  # fmt: skip
KINDS = {"model": _KINDS, "real": (*_KINDS, IN_A_TRANSACTION)}
#: The figures of a Tally that are added up.
_ADDED = (
    "runs", "posts", "doubles", "losses", "others", "beyond", "forgotten", "left_to_a_person",
    "resent",
)  # fmt: skip
#: Runs that one process does at a stretch.
BATCH = 250


@dataclass(slots=True)
class Tally:
    """What came of many runs. `failed` gives what was wrong, by seed."""

    runs: int = 0
    posts: int = 0
    fewest_posts: int = 1 << 30
    fewest_daemons: int = 1 << 30
    fewest_faults: int = 1 << 30
    doubles: int = 0
    losses: int = 0
    others: int = 0
    beyond: int = 0
    forgotten: int = 0
    left_to_a_person: int = 0
    resent: int = 0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[str]] = field(default_factory=dict)

    def add(self, result: Result) -> None:
        verdict = result.verdict
        self.runs += 1
        self.posts += result.posts
        self.fewest_posts = min(self.fewest_posts, result.posts)
        self.fewest_daemons = min(self.fewest_daemons, result.daemons)
        self.fewest_faults = min(self.fewest_faults, result.faults.total())
        self.doubles += len(verdict.doubles)
        self.losses += len(verdict.losses)
        self.others += len(verdict.others)
        self.beyond += len(verdict.beyond)
        self.forgotten += len(verdict.forgotten)
        self.left_to_a_person += verdict.left_to_a_person
        self.resent += verdict.resent
        self.faults += result.faults
        if verdict.faults:
            self.failed[result.seed] = verdict.faults

    def merge(self, other: Tally) -> None:
        for name in _ADDED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("fewest_posts", "fewest_daemons", "fewest_faults"):
            setattr(self, name, min(getattr(self, name), getattr(other, name)))
        self.faults += other.faults
        self.failed |= other.failed

    def lines(self, store: str, first: int) -> Iterator[str]:
        """For people."""
        yield (
            f"simulation on the {store} store: {self.runs} runs, seeds {first} to "
            f"{first + self.runs - 1}, {self.posts} posts, in {self.seconds:.0f} s "
            f"({self.runs / self.seconds:.0f} runs a second)"
        )
        yield (
            f"  each at least {self.fewest_posts} posts, {self.fewest_daemons} daemons, "
            f"{self.fewest_faults} fault(s); faults in all: {self.faults.total()}"
        )
        for kind in KINDS[store]:
            yield f"    {self.faults[kind]:9} {kind}"
        yield (
            f"  doubles {self.doubles}, losses {self.losses}, other faults {self.others}; "
            f"left to a person with a notice {self.left_to_a_person}; "
            f"sent once more by themselves {self.resent}; "
            f"beyond the promise (longer than T from the last check until it can be read back) "
            f"{self.beyond}; changed after the backup that was put back {self.forgotten}"
        )
        for seed in sorted(self.failed)[:5]:
            yield f"  seed {seed}: {'; '.join(self.failed[seed])}"
            yield f"    again: python -m tests.simulation --seed {seed} --store {store} --trace"


def batch(first: int, runs: int, store: str = "model", under: Under | None = None) -> Tally:
    """*runs* runs from the seed *first* on, in this process."""
    tally = Tally()
    if store == "model":
        for seed in range(first, first + runs):
            tally.add(run(seed, ModelStore, under))
        return tally
    with closing(RealStores()) as stores:
        for seed in range(first, first + runs):
            tally.add(run(seed, stores, under))
    return tally


def many(first: int, runs: int, store: str, processes: int) -> Tally:
    """*runs* runs in *processes* processes."""
    began = time.perf_counter()
    starts = range(first, first + runs, BATCH)
    sizes = [min(BATCH, first + runs - start) for start in starts]
    tally = Tally()
    with ProcessPoolExecutor(processes) as pool:
        for done in pool.map(partial(batch, store=store), starts, sizes):
            tally.merge(done)
    tally.seconds = time.perf_counter() - began
    return tally
