"""Files made to do harm, each small: `bombs()`. Run as a module, it lets Pavois read a folder.

In a process of its own, since what a test run took of memory counts for its children too.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.attached import Sort
from bot.compose.rules import Takes
from bot.errors import MediaError
from bot.media import prepare
from bot.media.store import MediaStore

#: A network that takes everything there is.
EVERYTHING = {
    Sort.PICTURE: Takes(("image/jpeg", "image/png"), 5 << 20),
    Sort.ANIMATION: Takes(("image/gif",), 15 << 20),
    Sort.VIDEO: Takes(("video/mp4", "video/quicktime"), 512 << 20),
    Sort.DOCUMENT: Takes(("application/pdf",), 100 << 20),
}


def bombs() -> dict[str, bytes]:
    """Each by its name."""
    return dict([*_png(), *_jpeg(), *_gif(), *_webp(), *_heic(), *_pdf(), *_mp4(), *_cut_off()])


def chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I4s", len(content), kind) + content + struct.pack(">I", check)


def png(width: int, height: int, *chunks: bytes, depth: int = 8, colours: int = 2) -> bytes:
    header = struct.pack(">2I5B", width, height, depth, colours, 0, 0, 0)
    return b"".join([b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *chunks, chunk(b"IEND", b"")])


def zeros(length: int) -> bytes:
    """At least so many zeros, packed: one block of a megabyte, again and again."""
    times = -(-length >> 20)
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = struct.pack(">2H", (times << 20) % 65_521, 1)
    return b"\x78\x9c" + block * times + b"\3\0" + check


def _png() -> Iterator[tuple[str, bytes]]:
    one_colour = chunk(b"IDAT", zeros(30_000 * 3751))
    yield "30000-by-30000.png", png(30_000, 30_000, one_colour, depth=1, colours=0)
    little = chunk(b"IDAT", zeros(100))
    for width, height in (
        (65_535, 65_535),
        (50_000, 1_001),
        (1, 50_000_001),
        (2**31 - 1, 2**31 - 1),
        (2**31 - 1, 1),
        (0, 0),
        (10, 0),
    ):
        yield f"says-{width}-by-{height}.png", png(width, height, little)
    yield "says-5000-by-5000-and-has-nothing.png", png(5_000, 5_000, little)
    bomb = zeros(200 << 20)
    pixel = chunk(b"IDAT", zlib.compress(bytes(4)))
    for kind, content in (
        (b"iTXt", b"Comment\0\1\0\0\0" + bomb),
        (b"zTXt", b"Comment\0\0" + bomb),
        (b"iCCP", b"Profile\0\0" + bomb),
    ):
        name = kind.decode()
        yield f"unpacks-to-200-mb-{name}.png", png(1, 1, chunk(kind, content), pixel)
        yield f"after-the-pixels-{name}.png", png(1, 1, pixel, chunk(kind, content))
    many = chunk(b"zTXt", b"Comment\0\0" + zeros(1 << 20)) * 300
    yield "three-hundred-texts.png", png(1, 1, many, pixel)
    yield "pixels-of-200-mb-for-one.png", png(1, 1, chunk(b"IDAT", bomb))
    yield "chunk-of-2-gb.png", png(1, 1)[:33] + struct.pack(">I4s", 2**31 - 1, b"IDAT") + b"x"
    yield "a-million-chunks.png", png(1, 1, chunk(b"tEXt", b"a\0b") * 1_000_000, pixel)


def _jpeg() -> Iterator[tuple[str, bytes]]:
    from tests.media_files import corners, exif, saved

    small = saved(corners(), "JPEG", progressive=True)
    for width, height in ((65_535, 65_535), (65_500, 764), (5_000, 5_000), (0, 0)):
        yield f"says-{width}-by-{height}.jpg", _resized(small, width, height)
    scans = small.index(b"\xff\xda")
    repeated = small[:scans] + small[scans:-2] * 400 + b"\xff\xd9"
    yield "thousands-of-scans.jpg", _resized(repeated, 6_000, 6_000)
    yield "only-restarts.jpg", small[: scans + 14] + b"\xff\xd0" * 1_000_000
    yield "only-fill.jpg", b"\xff\xd8" + b"\xff" * 5_000_000
    empty = b"\xff\xe1\x00\x02"
    yield "a-million-segments.jpg", small[:2] + empty * 1_000_000 + small[2:]
    loop = exif().tobytes().replace(b"\0\x08\0\0\0", b"\0\x00\0\0\0", 1)
    yield "exif-that-leads-back.jpg", saved(corners(), "JPEG", exif=loop)


def _resized(jpeg: bytes, width: int, height: int) -> bytes:
    """*jpeg* that says of itself to be so large."""
    at = jpeg.index(b"\xff\xc2") + 5
    return jpeg[:at] + struct.pack(">2H", height, width) + jpeg[at + 4 :]


def _gif() -> Iterator[tuple[str, bytes]]:
    screen = struct.pack("<6s2H3B", b"GIF89a", 65_535, 65_535, 0, 0, 0)
    frame = b"," + struct.pack("<4HB", 0, 0, 1, 1, 0) + b"\2\2\x4c\1\0"
    yield "a-huge-screen.gif", screen + frame + b";"
    tiny = struct.pack("<6s2H3B", b"GIF89a", 1, 1, 0, 0, 0)
    wide = b"," + struct.pack("<4HB", 0, 0, 65_535, 65_535, 0) + b"\2\2\x4c\1\0"
    yield "a-frame-larger-than-its-screen.gif", tiny + wide + b";"
    yield (
        "a-frame-far-away.gif",
        (tiny + b"," + struct.pack("<4HB", 65_000, 65_000, 9, 9, 0) + b"\2\2\x4c\1\0;"),
    )
    yield "a-million-frames.gif", tiny + frame * 1_000_000 + b";"
    yield "a-million-comments.gif", tiny + b"!\xfe\1a\0" * 1_000_000 + frame + b";"
    yield "no-end.gif", tiny + frame * 10
    yield "nothing-but-a-head.gif", tiny
    yield (
        "noise-as-code.gif",
        (
            tiny
            + b","
            + struct.pack("<4HB", 0, 0, 1, 1, 0)
            + b"\x0c"
            + b"\xff"
            + b"\xa5" * 255
            + b"\0;"
        ),
    )


def _webp() -> Iterator[tuple[str, bytes]]:
    from tests.media_files import corners, saved

    for width, height in ((16_384, 16_384), (16_383, 16_383)):
        lossless = struct.pack("<BI", 0x2F, (width - 1) | (height - 1) << 14) + bytes(20)
        yield f"says-{width}-by-{height}.webp", _riff(b"VP8L", lossless)
        sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        yield f"canvas-of-{width}-by-{height}.webp", _riff(b"VP8X", bytes(4) + sides)
    whole = saved(corners(), "WEBP")
    yield "longer-than-it-is.webp", whole[:4] + struct.pack("<I", 2**31) + whole[8:]
    yield (
        "moving.webp",
        saved(corners(), "WEBP", save_all=True, append_images=[corners(mode="L")] * 3),
    )


def _riff(kind: bytes, content: bytes) -> bytes:
    inside = b"WEBP" + kind + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(inside)) + inside


def _heic() -> Iterator[tuple[str, bytes]]:
    from tests.media_files import heic_corners

    whole = heic_corners()
    at = whole.index(b"ispe") + 8
    for width, height in ((30_000, 30_000), (2**32 - 1, 2**32 - 1), (5_000, 5_000), (0, 0)):
        sides = struct.pack(">2I", width, height)
        yield f"says-{width}-by-{height}.heic", whole[:at] + sides + whole[at + 8 :]
    yield "only-a-brand.heic", whole[:24]
    yield "boxes-without-length.heic", whole[:24] + bytes(100_000)


def _pdf() -> Iterator[tuple[str, bytes]]:
    yield "pages-that-hold-themselves.pdf", pdf(b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>")
    deep = b"[" * 100_000 + b"]" * 100_000
    yield "brackets-in-brackets.pdf", pdf(b"<< /Type /Pages /Count 1 /Kids " + deep + b" >>")
    yield "dictionaries-in-dictionaries.pdf", pdf(b"<< /Kids " * 100_000 + b">>" * 100_000)
    yield "says-a-thousand-million-pages.pdf", pdf(b"<< /Type /Pages /Kids [] /Count 1000000000 >>")
    kids = b"3 0 R " * 500_000
    yield (
        "one-page-half-a-million-times.pdf",
        pdf(
            b"<< /Type /Pages /Count 500000 /Kids [" + kids + b"] >>",
            b"<< /Type /Page /Parent 2 0 R >>",
        ),
    )
    for size in (1 << 28, 1 << 30):
        packed = zeros(size)
        stream = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%b\n"
        objects = stream % (len(packed), packed) + b"endstream"
        yield f"objects-of-{size >> 20}-mb.pdf", _pdf_with_packed(objects)
    yield (
        "table-that-follows-itself.pdf",
        pdf(b"<< /Type /Pages /Kids [] /Count 0 >>", trailer=b"/Prev 9"),
    )
    yield "no-table.pdf", b"%PDF-1.7\n" + b"1 0 obj\n" * 200_000 + b"%%EOF"
    yield "a-name-of-5-mb.pdf", pdf(b"<< /" + b"N" * 5_000_000 + b" 1 >>")


def pdf(*objects: bytes, trailer: bytes = b"") -> bytes:
    """A PDF whose second object and those after it are *objects*; the first is its catalogue."""
    made, places = b"%PDF-1.7\n", []
    for number, content in enumerate((b"<< /Type /Catalog /Pages 2 0 R >>", *objects), 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n" % (size, table)
    end = b"<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF" % (size, trailer, len(made))
    return made + head + end


def _pdf_with_packed(objects: bytes) -> bytes:
    """A PDF whose pages are said to lie in the packed *objects*."""
    made = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate((b"<< /Type /Catalog /Pages 5 0 R >>", objects), 1):
        places.append(len(made))
        made += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    rows = [
        (0, 0, 0),
        (1, places[0], 0),
        (1, places[1], 0),
        (1, len(made), 0),
        (0, 0, 0),
        (2, 2, 0),
    ]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    head = b"<< /Type /XRef /Size 6 /W [1 4 1] /Root 1 0 R /Length %d >>" % len(table)
    start = len(made)
    made += b"3 0 obj\n%b\nstream\n%b\nendstream\nendobj\n" % (head, table)
    return made + b"startxref\n%d\n%%%%EOF" % start


def _mp4() -> Iterator[tuple[str, bytes]]:
    from tests.media_files import as_mp4, box

    whole, ftyp = as_mp4(), box(b"ftyp", b"isom", bytes(4), b"isom")
    mdat = box(b"mdat", b"x")
    nested = b""
    for _depth in range(3_000):
        nested = box(b"moov", nested)
    yield "boxes-in-boxes.mp4", ftyp + nested + mdat
    yield "a-million-boxes.mp4", ftyp + box(b"free") * 1_000_000 + whole
    yield "a-million-boxes-within.mp4", ftyp + box(b"moov", box(b"free") * 1_000_000) + mdat
    yield "no-length.mp4", ftyp + bytes(4) + b"moov" + b"x" * 100
    yield "too-short-a-length.mp4", ftyp + struct.pack(">I4s", 4, b"moov") + mdat
    yield "longer-than-any-file.mp4", ftyp + struct.pack(">I4sQ", 1, b"moov", 2**63) + mdat
    yield "a-description-of-20-mb.mp4", ftyp + box(b"moov", bytes(20 << 20)) + mdat
    at = whole.index(b"stts") + 8
    yield "says-a-table-of-32-gb.mp4", whole[:at] + b"\xff" * 4 + whole[at + 4 :]
    at = whole.index(b"mdhd") + 16
    yield "no-ticks-a-second.mp4", whole[:at] + bytes(4) + whole[at + 4 :]
    at = whole.index(b"stts") + 12
    yield "no-pictures.mp4", whole[:at] + bytes(8) + whole[at + 8 :]


def _cut_off() -> Iterator[tuple[str, bytes]]:
    """A file of each kind, cut off at every tenth part."""
    from tests import media_files as files

    picture = files.photo((160, 120))
    for ending, whole in (
        ("jpg", files.as_jpeg(picture)),
        ("png", files.as_png(picture)),
        ("webp", files.saved(picture, "WEBP")),
        ("heic", files.heic_corners()),
        ("gif", files.as_gif(5)),
        ("pdf", files.as_pdf(3)),
        ("mp4", files.as_mp4()),
    ):
        for tenth in range(1, 10):
            yield f"cut-off-at-{tenth}0-percent.{ending}", whole[: len(whole) * tenth // 10]


def main(folder: Path) -> None:
    """Prepares each file of *folder*; prints what became of each, and the memory that it took."""
    store = MediaStore(folder / "store")

    def read(path: Path) -> tuple[str, str, float]:
        began = time.perf_counter()
        try:
            said = prepare(path, EVERYTHING, store).mime
        except MediaError as error:
            said = str(error)
        return path.name, said, time.perf_counter() - began

    with ThreadPoolExecutor(2) as two:
        outcomes = list(two.map(read, sorted(path for path in folder.iterdir() if path.is_file())))
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
    status = Path("/proc/self/status").read_text("ascii").split()
    own = int(status[status.index("VmHWM:") + 1]) >> 10
    print(json.dumps({"outcomes": outcomes, "children": children, "own": own}))  # noqa: T201


if __name__ == "__main__":
    main(Path(sys.argv[1]))
