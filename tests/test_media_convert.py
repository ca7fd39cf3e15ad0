from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from bot.attached import Sort
from bot.compose.rules import Takes
from bot.errors import MediaError
from bot.media import pictures
from bot.media.convert import Fitted, fitted
from bot.media.facts import Facts, facts_of
from tests.media_files import (
    CORNERS,
    SECRETS,
    as_gif,
    as_jpeg,
    as_mp4,
    as_pdf,
    as_png,
    corner_colours,
    corners,
    exif,
    heic_corners,
    lab_profile,
    photo,
    saved,
    srgb_profile,
    swapped_profile,
    written,
)

PHOTOS = Takes(("image/jpeg", "image/png"), 5 << 20)
GIFS = Takes(("image/gif",), 1 << 20, width=1280, height=1080, frames=350)
FILMS = Takes(
    ("video/mp4",),
    512 << 20,
    width=1280,
    height=1024,
    least_seconds=0.5,
    most_seconds=140,
    frames_a_second=60,
    least_size=10,
)

Fit = Callable[..., tuple[Fitted, bytes]]


@pytest.fixture
def fit(tmp_path: Path) -> Fit:
    def make(data: bytes, name: str, takes: Takes = PHOTOS) -> tuple[Fitted, bytes]:
        path = written(tmp_path, name, data)
        found = fitted(path, facts_of(path), takes, tmp_path, "X")
        return found, found.path.read_bytes()

    return make


# --- pictures, through the worker -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "mime"),
    [
        ("a.jpg", as_jpeg(corners(), 1), "image/jpeg"),
        ("a.jpg", as_jpeg(corners(), 6), "image/jpeg"),
        ("a.png", as_png(corners(), 5), "image/png"),
        ("a.heic", heic_corners(6), "image/jpeg"),
        ("a.heic", heic_corners(), "image/jpeg"),
        ("a.webp", saved(corners(), "WEBP", exif=exif()), "image/jpeg"),
        ("a.webp", saved(corners(), "WEBP", lossless=True, exif=exif()), "image/png"),
        ("a.gif", saved(corners(), "GIF", comment=SECRETS[1]), "image/png"),
    ],
)
def test_a_photo_goes_out_upright_without_saying_where_it_was_taken(
    fit: Fit, name: str, data: bytes, mime: str
) -> None:
    found, made = fit(data, name)
    assert (found.mime, found.width, found.height) == (mime, 96, 64)
    assert corner_colours(made) == CORNERS
    assert [secret for secret in SECRETS if secret in made] == []
    with Image.open(io.BytesIO(made)) as opened:
        assert not opened.getexif()


def test_a_photo_of_fifty_megapixels_is_converted_within_the_limits(fit: Fit) -> None:
    data = saved(Image.new("RGB", (8_000, 6_240), "teal"), "JPEG", exif=exif(6))
    found, _made = fit(data, "large.jpg", replace(PHOTOS, width=1000))
    assert (found.width, found.height) == (1000, 1282)


# --- pictures, what is made of them (in this process) ---------------------------------------------


@pytest.fixture(autouse=True)
def _ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
    pictures.get_ready("image/jpeg")


def made_of(data: bytes, mime: str, takes: Takes = PHOTOS) -> tuple[pictures.Made, Image.Image]:
    made = pictures.fit(data, mime, takes, "a", moving=False)
    with Image.open(io.BytesIO(made.data)) as opened:
        opened.load()
        return made, opened


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("mime", "write"), [("image/jpeg", as_jpeg), ("image/png", as_png)])
def test_every_way_to_hold_a_camera_comes_out_upright(
    mime: str, write: Callable[..., bytes], orientation: int
) -> None:
    data = write(corners(), orientation)
    made, _opened = made_of(data, mime)
    assert corner_colours(made.data) == CORNERS
    assert (made.width, made.height) == (96, 64)
    looked = pictures.look(io.BytesIO(data), mime, "a")
    assert (looked["width"], looked["height"]) == (96, 64)


