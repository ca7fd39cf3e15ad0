"""What happens when the disk or the database's file fails under a daemon: nothing out twice,
nothing lost, and it is told once.

A database that is locked, and a disk that is full before the call, are in test_faults.py; what
PostgreSQL suffers in test_postgres.py.
"""

from __future__ import annotations

import logging
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from bot.app import App
from bot.config import load_config
from bot.daemon import Daemon
from bot.db.engine import READ_ONLY
from bot.db.store import Store
from bot.errors import StoreError
from bot.model import Post, PostState, Published
from tests.announcements_sample import MARK, announcement, planned
from tests.fakes import FakeNetwork


@dataclass
class Machine:
    """Pavois on a file, its daemon, the networks, and what the log says."""

    app: App
    networks: dict[str, FakeNetwork]
    caplog: pytest.LogCaptureFixture

    def __post_init__(self) -> None:
        self.daemon = Daemon(self.app)

    @property
    def path(self) -> Path:
        return Path(self.app.config.database_url.removeprefix("sqlite:///"))

    def queue(self, count: int) -> None:
        """Queue so many posts for one account, due now, each with words of its own."""
        account = next(iter(self.app.campaign.accounts))
        now = self.app.clock.now()
        self.app.store.queue.add(
            (
                announcement(self.app.campaign, f"visite-{number}"),
                [planned(account, now, text=f"Visite {number:03} {'à Tours ' * 20}\n\n{MARK}")],
            )
            for number in range(count)
        )

    def work(self, wake_ups: int) -> None:
        for _wake_up in range(wake_ups):
            now = self.app.clock.now()
            wake = min(self.daemon.send(now), self.daemon.settle(now))
            self.app.clock.wait(max(wake - now, timedelta(seconds=30)))

    def when_answered(self, do: Callable[[], None]) -> None:
        """*do* something whenever a network has taken a post, and its answer is on its way."""
        for network in self.networks.values():
            network.meanwhile = lambda _post: do()

    def out(self) -> list[str]:
        return [remote.text for network in self.networks.values() for remote in network.out]

    def is_all_out_once(self, count: int) -> None:
        texts = self.out()
        assert len(texts) == len(set(texts)) == count
        posts = self.app.store.queue.posts(self.app.campaign.slug)
        assert {post.state for post in posts} == {PostState.PUBLISHED}

    def is_out_once_and_goes_on(self, said: str) -> None:
        """After a fault that came with an answer, and is over: what cannot be written down was not
        followed by another, it was *said*, and then all goes out."""
        assert len(self.out()) == 1
        assert self.said(said)
        self.when_answered(lambda: None)
        self.work(60)
        self.is_all_out_once(3)

    def said(self, words: str) -> int:
        """How often the log has a warning with *words*; at least once, or it was kept from
        people."""
        said = [record for record in self.caplog.records if words in record.getMessage()]
        assert said
        assert all(record.levelno == logging.WARNING for record in said)
        return len(said)

    def copied(self) -> Path:
        """A whole copy of the database as it is now."""
        copy = self.path.with_name("copy.db")
        with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(copy)) as to:
            source.backup(to)
        return copy


@pytest.fixture
def machine(
    app: App, networks: dict[str, FakeNetwork], caplog: pytest.LogCaptureFixture
) -> Machine:
    return Machine(app, networks, caplog)


def test_a_disk_that_fails_before_the_call_only_delays(machine: Machine) -> None:
    machine.queue(3)
    with _failing_disk():
        machine.work(3)
        assert not machine.out()
    machine.work(30)
    machine.is_all_out_once(3)


def test_a_disk_that_fails_when_the_answer_came_sends_nothing_twice(machine: Machine) -> None:
    machine.queue(3)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    machine.when_answered(lambda: _limit(0))
    try:
        machine.work(3)
    finally:
        _limit(before[0])
    machine.is_out_once_and_goes_on("The disk failed")


def test_a_disk_that_is_full_when_the_answer_came_sends_nothing_twice(machine: Machine) -> None:
    """SQLite's own limit gives the very error that it makes of ENOSPC (SQLITE_FULL); only what
    needs a new page meets it, and so the network's answer is long."""
    machine.networks.update({name: Wordy(machine.app.clock) for name in machine.networks})
    machine.queue(3)
    pages = _limited_pages(machine.app.store)
    machine.when_answered(lambda: pages.update(most=1))  # not one page more than there are
    machine.work(2)
    pages["most"] = 1 << 30
    machine.is_out_once_and_goes_on("The disk is full")


def test_a_database_that_is_read_only_stops_sending_until_it_can_be_written(
    machine: Machine,
) -> None:
    machine.queue(3)
    read_only = {"": "ON"}

    @event.listens_for(machine.app.store._engine, "checkout")
    def on_checkout(connection: sqlite3.Connection, *_others: object) -> None:
        # As SQLite itself refuses it: root, who may run the tests, writes to any file.
        connection.execute(f"PRAGMA query_only = {read_only['']}")

    machine.work(4)
    assert not machine.out()
    assert machine.said("read-only") <= 2, "once for each part of the work"
    read_only[""] = "OFF"
    machine.work(30)
    machine.is_all_out_once(3)


