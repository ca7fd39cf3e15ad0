"""Files of the rehearsal's LinkedIn: images, videos, documents (reference/linkedin.md §3).

The addresses to upload to lead back to this server, and end after a day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from io import SEEK_END
from typing import IO, Any, cast
from urllib.parse import quote

from flask import Response, request

from bot.sandbox import linkedin_answers as answers
from bot.sandbox.credentials import credentials_of
from bot.sandbox.linkedin_gate import Act, Gate, Route, author_refusal
from bot.sandbox.uploads import Upload
from bot.sandbox.values import SandboxAccount, to_ms

PLACES = (
    "/dms-uploads/sp/v2/<name>/uploaded-image/<int:number>",
    "/dms-uploads/<name>/ads-uploadedDocument/<int:number>",
    "/dms-uploads/<name>/uploadedVideo/part<int:number>",
)
RESOURCES = {"image": "Images", "video": "Videos", "document": "Documents"}
PUT = Route("upload_part", "dms-uploads")

#: A video goes up in pieces of so many bytes (seen in code; the last one is shorter).
RANGE = 4 << 20
VIDEO_MIN, VIDEO_MAX = 75 << 10, 500_000_000
DOCUMENT_MAX = 100_000_000
PIXELS_MAX = 36_152_320
MIMES = {
    "image": frozenset({"image/jpeg", "image/png", "image/gif"}),
    "video": frozenset({"video/mp4"}),
    "document": frozenset({"application/pdf", "application/zip", "application/x-ole-storage"}),
}
#: Seconds that LinkedIn takes for a file whose last byte has come.
PROCESSING = {"image": 2, "document": 6, "video": 20}
#: "Ask again every five seconds" (LinkedIn docs).
ASKED_EVERY = 5


View = Callable[..., Response]


class Files:
    """The routes of files."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._uploads = gate.stage.uploads

    def views(self) -> list[tuple[str, str, View]]:
        """Method, rule, view; what is PUT stands outside LinkedIn's gateway."""
        found: list[tuple[str, str, View]] = [("PUT", rule, self._put) for rule in PLACES]
        for kind, name in RESOURCES.items():
            look = Route("upload_status", f"partnerApi{name}.GET")
            found.append(("POST", f"/rest/{kind}s", self._actions(kind, name)))
            found.append(("GET", f"/rest/{kind}s/<urn>", self._gate.view(look, self._look(kind))))
        return found

    def named(self, urn: str) -> tuple[Upload, str] | None:
        """The file that *urn* names, and its state now."""
        start, _, name = urn.rpartition(":")
        upload = self._uploads.find("linkedin", name)
        if upload is None or start != f"urn:li:{upload.kind}":
            return None
        return upload, state_of(upload, self._gate.now)

    def _actions(self, kind: str, name: str) -> View:
        """One address has several actions; which one it is stands in the query."""

        def begin(account: SandboxAccount) -> Response:
            return self._initialize(account, kind, _asked("initializeUpload"))

        def end(account: SandboxAccount) -> Response:
            return self._finalize(account, _asked("finalizeUpload"))

        def neither(_account: SandboxAccount) -> Response:
            return answers.parameter_not_allowed("action")

        resource = f"partnerApi{name}.ACTION-"
        views = {"initializeUpload": Route("upload_start", f"{resource}initializeUpload")}
        acts: dict[str, Act] = {"initializeUpload": begin}
        if kind == "video":
            views["finalizeUpload"] = Route("upload_end", f"{resource}finalizeUpload")
            acts["finalizeUpload"] = end

        def view() -> Response:
            action = request.args.get("action", "")
            route = views.get(action, Route("other", f"{resource}{action}"))
            return self._gate.view(route, acts.get(action, neither))()

        return view

    def _initialize(self, account: SandboxAccount, kind: str, asked: Mapping[str, Any]) -> Response:
        if not asked.get("owner"):
            return answers.missing_field("initializeUploadRequest/owner")
        if refusal := author_refusal(account, str(asked["owner"])):
            return refusal
        size = asked.get("fileSizeBytes")
        if kind == "video" and (not isinstance(size, int) or not VIDEO_MIN <= size <= VIDEO_MAX):
            message = f"fileSizeBytes must be between {VIDEO_MIN} and {VIDEO_MAX}"
            return answers.bad_field("fileSizeBytes", "INVALID_VALUE_FOR_FIELD", message)
        announced = size if kind == "video" else None
        draft = Upload("linkedin", "", account.slug, kind, self._gate.now, announced=announced)
        upload = self._uploads.begin(draft)
        value: dict[str, object] = {kind: urn_of(upload)}
        if kind == "video":
            value |= {"uploadUrlsExpireAt": to_ms(upload.expires_at), "uploadToken": ""}
            value["uploadInstructions"] = [
                {"uploadUrl": _address(upload, number), "firstByte": first, "lastByte": last}
                for number, (first, last) in enumerate(ranges(cast("int", size)))
            ]
        else:
            value["uploadUrlExpiresAt"] = to_ms(upload.expires_at)
            value["uploadUrl"] = _address(upload, 0)
        return answers.answer(200, {"value": value})

    def _put(self, name: str, number: int) -> Response:
        """The bytes of a file, or of a piece of a video."""
        return self._gate.stage.perform(
            "linkedin", PUT.name, self._gate.refusals(PUT), lambda: self._store(name, number)
        )

    def _store(self, name: str, number: int) -> Response:
        upload = self._uploads.find("linkedin", name)
        if upload is None or request.args.get("ut") != _signature(name, number):
            return answers.answer(401, None)
        if self._gate.now >= upload.expires_at:
            return answers.answer(401, None)
        body, length = _body()
        if upload.kind == "video":
            return self._store_part(upload, number, body, length)
        account = self._gate.account()
        if isinstance(account, Response) or account.slug != upload.account:
            return answers.answer(401, None)
        if not length:
            return answers.answer(400, None)
        self._uploads.add_part(upload, 0, body)
        joined = self._uploads.join(upload)
        self._uploads.finish(joined, self._gate.now, sound=_is_sound(joined))
        return answers.answer(201, None)

    def _store_part(self, upload: Upload, number: int, body: IO[bytes], length: int) -> Response:
        parts = list(ranges(upload.announced or 0))
        if number >= len(parts) or upload.finished_at is not None:
            return answers.answer(400, None)
        first, last = parts[number]
        if length != last - first + 1:
            return answers.answer(400, None)
        self._uploads.add_part(upload, number, body)
        # "Sometimes quoted" (reference/linkedin.md §3.2): every second one here.
        tag = part_id(upload, number)
        return answers.answer(200, None, {"ETag": f'"{tag}"' if number % 2 else tag})

    def _finalize(self, account: SandboxAccount, asked: Mapping[str, Any]) -> Response:
        found = self.named(str(asked.get("video", "")))
        if found is None or found[0].account != account.slug:
            return answers.not_found()
        upload, _state = found
        wanted = [part_id(upload, number) for number, _ in enumerate(ranges(upload.announced or 0))]
        if asked.get("uploadedPartIds") != wanted or asked.get("uploadToken") != "":
            message = "uploadedPartIds must name every part in its order"
            return answers.bad_field("uploadedPartIds", "INVALID_VALUE_FOR_FIELD", message)
        if upload.finished_at is None:
            if len(self._uploads.parts(upload)) < len(wanted):
                message = "a part has not been uploaded"
                return answers.bad_field("uploadedPartIds", "INVALID_VALUE_FOR_FIELD", message)
            joined = self._uploads.join(upload)
            self._uploads.finish(joined, self._gate.now, sound=_is_sound(joined))
        return answers.answer(200, None)

    def _look(self, kind: str) -> Act:
        def act(account: SandboxAccount, urn: str) -> Response:
            found = self.named(urn)
            if found is None or found[0].kind != kind:
                return answers.not_found()
            upload, state = found
            if upload.account != account.slug:
                return answers.file_forbidden(kind)
            if state == "PROCESSING":
                self._gate.stage.let_wait(upload, ASKED_EVERY)
            return answers.answer(200, _view_of(upload, state))

        return act


