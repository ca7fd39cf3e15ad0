"""What people install: the built wheel, in an environment that has nothing else of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UV = Path(sys.executable).parent / "uv"

needs_everything = pytest.mark.skipif(
    not os.environ.get("REQUIRE_ALL"),
    reason="builds and installs the wheel: make test REQUIRE_ALL=1, which needs a package index",
)


@needs_everything
def test_the_wheel_rehearses_in_an_empty_environment(tmp_path: Path) -> None:
    _run(UV, "build", "--quiet", "--wheel", "--out-dir", tmp_path / "dist", ROOT)
    wheel = next((tmp_path / "dist").glob("pavois-*.whl"))
    python = tmp_path / "venv" / "bin" / "python"
    _run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv")
    lock = ROOT / "requirements.lock"
    _run(UV, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", lock)
    _run(UV, "pip", "install", "-q", "--python", python, "--no-deps", wheel)

    said = _run(python.parent / "pavois", "demo", "--weeks", "1", "--dir", tmp_path / "rehearsal")
    assert "published" in said
    assert list((tmp_path / "rehearsal" / "reports").glob("*.ko.html"))

    (tmp_path / "town").mkdir()
    _run(python.parent / "pavois", "init", cwd=tmp_path / "town")
    assert "✗" not in _run(python.parent / "pavois", "check", cwd=tmp_path / "town")


@needs_everything
def test_a_browser_shows_the_pages(tmp_path: Path) -> None:
    from tests import screenshots

    assert screenshots.chromium(), "Chromium is needed: .ci/run installs it"
    _run(Path(sys.executable).parent / "pavois", "demo", "--weeks", "1", "--dir", tmp_path / "r")
    for page in [*(tmp_path / "r").glob("*.html"), *(tmp_path / "r" / "reports").glob("*.html")]:
        picture = tmp_path / f"{page.stem}.png"
        screenshots.picture(page, picture, 800, 1000)
        # An empty white page of this size compresses to less than 5 kB.
        assert picture.stat().st_size > 20_000, f"{page.name} looks empty"


def _run(*command: object, cwd: Path = ROOT) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        env={**os.environ, "PAVOIS_LANGUAGE": "en"},
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout
