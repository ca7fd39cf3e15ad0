"""What a file is, by its first bytes: what a network looks at before anything else."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import IO

PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
_OFFICE = {
    b"%PDF-": "application/pdf",
    b"PK\x03\x04": "application/zip",
    b"\xd0\xcf\x11\xe0": "application/x-ole-storage",
}


@dataclass(frozen=True, slots=True)
class Found:
    """The kind of a file ("" when unknown) and a picture's size in pixels."""

    mime: str = ""
    width: int = 0
    height: int = 0


def look(file: IO[bytes]) -> Found:
    """Read the head of *file*; a picture whose head is cut off is no picture."""
    head = file.read(32)
    try:
        return _picture(head, file) or Found(_other(head))
    except (struct.error, IndexError):
        return Found()


def _picture(head: bytes, file: IO[bytes]) -> Found | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Found("image/png", *struct.unpack(">II", head[16:24]))
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Found("image/gif", *struct.unpack("<HH", head[6:10]))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Found("image/webp", *_webp_size(head))
    if head.startswith(b"\xff\xd8\xff"):
        return Found("image/jpeg", *_jpeg_size(file))
    return None


def _webp_size(head: bytes) -> tuple[int, int]:
    """The three forms that a WebP's size comes in (RFC 9649)."""
    if head[12:16] == b"VP8X":
        return (
            int.from_bytes(head[24:27], "little") + 1,
            int.from_bytes(head[27:30], "little") + 1,
        )
    if head[12:16] == b"VP8L":
        (bits,) = struct.unpack("<I", head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack("<HH", head[26:30])
    return width & 0x3FFF, height & 0x3FFF


def _jpeg_size(file: IO[bytes]) -> tuple[int, int]:
    """From the frame header, behind the metadata; struct.error when the file ends before it."""
    file.seek(2)
    while True:
        marker, length = struct.unpack(">HH", file.read(4))
        # SOF0 to SOF15, without DHT, JPG and DAC, which stand among them (ITU T.81, table B.1).
        if 0xFFC0 <= marker <= 0xFFCF and marker not in {0xFFC4, 0xFFC8, 0xFFCC}:
            height, width = struct.unpack(">xHH", file.read(5))
            return width, height
        file.seek(length - 2, 1)


def _other(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    return next((mime for start, mime in _OFFICE.items() if head.startswith(start)), "")
