"""What happens when the disk or the database's file fails under a daemon: nothing out twice,
nothing lost, and it is told once.

A full disk and a database that is locked are in test_faults.py.
"""

from __future__ import annotations

import logging
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.app import App
from bot.clock import RehearsalClock
from bot.config import load_config
from bot.daemon import Daemon
from bot.errors import StoreError
from bot.model import PostState
from tests.announcements_sample import MARK, announcement, planned
from tests.fakes import FakeNetwork


@pytest.fixture
def daemon(app: App) -> Daemon:
    return Daemon(app)


def test_a_disk_that_fails_before_the_call_only_delays(
    app: App, daemon: Daemon, clock: RehearsalClock, networks: dict[str, FakeNetwork]
) -> None:
    _queue(app, 3)
    with _failing_disk():
        _work(daemon, clock, 3)
        assert not _out(networks)
    _work(daemon, clock, 30)
    _is_all_out_once(app, networks, 3)


def test_a_disk_that_fails_when_the_answer_came_sends_nothing_twice(
    app: App,
    daemon: Daemon,
    clock: RehearsalClock,
    networks: dict[str, FakeNetwork],
    caplog: pytest.LogCaptureFixture,
) -> None:
    _queue(app, 3)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    for network in networks.values():
        network.meanwhile = lambda _post: _limit(0)
    try:
        _work(daemon, clock, 3)
    finally:
        _limit(before[0])
    assert len(_out(networks)) == 1, "what cannot be written down is not followed by another"
    assert "The disk failed" in caplog.text
    for network in networks.values():
        network.meanwhile = lambda _post: None
    _work(daemon, clock, 60)
    _is_all_out_once(app, networks, 3)


def test_a_database_that_is_read_only_stops_sending_until_it_can_be_written(
    app: App,
    daemon: Daemon,
    clock: RehearsalClock,
    networks: dict[str, FakeNetwork],
    caplog: pytest.LogCaptureFixture,
) -> None:
    _queue(app, 3)
    read_only = {"": "ON"}

    @event.listens_for(app.store._engine, "checkout")
    def on_checkout(connection: sqlite3.Connection, *_others: object) -> None:
        # As SQLite itself refuses it: root, who may run the tests, writes to any file.
        connection.execute(f"PRAGMA query_only = {read_only['']}")

    _work(daemon, clock, 4)
    assert not _out(networks)
    assert _said(caplog, "read-only") <= 2, "once for each part of the work"
    read_only[""] = "OFF"
    _work(daemon, clock, 30)
    _is_all_out_once(app, networks, 3)


def test_a_damaged_database_is_told_once_and_nothing_is_sent_from_it(
    app: App,
    daemon: Daemon,
    clock: RehearsalClock,
    networks: dict[str, FakeNetwork],
    caplog: pytest.LogCaptureFixture,
) -> None:
    _queue(app, 40)
    _damage(app, "posts")
    _work(daemon, clock, 5)
    assert not _out(networks)
    assert 1 <= _said(caplog, "damaged") <= 3


def test_what_is_found_damaged_by_one_part_of_the_work_stops_every_other(
    app: App, daemon: Daemon, clock: RehearsalClock, networks: dict[str, FakeNetwork]
) -> None:
    _queue(app, 3)
    _damage(app, "notices")
    with pytest.raises(StoreError, match="damaged"):
        app.store.journal.notices()
    _work(daemon, clock, 5)
    assert not _out(networks), "where one page is damaged, another may be"
    assert app.store.queue.posts("small"), "it can still be read"


@pytest.mark.parametrize("with_its_log", [True, False])
def test_a_database_that_is_removed_under_a_daemon_stops_it_from_sending(
    with_its_log: bool,
    app: App,
    daemon: Daemon,
    clock: RehearsalClock,
    networks: dict[str, FakeNetwork],
    caplog: pytest.LogCaptureFixture,
) -> None:
    _queue(app, 3)
    path = _path(app)
    aside = path.with_name("aside.db")
    path.rename(aside)
    logs = [path.with_name(path.name + end) for end in ("-wal", "-shm")] if with_its_log else []
    for log in logs:
        log.rename(log.with_name("aside" + log.name))
    _work(daemon, clock, 4)
    assert not _out(networks)
    assert _said(caplog, "removed or replaced") <= 3
    assert not path.exists(), "no empty database takes its place by itself"
    for log in logs:
        log.with_name("aside" + log.name).rename(log)
    aside.rename(path)
    _work(daemon, clock, 30)
    _is_all_out_once(app, networks, 3)


