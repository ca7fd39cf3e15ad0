"""What was uploaded to the rehearsal networks: facts in the world's file, bytes in a folder beside.

Bytes go from the connection to the disk in pieces, so that a video of 500 MB needs no memory; a
file has its name only once it is whole. Several processes share both.
"""

from __future__ import annotations

import hashlib
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from bot.sandbox.magic import look
from bot.sandbox.values import from_ms, to_ms
from bot.sandbox.world import World, next_number, number_or_none

#: Both networks keep what nobody posts for a day (X: recorded 86,400 s; LinkedIn: +24 h, recorded).
KEPT_FOR = timedelta(hours=24)

#: Unlike the posts of the same millisecond: a number must not stand for both.
APART = 1 << 12

PIECE = 1 << 16

COLUMNS = (
    "network, name, account, kind, mime, announced, created_ms, finished_ms, size, width, height,"
    " alt, fate, waited"
)

#: What LinkedIn's names of files begin with (recorded, documented).
NAME_STARTS = {"image": "D5610AQ", "document": "D5510AQ", "video": "D5505AQ"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way: what was announced, what arrived, and what becomes of it.

    `kind` is image, gif, video or document, `mime` what was announced, later what the bytes are.
    `finished_at` is when the last byte was there. `fate` is "", "failed" or "stuck"; `waited`
    counts the seconds that a client was told to wait while the clock stood still.
    """

    network: str
    name: str
    account: str
    kind: str
    created_at: datetime
    mime: str = ""
    announced: int | None = None
    finished_at: datetime | None = None
    size: int = 0
    width: int = 0
    height: int = 0
    alt: str = ""
    fate: str = ""
    waited: int = 0

    @property
    def expires_at(self) -> datetime:
        return self.created_at + KEPT_FOR

    def age(self, now: datetime) -> float:
        """Seconds since it was all there; below zero when it is not."""
        if self.finished_at is None:
            return -1
        return (now - self.finished_at).total_seconds() + self.waited


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an upload that has arrived."""

    number: int
    size: int


class Uploads:
    """Every upload of both networks. *folder* is where the bytes lie; None: a temporary one."""

    def __init__(self, world: World, folder: Path | None) -> None:
        self._world = world
        self.folder = folder or Path(tempfile.mkdtemp(prefix="pavois-"))
        if folder is None:
            weakref.finalize(self, shutil.rmtree, self.folder, ignore_errors=True)

    def begin(self, draft: Upload) -> Upload:
        """Give *draft* a name of its own: X's is a number that tells the time."""
        with self._world.change() as connection:
            number = next_number(connection, "uploads", draft.network, draft.created_at)
            number += 0 if number % (1 << 22) else APART
            name = str(number)
            if draft.network == "linkedin":
                name = NAME_STARTS[draft.kind] + hashlib.sha256(name.encode()).hexdigest()[:12]
            upload = replace(draft, name=name)
            marks = ", ".join("?" * 15)
            connection.execute(
                f"INSERT INTO uploads (id, {COLUMNS}) VALUES ({marks})",  # noqa: S608
                (number, *_row_of(upload)),
            )
        return upload

    def find(self, network: str, name: str) -> Upload | None:
        """The upload of that name."""
        rows = self._world.rows(
            f"SELECT {COLUMNS} FROM uploads WHERE network = ? AND name = ?",  # noqa: S608
            network,
            name,
        )
        return _upload_of(rows[0]) if rows else None

    def add_part(self, upload: Upload, number: int, source: IO[bytes]) -> None:
        """Keep a piece; again replaces it."""
        size = self._write(self._part(upload, number), [source])
        with self._world.change() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO parts VALUES (?, ?, ?, ?)",
                (upload.network, upload.name, number, size),
            )

    def parts(self, upload: Upload) -> list[Part]:
        """The pieces that are there, in order."""
        rows = self._world.rows(
            "SELECT number, size FROM parts WHERE network = ? AND name = ? ORDER BY number",
            upload.network,
            upload.name,
        )
        return [Part(int(str(number)), int(str(size))) for number, size in rows]

    def join(self, upload: Upload) -> Upload:
        """Put the pieces together and look at the result; `keep` makes it last."""
        paths = [self._part(upload, part.number) for part in self.parts(upload)]
        size = self._write(self.path(upload), _opened(paths))
        with self.path(upload).open("rb") as file:
            found = look(file)
        return replace(upload, mime=found.mime, size=size, width=found.width, height=found.height)

    def finish(self, upload: Upload, at: datetime, *, sound: bool = True) -> Upload:
        """The file is whole: processing begins; it fails if it is not *sound* or a fault wants."""
        kind, _seconds = self._world.take_fault(upload.network, "processing") or ("", 0)
        fate = kind.removeprefix("processing_") if sound else "failed"
        done = replace(upload, finished_at=at, fate=fate)
        self.keep(done)
        for part in self.parts(upload):
            self._part(upload, part.number).unlink(missing_ok=True)
        return done

    def keep(self, upload: Upload) -> None:
        """Write down what has changed of *upload*."""
        names = [name.strip() for name in COLUMNS.split(",")]
        changes = ", ".join(f"{name} = ?" for name in names)
        with self._world.change() as connection:
            connection.execute(
                f"UPDATE uploads SET {changes} WHERE network = ? AND name = ?",  # noqa: S608
                (*_row_of(upload), upload.network, upload.name),
            )

    def path(self, upload: Upload) -> Path:
        """Where the bytes of *upload* lie."""
        return self.folder / f"{upload.network}-{upload.name}"

    def _part(self, upload: Upload, number: int) -> Path:
        return self.folder / f"{upload.network}-{upload.name}.{number}"

    def _write(self, path: Path, sources: Iterable[IO[bytes]]) -> int:
        self.folder.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f"{path.name}-{secrets.token_hex(4)}")
        with half.open("wb") as file:
            for source in sources:
                shutil.copyfileobj(source, file, PIECE)
            size = file.tell()
        half.replace(path)
        return size


def _opened(paths: Iterable[Path]) -> Iterator[IO[bytes]]:
    """One file after the other, each closed before the next."""
    for path in paths:
        with path.open("rb") as file:
            yield file


def _row_of(upload: Upload) -> tuple[object, ...]:
    return (
        upload.network,
        upload.name,
        upload.account,
        upload.kind,
        upload.mime,
        upload.announced,
        to_ms(upload.created_at),
        None if upload.finished_at is None else to_ms(upload.finished_at),
        upload.size,
        upload.width,
        upload.height,
        upload.alt,
        upload.fate,
        upload.waited,
    )


def _upload_of(row: Sequence[object]) -> Upload:
    network, name, account, kind, mime, announced, created, finished, *rest = row
    size, width, height, alt, fate, waited = rest
    return Upload(
        network=str(network),
        name=str(name),
        account=str(account),
        kind=str(kind),
        created_at=from_ms(int(str(created))),
        mime=str(mime),
        announced=number_or_none(announced),
        finished_at=None if finished is None else from_ms(int(str(finished))),
        size=int(str(size)),
        width=int(str(width)),
        height=int(str(height)),
        alt=str(alt),
        fate=str(fate),
        waited=int(str(waited)),
    )
