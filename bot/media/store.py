"""Files kept by what they hold: each once, under the SHA-256 of its bytes, whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bot.errors import MediaError, reason_of
from bot.media.files import opened
from bot.words import N_

#: How the names of files begin that are still being written.
UNFINISHED = ".new-"
#: Seconds after which what is unfinished was left by a process that ended.
LEFT_AFTER = 3600

_HASH = re.compile(r"[0-9a-f]{64}")


class MediaStore:
    """A folder of files, each at `<first two digits>/<hash>`. Any number of processes may use it.

    What is written gets its name only when it is on the disk; so nobody sees half of it, and two
    who keep the same bytes at once replace them by the same.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, source: Path | BinaryIO) -> str:
        """Keep what *source* holds, read from where it stands on; its hash.

        Raises MediaError if it cannot be read, or the disk is full.
        """
        if isinstance(source, Path):
            with opened(source, source.name) as file:
                return self.put(file)
        with self._written() as (target, unfinished):
            kept = hashlib.sha256()
            while chunk := source.read(1 << 20):
                kept.update(chunk)
                target.write(chunk)
            _to_disk(target)
            place = self._place(kept.hexdigest())
            _made(place.parent)
            unfinished.replace(place)
            _folder_to_disk(place.parent)
        return place.name

    def write(self, name: str, content: bytes) -> None:
        """Keep *content* under *name*, a path below the folder, in place of what is there."""
        with self._written() as (target, unfinished):
            target.write(content)
            _to_disk(target)
            _made((self.folder / name).parent)
            unfinished.replace(self.folder / name)

    def has(self, sha256: str) -> bool:
        """Whether the bytes of that hash are kept here: whole, and unchanged."""
        try:
            self.open(sha256).close()
        except (MediaError, OSError):  # a failing disk
            return False
        return True

    def path(self, sha256: str) -> Path:
        """Where the bytes of that hash lie, unread. Raises MediaError if they are not kept."""
        with _told():
            is_kept = bool(_HASH.fullmatch(sha256)) and self._place(sha256).is_file()
        if not is_kept:
            raise MediaError(
                N_(
                    "The media file {sha256} is no longer kept. Run pavois preview with its "
                    "announcement again, then pavois queue retry."
                ),
                sha256=sha256[:64],
            )
        return self._place(sha256)

    def open(self, sha256: str) -> BinaryIO:
        """The bytes of that hash, to be read, found to be those: whole, and unchanged.

        Raises MediaError if they are not kept, or no longer what they were.
        """
        kept = opened(self.path(sha256), sha256)
        if hash_of(kept) != sha256:
            kept.close()
            raise MediaError(
                N_(
                    "The media file {sha256} was changed on the disk, or the disk is failing. Look "
                    "at the disk, run pavois preview with its announcement again, then pavois "
                    "queue retry."
                ),
                sha256=sha256,
            )
        kept.seek(0)
        return kept

    def kept(self) -> Iterator[Path]:
        """Every file that is kept under its hash, unread, in the order of their hashes."""
        for path in sorted(self.folder.glob("[0-9a-f][0-9a-f]/*")):
            if _HASH.fullmatch(path.name) and path.is_file():
                yield path

    @contextmanager
    def workshop(self) -> Iterator[Path]:
        """A folder for what is being made, on the same disk; gone afterwards."""
        with _told():
            _made(self.folder)
            with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=self.folder) as folder:
                yield Path(folder)

    def _place(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256

    @contextmanager
    def _written(self) -> Iterator[tuple[BinaryIO, Path]]:
        """A new file in the folder, to be given its name; gone if it was not."""
        with _told():
            _made(self.folder)
            number, name = tempfile.mkstemp(prefix=UNFINISHED, dir=self.folder)
            try:
                self._sweep(os.fstat(number).st_mtime - LEFT_AFTER)
                with os.fdopen(number, "wb") as target:
                    yield target, Path(name)
            finally:
                Path(name).unlink(missing_ok=True)

    def _sweep(self, before: float) -> None:
        """Remove what processes left unfinished that ended before *before*, by the disk's clock."""
        for left in self.folder.glob(UNFINISHED + "*"):
            try:
                if left.stat().st_mtime >= before:
                    continue
                if left.is_dir():
                    shutil.rmtree(left)
                else:
                    left.unlink()
            except FileNotFoundError:  # another process sweeps too
                continue


def hash_of(file: BinaryIO) -> str:
    """The SHA-256 of what *file* holds, read from where it stands on, in hexadecimal digits."""
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


@contextmanager
def _told() -> Iterator[None]:
    """What the system refuses, in words."""
    try:
        yield
    except OSError as error:
        raise MediaError(
            N_(
                "The media folder cannot be written to: {problem}. Is the disk full, may Pavois "
                "write there?"
            ),
            problem=reason_of(error),
        ) from error


def _made(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _to_disk(target: BinaryIO) -> None:
    target.flush()
    os.fsync(target.fileno())


def _folder_to_disk(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