@pytest.mark.parametrize("is_folder", [False, True])
def test_a_database_or_folder_without_the_right_to_write_is_told_and_goes_on_with_it(
    is_folder: bool, machine: Machine, tmp_path: Path
) -> None:
    machine.queue(1)
    machine.app.close()
    place = machine.path.parent if is_folder else machine.path
    rights = place.stat().st_mode
    place.chmod(rights & ~0o222)
    try:
        refused = _pavois_stop(tmp_path)
    finally:
        place.chmod(rights)
    assert refused == (6, f"pavois: {READ_ONLY}\n")
    for beside in machine.path.parent.glob("*.db-*"):
        beside.chmod(0o644)  # SQLite made them as the file was
    assert _pavois_stop(tmp_path) == (0, "")


def test_a_damaged_database_is_told_once_and_nothing_is_sent_from_it(machine: Machine) -> None:
    machine.queue(40)
    _damage(machine, "posts")
    machine.work(5)
    assert not machine.out()
    assert 1 <= machine.said("damaged") <= 3


def test_what_is_found_damaged_by_one_part_of_the_work_stops_every_other(machine: Machine) -> None:
    machine.queue(3)
    _damage(machine, "notices")
    with pytest.raises(StoreError, match="damaged"):
        machine.app.store.journal.notices()
    machine.work(5)
    assert not machine.out(), "where one page is damaged, another may be"
    assert machine.app.store.queue.posts("small"), "it can still be read"


@pytest.mark.parametrize("with_its_log", [True, False])
def test_a_database_that_is_removed_under_a_daemon_stops_it_from_sending(
    with_its_log: bool, machine: Machine
) -> None:
    machine.queue(3)
    path = machine.path
    aside = path.with_name("aside.db")
    path.rename(aside)
    logs = [path.with_name(path.name + end) for end in ("-wal", "-shm")] if with_its_log else []
    for log in logs:
        log.rename(log.with_name("aside" + log.name))
    machine.work(4)
    assert not machine.out()
    assert machine.said("removed or replaced") <= 3
    assert not path.exists(), "no empty database takes its place by itself"
    for log in logs:
        log.with_name("aside" + log.name).rename(log)
    aside.rename(path)
    machine.work(30)
    machine.is_all_out_once(3)


def test_a_copy_put_in_its_place_under_a_daemon_stops_it_until_it_starts_again(
    machine: Machine,
) -> None:
    machine.queue(1)
    copy = machine.copied()
    machine.work(1)
    assert len(machine.out()) == 1
    copy.replace(machine.path)
    machine.work(10)
    assert len(machine.out()) == 1, "the older copy has it as still to be sent"
    assert machine.said("removed or replaced") <= 3


def test_two_daemons_never_send_from_two_files_of_one_name(
    machine: Machine, tmp_path: Path
) -> None:
    machine.queue(3)
    machine.copied().replace(machine.path)
    for log in ("-wal", "-shm"):
        Path(f"{machine.path}{log}").unlink(missing_ok=True)
    config = load_config(tmp_path / "config.toml", tmp_path)
    with App(config, machine.app.clock, {}) as other:
        other.network = machine.networks.__getitem__  # type: ignore[assignment]
        second = Machine(other, machine.networks, machine.caplog)
        for _turn in range(30):
            machine.work(1)
            second.work(1)
        second.is_all_out_once(3)


class Wordy(FakeNetwork):
    """A network with long addresses."""

    def publish(self, post: Post) -> Published:
        return replace(super().publish(post), url=f"https://network.example/{'x' * 100_000}")


def _limited_pages(store: Store) -> dict[str, int]:
    """How many pages the database may grow to, whichever connection writes: to be changed."""
    pages = {"most": 1 << 30}

    @event.listens_for(store._engine, "checkout")
    def on_checkout(connection: sqlite3.Connection, *_others: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages['most']}")

    return pages


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


def _damage(machine: Machine, table: str) -> None:
    """Overwrite the first page of *table* and of each of its indexes, in the file."""
    path = machine.path
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        query = "SELECT rootpage FROM sqlite_schema WHERE tbl_name = ?"
        pages = [page for (page,) in connection.execute(query, (table,))]
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    machine.app.store._engine.dispose()  # what a connection has read already it need not read again
    with path.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * size)
            file.write(b"\xa5" * size)


def _pavois_stop(folder: Path) -> tuple[int, str]:
    """`pavois stop` in *folder*, for whom rights count: root is asked to lay that one down."""
    bound = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]
    command = [sys.executable, "-m", "bot", "stop", "--reason", "Essai"]
    done = subprocess.run(
        [*(bound if os.geteuid() == 0 else []), *command],
        cwd=folder,
        env={**os.environ, "PAVOIS_LANGUAGE": "en"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    return done.returncode, done.stderr
