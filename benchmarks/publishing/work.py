"""What a job of the peers does, and the end of all of them; the lateness of those with an hour."""

from __future__ import annotations

import itertools
import statistics
import threading
import time
from collections.abc import Callable, Sequence

from bot.networks.http import make_session


def caller(url: str) -> Callable[[], str]:
    """One call: with *url* a POST to it, by a Session of the thread that makes it; else nothing."""
    if not url:
        return lambda: ""
    of_thread = threading.local()

    def post() -> str:
        if not hasattr(of_thread, "session"):
            of_thread.session = make_session(loopback_only=True)
        answer = of_thread.session.post(url, json={"text": "x" * 200})
        answer.raise_for_status()
        return str(answer.json()["id"])

    return post


class Countdown:
    """Counts jobs down, whichever thread did them."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._done = itertools.count(1)
        self._over = threading.Event()
        self.ended = 0.0

    def down(self) -> bool:
        """One more is done; True at the last."""
        if next(self._done) != self._jobs:
            return False
        self.ended = time.perf_counter()
        self._over.set()
        return True

    def wait(self) -> float:
        """When the last was done (on `perf_counter`); whoever started this process has patience."""
        self._over.wait()
        return self.ended


def late(dues: Sequence[float], sent: Sequence[float]) -> dict[str, float]:
    """How late each was, in milliseconds: the earliest, the median, the 99th of a hundred."""
    milliseconds = sorted((at - due) * 1000 for due, at in zip(dues, sent, strict=True))
    return {
        "earliest": milliseconds[0],
        "p50": statistics.median(milliseconds),
        "p99": statistics.quantiles(milliseconds, n=100, method="inclusive")[98],
    }


def spread(start: float, seconds: float, posts: int) -> list[float]:
    """*posts* instants (as `time.time` has them), evenly over *seconds* from *start* on."""
    return [start + seconds * index / posts for index in range(posts)]
