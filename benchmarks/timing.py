"""Whole processes timed in pairs, in turn, so that a machine that slows down slows both."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

#: Compiled modules are kept, as they are wherever Pavois is installed.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
PAVOIS = str(Path(sys.executable).parent / "pavois")


def seconds(command: Sequence[str], cwd: Path) -> float:
    """How long *command* takes as a whole process. Raises CalledProcessError if it fails."""
    began = time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, capture_output=True, env=ENVIRONMENT)
    return time.perf_counter() - began


def ratio(ours: Sequence[str], theirs: Sequence[str], cwd: Path, runs: int) -> tuple[float, ...]:
    """Medians of *ours* and *theirs* in seconds, and of their ratio pair by pair; one warm-up."""
    seconds(ours, cwd), seconds(theirs, cwd)
    pairs = [(seconds(ours, cwd), seconds(theirs, cwd)) for _ in range(runs)]
    return (
        statistics.median(our for our, _their in pairs),
        statistics.median(their for _our, their in pairs),
        statistics.median(our / their for our, their in pairs),
    )
