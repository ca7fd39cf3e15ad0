"""`pavois run` as the town hall has it: a process of its own, started, stopped and killed."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import daemon as daemon_module
from bot import outcome
from bot.app import make_app
from bot.clock import RehearsalClock, SystemClock
from bot.config import load_config
from bot.daemon import JOB_DEFAULTS, Daemon, _Ticks, run
from bot.db.store import Store
from bot.model import Announcement, AttemptState, Post, PostState
from tests.media_files import as_jpeg, corners
from tests.postgres import ON_SQLITE
from tests.story import (
    NETWORKS,
    end,
    found_town_hall,
    networks_truth,
    pavois,
    pavois_said,
    town_hall,
)

#: What a daemon may take to stop when no call is in hand.
STOPS_WITHIN = 5.0


@pytest.fixture
def folder(tmp_path: Path, database_url: str) -> Path:
    at_once = "".join(f"[networks.{name}]\ngap_seconds = 0\n" for name in NETWORKS)
    found_town_hall(tmp_path, f'[database]\nurl = "{database_url}"\n{at_once}')
    # The tables and the accounts are made before two processes meet on the file.
    code, _out, err = pavois_said(tmp_path, "queue", "list", "--json")
    assert (code, err) == (0, "")
    return tmp_path


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    """The daemons of a test, none of which outlives it."""
    running: list[subprocess.Popen[str]] = []
    yield running
    end(running)


def queue(folder: Path, slug: str, seconds: float) -> None:
    """Queue, as another process than the daemon's, what is due so many seconds from now."""
    with make_app(load_config(folder / "config.toml", folder), environment={}) as app:
        _ = app.editor  # opens the database, which takes its time beside other tests
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        announcement = Announcement(
            slug, "tours", "news", {}, {"fr": (f"Tours\u00a0: {slug}",)}, (), "", at, None
        )
        assert len(app.queue(announcement)[0].ids) == 2


def queue_by_command(folder: Path, slug: str, seconds: float) -> None:
    at = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
    words = ("--kind", "news", "--name", slug, "--text", f"fr=Tours\u00a0: {slug}", "--at", at)
    code, out, err = pavois_said(folder, "queue", "add", *words)
    assert (code, err) == (0, ""), out


def posts(folder: Path) -> list[Post]:
    store = Store(load_config(folder / "config.toml", folder).database_url, SystemClock())
    with closing(store):
        return store.queue.posts("tours")


def shown(folder: Path, slug: str) -> list[int]:
    """How often each network shows *slug*."""
    truth = networks_truth(folder)
    return [sum(slug in post.shown for post in truth.posts(network)) for network in NETWORKS]


def until(done: Callable[[], bool], seconds: float = 15) -> None:
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit, "it did not happen in time"
        time.sleep(0.1)


def running(folder: Path) -> subprocess.Popen[str]:
    """A daemon that can be stopped from now on."""
    daemon = pavois(folder, "run")
    assert daemon.stderr is not None
    until(lambda: "Ctrl-C stops" in str(daemon.stderr and daemon.stderr.readline()))
    return daemon


def stop(process: subprocess.Popen[str], number: signal.Signals = signal.SIGTERM) -> str:
    """Stop a daemon and return what it said on stderr."""
    began = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert time.monotonic() - began < STOPS_WITHIN
    assert out == ""
    assert "Traceback" not in err
    return err


def test_a_running_daemon_sends_what_is_due_and_what_another_process_adds(
    folder: Path, processes: list[subprocess.Popen[str]]
) -> None:
    queue(folder, "visite", seconds=1.5)
    daemon = pavois(folder, "run")
    processes.append(daemon)
    until(lambda: shown(folder, "visite") == [1, 1])
    queue_by_command(folder, "forum", seconds=6)
    until(lambda: shown(folder, "forum") == [1, 1])
    until(lambda: {post.state for post in posts(folder)} == {PostState.PUBLISHED})
    err = stop(daemon)
    lines = [line for line in err.splitlines() if "→" in line]
    assert len(lines) == 4, "one line a change of state"
    assert all(re.search(r"post \d+ \(\w+, \S+, fr\): sending → published$", one) for one in lines)
    assert "started, mode rehearsal, campaign tours" in err
    assert err.rstrip().endswith("stopped")
    _holds_no_secret(err, folder)


