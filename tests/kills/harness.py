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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import connection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import select

from bot.attached import Attached, Media, Sort
from bot.db.store import Store
from bot.db.tables import attempts, posts
from bot.errors import StoreError
from bot.media.store import MediaStore
from bot.model import Announcement, AttemptState, PlannedPost, PostState
from bot.sandbox import Sandbox
from tests.kills import child
from tests.kills.child import LOOK_RECORDING, LOOKING, POINTS, READY, Orders, patiently
from tests.kills.clock import QuickClock
from tests.kills.doors import PATIENCE, WIRE, Door, Watch
from tests.kills.tally import UNKILLED, Tally
from tests.media_files import as_jpeg, corners
from tests.story import CAMPAIGN, found_town_hall

T = TypeVar("T")

RANDOM = "at random"
RARE = (LOOKING, LOOK_RECORDING)
EVERYWHERE = (*POINTS, *WIRE, RANDOM)

MARK = "#KoreaFranceLocalCooperation 🇫🇷🇰🇷"
#: Seconds in which all that is left must be settled when nobody is killed any more.
DRAIN = 300.0
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
{unlimited}
[networks.linkedin]
base_url = "{linkedin}"
{unlimited}
"""
#: An account sends one post after the other, at once.
UNLIMITED = "gap_seconds = 0\ncatch_up_minutes = 0\nposts_a_day = 0\ncalls_a_day = 0"

# A daemon that is forked from a process that has read Pavois's code begins at once.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    [
        "tests.kills.child",
        "bot.db.postgres",
        "bot.networks.linkedin.kind",
        "bot.networks.linkedin.client",
        "bot.networks.x.kind",
        "bot.networks.x.client",
        "bot.publisher",
        "bot.sandbox",
        "bot.settler",
    ]
)


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
    """A town hall with *daemons* daemons on the database at *url*, all with the deliberate *bug*
    of that name ("": none)."""

    def __init__(self, folder: Path, url: str, *, daemons: int, seed: int, bug: str) -> None:
        self._folder = folder
        self._bug = bug
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
            text = (folder / "config.toml").read_text("utf-8") + CONFIG.format(
                database=url, unlimited=UNLIMITED, **urls
            )
            daemon.config.write_text(text, "utf-8")
        self._store = patiently(lambda: Store(url, self._clock, busy_seconds=BUSY_SECONDS))
        self._picture = self._kept_picture()
        self._number = 0
        self._queued: set[str] = set()
        #: Posts and attempts that a killed daemon had in hand, and the point of the kill.
        self._left: dict[tuple[int, int], str] = {}
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
        accounts = list(self._accounts)
        batches = []
        for number in range(self._number, self._number + each * len(accounts)):
            account = accounts[number % len(accounts)]
            text = f"Annonce {number} de Tours\n\n{MARK}"
            pictures = Attached((self._picture,)) if number % 3 == 0 else Attached()
            planned = PlannedPost(account, self._accounts[account], "fr", text, now, None, pictures)
            slug = f"annonce-{number}"
            said = Announcement(slug, "tours", "news", {}, {"fr": ("…",)}, (), "", now, None)
            batches.append((said, [planned]))
        # What a broken connection leaves unknown counts as queued only if it is found to be.
        self._number += len(batches)
        self._store.queue.add(batches)
        self._queued |= {said.slug for said, _posts in batches}

    def kill(self, plan: Sequence[str]) -> None:
        """Kill a daemon at each point of *plan*; each time another takes its place.

        Then some more while they have a request on the wire, until those are half of all.
        """
        left = list(plan)
        while left or any(daemon.process for daemon in self._daemons):
            self.keep_busy()
            for daemon in self._daemons:
                if daemon.process is None and left:
                    self._start(daemon, left.pop())
            for daemon in self._come_to_the_point():
                self._kill(daemon, daemon.point)
            for daemon in self._daemons:
                if daemon.process is not None and time.monotonic() > daemon.until:
                    if daemon.point != RANDOM:
                        self.tally += Tally(not_reached=1)
                        left.append(daemon.point)
                    self._kill(daemon, RANDOM)
            lacking = self.tally.kills.total() - 2 * self.tally.on_the_wire.total()
            if not left and lacking > 0:
                left = [self._chance.choice(WIRE) for _more in range(min(lacking, 3))]

    def keep_busy(self) -> None:
        """See that there is something to send."""
        # A daemon that is to be killed in a transaction keeps the database to itself: later, then.
        with suppress(StoreError):
            waiting = self._store.queue.posts("tours", states=(PostState.QUEUED,))
            if len(waiting) < 2 * len(self._accounts):
                self.queue(2)

    def _start(self, daemon: Daemon, point: str) -> None:
        """A new daemon, which will be killed at *point* ("": it will not be)."""
        times = 1 if point in RARE else self._chance.randint(1, 4)
        inside, outside = (point if point in points else "" for points in (POINTS, WIRE))
        in_it = Orders(daemon.config, self._clock.origin, inside, times, self._bug)
        daemon.door.watch = Watch(outside, times)
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
            try:
                said = daemon.line.recv()
            except EOFError:
                daemon.process.join()
                raise AssertionError(f"a daemon died, {daemon.process.exitcode}") from None
            if said != READY:
                yield daemon
            elif daemon.point == RANDOM:
                daemon.until = time.monotonic() + self._chance.uniform(0.01, 0.6)

    def _kill(self, daemon: Daemon, point: str) -> None:
        on_the_wire = daemon.door.watch.on_the_wire > 0
        daemon.process.kill()
        daemon.process.join()
        self.tally += Tally(Counter([point]), Counter([point] * on_the_wire))
        self._left |= dict.fromkeys(self._asked(partial(_in_hand, daemon.process.pid)), point)
        self._leave(daemon)

    def _leave(self, daemon: Daemon) -> None:
        daemon.door.watch.killed.set()
        daemon.door.watch = Watch()
        daemon.process.close()
        assert daemon.line is not None
        daemon.line.close()
        daemon.process = daemon.line = None

    def work(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Let the daemons work, and do something *meanwhile*, until nothing moves any more."""
        until = time.monotonic() + DRAIN
        for daemon in self._daemons:
            self._start(daemon, "")
        meanwhile()
        while self._asked(_moving) and time.monotonic() < until:
            time.sleep(0.2)
        for daemon in self._daemons:
            assert daemon.line is not None
            daemon.line.send("stop")
            daemon.process.join(PATIENCE)
            assert daemon.process.exitcode == 0, daemon.process.exitcode
            self._leave(daemon)

    def shown(self) -> Counter[tuple[str, str]]:
        """How often the networks show each account each text."""
        sandbox = self._daemons[0].door.sandbox
        return Counter(
            (post.account, post.shown) for name in ("x", "linkedin") for post in sandbox.posts(name)
        )

    def judge(self) -> Tally:
        """The ledger against the networks' own truth."""
        shown = self.shown()
        told = {notice.subject for notice in self._asked(lambda store: store.journal.notices())}
        found = self._asked(lambda store: store.queue.posts("tours"))
        point_of = {post_id: point for (post_id, _number), point in sorted(self._left.items())}
        for post in found:
            out = shown.pop((post.account, post.text), 0)
            point = point_of.get(post.id, UNKILLED)
            is_told = f"post {post.id}" in told
            is_right = out >= 1 if post.state == PostState.PUBLISHED else is_told
            self.tally += Tally(
                doubles=Counter({point: max(0, out - 1)}),
                losses=Counter([point] * (not is_right)),
                posts=1,
                for_a_person=is_told,
            )
        never_kept = self._queued - {post.announcement for post in found}
        doubted = Counter(self._left.get(one, UNKILLED) for one in self._asked(_doubted))
        self.tally += Tally(losses=Counter([UNKILLED] * len(never_kept)), uncertain=doubted)
        assert not shown, shown
        return self.tally

    def _asked(self, question: Callable[[Store], T]) -> T:
        return patiently(lambda: question(self._store))

    def close(self) -> None:
        for daemon in self._daemons:
            if daemon.process is not None:
                daemon.process.kill()
                daemon.process.join()
                self._leave(daemon)
            daemon.door.sandbox.stop()
        self._store.close()


