from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from bot.media.bare import bare_gif, bare_jpeg, bare_png
from tests.media_files import SECRETS, as_gif, as_jpeg, as_png, corners, photo, saved

PICTURE = photo((90, 70))


def pixels(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as opened:
        return opened.convert("RGBA")


def secrets_in(data: bytes) -> list[bytes]:
    return [secret for secret in SECRETS if secret in data]


@pytest.mark.parametrize(
    "options",
    [{}, {"progressive": True}, {"subsampling": 0, "restart_marker_rows": 1}, {"optimize": True}],
)
def test_a_jpeg_loses_its_metadata_and_no_pixel(options: dict[str, Any]) -> None:
    whole = as_jpeg(PICTURE, **options)
    bare = bare_jpeg(whole)
    assert len(secrets_in(whole)) == 3
    assert secrets_in(bare) == []
    assert ImageChops.difference(pixels(whole), pixels(bare)).getbbox() is None
    assert len(bare) < len(whole)


def test_a_jpeg_keeps_the_profile_of_its_colours() -> None:
    bare = bare_jpeg(as_jpeg(PICTURE, icc_profile=b"profile" * 20_000))
    with Image.open(io.BytesIO(bare)) as opened:
        assert opened.info["icc_profile"] == b"profile" * 20_000
        assert "exif" not in opened.info


def test_a_cmyk_jpeg_keeps_the_note_that_says_how_to_read_it() -> None:
    whole = saved(corners(mode="CMYK"), "JPEG")
    assert b"Adobe" in bare_jpeg(whole)
    assert ImageChops.difference(pixels(whole), pixels(bare_jpeg(whole))).getbbox() is None


def test_what_follows_a_jpegs_end_is_left_out() -> None:
    whole = saved(PICTURE, "JPEG")
    assert bare_jpeg(whole + b"ftypmp42 a moving photo" + SECRETS[0]) == bare_jpeg(whole)


def test_a_thumbnail_in_a_jpegs_head_is_left_out() -> None:
    whole = saved(PICTURE, "JPEG")
    head = b"\xff\xe0\x00\x13" + whole[6:18] + b"\1\1" + b"RGB"
    assert bare_jpeg(whole[:2] + head + whole[20:]) == bare_jpeg(whole)


def test_a_png_loses_its_metadata_and_no_pixel() -> None:
    for mode in ("RGB", "RGBA", "P", "L", "1"):
        whole = as_png(corners(mode=mode), icc_profile=b"profile")
        bare = bare_png(whole)
        assert len(secrets_in(whole)) == 3
        assert secrets_in(bare) == []
        assert ImageChops.difference(pixels(whole), pixels(bare)).getbbox() is None
        assert b"iCCP" in bare


def test_a_moving_png_becomes_its_first_picture() -> None:
    whole = saved(corners(), "PNG", save_all=True, append_images=[corners((96, 64), "L")])
    with Image.open(io.BytesIO(bare_png(whole))) as opened:
        assert getattr(opened, "n_frames", 1) == 1


def test_a_gif_keeps_frames_times_and_loops() -> None:
    whole = as_gif(4)
    bare = bare_gif(whole + SECRETS[0])
    assert (bare.width, bare.height, bare.frames) == (32, 24, 4)
    assert secrets_in(bare.data) == []
    with Image.open(io.BytesIO(whole)) as old, Image.open(io.BytesIO(bare.data)) as new:
        assert old.info["loop"] == new.info["loop"]
        for frame in range(4):
            old.seek(frame)
            new.seek(frame)
            assert old.info["duration"] == new.info["duration"]
            assert ImageChops.difference(old.convert("RGB"), new.convert("RGB")).getbbox() is None


def test_a_note_of_a_program_in_a_gif_is_left_out() -> None:
    whole = as_gif(2)
    note = b"!\xff\x0bXMP DataXMP" + bytes([len(SECRETS[0])]) + SECRETS[0] + b"\0"
    at = whole.index(b"!\xff")
    assert bare_gif(whole[:at] + note + whole[at:]).data == bare_gif(whole).data


@pytest.mark.parametrize(
    ("bare", "whole"),
    [(bare_jpeg, as_jpeg(PICTURE)), (bare_png, as_png(PICTURE)), (bare_gif, as_gif(3))],
)
def test_what_is_bare_stays_as_it_is_and_what_is_cut_off_is_refused(
    bare: object, whole: bytes
) -> None:
    assert callable(bare)
    once = bare(whole)
    once = getattr(once, "data", once)
    again = bare(once)
    assert getattr(again, "data", again) == once
    for length in range(0, len(once), max(1, len(once) // 60)):
        with pytest.raises(ValueError, match=r"\w"):
            bare(once[:length])


@given(st.binary(max_size=300), st.sampled_from([bare_jpeg, bare_png, bare_gif]))
def test_no_bytes_whatever_lead_further_astray_than_an_error(data: bytes, bare: object) -> None:
    assert callable(bare)
    starts = {bare_jpeg: b"\xff\xd8", bare_png: b"\x89PNG\r\n\x1a\n", bare_gif: b"GIF89a"}
    try:
        made = bare(starts[bare] + data)
    except ValueError:
        return
    assert len(getattr(made, "data", made)) <= len(data) + 20