@ON_SQLITE
def test_ctrl_c_stops_a_daemon_that_has_nothing_to_do(
    folder: Path, processes: list[subprocess.Popen[str]]
) -> None:
    daemon = running(folder)
    processes.append(daemon)
    assert stop(daemon, signal.SIGINT).rstrip().endswith("stopped")


def test_two_daemons_on_one_database_send_each_post_once(
    folder: Path, processes: list[subprocess.Popen[str]]
) -> None:
    processes += [running(folder), running(folder)]
    for slug in ("un", "deux", "trois"):
        queue(folder, f"visite-{slug}", seconds=2)
    until(lambda: {post.state for post in posts(folder)} == {PostState.PUBLISHED})
    said = "".join(stop(process) for process in processes)
    assert said.count("sending → published") == 6
    truth = networks_truth(folder)
    for network in NETWORKS:
        texts = [post.shown for post in truth.posts(network)]
        assert len(texts) == len(set(texts)) == 3


def test_a_daemon_killed_in_the_middle_of_a_call_leaves_a_post_that_is_found(
    folder: Path, processes: list[subprocess.Popen[str]]
) -> None:
    networks_truth(folder).fault("x", "hang_after", seconds=60)
    queue(folder, "visite", seconds=0.2)
    daemon = pavois(folder, "run")
    processes.append(daemon)
    until(lambda: shown(folder, "visite")[0] == 1)
    daemon.kill()
    daemon.wait(timeout=10)
    (sending,) = [post for post in posts(folder) if post.network == "x"]
    assert sending.state == PostState.SENDING
    later = RehearsalClock(datetime.now(UTC) + timedelta(minutes=4))
    with town_hall(folder, clock=later) as tours:
        tours.work()
        assert tours.post("visite", "x").state == PostState.PUBLISHED
        assert tours.trail(sending) == [(1, AttemptState.UNCERTAIN), (1, AttemptState.ACCEPTED)]
    assert shown(folder, "visite") == [1, 1]


def test_a_look_that_hangs_keeps_no_post_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "FIRST_LOOK_AFTER", timedelta(seconds=1))
    at_work: list[Daemon] = []
    monkeypatch.setattr(daemon_module, "_stop_on_signals", at_work.append)
    at_once = "".join(f"[networks.{name}]\ngap_seconds = 0\n" for name in NETWORKS)
    config = load_config(found_town_hall(tmp_path, at_once), tmp_path)

    def is_now(slug: str, state: PostState) -> bool:
        return [
            post.state
            for post in posts(tmp_path)
            if (post.announcement, post.network) == (slug, "x")
        ] == [state]

    with make_app(config, environment={}) as app:
        app.sandbox.fault("x", "drop_after")
        app.sandbox.fault("x", "hang_before", route="recent", seconds=12)
        thread = threading.Thread(target=run, args=(app,))
        thread.start()
        queue(tmp_path, "visite", seconds=3)
        until(lambda: is_now("visite", PostState.UNCERTAIN))
        queue(tmp_path, "forum", seconds=3)
        until(lambda: is_now("forum", PostState.PUBLISHED))
        assert is_now("visite", PostState.UNCERTAIN), "it is looked for still"
        at_work[0].stopping.set()
        thread.join(timeout=20)


@ON_SQLITE
def test_a_daemon_stopped_in_the_middle_of_a_call_finishes_that_call_and_no_other(
    folder: Path, processes: list[subprocess.Popen[str]]
) -> None:
    networks_truth(folder).fault("x", "hang_after", seconds=1.5)
    queue(folder, "visite", seconds=0.2)
    queue(folder, "forum", seconds=0.3)
    daemon = pavois(folder, "run")
    processes.append(daemon)
    until(lambda: shown(folder, "visite")[0] == 1)
    stop(daemon)
    states = {(post.announcement, post.network): post.state for post in posts(folder)}
    assert states["visite", "x"] == PostState.PUBLISHED
    assert states["forum", "x"] == PostState.QUEUED
    assert (shown(folder, "visite")[0], shown(folder, "forum")[0]) == (1, 0)


