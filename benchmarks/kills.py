"""Daemons killed with SIGKILL at named points and at random, and the networks' own truth after it.

`python -m benchmarks.kills [--brief]`: on SQLite, then on PostgreSQL, then on a PostgreSQL that is
itself brought down and started again all the while. Exit status 1: something went out twice, or
was lost.
"""

from __future__ import annotations

import multiprocessing
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from tests.kills.clock import LEASE_LASTS, SPEED
from tests.kills.doors import WIRE
from tests.kills.harness import EVERYWHERE, town
from tests.kills.tally import Tally
from tests.postgres import MISSING, Server, installed

#: Town halls at the same time: most of a run is waiting for leases to end.
TOWNS = 5
DAEMONS = 3
#: Kills at each point; at the two on the wire more, and as many more until they are half of all.
EACH, EACH_ON_THE_WIRE = 50, 120
#: The same while the database's server is brought down, every so many seconds.
EACH_BETWEEN_RESTARTS = 5
RESTART_EVERY = 4.0
SEED = 2023


def main(*, brief: bool = False) -> bool:
    """Kill, settle, compare; prints what came of it. Whether the promise was broken."""
    programs = installed()
    towns = 1 if brief else TOWNS
    whole = _plans(towns, 1, 1) if brief else _plans(towns, EACH, EACH_ON_THE_WIRE)
    broken = _killed("SQLite", [""] * towns, whole)
    if not programs:
        print(f"left out: kills on PostgreSQL ({MISSING})")
        return broken
    server = Server(programs)
    try:
        with _databases(server, towns) as urls:
            broken |= _killed("PostgreSQL", urls, whole)
        each = 1 if brief else EACH_BETWEEN_RESTARTS
        with _databases(server, towns) as urls, _brought_down(server) as times:
            broken |= _killed("PostgreSQL, itself restarted", urls, _plans(towns, each, each))
        print(f"  the server was brought down (pg_ctl restart -m immediate) {next(times)} times")
    finally:
        server.remove()
    return broken


def _plans(towns: int, each: int, each_on_the_wire: int) -> list[list[str]]:
    """Where to kill, for each town hall, in an order of no meaning."""
    plan = [
        point for point in EVERYWHERE for _ in range(each_on_the_wire if point in WIRE else each)
    ]
    random.Random(SEED).shuffle(plan)
    return [plan[number::towns] for number in range(towns)]


def _killed(database: str, urls: Sequence[str], plans: Sequence[Sequence[str]]) -> bool:
    """A town hall on each of *urls*, at the same time; whether the promise was broken."""
    began = time.monotonic()
    tally = Tally()
    with ProcessPoolExecutor(len(urls), multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(_town, *each) for each in zip(count(), urls, plans, strict=False)]
        for job in as_completed(jobs):
            tally += job.result()
    kills, wire = tally.kills.total(), tally.on_the_wire.total()
    print(
        f"kills ({database}, {len(urls)} × {DAEMONS} daemons, leases of {LEASE_LASTS} s, clock × "
        f"{SPEED:.0f}): {kills} in {time.monotonic() - began:.0f} s, {wire / kills:.0%} with a "
        f"request on the wire; {tally.posts} posts, doubles {tally.doubles.total()}, losses "
        f"{tally.losses.total()}, left for a person {tally.for_a_person}"
    )
    print(*tally.lines(EVERYWHERE), sep="\n")
    return tally.is_broken


def _town(number: int, url: str, plan: Sequence[str]) -> Tally:
    with (
        tempfile.TemporaryDirectory() as folder,
        town(Path(folder), url, daemons=DAEMONS, seed=SEED + number) as here,
    ):
        here.queue(2)
        here.kill(plan)
        here.work()
        return here.judge()


@contextmanager
def _databases(server: Server, towns: int) -> Iterator[list[str]]:
    with ExitStack() as stack:
        yield [stack.enter_context(server.new_database()) for _town in range(towns)]


@contextmanager
def _brought_down(server: Server) -> Iterator[Iterator[int]]:
    """*server* is restarted again and again; the next of the numbers is how often."""
    times = count()
    over = threading.Event()

    def restart() -> None:
        while not over.wait(RESTART_EVERY):
            server.restart()
            next(times)

    restarting = threading.Thread(target=restart)
    restarting.start()
    try:
        yield times
    finally:
        over.set()
        restarting.join()


if __name__ == "__main__":
    sys.exit(main(brief="--brief" in sys.argv))
