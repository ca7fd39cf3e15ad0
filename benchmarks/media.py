"""A photo of 12 megapixels made to fit each network: time, size, what is lost, memory.

What is lost is told as PSNR, in decibels, against the photo itself at the same size; Pillow's own
`save`, which takes quality 75, stands beside it. The photo is made here: soft shapes, and grain.
"""

from __future__ import annotations

import io
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageChops

from bot.attached import Sort
from bot.compose.rules import Takes
from bot.media import prepare
from bot.media.store import MediaStore
from bot.networks.linkedin.rules import LinkedInRules
from bot.networks.x.rules import XRules

SIZE = (4032, 3024)


def main(*, brief: bool = False) -> None:
    width, height = (SIZE[0] // 8, SIZE[1] // 8) if brief else SIZE
    photo = _photo((width, height))
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "photo.jpg")
        exif = Image.Exif()
        exif[0x0112] = 6  # held upright: it must be turned, and so encoded anew
        photo.save(path, quality=98, subsampling=0, exif=exif)
        upright = photo.transpose(Image.Transpose.ROTATE_270)
        megabytes = path.stat().st_size / 2**20
        print(f"media: a photo of {width * height / 1e6:.1f} megapixels, {megabytes:.1f} MiB")
        for network, rules in (("X", XRules().takes), ("LinkedIn", LinkedInRules().takes)):
            _measure(network, rules, path, upright)
        print(f"  most memory of the decoder: {_peak_of_worker(path)} MiB resident")
    usual = io.BytesIO()
    upright.save(usual, "JPEG")
    print(f"  Pillow's own save: {usual.tell() / 2**20:.1f} MiB, {_psnr(upright, usual):.1f} dB")


def _measure(network: str, takes: Mapping[Sort, Takes], path: Path, upright: Image.Image) -> None:
    store = MediaStore(path.parent / "store")
    began = time.perf_counter()
    made = prepare(path, takes, store)
    first = time.perf_counter() - began
    began = time.perf_counter()
    prepare(path, takes, store)
    again = time.perf_counter() - began
    with store.open(made.sha256) as kept:
        lost = _psnr(upright, io.BytesIO(kept.read()))
    print(
        f"  {network}: {first:.2f} s, again {again * 1000:.0f} ms; {made.width} × {made.height}, "
        f"{made.size / 2**20:.1f} of {takes[Sort.PICTURE].size / 2**20:.0f} MiB, {lost:.1f} dB"
    )


def _photo(size: tuple[int, int]) -> Image.Image:
    """Soft shapes in three colours, and the grain of a sensor."""
    small = (size[0] // 24, size[1] // 24)
    soft = [
        Image.effect_noise(small, 90).resize(size, Image.Resampling.BICUBIC) for _rgb in range(3)
    ]
    grain = Image.effect_noise(size, 25).convert("RGB")
    return Image.blend(Image.merge("RGB", soft), grain, 0.25)


def _psnr(original: Image.Image, made: io.BytesIO) -> float:
    made.seek(0)
    with Image.open(made) as opened:
        counts = ImageChops.difference(original, opened.convert("RGB")).histogram()
    squares = sum(count * (level % 256) ** 2 for level, count in enumerate(counts))
    mean = squares / (original.width * original.height * 3)
    return 10 * math.log10(255**2 / mean) if mean else math.inf


def _peak_of_worker(path: Path) -> int:
    """Measured from a small process: a child's figure counts what its parent held at its birth."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.media", str(path)],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(done.stdout)


def _print_peak(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prepare(path, XRules().takes, MediaStore(Path(folder)))
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _print_peak(Path(sys.argv[1]))
    else:
        main()
