"""A town hall whose daemons are killed, and what the networks say in the end.

The rehearsal networks run here, in the parent, one door (an HTTP server on loopback) for each
daemon, over one world. They take repetitions, which the real ones mostly refuse: no double is
hidden.
"""

from __future__ import annotations

import io
import multiprocessing
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing import connection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bot.attached import Attached, Media, Sort
from bot.db.store import Store
from bot.errors import StoreError
from bot.media.store import MediaStore
from bot.model import Announcement, PlannedPost, PostState
from bot.outcome import VISIBLE_WITHIN
from bot.sandbox import Sandbox, SandboxPost
from tests.kills import child
from tests.kills.child import LOOK_RECORDING, LOOKING, POINTS, READY, Orders
from tests.kills.clock import QuickClock
from tests.media_files import as_jpeg, corners
from tests.story import CAMPAIGN, found_town_hall

#: The request is on the wire, and the network has not stored the post: it will when it pleases.
ON_THE_WIRE = "on the wire, not stored yet"
#: The network has stored the post, and its answer never arrives.
STORED = "on the wire, stored"
RANDOM = "at random"
WIRE = (ON_THE_WIRE, STORED)
RARE = (LOOKING, LOOK_RECORDING)
EVERYWHERE = (*POINTS, *WIRE, RANDOM)

MARK = "#KoreaFranceLocalCooperation 🇫🇷🇰🇷"
#: Seconds a network takes to store a post, and again to answer.
NETWORK_TAKES = 0.02
#: Seconds in which a daemon should have come to the point where it is to be killed.
PATIENCE = 8.0
#: Seconds in which all that is left must be settled when nobody is killed any more.
DRAIN = 120.0
#: Seconds this process waits for a daemon that writes: it must be free to kill it.
BUSY_SECONDS = 0.2
#: Accounts of a town, half of them on each network; posts that wait for each of them at first.
ACCOUNTS = 12
ACCOUNT = """
[accounts.{network}-{number}]
network = "{network}"
name = "Ville de Tours"
handle = "tours-{number}"
languages = ["fr"]
zone = "Europe/Paris"
slots = ["09:00"]
"""
CONFIG = """
[database]
url = "{database}"
[http]
connect_timeout = 1
read_timeout = 1.5
[networks.x]
base_url = "{x}"
[networks.linkedin]
base_url = "{linkedin}"
"""

# A daemon that is forked from a process that has read Pavois's code begins at once.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    ["tests.kills.child", "bot.publisher", "bot.settler", "bot.networks.x.client",
     "bot.networks.linkedin.client"]
)  # fmt: skip


@dataclass
class Tally:
    """What came of it. `on_the_wire` counts kills while the network held a request for a post."""

    kills: Counter[str] = field(default_factory=Counter)
    on_the_wire: int = 0
    posts: int = 0
    doubles: int = 0
    losses: int = 0
    for_a_person: int = 0
    not_reached: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.kills + other.kills,
            *(getattr(self, name) + getattr(other, name) for name in _COUNTED),
        )


_COUNTED = ("on_the_wire", "posts", "doubles", "losses", "for_a_person", "not_reached")


class Door:
    """One daemon's way to the networks: counts what is on the wire, and holds it when told to."""

    def __init__(self, number: int, sandbox: Sandbox, held: Connection, lock: Any) -> None:
        self.number = number
        self.sandbox = sandbox
        self._held = held
        self._lock = lock
        self._publish = sandbox._stage.world.publish
        sandbox._stage.world.publish = self.publish  # type: ignore[method-assign]
        self.on_the_wire = 0
        self.point = ""
        self.times = 0
        self.killed = threading.Event()

    def watch(self, point: str, times: int) -> None:
        """Hold the *times*-th request at *point* from now on ("": none)."""
        with self._lock:
            self.point, self.times = point, times
            self.killed = threading.Event()

    def publish(self, draft: SandboxPost, **_: object) -> tuple[SandboxPost, bool]:
        """Store *draft*, whatever was stored before."""
        with self._lock:
            self.on_the_wire += 1
        try:
            self._pass(ON_THE_WIRE)
            stored = self._publish(draft, no_twin_for=timedelta(days=-1))
            self._pass(STORED)
        finally:
            with self._lock:
                self.on_the_wire -= 1
        return stored

    def _pass(self, point: str) -> None:
        time.sleep(NETWORK_TAKES)
        with self._lock:
            self.times -= point == self.point
            holds, killed = point == self.point and self.times == 0, self.killed
            if holds:
                self._held.send(self.number)
        if holds:
            killed.wait(PATIENCE)
            if point == ON_THE_WIRE:
                # It may arrive when others look for it already, but within the time promised.
                time.sleep(random.choice((0, 0.3, 0.6)) * _VISIBLE)


