"""What sending files ahead of a post has in common on every network.

An upload is no post: it may be made again. What is up, and how far each file has come, is kept in
memory for the account, so that a retry goes on where the last one ended.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Generic, TypeVar

from bot.attached import Media
from bot.clock import Clock
from bot.errors import MediaError, NotReady, NotSent, Refused
from bot.networks.http import PIECE
from bot.words import N_

#: How long a network that is at work on a file is waited for: nothing else goes out meanwhile.
PATIENCE = timedelta(seconds=30)
#: After how long it is then looked at again.
LOOK_AGAIN = timedelta(minutes=1)
#: How long a network may be at work on a file in all (LinkedIn: videos take minutes).
LONGEST = timedelta(minutes=10)
#: Whoever is to stop is not waited for longer.
STEP = timedelta(seconds=1)
#: A file that its network forgets sooner is sent anew: the post that shows it is still to come.
MARGIN = timedelta(minutes=15)

Opened = Callable[[Media], BinaryIO]
Alive = Callable[[], None]


class FilesGone(NotSent):
    """Certainly not published: the network does not have the files; they must be sent anew."""


@dataclass(slots=True)
class Upload:
    """How far one file has come: the network's name for it, until when it is kept there.

    `at_work` is how long the network has been at work on it since it has all of it.
    """

    remote_id: str
    expires: datetime
    ready: bool = False
    at_work: timedelta = timedelta()


Kind = TypeVar("Kind", bound=Upload)


class Uploads(Generic[Kind]):
    """The files that one account has up, or on their way up, each under a key of its network's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[Hashable, Kind] = {}

    def bring(
        self, key: Hashable, begin: Callable[[], Kind], finish: Callable[[Kind], None]
    ) -> None:
        """Bring the file *key* up: *finish* takes it from wherever it stands.

        A refusal of what was begun in an earlier try says little of the file: it is begun anew at
        the next. Raises what *begin* and *finish* raise.
        """
        self._drop_expired()
        is_new = key not in self._kept
        if is_new:
            self._kept[key] = begin()
        try:
            finish(self._kept[key])
        except FilesGone:
            self.forget([key])
            raise
        except Refused as error:
            self.forget([key])
            if is_new:
                raise
            raise FilesGone(
                N_("What was sent of a file is not there any more: it is sent anew."),
                status=error.status,
                request_id=error.request_id,
            ) from None

    def remote_id(self, key: Hashable) -> str:
        """The network's name for the file *key*. Raises FilesGone for one that is not up."""
        self._drop_expired()
        upload = self._kept.get(key)
        if upload is None or not upload.ready:
            raise FilesGone(N_("A file of this post is not up yet, or not any more."))
        return upload.remote_id

    def forget(self, keys: Sequence[Hashable]) -> None:
        """Send the files *keys* anew when they are next needed."""
        for key in keys:
            self._kept.pop(key, None)

    def _drop_expired(self) -> None:
        soon = self._clock.now() + MARGIN
        self._kept = {key: one for key, one in self._kept.items() if one.expires > soon}


def bring_each(files: Sequence[Media], bring: Callable[[Media], None]) -> None:
    """Bring up the *files* of one post; a refusal says which of them is not taken."""
    for number, media in enumerate(files, 1):
        try:
            bring(media)
        except Refused as error:
            raise Refused(
                N_("File {number} of this post: {reason}"),
                number=number,
                reason=error.message,
                status=error.status,
                request_id=error.request_id,
            ) from None


def await_processing(
    upload: Upload,
    look: Callable[[], timedelta | None],
    first: timedelta | None,
    clock: Clock,
    alive: Alive,
    network: str,
) -> None:
    """Wait *first*, look, wait as long as the *look* says, until one says None: it is ready.

    Raises NotReady when that is not so after PATIENCE, FilesGone when not after LONGEST, and what
    *look* and *alive* raise. Time is counted: a clock may be set meanwhile.
    """
    pause = first
    while pause:
        if upload.at_work >= LONGEST:
            raise FilesGone(
                N_(
                    "{network} is still at work on a file of this post after {minutes} minutes: "
                    "it is sent anew."
                ),
                network=network,
                minutes=int(LONGEST.total_seconds() // 60),
            )
        if upload.at_work + pause > PATIENCE:
            upload.at_work += LOOK_AGAIN
            raise NotReady(
                N_("{network} is still at work on a file of this post."),
                network=network,
                retry_at=clock.now() + LOOK_AGAIN,
            )
        _wait(pause, clock, alive)
        upload.at_work += pause
        pause = look()


@contextmanager
def reading(opened: Opened, media: Media) -> Iterator[BinaryIO]:
    """The file of *media*, open. Raises MediaError when it is not kept any more, NotSent when it
    cannot be read now."""
    try:
        file = opened(media)
    except OSError as error:
        raise _unreadable() from error
    with file:
        yield file


def read_piece(file: BinaryIO, first: int, size: int) -> bytes:
    """The *size* bytes of *file* from *first* on. Raises NotSent or MediaError, never OSError."""
    try:
        file.seek(first)
        data = file.read(size)
    except OSError as error:
        raise _unreadable() from error
    if len(data) < size:
        raise MediaError(
            N_(
                "A file of this post is not whole any more where Pavois keeps it. Run pavois "
                "preview with its announcement again, then pavois queue retry."
            )
        )
    return data


class Stretch:
    """The *size* bytes of a file from *first* on, read as they are sent: a body for requests.

    *alive* is called between two pieces too: a great file on a slow line takes its time.
    """

    def __init__(self, file: BinaryIO, first: int, size: int, alive: Alive) -> None:
        self._file = file
        self._first = first
        self._size = size
        self._alive = alive

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, self._size, PIECE):
            if at:
                self._alive()
            yield read_piece(self._file, self._first + at, min(PIECE, self._size - at))


def _wait(span: timedelta, clock: Clock, alive: Alive) -> None:
    while span > timedelta():
        step = min(span, STEP)
        clock.wait(step)
        alive()
        span -= step


def _unreadable() -> NotSent:
    return NotSent(N_("A file of this post could not be read."))
