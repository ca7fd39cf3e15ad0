"""What a hundred thousand posts that only wait cost: nothing, if it goes well."""

from __future__ import annotations

import signal
import statistics
import subprocess
import time
from pathlib import Path

from benchmarks.publishing import ours
from benchmarks.publishing.child import figures
from benchmarks.publishing.table import ratio, table
from benchmarks.timing import ENVIRONMENT, PAVOIS

WAITING = 100_000
ROUNDS = 5
LOOKS = {
    "look": "publishing when nothing is due",
    "tick": "a whole tick of the daemon then",
    "one_due": "publishing the one post that is due",
}


def main(folder: Path, posts: int, *, brief: bool) -> None:
    waiting = posts if brief else WAITING
    rounds = 1 if brief else ROUNDS
    none, many = folder / "none", folder / "many"
    for place, number in ((none, 0), (many, waiting)):
        place.mkdir()
        ours.queued_up(place, number)
    starts = [(_start_up(none), _start_up(many)) for _round in range(rounds)]
    looks = figures("ours", "looks", none), figures("ours", "looks", many)
    table(
        f"{waiting:,} posts waiting, beside none: medians in ms",
        ("", "none", f"{waiting:,}", "ratio"),
        [
            _row("`pavois run`, until it is ready", starts),
            *(_row(words, [(looks[0][name], looks[1][name])]) for name, words in LOOKS.items()),
        ],
    )


def _row(name: str, pairs: list[tuple[float, float]]) -> tuple[str, ...]:
    without, beside = zip(*pairs, strict=True)
    grown = statistics.median(more / less for less, more in pairs)
    return (
        name,
        f"{statistics.median(without):.1f}",
        f"{statistics.median(beside):.1f}",
        ratio(grown),
    )


def _start_up(place: Path) -> float:
    """Milliseconds until `pavois run` says that it is ready."""
    began = time.perf_counter()
    daemon = subprocess.Popen(
        [PAVOIS, "run"],
        cwd=place,
        env={**ENVIRONMENT, "PAVOIS_LANGUAGE": "en"},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert daemon.stderr
        for line in daemon.stderr:
            if "Ctrl-C stops" in line:
                return (time.perf_counter() - began) * 1000
        raise AssertionError("pavois run ended before it was ready")
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.communicate(timeout=30)
