"""Media of the rehearsal's X, by its second API (reference/x.md §2.5, spec 2.167).

A photo is ready when its last byte is there; a GIF or a video is processed by the world's clock.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from io import SEEK_END, BytesIO
from typing import IO, Any

from flask import Response, request

from bot.sandbox import x_answers as answers
from bot.sandbox.magic import PICTURES
from bot.sandbox.uploads import Upload
from bot.sandbox.values import SandboxAccount
from bot.sandbox.x_gate import Act, Gate, Route
from bot.sandbox.x_query import checked_number, only
from bot.sandbox.x_schema import (
    APPEND,
    INITIALIZE,
    METADATA,
    ONE_SHOT,
    InvalidError,
    Schema,
    check,
    read_body,
)
from bot.sandbox.x_view import media_key

#: Reference/x.md §2.2: calls of a user in a quarter of an hour.
ONE_CALL = Route("upload_start", 500, "POST /2/media/upload")
START = Route("upload_start", 1875, "POST /2/media/upload/initialize")
PART = Route("upload_part", 1875, "POST /2/media/upload/:id/append")
END = Route("upload_end", 1875, "POST /2/media/upload/:id/finalize")
STATUS = Route("upload_status", 1000, "GET /2/media/upload")
ALT = Route("upload_alt", 500, "POST /2/media/metadata")

#: Thousandths of a dollar (X docs 2026-08, "pricing"); uploads are not in that table.
ALT_PRICE = 5
SEGMENT_MAX = 5 << 20
KINDS = {"tweet_image": "image", "tweet_gif": "gif", "tweet_video": "video"}
MIMES = {
    "image": PICTURES,
    "gif": frozenset({"image/gif"}),
    "video": frozenset({"video/mp4", "video/quicktime"}),
}
BYTES_MAX = {"image": 5 << 20, "gif": 15 << 20, "video": 512 << 20}
GIF_MAX = (1280, 1080)
#: By kind: seconds after the last byte until processing begins, and until it ends.
PROCESSING = {"gif": (1, 4), "video": (1, 8)}
CHECK_PENDING, CHECK_RUNNING = 1, 3


class Media:
    """The routes of uploads."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._uploads = gate.stage.uploads

    def routes(self) -> tuple[tuple[str, str, Route, Act], ...]:
        """Method, rule, route, act."""
        return (
            ("POST", "/2/media/upload", ONE_CALL, self._one_call),
            ("POST", "/2/media/upload/initialize", START, self._initialize),
            ("POST", "/2/media/upload/<number>/append", PART, self._append),
            ("POST", "/2/media/upload/<number>/finalize", END, self._finalize),
            ("GET", "/2/media/upload", STATUS, self._status),
            ("POST", "/2/media/metadata", ALT, self._describe),
        )

    def _one_call(self, account: SandboxAccount) -> Response:
        """A photo at once. The form `command=INIT` is retired: `command` is an unknown key."""
        only(frozenset())
        body, file = _read_file(ONE_SHOT)
        kind = KINDS[body["media_category"]]
        if kind != "image":
            words = "$.media_category: only images are uploaded in one call"
            raise InvalidError("$.media_category", body["media_category"], words)
        upload = self._begin(account, kind)
        self._uploads.add_part(upload, 0, file)
        return self._end(upload)

    def _initialize(self, account: SandboxAccount) -> Response:
        body = read_body(INITIALIZE)
        kind, mime, size = KINDS[body["media_category"]], body["media_type"], body["total_bytes"]
        if mime not in MIMES[kind]:
            raise InvalidError("$.media_type", mime, "media type unrecognized.")
        _check_size(kind, size, "$.total_bytes")
        upload = self._begin(account, kind, mime, size)
        return answers.answer(202, {"data": self._shown(upload)})

    def _begin(
        self, account: SandboxAccount, kind: str, mime: str = "", size: int | None = None
    ) -> Upload:
        draft = Upload("x", "", account.slug, kind, self._gate.now, mime=mime, announced=size)
        return self._uploads.begin(draft)

    def _append(self, account: SandboxAccount, number: str) -> Response:
        upload = self._own(account, number)
        body, file = _read_file(APPEND)
        if upload.finished_at is not None:
            raise InvalidError("id", number, "The upload is already finalized.")
        size = file.seek(0, SEEK_END)
        if not 0 < size <= SEGMENT_MAX:
            raise InvalidError("$.media", size, f"Segment size exceeds {SEGMENT_MAX} bytes.")
        file.seek(0)
        self._uploads.add_part(upload, body["segment_index"], file)
        expires = int(upload.expires_at.timestamp())
        return answers.answer(200, {"data": {"expires_at": expires}})

    def _finalize(self, account: SandboxAccount, number: str) -> Response:
        upload = self._own(account, number)
        if upload.finished_at is not None:
            return answers.answer(200, {"data": self._shown(upload)})
        parts = self._uploads.parts(upload)
        in_order = [part.number for part in parts] == list(range(len(parts)))
        if not in_order or sum(part.size for part in parts) != upload.announced:
            words = "Segments do not add up to provided total file size."
            raise InvalidError("id", number, words)
        return self._end(upload)

    def _end(self, upload: Upload) -> Response:
        """All bytes are there: are they what they are said to be?"""
        joined = self._uploads.join(upload)
        _check_size(upload.kind, joined.size, "$.media")
        allowed = {upload.mime} if upload.mime else MIMES[upload.kind]
        if joined.mime not in allowed or (upload.kind != "video" and not joined.width):
            raise InvalidError("$.media", joined.mime, "media type unrecognized.")
        fits = joined.width <= GIF_MAX[0] and joined.height <= GIF_MAX[1]
        sound = upload.kind != "gif" or fits
        done = self._uploads.finish(joined, self._gate.now, sound=sound)
        return answers.answer(200, {"data": self._shown(done)})

    def _status(self, account: SandboxAccount) -> Response:
        only(frozenset({"command", "media_id"}))
        if request.args.get("command", "STATUS") != "STATUS":
            words = "$.command: does not have a value in the enumeration [STATUS]"
            raise InvalidError("command", request.args["command"], words)
        upload = self._own(account, request.args.get("media_id", ""), "media_id")
        return answers.answer(200, {"data": self._shown(upload)})

    def _describe(self, account: SandboxAccount) -> Response:
        body = read_body(METADATA)
        upload = self._own(account, body["id"], "$.id")
        metadata = body.get("metadata", {})
        if "alt_text" in metadata:
            self._uploads.keep(replace(upload, alt=metadata["alt_text"]["text"]))
        self._gate.charge(account, [(f"alt {upload.name} {secrets.token_hex(4)}", ALT_PRICE)])
        data = {"id": upload.name, "associated_metadata": metadata}
        return answers.answer(200, {"data": data})

    def _own(self, account: SandboxAccount, number: str, parameter: str = "id") -> Upload:
        upload = self._uploads.find("x", checked_number(parameter, number))
        if upload and upload.account == account.slug and self._gate.now < upload.expires_at:
            return upload
        raise InvalidError(parameter, number, f"Media [{number}] is not found or has expired.")

    def _shown(self, upload: Upload) -> dict[str, object]:
        """The upload as X's answers have it; a client that is told to wait will have waited."""
        now = self._gate.now
        shown: dict[str, object] = {
            "id": upload.name,
            "media_key": media_key(upload),
            "expires_after_secs": int((upload.expires_at - now).total_seconds()),
        }
        if upload.finished_at is None:
            return shown
        shown["size"] = upload.size
        if upload.kind == "image":
            shape = {"image_type": upload.mime, "w": upload.width, "h": upload.height}
            return shown | {"image": shape}
        processing = processing_of(upload, now)
        if seconds := processing.get("check_after_secs"):
            self._gate.stage.let_wait(upload, int(str(seconds)))
        return shown | {"processing_info": processing}


