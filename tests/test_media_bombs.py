from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from PIL import Image

from bot.attached import Sort
from bot.errors import MediaError
from bot.media.decoder import LOOK_MEMORY, Answer, Limits, ask, limits_for
from tests.media_bombs import EVERYTHING, bombs
from tests.media_files import as_jpeg, corners, written

#: Seconds within which each must be done with, on a machine that does nothing else.
MOST_SECONDS = 5
FIT = {"mime": "image/jpeg", "takes": asdict(EVERYTHING[Sort.PICTURE]), "moving": False}
#: Some of them are only odd: they are read for what they are.
HARMLESS = {
    "dictionaries-in-dictionaries.pdf",
    "exif-that-leads-back.jpg",
    "noise-as-code.gif",
    "pixels-of-200-mb-for-one.png",
    "says-5000-by-5000.jpg",
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    folder = tmp_path_factory.mktemp("bombs")
    for name, data in bombs().items():
        written(folder, name, data)
    done = subprocess.run(
        [sys.executable, "-m", "tests.media_bombs", str(folder)],
        capture_output=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    return dict(json.loads(done.stdout))


def rows(outcome: dict[str, object]) -> list[tuple[str, str, float]]:
    found = outcome["outcomes"]
    assert isinstance(found, list)
    assert len(found) > 120
    return [(str(name), str(said), float(seconds)) for name, said, seconds in found]


def test_a_file_made_to_do_harm_is_refused_with_its_name(outcome: dict[str, object]) -> None:
    read = {name for name, said, _seconds in rows(outcome) if not said.endswith(".")}
    assert read <= HARMLESS
    assert [name for name, said, _s in rows(outcome) if name not in read and name not in said] == []


def test_a_file_made_to_do_harm_takes_little_memory(outcome: dict[str, object]) -> None:
    assert int(str(outcome["children"])) <= LOOK_MEMORY >> 20  # MiB resident, of any worker
    assert int(str(outcome["own"])) <= 64


def test_a_file_made_to_do_harm_takes_little_time(outcome: dict[str, object]) -> None:
    # Of the others that share the machine: two at a time, on as many processors as there are free.
    busy = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    slow = [row for row in rows(outcome) if row[2] > MOST_SECONDS * busy]
    assert slow == []


def test_whatever_is_cut_off_is_refused(outcome: dict[str, object]) -> None:
    cut = [(name, said) for name, said, _s in rows(outcome) if name.startswith("cut-off")]
    assert len(cut) == 63
    assert [name for name, said in cut if name not in said] == []


# --- the worker's limits --------------------------------------------------------------------------


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return written(tmp_path, "photo.jpg", as_jpeg(corners((600, 400))))


def test_the_worker_answers(photo: Path) -> None:
    assert ask("look", photo, "photo.jpg", Limits(), mime="image/jpeg") == Answer(600, 400, 1)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(memory=96 << 20), "photo.jpg needs too much memory to be read. Make it smaller."),
        (Limits(seconds=0), "photo.jpg is damaged, or made so that it takes too long"),
        (Limits(output=1), "photo.jpg is damaged, or made so that it takes too long"),
    ],
)
def test_a_worker_that_may_use_no_more_is_told_of(
    tmp_path: Path, limits: Limits, said: str
) -> None:
    photo = written(tmp_path, "photo.jpg", as_jpeg(Image.new("RGB", (5000, 4000))))
    with (tmp_path / "out").open("wb") as target, pytest.raises(MediaError) as caught:
        ask("fit", photo, "photo.jpg", limits, target=target, **FIT)
    assert str(caught.value).startswith(said)


def test_what_the_worker_makes_is_bounded(photo: Path, tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as target, pytest.raises(MediaError):
        ask("fit", photo, "photo.jpg", Limits(output=500), target=target, **FIT)
    assert (tmp_path / "out").stat().st_size <= 500


def test_a_larger_picture_is_given_more_memory_and_time() -> None:
    small, large = limits_for(0, 0), limits_for(50_000_000, 0)
    assert small.memory == LOOK_MEMORY
    assert large.memory < 1 << 30  # what a small machine can spare
    assert large.seconds > small.seconds


PROBE = """
import json, os, socket, sys
from bot.media import worker
sys.argv[1:] = [json.dumps({"task": "look", "mime": "image/jpeg", "name": "", "target": TARGET,
    "limits": {"memory": 1 << 28, "seconds": 5, "output": 1000}})]
request = json.loads(sys.argv[1])
worker._task(request)
worker._limit(request)
for attempt in (socket.socket, os.pipe, lambda: open("/etc/hostname")):
    try:
        attempt()
    except OSError as error:
        print(error.errno)
    else:
        print("opened")
"""


@pytest.mark.parametrize("target", [None, 11])
def test_the_worker_can_open_neither_a_file_nor_a_connection(
    tmp_path: Path, target: int | None
) -> None:
    script = PROBE.replace("TARGET", repr(target))
    opening = "" if target is None else f"import os; os.dup2(1, {target});"
    done = subprocess.run(
        [sys.executable, "-c", opening + script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["24"] * 3  # EMFILE
