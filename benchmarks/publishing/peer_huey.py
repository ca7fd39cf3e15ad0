"""huey on SQLite as it comes (each dequeue a durable commit), one worker thread.

peer_huey drain FOLDER POSTS [URL]
peer_huey late FOLDER START SECONDS POSTS
"""

from __future__ import annotations

import logging
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from huey import SqliteHuey

from benchmarks.publishing import work
from benchmarks.publishing.child import tell


def main(what: str, folder: str, *arguments: str) -> None:
    logging.disable(logging.WARNING)
    (drain if what == "drain" else late)(Path(folder, "huey.db"), *arguments)


def drain(path: Path, posts: str, url: str = "") -> None:
    call = work.caller(url)
    left = work.Countdown(int(posts))

    def job() -> None:
        call()
        left.down()

    _fill(path, job, int(posts))
    huey = SqliteHuey(filename=str(path))
    huey.task()(job)
    consumer = huey.create_consumer(workers=1, periodic=False)
    began = time.perf_counter()
    consumer.start()
    seconds = left.wait() - began
    consumer.stop(graceful=True)
    tell(seconds=seconds, posts=int(posts))


def _fill(path: Path, job: Any, posts: int) -> None:
    """By another one without fsync: how long queueing takes is not asked here."""
    huey = SqliteHuey(filename=str(path), fsync=False)
    task = huey.task()(job)
    for _post in range(posts):
        task()
    huey.storage.close()


def late(path: Path, start: str, seconds: str, posts: str) -> None:
    dues = work.spread(float(start), float(seconds), int(posts))
    sent = [0.0] * len(dues)
    left = work.Countdown(len(dues))

    def job(index: int) -> None:
        sent[index] = time.time()
        left.down()

    huey = SqliteHuey(filename=str(path))
    task = huey.task()(job)
    for index, due in enumerate(dues):
        task.schedule(args=(index,), eta=datetime.fromtimestamp(due, UTC))
    consumer = huey.create_consumer(workers=1, periodic=False)
    consumer.start()
    left.wait()
    consumer.stop(graceful=True)
    tell(**work.late(dues, sent))


if __name__ == "__main__":
    main(*sys.argv[1:])
