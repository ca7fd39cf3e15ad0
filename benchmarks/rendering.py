"""How many announcements a second become texts for two networks and three languages."""

from __future__ import annotations

import time
from pathlib import Path

from bot.announcements import read_announcement
from bot.app import make_app
from bot.campaigns import announcement_files
from bot.config import load_config


def main(*, brief: bool = False) -> None:
    app = make_app(load_config(None, Path("/nonexistent")))
    announcements = [
        read_announcement(path, app.campaign) for path in announcement_files(app.config.campaign)
    ]
    for announcement in announcements:  # compiles the templates
        app.preview(announcement)
    rounds = 1 if brief else 20
    began = time.perf_counter()
    for _ in range(rounds):
        for announcement in announcements:
            app.preview(announcement)
    took = time.perf_counter() - began
    done = rounds * len(announcements)
    print(
        f"rendering: {done / took:.0f} announcements a second, each for 2 networks and 3 languages "
        f"({done * 6 / took:.0f} texts a second)"
    )


if __name__ == "__main__":
    main()
