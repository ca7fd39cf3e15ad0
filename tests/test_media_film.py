from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import MediaError
from bot.media.film import Film, measured, private_parts
from tests.media_files import as_mp4, box, written


@pytest.fixture
def measure(tmp_path: Path) -> Callable[[bytes], Film]:
    def read(data: bytes) -> Film:
        with written(tmp_path, "film.mp4", data).open("rb") as file:
            return measured(file, "film.mp4")

    return read


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("last", [False, True])
def test_a_film_is_measured(measure: Callable[[bytes], Film], version: int, last: bool) -> None:
    film = measure(as_mp4(seconds=12.5, rate=50, version=version, description_last=last))
    assert film == Film(1280, 720, 12.5, 625, 50.0, ("avc1", "mp4a"))


def test_a_film_of_a_phone_held_upright_is_as_high_as_it_looks(
    measure: Callable[[bytes], Film],
) -> None:
    film = measure(as_mp4(size=(1920, 1080), turned=True, codec=b"hvc1"))
    assert (film.width, film.height, film.codecs[0]) == (1080, 1920, "hvc1")


def test_a_film_whose_track_says_no_size_is_as_large_as_its_pictures(
    measure: Callable[[bytes], Film],
) -> None:
    data = as_mp4(size=(640, 480))
    end = data.index(b"tkhd") - 4 + 92
    assert measure(data[: end - 8] + bytes(8) + data[end:]).width == 640


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (as_mp4(fragments=True), "is made of fragments, so that its length cannot be measured"),
        (as_mp4(sound_only=True), "The video film.mp4 holds no pictures"),
        (as_mp4()[:-1], "The video film.mp4 is cut off or damaged"),
        (as_mp4().replace(b"moov", b"moof"), "The video film.mp4 is cut off or damaged"),
        (as_mp4().replace(b"mdat", b"free"), "The video film.mp4 is cut off or damaged"),
        (as_mp4().replace(b"stbl", b"free"), "The video film.mp4 is cut off or damaged"),
        (as_mp4(seconds=0), "The video film.mp4 is cut off or damaged"),
    ],
)
def test_a_film_that_cannot_be_measured_is_refused(
    measure: Callable[[bytes], Film], data: bytes, said: str
) -> None:
    with pytest.raises(MediaError) as caught:
        measure(data)
    assert said in str(caught.value)


def test_a_box_may_have_a_long_length_or_reach_to_the_end(
    measure: Callable[[bytes], Film],
) -> None:
    ftyp, film = box(b"ftyp", b"isom", bytes(4)), as_mp4()
    moov = film[film.index(b"moov") - 4 : film.index(b"mdat") - 4]
    length = (len(moov) + 8).to_bytes(8, "big")
    long = (1).to_bytes(4, "big") + b"moov" + length + moov[8:]
    assert measure(ftyp + long + bytes(4) + b"mdat" + b"P" * 99).seconds == 10


def test_what_is_private_is_found_and_nothing_else(tmp_path: Path) -> None:
    data = as_mp4(private=True)
    with written(tmp_path, "film.mp4", data).open("rb") as file:
        private = private_parts(file, "film.mp4")
    kinds = sorted(data[at : at + 4] for at in private.renamed)
    assert kinds == [b"meta", b"trak", b"udta", b"uuid"]
    assert all(0 < start < end <= len(data) for start, end in private.zeroed)
    with written(tmp_path, "film.mp4", as_mp4()).open("rb") as file:
        assert private_parts(file, "film.mp4").renamed == []
        assert private_parts(file, "film.mp4").zeroed == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0), st.binary(min_size=1, max_size=12))
def test_no_bytes_whatever_lead_further_astray_than_a_refusal(
    tmp_path: Path, place: int, spoilt: bytes
) -> None:
    whole = as_mp4(private=True)
    at = place % len(whole)
    data = whole[:at] + spoilt + whole[at + len(spoilt) :]
    with written(tmp_path, "film.mp4", data).open("rb") as file:
        try:
            film = measured(file, "film.mp4")
            private = private_parts(file, "film.mp4")
        except MediaError:
            return
        assert film.seconds >= 0
        assert all(end <= os.fstat(file.fileno()).st_size for _start, end in private.zeroed)
