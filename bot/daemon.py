"""What happens by itself: `tick(now) -> next wake-up`, and the two things that drive it.

`run` lets APScheduler call `tick` on the machine's clock; the rehearsal calls it on its own. The
scheduler holds no state that matters: everything is in the tables (DESIGN §7).
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bot.app import App
from bot.collector import next_reading_hour
from bot.errors import PavoisError, StoreError
from bot.model import Post, PostState
from bot.words import N_

log = logging.getLogger(__name__)

#: When to look again after the database or the disk failed.
AFTER_A_FAULT = timedelta(seconds=30)
#: When to write a report again that could not be written: nobody waits for it by the minute.
REPORT_AGAIN = timedelta(minutes=10)
#: How often a running daemon asks whether somebody else has changed the queue.
WATCH_SECONDS = 1
#: The scheduler is never so late by itself.
OVERDUE = timedelta(seconds=1)
#: A job that comes late is done late. The one thread makes ticks follow each other: with one
#: instance at most, a tick that asks for the next at once would be refused as still running, and
#: no other would ever follow.
JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 3}
#: However quiet it is.
AT_LEAST = timedelta(hours=1)


class Daemon:
    """Publishes, settles, collects and reports when each is due."""

    def __init__(
        self,
        app: App,
        *,
        on_posts: Callable[[list[tuple[Post, PostState]]], None] = lambda _done: None,
        on_reading: Callable[[int], None] = lambda _kept: None,
        on_report: Callable[[list[Path]], None] = lambda _written: None,
        on_fault: Callable[[PavoisError], None] = lambda _error: None,
    ) -> None:
        """The callbacks are told what a tick did: for a display."""
        self._app = app
        self._on_posts = on_posts
        self._on_reading = on_reading
        self._on_report = on_report
        self._on_fault = on_fault
        self._faults: dict[str, str] = {}
        self.stopping = threading.Event()

    def tick(self, now: datetime) -> datetime:
        """Do all that is due, one after the other, and say when there will be more to do."""
        wakes: list[datetime] = []
        for work in (self.send, self.settle, self.observe):
            if self.stopping.is_set():
                return now
            wakes.append(work(now))
        return min(wakes)

    def send(self, now: datetime) -> datetime:
        """Publish what is due, and say when there will be more of it.

        A fault (a busy database, a full disk) only delays.
        """
        if not self._goes_well(self._publish):
            return now + AFTER_A_FAULT
        return self._wake_up(now, self._next_call)

    def settle(self, now: datetime) -> datetime:
        """Send once more, look for what may be out, drop what is stale, and say when there will be
        more of that."""
        settled = [self._goes_well(part) for part in (self._resend, self._settle)]
        if not all(settled):
            return now + AFTER_A_FAULT
        return self._wake_up(now, self._next_look)

    def observe(self, now: datetime) -> datetime:
        """Read back what is out, read figures and write reports when each is due, and say when
        that will be again.

        Each goes on when the other fails.
        """
        read = [self._goes_well(self._read_back), self._goes_well(self._collect)]
        reported = self._goes_well(self._report)
        wake = self._wake_up(now, self._next_observation)
        if not all(read):
            wake = min(wake, now + AFTER_A_FAULT)
        return wake if reported else min(wake, now + REPORT_AGAIN)

    def _wake_up(self, now: datetime, next_one: Callable[[datetime], datetime | None]) -> datetime:
        """The next wake-up: never past, never too far away."""
        try:
            wake = next_one(now)
        except PavoisError as error:
            self._note(next_one.__name__, error)
            return now + AFTER_A_FAULT
        self._faults.pop(next_one.__name__, None)
        return max(now, min(wake or now + AT_LEAST, now + AT_LEAST))

    def _goes_well(self, part: Callable[[], None]) -> bool:
        """Do *part*; False if a fault kept it from being done, which keeps no other part."""
        try:
            part()
        except PavoisError as error:
            self._note(part.__name__, error)
            return False
        except Exception as error:
            log.exception("a fault of Pavois itself")
            self._note(
                part.__name__,
                PavoisError(
                    N_("A fault of Pavois itself ({kind}). The log has its trace."),
                    kind=type(error).__name__,
                ),
            )
            return False
        self._faults.pop(part.__name__, None)
        return True

    def _note(self, part: str, error: PavoisError) -> None:
        """Log a fault once, not at every try nor for every part that meets it."""
        if str(error) not in self._faults.values():
            log.warning("%s", error)
        self._faults[part] = str(error)
        self._on_fault(error)

    def _resend(self) -> None:
        if resent := self._app.resender.resend_due(self.stopping.is_set):
            self._on_posts(resent)

    def _settle(self) -> None:
        if settled := self._app.settler.settle(self.stopping.is_set):
            self._on_posts(settled)

    def _publish(self) -> None:
        if published := self._app.publisher.publish_due(self.stopping.is_set):
            self._on_posts(published)

    def _read_back(self) -> None:
        self._app.proofreader.read_due(self.stopping.is_set)

    def _collect(self) -> None:
        if kept := self._app.collector.collect_due(self.stopping.is_set):
            self._on_reading(kept)

    def _report(self) -> None:
        try:
            written = self._app.reporter.report_due()
        except StoreError as error:
            self._app.store.journal.notify("report", error.message)
            raise
        if written:
            self._app.store.journal.settle("report")
            self._on_report(written)

    def _next_call(self, _now: datetime) -> datetime | None:
        return self._app.store.ledger.next_call(self._app.campaign.slug)

    def _next_look(self, _now: datetime) -> datetime | None:
        return self._app.store.ledger.next_look(self._app.campaign.slug)

    def _next_observation(self, now: datetime) -> datetime:
        reading = next_reading_hour(now, self._app.campaign.zone)
        moments = [reading, self._app.reporter.next_hour()]
        if back := self._app.proofreader.next_at():
            moments.append(back)
        return min(moments)


def run(app: App, *, started: Callable[[], None] = lambda: None) -> None:
    """Run the daemon until Ctrl-C or SIGTERM; the call in hand is finished first.

    *started* is called when all is ready. Raises RefusedCommand, ConfigError before it starts.
    """
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    daemon = Daemon(app)
    # An unconfirmed live mode is refused before anything starts.
    _ = app.publisher, app.resender, app.settler
    scheduler = BackgroundScheduler(
        timezone="UTC",
        # A look or a reading that hangs must not keep posts waiting.
        executors={name: ThreadPoolExecutor(1) for name in ("send", "settle", "observe")},
        job_defaults=JOB_DEFAULTS,
    )
    _stop_on_signals(daemon)
    sending = _Ticks(app, scheduler, daemon, "send", daemon.send)
    settling = _Ticks(app, scheduler, daemon, "settle", daemon.settle)
    observing = _Ticks(app, scheduler, daemon, "observe", daemon.observe)
    log.info("started, mode %s, campaign %s", app.config.mode, app.campaign.slug)
    started()
    scheduler.start()
    watch = _Watch(app)
    for ticks in (sending, settling, observing):
        ticks.now()
    while not daemon.stopping.wait(WATCH_SECONDS):
        if watch.sees_a_change():
            sending.now()
            settling.now()
        for ticks in (sending, settling, observing):
            ticks.catch_up()
    # First: a job that falls due while the executor shuts down would end in a traceback.
    scheduler.remove_all_jobs()
    scheduler.shutdown(wait=True)
    log.info("stopped")


class _Ticks:
    """One kind of work: done at its next wake-up, and earlier when asked for."""

    def __init__(
        self,
        app: App,
        scheduler: Any,
        daemon: Daemon,
        name: str,
        work: Callable[[datetime], datetime],
    ) -> None:
        self._app = app
        self._scheduler = scheduler
        self._daemon = daemon
        self._name = name
        self._work = work
        #: When the next one is planned; None while one is done, or asked for.
        self._wake: datetime | None = None

    def now(self) -> None:
        """Once more, as soon as can be."""
        # An id of its own: the end of a running tick replaces the one that is planned.
        self._plan(f"{self._name} again", None)

    def catch_up(self) -> None:
        """Once more if the planned one is overdue, or farther away than any is planned: the
        scheduler's timer stands still while a laptop sleeps, and knows nothing of a clock that was
        set."""
        if self._wake is None:
            return
        until = self._wake - self._app.clock.now()
        if not -OVERDUE <= until <= AT_LEAST + OVERDUE:
            self._wake = None
            self.now()

    def _tick(self) -> None:
        if self._daemon.stopping.is_set():
            return
        self._wake = None
        now = self._app.clock.now()
        try:
            wake = self._work(now)
        except Exception:
            log.exception("a fault of Pavois itself")
            wake = now + AFTER_A_FAULT
        if not self._daemon.stopping.is_set():
            self._plan(self._name, wake)
            self._wake = wake

    def _plan(self, name: str, at: datetime | None) -> None:
        when = {} if at is None else {"trigger": "date", "run_date": at}
        self._scheduler.add_job(
            self._tick, id=name, executor=self._name, replace_existing=True, **when
        )


class _Watch:
    """Sees that somebody has written to the database since the last look.

    A tick of our own, perhaps: that costs one in vain, and no change is ever overlooked.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._seen = -1

    def sees_a_change(self) -> bool:
        try:
            counter = self._app.store.change_counter()
        except PavoisError:
            return False
        changed = counter != self._seen
        self._seen = counter
        return changed


def _stop_on_signals(daemon: Daemon) -> None:
    def stop(_number: int, _frame: object) -> None:
        daemon.stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
