"""Looking whether all is whole: the database, what must be true of it, the files of posts."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.attached import Media
from bot.backup.archive import DATABASE, MEDIA, Archive, opened
from bot.backup.place import Place
from bot.clock import Clock
from bot.db import copies
from bot.db.copies import Step
from bot.db.store import Store
from bot.errors import MediaError, PavoisError, RefusedCommand, reason_of
from bot.invariants import Book, Fault, faults
from bot.media.store import MediaStore
from bot.words import N_, Message

#: The names under which faults of other things than the ledger are told.
DATABASE_WHOLE = "database whole"
BACKUP_WHOLE = "backup whole"
FILES_WHOLE = "files whole"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at, and what of it is wrong. `unnamed` files are kept and in no post."""

    posts: int
    attempts: int
    files: int
    unnamed: int
    faults: tuple[Fault, ...]


def verify_place(place: Place, store: Callable[[], Store], clock: Clock, step: Step) -> Verdict:
    """Look at an installation, whoever works in it. *step* is told of the bytes read.

    *store* opens its store, once the database has been found sound. Raises RefusedCommand,
    StoreError.
    """
    if not place.database.exists():
        raise RefusedCommand(
            N_("There is nothing to verify yet: Pavois has kept nothing in {place}."),
            place=str(place.database),
        )
    if damages := place.database.faults():
        return _unreadable(DATABASE_WHOLE, damages)
    shelf = MediaStore(place.media)

    def fault_of(media: Media) -> Message | None:
        try:
            shelf.open(media.sha256).close()
        except (MediaError, OSError) as error:
            return _in_words(error)
        finally:
            step(media.size)
        return None

    return _verdict(store(), clock, fault_of, (path.name for path in shelf.kept()))


def verify_file(path: Path, clock: Clock, step: Step) -> Verdict:
    """Look at the backup at *path*. *step* is told of the bytes read."""
    try:
        with opened(path) as archive, tempfile.TemporaryDirectory() as folder:
            archive.check(step)
            database = Path(folder) / DATABASE
            archive.unpack(DATABASE, database, step)
            if damages := copies.faults(database):
                return _unreadable(DATABASE_WHOLE, damages)
            store = Store(f"sqlite:///{database}", clock)
            try:
                names = [Path(name).name for name in archive.names(MEDIA)]
                return _verdict(store, clock, lambda media: _fault_in(archive, media), names)
            finally:
                store.close()
    except PavoisError as error:
        return _unreadable(BACKUP_WHOLE, [error.message])


def work(place: Place) -> int:
    """How many bytes of files `verify_place` reads, if each that is kept is named once."""
    return sum(path.stat().st_size for path in MediaStore(place.media).kept())


def _verdict(
    store: Store,
    clock: Clock,
    fault_of: Callable[[Media], Message | None],
    kept: Iterable[str],
) -> Verdict:
    book = store.audit.book()
    named = _named(book)
    broken = [Fault(FILES_WHOLE, fault) for one in named.values() if (fault := fault_of(one))]
    return Verdict(
        posts=len(book.posts),
        attempts=sum(len({line.number for line in lines}) for lines in book.attempts.values()),
        files=len(named),
        unnamed=len(set(kept) - named.keys() - store.audit.pictures()),
        faults=(*faults(book, clock.now()), *broken),
    )


def _named(book: Book) -> Mapping[str, Media]:
    """The files that posts name, by their hashes."""
    return {media.sha256: media for post in book.posts for media in post.attached.files}


def _fault_in(archive: Archive, media: Media) -> Message | None:
    """What is wrong with a file of a backup, whose members were found to be as they were packed.

    Nothing in one that is to have no files: they lie where it was made.
    """
    name = f"{MEDIA}{media.sha256[:2]}/{media.sha256}"
    member = archive.manifest.members.get(name)
    if not archive.manifest.has_media or (member and member.sha256 == media.sha256):
        return None
    return Message(
        N_("The file {name} of a post is missing or damaged."), {"name": media.name or media.sha256}
    )


def _unreadable(invariant: str, messages: Iterable[Message]) -> Verdict:
    return Verdict(0, 0, 0, 0, tuple(Fault(invariant, message) for message in messages))


def _in_words(error: MediaError | OSError) -> Message:
    if isinstance(error, MediaError):
        return error.message
    return Message(N_("A file cannot be read: {problem}."), {"problem": reason_of(error)})
