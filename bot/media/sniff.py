"""What a file is by its first bytes, whatever its name says; and that the name agrees with them."""

from __future__ import annotations

import re
from pathlib import PurePath

from bot.errors import MediaError
from bot.words import N_, Message, Value

#: As many bytes of a file's beginning as `sniffed` looks at.
HEAD = 4096

JPEG = "image/jpeg"
PNG = "image/png"
WEBP = "image/webp"
GIF = "image/gif"
HEIC = "image/heic"
HEIF = "image/heif"
MP4 = "video/mp4"
QUICKTIME = "video/quicktime"
PDF = "application/pdf"

#: The name of each type for people, and how its files end, the usual ending first.
_TYPES = {
    JPEG: ("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif")),
    PNG: ("PNG", (".png",)),
    WEBP: ("WebP", (".webp",)),
    GIF: ("GIF", (".gif",)),
    HEIC: ("HEIC", (".heic", ".heif", ".hif")),
    HEIF: ("HEIF", (".heif", ".heic", ".hif")),
    MP4: ("MP4", (".mp4", ".m4v")),
    QUICKTIME: ("QuickTime", (".mov", ".qt")),
    PDF: ("PDF", (".pdf",)),
}

_BEGINNINGS = {
    b"\xff\xd8\xff": JPEG,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
    b"%PDF-": PDF,
}

_PICTURE = N_(
    "{name} is a picture of the kind {kind}, which no network takes. Export it as JPEG or PNG."
)
_FILM = N_("{name} is a video of the kind {kind}, which no network takes. Export it as MP4.")
_DOCUMENT = N_("{name} is a document of the kind {kind}, which is not taken here. Save it as PDF.")
_OTHER = N_("{name} is {kind}, which cannot go out with a post. Name a picture, a video or a PDF.")
_UNKNOWN = N_(
    "{name} is no picture, video or PDF that can be read; perhaps it is damaged. Open it on your "
    "computer, and export it as JPEG, PNG, GIF, MP4 or PDF."
)

#: What is recognised only to be refused with its name: how it begins, sentence, kind.
_REFUSED: tuple[tuple[bytes, str, Value], ...] = (
    (b"II*\0", _PICTURE, "TIFF"),
    (b"MM\0*", _PICTURE, "TIFF"),
    (b"BM", _PICTURE, "BMP"),
    (b"\0\0\1\0", _PICTURE, "ICO"),
    (b"8BPS", _PICTURE, "Photoshop"),
    (b"\xff\x0a", _PICTURE, "JPEG XL"),
    (b"\0\0\0\x0cJXL ", _PICTURE, "JPEG XL"),
    (b"\0\0\0\x0cjP  ", _PICTURE, "JPEG 2000"),
    (b"\xff\x4f\xff\x51", _PICTURE, "JPEG 2000"),
    (b"\x1a\x45\xdf\xa3", _FILM, "WebM"),
    (b"FLV\1", _FILM, "Flash"),
    (b"\x30\x26\xb2\x75", _FILM, "Windows Media"),
    (b"\0\0\1\xba", _FILM, "MPEG"),
    (b"\0\0\1\xb3", _FILM, "MPEG"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _DOCUMENT, "Word, Excel, PowerPoint, HWP"),
    (b"HWP Document File", _DOCUMENT, "HWP"),
    (b"{\\rtf", _DOCUMENT, "RTF"),
    (b"%!PS", _DOCUMENT, "PostScript"),
    (b"MZ", _OTHER, Message(N_("a program"))),
    (b"\x7fELF", _OTHER, Message(N_("a program"))),
    (b"\xcf\xfa\xed\xfe", _OTHER, Message(N_("a program"))),
    (b"\xca\xfe\xba\xbe", _OTHER, Message(N_("a program"))),
    (b"#!", _OTHER, Message(N_("a program"))),
    (b"\x1f\x8b", _OTHER, Message(N_("an archive"))),
    (b"7z\xbc\xaf\x27\x1c", _OTHER, Message(N_("an archive"))),
    (b"Rar!", _OTHER, Message(N_("an archive"))),
    (b"ID3", _OTHER, Message(N_("a sound file"))),
    (b"OggS", _OTHER, Message(N_("a sound file"))),
    (b"fLaC", _OTHER, Message(N_("a sound file"))),
)

#: The members of a ZIP archive by which an office document is known.
_IN_ZIP = (
    (b"word/", "Word"),
    (b"xl/", "Excel"),
    (b"ppt/", "PowerPoint"),
    (b"application/vnd.oasis", "OpenDocument"),
    (b"hwp+zip", "HWPX"),
)

