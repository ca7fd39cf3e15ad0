"""What a daemon costs that has nothing to do: resident memory, and processor time a minute."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.timing import PAVOIS

SETTLE_SECONDS = 8


def main(*, brief: bool = False) -> None:
    measured = 3 if brief else 60
    with tempfile.TemporaryDirectory() as folder:
        daemon = subprocess.Popen(
            [PAVOIS, "run"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            time.sleep(SETTLE_SECONDS)
            before = _processor_seconds(daemon.pid)
            time.sleep(measured)
            spent = (_processor_seconds(daemon.pid) - before) * 60 / measured
            memory = _resident_mib(daemon.pid)
        finally:
            daemon.send_signal(signal.SIGTERM)
            daemon.wait(timeout=30)
    print(
        f"idle daemon, with the rehearsal networks in it: {memory:.0f} MiB resident (aim 90), "
        f"{spent * 1000:.0f} ms of processor a minute (aim 50)"
    )


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main()
