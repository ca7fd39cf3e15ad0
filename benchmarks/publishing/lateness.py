"""Posts due one after the other: how long after its hour each is on the wire, and never before."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from benchmarks.publishing import peers
from benchmarks.publishing.child import answer_of, started
from benchmarks.publishing.table import ratio, table

#: Posts, over how many seconds, and how many seconds the processes have to be ready before.
SPREAD = 600, 60.0, 5.0
BRIEF = 20, 2.0, 2.0

OURS, BARE = "Pavois, the daemon", "bare outbox on sqlite3"


def main(folder: Path, _posts: int, *, brief: bool) -> None:
    posts, seconds, lead = BRIEF if brief else SPREAD
    late = _measured(folder, posts, seconds, lead, {OURS: "ours", BARE: "bare"})
    if late[OURS]["earliest"] < 0:
        raise AssertionError(f"a post went out {-late[OURS]['earliest']:.1f} ms before its hour")
    rivals = peers.on_sqlite(brief=brief)
    rows = {**late, **_measured(folder, posts, seconds, lead, rivals)}
    table(
        f"lateness of {posts} posts over {seconds:.0f} s, in ms; Pavois' p99 is "
        f"{ratio(late[OURS]['p99'] / late[BARE]['p99'])} the bare outbox's (aim: at most 2)",
        ("", "earliest", "p50", "p99"),
        [
            (name, *(f"{row[figure]:.1f}" for figure in ("earliest", "p50", "p99")))
            for name, row in rows.items()
        ],
    )


def _measured(
    folder: Path, posts: int, seconds: float, lead: float, modules: Mapping[str, str]
) -> dict[str, dict[str, float]]:
    """The lateness of each of *modules*, all in the same minute, their posts between each other's:
    what else the machine does then delays all of them."""
    start = time.time() + lead
    children = {}
    for index, (name, module) in enumerate(modules.items()):
        place = folder / module
        place.mkdir()
        offset = seconds / posts * index / len(modules)
        children[name] = started(module, "late", place, start + offset, seconds, posts)
    return {name: answer_of(child) for name, child in children.items()}
