"""How quickly and how punctually posts go out, beside other schedulers and beside bare limits.

All that is compared runs in the same run, each in a process of its own, round by round in turn: a
machine that slows down slows all of them. Ratios are taken round by round; read them rather than
the figures. What Pavois is measured by goes through `ours`, the only file here that calls it.

`--brief` shows in a few seconds that it works: fewer posts, and none of the peers.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

POSTS = 10_000
BRIEF_POSTS = 100


def main(*, brief: bool = False, posts: int = POSTS) -> None:
    from benchmarks.publishing import drain, kills, lateness, peers, queued

    if reason := peers.missing(brief=brief):
        print(f"publishing, left out: {reason}")
    with tempfile.TemporaryDirectory(prefix="pavois-bench-") as name:
        for question in (drain, kills, lateness, queued):
            folder = Path(name, question.__name__.rpartition(".")[2])
            folder.mkdir()
            question.main(folder, min(posts, BRIEF_POSTS) if brief else posts, brief=brief)
