"""Files sent to LinkedIn ahead of the post that shows them: pictures, documents, videos.

Source: LinkedIn docs 202609 (reference/linkedin.md §3). initializeUpload names addresses, the bytes
are PUT there (a video in the ranges that LinkedIn wants, each answered with an ETag, then
finalizeUpload), and the file is looked at until it is AVAILABLE. Its owner is the post's author.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import requests

from bot.attached import Media, Sort
from bot.errors import AccountBlocked, Refused
from bot.networks.http import json_object, whole_number
from bot.networks.linkedin.line import Line, odd_answer
from bot.networks.uploads import (
    Alive,
    Opened,
    Stretch,
    Upload,
    Uploads,
    await_processing,
    bring_each,
    reading,
)
from bot.words import N_

#: LinkedIn's addresses end 24 hours later (recorded). The instant that it names is not read: clocks
#: differ, and what has ended is answered with a 401.
VALID_FOR = timedelta(days=1)
#: A picture is ready in a second or two, a video in minutes.
SHORTLY = timedelta(seconds=2)
BETWEEN_LOOKS = timedelta(seconds=5)

_NAMES = {
    Sort.PICTURE: "image",
    Sort.ANIMATION: "image",
    Sort.DOCUMENT: "document",
    Sort.VIDEO: "video",
}
_URN = re.compile(r"urn:li:(?:image|document|video):[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Part:
    """*size* bytes of a file from *first* on, and the address that LinkedIn wants them at."""

    url: str = field(repr=False)
    first: int
    size: int


@dataclass(slots=True)
class LinkedInUpload(Upload):
    """A file on its way to LinkedIn: its parts, and LinkedIn's names for those that it has.

    `is_whole`: of a video, that LinkedIn was told that these are all.
    """

    parts: tuple[Part, ...] = ()
    token: str = field(default="", repr=False)
    received: list[str] = field(default_factory=list)
    is_whole: bool = False


class LinkedInFiles:
    """The files that one author has on LinkedIn, or on their way there."""

    def __init__(self, line: Line, author: str) -> None:
        self._line = line
        self._author = author
        self._uploads: Uploads[LinkedInUpload] = Uploads(line.clock)

    def send(self, files: Sequence[Media], opened: Opened, alive: Alive) -> None:
        """Send *files* ahead, from wherever each of them stands."""

        def bring(media: Media) -> None:
            alive()
            self._uploads.bring(
                media.sha256,
                lambda: self._begin(media),
                lambda upload: self._finish(upload, media, opened, alive),
            )

        bring_each(files, bring)

    def urn(self, media: Media) -> str:
        """LinkedIn's name for *media*. Raises FilesGone when it is not up."""
        return self._uploads.remote_id(media.sha256)

    def forget(self, files: Sequence[Media]) -> None:
        """Send *files* anew when they are next needed."""
        self._uploads.forget([media.sha256 for media in files])

    def _begin(self, media: Media) -> LinkedInUpload:
        wanted: dict[str, Any] = {"owner": self._author}
        if media.sort is Sort.VIDEO:
            wanted |= {
                "fileSizeBytes": media.size,
                "uploadCaptions": False,
                "uploadThumbnail": False,
            }
        response = self._act(media, "initializeUpload", wanted)
        found = (json_object(response) or {}).get("value")
        value = found if isinstance(found, dict) else {}
        urn, parts = value.get(_NAMES[media.sort]), _parts(value, media)
        if not isinstance(urn, str) or not _URN.fullmatch(urn) or not parts:
            raise odd_answer(response)
        token = value.get("uploadToken")
        return LinkedInUpload(
            urn,
            self._line.clock.now() + VALID_FOR,
            parts=parts,
            token=token if isinstance(token, str) else "",
        )

    def _finish(self, upload: LinkedInUpload, media: Media, opened: Opened, alive: Alive) -> None:
        if upload.ready:
            return
        self._put(upload, media, opened, alive)
        if media.sort is Sort.VIDEO and not upload.is_whole:
            alive()
            self._join(upload, media)
        self._await(upload, media, alive)
        upload.ready = True

    def _join(self, upload: LinkedInUpload, media: Media) -> None:
        wanted = {
            "video": upload.remote_id,
            "uploadToken": upload.token,
            "uploadedPartIds": upload.received,
        }
        self._act(media, "finalizeUpload", wanted)
        upload.is_whole = True

    def _put(self, upload: LinkedInUpload, media: Media, opened: Opened, alive: Alive) -> None:
        """Send the parts that LinkedIn does not have; the one that failed last is sent again."""
        missing = upload.parts[len(upload.received) :]
        if not missing:
            return
        is_video = media.sort is Sort.VIDEO
        # As documented for a video's parts, and as it was recorded for a picture.
        mime = "application/octet-stream" if is_video else media.mime
        with reading(opened, media) as file:
            for part in missing:
                alive()
                stretch = Stretch(file, part.first, part.size, alive)
                response = self._line.put(part.url, stretch, mime, signed=not is_video)
                etag = response.headers.get("ETag", "").strip('"')
                if is_video and not etag:
                    raise odd_answer(response)
                upload.received.append(etag)

    def _await(self, upload: LinkedInUpload, media: Media, alive: Alive) -> None:
        path = f"/rest/{_NAMES[media.sort]}s/{quote(upload.remote_id, safe='')}"
        pause = BETWEEN_LOOKS if media.sort is Sort.VIDEO else SHORTLY

        def look() -> timedelta | None:
            return None if self._is_available(path) else pause

        alive()
        try:
            await_processing(upload, look, look(), self._line.clock, alive, "LinkedIn")
        except AccountBlocked as error:
            if error.status != 403:
                raise
            # A member's token may not look at the file that it sent (recorded 2025-12).
            self._line.clock.wait(SHORTLY)

    def _is_available(self, path: str) -> bool:
        """Whether the file may be shown. Raises Refused: LinkedIn could not process it."""
        response = self._line.call("GET", path)
        answer = json_object(response) or {}
        if answer.get("status") == "PROCESSING_FAILED":
            reason = answer.get("processingFailureReason")
            if isinstance(reason, str) and reason:
                raise Refused(N_("LinkedIn could not process it: {detail}"), detail=reason)
            raise Refused(N_("LinkedIn could not process it and does not say why."))
        return answer.get("status") == "AVAILABLE"

    def _act(self, media: Media, action: str, wanted: dict[str, Any]) -> requests.Response:
        path = f"/rest/{_NAMES[media.sort]}s?action={action}"
        return self._line.call("POST", path, body={f"{action}Request": wanted})


def _parts(value: dict[str, Any], media: Media) -> tuple[Part, ...]:
    """What LinkedIn wants and where, which must be the whole file; none when it is not."""
    if media.sort is not Sort.VIDEO:
        url = value.get("uploadUrl")
        return (Part(url, 0, media.size),) if isinstance(url, str) else ()
    listed = value.get("uploadInstructions")
    parts: list[Part] = []
    at = 0
    for one in listed if isinstance(listed, list) else []:
        part = _part(one) if isinstance(one, dict) else None
        if part is None or part.first != at or part.size < 1:
            return ()
        parts.append(part)
        at += part.size
    return tuple(parts) if at == media.size else ()


def _part(one: dict[str, Any]) -> Part | None:
    """`firstByte` to `lastByte`, both included."""
    url = one.get("uploadUrl")
    first, last = whole_number(one.get("firstByte")), whole_number(one.get("lastByte"))
    if not isinstance(url, str) or first is None or last is None:
        return None
    return Part(url, first, last + 1 - first)
