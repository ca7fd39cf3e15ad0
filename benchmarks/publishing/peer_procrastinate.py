"""procrastinate on PostgreSQL, ten jobs at a time.

peer_procrastinate drain CONNECTION POSTS [URL]
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time

from procrastinate import App, PsycopgConnector

from benchmarks.publishing import work
from benchmarks.publishing.child import tell

AT_A_TIME = 10


def main(_what: str, connection: str, posts: str, url: str = "") -> None:
    logging.disable(logging.WARNING)
    asyncio.run(drain(connection, int(posts), url))


async def drain(connection: str, posts: int, url: str) -> None:
    call = work.caller(url)
    left = work.Countdown(posts)

    def job() -> None:
        call()
        left.down()

    async def job_without_a_call() -> None:
        left.down()

    app = App(connector=PsycopgConnector(conninfo=connection))
    # A plain function gets a thread; a coroutine, which a call through requests is not, is quicker.
    task = app.task(name="publish")(job if url else job_without_a_call)
    async with app.open_async():
        if not await app.check_connection_async():
            await app.schema_manager.apply_schema_async()
        await task.batch_defer_async(*({} for _post in range(posts)))
        began = time.perf_counter()
        await app.run_worker_async(concurrency=AT_A_TIME, wait=False, install_signal_handlers=False)
    tell(seconds=left.wait() - began, posts=posts)


if __name__ == "__main__":
    main(*sys.argv[1:])
