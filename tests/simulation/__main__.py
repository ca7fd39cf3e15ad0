"""Run the simulation: `python -m tests.simulation --runs 1000 --seed 0 --store model`."""

from __future__ import annotations

import argparse
import sys
from contextlib import closing

from tests.simulation.many import many
from tests.simulation.model_store import ModelStore
from tests.simulation.real_store import RealStores
from tests.simulation.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--store", choices=("model", "real"), default="model")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--trace", action="store_true", help="one run, told call by call")
    asked = parser.parse_args()
    if asked.trace:
        return _trace(asked.seed, asked.store)
    tally = many(asked.seed, asked.runs, asked.store, asked.processes)
    sys.stdout.writelines(f"{line}\n" for line in tally.lines(asked.store, asked.seed))
    return bool(tally.failed)


def _trace(seed: int, store: str) -> int:
    if store == "model":
        result = run(seed, ModelStore, tell=True)
    else:
        with closing(RealStores()) as stores:
            result = run(seed, stores, tell=True)
    verdict = result.verdict
    lines = [*result.told, *verdict.faults, *verdict.beyond, *verdict.forgotten]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return bool(verdict.faults)


if __name__ == "__main__":
    sys.exit(main())