def _in_hand(pid: int, store: Store) -> list[tuple[int, int]]:
    """Post and attempt of what the publisher of process *pid* has claimed."""
    query = select(posts.c.id, posts.c.attempts).where(posts.c.sender.contains(f":{pid}:"))
    with store.ledger._reading() as connection:
        return [(row.id, row.attempts) for row in connection.execute(query)]


def _doubted(store: Store) -> list[tuple[int, int]]:
    """Post and attempt of what became uncertain."""
    is_doubted = attempts.c.state == AttemptState.UNCERTAIN
    with store.ledger._reading() as connection:
        query = select(attempts.c.post_id, attempts.c.number).where(is_doubted)
        return [(row.post_id, row.number) for row in connection.execute(query)]


def _moving(store: Store) -> bool:
    moving = (PostState.QUEUED, PostState.SENDING, PostState.UNCERTAIN)
    return bool(store.queue.posts("tours", states=moving))


@contextmanager
def town(
    folder: Path, url: str = "", *, daemons: int = 3, seed: int = 0, bug: str = ""
) -> Iterator[Town]:
    """A Town in *folder*, on an SQLite file there unless *url* names a database of its own."""
    url = url or f"sqlite:///{folder / 'pavois.db'}"
    opened = Town(folder, url, daemons=daemons, seed=seed, bug=bug)
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
