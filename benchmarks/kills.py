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
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from tests.kills.clock import LEASE_LASTS, SPEED
from tests.kills.harness import EVERYWHERE, town
from tests.kills.tally import Tally
from tests.postgres import MISSING, Server, installed

#: Town halls at the same time: most of a run is waiting for leases to end.
TOWNS = 3
DAEMONS = 3
#: Kills at each point, on either database; and as many more with a request on the wire until
#: those are half of all.
EACH = 25
#: The same while the database's server is brought down, every so many seconds.
EACH_BETWEEN_RESTARTS, RESTART_EVERY = 4, 4.0
SEED = 2023


def main(*, brief: bool = False) -> bool:
    """Kill, settle, compare; prints what came of it. Whether the promise was broken."""
    towns = 1 if brief else TOWNS
    whole = _plans(towns, 1 if brief else EACH)
    tally = _killed("SQLite", [""] * towns, whole)
    if programs := installed():
        tally += _on_postgresql(Server(programs), whole, 1 if brief else EACH_BETWEEN_RESTARTS)
    else:
        print(f"left out: kills on PostgreSQL ({MISSING})")
    least = min(tally.kills[point] for point in EVERYWHERE)
    print(f"in all {_summary(tally)}; at each point at least {least}")
    return tally.is_broken


def _on_postgresql(server: Server, whole: Sequence[Sequence[str]], each: int) -> Tally:
    """The whole plan, and *each* kills at every point while the server is restarted."""
    towns = len(whole)
    try:
        with _databases(server, towns) as urls:
            tally = _killed("PostgreSQL", urls, whole)
        with _databases(server, towns) as urls:
            tally += _killed("PostgreSQL, itself restarted", urls, _plans(towns, each), server)
    finally:
        server.remove()
    return tally


def _plans(towns: int, each: int) -> list[list[str]]:
    """Where to kill, for each town hall, in an order of no meaning."""
    plan = [*EVERYWHERE] * each
    random.Random(SEED).shuffle(plan)
    return [plan[number::towns] for number in range(towns)]


def _killed(
    database: str,
    urls: Sequence[str],
    plans: Sequence[Sequence[str]],
    restarted: Server | None = None,
) -> Tally:
    """What came of a town hall on each of *urls*, all at the same time; *restarted* is brought
    down (`pg_ctl restart -m immediate`) again and again meanwhile."""
    began = time.monotonic()
    times = 0
    with ProcessPoolExecutor(len(urls), multiprocessing.get_context("spawn")) as pool:
        jobs = [pool.submit(_town, *each) for each in zip(count(), urls, plans, strict=False)]
        # By this thread: a server ends with the thread that started it.
        while restarted and wait(jobs, RESTART_EVERY).not_done:
            restarted.restart()
            times += 1
        tally = sum((job.result() for job in jobs), Tally())
    print(
        f"kills on {database} ({len(urls)} × {DAEMONS} daemons, leases of {LEASE_LASTS} s, clock × "
        f"{SPEED:.0f}), {time.monotonic() - began:.0f} s: {_summary(tally)}"
    )
    print(*tally.lines(EVERYWHERE), sep="\n")
    if restarted:
        print(f"the server was brought down (pg_ctl restart -m immediate) {times} times")
    sys.stdout.flush()
    return tally


def _summary(tally: Tally) -> str:
    kills = tally.kills.total()
    return (
        f"{kills} kills, {tally.on_the_wire.total() / kills:.1%} with a request on the wire; "
        f"{tally.posts} posts, doubles {tally.doubles.total()}, losses {tally.losses.total()}, "
        f"left for a person {tally.for_a_person}"
    )


def _town(number: int, url: str, plan: Sequence[str]) -> Tally:
    with (
        tempfile.TemporaryDirectory() as folder,
        town(Path(folder), url, daemons=DAEMONS, seed=SEED + number) as here,
    ):
        here.kill(plan)
        here.work()
        return here.judge()


@contextmanager
def _databases(server: Server, towns: int) -> Iterator[list[str]]:
    with ExitStack() as stack:
        yield [stack.enter_context(server.new_database()) for _town in range(towns)]


if __name__ == "__main__":
    sys.exit(main(brief="--brief" in sys.argv))