#: The brands of ISO base media files (ISO/IEC 14496-12, 23008-12) that are pictures and films.
_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_HEIF_BRANDS = {b"mif1", b"mif2", b"msf1", b"miaf"}
_AVIF_BRANDS = {b"avif", b"avis"}
_MP4_BRAND = re.compile(rb"iso.|mp4.|avc1|M4V.|MSNV|dash|cmf.", re.DOTALL)
#: What a QuickTime film may begin with that is older than brands.
_OLD_QUICKTIME = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


def sniffed(head: bytes, name: str) -> str:
    """The media type of a file that begins with *head* (its first `HEAD` bytes).

    Raises MediaError that says what it is where that is none of the types above, or that *name*
    ends as those of another type do.
    """
    mime = _known(head)
    if mime is None:
        raise _refusal(head, name)
    kind, endings = _TYPES[mime]
    if PurePath(name).suffix.lower() not in endings:
        raise MediaError(
            N_("{name} holds {kind}, but its name does not end so. Rename it {right}."),
            name=name,
            kind=kind,
            right=str(PurePath(name).with_suffix(endings[0]).name),
        )
    return mime


def ending_of(head: bytes) -> str:
    """How the name of a file that begins with *head* should end: ".jpg"; "" for an unknown type."""
    mime = _known(head)
    return _TYPES[mime][1][0] if mime else ""


def kind_of(mime: str) -> str:
    """What people call the type *mime*: "JPEG"."""
    return _TYPES[mime][0] if mime in _TYPES else mime


def _known(head: bytes) -> str | None:
    """The type of *head*, if it is one that some network can be given."""
    for beginning, mime in _BEGINNINGS.items():
        if head.startswith(beginning):
            return mime
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] in _OLD_QUICKTIME:
        return QUICKTIME
    return _known_by_brand(_brands(head))


def _brands(head: bytes) -> list[bytes]:
    """The brands that the first box of an ISO base media file names, the major one first."""
    if head[4:8] != b"ftyp":
        return []
    end = min(int.from_bytes(head[:4], "big"), len(head))
    return [head[8:12]] + [head[at : at + 4] for at in range(16, end - 3, 4)]


def _known_by_brand(brands: list[bytes]) -> str | None:
    if not brands or _AVIF_BRANDS & set(brands) or brands[0][:3] in {b"3gp", b"M4A", b"crx"}:
        return None
    if _HEIC_BRANDS & set(brands):
        return HEIC
    if brands[0] in _HEIF_BRANDS:
        return HEIF
    if brands[0] == b"qt  ":
        return QUICKTIME
    return MP4 if any(_MP4_BRAND.fullmatch(brand) for brand in brands) else None


def _refusal(head: bytes, name: str) -> MediaError:
    for recognise in (_by_beginning, _by_brand, _by_riff, _by_member, _by_markup):
        if found := recognise(head):
            sentence, kind = found
            return MediaError(sentence, name=name, kind=kind)
    return MediaError(_UNKNOWN, name=name)


_Recognised = tuple[str, Value] | None


def _by_beginning(head: bytes) -> _Recognised:
    return next(
        ((sentence, kind) for start, sentence, kind in _REFUSED if head.startswith(start)), None
    )


def _by_brand(head: bytes) -> _Recognised:
    brands = _brands(head)
    if _AVIF_BRANDS & set(brands):
        return _PICTURE, "AVIF"
    major = brands[0][:3] if brands else b""
    known: dict[bytes, tuple[str, Value]] = {
        b"crx": (_PICTURE, "CR3"),
        b"3gp": (_FILM, "3GP"),
        b"M4A": (_OTHER, Message(N_("a sound file"))),
    }
    return known.get(major)


def _by_riff(head: bytes) -> _Recognised:
    if not head.startswith(b"RIFF"):
        return None
    return (_FILM, "AVI") if head[8:12] == b"AVI " else (_OTHER, Message(N_("a sound file")))


def _by_member(head: bytes) -> _Recognised:
    if not head.startswith(b"PK\3\4"):
        return None
    kind = next((kind for member, kind in _IN_ZIP if member in head), None)
    return (_DOCUMENT, kind) if kind else (_OTHER, Message(N_("an archive")))


def _by_markup(head: bytes) -> _Recognised:
    """SVG, or a web page, which others say they are, or text."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    text = head.decode(encoding, "ignore").lstrip().lower()
    if text.startswith("<") and "<svg" in text:
        return _PICTURE, "SVG"
    if text.startswith("<"):
        return _OTHER, Message(N_("a web page"))
    shown = sum(sign.isprintable() or sign.isspace() for sign in text)
    plain = len(text) > 0 and shown == len(text) and b"\0" not in head
    return (_OTHER, Message(N_("a text"))) if plain else None
