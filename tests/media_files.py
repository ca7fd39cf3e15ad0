"""Files for the tests of `bot.media`, made here: photos as phones make them, films, PDFs."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfWriter
from pypdf.actions import JavaScript

DATA = Path(__file__).parent / "data" / "media"

#: What the corners of a picture show when it is upright, clockwise from the top left.
CORNERS = ("red", "lime", "blue", "yellow")
#: What the tests look for in what goes out: a maker, a person, a place.
SECRETS = (b"Secret Camera", b"Marie Dupont", b"48 deg")

ORIENTATION, MAKER, ARTIST, GPS = 0x0112, 0x010F, 0x013B, 0x8825
_TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def corners(size: tuple[int, int] = (96, 64), mode: str = "RGB") -> Image.Image:
    """A picture whose four quarters have the four colours."""
    picture = Image.new("RGB", size)
    draw, (width, height) = ImageDraw.Draw(picture), size
    for colour, (x, y) in zip(CORNERS, ((0, 0), (1, 0), (1, 1), (0, 1)), strict=True):
        left, top = x * width // 2, y * height // 2
        draw.rectangle((left, top, left + width // 2, top + height // 2), colour)
    return picture.convert(mode)


def corner_colours(data: bytes) -> tuple[str, ...]:
    """The names of the colours in the corners of a picture, clockwise from the top left."""
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGB")
    width, height = picture.size
    places = ((0.2, 0.2), (0.8, 0.2), (0.8, 0.8), (0.2, 0.8))
    return tuple(_named(picture.getpixel((int(x * width), int(y * height)))) for x, y in places)


def _named(colour: object) -> str:
    assert isinstance(colour, tuple)
    red, green, blue = (value > 128 for value in colour[:3])
    return {
        (True, False, False): "red",
        (False, True, False): "lime",
        (False, False, True): "blue",
        (True, True, False): "yellow",
    }.get((red, green, blue), str(colour))


def photo(size: tuple[int, int]) -> Image.Image:
    """Something as rich as a photo: soft shapes, and the grain of a sensor."""
    soft = [
        Image.effect_noise((max(1, size[0] // 16), max(1, size[1] // 16)), 90).resize(
            size, Image.Resampling.BICUBIC
        )
        for _channel in range(3)
    ]
    grain = Image.effect_noise(size, 12).convert("RGB")
    return Image.blend(Image.merge("RGB", soft), grain, 0.25)


def exif(orientation: int = 1) -> Image.Exif:
    """What a phone writes into a photo: how it was held, maker, person, place."""
    made = Image.Exif()
    made[ORIENTATION] = orientation
    made[MAKER] = SECRETS[0].decode()
    made[ARTIST] = SECRETS[1].decode()
    made[GPS] = {1: "N", 2: (48.0, 51.0, 24.0), 29: SECRETS[2].decode()}
    return made


def as_jpeg(picture: Image.Image, orientation: int = 1, **options: Any) -> bytes:
    """*picture* as a camera stores it that was held so: turned, with a note how to turn it."""
    turn = _TURNED[orientation]
    stored = picture if turn is None else picture.transpose(turn)
    notes = {"quality": 90, "comment": SECRETS[1], "exif": exif(orientation)}
    return saved(stored, "JPEG", **{**notes, **options})


def as_png(picture: Image.Image, orientation: int = 1, **options: Any) -> bytes:
    turn = _TURNED[orientation]
    notes = PngInfo()
    notes.add_text("Author", SECRETS[1].decode())
    notes.add_itxt("XML:com.adobe.xmp", SECRETS[0].decode())
    stored = picture if turn is None else picture.transpose(turn)
    return saved(stored, "PNG", pnginfo=notes, exif=exif(orientation), **options)


def heic_corners(orientation: int = 1) -> bytes:
    """`corners` as an iPhone stores it, held in one of three ways: 1, 6 or 8.

    Made once with pillow-heif, whose encoder is not installed: its licence is the GPL.
    """
    return (DATA / f"corners-{orientation}.heic").read_bytes()


def as_gif(frames: int = 3, size: tuple[int, int] = (32, 24), **options: Any) -> bytes:
    pictures = [Image.new("P", size, index) for index in range(frames)]
    for index, picture in enumerate(pictures):
        picture.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255] * 4)
        picture.putpixel((index % size[0], 0), 3)
    return saved(
        pictures[0],
        "GIF",
        save_all=True,
        append_images=pictures[1:],
        duration=100,
        loop=0,
        comment=SECRETS[1],
        **options,
    )


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    made = io.BytesIO()
    picture.save(made, form, **options)
    return made.getvalue()


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def swapped_profile() -> bytes:
    """A colour profile, unlike any screen's, in which red means green and green red."""
    named_otherwise = srgb_profile().replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))
    third = named_otherwise.replace(b"rXYZ", b"3XYZ", 1)
    return third.replace(b"gXYZ", b"rXYZ", 1).replace(b"3XYZ", b"gXYZ", 1)


