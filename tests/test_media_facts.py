from __future__ import annotations

from pathlib import Path

import pytest

from bot.attached import Sort
from bot.errors import MediaError
from bot.media.facts import Facts, advice_on, facts_of
from tests.media_bombs import pdf, png
from tests.media_files import (
    as_gif,
    as_jpeg,
    as_mp4,
    as_pdf,
    as_png,
    corners,
    heic_corners,
    saved,
    written,
)


@pytest.mark.parametrize(
    ("name", "data", "facts"),
    [
        ("a.jpg", as_jpeg(corners()), Facts(Sort.PICTURE, "image/jpeg", 0, 96, 64, 1)),
        ("a.jpg", as_jpeg(corners(), 6), Facts(Sort.PICTURE, "image/jpeg", 0, 96, 64, 1)),
        ("a.png", as_png(corners()), Facts(Sort.PICTURE, "image/png", 0, 96, 64, 1)),
        ("a.webp", saved(corners(), "WEBP"), Facts(Sort.PICTURE, "image/webp", 0, 96, 64, 1)),
        ("a.heic", heic_corners(8), Facts(Sort.PICTURE, "image/heic", 0, 96, 64, 1)),
        ("a.gif", as_gif(1), Facts(Sort.PICTURE, "image/gif", 0, 32, 24, 1)),
        ("a.gif", as_gif(7), Facts(Sort.ANIMATION, "image/gif", 0, 32, 24, 7)),
        ("a.pdf", as_pdf(3), Facts(Sort.DOCUMENT, "application/pdf", 0, pages=3)),
        (
            "a.mov",
            as_mp4(brand=b"qt  "),
            Facts(
                Sort.VIDEO, "video/quicktime", 0, 1280, 720, 250, 10, 25, codecs=("avc1", "mp4a")
            ),
        ),
    ],
)
def test_a_file_is_known(tmp_path: Path, name: str, data: bytes, facts: Facts) -> None:
    found = facts_of(written(tmp_path, name, data))
    assert found.size == len(data)
    assert {**_shown(found), "size": 0} == _shown(facts)


def _shown(facts: Facts) -> dict[str, object]:
    return {name: getattr(facts, name) for name in Facts.__slots__}


SCRIPT = "holds a script, a form that sends data, or other files. Print it to a new PDF"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 %b >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] %b >>"
ACTION = b"<< /S /Launch /F (calc.exe) >>"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.pdf", as_pdf(password="x"), "a.pdf is protected by a password. Save it again"),
        ("a.pdf", as_pdf(script="app.alert(1)"), SCRIPT),
        ("a.pdf", as_pdf(attached=True), SCRIPT),
        ("a.pdf", pdf(PAGES % b"", PAGE % (b"/AA << /O " + ACTION + b" >>")), SCRIPT),
        (
            "a.pdf",
            pdf(PAGES % b"", PAGE % (b"/Annots [<< /Subtype /Link /A " + ACTION + b" >>]")),
            SCRIPT,
        ),
        (
            "a.pdf",
            pdf(
                PAGES % b"",
                PAGE % (b"/Annots [<< /A << /S /GoTo /Next " + ACTION + b" >> >>]"),
            ),
            SCRIPT,
        ),
        (
            "a.pdf",
            pdf(PAGES % b"", PAGE % b"/Annots [<< /Subtype /FileAttachment >>]"),
            SCRIPT,
        ),
        ("a.pdf", as_pdf(0), "a.pdf is cut off or damaged"),
        (
            "a.png",
            saved(corners(), "PNG", save_all=True, append_images=[corners(mode="L")]),
            "a.png is a moving PNG picture. Export it as GIF, or as an MP4 video.",
        ),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(99), "a.png is cut off or damaged. Copy it again"),
        ("a.svg", b"<svg><script>alert(1)</script></svg>", "a.svg is a picture of the kind SVG"),
    ],
)
def test_what_is_not_as_it_should_be_is_refused(
    tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    with pytest.raises(MediaError) as caught:
        facts_of(written(tmp_path, name, data))
    assert said in str(caught.value)


def test_a_pdf_with_ordinary_links_is_taken(tmp_path: Path) -> None:
    link = b"/Annots [<< /Subtype /Link /A << /S /URI /URI (https://a.example) >> >>]"
    assert facts_of(written(tmp_path, "a.pdf", pdf(PAGES % b"", PAGE % link))).pages == 1


def test_a_picture_too_large_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = written(tmp_path, "a.png", png(30_000, 30_000))
    with pytest.raises(MediaError) as caught:
        facts_of(path)
    assert str(caught.value) == "a.png has more than 50 million pixels. Make it smaller."


def test_a_rare_codec_is_advised_against() -> None:
    facts = Facts(Sort.VIDEO, "video/mp4", 1, codecs=("hvc1", "mp4a"))
    assert str(advice_on(facts, "film.mp4")).startswith("The video film.mp4 is coded as hvc1,")
    assert advice_on(Facts(Sort.VIDEO, "video/mp4", 1, codecs=("avc1", "mp4a")), "a.mp4") is None
