"""The rehearsal: two weeks of the campaign on the built-in networks, on a clock of its own.

The daemon's own `tick` is driven from wake-up to wake-up; the clients, the HTTP, the database and
the report are the real ones.
"""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from bot.announcements import read_announcement
from bot.app import App, make_app
from bot.campaigns import announcement_files
from bot.clock import RehearsalClock
from bot.config import REHEARSAL, Config
from bot.daemon import Daemon
from bot.errors import PavoisError, RefusedCommand, reason_of
from bot.model import Post, PostState
from bot.words import N_

#: Four days after the roadmap was presented (reference: the Groupe-pays Corée's roadmap of 2023).
START = datetime(2023, 2, 20, 8, 30, tzinfo=ZoneInfo("Europe/Paris"))

#: What a folder of rehearsals is known by: only such a one is ever emptied.
MARKER = ".pavois-rehearsal"


@dataclass(slots=True)
class Tally:
    """What a rehearsal has done so far."""

    announcements: int = 0
    posts: int = 0
    became: dict[PostState, int] = field(default_factory=dict)
    readings: int = 0
    reports: list[Path] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Step:
    """Told at each wake-up: the rehearsal's present, how far it is, and what just happened."""

    now: datetime
    share: float
    tally: Tally
    posts: tuple[tuple[Post, PostState], ...]


def in_folder(config: Config, folder: Path) -> Config:
    """*config* as a rehearsal that writes into *folder* only."""
    return replace(
        config,
        folder=folder.absolute(),
        mode=REHEARSAL,
        database_url=f"sqlite:///{folder.absolute() / 'pavois.db'}",
        reports=folder.absolute() / "reports",
        networks={},
    )


@contextmanager
def clean_folder(folder: Path) -> Iterator[None]:
    """*folder*, emptied of an earlier rehearsal and held against a second one at the same time.

    Raises RefusedCommand for a folder that holds anything else.
    """
    marker = folder / MARKER
    if folder.exists() and not folder.is_dir():
        raise RefusedCommand(N_("{path} is a file. Name a folder: --dir"), path=str(folder))
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        raise RefusedCommand(
            N_("{path} holds other files, and a rehearsal empties its folder. Name another: --dir"),
            path=str(folder),
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = marker.open("w")
    except OSError as error:
        raise RefusedCommand(
            N_("The folder {path} cannot be made: {problem}."),
            path=str(folder),
            problem=reason_of(error),
        ) from error
    with lock:
        _hold(lock, folder)
        _empty(folder, marker)
        yield


def _empty(folder: Path, marker: Path) -> None:
    """Remove an earlier rehearsal from *folder*; a link is removed, never followed."""
    try:
        for entry in folder.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            elif entry != marker:
                entry.unlink()
    except OSError as error:
        raise RefusedCommand(
            N_("{path} cannot be removed: {problem}."),
            path=str(error.filename or folder),
            problem=reason_of(error),
        ) from error


def _hold(lock: IO[str], folder: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise RefusedCommand(
            N_("Another rehearsal runs in {path}. Wait for it, or name another folder: --dir"),
            path=str(folder),
        ) from error


def rehearsed_app(config: Config, folder: Path) -> tuple[App, RehearsalClock]:
    """The app of a rehearsal in *folder*, with its clock at the start."""
    clock = RehearsalClock(START)
    return make_app(in_folder(config, folder), clock=clock), clock


def rehearse(
    app: App,
    clock: RehearsalClock,
    weeks: int,
    show: Callable[[Step], None],
    stopping: Callable[[], bool] = lambda: False,
) -> Tally:
    """Queue the campaign's announcements and let *weeks* pass; what was done.

    Raises PavoisError: a fault ends a rehearsal.
    """
    start = clock.now()
    end = start + timedelta(weeks=weeks)
    tally = Tally()
    just_done: list[tuple[Post, PostState]] = []
    queued = app.queue(
        *(read_announcement(path, app.campaign) for path in announcement_files(app.config.campaign))
    )
    tally.announcements = len(queued)
    tally.posts = sum(len(one.ids) for one in queued)

    def count(done: list[tuple[Post, PostState]]) -> None:
        just_done.extend(done)
        for _post, state in done:
            tally.became[state] = tally.became.get(state, 0) + 1

    def read(kept: int) -> None:
        tally.readings += kept

    def give_up(error: PavoisError) -> None:
        """Nobody will mend a disk before the rehearsal's clock has run out."""
        raise error

    daemon = Daemon(
        app, on_posts=count, on_reading=read, on_report=tally.reports.extend, on_fault=give_up
    )
    while clock.now() <= end and not stopping():
        now = clock.now()
        wake = daemon.tick(now)
        show(Step(now, (now - start) / (end - start), tally, tuple(just_done)))
        just_done.clear()
        if now == end:
            break
        clock.advance_to(min(max(wake, now + timedelta(seconds=1)), end))
    return tally
