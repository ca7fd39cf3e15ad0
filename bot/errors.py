"""Everything that can go wrong, named after what the caller must do.

PavoisError
├── ConfigError          configuration or a campaign file is wrong: file, key, what would be right
├── RenderError          this announcement cannot be made to fit this network
├── MediaError           this file cannot go out with a post: which one, and what would be right
├── RefusedCommand       what was asked cannot be done now; the sentence says why and what to do
├── StoreError           the database could not be read or written; nothing was half-written
├── PageError            a page or picture of the web was not read; advice: nothing waits for it
└── NetworkError         could it have been published?
    ├── NotSent          certainly not published; trying again is safe
    │   ├── Throttled    the network said when to come back
    │   │   └── Spent    what Pavois may call or spend is used up; nothing failed
    │   ├── NotReady     nothing failed: the network is still at work on a file of this post
    │   └── NoAnswer     no publication, and perhaps carried out: it may be made again
    ├── Refused          certainly not published; trying again is useless
    ├── AccountBlocked   the account cannot publish until a person acts
    └── Uncertain        may have been published; never try again blindly, look first
"""

from __future__ import annotations

import errno
from datetime import datetime

from bot.words import N_, Message, Value

#: What systems refuse, as they say it in English, which is all that Python has them say.
_REFUSALS = {
    errno.EACCES: N_("Permission denied"),
    errno.EPERM: N_("Operation not permitted"),
    errno.ENOENT: N_("No such file or directory"),
    errno.EEXIST: N_("File exists"),
    errno.EISDIR: N_("Is a directory"),
    errno.ENOTDIR: N_("Not a directory"),
    errno.ENOTEMPTY: N_("Directory not empty"),
    errno.ENAMETOOLONG: N_("File name too long"),
    errno.ELOOP: N_("Too many levels of symbolic links"),
    errno.ENOSPC: N_("No space left on device"),
    errno.EDQUOT: N_("Disk quota exceeded"),
    errno.EFBIG: N_("File too large"),
    errno.EROFS: N_("Read-only file system"),
    errno.EIO: N_("Input/output error"),
    errno.EBUSY: N_("Device or resource busy"),
    errno.EMFILE: N_("Too many open files"),
    errno.ENFILE: N_("Too many open files in system"),
    errno.ESTALE: N_("Stale file handle"),
}


class PavoisError(Exception):
    """Its words are for the officer: one or two sentences, what is wrong and what to do."""

    exit_code = 1

    def __init__(self, text: str, **values: Value) -> None:
        self.message = Message(text, values)
        super().__init__(text)

    def __str__(self) -> str:
        return str(self.message)


class ConfigError(PavoisError):
    """Configuration or a campaign file is wrong."""

    exit_code = 3


class RenderError(PavoisError):
    """This announcement cannot be made to fit this network."""

    exit_code = 4


class MediaError(PavoisError):
    """This file cannot go out with a post."""

    exit_code = 8


class RefusedCommand(PavoisError):
    """What was asked cannot be done now."""

    exit_code = 5


class StoreError(PavoisError):
    """The database could not be read or written; nothing was half-written."""

    exit_code = 6


class PageError(PavoisError):
    """A page or a picture of the web was not read, and why: no more of its address than the host.

    Advice for a person, no error of a network: a post can leave without its link's card.
    """


class NetworkError(PavoisError):
    """A call to a network failed: with the HTTP *status*, and the network's own *request_id*."""

    exit_code = 7

    def __init__(
        self, text: str, *, status: int | None = None, request_id: str = "", **values: Value
    ) -> None:
        super().__init__(text, **values)
        self.status = status
        self.request_id = request_id


class NotSent(NetworkError):
    """Certainly not published; trying again is safe."""


class Throttled(NotSent):
    """The network said when to come back: *retry_at*, aware, UTC."""

    def __init__(
        self,
        text: str,
        *,
        retry_at: datetime,
        status: int | None = None,
        request_id: str = "",
        **values: Value,
    ) -> None:
        super().__init__(text, status=status, request_id=request_id, **values)
        self.retry_at = retry_at


class Spent(Throttled):
    """Nothing failed, and no call was made: what may be called or spent is used up for now."""


class NotReady(NotSent):
    """Nothing failed: the network is still at work on a file of this post, which alone waits.

    Look again at *retry_at*, aware, UTC.
    """

    def __init__(self, text: str, *, retry_at: datetime, **values: Value) -> None:
        super().__init__(text, status=None, request_id="", **values)
        self.retry_at = retry_at


class NoAnswer(NotSent):
    """A call that publishes nothing had no answer, or none that says what became of it.

    A deletion, an edit may have been made; making it again changes nothing more.
    """


class Refused(NetworkError):
    """Certainly not published; trying again is useless."""


class AccountBlocked(NetworkError):
    """The account cannot publish until a person acts: its posts wait, others go on."""


class Uncertain(NetworkError):
    """May have been published; never try again blindly, look first.

    *repeats*: the network refused it as a repetition of what is out; *duplicate_of* is its name
    for that, if it gives one.
    """

    def __init__(
        self,
        text: str,
        *,
        repeats: bool = False,
        duplicate_of: str = "",
        status: int | None = None,
        request_id: str = "",
        **values: Value,
    ) -> None:
        super().__init__(text, status=status, request_id=request_id, **values)
        self.repeats = repeats or bool(duplicate_of)
        self.duplicate_of = duplicate_of


#: What a person is told of an exception that none of the classes above expected.
OWN_FAULT = Message(N_("A fault of Pavois itself came between. The log has its trace."))


def reason_of(error: OSError) -> Value:
    """Why the system refused, for a sentence in the reader's language."""
    if known := _REFUSALS.get(error.errno or 0):
        return Message(known)
    return error.strerror or type(error).__name__
