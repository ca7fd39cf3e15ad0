"""A backup as one file: an ordinary .zip, whose members are stored as they are.

    pavois.json      what it is, when it was made, and the SHA-256 and size of every other member
    database.db      the database, one SQLite file, wherever it was kept
    config.toml      the configuration, which holds no secret
    campaign/…       the campaign's folder
    media/ab/ab12…   the files of posts, by their hashes

An archive that comes from elsewhere is believed nothing: names, sizes and hashes are checked before
a byte of it is used.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import msgspec

from bot.db.copies import Step
from bot.errors import RefusedCommand, StoreError, reason_of
from bot.words import N_, Value

MANIFEST = "pavois.json"
DATABASE = "database.db"
CONFIG = "config.toml"
CAMPAIGN = "campaign/"
MEDIA = "media/"

#: Counts up when an older Pavois could not read what is made now.
FORMAT = 1
#: More than a list of a million files has, in bytes.
_LONGEST_MANIFEST = 256 << 20
_PIECE = 1 << 20
_MEDIA_NAME = re.compile(r"media/([0-9a-f]{2})/\1[0-9a-f]{62}")


class Member(msgspec.Struct, frozen=True):
    """What a member holds, and how many bytes."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True):
    """What a backup says of itself. `revision` is that of the database's tables.

    Without *has_media* it is of use only where the files of posts are: what a restore replaced.
    """

    format: int
    version: str
    revision: str
    mode: str
    made_at: Annotated[datetime, msgspec.Meta(tz=True)]
    members: dict[str, Member]
    has_media: bool = True


def write(file: BinaryIO, manifest: Manifest, sources: Mapping[str, Path], step: Step) -> Manifest:
    """Pack *sources*, by the names of members; *manifest* with what they hold. Raises OSError."""
    members = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as packed:
        for name, path in sources.items():
            info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
            with path.open("rb") as source, packed.open(info, "w", force_zip64=True) as target:
                members[name] = _poured(source, cast(BinaryIO, target), step)
        manifest = msgspec.structs.replace(manifest, members=members)
        packed.writestr(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


@contextmanager
def opened(path: Path) -> Iterator[Archive]:
    """The backup at *path*, to be read. Raises RefusedCommand if it is none that can be trusted."""
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as packed:
            yield Archive(path, packed, path.stat().st_size)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise _refused(
            path,
            N_(
                "{path} is no backup of Pavois, or only a part of one, or damaged. Take another "
                "one."
            ),
        ) from error
    except FileNotFoundError as error:
        if error.filename != str(path):
            raise
        raise RefusedCommand(N_("There is no file {path}."), path=str(path)) from error


class Archive:
    """A backup whose list of contents is right; what its members hold is checked when it is read.

    Stored members that together are not longer than the file cannot unpack into more than it is.
    """

    def __init__(self, path: Path, packed: zipfile.ZipFile, size: int) -> None:
        self.path = path
        self._packed = packed
        self._size = size
        self._check_packing()
        self.manifest = self._manifest()
        self._check_members()

    @property
    def total(self) -> int:
        """The bytes of all members."""
        return sum(member.size for member in self.manifest.members.values())

    def names(self, folder: str = "") -> list[str]:
        """The members whose names begin with *folder*."""
        return [name for name in self.manifest.members if name.startswith(folder)]

    def check(self, step: Step) -> None:
        """Read every member. Raises RefusedCommand for the first that is not as it was packed."""
        for name in self.names():
            self._pour(name, None, step)

    def unpack(self, name: str, target: Path, step: Step) -> None:
        """Write the member *name* to *target*, a new file. Raises RefusedCommand, StoreError."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                self._pour(name, file, step)
        except OSError as error:
            raise StoreError(
                N_("{path} cannot be written: {problem}."),
                path=str(target),
                problem=reason_of(error),
            ) from error

    @contextmanager
    def member(self, name: str) -> Iterator[BinaryIO]:
        """The bytes of *name*, unchecked."""
        with self._packed.open(name) as source:
            yield cast(BinaryIO, source)

    def _pour(self, name: str, target: BinaryIO | None, step: Step) -> None:
        with self.member(name) as source:
            if _poured(source, target, step) != self.manifest.members[name]:
                raise self._changed(name)

    def _check_packing(self) -> None:
        infos = self._packed.infolist()
        for info in infos:
            if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1:
                raise self._changed(info.filename)
        if sum(info.file_size for info in infos) > self._size:
            raise _refused(
                self.path, N_("{path} says that it holds more than there is in it. Do not use it.")
            )

    def _manifest(self) -> Manifest:
        problem = N_("{path} is no backup of Pavois: its list of contents is missing or wrong.")
        try:
            if self._packed.getinfo(MANIFEST).file_size > _LONGEST_MANIFEST:
                raise _refused(self.path, problem)
            raw = self._packed.read(MANIFEST)
            if (found := msgspec.json.decode(raw, type=_Format).format) > FORMAT:
                raise _refused(
                    self.path,
                    N_("{path} was made by a newer Pavois (format {format}). Update Pavois."),
                    format=found,
                )
            return msgspec.json.decode(raw, type=Manifest)
        except (KeyError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise _refused(self.path, problem) from error

    def _check_members(self) -> None:
        sizes = {info.filename: info.file_size for info in self._packed.infolist()}
        listed = {MANIFEST, *self.manifest.members}
        if len(sizes) != len(self._packed.infolist()) or DATABASE not in listed:
            raise _refused(
                self.path,
                N_("{path} is no backup of Pavois: its list of contents is missing or wrong."),
            )
        for name in sorted(listed ^ sizes.keys()):
            raise self._changed(name)
        for name, member in self.manifest.members.items():
            if not _is_ours(name):
                raise _refused(
                    self.path,
                    N_(
                        "{path} holds {name}, which Pavois would not have put there. Do not use it."
                    ),
                    name=_shown(name),
                )
            if sizes[name] != member.size:
                raise self._changed(name)

    def _changed(self, name: str) -> RefusedCommand:
        return _refused(
            self.path,
            N_("{path}: {name} is not what it was when the backup was made. Take another one."),
            name=_shown(name),
        )


class _Format(msgspec.Struct):
    format: int


def _poured(source: BinaryIO, target: BinaryIO | None, step: Step) -> Member:
    """Copy *source* into *target*, if there is one; what it held."""
    seen, size = hashlib.sha256(), 0
    while piece := source.read(_PIECE):
        seen.update(piece)
        size += len(piece)
        if target:
            target.write(piece)
        step(len(piece))
    return Member(seen.hexdigest(), size)


def _is_ours(name: str) -> bool:
    """Whether Pavois packs members of that *name*: nothing that leads out of its folder."""
    if name in (DATABASE, CONFIG) or _MEDIA_NAME.fullmatch(name):
        return True
    parts = name.split("/")
    return (
        name.startswith(CAMPAIGN)
        and not any(part in ("", ".", "..") for part in parts)
        and not any(sign == "\\" or unicodedata.category(sign) in ("Cc", "Cs") for sign in name)
    )


def _shown(name: str) -> str:
    """*name* as a terminal can show it, whatever is in it."""
    return "".join(sign if sign.isprintable() else "?" for sign in name)[:100]


def _refused(path: Path, text: str, **values: Value) -> RefusedCommand:
    return RefusedCommand(text, path=str(path), **values)