def processing_of(upload: Upload, now: datetime) -> dict[str, object]:
    """How far X is with a GIF or a video whose last byte has come."""
    begins, ends = PROCESSING[upload.kind]
    age = upload.age(now)
    if age < begins:
        return {"state": "pending", "check_after_secs": CHECK_PENDING}
    if age < ends or upload.fate == "stuck":
        done = min(99, int(100 * age / ends))
        return {
            "state": "in_progress",
            "check_after_secs": CHECK_RUNNING,
            "progress_percent": done,
        }
    if upload.fate == "failed":
        return {"state": "failed", "progress_percent": 100}
    return {"state": "succeeded", "progress_percent": 100}


def is_ready(upload: Upload, account: SandboxAccount, now: datetime) -> bool:
    """Whether *account* may show the file in a post now."""
    if upload.account != account.slug or upload.finished_at is None or now >= upload.expires_at:
        return False
    if upload.kind == "image":
        return not upload.fate
    return processing_of(upload, now)["state"] == "succeeded"


def _read_file(schema: Schema) -> tuple[Mapping[str, Any], IO[bytes]]:
    """The body and the bytes that are in it, whether JSON with base64 or a form with a file."""
    if request.mimetype != "multipart/form-data":
        body = read_body(schema)
        try:
            return body, BytesIO(base64.b64decode(body["media"], validate=True))
        except binascii.Error:
            raise InvalidError("$.media", body["media"], "$.media: is not base64") from None
    fields: dict[str, Any] = dict(request.form)
    if fields.get("segment_index", "").isdecimal():
        fields["segment_index"] = int(fields["segment_index"])
    file = request.files.get("media")
    check(fields | ({"media": ""} if file else {}), schema)
    if file is None:
        raise InvalidError("$.media", "", "$.media: is not sent as a file")
    return fields, file.stream


def _check_size(kind: str, size: int, parameter: str) -> None:
    if not 0 < size <= BYTES_MAX[kind]:
        words = f"File size exceeds {BYTES_MAX[kind]} bytes." if size else "The file is empty."
        raise InvalidError(parameter, size, words)
