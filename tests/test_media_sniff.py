from __future__ import annotations

import pytest

from bot.errors import MediaError
from bot.media.sniff import kind_of, sniffed


def ftyp(major: bytes, *others: bytes) -> bytes:
    brands = b"".join([major, bytes(4), *others])
    return (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands + b"\0\0\0\x08free"


KNOWN = [
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "photo.jpg", "image/jpeg"),
    (b"\xff\xd8\xff\xe1\0\x10Exif", "PHOTO.JPEG", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "logo.png", "image/png"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "a.webp", "image/webp"),
    (b"GIF89a", "a.gif", "image/gif"),
    (b"GIF87a", "a.gif", "image/gif"),
    (ftyp(b"heic", b"mif1", b"heic"), "IMG_1.HEIC", "image/heic"),
    (ftyp(b"mif1", b"heic"), "a.heif", "image/heic"),
    (ftyp(b"mif1"), "a.heif", "image/heif"),
    (ftyp(b"isom", b"iso2", b"avc1", b"mp41"), "a.mp4", "video/mp4"),
    (ftyp(b"mp42"), "a.m4v", "video/mp4"),
    (ftyp(b"XAVC", b"mp42"), "a.mp4", "video/mp4"),
    (ftyp(b"qt  "), "a.mov", "video/quicktime"),
    (b"\0\0\0\x08wide\0\0\0\0mdat", "old.mov", "video/quicktime"),
    (b"%PDF-1.7\n", "programme.pdf", "application/pdf"),
]


@pytest.mark.parametrize(("head", "name", "mime"), KNOWN)
def test_a_file_is_known_by_its_first_bytes(head: bytes, name: str, mime: str) -> None:
    assert sniffed(head, name) == mime


REFUSED = [
    (b'<?xml version="1.0"?>\n<svg onload="alert(1)">', "SVG", "Export it as JPEG or PNG"),
    (b'  <svg xmlns="http://www.w3.org/2000/svg"><script>', "SVG", "Export it as JPEG or PNG"),
    ("<svg><script>".encode("utf-16"), "SVG", "Export it as JPEG or PNG"),
    (b"\xef\xbb\xbf<!-- drawn by hand --><svg>", "SVG", "Export it as JPEG or PNG"),
    (b"II*\0\x08\0\0\0", "TIFF", "Export it as JPEG or PNG"),
    (b"MM\0*\0\0\0\x08", "TIFF", "Export it as JPEG or PNG"),
    (b"BM6\0\0\0", "BMP", "Export it as JPEG or PNG"),
    (ftyp(b"avif", b"mif1", b"miaf"), "AVIF", "Export it as JPEG or PNG"),
    (ftyp(b"mif1", b"avif"), "AVIF", "Export it as JPEG or PNG"),
    (ftyp(b"crx "), "CR3", "Export it as JPEG or PNG"),
    (b"\xff\x0a\0\0", "JPEG XL", "Export it as JPEG or PNG"),
    (b"8BPS\0\1", "Photoshop", "Export it as JPEG or PNG"),
    (b"\x1a\x45\xdf\xa3webm", "WebM", "Export it as MP4"),
    (b"RIFF\0\0\0\0AVI LIST", "AVI", "Export it as MP4"),
    (ftyp(b"3gp4"), "3GP", "Export it as MP4"),
    (b"PK\3\4\x14\0word/document.xml", "Word", "Save it as PDF"),
    (b"PK\3\4\x14\0ppt/presentation.xml", "PowerPoint", "Save it as PDF"),
    (b"PK\3\4mimetypeapplication/hwp+zip", "HWPX", "Save it as PDF"),
    (b"PK\3\4mimetypeapplication/vnd.oasis.opendocument.text", "OpenDocument", "as PDF"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "HWP", "Save it as PDF"),
    (b"HWP Document File V3.00", "HWP", "Save it as PDF"),
    (b"%!PS-Adobe-3.0", "PostScript", "Save it as PDF"),
    (b"PK\3\4\x14\0photos/1.jpg", "an archive", "cannot go out"),
    (b"\x1f\x8b\x08\0", "an archive", "cannot go out"),
    (b"MZ\x90\0", "a program", "cannot go out"),
    (b"\x7fELF\2\1", "a program", "cannot go out"),
    (b"#!/bin/sh\n", "a program", "cannot go out"),
    (b"<!DOCTYPE html><html><script>", "a web page", "cannot go out"),
    ("Bonjour à tous".encode(), "a text", "cannot go out"),
    ("안녕하세요".encode(), "a text", "cannot go out"),
    (ftyp(b"M4A "), "a sound file", "cannot go out"),
    (b"ID3\3\0", "a sound file", "cannot go out"),
    (b"RIFF\0\0\0\0WAVEfmt ", "a sound file", "cannot go out"),
    (ftyp(b"zzzz"), "no picture, video or PDF", "export it as"),
    (bytes(range(256)), "no picture, video or PDF", "export it as"),
    (b"\xff\xd8", "no picture, video or PDF", "export it as"),
    (b"", "no picture, video or PDF", "export it as"),
]


@pytest.mark.parametrize(("head", "what", "remedy"), REFUSED)
def test_what_no_network_takes_is_called_by_its_name(head: bytes, what: str, remedy: str) -> None:
    with pytest.raises(MediaError) as caught:
        sniffed(head, "visit.jpg")
    assert str(caught.value).startswith("visit.jpg is ")
    assert what in str(caught.value)
    assert remedy in str(caught.value)


@pytest.mark.parametrize(
    ("head", "name", "right"),
    [
        (
            KNOWN[2][0],
            "photo.jpg",
            "photo.jpg holds PNG, but its name does not end so. Rename it photo.png.",
        ),
        (KNOWN[0][0], "IMG_1.HEIC", "Rename it IMG_1.jpg."),
        (KNOWN[12][0], "film.mp4", "film.mp4 holds QuickTime"),
        (KNOWN[14][0], "programme", "Rename it programme.pdf."),
        (KNOWN[0][0], "photos/été.png", "Rename it été.jpg."),
    ],
)
def test_a_name_that_ends_wrongly_is_told(head: bytes, name: str, right: str) -> None:
    with pytest.raises(MediaError, match="but its name") as caught:
        sniffed(head, name)
    assert right in str(caught.value)


def test_a_type_has_a_name_for_people() -> None:
    assert kind_of("video/quicktime") == "QuickTime"
    assert kind_of("image/tiff") == "image/tiff"
