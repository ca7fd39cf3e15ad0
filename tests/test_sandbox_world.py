"""The world of the rehearsal networks, in one file for every process."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

#: Opens a new world every 50 ms, at the same instants as every other process that runs it.
OPENING = """
import sys, time
from pathlib import Path
from bot.sandbox.world import World
folder, start = Path(sys.argv[1]), float(sys.argv[2])
for number in range(20):
    time.sleep(max(start + number * 0.05 - time.time(), 0))
    World(folder / f"{number}.db")
"""


def test_daemons_that_start_at_once_share_one_world(tmp_path: Path) -> None:
    start = str(time.time() + 2)
    daemons = [
        subprocess.Popen(
            [sys.executable, "-c", OPENING, str(tmp_path), start],
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    assert [daemon.communicate(timeout=60)[1] for daemon in daemons] == [""] * 4
