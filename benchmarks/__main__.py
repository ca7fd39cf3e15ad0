"""`make bench`: every benchmark in turn. `--brief` only shows that they work."""

from __future__ import annotations

import sys

from benchmarks import faults, idle, media, publishing, rehearsal, rendering, startup, x_text

if __name__ == "__main__":
    brief = "--brief" in sys.argv
    for benchmark in (startup, rendering, x_text, media, rehearsal, publishing, idle, faults):
        benchmark.main(brief=brief)