def lab_profile() -> bytes:
    """A profile of colours that no JPEG has."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def as_pdf(pages: int = 2, password: str = "", script: str = "", attached: bool = False) -> bytes:
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    if script:
        writer.add_open_action(JavaScript(script))
    if attached:
        writer.add_attachment("a.exe", b"MZ")
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


# --- films --------------------------------------------------------------------------------------


def box(kind: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return struct.pack(">I4s", 8 + len(inside), kind) + inside


def as_mp4(
    *,
    seconds: float = 10,
    size: tuple[int, int] = (1280, 720),
    rate: int = 25,
    turned: bool = False,
    codec: bytes = b"avc1",
    brand: bytes = b"isom",
    private: bool = False,
    fragments: bool = False,
    description_last: bool = False,
    sound_only: bool = False,
    version: int = 0,
    pictures: int = 1000,
) -> bytes:
    """A film as a phone stores it, but for its pictures, which are not ones."""
    tracks = [] if sound_only else [_track(b"vide", codec, seconds, size, rate, turned, version)]
    tracks.append(_track(b"soun", b"mp4a", seconds, (0, 0), 50, False, version))
    extra = [box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+48.8577+002.295/"))] if private else []
    if private:
        extra.append(box(b"meta", SECRETS[0]))
        extra.append(_track(b"meta", b"mebx", seconds, (0, 0), 1, False, version))
    if fragments:
        extra.append(box(b"mvex", box(b"trex", bytes(24))))
    header = box(b"mvhd", _times(version, seconds, private), bytes(80))
    moov = box(b"moov", header, *tracks, *extra)
    ftyp = box(b"ftyp", brand, bytes(4), brand)
    mdat = box(b"mdat", b"P" * pictures)
    xmp = box(b"uuid", bytes(16), SECRETS[1]) if private else b""
    return b"".join([ftyp, mdat, moov, xmp] if description_last else [ftyp, moov, mdat, xmp])


def _times(version: int, seconds: float, dated: bool = False, scale: int = 1000) -> bytes:
    when = 3_700_000_000 if dated else 0
    form = ">IQQIQ" if version else ">IIIII"
    return struct.pack(form, version << 24, when, when, scale, int(seconds * scale))


def _track(
    handler: bytes,
    codec: bytes,
    seconds: float,
    size: tuple[int, int],
    rate: int,
    turned: bool,
    version: int,
) -> bytes:
    matrix: Sequence[int] = (0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    if not turned:
        matrix = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    start = struct.pack(">B3xQQIIQ" if version else ">B3xIIIII", version, 0, 0, 1, 0, 0)
    tkhd = box(
        b"tkhd",
        start,
        bytes(16),
        struct.pack(">9i", *matrix),
        struct.pack(">2I", *(side << 16 for side in size)),
    )
    entry = box(codec, bytes(24), struct.pack(">2H", *size), bytes(50))
    samples = round(seconds * rate)
    table = box(b"stts", struct.pack(">IIII", 0, 1, samples, 1000 // rate))
    stbl = box(b"stbl", box(b"stsd", struct.pack(">II", 0, 1), entry), table)
    mdhd = box(b"mdhd", _times(version, seconds))
    hdlr = box(b"hdlr", bytes(8), handler, bytes(13))
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, box(b"minf", stbl)))


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
