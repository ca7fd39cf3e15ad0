"""How long a person waits for a command, beside the least that its libraries cost."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from benchmarks.timing import PAVOIS, ratio, seconds

SELECT = """
from sqlalchemy import create_engine, text
engine = create_engine("sqlite:///one-select.db")
with engine.connect() as connection:
    connection.execute(text("SELECT 1")).all()
"""


def main(*, brief: bool = False) -> None:
    runs = 2 if brief else 15
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "config.toml").write_text('mode = "rehearsal"\n', encoding="utf-8")
        seconds([PAVOIS, "queue", "list"], here)  # makes the database
        for name, ours, theirs, limit in (
            ("pavois --help", [PAVOIS, "--help"], "import click", 1.5),
            ("pavois queue list, nothing queued", [PAVOIS, "queue", "list"], SELECT, 1.4),
        ):
            our, their, measured = ratio(ours, [sys.executable, "-c", theirs], here, runs)
            peer = "import click" if theirs == "import click" else "one SQLAlchemy SELECT"
            print(
                f"{name}: {our * 1000:.0f} ms; a process with {peer}: {their * 1000:.0f} ms; "
                f"ratio {measured:.2f} (limit {limit})"
            )


if __name__ == "__main__":
    main()
