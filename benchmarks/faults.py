"""Whole lives of daemons on a simulated clock, network and store: doubles and losses must be 0.

`python -m benchmarks.faults`: 100,000 runs on the model store and 10,000 on the real one.
"""

from __future__ import annotations

import os
import sys

from tests.simulation.many import many

RUNS = {"model": 100_000, "real": 10_000}
BRIEF = {"model": 400, "real": 10}


def main(*, brief: bool = False) -> None:
    failed = False
    for store, runs in (BRIEF if brief else RUNS).items():
        tally = many(0, runs, store, processes=min(2, os.cpu_count() or 1))
        failed |= bool(tally.failed)
        for line in tally.lines(store, 0):
            print(line)
    if failed:
        sys.exit("the promise was broken: see the seeds above")


if __name__ == "__main__":
    main(brief="--brief" in sys.argv)
