"""Each earlier version's database, opened by this one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.clock import RehearsalClock
from bot.db.store import Store
from bot.db.tables import REVISION
from bot.model import PostState
from bot.rehearsal import START
from tests.databases import DATABASES

LEFT = sorted(DATABASES.glob("*.db"))


def test_the_database_of_these_tables_is_kept() -> None:
    assert DATABASES / f"{REVISION}.db" in LEFT


@pytest.mark.parametrize("left", LEFT, ids=lambda path: path.stem)
def test_an_earlier_database_opens_with_nothing_lost(left: Path, tmp_path: Path) -> None:
    shutil.copy(left, tmp_path / "pavois.db")
    store = Store(f"sqlite:///{tmp_path / 'pavois.db'}", RehearsalClock(START))
    try:
        assert store.faults() == []
        posts = store.queue.posts("campaign")
        out = [post for post in posts if post.state is PostState.PUBLISHED]
        assert out
        snapshots = store.figures.snapshots([post.id for post in out])
        for post in out:
            assert [line.state.value for line in store.ledger.attempts(post.id)] == [
                "prepared",
                "sending",
                "accepted",
            ]
            assert snapshots[post.id]
        assert store.journal.setting("mode") == "rehearsal"
    finally:
        store.close()
