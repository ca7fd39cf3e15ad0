"""MP4 and QuickTime films: what must be known of one before it is uploaded, and what is private.

A film is boxes within boxes (ISO/IEC 14496-12; QuickTime File Format): length, type, content. Only
the `moov` box is read whole, which describes the film; its pictures are never decoded. There is
no light library for it: tinytag and mutagen measure sound, pymediainfo and PyAV bring 10 to 100 MB
of C libraries that would have to be kept safe.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from bot.errors import MediaError
from bot.words import N_

#: The most that a description may take; half an hour at 60 pictures a second takes about 1 MiB.
MOST_DESCRIPTION = 16 << 20
#: The most boxes in a box.
MOST_BOXES = 10_000

#: Beside the film or within its description: titles, places, makers, thumbnails.
_PRIVATE = {b"udta", b"meta", b"uuid"}
#: Handlers of tracks that record where and how the camera moved.
_PRIVATE_TRACKS = {b"meta", b"camm"}
#: Where the times of recording stand: two numbers, of 4 or 8 bytes by version.
_DATED = {b"mvhd", b"tkhd", b"mdhd"}


@dataclass(frozen=True, slots=True)
class Film:
    """What a film is: size as it is shown, in pixels; codecs as their four letters say them."""

    width: int
    height: int
    seconds: float
    frames: int
    frames_a_second: float
    codecs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Private:
    """What to write over, in bytes of the file: `renamed` are types, each of a box to be ignored.

    The spans from `start` to `end` become zeros.
    """

    renamed: list[int] = field(default_factory=list)
    zeroed: list[tuple[int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Box:
    """A box: its type, where it starts, where its content starts and ends."""

    kind: bytes
    start: int
    content: int
    end: int


def measured(file: BinaryIO, name: str) -> Film:
    """What the film in *file* is. Raises MediaError where it is cut off or cannot be measured."""
    data, moov = _description(file, name)
    try:
        return _film(data, moov, name)
    except (struct.error, IndexError, ZeroDivisionError) as error:
        raise _damaged(name) from error


def private_parts(file: BinaryIO, name: str) -> Private:
    """Where *file* says what need not be published: place, maker, titles, when it was recorded."""
    private = Private()
    for box in _top_boxes(file, name):
        if box.kind in _PRIVATE:
            _ignore(private, box, 0)
    data, moov = _description(file, name)
    try:
        _find_private(private, data, moov)
    except (struct.error, IndexError) as error:
        raise _damaged(name) from error
    return private


def _film(data: bytes, moov: _Box, name: str) -> Film:
    if _first(data, moov, b"mvex"):
        raise MediaError(
            N_(
                "{name} is made of fragments, so that its length cannot be measured. Export it "
                "again as an ordinary MP4."
            ),
            name=name,
        )
    tracks = [box for box in _boxes(data, moov) if box.kind == b"trak"]
    kinds = [_handler(data, track) for track in tracks]
    if b"vide" not in kinds:
        raise MediaError(N_("The video {name} holds no pictures. Export it again."), name=name)
    track = tracks[kinds.index(b"vide")]
    width, height = _shown_size(data, track)
    seconds, frames, rate = _pace(data, track)
    scale, duration = _scale_and_duration(data, _needed(data, moov, b"mvhd"))
    codecs = [
        _codec(data, one)
        for one, kind in zip(tracks, kinds, strict=True)
        if kind in {b"vide", b"soun"}
    ]
    return Film(width, height, max(seconds, duration / scale), frames, rate, tuple(codecs))


def _shown_size(data: bytes, track: _Box) -> tuple[int, int]:
    """Width and height as a player shows them: a phone held upright notes a quarter turn."""
    header = _needed(data, track, b"tkhd")
    matrix = struct.unpack_from(">9i", data, header.end - 44)
    width, height = (side >> 16 for side in struct.unpack_from(">2I", data, header.end - 8))
    if not width or not height:
        entry = _needed(data, track, b"mdia", b"minf", b"stbl", b"stsd").content + 8
        width, height = struct.unpack_from(">2H", data, entry + 32)
    turned = matrix[0] == 0 and matrix[4] == 0
    return (height, width) if turned else (width, height)


def _pace(data: bytes, track: _Box) -> tuple[float, int, float]:
    """Seconds, pictures, and pictures a second of a track."""
    scale, _duration = _scale_and_duration(data, _needed(data, track, b"mdia", b"mdhd"))
    table = _needed(data, track, b"mdia", b"minf", b"stbl", b"stts")
    count = int.from_bytes(data[table.content + 4 : table.content + 8], "big")
    room = (table.end - table.content - 8) // 8
    if count > room:
        raise IndexError("more entries than the table has room for")
    pairs = struct.iter_unpack(">2I", data[table.content + 8 : table.content + 8 + 8 * count])
    frames, ticks = 0, 0
    for samples, delta in pairs:
        frames, ticks = frames + samples, ticks + samples * delta
    return ticks / scale, frames, frames * scale / ticks


def _scale_and_duration(data: bytes, header: _Box) -> tuple[int, int]:
    """Ticks a second, and ticks, from a movie's or a medium's header of either version."""
    if data[header.content] == 1:
        scale, duration = struct.unpack_from(">IQ", data, header.content + 20)
    else:
        scale, duration = struct.unpack_from(">II", data, header.content + 12)
    return scale, duration


def _handler(data: bytes, track: _Box) -> bytes:
    """What the samples of a track are: `vide`, `soun`, …"""
    found = _first(data, track, b"mdia", b"hdlr")
    return data[found.content + 8 : found.content + 12] if found else b""


def _codec(data: bytes, track: _Box) -> str:
    entry = _needed(data, track, b"mdia", b"minf", b"stbl", b"stsd").content + 8
    return data[entry + 4 : entry + 8].decode("ascii", "replace").strip()


def _find_private(private: Private, data: bytes, moov: _Box) -> None:
    """Notes what is private in the description *data*, which stands at *moov* in the file."""
    shift = moov.start
    for box in _boxes(data, moov):
        track_of_places = box.kind == b"trak" and _handler(data, box) in _PRIVATE_TRACKS
        if box.kind in _PRIVATE or track_of_places:
            _ignore(private, box, shift)
        elif box.kind == b"trak":
            # A track's `uuid` may say how it is shown (in the round), so it stays.
            for inner in _boxes(data, box):
                if inner.kind in _PRIVATE - {b"uuid"}:
                    _ignore(private, inner, shift)
    headers = [_first(data, moov, b"mvhd")]
    for box in _boxes(data, moov):
        if box.kind == b"trak":
            headers += [_first(data, box, b"tkhd"), _first(data, box, b"mdia", b"mdhd")]
    for header in filter(None, headers):
        _forget_times(private, data, header, shift)


def _ignore(private: Private, box: _Box, shift: int) -> None:
    if box.end > box.content:
        private.zeroed.append((box.content + shift, box.end + shift))
    private.renamed.append(box.start + 4 + shift)


def _forget_times(private: Private, data: bytes, header: _Box, shift: int) -> None:
    start, length = header.content + 4, 16 if data[header.content] == 1 else 8
    if any(data[start : start + length]):
        private.zeroed.append((start + shift, start + length + shift))


# --- boxes --------------------------------------------------------------------------------------


def _top_boxes(file: BinaryIO, name: str) -> Iterator[_Box]:
    """The outermost boxes of *file*; a box that ends behind the file's end shows it is cut off."""
    size, at = os.fstat(file.fileno()).st_size, 0
    for _count in range(MOST_BOXES):
        if at >= size:
            return
        file.seek(at)
        box = _box(file.read(16), 0, size - at)
        if box is None:
            raise _damaged(name)
        yield _Box(box.kind, at, at + box.content, at + box.end)
        at += box.end
    raise _damaged(name)