def test_a_network_that_hangs_keeps_no_other_account_waiting(
    folder: Path, processes: list[subprocess.Popen[str]]
) -> None:
    networks_truth(folder).fault("x", "hang_after", seconds=4)
    queue(folder, "visite", seconds=0.2)
    processes.append(pavois(folder, "run"))
    until(lambda: shown(folder, "visite") == [1, 1])
    queue(folder, "forum", seconds=1)
    until(lambda: shown(folder, "forum")[1] == 1)
    states = {(post.announcement, post.network): post.state for post in posts(folder)}
    assert states["visite", "x"] == PostState.SENDING, "the network had answered: nothing was shown"


@ON_SQLITE
def test_a_daemon_stops_at_once_while_a_network_is_at_work_on_a_photo(
    folder: Path, processes: list[subprocess.Popen[str]]
) -> None:
    for _try in range(2):
        networks_truth(folder).fault("linkedin", "processing_stuck")
    announcements = folder / "campaigns" / "tours" / "announcements"
    (announcements / "gare.jpg").write_bytes(as_jpeg(corners()))
    at = datetime.now(UTC) + timedelta(seconds=6)
    (announcements / "visite.toml").write_text(
        f'kind = "news"\nat = {at:%Y-%m-%dT%H:%M:%SZ}\n[texts]\nfr = "visite"\n'
        '[[media]]\nfile = "gare.jpg"\nalt = "La gare"\nnetworks = ["linkedin"]\n'
    )
    code, out, err = pavois_said(folder, "queue", "add", str(announcements / "visite.toml"))
    assert (code, err) == (0, ""), out
    daemon = pavois(folder, "run")
    processes.append(daemon)
    until(
        lambda: {"sending", "published"} == {post.state.value for post in posts(folder)}, seconds=25
    )
    time.sleep(1)
    stop(daemon)
    (waiting,) = [post for post in posts(folder) if post.network == "linkedin"]
    assert (waiting.state, waiting.attempts, waiting.failures) == (PostState.QUEUED, 1, 0)
    assert shown(folder, "visite") == [1, 0]


def test_commands_that_start_at_once_on_a_new_database_all_do_their_work(
    tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    found_town_hall(tmp_path)
    words = ("queue", "add", "--kind", "news", "--json", "--text")
    processes += [pavois(tmp_path, *words, f"fr=Visite {number}") for number in range(4)]
    for process in processes:
        _out, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (0, "")
    assert len({post.text for post in posts(tmp_path)}) == 4
    assert len({(post.account, post.due) for post in posts(tmp_path)}) == 8, "each in its slot"


class Hasty(Daemon):
    """A daemon that has always something more to do at once."""

    ticks = 0

    def send(self, now: datetime) -> datetime:
        self.ticks += 1
        if self.ticks == 20:
            self.stopping.set()
        return now


def test_a_tick_that_asks_for_the_next_at_once_gets_it(tmp_path: Path) -> None:
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    path = found_town_hall(tmp_path)
    with make_app(load_config(path, tmp_path), environment={}) as app:
        daemon = Hasty(app)
        scheduler: Any = BackgroundScheduler(
            executors={"send": ThreadPoolExecutor(1)},
            job_defaults=JOB_DEFAULTS,
        )
        _Ticks(app, scheduler, daemon, "send", daemon.send).now()
        scheduler.start()
        try:
            assert daemon.stopping.wait(10), f"only {daemon.ticks} ticks"
        finally:
            scheduler.shutdown(wait=True)


def test_watching_the_queue_keeps_nobody_from_writing(database_url: str) -> None:
    with (
        closing(Store(database_url, SystemClock())) as watching,
        closing(Store(database_url, SystemClock(), busy_seconds=0.1)) as writing,
    ):
        before = watching.change_counter()
        assert watching.change_counter() == before
        writing.journal.remember("colour", "blue")
        until(lambda: watching.change_counter() != before)
        watching.journal.remember("colour", "white")
        assert writing.journal.setting("colour") == "white"


def _holds_no_secret(log: str, folder: Path) -> None:
    with make_app(load_config(folder / "config.toml", folder), environment={}) as app:
        for account in app.campaign.accounts:
            for name, value in app.account_credentials(account).items():
                assert value not in log, name
