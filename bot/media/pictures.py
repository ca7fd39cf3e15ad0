"""Pictures, opened with Pillow: only in the worker, which has limits (`bot.media.worker`)."""

from __future__ import annotations

import io
import math
import struct
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import BinaryIO

from PIL import Image, ImageCms

from bot.compose.rules import Takes
from bot.errors import MediaError
from bot.media.bare import bare_gif, bare_jpeg, bare_png, webp_head
from bot.media.sniff import GIF, HEIC, HEIF, JPEG, PNG, WEBP, kind_of
from bot.words import N_

#: The most pixels that a picture may have: the largest of today's phones make 50 million.
MOST_PIXELS = 50_000_000
#: JPEG's quality: above the best a file only grows, below the least a picture is made smaller.
BEST_QUALITY, LEAST_QUALITY = 95, 75
#: From here on colours keep every pixel (4:4:4): red letters blur otherwise.
FULL_COLOUR_FROM = 90

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP", GIF: "GIF", HEIC: "HEIF", HEIF: "HEIF"}

#: Beside the usual ones: WebP, and what reads a JPEG with two pictures, and EXIF.
_PLUGINS = ("Mpo", "Tiff", "WebP")

#: What takes the metadata out; of other types nothing goes out as it came.
_BARE: Mapping[str, Callable[[bytes], bytes]] = {
    JPEG: bare_jpeg,
    PNG: bare_png,
    GIF: lambda data: bare_gif(data).data,
}

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class Made:
    """A picture as a network gets it."""

    data: bytes
    mime: str
    width: int
    height: int


def get_ready(mime: str) -> None:
    """Load what a picture of type *mime* needs: later no file may be opened any more."""
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.preinit()
    for plugin in _PLUGINS:
        import_module(f"PIL.{plugin}ImagePlugin")
    if mime in {HEIC, HEIF}:
        import pi_heif

        # One thread: each other one would take address space for its stack.
        pi_heif.register_heif_opener(decode_threads=1, thumbnails=False)


def look(source: BinaryIO, mime: str, name: str) -> Mapping[str, object]:
    """Width and height as the picture is seen, upright, and how many frames it has."""
    data = source.read()
    _bare(data, mime)
    with _opened(data, mime, name) as picture:
        if mime == PNG and getattr(picture, "n_frames", 1) > 1:
            raise _moving(mime, name)
        width, height = picture.size
        turned = _orientation(picture) >= 5
    return {
        "width": height if turned else width,
        "height": width if turned else height,
        "frames": bare_gif(data).frames if mime == GIF else 1,
    }


def fit(data: bytes, mime: str, takes: Takes, name: str, *, moving: bool) -> Made:
    """The picture *data* as a network that takes *takes* gets it, no worse than it must be.

    As it is, without its metadata, if that will do; otherwise upright, in sRGB, scaled to the
    pixels taken, and encoded as well as the size taken allows. A *moving* GIF is never encoded.
    """
    bare = _bare(data, mime)
    with _opened(data, mime, name) as picture:
        picture.load()
        if moving or _is_taken(picture, data, bare, mime, takes):
            return Made(bare, mime, *picture.size)
        prepared = _prepared(picture, takes)
    del picture
    return _encoded(prepared, takes, name, lossless=_is_lossless(data, mime))


def _bare(data: bytes, mime: str) -> bytes:
    """*data* without metadata. Comes first: it refuses what would take for ever to decode."""
    return _BARE[mime](data) if mime in _BARE else data


def _opened(data: bytes, mime: str, name: str) -> Image.Image:
    """The picture *data*, read as *mime* and nothing else, not yet decoded."""
    if mime == WEBP:
        head = webp_head(data)
        _check_pixels(head.width, head.height, name)
        if head.moving:
            raise _moving(mime, name)
    try:
        picture = Image.open(io.BytesIO(data), formats=[_FORMATS[mime]])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels(name) from error
    _check_pixels(*picture.size, name)
    return picture


def _check_pixels(width: int, height: int, name: str) -> None:
    if width * height > MOST_PIXELS:
        raise _too_many_pixels(name)
    if not width or not height:
        raise ValueError("no pixels")


def _moving(mime: str, name: str) -> MediaError:
    return MediaError(
        N_("{name} is a moving {kind} picture. Export it as GIF, or as an MP4 video."),
        name=name,
        kind=kind_of(mime),
    )


def _too_many_pixels(name: str) -> MediaError:
    return MediaError(
        N_("{name} has more than {most} million pixels. Make it smaller."),
        name=name,
        most=MOST_PIXELS // 1_000_000,
    )


def _orientation(picture: Image.Image) -> int:
    """How the picture must be turned, 1 to 8 as EXIF counts; 1 where that cannot be read."""
    try:
        turned = picture.getexif().get(_ORIENTATION, 1)
    except (SyntaxError, ValueError, KeyError, OSError, struct.error):
        return 1
    return turned if turned in _UPRIGHT else 1


# --- as it is -----------------------------------------------------------------------------------


def _is_taken(picture: Image.Image, data: bytes, bare: bytes, mime: str, takes: Takes) -> bool:
    """Whether the network takes the picture as it is, but for its metadata: *bare*."""
    usual = (mime == JPEG and picture.mode in {"L", "RGB"}) or (mime == PNG and data[24] <= 8)
    return (
        usual  # no colours of printers, at most 8 bits a channel
        and mime in takes.mimes
        and len(bare) <= takes.size
        and _orientation(picture) == 1
        and _scale(picture.size, takes) == 1
    )


