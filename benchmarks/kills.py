"""Daemons killed with SIGKILL at named points and at random, and the networks' own truth after it.

`python -m benchmarks.kills [--brief] [--database URL]`; a URL of a database of its own, with
`{town}` in it for the number of the town hall. Without it, SQLite.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tests.kills.clock import LEASE_LASTS, SPEED
from tests.kills.harness import EVERYWHERE, RANDOM, WIRE, Tally, town

#: Town halls at the same time: most of a run is waiting for leases to end.
TOWNS = 5
DAEMONS = 3
#: Kills at each point; at the two on the wire more: half of all are to be there.
EACH, EACH_ON_THE_WIRE = 51, 100
SEED = 2023


def main(*, brief: bool = False, database: str = "") -> Tally:
    """Kill, settle, compare; prints what came of it."""
    began = time.monotonic()
    towns = 1 if brief else TOWNS
    plans = [plan[:30] if brief else plan for plan in _plans(towns)]
    with ProcessPoolExecutor(towns, multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(_town, number, plan, database) for number, plan in enumerate(plans)]
        tally = Tally()
        for job in as_completed(jobs):
            tally += job.result()
            print(f"  {tally.kills.total()} kills, {tally.doubles} doubles, {tally.losses} losses")
    _print(tally, towns, time.monotonic() - began, database.partition(":")[0] or "sqlite")
    return tally


def _plans(towns: int) -> list[list[str]]:
    plan = [
        point for point in EVERYWHERE for _ in range(EACH_ON_THE_WIRE if point in WIRE else EACH)
    ]
    random.Random(SEED).shuffle(plan)
    return [plan[number::towns] for number in range(towns)]


def _town(number: int, plan: Sequence[str], database: str) -> Tally:
    url = database.replace("{town}", str(number))
    with (
        tempfile.TemporaryDirectory() as folder,
        town(Path(folder), url, daemons=DAEMONS, seed=SEED + number) as here,
    ):
        here.queue(2)
        here.kill(plan)
        here.work()
        return here.judge()


def _print(tally: Tally, towns: int, took: float, database: str) -> None:
    total = tally.kills.total()
    print(
        f"kills ({database}, {towns} × {DAEMONS} daemons, lease {LEASE_LASTS} s, clock × "
        f"{SPEED:.0f}): {total} kills in {took:.0f} s, {tally.on_the_wire} with a request on the "
        f"wire; {tally.posts} posts, doubles {tally.doubles}, losses {tally.losses}, "
        f"left for a person {tally.for_a_person}"
    )
    for point in EVERYWHERE:
        print(f"  {tally.kills[point]:4d} {point}")
    if tally.not_reached:
        print(f"  of those {RANDOM}, {tally.not_reached} did not come to their point in time")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--brief", action="store_true")
    arguments.add_argument("--database", default="")
    asked = arguments.parse_args()
    outcome = main(brief=asked.brief, database=asked.database)
    sys.exit(1 if outcome.doubles or outcome.losses else 0)
