from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot import media
from bot.attached import Media, Sort
from bot.errors import MediaError
from bot.media import NotTaken, prepare
from bot.media.convert import fitted
from bot.media.store import MediaStore
from bot.networks.linkedin.rules import LinkedInRules
from bot.networks.x.rules import XRules
from tests.media_files import as_gif, as_jpeg, as_mp4, as_pdf, corners, written

X, LINKEDIN = XRules().takes, LinkedInRules().takes


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "store")


@pytest.mark.parametrize(
    ("name", "data", "sort", "size"),
    [
        ("a.jpg", as_jpeg(corners(), 6), Sort.PICTURE, (96, 64)),
        ("a.gif", as_gif(3), Sort.ANIMATION, (32, 24)),
        ("a.mp4", as_mp4(pictures=80_000), Sort.VIDEO, (1280, 720)),
        ("a.pdf", as_pdf(), Sort.DOCUMENT, (0, 0)),
    ],
)
def test_a_file_is_made_ready_once_and_remembered(
    tmp_path: Path, store: MediaStore, name: str, data: bytes, sort: Sort, size: tuple[int, int]
) -> None:
    path = written(tmp_path, name, data)
    found = prepare(path, LINKEDIN, store)
    assert (found.sort, (found.width, found.height), found.alt, found.title) == (sort, size, "", "")
    with store.open(found.sha256) as kept:
        assert len(kept.read()) == found.size
    began = time.perf_counter()
    assert prepare(path, LINKEDIN, store) == found
    assert time.perf_counter() - began < 0.1


def test_a_network_that_takes_no_such_files_is_told_apart(
    tmp_path: Path, store: MediaStore
) -> None:
    with pytest.raises(NotTaken) as caught:
        prepare(written(tmp_path, "a.pdf", as_pdf()), X, store, network="X")
    assert str(caught.value) == "a.pdf cannot go to X, which takes no files of this sort."
    with pytest.raises(NotTaken, match="cannot go to this network"):
        prepare(tmp_path / "a.pdf", X, store)


def test_what_a_network_cannot_take_is_refused_each_time(tmp_path: Path, store: MediaStore) -> None:
    path = written(tmp_path, "a.mp4", as_mp4(seconds=190))
    for _time in range(2):
        with pytest.raises(MediaError) as caught:
            prepare(path, X, store, network="X")
        assert str(caught.value) == (
            "The video a.mp4 lasts 190 seconds; X takes at most 140. Cut it."
        )


def test_what_was_made_is_made_again_when_it_is_gone_or_cannot_be_read(
    tmp_path: Path, store: MediaStore
) -> None:
    path = written(tmp_path, "a.jpg", as_jpeg(corners()))
    found = prepare(path, X, store)
    store.path(found.sha256).unlink()
    assert prepare(path, X, store) == found
    store.path(found.sha256).write_bytes(b"damaged")
    assert prepare(path, X, store) == found
    store.open(found.sha256).close()
    (memory,) = (store.folder / "made").iterdir()
    for spoilt in (b"[]", memory.read_bytes()[:-9]):
        memory.write_bytes(spoilt)
        assert prepare(path, X, store) == found


def test_other_limits_make_another_file(tmp_path: Path, store: MediaStore) -> None:
    path = written(tmp_path, "a.jpg", as_jpeg(corners()))
    small = {Sort.PICTURE: replace(X[Sort.PICTURE], width=48)}
    assert prepare(path, X, store).width == 96
    assert prepare(path, small, store).width == 48
    path.write_bytes(as_jpeg(corners((48, 32))))
    assert prepare(path, X, store).width == 48


def test_a_wrong_name_is_told_even_of_what_is_remembered(tmp_path: Path, store: MediaStore) -> None:
    path = written(tmp_path, "a.jpg", as_jpeg(corners()))
    prepare(path, X, store)
    with pytest.raises(MediaError, match=r"Rename it b\.jpg"):
        prepare(path.rename(tmp_path / "b.png"), X, store)


def test_a_file_that_is_changed_meanwhile_is_not_remembered(
    tmp_path: Path, store: MediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "a.jpg", as_jpeg(corners()))

    def slow(*given: object, **named: object) -> object:
        path.write_bytes(as_jpeg(corners((48, 32))))
        return fitted(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(media, "fitted", slow)
    with pytest.raises(MediaError, match=r"a\.jpg was changed while it was read"):
        prepare(path, X, store)
    monkeypatch.undo()
    assert isinstance(prepare(path, X, store), Media)
