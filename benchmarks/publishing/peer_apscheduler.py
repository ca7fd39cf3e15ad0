"""APScheduler 3.11 with its SQLAlchemyJobStore on SQLite as they come; no job is too late for it.

peer_apscheduler drain FOLDER POSTS [URL]
peer_apscheduler late FOLDER START SECONDS POSTS
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy import create_engine, event

from benchmarks.publishing import work
from benchmarks.publishing.child import tell

#: What a job does: the store keeps its name only.
_job: Callable[[int], None]


def main(what: str, folder: str, *arguments: str) -> None:
    logging.disable(logging.WARNING)
    (drain if what == "drain" else late)(Path(folder, "jobs.db"), *arguments)


def do(index: int) -> None:
    _job(index)


def drain(path: Path, posts: str, url: str = "") -> None:
    global _job  # noqa: PLW0603  the store keeps the name of a function of a module
    call = work.caller(url)
    left = work.Countdown(int(posts))

    def job(_index: int) -> None:
        call()
        left.down()

    _job = job
    _fill(path, [time.time()] * int(posts))
    scheduler = _scheduler(path)
    began = time.perf_counter()
    scheduler.start()
    seconds = left.wait() - began
    scheduler.shutdown()
    tell(seconds=seconds, posts=int(posts))


def late(path: Path, start: str, seconds: str, posts: str) -> None:
    global _job  # noqa: PLW0603  as above
    dues = work.spread(float(start), float(seconds), int(posts))
    sent = [0.0] * len(dues)
    left = work.Countdown(len(dues))

    def job(index: int) -> None:
        sent[index] = time.time()
        left.down()

    _job = job
    _fill(path, dues)
    scheduler = _scheduler(path)
    scheduler.start()
    left.wait()
    scheduler.shutdown()
    tell(**work.late(dues, sent))


def _scheduler(path: Path) -> Any:
    store = SQLAlchemyJobStore(url=f"sqlite:///{path}")
    return BackgroundScheduler(timezone="UTC", jobstores={"default": store})


def _fill(path: Path, dues: list[float]) -> None:
    """By a store that does not wait for the disk: how long queueing takes is not asked here."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def hurry(connection: Any, _record: object) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    store = SQLAlchemyJobStore(engine=engine)
    scheduler = BackgroundScheduler(timezone="UTC", jobstores={"default": store})
    scheduler.start(paused=True)
    for index, due in enumerate(dues):
        scheduler.add_job(
            f"{__name__}:do",
            "date",
            run_date=datetime.fromtimestamp(due, UTC),
            args=(index,),
            misfire_grace_time=None,
        )
    # It stays paused: while it shuts down it would run them.
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
