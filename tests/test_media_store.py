from __future__ import annotations

import hashlib
import io
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pytest

from bot.errors import MediaError
from bot.media.store import LEFT_AFTER, UNFINISHED, MediaStore

BYTES = b"a picture" * 1000
HASH = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> MediaStore:
    return MediaStore(tmp_path / "media")


def files_in(store: MediaStore) -> list[str]:
    return sorted(path.name for path in store.folder.rglob("*") if path.is_file())


def test_a_file_is_kept_once_by_what_it_holds(store: MediaStore, tmp_path: Path) -> None:
    (tmp_path / "visit.jpg").write_bytes(BYTES)
    assert store.put(tmp_path / "visit.jpg") == HASH
    assert store.put(io.BytesIO(BYTES)) == HASH
    assert files_in(store) == [HASH]
    assert store.path(HASH) == store.folder / HASH[:2] / HASH
    assert stat.S_IMODE(store.path(HASH).stat().st_mode) == 0o600
    with store.open(HASH) as kept:
        assert kept.read() == BYTES


def test_what_is_kept_can_be_listed(store: MediaStore) -> None:
    assert list(store.kept()) == []
    store.put(io.BytesIO(BYTES))
    store.write("made/of-it.json", b"{}")
    (store.folder / HASH[:2] / f"{UNFINISHED}x").write_bytes(b"half")
    assert list(store.kept()) == [store.path(HASH)]


def test_what_is_not_kept_is_told(store: MediaStore) -> None:
    for sha256 in (HASH, "", "../../etc/passwd", HASH.upper()):
        assert not store.has(sha256)
        with pytest.raises(MediaError, match="no longer kept"):
            store.path(sha256)
        with pytest.raises(MediaError, match="no longer kept"):
            store.open(sha256)


@pytest.mark.parametrize("spoilt", [BYTES[:-1], BYTES[:-1] + b"!", b""])
def test_what_was_changed_on_the_disk_is_found_and_mended_by_keeping_it_again(
    store: MediaStore, spoilt: bytes
) -> None:
    store.put(io.BytesIO(BYTES))
    store.path(HASH).write_bytes(spoilt)
    with pytest.raises(MediaError, match="was changed on the disk"):
        store.open(HASH)
    assert not store.has(HASH)
    store.put(io.BytesIO(BYTES))
    with store.open(HASH) as kept:
        assert kept.read() == BYTES


class Breaking(io.BytesIO):
    """Gives some bytes, looks at what is there, and breaks."""

    def __init__(self, store: MediaStore) -> None:
        super().__init__(BYTES)
        self.store = store
        self.seen: list[str] = []

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            self.seen = files_in(self.store)
            raise OSError(5, "Input/output error")
        return super().read(100)


def test_a_half_written_file_cannot_be_seen_and_leaves_nothing(store: MediaStore) -> None:
    source = Breaking(store)
    with pytest.raises(MediaError) as caught:
        store.put(source)
    assert "cannot be written to: Input/output error." in str(caught.value)
    assert [name.startswith(UNFINISHED) for name in source.seen] == [True]
    assert files_in(store) == []


def test_what_a_crash_left_is_swept_after_an_hour(store: MediaStore) -> None:
    store.put(io.BytesIO(b"first"))
    old, young = (store.folder / f"{UNFINISHED}{name}" for name in ("old", "young"))
    workshop = store.folder / f"{UNFINISHED}workshop"
    workshop.mkdir()
    for path in (old, young, workshop / "half"):
        path.write_bytes(b"half")
    now = young.stat().st_mtime
    for path in (old, workshop):
        os.utime(path, (now - LEFT_AFTER - 60, now - LEFT_AFTER - 60))
    store.put(io.BytesIO(b"second"))
    left = [path.name for path in store.folder.iterdir() if path.name.startswith(UNFINISHED)]
    assert left == [young.name]


def test_many_may_keep_the_same_at_once(store: MediaStore) -> None:
    def put(number: int) -> str:
        return MediaStore(store.folder).put(io.BytesIO(BYTES + bytes([number % 2])))

    with ThreadPoolExecutor(8) as many:
        kept = set(many.map(put, range(40)))
    assert sorted(kept) == files_in(store)
    assert len(kept) == 2
    for sha256 in kept:
        store.open(sha256).close()


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file")
    store = MediaStore(tmp_path / "media")
    with pytest.raises(MediaError, match="cannot be written to: "):
        store.put(io.BytesIO(BYTES))
    with pytest.raises(MediaError, match="cannot be written to: "), store.workshop():
        raise AssertionError("there is no workshop")


def test_a_workshop_is_gone_afterwards(store: MediaStore) -> None:
    with store.workshop() as folder:
        (folder / "half").write_bytes(b"half")
        assert folder.parent == store.folder
    assert list(store.folder.iterdir()) == []


def test_a_stream_is_read_from_where_it_stands(store: MediaStore) -> None:
    source: BinaryIO = io.BytesIO(b"skip" + BYTES)
    source.seek(4)
    assert store.put(source) == HASH
