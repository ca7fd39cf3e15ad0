"""How many posts a SIGKILL in the middle leaves in the air."""

from __future__ import annotations

import random
import shutil
import sqlite3
import statistics
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.publishing import ours
from benchmarks.publishing.child import answering, started
from benchmarks.publishing.table import table

KILLS = 10
SPEAKERS = 100
#: How long it may send before it is killed, in seconds.
SENDS = 0.1, 1.0
BRIEF = 0.05, 0.2
#: Posts that somebody sends, and whether the call may have been made: what becomes uncertain.
IN_THE_AIR = """
SELECT count(*), coalesce(sum(EXISTS (
    SELECT * FROM attempts
    WHERE attempts.post_id = posts.id AND attempts.number = posts.attempts
      AND attempts.state = 'sending')), 0),
    (SELECT count(*) FROM posts WHERE state = 'published')
FROM posts WHERE state = 'sending'
"""


def main(folder: Path, posts: int, *, brief: bool) -> None:
    kills, sends = (1, BRIEF) if brief else (KILLS, SENDS)
    template = folder / "template"
    template.mkdir()
    ours.filled(template, ours.campaign_of(SPEAKERS), [datetime.now(UTC)] * posts)
    with answering() as url:
        rows = [
            _row(name, [_killed(template, to, random.uniform(*sends)) for _kill in range(kills)])
            for name, to in (("the network answers at once", ""), ("through requests", url))
        ]
    table(
        f"SIGKILL while {posts:,} posts of {SPEAKERS} accounts go out ({kills} each): posts left",
        ("", "uncertain, mean", "most", "claimed, mean", "most", "out by then, mean"),
        rows,
    )


def _killed(template: Path, url: str, seconds: float) -> tuple[int, int, int]:
    """Posts claimed, those of them that are uncertain, posts out, after a kill in mid-sending."""
    place = template.parent / "killed"
    shutil.copytree(template, place)
    sender = started("ours", "drain", place, SPEAKERS, "--say-when", "--url", url)
    assert sender.stdout
    sender.stdout.readline()
    time.sleep(seconds)
    sender.kill()
    sender.communicate()
    with closing(sqlite3.connect(ours.database(place))) as base:
        claimed, uncertain, out = base.execute(IN_THE_AIR).fetchone()
    shutil.rmtree(place)
    return claimed, uncertain, out


def _row(name: str, left: list[tuple[int, int, int]]) -> tuple[str, ...]:
    claimed, uncertain, out = zip(*left, strict=True)
    return (
        name,
        f"{statistics.mean(uncertain):.1f}",
        f"{max(uncertain)}",
        f"{statistics.mean(claimed):.1f}",
        f"{max(claimed)}",
        f"{statistics.mean(out):,.0f}",
    )
