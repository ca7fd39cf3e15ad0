"""Files sent to X ahead of the post that shows them: the v2 endpoints, through tweepy's `request`.

Sources: X's OpenAPI 2.167 and docs 2026-08 (reference/x.md §1.2, §2.5): initialize → append →
finalize → STATUS as long as it is being processed → metadata for the text that stands for a
picture. The same way for pictures, animations and videos. X keeps what is sent for a day.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests

from bot.attached import Media, Sort
from bot.clock import Clock
from bot.errors import NotSent, Refused
from bot.networks.http import PIECE, json_object, request_id, whole_number
from bot.networks.uploads import (
    Alive,
    Opened,
    Upload,
    Uploads,
    await_processing,
    bring_each,
    read_piece,
    reading,
)
from bot.networks.x.errors import problem_of
from bot.networks.x.line import XClient, read
from bot.words import N_

KEPT_FOR = timedelta(days=1)
#: Seconds between two looks at what X is processing, when it asks for less or for more.
SOONEST, LATEST = 1, 30

_CATEGORIES = {
    Sort.PICTURE: "tweet_image",
    Sort.ANIMATION: "tweet_gif",
    Sort.VIDEO: "tweet_video",
}
#: X takes a text that stands for these; a video has none.
_DESCRIBED = (Sort.PICTURE, Sort.ANIMATION)
_UPLOAD = "/2/media/upload"


@dataclass(slots=True)
class XUpload(Upload):
    """A file on its way to X: the `pieces` that X has, and which of the later steps are done."""

    pieces: int = 0
    is_whole: bool = False
    is_processed: bool = False


class XFiles:
    """The files that one account has on X, or on their way there."""

    def __init__(self, client: XClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._uploads: Uploads[XUpload] = Uploads(clock)

    def send(self, files: Sequence[Media], opened: Opened, alive: Alive) -> None:
        """Send *files* ahead, from wherever each of them stands."""

        def bring(media: Media) -> None:
            alive()
            self._uploads.bring(
                _key(media),
                lambda: self._begin(media),
                lambda upload: self._finish(upload, media, opened, alive),
            )

        bring_each(files, bring)

    def ids(self, files: Sequence[Media]) -> list[str]:
        """X's names for *files*, in order. Raises FilesGone when one is not up."""
        return [self._uploads.remote_id(_key(media)) for media in files]

    def forget(self, files: Sequence[Media]) -> None:
        """Send *files* anew when they are next needed."""
        self._uploads.forget([_key(media) for media in files])

    def _begin(self, media: Media) -> XUpload:
        if media.sort not in _CATEGORIES:
            raise Refused(N_("X takes no documents."))
        wanted = {
            "media_type": media.mime,
            "total_bytes": media.size,
            "media_category": _CATEGORIES[media.sort],
        }
        response = self._client.request("POST", f"{_UPLOAD}/initialize", json=wanted)
        data = _data(read(response))
        media_id = data.get("id")
        if not isinstance(media_id, str) or not media_id.isdigit():
            raise NotSent(
                N_("X took a file and did not say under which number."),
                status=response.status_code,
                request_id=request_id(response, "x-transaction-id"),
            )
        return XUpload(media_id, self._expiry(data))

    def _finish(self, upload: XUpload, media: Media, opened: Opened, alive: Alive) -> None:
        if upload.ready:
            return
        self._append(upload, media, opened, alive)
        self._process(upload, alive)
        self._describe(upload, media, alive)
        upload.ready = True

    def _append(self, upload: XUpload, media: Media, opened: Opened, alive: Alive) -> None:
        """Send the pieces that X does not have; the one that failed last is sent again."""
        pieces = -(-media.size // PIECE)
        if upload.pieces == pieces:
            return
        with reading(opened, media) as file:
            while upload.pieces < pieces:
                alive()
                at = upload.pieces * PIECE
                data = read_piece(file, at, min(PIECE, media.size - at))
                wanted = {
                    "media": base64.b64encode(data).decode("ascii"),
                    "segment_index": upload.pieces,
                }
                self._call("POST", f"{_UPLOAD}/{upload.remote_id}/append", json=wanted)
                upload.pieces += 1

    def _process(self, upload: XUpload, alive: Alive) -> None:
        """Tell X that it has all the pieces, and wait until it has made a file of them."""
        if upload.is_processed:
            return
        alive()
        first = self._look(upload) if upload.is_whole else self._finalize(upload)
        await_processing(upload, lambda: self._look(upload), first, self._clock, alive, "X")
        upload.is_processed = True

    def _finalize(self, upload: XUpload) -> timedelta | None:
        answer = self._call("POST", f"{_UPLOAD}/{upload.remote_id}/finalize")
        upload.is_whole = True
        return self._pause(upload, answer)

    def _look(self, upload: XUpload) -> timedelta | None:
        asked = {"command": "STATUS", "media_id": upload.remote_id}
        return self._pause(upload, self._call("GET", _UPLOAD, params=asked))

    def _describe(self, upload: XUpload, media: Media, alive: Alive) -> None:
        if media.alt and media.sort in _DESCRIBED:
            alive()
            wanted = {"id": upload.remote_id, "metadata": {"alt_text": {"text": media.alt}}}
            self._call("POST", "/2/media/metadata", json=wanted)

    def _call(self, method: str, route: str, **asked: Any) -> Mapping[str, Any]:
        """What X answers; of a piece it may say nothing at all (204)."""
        response: requests.Response = self._client.request(method, route, **asked)
        return json_object(response) or {}

    def _pause(self, upload: XUpload, answer: Mapping[str, Any]) -> timedelta | None:
        """How long to wait before the next look; None: X is done. Raises Refused: it failed."""
        data = _data(answer)
        upload.expires = self._expiry(data)
        found = data.get("processing_info")
        info = found if isinstance(found, dict) else {}
        state = info.get("state")
        if state == "failed":
            raise _failed(info, answer)
        if not info or state == "succeeded":
            return None
        seconds = whole_number(info.get("check_after_secs")) or SOONEST
        return timedelta(seconds=min(max(seconds, SOONEST), LATEST))

    def _expiry(self, data: Mapping[str, Any]) -> datetime:
        seconds = whole_number(data.get("expires_after_secs"))
        kept_for = KEPT_FOR if seconds is None else min(timedelta(seconds=seconds), KEPT_FOR)
        return self._clock.now() + kept_for


def _key(media: Media) -> tuple[str, str]:
    """X keeps the text with the file: the same picture in two languages is two files."""
    return media.sha256, media.alt


def _data(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    data = answer.get("data")
    return data if isinstance(data, dict) else {}


def _failed(info: Mapping[str, Any], answer: Mapping[str, Any]) -> Refused:
    said = info.get("error")
    error = said if isinstance(said, dict) else {}
    words = error.get("message") or error.get("name") or problem_of(answer).words
    if isinstance(words, str) and words:
        return Refused(N_("X could not process it: {detail}"), detail=words)
    return Refused(
        N_("X could not process it and does not say why: perhaps its format, length or size.")
    )
