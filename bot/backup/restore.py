"""Putting a backup back: all of it or nothing, and nothing is sent that went out since."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from bot.backup.archive import CAMPAIGN, DATABASE, FORMAT, MEDIA, Archive, Manifest
from bot.backup.make import pack, to_disk
from bot.backup.place import Place
from bot.clock import Clock
from bot.config import mode_word
from bot.db.copies import Step, described, faults
from bot.db.handed import handed_by
from bot.db.recovery import Recovered
from bot.db.store import Store
from bot.db.whole import Alone
from bot.errors import MediaError, RefusedCommand, StoreError, reason_of
from bot.media.store import MediaStore
from bot.model import Stopped
from bot.words import N_

#: How the names of folders begin in which a backup is unpacked.
_UNPACKED = ".restore-"

#: Given the backup's campaign (None: it has none) and accounts: those whose own posts Pavois can
#: read.
Lookable = Callable[[Path | None, Collection[str]], Collection[str]]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: what the queue was told, and where what was there is kept.

    `undo` is a backup of what was replaced, to be restored like another; `campaign` its campaign's
    folder with all that lay in it. None: there was none. `stopped`: all sending is, since what was
    replaced or the backup itself was.
    """

    recovered: Recovered
    stopped: Stopped | None
    undo: Path | None
    campaign: Path | None


@dataclass(frozen=True, slots=True)
class _Unpacked:
    """Where a backup was unpacked: each beside the place where it goes, if that is a file.

    `before` is a copy of the database that was there, if there was one.
    """

    database: Path
    campaign: Path

    @property
    def before(self) -> Path:
        return self.database.with_name("before.db")


def replaced(archive: Archive, place: Place) -> list[str]:
    """What a restore would replace, and keep. Raises StoreError."""
    found = [str(place.database)] if place.database.exists() else []
    if archive.names(CAMPAIGN) and place.campaign.exists():
        found.append(str(place.campaign))
    return found


def work(archive: Archive) -> int:
    """How many bytes `restore` reads."""
    return 2 * archive.total


def restore(
    archive: Archive, place: Place, clock: Clock, lookable: Lookable, step: Step
) -> Restored:
    """Put *archive* in the place of what is there. *step* is told of the bytes done.

    It is read whole first, unpacked beside, told what may have gone out since, and then put there
    at one stroke; a restore that is killed in that moment leaves `place.marker`, and nothing runs
    until it was done again. Raises RefusedCommand, StoreError: nothing has changed.
    """
    _check(archive, place)
    archive.check(step)
    with ExitStack() as stack:
        there = stack.enter_context(place.database.alone())
        _sweep(place)
        unpacked = _Unpacked(
            stack.enter_context(_unpacking_in(place.workshop)) / DATABASE,
            stack.enter_context(_unpacking_in(place.campaign.parent)) / "campaign",
        )
        _unpack(archive, unpacked, step)
        if there.is_there:
            with _disk_told():
                there.keep_as(unpacked.before)
        own = unpacked.campaign if unpacked.campaign.exists() else None
        told = _recovered(archive, unpacked, clock, lambda slugs: lookable(own, slugs))
        _keep_media(archive, place, step)
        return Restored(*told, *_swapped(place, there, unpacked, clock.now(), step))


def _unpack(archive: Archive, unpacked: _Unpacked, step: Step) -> None:
    archive.unpack(DATABASE, unpacked.database, step)
    for name in archive.names(CAMPAIGN):
        archive.unpack(name, unpacked.campaign / name.removeprefix(CAMPAIGN), step)


def _check(archive: Archive, place: Place) -> None:
    if archive.manifest.mode != place.mode:
        raise RefusedCommand(
            N_(
                "{path} is a backup of mode {its_mode}, and config.toml says {mode}. Put it back "
                "where the configuration says the same."
            ),
            path=str(archive.path),
            its_mode=mode_word(archive.manifest.mode),
            mode=place.mode,
        )
    file, inside = place.database.file, place.campaign.resolve()
    if archive.names(CAMPAIGN) and file and file.resolve().is_relative_to(inside):
        raise RefusedCommand(
            N_(
                "The campaign's folder {path} holds the database too, and would be replaced with "
                "it. Give the campaign a folder of its own in config.toml, then try again."
            ),
            path=str(place.campaign),
        )


