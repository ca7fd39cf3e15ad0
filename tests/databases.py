"""Leaves the database of this version in tests/data/databases, for later versions to upgrade.

Once for each change of the tables, when it is released: `python -m tests.databases`.
"""

from __future__ import annotations

import sqlite3
import tempfile
from dataclasses import replace
from pathlib import Path

from bot.app import make_app
from bot.clock import RehearsalClock
from bot.config import load_config
from bot.db.tables import REVISION
from bot.rehearsal import START, in_folder, rehearse

DATA = Path(__file__).parent / "data"
DATABASES = DATA / "databases"


def main() -> None:
    """Rehearse two weeks of the small campaign; keep the database, without this machine's paths."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = in_folder(load_config(None, folder), folder)
        clock = RehearsalClock(START)
        with make_app(replace(config, campaign=DATA / "campaign"), clock=clock) as app:
            rehearse(app, clock, 2, lambda _step: None)
        database = sqlite3.connect(folder / "pavois.db", isolation_level=None)
        database.execute("UPDATE posts SET url = 'https://example.org/' || remote_id")
        DATABASES.mkdir(exist_ok=True)
        kept = DATABASES / f"{REVISION}.db"
        kept.unlink(missing_ok=True)
        database.execute("VACUUM INTO ?", (str(kept),))
        database.close()


if __name__ == "__main__":
    main()
