"""`make screenshots`: the pictures of the README, from a rehearsal, by a headless Chromium.

Debian: apt-get install chromium fonts-noto-cjk fonts-noto-color-emoji
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PICTURES = Path(__file__).parent.parent / "docs" / "pictures"
PAVOIS = str(Path(sys.executable).parent / "pavois")

#: Without the background flags Chromium calls home at every start.
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str:
    """The browser's path, or ""."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or ""


def picture(page: Path, file: Path, width: int, height: int) -> None:
    """A picture of *page* as a browser shows it. Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                chromium(),
                *FLAGS,
                f"--user-data-dir={profile}",
                f"--window-size={width},{height}",
                f"--screenshot={file}",
                page.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=120,
        )


def main() -> None:
    """Rehearse, and make the three pictures."""
    if not chromium():
        sys.exit("chromium is not installed")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        rehearsal = Path(folder) / "rehearsal"
        subprocess.run(
            [PAVOIS, "demo", "--dir", str(rehearsal)],
            check=True,
            capture_output=True,
            env={**os.environ, "PAVOIS_LANGUAGE": "fr"},
        )
        picture(rehearsal / "x.html", PICTURES / "x.png", 720, 1000)
        picture(rehearsal / "linkedin.html", PICTURES / "linkedin.png", 720, 1000)
        report = max((rehearsal / "reports").glob("*.fr.html"))
        picture(report, PICTURES / "report.png", 1000, 1500)


if __name__ == "__main__":
    main()
