"""Pictures without what tells of their makers: metadata is cut out, no pixel is changed.

EXIF with its place and thumbnail, XMP, IPTC, comments, texts, and whatever follows a picture's end
(a phone's film, a second picture) goes; what its colours and its motion need stays. Each function
takes a whole file and raises ValueError where it is cut off or not made as its kind should be.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

#: The most parts of which a file is made: 40 MB have some 10,000 of the usual ones.
MOST_PARTS = 50_000

# --- JPEG: ITU-T T.81 annex B -------------------------------------------------------------------

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_APP0, _APP2, _APP14, _APP15, _COMMENT = 0xE0, 0xE2, 0xEE, 0xEF, 0xFE
#: The most scans of a progressive JPEG: encoders make about 10. Each is a pass over all its pixels.
MOST_SCANS = 50
#: The next marker within coded data: there FF 00 is a byte of it, FF D0 to D7 restarts it.
_MARKER = re.compile(rb"\xff+([^\x00\xd0-\xd7\xff])")


def bare_jpeg(data: bytes) -> bytes:
    """A JPEG with nothing but what decodes it: tables, frames, scans, colour profile."""
    kept, scans = [data[:2]], 0
    for marker, start, end in _jpeg_segments(data):
        scans += marker == _SCAN
        if scans > MOST_SCANS:
            raise ValueError(f"more than {MOST_SCANS} scans")
        if marker == _APP0 and data[start + 4 : start + 9] == b"JFIF\0":
            kept.append(_without_thumbnail(data[start:end]))
        elif _needed_in_jpeg(marker, data[start + 4 : start + 18]):
            kept.append(data[start:end])
    return b"".join(kept)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment; the data that a scan's header announces is its."""
    at = 2
    for _part in range(MOST_PARTS):
        found = _MARKER.match(data, at)
        if found is None:
            raise ValueError(f"no marker at {at}")
        marker, at = found[1][0], found.end() - 2
        if marker == _END:
            yield marker, at, at + 2
            return
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _SCAN:
            following = _MARKER.search(data, end)
            end = following.start() if following else len(data)
        yield marker, at, end
        at = end
    raise ValueError("too many segments")


def _needed_in_jpeg(marker: int, content: bytes) -> bool:
    if marker == _APP2:
        return content.startswith(b"ICC_PROFILE\0")
    if marker == _APP14:  # says whether the colours are YCbCr or RGB, CMYK or YCCK
        return content.startswith(b"Adobe")
    return marker != _COMMENT and not _APP0 <= marker <= _APP15


def _without_thumbnail(segment: bytes) -> bytes:
    return b"\xff\xe0\x00\x10" + segment[4:16] + b"\0\0"


# --- PNG: ISO/IEC 15948 -------------------------------------------------------------------------

#: What the pixels of a PNG mean; all else is text, times, places, or an animation's frames.
_NEEDED_IN_PNG = {
    b"IHDR",
    b"PLTE",
    b"tRNS",
    b"IDAT",
    b"IEND",
    b"gAMA",
    b"cHRM",
    b"sRGB",
    b"iCCP",
    b"cICP",
    b"sBIT",
}


def bare_png(data: bytes) -> bytes:
    """A PNG with nothing but its pixels and what their colours mean."""
    kept, at = [data[:8]], 8
    for _part in range(MOST_PARTS):
        kind = data[at + 4 : at + 8]
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        if len(kind) < 4 or end > len(data):
            raise ValueError(f"cut off at {at}")
        if kind in _NEEDED_IN_PNG:
            kept.append(data[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end
    raise ValueError("too many chunks")


# --- GIF: the GIF89a specification --------------------------------------------------------------

#: Extensions by their label; of the applications', those that say how often it is played.
_CONTROL, _TEXT, _APPLICATION = 0xF9, 0x01, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


@dataclass(frozen=True, slots=True)
class Gif:
    """A GIF without comments: how large, how many frames, and its bytes."""

    width: int
    height: int
    frames: int
    data: bytes


def bare_gif(data: bytes) -> Gif:
    """A GIF with nothing but its frames, their timing, and how often they are played."""
    width, height = struct.unpack_from("<HH", data, 6) if len(data) >= 13 else (0, 0)
    at = 13 + _table_size(data[10:11])
    kept, frames = [data[:at]], 0
    for start, end in _gif_blocks(data, at):
        if data[start] == 0x2C or _needed_in_gif(data, start):
            kept.append(data[start:end])
        frames += data[start] == 0x2C
    return Gif(width, height, frames, b"".join([*kept, b";"]))


def _gif_blocks(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Start and end of each block up to the trailer."""
    for _part in range(MOST_PARTS):
        if data[at : at + 1] == b";":
            return
        if at >= len(data):
            break
        if data[at] == 0x2C:
            after = at + 10 + _table_size(data[at + 9 : at + 10]) + 1
        elif data[at] == 0x21:
            after = at + 2
        else:
            raise ValueError(f"no block at {at}")
        end = _after_pieces(data, after)
        yield at, end
        at = end
    raise ValueError("no trailer, or too many blocks")


def _after_pieces(data: bytes, at: int) -> int:
    """Where the run of pieces, each with its length before it, ends that starts at *at*."""
    while at < len(data) and data[at]:
        at += 1 + data[at]
    if at >= len(data):
        raise ValueError("cut off within a block")
    return at + 1


def _table_size(flags: bytes) -> int:
    """The bytes of the colour table that *flags* announce."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _needed_in_gif(data: bytes, start: int) -> bool:
    label = data[start + 1]
    if label == _APPLICATION:
        return data[start + 3 : start + 14] in _LOOPS
    # A text that no program draws any more; it stays, since the control before it is its own.
    return label in {_CONTROL, _TEXT}


# --- WebP: RFC 9649 -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Webp:
    """What the head of a WebP says."""

    width: int
    height: int
    moving: bool


def webp_head(data: bytes) -> Webp:
    """The head of a WebP, whose decoder takes memory for all its pixels when it only opens it."""
    if len(data) < 30:
        raise ValueError("cut off in its head")
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return Webp(width, height, moving=bool(data[20] & 2))
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return Webp((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, moving=False)
    width, height = struct.unpack_from("<HH", data, 26)
    return Webp(width & 0x3FFF, height & 0x3FFF, moving=False)