def _asked(action: str) -> Mapping[str, Any]:
    """What the body asks for; nothing when it is no such request."""
    body = request.get_json(silent=True)
    asked = body.get(f"{action}Request") if isinstance(body, dict) else None
    return asked if isinstance(asked, dict) else {}


def _body() -> tuple[IO[bytes], int]:
    """The body, which the server keeps in a file, and how long it is."""
    file = cast("IO[bytes]", request.environ["wsgi.input"])
    length = file.seek(0, SEEK_END)
    file.seek(0)
    return file, length


def ranges(size: int) -> list[tuple[int, int]]:
    """The first and the last byte of each piece of a video of *size* bytes."""
    return [(first, min(first + RANGE, size) - 1) for first in range(0, size, RANGE)]


def state_of(upload: Upload, now: datetime) -> str:
    """WAITING_UPLOAD, PROCESSING, AVAILABLE or PROCESSING_FAILED."""
    if upload.finished_at is None:
        return "WAITING_UPLOAD"
    if upload.age(now) < PROCESSING[upload.kind] or upload.fate == "stuck":
        return "PROCESSING"
    return "PROCESSING_FAILED" if upload.fate else "AVAILABLE"


def urn_of(upload: Upload) -> str:
    """LinkedIn's name for a file."""
    return f"urn:li:{upload.kind}:{upload.name}"


def part_id(upload: Upload, number: int) -> str:
    """What finalizing must name a part by."""
    return f"/ambry-videoei/signedId/{_signature(upload.name, number)}.bin"


def _view_of(upload: Upload, state: str) -> dict[str, object]:
    shown: dict[str, object] = {
        "owner": credentials_of("linkedin", upload.account)["author"],
        "status": state,
        "id": urn_of(upload),
    }
    if state == "AVAILABLE":
        shown["downloadUrl"] = f"https://media.licdn.com/dms/{upload.kind}/{upload.name}"
        shown["downloadUrlExpiresAt"] = to_ms(upload.expires_at)
    if state == "PROCESSING_FAILED":
        shown["processingFailureReason"] = "The file could not be processed"
    return shown


def _is_sound(upload: Upload) -> bool:
    """Whether LinkedIn can make something of the bytes."""
    if upload.mime not in MIMES[upload.kind]:
        return False
    if upload.kind == "image":
        return 0 < upload.width * upload.height < PIXELS_MAX
    return upload.kind == "video" or upload.size <= DOCUMENT_MAX


def _address(upload: Upload, number: int) -> str:
    rule = PLACES[("image", "document", "video").index(upload.kind)]
    path = rule.replace("<name>", quote(upload.name)).replace("<int:number>", str(number))
    query = f"ca=vector_ads&cn=uploads&sync=0&v=beta&ut={_signature(upload.name, number)}"
    return f"http://{request.host}/linkedin{path}?{query}"


def _signature(name: str, number: int) -> str:
    """What makes an address unguessable on LinkedIn; here it only must be sent back whole."""
    return hashlib.sha256(f"{name}/{number}".encode()).hexdigest()[:16]