_VISIBLE = QuickClock(0).wall_seconds(VISIBLE_WITHIN)


@dataclass
class Daemon:
    """A process, its door, and the kill that waits for it."""

    door: Door
    config: Path
    process: Any = None
    line: Connection | None = None
    point: str = ""
    until: float = 0.0


class Town:
    """A town hall with *daemons* daemons on the database at *url*."""

    def __init__(self, folder: Path, url: str, *, daemons: int, seed: int) -> None:
        self._folder = folder
        self._chance = random.Random(seed)
        self._clock = QuickClock(time.monotonic())
        self._accounts = _found(folder)
        self._held, held = multiprocessing.Pipe(duplex=False)
        lock = threading.Lock()
        self._daemons = [
            Daemon(Door(number, self._sandbox(), held, lock), folder / f"daemon-{number}.toml")
            for number in range(daemons)
        ]
        for daemon in self._daemons:
            sandbox = daemon.door.sandbox
            sandbox.start()
            urls = {"x": sandbox.x_url, "linkedin": sandbox.linkedin_url}
            text = (folder / "config.toml").read_text("utf-8") + CONFIG.format(database=url, **urls)
            daemon.config.write_text(text, "utf-8")
        self._store = Store(url, self._clock, busy_seconds=BUSY_SECONDS)
        self._picture = self._kept_picture()
        self._queued = 0
        self.tally = Tally()

    def _sandbox(self) -> Sandbox:
        sandbox = Sandbox(self._clock, self._folder / "rehearsal" / "networks.db")
        for account, network in self._accounts.items():
            sandbox.open_account(network, account, account, account)
        return sandbox

    def _kept_picture(self) -> Media:
        data = as_jpeg(corners())
        shelf = MediaStore(self._folder / "rehearsal" / "media")
        width, height = corners().size
        return Media(
            shelf.put(io.BytesIO(data)),
            Sort.PICTURE,
            "image/jpeg",
            len(data),
            width,
            height,
            "Deux",
        )

    def queue(self, each: int) -> None:
        """Queue *each* posts for each account, all due now; one of three has a picture."""
        now = self._clock.now()
        batches = []
        first, more = self._queued, each * len(self._accounts)
        for number in range(first, first + more):
            account = list(self._accounts)[number % len(self._accounts)]
            text = f"Annonce {number} de Tours\n\n{MARK}"
            pictures = Attached((self._picture,)) if number % 3 == 0 else Attached()
            planned = PlannedPost(account, self._accounts[account], "fr", text, now, None, pictures)
            slug = f"annonce-{number}"
            said = Announcement(slug, "tours", "news", {}, {"fr": ("…",)}, (), "", now, None)
            batches.append((said, [planned]))
        self._store.queue.add(batches)
        self._queued += more

    def kill(self, plan: Sequence[str]) -> None:
        """Kill a daemon at each point of *plan*; each time another takes its place."""
        left = list(plan)
        while left or any(daemon.process for daemon in self._daemons):
            self._keep_busy()
            for daemon in self._daemons:
                if daemon.process is None and left:
                    self._start(daemon, left.pop())
            for daemon in self._come_to_the_point():
                self._kill(daemon, daemon.point)
            for daemon in self._daemons:
                if daemon.process is not None and time.monotonic() > daemon.until:
                    if daemon.point != RANDOM:
                        self.tally.not_reached += 1
                        left.append(daemon.point)
                    self._kill(daemon, RANDOM)

    def _keep_busy(self) -> None:
        # A daemon that is to be killed in a transaction keeps the database to itself: later, then.
        with suppress(StoreError):
            waiting = self._store.queue.posts("tours", states=(PostState.QUEUED,))
            if len(waiting) < 2 * len(self._accounts):
                self.queue(2)

    def _start(self, daemon: Daemon, point: str) -> None:
        """A new daemon, which will be killed at *point* ("": it will not be)."""
        times = 1 if point in RARE else self._chance.randint(1, 4)
        in_it = Orders(daemon.config, self._clock.origin, point if point in POINTS else "", times)
        daemon.door.watch(point if point in WIRE else "", times)
        daemon.line, theirs = _processes.Pipe()
        daemon.process = _processes.Process(target=child.run, args=(in_it, theirs), daemon=True)
        daemon.process.start()
        theirs.close()
        daemon.point = point
        daemon.until = time.monotonic() + PATIENCE

    def _come_to_the_point(self) -> Iterator[Daemon]:
        """The daemons that now are where they are to be killed; waits a little for one."""
        lines = {one.line: one for one in self._daemons if one.line is not None}
        for ready in connection.wait([self._held, *lines], timeout=0.05):
            if ready is self._held:
                held = self._daemons[self._held.recv()]
                if held.process is not None and held.point in WIRE:
                    yield held
                continue
            daemon = lines[ready]  # type: ignore[index]
            if daemon.line is None:
                continue
            said = daemon.line.recv()
            if said != READY:
                yield daemon
            elif daemon.point == RANDOM:
                daemon.until = time.monotonic() + self._chance.uniform(0.01, 0.6)

    def _kill(self, daemon: Daemon, point: str) -> None:
        on_the_wire = daemon.door.on_the_wire > 0
        daemon.process.kill()
        daemon.process.join()
        self.tally.kills[point] += 1
        self.tally.on_the_wire += on_the_wire
        self._leave(daemon)

    def _leave(self, daemon: Daemon) -> None:
        daemon.door.killed.set()
        daemon.door.watch("", 0)
        daemon.process.close()
        assert daemon.line is not None
        daemon.line.close()
        daemon.process = daemon.line = None

    def work(self) -> None:
        """Let the daemons work undisturbed until nothing moves any more."""
        until = time.monotonic() + DRAIN
        for daemon in self._daemons:
            self._start(daemon, "")
        while self._moving() and time.monotonic() < until:
            time.sleep(0.2)
        for daemon in self._daemons:
            assert daemon.line is not None
            daemon.line.send("stop")
            daemon.process.join(PATIENCE)
            assert daemon.process.exitcode == 0, daemon.process.exitcode
            self._leave(daemon)

    def _moving(self) -> bool:
        moving = (PostState.QUEUED, PostState.SENDING, PostState.UNCERTAIN)
        with suppress(StoreError):
            return bool(self._store.queue.posts("tours", states=moving))
        return True

    def judge(self) -> Tally:
        """The ledger against the networks' own truth."""
        sandbox = self._daemons[0].door.sandbox
        shown = Counter(
            (post.account, post.shown) for name in ("x", "linkedin") for post in sandbox.posts(name)
        )
        told = {notice.subject for notice in self._store.journal.notices()}
        posts = self._store.queue.posts("tours")
        assert len(posts) == self._queued
        for post in posts:
            out = shown.pop((post.account, post.text), 0)
            is_told = f"post {post.id}" in told
            self.tally.doubles += max(0, out - 1)
            is_right = out >= 1 if post.state == PostState.PUBLISHED else is_told
            self.tally.losses += not is_right
            self.tally.for_a_person += is_told
        assert not shown, shown
        self.tally = replace(self.tally, posts=len(posts))
        return self.tally

    def close(self) -> None:
        for daemon in self._daemons:
            if daemon.process is not None:
                daemon.process.kill()
                daemon.process.join()
                self._leave(daemon)
            daemon.door.sandbox.stop()
        self._store.close()


@contextmanager
def town(folder: Path, url: str = "", *, daemons: int = 3, seed: int = 0) -> Iterator[Town]:
    """A Town in *folder*, on an SQLite file there unless *url* names a database of its own."""
    opened = Town(folder, url or f"sqlite:///{folder / 'pavois.db'}", daemons=daemons, seed=seed)
    try:
        yield opened
    finally:
        with suppress(OSError):
            opened.close()


def _found(folder: Path) -> dict[str, str]:
    """Found a town hall of ACCOUNTS accounts; the network of each."""
    found_town_hall(folder)
    accounts = {
        f"{network}-{number}": network
        for number in range(ACCOUNTS // 2)
        for network in ("x", "linkedin")
    }
    head, _, tail = CAMPAIGN.partition("[accounts.")
    tail = tail[tail.index("[kinds.") :]
    sections = "".join(
        ACCOUNT.format(network=network, number=account.partition("-")[2])
        for account, network in accounts.items()
    )
    place = folder / "campaigns" / "tours" / "campaign.toml"
    place.write_text(head + sections + tail, "utf-8")
    return accounts
