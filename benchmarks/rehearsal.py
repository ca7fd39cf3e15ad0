"""How long the rehearsal of two weeks takes, as a person waits for it."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

from benchmarks.timing import PAVOIS, seconds


def main(*, brief: bool = False) -> None:
    with tempfile.TemporaryDirectory() as folder:
        weeks = "1" if brief else "2"
        took = seconds([PAVOIS, "demo", "--dir", "rehearsal", "--weeks", weeks], Path(folder))
        database = sqlite3.connect(Path(folder) / "rehearsal" / "pavois.db")
        rows = database.execute(
            "SELECT network, count(*) FROM posts WHERE state = 'published' GROUP BY network"
        ).fetchall()
        database.close()
    published = ", ".join(f"{count} on {network}" for network, count in rows)
    print(f"rehearsal of {weeks} weeks: {took:.1f} s (limit 60 s for two); published {published}")


if __name__ == "__main__":
    main()