def _description(file: BinaryIO, name: str) -> tuple[bytes, _Box]:
    """The bytes of the `moov` box; the box itself counts `start` in the file, the rest in them."""
    boxes = list(_top_boxes(file, name))
    moov = next((box for box in boxes if box.kind == b"moov"), None)
    if moov is None or not any(box.kind == b"mdat" for box in boxes):
        raise _damaged(name)
    if moov.end - moov.start > MOST_DESCRIPTION:
        raise _damaged(name)
    file.seek(moov.start)
    length = moov.end - moov.start
    return file.read(length), _Box(b"moov", moov.start, moov.content - moov.start, length)


def _boxes(data: bytes, outer: _Box) -> Iterator[_Box]:
    """The boxes within *outer*; ends where their lengths no longer make sense."""
    at = outer.content
    for _count in range(MOST_BOXES):
        box = _box(data, at, outer.end)
        if box is None:
            return
        yield box
        at = box.end


def _box(data: bytes, at: int, limit: int) -> _Box | None:
    """The box at *at*, which must end at *limit* or before."""
    if at + 8 > limit or len(data) < at + 8:
        return None
    length, kind, content = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], at + 8
    if length == 1 and len(data) >= at + 16:
        length, content = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
    elif length == 0:
        length = limit - at
    end = at + length
    return _Box(kind, at, content, end) if content <= end <= limit else None


def _first(data: bytes, outer: _Box, *path: bytes) -> _Box | None:
    """The first box that *path* leads to from *outer*."""
    found: _Box | None = outer
    for kind in path:
        if found is None:
            return None
        found = next((box for box in _boxes(data, found) if box.kind == kind), None)
    return found


def _needed(data: bytes, outer: _Box, *path: bytes) -> _Box:
    found = _first(data, outer, *path)
    if found is None:
        raise IndexError(f"no {path!r}")
    return found


def _damaged(name: str) -> MediaError:
    return MediaError(
        N_("The video {name} is cut off or damaged. Copy it again, or export it anew."), name=name
    )