def test_a_photo_that_fits_keeps_every_pixel() -> None:
    data = as_jpeg(photo((200, 150)), quality=80)
    made, opened = made_of(data, "image/jpeg")
    with Image.open(io.BytesIO(data)) as before:
        assert list(before.convert("RGB").tobytes()) == list(opened.convert("RGB").tobytes())
    assert len(made.data) < len(data)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")  # Pillow's own word for it
def test_a_broken_note_of_how_the_camera_was_held_harms_nothing() -> None:
    data = saved(corners(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + SECRETS[0])
    made, _opened = made_of(data, "image/jpeg")
    assert corner_colours(made.data) == CORNERS


@pytest.mark.parametrize(
    ("picture", "form", "mime"),
    [
        (corners(mode="CMYK"), "JPEG", "image/jpeg"),
        (corners(mode="RGBA"), "PNG", "image/png"),
        (corners(mode="P"), "PNG", "image/png"),
        (corners(mode="P"), "GIF", "image/gif"),
        (corners(mode="RGBA"), "WEBP", "image/webp"),
    ],
)
def test_every_kind_of_colours_stays_what_it_was(
    picture: Image.Image, form: str, mime: str
) -> None:
    made, opened = made_of(saved(picture, form), mime)
    assert corner_colours(made.data) == CORNERS
    assert opened.mode in {"RGB", "RGBA", "P"}


@pytest.mark.parametrize("mode", ["I;16", "L", "1", "LA"])
def test_every_kind_of_grey_stays_what_it_was(mode: str) -> None:
    picture = Image.new(mode, (60, 40))
    picture.paste((255, 255) if mode == "LA" else 65_535 if mode == "I;16" else 255, (0, 0, 30, 40))
    _made, opened = made_of(saved(picture, "PNG"), "image/png")
    grey = opened.convert("L")
    assert (grey.getpixel((10, 20)), grey.getpixel((50, 20))) == (255, 0)
    assert opened.mode in {"L", "1", "LA"}


def test_sixteen_bits_of_grey_become_eight_in_proportion() -> None:
    data = saved(Image.new("I;16", (20, 20), 128 << 8), "PNG")
    made, opened = made_of(data, "image/png")
    assert opened.getpixel((5, 5)) == 128
    assert made.data[24] == 8


def test_a_logo_stays_a_png_with_what_is_transparent() -> None:
    logo = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    ImageDraw.Draw(logo).ellipse((50, 50, 250, 150), (200, 0, 0, 255))
    for form, mime in (("PNG", "image/png"), ("WEBP", "image/webp")):
        made, opened = made_of(saved(logo, form, lossless=True), mime, replace(PHOTOS, width=150))
        assert (made.mime, made.width, made.height) == ("image/png", 150, 100)
        assert opened.convert("RGBA").getpixel((2, 2))[3] == 0  # type: ignore[index]


def test_what_is_transparent_turns_white_where_only_jpeg_is_taken() -> None:
    logo = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    made, opened = made_of(saved(logo, "PNG"), "image/png", replace(PHOTOS, mimes=("image/jpeg",)))
    assert (made.mime, opened.getpixel((9, 9))) == ("image/jpeg", (255, 255, 255))


def test_a_colour_of_a_palette_may_be_transparent() -> None:
    data = saved(corners(mode="P"), "GIF", transparency=corners(mode="P").getpixel((1, 1)))
    _made, opened = made_of(data, "image/gif")
    assert opened.convert("RGBA").getpixel((1, 1))[3] == 0  # type: ignore[index]


def test_colours_of_another_profile_are_made_those_of_srgb() -> None:
    for mode in ("RGB", "RGBA"):
        picture = corners(mode=mode)
        if mode == "RGBA":
            picture.putpixel((0, 0), (0, 0, 0, 0))
        data = saved(picture, "PNG", icc_profile=swapped_profile())
        made, opened = made_of(data, "image/png", replace(PHOTOS, width=80))
        assert "icc_profile" not in opened.info
        assert corner_colours(made.data) == ("lime", "red", "blue", "yellow")


def test_a_profile_stays_where_nothing_else_must_be_changed() -> None:
    made, opened = made_of(saved(corners(), "JPEG", icc_profile=swapped_profile()), "image/jpeg")
    assert opened.info["icc_profile"] == swapped_profile()
    assert corner_colours(made.data) == CORNERS


@pytest.mark.parametrize("profile", [srgb_profile(), lab_profile(), b"no profile"])
def test_a_profile_that_changes_nothing_or_does_not_fit_is_left_out(profile: bytes) -> None:
    data = saved(corners(), "JPEG", exif=exif(3), icc_profile=profile)
    made, opened = made_of(data, "image/jpeg")
    assert "icc_profile" not in opened.info
    assert corner_colours(made.data) == CORNERS[2:] + CORNERS[:2]


@pytest.mark.parametrize("most", [120_000, 60_000, 30_000, 4_000, 600])
def test_a_photo_is_made_as_good_as_the_size_allows(most: int) -> None:
    data = as_jpeg(photo((500, 400)), quality=97, subsampling=0)
    made, opened = made_of(data, "image/jpeg", replace(PHOTOS, size=most))
    assert len(made.data) <= most
    assert opened.size == (made.width, made.height)
    if most >= 60_000:
        assert opened.size == (500, 400)
        assert len(made.data) > most * 0.7
        assert opened.info["progressive"]


@pytest.mark.parametrize("best", [95, 94, 90, 89, 84, 76, 75, 60])
def test_the_best_quality_that_fits_is_found_with_few_tries(best: int) -> None:
    tried: list[int] = []

    def encode(quality: int) -> bytes:
        tried.append(quality)
        return bytes(quality)

    assert len(pictures._best(encode, most=best)) == max(best, 75)
    assert len(tried) <= 6


def test_a_drawing_too_large_as_png_becomes_a_jpeg_of_full_colour() -> None:
    data = saved(photo((300, 300)), "PNG")
    made, opened = made_of(data, "image/png", replace(PHOTOS, size=40_000))
    assert (made.mime, opened.size) == ("image/jpeg", (300, 300))


@pytest.mark.parametrize(
    ("limits", "size"),
    [
        ({"pixels": 600_000}, (948, 632)),
        ({"width": 600}, (600, 400)),
        ({"height": 100}, (150, 100)),
        ({"width": 600, "height": 300}, (450, 300)),
        ({"width": 1200, "height": 800, "pixels": 960_000}, (1200, 800)),
    ],
)
def test_a_picture_is_scaled_only_as_far_as_it_must(
    limits: dict[str, Any], size: tuple[int, int]
) -> None:
    made, _opened = made_of(as_jpeg(corners((1200, 800))), "image/jpeg", replace(PHOTOS, **limits))
    assert (made.width, made.height) == size
    assert corner_colours(made.data) == CORNERS


def test_the_smallest_picture_goes_out_and_one_that_cannot_is_refused() -> None:
    made, _opened = made_of(saved(Image.new("RGB", (1, 1)), "GIF"), "image/gif")
    assert (made.width, made.height) == (1, 1)
    with pytest.raises(MediaError, match="cannot be made small enough"):
        made_of(as_jpeg(corners()), "image/jpeg", replace(PHOTOS, size=10))


def test_where_no_jpeg_is_taken_a_png_is_made_smaller() -> None:
    takes = Takes(("image/png",), 20_000)
    made, _opened = made_of(as_jpeg(photo((300, 300))), "image/jpeg", takes)
    assert (made.mime, made.width < 300) == ("image/png", True)


# --- animations, videos, documents ----------------------------------------------------------------


def test_an_animation_keeps_its_frames_and_loses_its_comment(fit: Fit) -> None:
    found, made = fit(as_gif(5), "a.gif", GIFS)
    assert (found.mime, found.width, found.height) == ("image/gif", 32, 24)
    assert SECRETS[1] not in made
    with Image.open(io.BytesIO(made)) as opened:
        assert getattr(opened, "n_frames", 0) == 5


FILM = Facts(Sort.VIDEO, "video/mp4", 5000, 1280, 720, 250, 10, 25)


@pytest.mark.parametrize(
    ("facts", "takes", "said"),
    [
        (
            replace(FILM, seconds=190),
            FILMS,
            "The video a lasts 190 seconds; X takes at most 140. Cut it.",
        ),
        (replace(FILM, seconds=140.25), FILMS, "lasts 140.25 seconds; X takes at most 140."),
        (replace(FILM, seconds=0.25), FILMS, "lasts 0.25 seconds; X takes only 0.5 or more."),
        (
            replace(FILM, mime="video/quicktime"),
            FILMS,
            "a is of the kind QuickTime; X takes only MP4. Export it as that.",
        ),
        (
            replace(FILM, width=1920, height=1080),
            FILMS,
            "a has 1920 × 1080 pixels; X takes at most 1280 × 1024. Make it smaller.",
        ),
        (replace(FILM, frames_a_second=120.1), FILMS, "shows 120 pictures a second; X takes at"),
        (replace(FILM, size=600 << 20), FILMS, "a has 600 MB; X takes at most 512. Make it"),
        (replace(FILM, size=9), replace(FILMS, least_size=75 << 10), "X takes only files of 75"),
        (
            Facts(Sort.ANIMATION, "image/gif", 9, 1080, 1280, 9),
            GIFS,
            "a has 1080 × 1280 pixels; X takes at most 1280 × 1080.",
        ),
        (
            Facts(Sort.ANIMATION, "image/gif", 9, 32, 24, 400),
            GIFS,
            "a has 400 frames; X takes at most 350. Make it shorter, or an MP4 video.",
        ),
        (
            Facts(Sort.ANIMATION, "image/gif", 9, 1000, 1000, 2),
            replace(GIFS, pixels=500_000),
            "a has 1000 × 1000 pixels; X takes at most 500000 in all.",
        ),
        (
            Facts(Sort.DOCUMENT, "application/pdf", 9, pages=301),
            Takes(("application/pdf",), 100, pages=300),
            "a has 301 pages; X takes at most 300. Name a shorter file.",
        ),
    ],
)
def test_what_is_outside_a_networks_limits_is_refused_with_the_limit(
    tmp_path: Path, facts: Facts, takes: Takes, said: str
) -> None:
    with pytest.raises(MediaError) as caught:
        fitted(tmp_path / "a", facts, takes, tmp_path, "X")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "facts",
    [
        FILM,
        replace(FILM, seconds=140),
        replace(FILM, width=720, height=1280),  # X recommends it, as high as it is
        replace(FILM, frames_a_second=60.02),
    ],
)
def test_a_film_within_the_limits_goes_out_as_it_is(tmp_path: Path, facts: Facts) -> None:
    path = written(tmp_path, "a.mp4", as_mp4())
    assert fitted(path, facts, FILMS, tmp_path).path == path


@pytest.mark.parametrize("last", [False, True])
def test_a_film_no_longer_says_where_and_by_whom(fit: Fit, last: bool) -> None:
    data = as_mp4(private=True, description_last=last, seconds=20)
    found, made = fit(data, "a.mp4", FILMS)
    for secret in (*SECRETS, b"+48.8577", b"xyz", (3_700_000_000).to_bytes(4, "big")):
        assert secret not in made
    assert len(made) == len(data)
    assert made[made.index(b"mdat") :][:1000] == data[data.index(b"mdat") :][:1000]
    assert facts_of(found.path.rename(found.path.with_suffix(".mp4"))).seconds == 20


def test_a_document_goes_out_as_it_is(fit: Fit) -> None:
    data = as_pdf(2)
    assert fit(data, "a.pdf", Takes(("application/pdf",), 1 << 20, pages=300))[1] == data
