"""Small files of every kind, made by hand: what their first bytes must be, and no more."""

from __future__ import annotations

import struct
import zlib


def png(width: int = 8, height: int = 6, colour: tuple[int, int, int] = (0, 85, 164)) -> bytes:
    """A picture that grows lighter downwards."""
    rows = b"".join(
        b"\0" + bytes(min(255, part + 90 * y // height) for part in colour) * width
        for y in range(height)
    )
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )


def jpeg(width: int = 640, height: int = 480, metadata: int = 70_000) -> bytes:
    """The head of a photo, with more metadata before its size than one segment holds."""
    exif = b""
    while metadata > 0:
        piece = min(metadata, 65_533)
        exif += b"\xff\xe1" + struct.pack(">H", piece + 2) + b"\0" * piece
        metadata -= piece
    frame = struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\1\x11\0"
    return b"\xff\xd8" + exif + b"\xff\xc2" + frame + b"\xff\xd9"


def gif(width: int = 8, height: int = 6) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0;"


def webp(width: int = 8, height: int = 6) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + b"\0" * 4 + size


def mp4(size: int = 80_000, brand: bytes = b"isom") -> bytes:
    return (b"\0\0\0\x10ftyp" + brand + b"\0\0\2\0").ljust(size, b"\0")


def pdf(size: int = 400) -> bytes:
    return b"%PDF-1.7\n".ljust(size, b"%")