def test_a_copy_put_in_its_place_under_a_daemon_stops_it_until_it_starts_again(
    app: App,
    daemon: Daemon,
    clock: RehearsalClock,
    networks: dict[str, FakeNetwork],
    caplog: pytest.LogCaptureFixture,
) -> None:
    _queue(app, 1)
    copy = _copied(app)
    _work(daemon, clock, 1)
    assert len(_out(networks)) == 1
    copy.replace(_path(app))
    _work(daemon, clock, 10)
    assert len(_out(networks)) == 1, "the older copy has it as still to be sent"
    assert _said(caplog, "removed or replaced") <= 3


def test_two_daemons_never_send_from_two_files_of_one_name(
    app: App,
    daemon: Daemon,
    clock: RehearsalClock,
    networks: dict[str, FakeNetwork],
    tmp_path: Path,
) -> None:
    _queue(app, 3)
    copy = _copied(app)
    copy.replace(_path(app))
    for log in ("-wal", "-shm"):
        Path(f"{_path(app)}{log}").unlink(missing_ok=True)
    with App(load_config(tmp_path / "config.toml", tmp_path), clock, {}) as other:
        other.network = networks.__getitem__  # type: ignore[assignment]
        second = Daemon(other)
        for _turn in range(30):
            _work(daemon, clock, 1)
            _work(second, clock, 1)
        _is_all_out_once(other, networks, 3)


def _queue(app: App, count: int) -> None:
    """Queue so many posts for one account, due now, each with words of its own."""
    account = next(iter(app.campaign.accounts))
    now = app.clock.now()
    app.store.queue.add(
        (
            announcement(app.campaign, f"visite-{number}"),
            [planned(account, now, text=f"Visite {number:03} {'à Tours ' * 20}\n\n{MARK}")],
        )
        for number in range(count)
    )


def _work(daemon: Daemon, clock: RehearsalClock, wake_ups: int) -> None:
    for _wake_up in range(wake_ups):
        wake = daemon.send(clock.now())
        clock.advance_to(max(wake, clock.now() + timedelta(seconds=30)))


def _out(networks: dict[str, FakeNetwork]) -> list[str]:
    return [remote.text for network in networks.values() for remote in network.out]


def _is_all_out_once(app: App, networks: dict[str, FakeNetwork], count: int) -> None:
    texts = _out(networks)
    assert len(texts) == len(set(texts)) == count
    states = {post.state for post in app.store.queue.posts(app.campaign.slug)}
    assert states == {PostState.PUBLISHED}


def _said(caplog: pytest.LogCaptureFixture, words: str) -> int:
    """How often the log has a warning with *words*; at least once, or it was kept from people."""
    said = [record for record in caplog.records if words in record.getMessage()]
    assert said
    assert all(record.levelno == logging.WARNING for record in said)
    return len(said)


def _limit(size: int) -> None:
    """Let no file of this process be written beyond *size* bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


@contextmanager
def _failing_disk() -> Iterator[None]:
    """A disk that takes nothing."""
    before, _most = resource.getrlimit(resource.RLIMIT_FSIZE)
    _limit(0)
    try:
        yield
    finally:
        _limit(before)


def _path(app: App) -> Path:
    return Path(app.config.database_url.removeprefix("sqlite:///"))


def _copied(app: App) -> Path:
    """A whole copy of the database as it is now."""
    copy = _path(app).with_name("copy.db")
    with closing(sqlite3.connect(_path(app))) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def _damage(app: App, table: str) -> None:
    """Overwrite the first page of *table* and of each of its indexes, in the file."""
    path = _path(app)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_schema WHERE tbl_name = ?"
        pages = [page for (page,) in connection.execute(query, (table,))]
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    app.store._engine.dispose()  # what a connection has read already it need not read again
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * size)
            file.write(b"\xa5" * size)