def _recovered(
    archive: Archive,
    unpacked: _Unpacked,
    clock: Clock,
    lookable: Callable[[Collection[str]], Collection[str]],
) -> tuple[Recovered, Stopped | None]:
    """Bring the database that was unpacked to the present tables, and tell it of the rest; whether
    all is stopped there."""
    if found := faults(unpacked.database):
        raise StoreError(N_("In the backup: {problem}"), problem=found[0])
    store = Store(f"sqlite:///{unpacked.database}", clock)
    try:
        made_at = archive.manifest.made_at
        slugs = lookable(store.recovery.accounts())
        handed = handed_by(unpacked.before)
        recovered = store.recovery.recover(archive.path.name, made_at, slugs, handed)
        return recovered, store.brake.state()
    finally:
        store.close()


def _keep_media(archive: Archive, place: Place, step: Step) -> None:
    """Add the backup's files to those that are there: under their hashes, they replace nothing."""
    shelf = MediaStore(place.media)
    for name in archive.names(MEDIA):
        if not shelf.has(Path(name).name):
            with archive.member(name) as source:
                try:
                    shelf.put(source)
                except MediaError as error:
                    raise StoreError(
                        N_("{place}: {problem}"), place=name, problem=error.message
                    ) from error
        step(archive.manifest.members[name].size)


def _swapped(
    place: Place, there: Alone, unpacked: _Unpacked, now: datetime, step: Step
) -> tuple[Path | None, Path | None]:
    """Put both in their places; a backup of what was there, and the name that its campaign has."""
    stamp = f"{now.astimezone():%Y-%m-%d-%H%M%S}"
    before = place.campaign.with_name(f"{place.campaign.name}.before-{stamp}")
    undo = place.workshop / f"pavois-before-restore-{stamp}.zip"
    if taken := next((path for path in (before, undo) if path.exists()), None):
        raise RefusedCommand(N_("{path} is there already. Try again."), path=str(taken))
    with _disk_told():
        made = _undo(place, unpacked.before, undo, now, step)
        with (
            _marked(place, there),
            _folder_swapped(place.campaign, unpacked.campaign, before),
        ):
            there.become(unpacked.database)
            to_disk(place.workshop)
    return undo if made else None, before if before.exists() else None


def _undo(place: Place, database: Path, undo: Path, now: datetime, step: Step) -> bool:
    """Make a backup of what is replaced, whatever state it is in: to go back is a restore too.

    *database* is a copy of what was there, from which nothing can have been sent since *now*. False
    where there was none.
    """
    if not database.exists():
        return False
    try:
        revision, mode = described(database)
    except StoreError:  # damaged, or not one of Pavois: kept as it is
        revision, mode = "", place.mode
    manifest = Manifest(FORMAT, version("pavois"), revision, mode, now, {}, has_media=False)
    pack(place, database, manifest, undo, step)
    return True


@contextmanager
def _folder_swapped(folder: Path, unpacked: Path, before: Path) -> Iterator[None]:
    """*unpacked* in the place of *folder*, if there is one; put back if what follows fails."""
    if not unpacked.exists():
        yield
        return
    if had_one := folder.exists():
        folder.rename(before)
    try:
        unpacked.rename(folder)
        to_disk(folder.parent)
        yield
    except BaseException:
        if folder.exists():
            folder.rename(unpacked)
        if had_one:
            before.rename(folder)
        raise


@contextmanager
def _marked(place: Place, there: Alone) -> Iterator[None]:
    """Nothing can run meanwhile, nor after a crash that comes in between, nor while nobody knows
    what *there* has become."""
    place.folder.mkdir(parents=True, exist_ok=True)
    place.marker.touch()
    to_disk(place.folder)
    try:
        yield
    finally:
        if not there.in_doubt:
            place.marker.unlink(missing_ok=True)


@contextmanager
def _unpacking_in(parent: Path) -> Iterator[Path]:
    """A folder in *parent*, gone afterwards."""
    with _disk_told():
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_UNPACKED, dir=parent) as folder:
            yield Path(folder)


def _sweep(place: Place) -> None:
    """Remove what an interrupted restore had unpacked."""
    for parent in {place.workshop, place.campaign.parent}:
        for left in parent.glob(f"{_UNPACKED}*"):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _disk_told() -> Iterator[None]:
    """What the system refuses, in words."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            N_("Nothing was restored. {path}: {problem}."),
            path=str(error.filename or "").partition(f"/{_UNPACKED}")[0],
            problem=reason_of(error),
        ) from error