def _scale(size: tuple[int, int], takes: Takes) -> float:
    """What to multiply the sides of a picture by so that the network takes it; 1: nothing."""
    width, height = size
    factors = [1.0]
    if takes.pixels:
        factors.append(math.sqrt(takes.pixels / (width * height)))
    if takes.width:
        factors.append(takes.width / width)
    if takes.height:
        factors.append(takes.height / height)
    return min(factors)


# --- made anew ----------------------------------------------------------------------------------


def _prepared(picture: Image.Image, takes: Takes) -> Image.Image:
    """*picture* upright, in sRGB with 8 bits a channel, scaled; L, LA, RGB or RGBA.

    Never *picture* itself, so that the memory of its decoder can be given back (WebP's is twice
    that of the pixels).
    """
    orientation, opened = _orientation(picture), picture
    picture = _in_srgb(picture)
    if orientation in _UPRIGHT:
        picture = picture.transpose(_UPRIGHT[orientation])
    factor = _scale(picture.size, takes)
    if factor < 1:
        picture = _shrunk(picture, factor)
    if picture is opened:
        picture = picture.copy()
    picture.info = {}  # a comment, or a profile, would be written again
    return picture


def _in_srgb(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    plain = _plain(picture)
    if not profile or plain.mode in {"L", "LA"}:
        return plain
    try:
        known = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in str(known.profile.profile_description):
            return _in_rgb(plain)
        mode = "RGBA" if plain.mode == "RGBA" else "RGB"
        to = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(plain, known, to, outputMode=mode) or plain
    except (ImageCms.PyCMSError, OSError, ValueError):  # a profile that is none: as if without
        return _in_rgb(plain)


def _plain(picture: Image.Image) -> Image.Image:
    """*picture* in L, LA, RGB, RGBA or CMYK, with transparency only where some pixel has it."""
    if picture.mode.startswith("I") or picture.mode == "F":  # 16 bits of grey
        return picture.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")
    if picture.mode == "1":
        return picture.convert("L")
    if picture.mode == "P" or "transparency" in picture.info:
        picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
    if picture.mode in {"LA", "RGBA"} and _opaque(picture):
        return picture.convert(picture.mode.removesuffix("A"))
    return picture if picture.mode in {"L", "LA", "RGB", "RGBA", "CMYK"} else picture.convert("RGB")


def _opaque(picture: Image.Image) -> bool:
    return picture.getchannel("A").getextrema()[0] == 255


def _in_rgb(picture: Image.Image) -> Image.Image:
    return picture.convert("RGB") if picture.mode == "CMYK" else picture


def _shrunk(picture: Image.Image, factor: float) -> Image.Image:
    width, height = (max(1, int(side * factor)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _is_lossless(data: bytes, mime: str) -> bool:
    """Whether a picture was kept without loss until now: a drawing, a screen, a logo."""
    return mime in {PNG, GIF} or (mime == WEBP and b"VP8L" in data)


def _encoded(picture: Image.Image, takes: Takes, name: str, *, lossless: bool) -> Made:
    """*picture* as good as `takes.size` allows: without loss, or as JPEG, or smaller as well."""
    picture = _in_rgb(picture)
    keep = (lossless or picture.mode in {"LA", "RGBA"}) and PNG in takes.mimes
    while True:
        if (keep or JPEG not in takes.mimes) and (data := _png(picture, takes.size)):
            return Made(data, PNG, *picture.size)
        factor = 0.7
        if JPEG in takes.mimes:
            data = _best(_jpeg(picture, full_colour=lossless), takes.size)
            if len(data) <= takes.size:
                return Made(data, JPEG, *picture.size)
            factor = min(0.9, math.sqrt(takes.size / len(data)))
        if picture.size == (1, 1):
            raise MediaError(
                N_("{name} cannot be made small enough. Name another picture."), name=name
            )
        picture = _shrunk(picture, factor)


def _png(picture: Image.Image, most: int) -> bytes | None:
    """*picture* as PNG; None if that takes more than *most* bytes.

    A strip out of its middle is tried first: a photo, which PNG does not suit, takes long.
    """
    width, height = picture.size
    strip = picture.crop((0, height * 7 // 16, width, max(1, height * 9 // 16)))
    if height > 64 and 8 * len(_as_png(strip)) > 2 * most:
        return None
    made = _as_png(picture)
    return made if len(made) <= most else None


def _as_png(picture: Image.Image) -> bytes:
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True)
    return made.getvalue()


def _jpeg(picture: Image.Image, *, full_colour: bool) -> Callable[[int], bytes]:
    """*picture* as JPEG in the quality that is asked for; what is transparent shows white."""
    if picture.mode in {"LA", "RGBA"}:
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture.convert("RGBA"), mask=picture.getchannel("A"))
        picture = white

    def encode(quality: int) -> bytes:
        made = io.BytesIO()
        sampling = 0 if full_colour or quality >= FULL_COLOUR_FROM else 2
        picture.save(
            made, "JPEG", quality=quality, subsampling=sampling, progressive=True, optimize=True
        )
        return made.getvalue()

    return encode


def _best(encode: Callable[[int], bytes], most: int) -> bytes:
    """The best quality that takes at most *most* bytes; the least one, if even that takes more."""
    made = encode(BEST_QUALITY)
    if len(made) <= most:
        return made
    fitting, low, high = b"", LEAST_QUALITY, BEST_QUALITY - 1
    while low <= high:
        quality = (low + high) // 2
        made = encode(quality)
        if len(made) <= most:
            fitting, low = made, quality + 1
        else:
            high = quality - 1
    return fitting or made
