"""The file that an announcement names: an ordinary one, within the campaign's folder."""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from bot.errors import MediaError, reason_of
from bot.media.sniff import HEAD, MP4, PDF, QUICKTIME, ending_of, sniffed
from bot.words import N_

MIB = 1 << 20

#: The most that is read of a file, by its type, in bytes: a guard of this machine, where networks
#: take less. Any other type is a picture.
_MOST = {MP4: 512 * MIB, QUICKTIME: 512 * MIB, PDF: 100 * MIB}
_MOST_PICTURE = 40 * MIB


def named(folder: Path, name: str, root: Path) -> Path:
    """The file that *name* means, read from *folder*; its real place, links followed.

    It must lie inside *root*, be an ordinary file, not hidden, not empty, of a type and size that
    are taken. Raises MediaError, which calls it *name*, as the officer wrote it.
    """
    _check_name(name)
    wanted = _found(folder, name)
    inside = root.resolve()
    path = _resolved(wanted, name)
    if not path.is_relative_to(inside):
        raise MediaError(
            N_("{name} does not lie in the campaign's folder. Copy the file there."), name=name
        )
    if any(part.startswith(".") for part in (*path.relative_to(inside).parts, wanted.name)):
        raise MediaError(
            N_("{name} is hidden: a name in it begins with a dot. Copy the file elsewhere."),
            name=name,
        )
    with opened(path, name) as file:
        _check_size(file, name)
    return path


def opened(path: Path, name: str) -> BinaryIO:
    """The ordinary file at *path*, to be read; never waits, whatever lies there.

    Raises MediaError if it is not there, may not be read, or is no ordinary file.
    """
    try:
        _check_ordinary(path.stat().st_mode, name)
        # Not to wait for a pipe that nobody writes to, should one have come in the file's place.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise _missing(path, name) from error
    except OSError as error:
        raise unreadable(name, error) from error
    return os.fdopen(number, "rb")


def named_as_it_is(path: Path, folder: Path) -> Path:
    """The file at *path* under a name in *folder* that ends as what it holds does.

    What came from a page, or is kept by its hash, has no name of its own.
    """
    with opened(path, path.name) as file:
        ending = ending_of(head_of(file, path.name))
    name = folder / f"file{ending}"
    name.hardlink_to(path)
    return name


def head_of(file: BinaryIO, name: str) -> bytes:
    """The first bytes of *file*, which then stands at its beginning again."""
    try:
        head = file.read(HEAD)
        file.seek(0)
    except OSError as error:
        raise unreadable(name, error) from error
    return head


def unreadable(name: str, error: OSError) -> MediaError:
    """What to say of *name* when the system refuses to read it."""
    return MediaError(
        N_("{path} cannot be read: {problem}."),
        path=name,
        problem=reason_of(error),
    )


def _check_name(name: str) -> None:
    if not name.strip():
        raise MediaError(N_("The name of a file is missing. Write it between the quotation marks."))
    if any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in name):
        raise MediaError(
            N_("The name of a file has a sign in it that cannot be written. Rename the file.")
        )
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or name.startswith("~"):
        raise MediaError(
            N_("{name}: write where the file is from the folder of the announcement on."),
            name=name,
        )
    if "\\" in name:
        raise MediaError(N_("{name}: write / between folders, not \\."), name=name)


def _found(folder: Path, name: str) -> Path:
    """Where *name* is, though the disk may spell it in another normal form.

    A Mac writes 사진.jpg and été.jpg in pieces (NFD), a keyboard in one (NFC).
    """
    wanted = folder / name
    try:
        if wanted.exists():
            return wanted
        same = unicodedata.normalize("NFC", wanted.name)
        return next(
            one for one in wanted.parent.iterdir() if unicodedata.normalize("NFC", one.name) == same
        )
    except (OSError, ValueError, RuntimeError, StopIteration):
        return wanted


def _resolved(wanted: Path, name: str) -> Path:
    try:
        return wanted.resolve()
    except OSError as error:
        raise unreadable(name, error) from error
    except RuntimeError as error:  # pathlib, of links that lead to one another
        raise MediaError(
            N_("{name} is a link that leads back to itself. Copy the file instead."), name=name
        ) from error


def _check_ordinary(mode: int, name: str) -> None:
    if stat.S_ISDIR(mode):
        raise MediaError(N_("{name} is a folder. Name a file in it."), name=name)
    if not stat.S_ISREG(mode):
        raise MediaError(N_("{name} is a device or a pipe. Name an ordinary file."), name=name)


def _missing(path: Path, name: str) -> MediaError:
    from bot.files import closest  # and TOML with it, which no worker needs

    try:
        there = [one.name for one in path.parent.iterdir() if not one.name.startswith(".")]
    except OSError:
        there = []
    if meant := closest(path.name, there):
        right = str(PurePosixPath(name).with_name(meant))
        return MediaError(
            N_("There is no file {name}; did you mean {meant}?"), name=name, meant=right
        )
    return MediaError(N_("There is no file {path}."), path=name)


def _check_size(file: BinaryIO, name: str) -> None:
    size = os.fstat(file.fileno()).st_size
    if not size:
        raise MediaError(N_("{name} is empty. Copy the file again."), name=name)
    most = _MOST.get(sniffed(head_of(file, name), name), _MOST_PICTURE)
    if size > most:
        raise MediaError(
            N_(
                "{name} has {size} MB; of such a file at most {most} MB are taken. Make it smaller."
            ),
            name=name,
            size=-(-size // MIB),
            most=most // MIB,
        )
