"""Making a backup, while Pavois runs."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path

from bot.backup.archive import (
    CAMPAIGN,
    CONFIG,
    DATABASE,
    FORMAT,
    MEDIA,
    Manifest,
    opened,
    write,
)
from bot.backup.place import Place
from bot.clock import Clock
from bot.db.copies import INTERRUPTED, Step, described, faults, setting
from bot.db.use import require_not_moved
from bot.errors import RefusedCommand, StoreError, reason_of
from bot.media.store import MediaStore
from bot.words import N_

#: How the names of folders begin in which a backup is made.
UNFINISHED = ".pavois-backup-"
#: Seconds after which such a folder was left by a process that ended.
_LEFT_AFTER = 24 * 3600


def default_name(clock: Clock) -> str:
    """`pavois-2026-11-25-0930.zip`, by this machine's clock and zone."""
    return f"pavois-{clock.now().astimezone():%Y-%m-%d-%H%M}.zip"


def work(place: Place) -> int:
    """About how many bytes `back_up` reads."""
    if not place.database.exists():
        return 0
    database = place.database.size()
    return 3 * database + 2 * sum(path.stat().st_size for path in _files(place).values())


def back_up(place: Place, target: Path, clock: Clock, step: Step) -> Manifest:
    """Make a backup at *target*: whole, and read back, or none. *step* is told of the bytes done.

    The database first, as it stands at one moment: what it names was kept before it was named.
    Raises RefusedCommand, StoreError.
    """
    _check(place, target)
    # Before the copy: what goes out meanwhile counts as gone out after it.
    made_at = clock.now()
    with _disk_told(target), _workshop(target.absolute().parent) as folder:
        database = folder / DATABASE
        place.database.copied(database, step)
        if found := faults(database):
            raise StoreError(
                N_("{problem} No backup was made; keep your last one."), problem=found[0]
            )
        # Whoever put that back would have what was true before the move.
        require_not_moved(partial(setting, database))
        revision, mode = described(database)
        manifest = Manifest(
            FORMAT, version("pavois"), revision, mode or place.mode, made_at, members={}
        )
        return pack(place, database, manifest, target, step)


def pack(place: Place, database: Path, manifest: Manifest, target: Path, step: Step) -> Manifest:
    """Write *database* and what belongs to it to *target*, read it back, and only then name it so.

    It is made beside *database*, on the same disk. Raises OSError, RefusedCommand.
    """
    unfinished = database.with_name(target.name)
    # What is to be announced is nobody else's business yet.
    unfinished.touch(mode=0o600)
    sources = {DATABASE: database, **_files(place, media=manifest.has_media)}
    with unfinished.open("wb") as file:
        manifest = write(file, manifest, sources, step)
        file.flush()
        os.fsync(file.fileno())
    with opened(unfinished) as archive:
        archive.check(step)
    unfinished.replace(target)
    to_disk(target.absolute().parent)
    return manifest


def to_disk(folder: Path) -> None:
    """Have the names in *folder* on the disk, as its files are."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _check(place: Place, target: Path) -> None:
    if place.marker.exists():
        raise RefusedCommand(INTERRUPTED)
    if not place.database.exists():
        raise RefusedCommand(
            N_("There is nothing to back up yet: Pavois has kept nothing in {place}."),
            place=str(place.database),
        )
    if target.exists():
        raise RefusedCommand(
            N_("{path} is there already; it stays as it is. Give another name."), path=str(target)
        )


def _files(place: Place, *, media: bool = True) -> Mapping[str, Path]:
    """What is packed beside the database, by the names of members; with *media*, those of posts."""
    files = {CONFIG: place.config} if place.config else {}
    files |= {f"{CAMPAIGN}{name}": path for name, path in place.campaign_files()}
    kept = MediaStore(place.media).kept() if media else ()
    return files | {f"{MEDIA}{path.relative_to(place.media)}": path for path in kept}


@contextmanager
def _workshop(beside: Path) -> Iterator[Path]:
    """A folder for what is being made, gone afterwards; what a killed backup left goes too."""
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=beside) as folder:
        for left in beside.glob(f"{UNFINISHED}*"):
            if left.stat().st_mtime < Path(folder).stat().st_mtime - _LEFT_AFTER:
                shutil.rmtree(left)
        yield Path(folder)


@contextmanager
def _disk_told(target: Path) -> Iterator[None]:
    """What the system refuses, in words; what it refuses to read has its own name."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            N_("No backup was made. {path}: {problem}."),
            path=_named(error, target),
            problem=reason_of(error),
        ) from error


def _named(error: OSError, target: Path) -> str:
    """What *error* is about; what is being made under a hidden name has that of *target*."""
    name = str(error.filename or target)
    return str(target) if UNFINISHED in name else name
